"""Distances to ideals in a linear programme: what every programme over positions has in common.

The columns are the positions x (K), the distances z (n, K) of every party on every issue, then
whatever the programme adds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats


def distance_columns(n: int, issues: int) -> NDArray[np.intp]:
    """Return the columns of the distances, array (n, issues)."""
    return issues + np.arange(n * issues).reshape(n, issues)


def with_distances(
    ideal: Floats, party_rows: Floats, party_limits: Floats
) -> tuple[Floats, Floats]:
    """Put a row of each party behind the rows that hold its distances, ``|x - ideal| <= z``.

    Parameters
    ----------
    ideal : array (n, issues)
        Where each party would have each issue.
    party_rows, party_limits : arrays (n, width) and (n,)
        What the programme asks of each party, ``row @ columns <= limit``.

    Returns
    -------
    tuple of arrays (n * (2 * issues + 1), width) and as many limits
    """
    n, issues = ideal.shape
    far = distance_columns(n, issues)
    rows, limits = [], []
    for i in range(n):
        for k in range(issues):
            for sign in (1.0, -1.0):
                row = np.zeros(party_rows.shape[1])
                row[k], row[far[i, k]] = sign, -1.0
                rows.append(row)
                limits.append(sign * ideal[i, k])
        rows.append(party_rows[i])
        limits.append(party_limits[i])
    return np.array(rows), np.array(limits)
