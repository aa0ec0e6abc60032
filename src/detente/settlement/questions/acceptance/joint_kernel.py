"""Whether one filling of the silence suits every required party, compiled; twin: `joint_plain`.

A party that can spare as much as an offer leaves it at its own ideal on every silent issue pays for
each such issue by its weight times the distance to the position that all get. Two parties: the
issues move from the first party's ideal to the second's in falling order of the second's relief
over the first's cost, as on their frontier. More parties: a linear programme in mixtures of their
ideals, solved by the simplex method with Bland's rule once steps no longer gain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.kernels import njit

EVEN = 1e-9
"""A loss below it is rounding."""

STEPS = 400
"""Pivots after which the least index is taken, which cannot cycle."""

LIMIT = 20_000
"""Pivots after which the answer would be doubtful; never met."""


@njit(cache=True, nogil=True)
def suits_all(spare: Floats, weight: Floats, ideal: Floats, silent: NDArray[np.int64]) -> bool:
    """Say whether positions exist that cost no party more than it can spare.

    Parameters
    ----------
    spare : array (n,)
        What each party can spare, in utility; below 0 it cannot be suited.
    weight, ideal : arrays (n, K)
        Of all issues.
    silent : array
        Which of them are silent.
    """
    for i in range(spare.shape[0]):
        if spare[i] < -EVEN:
            return False
    if spare.shape[0] < 2 or silent.shape[0] == 0:
        return True
    if spare.shape[0] == 2:
        return bool(_suits_two(spare, weight, ideal, silent))
    return bool(greatest_least(spare, weight[:, silent], ideal[:, silent]) >= -EVEN)


@njit(cache=True, nogil=True)
def _suits_two(spare: Floats, weight: Floats, ideal: Floats, silent: NDArray[np.int64]) -> bool:
    owed = -spare[1]
    for k in silent:
        owed += weight[1, k] * abs(ideal[0, k] - ideal[1, k])
    if owed <= EVEN:
        return True
    left = spare[0]
    ratio, order = np.empty(silent.shape[0]), np.empty(silent.shape[0], np.int64)
    count = 0
    for k in silent:
        reach = abs(ideal[0, k] - ideal[1, k])
        if weight[1, k] * reach <= 0.0:
            continue  # it relieves nobody
        relief = weight[1, k] / (weight[0, k] + weight[1, k])
        place = count
        while place > 0 and ratio[place - 1] < relief:
            ratio[place], order[place] = ratio[place - 1], order[place - 1]
            place -= 1
        ratio[place], order[place] = relief, k
        count += 1
    for j in range(count):
        k = order[j]
        reach = abs(ideal[0, k] - ideal[1, k])
        cost = weight[0, k] * reach
        part = 1.0 if cost <= left else max(left, 0.0) / cost
        left -= part * cost
        owed -= part * weight[1, k] * reach
        if owed <= EVEN:
            return True
        if part < 1.0:
            break
    return False


@njit(cache=True, nogil=True)
def greatest_least(spare: Floats, weight: Floats, ideal: Floats) -> float:
    """Return the greatest t such that positions leave every party at least t of what it can spare.

    Stops early, at any t of at least 0.
    """
    n, issues = ideal.shape
    others = n - 1
    columns = issues * others + 1  # mixtures of the other parties' ideals, and t above its start
    table = np.zeros((n + issues + 1, columns + 1))
    start = np.inf
    for i in range(n):
        left = spare[i]
        for k in range(issues):
            here = weight[i, k] * abs(ideal[0, k] - ideal[i, k])
            left -= here
            for m in range(others):
                cost = weight[i, k] * abs(ideal[m + 1, k] - ideal[i, k])
                table[i, k * others + m] = cost - here
        table[i, columns - 1] = 1.0
        table[i, columns] = left
        start = min(start, left)
    for i in range(n):
        table[i, columns] -= start
    for k in range(issues):
        table[n + k, columns] = 1.0
        for m in range(others):
            table[n + k, k * others + m] = 1.0
    last = n + issues
    table[last, columns - 1] = -1.0
    # The tableau without its unit columns: a pivot exchanges a row's variable for a column's.
    names = np.arange(columns)
    basis = columns + np.arange(last)
    for step in range(LIMIT):
        if start + table[last, columns] >= 0.0:
            break
        enter, best = -1, -1e-11
        for c in range(columns):
            value = table[last, c]
            if value < -1e-11 and (
                (step < STEPS and value < best)
                or (step >= STEPS and (enter < 0 or names[c] < names[enter]))
            ):
                enter, best = c, value
        if enter < 0:
            break
        leave, least = -1, np.inf
        for r in range(last):
            if table[r, enter] > 1e-11:
                share = max(table[r, columns], 0.0) / table[r, enter]
                if share < least - 1e-15 or (
                    share <= least + 1e-15 and leave >= 0 and basis[r] < basis[leave]
                ):
                    leave, least = r, share
        if leave < 0:
            break  # unbounded: cannot be, since no party can be left with more than it has
        _pivot(table, leave, enter)
        names[enter], basis[leave] = basis[leave], names[enter]
    greatest: float = start + table[last, columns]
    return greatest


@njit(cache=True, nogil=True)
def _pivot(table: Floats, row: int, column: int) -> None:
    pivot = table[row, column]
    rows, columns = table.shape
    for c in range(columns):
        table[row, c] /= pivot
    table[row, column] = 1.0 / pivot
    for r in range(rows):
        if r == row:
            continue
        factor = table[r, column]
        if factor == 0.0:
            continue
        for c in range(columns):
            table[r, c] -= factor * table[row, c]
        table[r, column] = -factor / pivot
