"""The record: incidents, who is said to have done what, who still talks, and the ladder."""
