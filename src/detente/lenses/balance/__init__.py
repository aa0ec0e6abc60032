"""Structural balance: how far the signed ties of a system are from two camps."""

from detente.lenses.balance.lens import (
    Balance,
    FrustrationIndex,
    StateRange,
    algebraic_conflict,
    balanced,
    frustration_index,
    signed_ties,
    state_range,
    triangle_index,
    unbalanced_triangles,
    walk_balance,
)

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
