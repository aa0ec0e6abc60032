"""Structural balance: how far the signed ties of a system are from two camps."""

from detente.lenses.balance.frustration import (
    FrustrationIndex,
    StateRange,
    frustration_index,
    state_range,
)
from detente.lenses.balance.lens import Balance
from detente.lenses.balance.measures import (
    algebraic_conflict,
    balanced,
    triangle_index,
    unbalanced_triangles,
    walk_balance,
)
from detente.lenses.balance.tension import signed_ties

__all__ = [
    "Balance",
    "FrustrationIndex",
    "StateRange",
    "algebraic_conflict",
    "balanced",
    "frustration_index",
    "signed_ties",
    "state_range",
    "triangle_index",
    "unbalanced_triangles",
    "walk_balance",
]
