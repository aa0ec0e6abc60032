"""The pages of a crisis and their charts."""
