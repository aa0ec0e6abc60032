"""The page of the long view."""
