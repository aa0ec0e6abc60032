"""The contest for one prize on a signed network (König, Rohner, Thoenig & Zilibotti 2017)."""

from detente.lenses.contest.alliances import new_alliances
from detente.lenses.contest.game import Equilibrium, equilibrium
from detente.lenses.contest.judging import costs
from detente.lenses.contest.lens import Contest

__all__ = [
    "Contest",
    "Equilibrium",
    "costs",
    "equilibrium",
    "new_alliances",
]
