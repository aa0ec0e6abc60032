"""War as the alternative to a bargain: the range, private information, shifting power.

References
----------
Fearon, J. D. (1995), Rationalist Explanations for War, "International Organization" 49(3), 379-414.
Powell, R. (1999), In the Shadow of Power, Princeton; (2006), War as a Commitment Problem,
"International Organization" 60(1), 169-203.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from detente.errors import UsageError
from detente.settlement.arguments import numbers, share


class BargainingRange(NamedTuple):
    """Divisions that both sides prefer to war, as A's share of 1; both NaN if there is none.

    Attributes
    ----------
    low : float
        The least that A accepts.
    high : float
        The most that B concedes.
    """

    low: float
    high: float

    @property
    def width(self) -> float:
        """How much lies between the two; 0 where there is no such division."""
        return 0.0 if self.empty else self.high - self.low

    @property
    def empty(self) -> bool:
        """Whether no division is better than war for both."""
        return bool(np.isnan(self.low))


class Screening(NamedTuple):
    """A's best demand on an adversary whose cost of war it does not know.

    Attributes
    ----------
    demand : float
        Share that A demands.
    war : float
        Probability that B fights rather than accept.
    payoff : float
        What A expects.
    """

    demand: float
    war: float
    payoff: float


class ShiftingPower(NamedTuple):
    """Whether peace can hold while power shifts.

    Attributes
    ----------
    possible : bool
        Whether some division keeps the declining side from war at every step.
    left_side : float
        The largest sum, over the steps, of what the two can lock in; war if it exceeds 1.
    guarantee : float
        The least cut in what the rising side can lock in tomorrow that makes today peaceful; 0 if
        today is.
    bearable : float
        The least chance of winning tomorrow with which a decliner at `p1` still keeps the peace.
    left_sides : tuple of float
        The sum at each step.
    """

    possible: bool
    left_side: float
    guarantee: float
    bearable: float
    left_sides: tuple[float, ...]

    @property
    def price(self) -> float:
        """Preventive-war price: by how much the two lock-ins exceed the whole; below 0 none."""
        return self.left_side - 1


def bargaining_range(
    p: float,
    c_a: float,
    c_b: float,
    *,
    p_b: float | None = None,
    u_a: Callable[[float], float] | None = None,
    u_b: Callable[[float], float] | None = None,
    divisions: Iterable[float] | None = None,
) -> BargainingRange:
    """Return the divisions of 1 that both sides prefer to war (Fearon 1995).

    Parameters
    ----------
    p : float
        Chance that A wins, as A sees it.
    c_a, c_b : float
        Costs of war, as shares of what is divided (in units of utility where that is not linear).
    p_b : float, optional
        Chance that A wins, as B sees it; the same if not given. Where A is more hopeful than B by
        more than the costs together, nothing is left between them.
    u_a, u_b : callable, optional
        Increasing utility of a share, of either side; linear if not given.
    divisions : iterable of float, optional
        The only shares of A that are possible, where the issue cannot be divided at will.

    Raises
    ------
    UsageError
        If a number is beyond its bounds.
    """
    p = share("p", p)
    p_b = p if p_b is None else share("p_b", p_b)
    c_a, c_b = share("c_a", c_a, high=np.inf), share("c_b", c_b, high=np.inf)
    low = _least_share(u_a, p, c_a)
    high = 1 - _least_share(u_b, 1 - p_b, c_b)
    if divisions is not None:
        shares = numbers("divisions", list(divisions), low=0, high=1)
        inside = shares[(shares >= low - 1e-12) & (shares <= high + 1e-12)]
        if not inside.size:
            return BargainingRange(np.nan, np.nan)
        return BargainingRange(float(inside.min()), float(inside.max()))
    if low > high + 1e-12:
        return BargainingRange(np.nan, np.nan)
    return BargainingRange(low, max(low, high))


def screening(p: float, c_a: float, C: float) -> Screening:
    """Return A's best demand when B's cost of war is uniform on [0, C] (Fearon 1995).

    War happens although both would prefer a division to it: A risks it for a better one.

    Parameters
    ----------
    p : float
        Chance that A wins.
    c_a : float
        A's cost of war.
    C : float
        The greatest cost that B may have, above 0.
    """
    p, c_a, most = share("p", p), share("c_a", c_a, high=np.inf), share("C", C, high=np.inf)
    if most == 0:
        raise UsageError("C must be above 0: with no cost at all B's cost is known")
    beyond = min(max(0.0, (most - c_a) / 2), 1 - p)
    war = min(beyond / most, 1.0)
    return Screening(p + beyond, war, (1 - war) * (p + beyond) + war * (p - c_a))


def shifting_power(
    p1: float, p2: float, kappa: float, delta: float, *, steps: int = 1
) -> ShiftingPower:
    """Say whether peace can hold while the chance of winning falls from `p1` to `p2`.

    Per period, war gives the declining side p(1 - kappa); tomorrow the rising side can secure
    (1 - p')(1 - kappa). Peace needs p(1 - kappa) + delta (1 - p')(1 - kappa) <= 1 at every step.

    Parameters
    ----------
    p1, p2 : float
        The declining side's chance of winning, today and after the whole shift.
    kappa : float
        Share of all future flow that war destroys.
    delta : float
        Discount factor per step, above 0.
    steps : int
        Equal steps in which the shift takes place: slow, it may be peaceful where at once it is
        not.
    """
    p1, p2 = share("p1", p1), share("p2", p2)
    kappa, delta = share("kappa", kappa), share("delta", delta)
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 1:
        raise UsageError("steps must be a whole number, at least 1")
    if delta == 0:
        raise UsageError("delta must be above 0: nothing that happens tomorrow counts otherwise")
    path = [p1 + (p2 - p1) * k / steps for k in range(steps + 1)]
    rest = 1 - kappa
    sides = tuple(now * rest + delta * (1 - then) * rest for now, then in pairwise(path))
    worst = max(sides)
    cut = max(0.0, worst - 1) / delta
    bearable = 1 - (1 - p1 * rest) / (delta * rest) if rest else 0.0
    return ShiftingPower(
        worst <= 1 + 1e-12, worst, cut if cut > 1e-12 else 0.0, max(0.0, bearable), sides
    )


def _least_share(utility: Callable[[float], float] | None, chance: float, cost: float) -> float:
    """Return the least share that is worth war: p u(1) + (1 - p) u(0) - c."""
    if utility is None:
        return min(max(chance - cost, 0.0), 1.0)
    worth = chance * utility(1.0) + (1 - chance) * utility(0.0) - cost
    if utility(0.0) >= worth:
        return 0.0
    low, high = 0.0, 1.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if utility(middle) >= worth else (middle, high)
    return high
