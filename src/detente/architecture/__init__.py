"""What is: states, commitments, organisations, rivalries, changes; scenario packages."""
