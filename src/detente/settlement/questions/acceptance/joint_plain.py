"""Whether one filling of the silence suits every required party: the kernel's plain twin."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats
from detente.errors import Undefined
from detente.settlement.bargains.distance_rows import distance_columns, with_distances

EVEN = 1e-9


def suits_all(spare: Floats, weight: Floats, ideal: Floats) -> bool:
    """Say whether positions exist that cost no party more than it can spare; see the kernel."""
    if (spare < -EVEN).any():
        return False
    if ideal.shape[1] == 0:
        return True
    return greatest_least(spare, weight, ideal) >= -EVEN


def greatest_least(spare: Floats, weight: Floats, ideal: Floats) -> float:
    """Return the greatest t such that positions leave every party at least t of what it can spare.

    A linear programme in the positions, each party's distance on each issue, and t.
    """
    from scipy.optimize import linprog

    n, issues = ideal.shape
    far = distance_columns(n, issues)
    width = issues + n * issues + 1
    parties = np.zeros((n, width))
    np.put_along_axis(parties, far, weight, axis=1)
    parties[:, -1] = 1.0
    rows, limits = with_distances(ideal, parties, spare)
    cost = np.zeros(width)
    cost[-1] = -1.0
    bounds = [(0, 1)] * issues + [(0, None)] * (n * issues) + [(None, None)]
    solved = linprog(cost, A_ub=rows, b_ub=limits, bounds=bounds)
    if solved.status != 0:
        raise Undefined(f"the linear programme has no answer: {solved.message}")
    return float(solved.x[-1])
