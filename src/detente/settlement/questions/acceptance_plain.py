"""What each offer is worth to each party beyond fighting on, in plain arrays: the kernel's twin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats

STATED, STATUS_QUO, OPEN_LOW, OPEN_HIGH = range(4)
"""Readings of silence, as the first axis of the gains; an open silence is an interval."""

BLOCK = 1000
"""Draws that share one generator: the first draws of a longer run are those of a shorter one."""


class Bounds(NamedTuple):
    """Ranges from which one draw takes every figure.

    Attributes
    ----------
    position : two arrays (offers, issues)
        NaN where an offer is silent.
    ideal, salience : two arrays (parties, issues)
        Least and most.
    status_quo : two arrays (issues,)
        Least and most.
    fighting : two arrays (parties,)
        Least and most that fighting on is worth; NaN where it is worth the status quo.
    """

    position_low: Floats
    position_high: Floats
    ideal_low: Floats
    ideal_high: Floats
    salience_low: Floats
    salience_high: Floats
    status_quo_low: Floats
    status_quo_high: Floats
    fighting_low: Floats
    fighting_high: Floats


class Gains(NamedTuple):
    """What the draws give.

    Attributes
    ----------
    gain : array (4, draws, offers, parties)
        Gain over fighting on, by the reading of silence.
    worst : array (offers, parties, issues)
        In how many draws the issue is the stated one that costs the party most, if any does.
    """

    gain: NDArray[np.float32]
    worst: NDArray[np.int64]


READINGS = ((OPEN_LOW, OPEN_HIGH), (STATUS_QUO, STATUS_QUO), (STATED, STATED))
"""The two ends of the gains in each reading of silence: open, status quo, stated."""

EVEN = 1e-9
"""A loss below it is rounding: the party accepts."""


class DrawShares(NamedTuple):
    """Shares of the draws.

    Attributes
    ----------
    accepts, refuses : array (offers, parties, readings)
        Share in which the party does not lose, and in which it loses whatever is filled in.
    all_accept, some_refuse : array (offers, readings)
        The same of all required parties, and of any.
    survives : array (offers, parties)
        Share in which the readings give one verdict.
    low, high : array (offers, parties)
        5 percent of the draws at the lower end, and 95 percent at the upper end, gain less.
    """

    accepts: Floats
    refuses: Floats
    all_accept: Floats
    some_refuse: Floats
    survives: Floats
    low: Floats
    high: Floats


def uniforms(bounds: Bounds, draws: int, words: list[int]) -> Floats:
    """Return the uniform numbers of all draws, (draws, figures), by the address of each block."""
    offers, issues = bounds.position_low.shape
    parties = bounds.ideal_low.shape[0]
    figures = offers * issues + 2 * parties * issues + issues + parties
    blocks = []
    for block in range(-(-draws // BLOCK)):
        rng = np.random.default_rng([*words, block])
        blocks.append(rng.random((min(BLOCK, draws - block * BLOCK), figures)))
    return np.concatenate(blocks)


def gains(bounds: Bounds, chance: Floats) -> Gains:
    """Return the gains of every draw."""
    offers, issues = bounds.position_low.shape
    parties = bounds.ideal_low.shape[0]
    draws = len(chance)
    stated = ~np.isnan(bounds.position_low)
    gain = np.zeros((4, draws, offers, parties), np.float32)
    worst = np.zeros((offers, parties, issues), np.int64)
    for d in range(draws):
        u = chance[d]
        a, b = offers * issues, offers * issues + parties * issues
        x = _between(bounds.position_low, bounds.position_high, u[:a].reshape(offers, issues))
        ideal = _between(bounds.ideal_low, bounds.ideal_high, u[a:b].reshape(parties, issues))
        c = b + parties * issues
        cares = _between(bounds.salience_low, bounds.salience_high, u[b:c].reshape(parties, issues))
        quo = _between(bounds.status_quo_low, bounds.status_quo_high, u[c : c + issues])
        typed = _between(bounds.fighting_low, bounds.fighting_high, u[c + issues :])
        total = cares.sum(axis=1)
        before = cares * np.abs(quo - ideal)
        away = cares * np.maximum(ideal, 1 - ideal)
        # Where fighting is typed, its worth stands against the offer; else the status quo does.
        shift = np.where(np.isnan(typed), 0.0, 1 - before.sum(axis=1) / total - typed)
        for o in range(offers):
            spoken = stated[o]
            after = cares[:, spoken] * np.abs(x[o, spoken] - ideal[:, spoken])
            change = before[:, spoken] - after
            weight = cares[:, spoken].sum(axis=1)
            ours = np.isnan(typed)
            own = np.divide(change.sum(axis=1), weight, out=np.zeros(parties), where=weight > 0)
            bare = 1 - np.divide(after.sum(axis=1), weight, out=np.zeros(parties), where=weight > 0)
            gain[STATED, d, o] = np.where(ours, own, bare - typed)
            gain[STATUS_QUO, d, o] = change.sum(axis=1) / total + shift
            silent = (before - away)[:, ~spoken].sum(axis=1) / total
            gain[OPEN_LOW, d, o] = change.sum(axis=1) / total + silent + shift
            best = before[:, ~spoken].sum(axis=1) / total
            gain[OPEN_HIGH, d, o] = change.sum(axis=1) / total + best + shift
            if spoken.any():
                least = change.argmin(axis=1)
                for p in range(parties):
                    if change[p, least[p]] < 0:
                        worst[o, p, np.flatnonzero(spoken)[least[p]]] += 1
    return Gains(gain, worst)


def sums(gain: NDArray[np.float32], required: NDArray[np.int64], reading: int) -> DrawShares:
    """Return shares of the draws; the quantiles are of one reading."""
    yes = np.array([gain[low] >= -EVEN for low, _ in READINGS])
    no = np.array([gain[high] < -EVEN for _, high in READINGS])
    verdict = yes.astype(np.int8) - no
    low, high = READINGS[reading]
    return DrawShares(
        np.moveaxis(yes.mean(axis=1), 0, 2),
        np.moveaxis(no.mean(axis=1), 0, 2),
        yes[..., required].all(axis=3).mean(axis=1).T,
        no[..., required].any(axis=3).mean(axis=1).T,
        (verdict == verdict[0]).all(axis=0).mean(axis=0),
        _quantile(gain[low], 0.05),
        _quantile(gain[high], 0.95),
    )


def _quantile(gain: NDArray[np.float32], share: float) -> Floats:
    """Return a quantile over the draws: the lower of two neighbours."""
    values: Floats = np.sort(gain, axis=0)[int(share * (len(gain) - 1))].astype(np.float64)
    return values


def _between(low: Floats, high: Floats, share: Floats) -> Floats:
    values: Floats = low + share * (high - low)
    return values
