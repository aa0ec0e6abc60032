"""The compiled replicas of a crisis, their plain twins, and the sums that are kept of them."""
