"""The compiled replicas of a crisis and the sums that are kept of them."""
