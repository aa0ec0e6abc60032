"""References that a kernel is held against: exact chains, and the same model in small steps."""
