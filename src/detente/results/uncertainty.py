"""How sure a number is: errors and intervals of shares, quantiles over draws, in figures and words.

References
----------
Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
Journal of the American Statistical Association 22, 209-212.
"""

from __future__ import annotations

from typing import Any

import numpy as np

SURE = 1.959963984540054
"""Standard errors to either side of an interval of 95 %."""
INTERVAL = (0.05, 0.95)
"""Quantiles over draws between which an interval is given."""


def error_of_share(share: Any, trials: Any) -> Any:
    """Return the standard error of a share estimated from independent trials."""
    return np.sqrt(np.clip(share * (1 - share), 0.0, None) / trials)


def wilson(share: float, trials: float) -> tuple[float, float]:
    """Return the 95 % interval of a chance that came out as a share of independent trials.

    Wilson's (1927): it has a width also where none or all of the trials came out one way.
    """
    if trials <= 0:
        return 0.0, 1.0
    square = SURE**2 / trials
    middle = (share + square / 2) / (1 + square)
    half = SURE / (1 + square) * (share * (1 - share) / trials + square / (4 * trials)) ** 0.5
    low = 0.0 if share <= 0 else max(0.0, middle - half)
    high = 1.0 if share >= 1 else min(1.0, middle + half)
    return low, high


def interval(draws: Any) -> list[float | None]:
    """Return the 5 % and 95 % quantiles of the defined draws, [None, None] if there are none."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return [None, None]
    low, high = np.quantile(known, INTERVAL)
    return [float(low), float(high)]


def median(draws: Any) -> float | None:
    """Return the median of the defined draws, None if there are none."""
    known = draws[~np.isnan(draws)]
    return float(np.median(known)) if len(known) else None


def percent(share: object, error: object) -> str:
    """Return a share with its Monte Carlo error, in per cent; none and all have no error."""
    p, e = 100 * float(share), 100 * float(error)  # type: ignore[arg-type]  # numbers or 0-d arrays
    if e == 0:
        return f"{p:.0f} %" if p in (0.0, 100.0) else f"{p:.3g} %"
    digits = 1 if e >= 0.05 else 2 if e >= 0.005 else 3
    return f"{p:.{digits}f} ± {e:.{digits}f} %"


def of_replicas(share: object, trials: float) -> str:
    """Return a share of independent trials in per cent, with its 95 % interval in brackets."""
    p = float(share)  # type: ignore[arg-type]  # a number or a 0-d array
    low, high = wilson(p, trials)
    digits = 1 if high - low >= 0.002 else 2 if high - low >= 0.0002 else 3
    shown = "0" if p == 0 else "100" if p == 1 else f"{100 * p:.{digits}f}"
    first = "0" if low == 0 else f"{100 * low:.{digits}f}"
    last = "100" if high == 1 else f"{100 * high:.{digits}f}"
    return f"{shown} % ({first} to {last})"
