"""Configurations of two sides: their energy, where they rest, and the passes between them.

The formulas are Axelrod and Bennett's (1993); the lens beside this file reads them.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats, Ints
from detente.errors import UsageError

Bytes = NDArray[np.int8]


EXACT_STATES = 26  # beyond, the 2^(n-1) configurations no longer fit in memory and patience


PASS_STATES = 20


MOST_MINIMA = 100_000


TOLERANCE = 1e-12  # share of the sum of |W| below which a change of energy is no improvement


SLACK = 1e-12  # share of a state's ties below which a difference of pulls is rounding


@dataclass(frozen=True, eq=False)
class Minimum:
    """A local minimum of the energy.

    Attributes
    ----------
    energy : float
        E, in squared units of size times propensity.
    basin : int or None
        Number of configurations whose steepest descent ends here, itself included; None where
        the search was not exhaustive.
    side : int array (n,)
        Side of each state, 0 or 1; the first state is on side 0.
    strict : bool
        Whether every single switch raises the energy, instead of some leaving it as it is.
    """

    energy: float
    basin: int | None
    side: Ints
    strict: bool


@dataclass(frozen=True, eq=False)
class Alignment:
    """The present sides of states that are tied to one another, seen from one rivalry.

    Attributes
    ----------
    members : int array (m,)
        Positions of the states: one connected component of the ties.
    anchors : tuple of two int
        The rivals that were set on opposite sides first.
    side : array (m,)
        +1 with the first anchor, -1 with the second, 0 where nothing decides.
    """

    members: Ints
    anchors: tuple[int, int]
    side: Floats


def frustration(size: ArrayLike, propensity: ArrayLike, side: ArrayLike) -> Floats:
    """Return each state's frustration, array (n,), in units of size times propensity.

    Parameters
    ----------
    size : array (n,)
        Sizes, not negative.
    propensity : array (n, n)
        Symmetric propensities to be on the same side; the diagonal does not count.
    side : array (n,)
        0 or 1 for each state.

    References
    ----------
    Axelrod & Bennett (1993), British Journal of Political Science 23(2), 211-233.
    """
    s, p = checked(size, propensity)
    x = np.asarray(side)
    if x.shape != s.shape or not np.isin(x, (0, 1)).all():
        raise UsageError(f"sides must be {len(s)} numbers, each 0 or 1")
    frustrated: Floats = (p * (x[:, None] != x[None, :])) @ s
    return frustrated


def energy(size: ArrayLike, propensity: ArrayLike, side: ArrayLike) -> float:
    """Return the energy of a configuration: the sum of size times frustration."""
    return float(np.asarray(size, dtype=float) @ frustration(size, propensity, side))


def minima(
    size: ArrayLike, propensity: ArrayLike, *, starts: int = 1000, seed: int = 0
) -> tuple[Minimum, ...]:
    """Return the local minima of the energy, the lowest first.

    Up to 26 states every configuration is looked at, so the list is complete and the basins are
    exact. A change of energy of at most 1e-12 times the sum of the absolute W is no
    improvement, and the first of equally steep switches is taken.

    Parameters
    ----------
    size : array (n,)
        Sizes, not negative.
    propensity : array (n, n)
        Symmetric propensities to be on the same side; the diagonal does not count.
    starts, seed : int
        For more than 26 states: the number of random starting points, and what draws them;
        start k depends on the seed and on k only.

    Raises
    ------
    UsageError
        If the arrays do not fit, or if there are more than 100 000 minima.

    Warns
    -----
    UserWarning
        For more than 26 states: the list may be incomplete and proves nothing.

    References
    ----------
    Axelrod & Bennett (1993), British Journal of Political Science 23(2), 211-233.
    """
    s, p = checked(size, propensity)
    weights = pair_weights(s, p)
    if len(s) > EXACT_STATES:
        return _search(weights, starts, seed)
    flip, _, valley = first_steps(weights, with_energy=False)
    if valley > MOST_MINIMA:
        raise UsageError(
            f"{valley} local minima: the landscape is flat. Leave out states without ties, "
            "each of which doubles the number."
        )
    from detente.lenses.landscape.landscape_kernel import gather

    places, basin = np.empty(valley, np.int64), np.zeros(valley, np.int64)
    gather(flip, np.empty(len(flip), np.int32), places, basin)
    bits = (places[:, None] >> np.arange(len(s) - 1)) & 1
    sides = np.concatenate([np.zeros((valley, 1), np.int64), bits], axis=1)
    return _sorted(weights, sides, basin.tolist())


def descend(weights: Floats, side: Ints) -> Ints:
    """Return the local minimum in which steepest descent from `side` ends, 0 or 1 a state.

    The plain twin of the compiled descent; the first state of the result is on side 0.
    """
    y = 1.0 - 2.0 * side
    tolerance = TOLERANCE * np.abs(weights).sum()
    while True:
        change = 2.0 * y * (weights @ y)
        if change.min() >= -tolerance:
            return np.where(y != y[0], 1, 0)
        y[int(np.argmax(change <= change.min() + tolerance))] *= -1.0


def lowest_pass(size: ArrayLike, propensity: ArrayLike, side: ArrayLike) -> float:
    """Return how far the energy must rise before a local minimum can be left for another.

    Over all ways of switching one state at a time from the minimum to a configuration of
    another basin, the least of their highest energies, minus the energy of the minimum.
    Infinite if there is no other basin. The measure is ours; landscape and basins are those of
    Axelrod & Bennett (1993).

    Parameters
    ----------
    size, propensity : array (n,), array (n, n)
        As for `minima`; at most 20 states.
    side : array (n,)
        The local minimum, 0 or 1 for each state.

    Raises
    ------
    UsageError
        If there are more than 20 states or `side` is not a local minimum.
    """
    s, p = checked(size, propensity)
    if len(s) > PASS_STATES:
        raise UsageError(f"the lowest pass is computed up to {PASS_STATES} states, not {len(s)}")
    frustration(s, p, side)  # complains about sides that are none
    weights, x = pair_weights(s, p), np.asarray(side, dtype=np.int64)
    x = (x != x[0]).astype(np.int64)
    flip, height, valley = first_steps(weights, with_energy=True)
    start = int((x[1:] << np.arange(len(x) - 1)).sum())
    if flip[start] >= 0:
        raise UsageError("the sides given are not a local minimum")
    from detente.lenses.landscape.landscape_kernel import flood, gather

    label = np.empty(len(flip), np.int32)
    gather(flip, label, np.empty(valley, np.int64), np.zeros(valley, np.int64))
    reached = flood(np.argsort(height, kind="stable"), label, start, len(s))
    return float(height[reached] - height[start]) if reached >= 0 else np.inf


def alignments(size: ArrayLike, propensity: ArrayLike) -> tuple[Alignment, ...]:
    """Return the present sides: the split that the greatest rivalry suggests.

    In each connected component of the ties, the pair with the most negative W_ij is set on
    opposite sides and everybody else on none. Then, again and again, the state that lowers the
    energy most moves: from none to a side, or to the other side. What is left without a side is
    pulled equally by both, and counts as half on each.

    No outcome depends on the order or the names of the states. Where several rivalries are the
    greatest, each gives an alignment of its own. States that would move with equal right move
    together; where that would undo what each of them wants, they stay without a side.
    A component without rivalry is on one side and gives none. The rule is ours.

    This is the plain twin of the compiled loop behind the lens.
    """
    weights = pair_weights(*checked(size, propensity))
    blocs = []
    for members in components(weights):
        w = weights[np.ix_(members, members)]
        if w.min() < 0.0:
            first, second = np.nonzero(np.triu(w <= w.min() * (1.0 - SLACK), 1))
            for a, b in zip(first.tolist(), second.tolist(), strict=True):
                anchors = (int(members[a]), int(members[b]))
                blocs.append(Alignment(members, anchors, align(w, a, b)))
    return tuple(blocs)


def checked(size: ArrayLike, propensity: ArrayLike) -> tuple[Floats, Floats]:
    """Return sizes and propensities as arrays of matching shapes, or refuse them."""
    s, p = np.asarray(size, dtype=np.float64), np.asarray(propensity, dtype=np.float64)
    if s.ndim != 1 or not len(s) or p.shape != (len(s), len(s)):
        raise UsageError(f"{s.shape} sizes do not fit {p.shape} propensities")
    if not (np.isfinite(s).all() and np.isfinite(p).all() and (s >= 0.0).all()):
        raise UsageError("sizes must be finite and not negative, propensities finite")
    if not np.array_equal(p, p.T):
        raise UsageError("propensities must be symmetric")
    if p.diagonal().any():
        p = p - np.diag(p.diagonal())
    return s, p


def pair_weights(s: Floats, p: Floats) -> Floats:
    """Return W, size times size times propensity of every pair, zero on the diagonal."""
    weights: Floats = s[:, None] * s[None, :] * p
    np.fill_diagonal(weights, 0.0)
    return weights


def first_steps(weights: Floats, *, with_energy: bool) -> tuple[Bytes, Floats, int]:
    """Return the first step of descent and the energy of each configuration, and the minima."""
    from detente.lenses.landscape.landscape_kernel import steepest

    count = 1 << (len(weights) - 1)
    flip, height = np.empty(count, np.int8), np.empty(count if with_energy else 0)
    lowest, _ = steepest(weights, TOLERANCE * np.abs(weights).sum(), flip, height)
    return flip, height, lowest


def _search(weights: Floats, starts: int, seed: int) -> tuple[Minimum, ...]:
    n = len(weights)
    warnings.warn(
        f"{n} states are too many to look at every configuration: these minima come from "
        f"{starts} random starts. Others may exist, lower ones too; this proves nothing.",
        UserWarning,
        stacklevel=3,
    )
    minima = {}
    for k in range(starts):
        side = descend(weights, np.random.default_rng([seed, k]).integers(0, 2, n))
        minima[side.tobytes()] = side
    sides = np.array(list(minima.values()), dtype=np.int64).reshape(-1, n)
    return _sorted(weights, sides, [None] * len(sides))


def _sorted(weights: Floats, sides: Ints, basin: Sequence[int | None]) -> tuple[Minimum, ...]:
    y = 1.0 - 2.0 * sides
    terms = y * (y @ weights)
    energies = (weights.sum() - terms.sum(axis=1)) / 2.0
    strict = 2.0 * terms.min(axis=1, initial=np.inf) > TOLERANCE * np.abs(weights).sum()
    ordered = [
        Minimum(energy=float(e), basin=b, side=side, strict=bool(t))
        for e, b, side, t in zip(energies, basin, sides, strict, strict=True)
    ]
    return tuple(sorted(ordered, key=lambda m: (m.energy, m.side.tolist())))


def components(weights: Floats) -> list[Ints]:
    """Return the positions of the states of each connected component with a tie."""
    tied = weights != 0.0
    left, components = set(np.flatnonzero(tied.any(axis=1)).tolist()), []
    while left:
        reached = np.zeros(len(weights), dtype=bool)
        reached[min(left)] = True
        while (wider := reached | tied[reached].any(axis=0)).sum() > reached.sum():
            reached = wider
        components.append(np.flatnonzero(reached))
        left -= set(components[-1].tolist())
    return components


def align(w: Floats, a: int, b: int) -> Floats:
    """Return the sides that follow when two states stand against each other, array (n,)."""
    side = np.zeros(len(w))
    side[a], side[b] = 1.0, -1.0
    frozen = np.zeros(len(w), dtype=bool)
    slack = SLACK * np.abs(w).sum(axis=1)
    while True:
        pull = w @ side
        may = ~frozen & (np.abs(pull) > slack)
        step = np.where(may, np.sign(pull) - side, 0.0)
        gain = step * pull
        top = int(np.argmax(gain))
        if not gain[top] > 0.0:
            return side
        step[gain < gain[top] - 4.0 * np.maximum(slack, slack[top])] = 0.0
        clash = ((step[:, None] * step[None, :] * w) < 0.0).any(axis=1)
        frozen |= clash
        side = np.where(clash, 0.0, side + step)
