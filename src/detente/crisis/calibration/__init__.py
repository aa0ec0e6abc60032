"""The parameters of the model of escalation, out of files that a user brings."""
