"""Two centuries as dense arrays and as a table of dyad-years."""
