"""Whose consent matters: counter-moves, pivotal players, veto players."""
