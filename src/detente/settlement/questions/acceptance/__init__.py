"""What offers are worth to each party in every draw, and whether one filling suits all."""
