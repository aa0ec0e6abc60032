"""Subsets of edits and of sources of ties as changes of a system, and what lenses see of them."""
