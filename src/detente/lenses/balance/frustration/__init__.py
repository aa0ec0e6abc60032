"""The frustration index of signed graphs: reductions, cycles, search, ranges over all optima."""

from detente.lenses.balance.frustration.index import FrustrationIndex, frustration_index
from detente.lenses.balance.frustration.ranges import StateRange, state_range

__all__ = ["FrustrationIndex", "StateRange", "frustration_index", "state_range"]
