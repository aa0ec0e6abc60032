"""The page of one state."""
