"""Arms races: what each state keeps under arms when everybody answers everybody."""

from detente.lenses.arms_race.lens import ArmsRace
from detente.lenses.arms_race.race import (
    ArmsEquilibrium,
    RaceFit,
    equilibrium,
    path,
    richardson_fit,
    two_sides,
)

__all__ = [
    "ArmsEquilibrium",
    "ArmsRace",
    "RaceFit",
    "equilibrium",
    "path",
    "richardson_fit",
    "two_sides",
]
