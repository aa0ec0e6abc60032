"""The page of what the lenses see in one architecture."""
