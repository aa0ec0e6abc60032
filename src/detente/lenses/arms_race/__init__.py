"""Arms races: what each state keeps under arms when everybody answers everybody."""

from detente.lenses.arms_race.lens import (
    ArmsRace,
    Equilibrium,
    Fit,
    equilibrium,
    path,
    richardson_fit,
    two_sides,
)

__all__ = [
    "ArmsRace",
    "Equilibrium",
    "Fit",
    "equilibrium",
    "path",
    "richardson_fit",
    "two_sides",
]
