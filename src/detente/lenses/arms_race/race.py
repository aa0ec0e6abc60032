"""Richardson's race: where it ends, the way there, and its fit to the sums of two sides (1960)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats
from detente.errors import Undefined, UsageError

MOST_EVENTS = 10_000  # of a path with a floor, before it is given up


@dataclass(frozen=True, eq=False)
class ArmsEquilibrium:
    """Where a race stands still.

    Attributes
    ----------
    armament : array (n,)
        x*, in the unit of grievance times years; may be negative where the race is unstable.
    stable : bool
        Whether the race comes back to it.
    abscissa : float
        Largest real part of the eigenvalues, per year; negative where it is stable.
    eigenvalues : array (n,)
        Of the coefficients, per year, the largest real part first; real where they all are.
    """

    armament: Floats
    stable: bool
    abscissa: float
    eigenvalues: NDArray[Any]


@dataclass(frozen=True, eq=False)
class RaceFit:
    """Richardson's straight line through the yearly increases of a total.

    Attributes
    ----------
    slope : float
        Increase per unit of the total, per year: k - a.
    zero : float
        Total at which the line gives no increase, in the unit of the totals.
    r_squared : float
        Share of the variance of the increases that the line accounts for.
    total, increase : array (m - 1,)
        Mean of two successive totals, and the increase between them.
    """

    slope: float
    zero: float
    r_squared: float
    total: Floats
    increase: Floats


def equilibrium(coefficients: ArrayLike, grievance: ArrayLike) -> ArmsEquilibrium:
    """Return the equilibrium of a race between n states.

    Parameters
    ----------
    coefficients : array (n, n)
        A: defense coefficients off the diagonal, minus fatigue on it; per year.
    grievance : array (n,)
        g, money per year squared.

    Raises
    ------
    Undefined
        If the coefficients are singular: then either no armaments stand still or a whole line
        of them does.
    UsageError
        If the arrays do not fit.

    References
    ----------
    Richardson, L. F. (1960), Arms and Insecurity, Boxwood.
    """
    a, g = checked(coefficients, grievance)
    values = np.linalg.eigvals(a)
    values = values[np.argsort(-values.real, kind="stable")]
    singular = np.linalg.svd(a, compute_uv=False)
    if singular[-1] <= len(a) * np.finfo(float).eps * singular[0]:
        raise Undefined(
            "the coefficients are singular: what the states answer to each other balances "
            "their fatigue exactly (for two sides: a b = k l), so no single equilibrium exists"
        )
    abscissa = float(values[0].real)
    armament: Floats = np.linalg.solve(a, -g).astype(np.float64)
    return ArmsEquilibrium(armament, abscissa < 0.0, abscissa, values)


def two_sides(k: float, l: float, a: float, b: float, g: float, h: float) -> ArmsEquilibrium:  # noqa: E741  (Richardson's letter)
    """Return the equilibrium of dx/dt = k y - a x + g, dy/dt = l x - b y + h.

    Parameters
    ----------
    k, l : float
        Defense coefficients, per year.
    a, b : float
        Fatigue, per year.
    g, h : float
        Grievances, money per year squared.

    Raises
    ------
    Undefined
        If a b = k l.

    References
    ----------
    Richardson (1939), British Journal of Psychology Monograph Supplement 23.
    """
    return equilibrium([[-a, k], [l, -b]], [g, h])


def path(
    coefficients: ArrayLike,
    grievance: ArrayLike,
    start: ArrayLike,
    times: ArrayLike,
    *,
    floor: bool = False,
) -> Floats:
    """Return the armaments at the given times, array (len(times), n).

    Exact by the matrix exponential, also where there is no equilibrium.

    Parameters
    ----------
    coefficients, grievance : array (n, n), array (n,)
        As for `equilibrium`.
    start : array (n,)
        Armaments at time 0.
    times : array
        Years after the start, ascending, none negative.
    floor : bool
        Whether armaments cannot fall below zero: a state without armaments waits until its
        neighbours make it arm again. Then integrated from event to event with a relative
        tolerance of 1e-10.
    """
    a, g = checked(coefficients, grievance)
    x, t = np.asarray(start, dtype=np.float64), np.asarray(times, dtype=np.float64)
    if x.shape != g.shape:
        raise UsageError(f"{x.shape} armaments at the start do not fit {len(g)} states")
    if t.ndim != 1 or (t < 0.0).any() or (np.diff(t) < 0.0).any():
        raise UsageError("times must be ascending and none negative")
    if floor:
        if (x < 0.0).any():
            raise UsageError("armaments cannot start below zero")
        return _floored(a, g, x, t)
    from scipy.linalg import expm

    n = len(g)
    widened = np.zeros((n + 1, n + 1))  # d(x, 1)/dt = [[A, g], [0, 0]] (x, 1)
    widened[:n, :n], widened[:n, n] = a, g
    state = np.append(x, 1.0)
    trajectory: Floats = np.array([expm(widened * year) @ state for year in t]).reshape(-1, n + 1)
    return trajectory[:, :n]


def richardson_fit(totals: ArrayLike) -> RaceFit:
    """RaceFit a line to the yearly increases of a total, against the mean of the two years.

    With k = l and a = b the total of two sides obeys d(x + y)/dt = (k - a)(x + y) + (g + h).

    Parameters
    ----------
    totals : array (m,)
        Total of both sides in successive years, at least three.

    Raises
    ------
    Undefined
        If the totals or their increases do not vary enough to draw a line.

    References
    ----------
    Richardson (1939); figures also in Newman, J. R., ed. (1956), The World of Mathematics 2.
    """
    series = np.asarray(totals, dtype=np.float64)
    if series.ndim != 1 or len(series) < 3 or not np.isfinite(series).all():
        raise UsageError("a fit needs at least three finite yearly totals")
    increase, total = np.diff(series), (series[1:] + series[:-1]) / 2.0
    spread, rise = total - total.mean(), increase - increase.mean()
    if not (spread @ spread > 0.0 and rise @ rise > 0.0):
        raise Undefined("the totals grow by the same amount every year: no line can be drawn")
    slope = float(spread @ rise / (spread @ spread))
    if slope == 0.0:
        raise Undefined("the increases do not depend on the total: the line never meets zero")
    miss = rise - slope * spread
    return RaceFit(
        slope=slope,
        zero=float(total.mean() - increase.mean() / slope),
        r_squared=float(1.0 - (miss @ miss) / (rise @ rise)),
        total=total,
        increase=increase,
    )


def checked(coefficients: ArrayLike, grievance: ArrayLike) -> tuple[Floats, Floats]:
    """Return coefficients and grievances as arrays of matching shapes, or refuse them."""
    a = np.asarray(coefficients, dtype=np.float64)
    g = np.asarray(grievance, dtype=np.float64)
    if g.ndim != 1 or not len(g) or a.shape != (len(g), len(g)):
        raise UsageError(f"{a.shape} coefficients do not fit {g.shape} grievances")
    if not (np.isfinite(a).all() and np.isfinite(g).all()):
        raise UsageError("coefficients and grievances must be finite")
    return a, g


def _floored(a: Floats, g: Floats, x: Floats, times: Floats) -> Floats:
    """Integrate with the floor at zero: free states move, held ones wait for a positive push."""
    from scipy.integrate import solve_ivp

    arms = np.empty((len(times), len(g)))
    now, done = 0.0, 0
    free = (x > 0.0) | (a @ x + g > 0.0)
    events_left = MOST_EVENTS
    while done < len(times):
        events_left -= 1
        if not events_left:
            raise Undefined("some armament comes to zero and leaves it again without end")
        moving = free.copy()

        def slope(_: float, y: Floats, moving: NDArray[np.bool_] = moving) -> Floats:
            arms: Floats = np.where(moving, a @ y + g, 0.0)
            return arms

        events = [_event(a, g, i, bool(moving[i])) for i in range(len(g))]
        end = float(times[-1])
        part = solve_ivp(
            slope, (now, end), x, "DOP853", dense_output=True, events=events, rtol=1e-10, atol=1e-12
        )
        now = float(part.t[-1])
        while done < len(times) and times[done] <= now:
            arms[done] = np.maximum(part.sol(times[done]), 0.0)
            done += 1
        x = np.maximum(part.y[:, -1], 0.0).astype(np.float64)
        for i in range(len(g)):
            if part.t_events[i].size:
                free[i] = not moving[i]
                x[i] = 0.0
    return arms


def _event(a: Floats, g: Floats, i: int, moving: bool) -> Any:
    def crossing(_: float, y: Floats) -> float:
        return float(y[i]) if moving else float(a[i] @ y + g[i])

    crossing.terminal = True  # type: ignore[attr-defined]  # solve_ivp reads it from the function
    crossing.direction = -1.0 if moving else 1.0  # type: ignore[attr-defined]  # likewise
    return crossing
