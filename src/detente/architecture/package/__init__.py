"""A scenario package: read from a folder or a zip, checked, written whole; its schema is data."""
