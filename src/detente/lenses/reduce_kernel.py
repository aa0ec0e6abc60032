"""The compiled way to reduce a table of deltas to verdicts; `reduce_deltas` is its plain twin."""

from __future__ import annotations

import numpy as np
from numba import njit

from detente.architecture.system import Floats
from detente.lenses.kernel_arrays import (
    DESIRE,
    GAIN,
    LEAST,
    LOSS,
    MOST,
    Deciders,
    VerdictArrays,
)


@njit(cache=True, nogil=True, error_model="numpy")
def reduce_table(
    deltas: Floats, deciders: Deciders, tolerance: float, verdicts: VerdictArrays
) -> None:
    """Fill the verdicts on every change from a table of deltas (m, n)."""
    figures, harmed, sign, paid = verdicts
    actor_ptr, actor = deciders
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
        figures[LEAST, k], figures[DESIRE, k], figures[MOST, k] = least, desire, most
        figures[GAIN, k], figures[LOSS, k] = gain, loss
        harmed[k] = number
        for s in range(n if len(sign) else 0):
            d = deltas[k, s]
            sign[k, s] = (d > tolerance) - (d < -tolerance)
        if len(paid) and least >= -tolerance and most > tolerance and number > 0:
            for s in range(n):
                if deltas[k, s] < -tolerance:
                    for a in range(start, stop):
                        paid[s, actor[a]] = max(paid[s, actor[a]], -deltas[k, s])
