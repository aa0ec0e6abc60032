"""The compiled way to reduce a table of deltas to verdicts; `reduce_deltas` is its plain twin."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@njit(cache=True, nogil=True, error_model="numpy")
def reduce_table(
    deltas: Floats,
    actor_ptr: Ints,
    actor: Ints,
    tolerance: float,
    figures: Floats,
    harmed: Ints,
    sign: NDArray[np.int8],
    paid: Floats,
) -> None:
    """Fill the verdict quantities of every change.

    `figures` has the rows least, desire, gain, loss and most; `sign` and `paid` (payer by payee)
    have no rows where they are not wanted.
    """
    m, n = deltas.shape
    for k in range(m):
        gain, loss, number, known = 0.0, 0.0, 0, True
        for s in range(n):
            d = deltas[k, s]
            if d > 0.0:
                gain += d
            elif d < 0.0:
                loss -= d
                number += d < -tolerance
            elif d != d:
                known = False
        if not known:
            for row in range(5):
                figures[row, k] = np.nan
            harmed[k] = 0
            for s in range(n if len(sign) else 0):
                sign[k, s] = 0
            continue
        least, most, desire = np.inf, -np.inf, 0.0
        start, stop = actor_ptr[k], actor_ptr[k + 1]
        for a in range(start, stop):
            d = deltas[k, actor[a]]
            least = d if d < least else least
            most = d if d > most else most
            desire += d
        figures[0, k], figures[1, k], figures[2, k], figures[3, k] = least, desire, gain, loss
        figures[4, k] = most
        harmed[k] = number
        for s in range(n if len(sign) else 0):
            d = deltas[k, s]
            sign[k, s] = (d > tolerance) - (d < -tolerance)
        if len(paid) and least >= -tolerance and most > tolerance and number > 0:
            for s in range(n):
                if deltas[k, s] < -tolerance:
                    for a in range(start, stop):
                        paid[s, actor[a]] = max(paid[s, actor[a]], -deltas[k, s])
