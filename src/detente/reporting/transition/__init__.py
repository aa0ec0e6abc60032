"""Pages of transitions: compare, explain, dependence, collapse, plan."""
