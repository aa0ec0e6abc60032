"""Two centuries of architectures, audited year by year."""
