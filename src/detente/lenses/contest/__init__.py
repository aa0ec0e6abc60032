"""The contest for one prize on a signed network (König, Rohner, Thoenig & Zilibotti 2017)."""

from detente.lenses.contest.lens import (
    Contest,
    Equilibrium,
    costs,
    equilibrium,
    new_alliances,
)

__all__ = [
    "Contest",
    "Equilibrium",
    "costs",
    "equilibrium",
    "new_alliances",
]
