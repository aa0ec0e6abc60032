"""Values of the lens `arms_race`: the race of 1909-1913, and worked equilibria."""

from __future__ import annotations

from detente.lenses import arms_race as lens
from detente.reproduce.tables import column
from detente.reproduce.values import Values


def race_of_1909() -> Values:
    """Richardson's line through the yearly increases of the total."""
    fit = lens.richardson_fit(column("richardson_1909_1913", "total"))
    return {
        "increases": tuple(fit.increase.tolist()),
        "totals": tuple(fit.total.tolist()),
        "slope": fit.slope,
        "zero": fit.zero,
        "r_squared": fit.r_squared,
    }


def two_sides() -> Values:
    """Two sides with k, l, a, b, g, h = 0.2, 0.3, 0.5, 0.4, 10, 12."""
    race = lens.two_sides(0.2, 0.3, 0.5, 0.4, 10, 12)
    return {
        "armament": tuple(race.armament.tolist()),
        "eigenvalues": tuple(race.eigenvalues.real.tolist()),
    }


def three_nations() -> Values:
    """A race of three."""
    coefficients = [[-0.9, 0.3, 0.1], [0.2, -0.8, 0.25], [0.15, 0.1, -0.7]]
    race = lens.equilibrium(coefficients, [5, 4, 6])
    return {
        "armament": tuple(race.armament.tolist()),
        "eigenvalues": tuple(race.eigenvalues.real.tolist()),
    }


def runaway() -> Values:
    """The greatest growth rate with Richardson's own estimates, k = l = 0.9 and a = b = 0.2."""
    return {"abscissa": lens.two_sides(0.9, 0.9, 0.2, 0.2, 1, 1).abscissa}


GROUPS = {
    "race_of_1909": race_of_1909,
    "two_sides": two_sides,
    "three_nations": three_nations,
    "runaway": runaway,
}
"""What computes the cases ``arms_race.GROUP.NAME``."""
