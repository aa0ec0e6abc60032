"""The likelihood of incident days under a self-exciting process, compiled.

The plain form of the sum, over all pairs of days, is in its test.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from detente.kernels import njit

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
STEPS = 100
CLOSE = 1e-12


@njit(cache=True, nogil=True)
def fit_backgrounds(
    days: Ints, ptr: Ints, horizon: int, n: float, q: float, excess: Floats, background: Floats
) -> float:
    """Fill the background of every dyad that is likeliest, and return the log-likelihood.

    On day t of 0..horizon-1 a dyad has an incident with chance 1 - exp(-lambda_t), where
    lambda_t = mu + n sum_{s<t} (1 - q) q^(t-s-1) over its incident days s, those before day 0
    as well: they raise the chances of the window and are not themselves observed in it.

    Parameters
    ----------
    days : int array
        Incident days of all dyads, dyad by dyad, in order; negative before the window.
    ptr : int array (dyads + 1,)
        Where those of each dyad begin. A dyad has fewer incident days in the window than the
        horizon.
    horizon : int
        Days observed.
    n, q : float
        Incidents that one causes, and the factor by which its effect fades in a day.
    excess : array
        Room for sum_{s<t} (1 - q) q^(t-s-1) at each incident day.
    background : array (dyads,)
        Filled: mu of each dyad, a day.
    """
    total = 0.0
    for d in range(len(ptr) - 1):
        first, last = ptr[d], ptr[d + 1]
        background[d] = 0.0
        state, caused = 0.0, 0.0
        begin = first
        for i in range(first, last):
            if i > first:
                gap = days[i] - days[i - 1]
                state = math.exp(math.log(q) * (gap - 1)) * (q * state + 1.0 - q)
            excess[i] = state
            if days[i] < 0:
                begin = i + 1
                caused += math.exp(math.log(q) * (-days[i] - 1)) * -math.expm1(
                    math.log(q) * horizon
                )
            else:
                caused += -math.expm1(math.log(q) * (horizon - 1 - days[i]))
        count = last - begin
        if count == 0:
            total -= n * caused
            continue
        # The slope of the likelihood in mu falls and is convex: from the left, Newton's steps
        # come nearer from one side. To the left lies the solution for the least excited day alone.
        least = excess[begin:last].min()
        mu = -math.log1p(-1.0 / (horizon - count + 1)) - n * least
        steps = STEPS
        if mu <= 0.0:
            mu = 0.0
            slope = -float(horizon)
            for i in range(begin, last):
                slope += 1.0 / -math.expm1(-n * excess[i])
            if slope <= 0.0:  # what came before explains every incident
                steps = 0
        for _ in range(steps):
            slope, bend = -float(horizon), 0.0
            for i in range(begin, last):
                fired = -math.expm1(-(mu + n * excess[i]))
                slope += 1.0 / fired
                bend += (1.0 - fired) / (fired * fired)
            step = slope / bend
            mu += step
            if step < CLOSE * mu:
                break
        background[d] = mu
        for i in range(begin, last):
            rate = mu + n * excess[i]
            total += math.log(-math.expm1(-rate)) + rate
        total -= mu * horizon + n * caused
    return total


@njit(cache=True, nogil=True)
def draw_days(
    uniform: Floats,
    background: Floats,
    n: float,
    q: float,
    state: Floats,
    start: Floats | None = None,
) -> Ints:
    """Return whether each dyad has an incident on each day, array (horizon, dyads) of 0 and 1.

    Parameters
    ----------
    uniform : array (horizon, dyads)
        Uniform random numbers.
    background, n, q
        As in `fit_backgrounds`.
    state : array (dyads,)
        Room.
    start : array (dyads,), optional
        Excitation on day 0 by what came before, as the sum in `fit_backgrounds`.
    """
    days = np.zeros(uniform.shape, np.int64)
    state[:] = 0.0
    if start is not None:
        state[:] = start
    for t in range(uniform.shape[0]):
        for d in range(uniform.shape[1]):
            if uniform[t, d] < -math.expm1(-(background[d] + n * state[d])):
                days[t, d] = 1
            state[d] = q * state[d] + (1.0 - q) * days[t, d]
    return days
