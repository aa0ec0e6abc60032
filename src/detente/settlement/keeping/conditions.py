"""A settlement as a repeated game: how patient the sides must be to keep it.

Keeping it pays R in every period, breaking it T > R until the breach is answered, the broken
state P < R. What follows are the textbook conditions of repeated prisoners' dilemmas; reading
kinds of settlement into (T, R, P) is this project's own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from detente.errors import Undefined, UsageError
from detente.settlement.arguments import share


def threshold(
    T: float,
    R: float,
    P: float,
    *,
    lag: int = 1,
    detection: float = 1.0,
    punishment: int | None = None,
    guarantee: float = 0.0,
) -> float:
    """Return the least discount factor with which keeping the settlement pays.

    The discount factor is patience times the chance that the game goes on, per period.

    Parameters
    ----------
    T, R, P : float
        Pay per period of breaking unanswered, of keeping, and of the broken state; T > R > P.
    lag : int
        Periods until a breach can be answered; 1 is the grim trigger.
    detection : float
        Chance per period that a breach is seen, from then on.
    punishment : int, optional
        Periods that the answer lasts; for ever if not given. Only with lag 1, sure detection and
        no guarantee.
    guarantee : float
        What a guarantor takes from the breaker, once, on detection.

    Returns
    -------
    float
        From 0 to 1. At 1 only limitless patience would do; a `punishment` of one period may need
        more than that, and gives NaN.

    Raises
    ------
    UsageError
        If not T > R > P, or a number is beyond its bounds.
    """
    _prize(T, R, P)
    detection, guarantee = _conditions(lag, detection, guarantee)
    if punishment is not None:
        if lag != 1 or detection != 1 or guarantee:
            raise UsageError("punishment goes with lag 1, sure detection and no guarantee")
        if isinstance(punishment, bool) or not isinstance(punishment, int) or punishment < 1:
            raise UsageError("punishment must be a whole number of periods, at least 1")
        return _limited(T, R, P, punishment)
    if guarantee == 0 and detection == 1:
        return float(((T - R) / (T - P)) ** (1 / lag))
    if guarantee == 0 and lag == 1:
        return (T - R) / ((T - R) + detection * (R - P))
    return _least(lambda d: keeps(T, R, P, d, lag=lag, detection=detection, guarantee=guarantee))


def keeps(
    T: float,
    R: float,
    P: float,
    delta: float,
    *,
    lag: int = 1,
    detection: float = 1.0,
    guarantee: float = 0.0,
) -> float:
    """Return what keeping is worth beyond breaking, per period; the settlement holds if >= 0."""
    _prize(T, R, P)
    detection, guarantee = _conditions(lag, detection, guarantee)
    # (1 - delta) times the value of breaking, counted from the period in which it can be seen.
    seen = ((1 - delta) * T + delta * detection * (P - (1 - delta) * guarantee)) / (
        1 - delta * (1 - detection)
    )
    return float(R - T + delta ** (lag - 1) * (T - seen))


def break_even_guarantee(
    T: float,
    R: float,
    P: float,
    *,
    delta: float,
    detection: float = 1.0,
    lag: int = 1,
) -> float:
    """Return the least that a guarantor must take from a breaker for the settlement to hold.

    Parameters
    ----------
    T, R, P : float
        As in `threshold`.
    delta : float
        Discount factor, above 0 and below 1.
    detection : float
        Chance per period that a breach is seen, above 0.
    lag : int
        Periods until a breach can be answered.

    Returns
    -------
    float
        In the unit of the pays; 0 if the settlement holds by itself.

    Raises
    ------
    Undefined
        If nobody ever sees a breach: no guarantee would be called.
    """
    _prize(T, R, P)
    detection, _ = _conditions(lag, detection, 0.0)
    delta = share("delta", delta)
    if delta in (0, 1):
        raise UsageError("delta must be above 0 and below 1")
    if detection == 0:
        raise Undefined("a breach that nobody sees calls no guarantee: detection is 0")
    short = -keeps(T, R, P, delta, lag=lag, detection=detection)
    if short <= 0:
        return 0.0
    # What one unit of guarantee adds to `keeps`.
    worth = delta**lag * detection * (1 - delta) / (1 - delta * (1 - detection))
    return short / worth


def _limited(T: float, R: float, P: float, periods: int) -> float:
    if (R - P) * periods < T - R:
        return float("nan")

    def pays(delta: float) -> float:
        return (R - P) * sum(delta**k for k in range(1, periods + 1)) - (T - R)

    return _least(pays)


def _least(holds: Callable[[float], float]) -> float:
    """Return the root of an increasing function on [0, 1], to the last digit."""
    low, high = 0.0, 1.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if holds(middle) >= 0 else (middle, high)
    return high


def _prize(T: float, R: float, P: float) -> None:
    if not (np.isfinite([T, R, P]).all() and T > R > P):
        raise UsageError(
            f"T > R > P must hold (breaking tempts, the broken state is worse), not {T}, {R}, {P}"
        )


def _conditions(lag: int, detection: float, guarantee: float) -> tuple[float, float]:
    if isinstance(lag, bool) or not isinstance(lag, int) or lag < 1:
        raise UsageError("lag must be a whole number of periods, at least 1")
    return share("detection", detection), share("guarantee", guarantee, high=np.inf)
