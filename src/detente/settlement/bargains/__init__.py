"""Bargains: utilities, the frontier, solutions on it, offers in turn, war as the alternative."""
