"""The questions asked of the model of escalation, one a file."""
