"""The three conditions under which a network of alliances is stable against war.

Jackson and Nei (2015), in the wording of ``docs/lenses/war_stability.md``, which is
reconstructed. A network is war-stable when

(S1) nobody is vulnerable;
(S2) nobody becomes vulnerable when one alliance is added;
(S3) for every alliance, both parties become vulnerable when it is dropped (the one who does
     not would drop it and save its small cost).

With trade, an alliance is also kept for what its trade earns, and an attack on an ally costs
the trade with it. The payoffs of that version are ours: the paper's are not at hand.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats
from detente.errors import UnknownName, UsageError
from detente.lenses.war_stability.coalitions import (
    TOLERANCE,
    checked_advantage,
    checked_square,
    vulnerable,
)

MOST_MEMBERS = 20
"""Largest circle of a leader, itself included, whose subsets are all tried."""


@dataclass(frozen=True, slots=True)
class Stability:
    """Whether a network is war-stable, and what is against it. True only if it is stable.

    Attributes
    ----------
    stable : bool or None
        None: undecided. No condition was found violated, and one could not be decided.
    condition : str
        ``"S1"``, ``"S2"`` or ``"S3"``: the first one violated or, if `stable` is None, the
        first one undecided; empty if all hold.
    pair : tuple of int or None
        The alliance added (S2) or dropped (S3).
    state : int or None
        The state that is or becomes vulnerable (S1, S2), or that has no reason to keep the
        alliance (S3); None where both of a pair gain from adding theirs.
    """

    stable: bool | None
    condition: str = ""
    pair: tuple[int, int] | None = None
    state: int | None = None

    def __bool__(self) -> bool:
        return self.stable is True


def war_stable(
    allies: ArrayLike, strength: ArrayLike, advantage: float, reading: str = "star"
) -> Stability:
    """Return whether S1, S2 and S3 hold, without trade and with a small cost per alliance.

    Parameters
    ----------
    allies : array (n, n)
        1 for allies, 0 for others, symmetric, zero diagonal.
    strength : array (n,)
        Strength of each state, non-negative, in any unit.
    advantage : float
        Defender's advantage, positive.
    reading : str
        ``"star"`` or ``"clique"``.

    Raises
    ------
    UsageError
        If an argument is not of this kind.
    """
    if reading not in ("star", "clique"):
        raise UnknownName("reading for the conditions of stability", reading, ("star", "clique"))
    m, g = _checked_graph(allies, strength)

    def exposed(graph: Floats) -> list[bool | None]:
        return list(vulnerable(graph, m, advantage, reading).tolist())

    def never(x: int, y: int) -> bool:
        return False

    return _first_violation(g, exposed, gains=never, keeps=never)


def war_stable_with_trade(
    allies: ArrayLike,
    strength: ArrayLike,
    advantage: float,
    trade: ArrayLike,
    *,
    spoils: float,
    war_cost: float,
    alliance_cost: float | ArrayLike,
) -> Stability:
    """Return whether S1, S2 and S3 hold with trade along alliances (reading ``star``).

    The gain of k from conquering i in the coalition C is ours:

        E_ik = spoils * M_i * M_k / M(C) - war_cost - trade_ik * [i and k are allies]

    and C attacks only if nobody in it loses and somebody gains. An alliance also violates S2
    if both parties gain from adding it (trade at least its cost, one of them more), and is
    kept under S3 by whoever would lose more trade than its cost. A large coalition dilutes the
    spoils, so the largest one need not be willing: the subsets of a leader's circle are tried
    up to 20 members, and beyond that the answer may be "undecided".

    Parameters
    ----------
    allies, strength, advantage
        As in `war_stable`.
    trade : array (n, n)
        What an alliance of the pair earns each of them, non-negative, symmetric, zero diagonal.
    spoils, war_cost : float
        Rate of the spoils and each attacker's cost of a war, non-negative.
    alliance_cost : float or array (n, n)
        What an alliance with the column's state costs the row's state, positive.

    Raises
    ------
    UsageError
        If an argument is not of this kind.
    """
    m, g = _checked_graph(allies, strength)
    gamma = checked_advantage(advantage)
    earned = checked_square("trade", trade, m.size)
    if (earned < 0).any():
        raise UsageError("trade holds non-negative numbers")
    for name, number in (("spoils", spoils), ("war_cost", war_cost)):
        if not (math.isfinite(number) and number >= 0):
            raise UsageError(f"{name} is a non-negative number, not {number}")
    cost_given = np.asarray(alliance_cost, dtype=np.float64)
    if cost_given.shape not in ((), g.shape):
        raise UsageError(f"alliance_cost is a number or an array {g.shape}, not {cost_given.shape}")
    cost = np.broadcast_to(cost_given, g.shape)
    if not (cost[~np.eye(m.size, dtype=np.bool_)] > 0).all():
        raise UsageError("alliance_cost holds positive numbers")

    def exposed(graph: Floats) -> list[bool | None]:
        lost = war_cost + graph * earned
        return [_conquerable(i, graph, m, gamma, spoils, lost[i]) for i in range(m.size)]

    def gains(x: int, y: int) -> bool:
        own_gain, there = earned[x, y] - cost[x, y], earned[y, x] - cost[y, x]
        return bool(min(own_gain, there) >= 0 and max(own_gain, there) > 0)

    def keeps(x: int, y: int) -> bool:
        return bool(earned[x, y] > cost[x, y])

    return _first_violation(g, exposed, gains, keeps)


def _first_violation(
    g: Floats,
    exposed: Callable[[Floats], list[bool | None]],
    gains: Callable[[int, int], bool],
    keeps: Callable[[int, int], bool],
) -> Stability:
    """Go through the conditions in order; what is undecided yields to a later violation.

    `exposed` says who is vulnerable in a graph (None: undecided), `gains` whether both of a
    pair want the alliance that they lack, `keeps` whether the first would keep one for itself.
    """
    open_: Stability | None = None
    for violation in _checks(g, exposed, gains, keeps):
        if violation.stable is False:
            return violation
        if open_ is None:
            open_ = violation
    return Stability(True) if open_ is None else open_


def _checks(
    g: Floats,
    exposed: Callable[[Floats], list[bool | None]],
    gains: Callable[[int, int], bool],
    keeps: Callable[[int, int], bool],
) -> Iterator[Stability]:
    """Yield every violation and every open question, S1 first."""
    n = len(g)
    pairs = [(j, k) for j in range(n) for k in range(j + 1, n)]
    for state, bad in enumerate(exposed(g)):
        if bad is not False:
            yield Stability(None if bad is None else False, "S1", None, state)
    for j, k in pairs:
        if g[j, k] > 0:
            continue
        if gains(j, k):
            yield Stability(False, "S2", (j, k), None)
        for state, bad in enumerate(exposed(_with_pair(g, j, k, 1.0))):
            if bad is not False:
                yield Stability(None if bad is None else False, "S2", (j, k), state)
    for j, k in pairs:
        if g[j, k] == 0:
            continue
        without: list[bool | None] | None = None
        for state, other in ((j, k), (k, j)):
            if keeps(state, other):
                continue
            if without is None:
                without = exposed(_with_pair(g, j, k, 0.0))
            bad = without[state]
            if bad is not True:
                yield Stability(None if bad is None else False, "S3", (j, k), state)


def _with_pair(g: Floats, j: int, k: int, tie: float) -> Floats:
    with_pair = g.copy()
    with_pair[j, k] = with_pair[k, j] = tie
    return with_pair


def _conquerable(
    i: int, g: Floats, m: Floats, advantage: float, spoils: float, lost: Floats
) -> bool | None:
    """Return whether a willing coalition beats i; None: too many members to try all.

    Member k is willing in C as long as M(C) is at most its `ceiling`, the strength at which
    its share of the spoils equals what it loses, ``lost[k]``.
    """
    prize = spoils * m[i] * m
    with np.errstate(divide="ignore", invalid="ignore"):
        ceiling = np.where(lost > 0, prize / lost, np.inf)
    eager = np.where(prize > 0, ceiling, 0.0)  # strictly below it, k gains
    open_question = False
    for j in range(m.size):
        if j == i:
            continue
        circle = [k for k in np.flatnonzero(g[j]).tolist() if k != i]
        if m[j] > ceiling[j] * (1 + TOLERANCE):
            continue
        others = [k for k in circle if m[j] + m[k] <= min(ceiling[j], ceiling[k]) * (1 + TOLERANCE)]
        attack, left = m[j] + m[others].sum(), _defence(i, g, m, [j, *others])
        if attack <= advantage * left * (1 + TOLERANCE):
            continue  # not even all of them together
        everyone = [j, *others]
        if attack <= ceiling[everyone].min() * (1 + TOLERANCE) and attack * (1 + TOLERANCE) < (
            eager[everyone].max()
        ):
            return True
        if len(others) >= MOST_MEMBERS:
            open_question = True
            continue
        size = _over_subsets(m[j], m[others], np.add)
        held = _defence(i, g, m, [j]) - _over_subsets(0.0, (g[i] * m)[others], np.add)
        least = _over_subsets(ceiling[j], ceiling[others], np.minimum)
        most = _over_subsets(eager[j], eager[others], np.maximum)
        wins = size > advantage * np.maximum(held, m[i]) * (1 + TOLERANCE)
        willing = (size <= least * (1 + TOLERANCE)) & (most > size * (1 + TOLERANCE))
        if (wins & willing).any():
            return True
    return None if open_question else False


def _defence(i: int, g: Floats, m: Floats, attackers: list[int]) -> float:
    """Return the strength of i with those of its allies who do not attack."""
    stays = g[i] > 0
    stays[attackers] = False
    return float(m[i] + m[stays].sum())


def _over_subsets(start: float, values: Floats, combine: np.ufunc) -> Floats:
    """Return `combine` over every subset of `values` and `start`, array (2**len(values),)."""
    subsets = np.array([start])
    for value in values:
        subsets = np.concatenate([subsets, combine(subsets, value)])
    return subsets


def _checked_graph(allies: ArrayLike, strength: ArrayLike) -> tuple[Floats, Floats]:
    m = np.array(strength, dtype=np.float64)
    if m.ndim != 1 or not m.size or not np.isfinite(m).all() or (m < 0).any():
        raise UsageError("strength is a row of finite, non-negative numbers, one a state")
    g = checked_square("allies", allies, m.size)
    if not np.isin(g, (0.0, 1.0)).all():
        raise UsageError(
            "the conditions of stability are about alliances that are there or not: "
            "allies holds 0 and 1 only"
        )
    return m, g
