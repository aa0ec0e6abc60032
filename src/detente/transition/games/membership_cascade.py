"""Who stays in an organisation when membership has a cost, and where a cascade of exits ends.

Member i of the set T has a worth of membership b_i(T), in the unit of a lens: what i loses by
leaving alone. With a cost c the member leaves when b_i(T) < c, one at a time, until nobody
wants to. Where more members are worth more to each (b_i(T) rises with T), the end is the
greatest stable set, the same for every order of leaving (Tarski 1955, Pacific J. Math. 5); where
not, the end depends on who moves first, and `ends` lists all that were seen.
"""

from __future__ import annotations

import operator
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.errors import UsageError

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Worth = Callable[[Bools], Any]
Worths = Callable[[Bools], Floats]

EQUAL = 1e-9
"""Relative difference below which worth and cost are equal; who is indifferent stays."""
MOST_STEPS = 1000
MOST_GUESSED = 256
"""Most members that are guessed from how a worth answers, where nothing says their number."""


class Cascade(NamedTuple):
    """Where a cascade of exits ends.

    Attributes
    ----------
    members : bool array (n,)
        Who is left.
    order : tuple of int
        Who left, in order; those who left first for reasons of their own among them.
    """

    members: Bools
    order: tuple[int, ...]


def membership(
    worth: Worth,
    cost: ArrayLike,
    *,
    first: Sequence[int] | int = (),
    order: Sequence[int] | None = None,
) -> Cascade:
    """Let members leave, one at a time, while the worth of membership is less than its cost.

    Parameters
    ----------
    worth : callable
        Takes who is a member, bool array (n,), and returns what membership is worth to each,
        array (n,); what it returns for others is not looked at.
    cost : float or array (n,)
        Cost of membership, in the unit of the worth; who is worth exactly the cost stays.
    first : sequence of int
        Who leaves before all others, whatever the worth.
    order : sequence of int, optional
        Who is asked first when several want to leave, all of 0..n-1 or some; the others come
        after them. The lowest index first if left out.

    Returns
    -------
    Cascade
        ``.members`` and ``.order``.

    Raises
    ------
    UsageError
        If a member does not exist or is named twice, a worth has the wrong length or is not a
        number, or nothing says how many members there are (then give the cost as an array).
    """
    costs, gone, turn = _checked(worth, cost, first, order)
    members = np.ones(len(costs), dtype=np.bool_)
    members[gone] = False
    left = list(gone)
    while (leaver := _next(worth, costs, members, turn)) is not None:
        members[leaver] = False
        left.append(leaver)
    return Cascade(members, tuple(left))


def ends(
    worth: Worth,
    cost: ArrayLike,
    *,
    first: Sequence[int] | int = (),
    orders: int = 20,
    seed: int = 0,
) -> list[Bools]:
    """Return the different sets of members in which cascades of several orders end.

    Parameters
    ----------
    worth, cost, first
        As in `membership`.
    orders : int
        How many orders of leaving: the lowest first, the highest first, the rest at random.
    seed : int
        Of the orders at random.

    Returns
    -------
    list of bool arrays (n,)
        One set if all ended alike, which is certain where worth rises with members.
    """
    n = len(_checked(worth, cost, first, None)[0])
    seen: dict[bytes, Bools] = {}
    for turn in turns_of(n, orders, seed):
        members = membership(worth, cost, first=first, order=turn.tolist()).members
        seen.setdefault(members.tobytes(), members)
    return list(seen.values())


def turns_of(n: int, orders: int, seed: int) -> NDArray[np.int64]:
    """Return orders of leaving: the lowest first, the highest first, the rest at random."""
    rng = np.random.default_rng(seed)
    turns = [np.arange(n), np.arange(n)[::-1]]
    turns += [rng.permutation(n) for _ in range(2, orders)]
    return np.array(turns[: max(orders, 1)])


def curve(
    worth: Worth, costs: ArrayLike, n: int, *, first: Sequence[int] | int = ()
) -> NDArray[np.int64]:
    """Return how many members are left at each cost, lowest index first to leave.

    Parameters
    ----------
    worth, first
        As in `membership`.
    costs : array (c,)
        The costs to try, in any order.
    n : int
        Number of members at the start.
    """
    return np.array(
        [
            int(membership(worth, np.full(n, float(c)), first=first).members.sum())
            for c in np.atleast_1d(np.asarray(costs, dtype=np.float64))
        ],
        dtype=np.int64,
    )


def steps(
    worth: Worth, n: int, *, first: Sequence[int] | int = (), most: int = MOST_STEPS
) -> list[tuple[float, int]]:
    """Return the curve of members left against cost as the steps that it is made of.

    It is constant between costs at which somebody changes his mind. So a cascade says up to which
    cost it would go as it went, and the next one begins just above. Where worth falls with more
    members nobody may be left at one cost, and somebody at a higher one.

    Parameters
    ----------
    worth, first
        As in `membership`, the lowest index first to leave.
    n : int
        Number of members at the start.
    most : int
        Steps after which it stops.

    Returns
    -------
    list of (float, int)
        The highest cost at which so many are left, from a cost of zero; beyond the last nobody is.
    """
    gone = [int(first)] if isinstance(first, int | np.integer) else [int(i) for i in first]
    cost, curve_of = 0.0, list[tuple[float, int]]()
    while len(curve_of) < most:
        members = np.ones(n, dtype=np.bool_)
        members[gone] = False
        highest, scale = np.inf, cost
        while members.any():
            gain = np.asarray(worth(members.copy()), dtype=np.float64)
            scale = max(scale, float(np.abs(gain[members]).max()))
            limit = cost - EQUAL * max(float(np.abs(gain[members]).max()), cost)
            unwilling = np.flatnonzero(members & (gain < limit))
            asked = members if not len(unwilling) else members & (np.arange(n) < unwilling[0])
            highest = min(highest, float(gain[asked].min(initial=np.inf)))
            if not len(unwilling):
                break
            members[unwilling[0]] = False
        if not members.any() and np.isinf(highest):
            break  # at any higher cost it goes in the same way
        highest = max(highest, cost)
        left = int(members.sum())
        if curve_of and curve_of[-1][1] == left:
            curve_of[-1] = (highest, left)
        else:
            curve_of.append((highest, left))
        cost = max(highest + 2 * EQUAL * scale, float(np.nextafter(highest, np.inf)))
    if curve_of and not curve_of[-1][1]:
        curve_of.pop()
    return curve_of


def cascades(worths: Worths, costs: Floats, starts: Bools, turns: NDArray[np.int64]) -> Bools:
    """Return where many cascades end, each with its own cost, start and order of leaving.

    They go on side by side, so that the sets of members of a step are evaluated together; each
    ends where `membership` says.

    Parameters
    ----------
    worths : callable
        Takes sets of members, bool array (m, n), and returns what membership is worth to each,
        array (m, n).
    costs : array (c,)
        Cost of membership in each cascade.
    starts : bool array (c, n)
        Who is a member before each.
    turns : int array (c, n)
        Who is asked first when several want to leave.

    Returns
    -------
    bool array (c, n)
        Who is left at the end of each.
    """
    members = starts.copy()
    going = np.flatnonzero(members.any(axis=1))
    while len(going):
        there, cost = members[going], costs[going, None]
        gains = np.where(there, worths(there), 0.0)
        scale = np.maximum(np.abs(gains).max(axis=1, keepdims=True), np.abs(cost))
        unwilling = there & (gains < cost - EQUAL * scale)
        leaving = unwilling.any(axis=1)
        going, unwilling = going[leaving], unwilling[leaving]
        place = np.take_along_axis(unwilling, turns[going], axis=1).argmax(axis=1)
        members[going, turns[going, place]] = False
        going = going[members[going].any(axis=1)]
    return members


def _next(worth: Worth, costs: Floats, members: Bools, turn: NDArray[np.int64]) -> int | None:
    """Return who leaves next, or None if nobody wants to."""
    if not members.any():
        return None
    gain = np.asarray(worth(members.copy()), dtype=np.float64)
    if gain.shape != members.shape:
        raise UsageError(
            f"the worth of {len(members)} members has the shape {gain.shape}, not ({len(members)},)"
        )
    if np.isnan(gain[members]).any():
        who = int(np.flatnonzero(members & np.isnan(gain))[0])
        raise UsageError(f"the worth of membership to {who} is not a number")
    sizes = np.abs(np.concatenate([gain[members], costs[members]]))
    scale = sizes[np.isfinite(sizes)].max(initial=0.0)
    unwilling = members & (gain < costs - EQUAL * scale)
    if not unwilling.any():
        return None
    return int(turn[np.flatnonzero(unwilling[turn])[0]])


def _checked(
    worth: Worth, cost: ArrayLike, first: Sequence[int] | int, order: Sequence[int] | None
) -> tuple[Floats, list[int], NDArray[np.int64]]:
    """Return the cost of each, who goes first, and the order in which the rest is asked."""
    try:
        costs = np.asarray(cost, dtype=np.float64)
    except (TypeError, ValueError):
        costs = np.array(np.nan)
    if costs.ndim > 1 or np.isnan(costs).any():
        raise UsageError("the cost of membership is a number, or one number a member")
    n = len(costs) if costs.ndim else _count(worth, order)
    costs = np.broadcast_to(costs, (n,)).astype(np.float64)
    gone = _places("first", [first] if isinstance(first, int | np.integer) else first)
    turn = list(range(n)) if order is None else _places("order", order)
    for name, places in (("first", gone), ("order", turn)):
        if any(not 0 <= i < n for i in places) or len(set(places)) < len(places):
            raise UsageError(f"{name} names members from 0 to {n - 1}, each once, not {places}")
    named = set(turn)
    turn += [i for i in range(n) if i not in named]
    return costs, gone, np.array(turn, dtype=np.int64)


def _places(name: str, places: Sequence[int]) -> list[int]:
    """Return members by their numbers, which are whole."""
    try:
        return [operator.index(i) for i in places]
    except TypeError:
        raise UsageError(f"{name} names members by whole numbers, not {places!r}") from None


def _count(worth: Worth, order: Sequence[int] | None) -> int:
    """Return the number of members, from how the worth answers or from a full order.

    A worth that holds an array of its own answers with its length, or fails for every other
    number; one that takes any number of members cannot tell, and then the order must.
    """
    fits = 0
    for n in range(1, MOST_GUESSED + 1):
        answer = _answer(worth, n)
        if answer == n:
            fits = n
        elif answer is not None and _answer(worth, answer) == answer:
            return answer
        elif fits:
            return fits
    if order is not None and sorted(order) == list(range(len(order))):
        return len(order)
    raise UsageError(
        "nothing says how many members there are: give the cost as an array, one number a member"
    )


def _answer(worth: Worth, n: int) -> int | None:
    """Return how many numbers the worth gives for n members; None if it has no answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            gain = np.asarray(worth(np.ones(n, dtype=np.bool_)), dtype=np.float64)
        except Exception:  # a worth of five members may fail in any way when there are two
            return None
    return len(gain) if gain.ndim == 1 else None
