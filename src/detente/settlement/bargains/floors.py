"""Bargains in which no party takes less than a move of its own gives it, for any number of parties.

Distances only: everything is a linear programme in the positions, every party's distance on every
issue, and its utility. The greatest product is reached by tangents to the logarithm, from outside.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.architecture.system import Floats
from detente.errors import Undefined
from detente.settlement.bargains.distance_rows import distance_columns, with_distances
from detente.settlement.bargains.party_utility import Utility

ROUNDS = 60
"""Most rounds of tangents; about fifteen are usual."""

SURE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
"""Tolerances of the solver: a product is flat where it is greatest, so that small ones count."""

CLOSE = 1e-12
"""How far the tangents may lie above the logarithm at the end."""


class UtilityProgramme(NamedTuple):
    """The linear part that all share: columns x (K), distances (n, K), utilities (n).

    Attributes
    ----------
    rows, limits : arrays (m, width) and (m,)
        ``rows @ columns <= limits``.
    worth : array (n,)
        Columns of the utilities.
    """

    rows: Floats
    limits: Floats
    worth: np.ndarray[tuple[int], np.dtype[np.intp]]


def furthest_above(u: Utility, base: Floats, direction: Floats, floor: Floats) -> Floats:
    """Return positions at which the least of (u - base) / direction is greatest, with u >= floor.

    Raises
    ------
    Undefined
        If no positions give every party its floor.
    """
    p = _programme(u)
    n = len(floor)
    rows = np.hstack([p.rows, np.zeros((len(p.rows), 1))])
    steps = np.zeros((n, rows.shape[1]))
    steps[np.arange(n), p.worth], steps[:, -1] = -1.0, direction
    cost = np.zeros(rows.shape[1])
    cost[-1] = -1.0
    return _solved(u, cost, np.vstack([rows, steps]), np.append(p.limits, -base), floor)[0]


def product_above(u: Utility, floor: Floats) -> Floats:
    """Return positions with the greatest product of utilities, with u >= floor.

    Raises
    ------
    Undefined
        If no positions give every party its floor, or one of them gets nothing at all.
    """
    p = _programme(u)
    n, width = len(floor), p.rows.shape[1]
    rows, limits = np.hstack([p.rows, np.zeros((len(p.rows), n))]), p.limits
    cost = np.concatenate([np.zeros(width), -np.ones(n)])
    x = furthest_above(u, np.zeros(n), np.ones(n), floor)
    best, best_value = x, -np.inf
    points = [u(x), np.ones(n)]
    for _ in range(ROUNDS):
        for point in points:
            if (point <= 0).any():
                raise Undefined("some party gets nothing from any agreement")
            tangents = np.zeros((n, width + n))  # log u <= log a + (u - a) / a
            tangents[np.arange(n), p.worth] = -1 / point
            tangents[np.arange(n), width + np.arange(n)] = 1.0
            rows, limits = np.vstack([rows, tangents]), np.append(limits, np.log(point) - 1)
        x, bound = _solved(u, cost, rows, limits, floor)
        value = float(np.log(u(x)).sum())
        if value > best_value:
            best, best_value = x, value
        if bound - best_value < CLOSE:
            break
        points = [u(x)]
    return best


def _programme(u: Utility) -> UtilityProgramme:
    n, issues = u.ideal.shape
    far = distance_columns(n, issues)
    worth = issues + n * issues + np.arange(n)
    width = issues + n * issues + n
    parties = np.zeros((n, width))
    np.put_along_axis(parties, far, u.salience, axis=1)
    parties[np.arange(n), worth] = 1.0
    rows, limits = with_distances(u.ideal, parties, np.ones(n))
    return UtilityProgramme(rows, limits, worth)


def _solved(
    u: Utility, cost: Floats, rows: Floats, limits: Floats, floor: Floats
) -> tuple[Floats, float]:
    """Return the positions, and the value that no others exceed."""
    from scipy.optimize import linprog

    n, issues = u.ideal.shape
    bounds: list[tuple[float | None, float | None]] = [(0.0, 1.0)] * issues
    bounds += [(0.0, None)] * (n * issues) + [(float(f), 1.0) for f in floor]
    bounds += [(None, None)] * (rows.shape[1] - len(bounds))
    solved = linprog(cost, A_ub=rows, b_ub=limits, bounds=bounds, options=SURE)
    if solved.status != 0:
        raise Undefined("no positions give every party as much as its outside option")
    return np.clip(solved.x[:issues], 0, 1), -float(solved.fun)
