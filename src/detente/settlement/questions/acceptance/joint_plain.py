"""Whether one filling of the silence suits every required party: the kernel's plain twin."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats
from detente.errors import Undefined

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
    far = issues + np.arange(n * issues).reshape(n, issues)
    width = issues + n * issues + 1
    rows, limits = [], []
    for i in range(n):
        for k in range(issues):
            for sign in (1.0, -1.0):
                row = np.zeros(width)
                row[k], row[far[i, k]] = sign, -1.0
                rows.append(row)
                limits.append(sign * ideal[i, k])
        row = np.zeros(width)
        row[far[i]], row[-1] = weight[i], 1.0
        rows.append(row)
        limits.append(spare[i])
    cost = np.zeros(width)
    cost[-1] = -1.0
    bounds = [(0, 1)] * issues + [(0, None)] * (n * issues) + [(None, None)]
    solved = linprog(cost, A_ub=np.array(rows), b_ub=np.array(limits), bounds=bounds)
    if solved.status != 0:
        raise Undefined(f"the linear programme has no answer: {solved.message}")
    return float(solved.x[-1])
