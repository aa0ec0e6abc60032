"""What each offer is worth to each party beyond fighting on, in plain arrays: the kernel's twin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.settlement.questions.acceptance.joint_plain import suits_all

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
    mood : two arrays (parties,)
        Least and most share of the way from fighting on to all it wants by which a party asks
        for more than fighting on; 0 where no mood counts.
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
    mood_low: Floats
    mood_high: Floats


class Gains(NamedTuple):
    """What the draws give.

    Attributes
    ----------
    gain : array (4, draws, offers, parties)
        Gain over fighting on, by the reading of silence.
    worst : array (offers, parties, issues)
        In how many draws the issue is the stated one that costs the party most, if any does.
    fits : bool array (draws, offers)
        Whether the silent issues can be filled so that every required party accepts.
    """

    gain: NDArray[np.float32]
    worst: NDArray[np.int64]
    fits: NDArray[np.bool_]


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
    all_accept : array (offers, readings)
        Share in which no required party loses, whatever is filled in.
    all_could : array (offers, readings)
        Share in which one and the same filling leaves no required party with a loss.
    survives : array (offers, parties)
        Share in which the readings give one verdict.
    low, high : array (offers, parties)
        5 percent of the draws at the lower end, and 95 percent at the upper end, gain less.
    """

    accepts: Floats
    refuses: Floats
    all_accept: Floats
    all_could: Floats
    survives: Floats
    low: Floats
    high: Floats


def uniforms(bounds: Bounds, draws: int, words: list[int], first: int = 0) -> Floats:
    """Return the uniform numbers of draws, (draws, figures), by the address of each block.

    The draws begin with `first`, which begins a block.
    """
    offers, issues = bounds.position_low.shape
    parties = bounds.ideal_low.shape[0]
    figures = offers * issues + 2 * parties * issues + issues + parties
    blocks = []
    for start in range(first, first + draws, BLOCK):
        address = [*words, start // BLOCK]
        rng = np.random.default_rng(address)
        drawn = rng.random((min(BLOCK, first + draws - start), figures))
        if moody(bounds):  # numbers of their own: all others are those of the call without it
            mood = np.random.default_rng([*address, 1]).random((len(drawn), parties))
            drawn = np.concatenate([drawn, mood], axis=1)
        blocks.append(drawn)
    return np.concatenate(blocks)


class Figures(NamedTuple):
    """What one draw makes of the ranges.

    Attributes
    ----------
    position : array (offers, issues)
        NaN where an offer is silent.
    ideal, salience : arrays (parties, issues)
        Salience in the unit of the table.
    status_quo : array (issues,)
        Where things stand.
    fighting : array (parties,)
        NaN where it is worth the status quo.
    mood : array (parties,)
        Share of the way to all it wants.
    """

    position: Floats
    ideal: Floats
    salience: Floats
    status_quo: Floats
    fighting: Floats
    mood: Floats


def figures_of(bounds: Bounds, u: Floats) -> Figures:
    """Return the figures of one draw from its uniform numbers."""
    offers, issues = bounds.position_low.shape
    parties = bounds.ideal_low.shape[0]
    a, b = offers * issues, offers * issues + parties * issues
    c, f = b + parties * issues, b + parties * issues + issues
    mood = np.zeros(parties)
    if moody(bounds):
        mood = _between(bounds.mood_low, bounds.mood_high, u[f + parties :])
    return Figures(
        _between(bounds.position_low, bounds.position_high, u[:a].reshape(offers, issues)),
        _between(bounds.ideal_low, bounds.ideal_high, u[a:b].reshape(parties, issues)),
        _between(bounds.salience_low, bounds.salience_high, u[b:c].reshape(parties, issues)),
        _between(bounds.status_quo_low, bounds.status_quo_high, u[c:f]),
        _between(bounds.fighting_low, bounds.fighting_high, u[f : f + parties]),
        mood,
    )


def moody(bounds: Bounds) -> bool:
    """Say whether mood asks any party for more than fighting on."""
    return bool((bounds.mood_high > 0).any())


def gains(bounds: Bounds, chance: Floats, required: NDArray[np.int64]) -> Gains:
    """Return the gains of every draw, and whether the required parties can be suited together."""
    offers, issues = bounds.position_low.shape
    parties = bounds.ideal_low.shape[0]
    draws = len(chance)
    stated = ~np.isnan(bounds.position_low)
    gain = np.zeros((4, draws, offers, parties), np.float32)
    worst = np.zeros((offers, parties, issues), np.int64)
    fits = np.ones((draws, offers), np.bool_)
    for d in range(draws):
        x, ideal, cares, quo, typed, mood = figures_of(bounds, chance[d])
        total = cares.sum(axis=1)
        before = cares * np.abs(quo - ideal)
        away = cares * np.maximum(ideal, 1 - ideal)
        # Where fighting is typed, its worth stands against the offer; else the status quo does.
        shift = np.where(np.isnan(typed), 0.0, 1 - before.sum(axis=1) / total - typed)
        short = np.where(np.isnan(typed), before.sum(axis=1) / total, 1 - typed)
        shift = shift - mood * short
        for o in range(offers):
            spoken = stated[o]
            after = cares[:, spoken] * np.abs(x[o, spoken] - ideal[:, spoken])
            change = before[:, spoken] - after
            weight = cares[:, spoken].sum(axis=1)
            ours = np.isnan(typed)
            own = np.divide(change.sum(axis=1), weight, out=np.zeros(parties), where=weight > 0)
            bare = 1 - np.divide(after.sum(axis=1), weight, out=np.zeros(parties), where=weight > 0)
            costs = before[:, spoken].sum(axis=1)
            costs = np.divide(costs, weight, out=np.zeros(parties), where=weight > 0)
            own = np.where(ours, own - mood * costs, bare - typed - mood * (1 - typed))
            gain[STATED, d, o] = own
            gain[STATUS_QUO, d, o] = change.sum(axis=1) / total + shift
            silent = (before - away)[:, ~spoken].sum(axis=1) / total
            gain[OPEN_LOW, d, o] = change.sum(axis=1) / total + silent + shift
            best = before[:, ~spoken].sum(axis=1) / total
            high = change.sum(axis=1) / total + best + shift
            gain[OPEN_HIGH, d, o] = high
            weigh = (cares / total[:, None])[required][:, ~spoken]
            fits[d, o] = suits_all(high[required], weigh, ideal[required][:, ~spoken])
            if spoken.any():
                least = change.argmin(axis=1)
                for p in range(parties):
                    if change[p, least[p]] < 0:
                        worst[o, p, np.flatnonzero(spoken)[least[p]]] += 1
    return Gains(gain, worst, fits)


def _between(low: Floats, high: Floats, share: Floats) -> Floats:
    values: Floats = low + share * (high - low)
    return values
