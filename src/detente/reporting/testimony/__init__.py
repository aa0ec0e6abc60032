"""Pages of who says so: the claims of a text, for reading, and the claims of a scenario."""
