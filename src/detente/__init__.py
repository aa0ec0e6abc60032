"""detente: a laboratory for security architectures."""
