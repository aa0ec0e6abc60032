"""What each offer is worth to each party beyond fighting on, compiled; twin: `gains_plain`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.kernels import njit, prange
from detente.settlement.questions.acceptance.gains_plain import (
    EVEN,
    OPEN_HIGH,
    OPEN_LOW,
    READINGS,
    STATED,
    STATUS_QUO,
    Bounds,
    DrawShares,
    Gains,
    moody,
)
from detente.settlement.questions.acceptance.joint_kernel import suits_all


class StatedIssues(NamedTuple):
    """On which issues offers speak, and on which they are silent.

    ``stated[first[o] : first[o + 1]]`` are the issues on which offer o speaks, and the same of
    ``silent`` those on which it does not.
    """

    first: NDArray[np.int64]
    stated: NDArray[np.int64]
    first_silent: NDArray[np.int64]
    silent: NDArray[np.int64]


class GainArrays(NamedTuple):
    """What a kernel fills for every draw: see `Gains`.

    ``blamed`` (draws, offers, parties) is the stated issue that costs the party most, or -1.
    """

    gain: NDArray[np.float32]
    blamed: NDArray[np.int8]
    fits: NDArray[np.bool_]


class ShareArrays(NamedTuple):
    """What a kernel counts over all draws: see `DrawShares`.

    ``counts`` (offers, parties, 7) has acceptances by reading, refusals by reading, and draws in
    which the readings agree; ``joint`` (offers, 3) draws in which all required parties accept;
    ``ends`` (offers, parties, 2) the two quantiles.
    """

    counts: NDArray[np.int64]
    joint: NDArray[np.int64]
    ends: Floats


def gains(bounds: Bounds, chance: Floats, required: NDArray[np.int64]) -> Gains:
    """Return the gains of every draw, on one thread."""
    offers, issues = bounds.position_low.shape
    parties = bounds.ideal_low.shape[0]
    filled = GainArrays(
        np.empty((4, len(chance), offers, parties), np.float32),
        np.empty((len(chance), offers, parties), np.int8),
        np.ones((len(chance), offers), np.bool_),
    )
    _gains(bounds, chance, required, _stated(bounds), moody(bounds), filled)
    worst = np.zeros((offers, parties, issues), np.int64)
    for k in range(issues):
        worst[:, :, k] = (filled.blamed == k).sum(axis=0)
    return Gains(filled.gain, worst, filled.fits)


def _stated(bounds: Bounds) -> StatedIssues:
    stated = ~np.isnan(bounds.position_low)
    first = np.concatenate([[0], np.cumsum(stated.sum(axis=1))])
    first_silent = np.concatenate([[0], np.cumsum((~stated).sum(axis=1))])
    return StatedIssues(first, np.nonzero(stated)[1], first_silent, np.nonzero(~stated)[1])


def sums(answer: Gains, required: NDArray[np.int64], reading: int) -> DrawShares:
    """Return shares of the draws; the offers are shared out among threads."""
    gain = answer.gain
    _, draws, offers, parties = gain.shape
    counted = ShareArrays(
        np.zeros((offers, parties, 7), np.int64),
        np.zeros((offers, 3), np.int64),
        np.zeros((offers, parties, 2)),
    )
    _sums(gain, required, reading, counted)
    counts, joint, ends = counted
    could = joint / draws
    could[:, 0] = answer.fits.mean(axis=0)
    return DrawShares(
        counts[:, :, :3] / draws,
        counts[:, :, 3:6] / draws,
        joint / draws,
        could,
        counts[:, :, 6] / draws,
        ends[:, :, 0],
        ends[:, :, 1],
    )


@njit(cache=True, nogil=True, parallel=True)
def _sums(
    gain: NDArray[np.float32],
    required: NDArray[np.int64],
    reading: int,
    counted: ShareArrays,
) -> None:
    counts, joint, ends = counted
    _, draws, offers, parties = gain.shape
    low_place, high_place = int(0.05 * (draws - 1)), int(0.95 * (draws - 1))
    for o in prange(offers):
        yes = np.empty((3, parties), np.bool_)
        no = np.empty((3, parties), np.bool_)
        columns = np.empty((2, parties, draws), np.float32)
        for d in range(draws):
            for r in range(3):
                low, high = READINGS[r]
                for p in range(parties):
                    yes[r, p] = gain[low, d, o, p] >= -EVEN
                    no[r, p] = gain[high, d, o, p] < -EVEN
                    counts[o, p, r] += yes[r, p]
                    counts[o, p, 3 + r] += no[r, p]
                every = True
                for k in range(required.shape[0]):
                    every = every and yes[r, required[k]]
                joint[o, r] += every
            low, high = READINGS[reading]
            for p in range(parties):
                same = yes[0, p] == yes[1, p] == yes[2, p] and no[0, p] == no[1, p] == no[2, p]
                counts[o, p, 6] += same
                columns[0, p, d] = gain[low, d, o, p]
                columns[1, p, d] = gain[high, d, o, p]
        for p in range(parties):
            ends[o, p, 0] = np.partition(columns[0, p], low_place)[low_place]
            ends[o, p, 1] = np.partition(columns[1, p], high_place)[high_place]


@njit(cache=True, nogil=True)
def _gains(
    bounds: Bounds,
    chance: Floats,
    required: NDArray[np.int64],
    spoken_on: StatedIssues,
    in_mood: bool,
    filled: GainArrays,
) -> None:
    """Fill the gains of the draws to which the numbers of `chance` belong."""
    first, stated, first_silent, silent = spoken_on
    gain, blamed, fits = filled
    offers, issues = bounds.position_low.shape
    sides = required.shape[0]
    parties = bounds.ideal_low.shape[0]
    for d in range(chance.shape[0]):
        u = chance[d]
        position = u[: offers * issues].reshape(offers, issues)
        at = offers * issues
        wants = u[at : at + parties * issues].reshape(parties, issues)
        at += parties * issues
        minds = u[at : at + parties * issues].reshape(parties, issues)
        at += parties * issues
        x = np.empty(stated.shape[0])
        for o in range(offers):
            for j in range(first[o], first[o + 1]):
                k = stated[j]
                low = bounds.position_low[o, k]
                x[j] = low + position[o, k] * (bounds.position_high[o, k] - low)
        quo = np.empty(issues)
        for k in range(issues):
            low = bounds.status_quo_low[k]
            quo[k] = low + u[at + k] * (bounds.status_quo_high[k] - low)
        at += issues
        ideal = np.empty(issues)
        cares = np.empty(issues)
        before = np.empty(issues)
        away = np.empty(issues)
        spare = np.empty((offers, sides))
        wanted = np.empty((sides, issues))
        weigh = np.empty((sides, issues))
        for p in range(parties):
            side = -1
            for r in range(sides):
                if required[r] == p:
                    side = r
            total = start = farthest = 0.0
            for k in range(issues):
                low = bounds.ideal_low[p, k]
                ideal[k] = low + wants[p, k] * (bounds.ideal_high[p, k] - low)
                low = bounds.salience_low[p, k]
                cares[k] = low + minds[p, k] * (bounds.salience_high[p, k] - low)
                before[k] = cares[k] * abs(quo[k] - ideal[k])
                away[k] = cares[k] * max(ideal[k], 1 - ideal[k])
                total += cares[k]
                start += before[k]
                farthest += away[k]
            low = bounds.fighting_low[p]
            typed = low + u[at + p] * (bounds.fighting_high[p] - low)
            ours = np.isnan(typed)
            shift = 0.0 if ours else 1 - start / total - typed
            scale = 1 / total
            mood = 0.0
            if in_mood:
                low = bounds.mood_low[p]
                mood = low + u[at + parties + p] * (bounds.mood_high[p] - low)
                shift -= mood * (start * scale if ours else 1 - typed)
            if side >= 0:
                for k in range(issues):
                    wanted[side, k] = ideal[k]
                    weigh[side, k] = cares[k] * scale
            for o in range(offers):
                moved = least = weight = lost = spoken = reach = 0.0
                which = -1
                for j in range(first[o], first[o + 1]):
                    k = stated[j]
                    after = cares[k] * abs(x[j] - ideal[k])
                    change = before[k] - after
                    moved += change
                    weight += cares[k]
                    lost += after
                    spoken += before[k]
                    reach += away[k]
                    if change < least:
                        least, which = change, k
                own = moved / weight if weight > 0 else 0.0
                bare = 1 - lost / weight if weight > 0 else 1.0
                near = start - spoken  # what the silent issues cost today
                if in_mood:
                    spoilt = spoken / weight if weight > 0 else 0.0
                    own -= mood * spoilt
                    bare -= mood * (1 - typed)
                gain[STATED, d, o, p] = own if ours else bare - typed
                gain[STATUS_QUO, d, o, p] = moved * scale + shift
                gain[OPEN_LOW, d, o, p] = (moved + near - farthest + reach) * scale + shift
                gain[OPEN_HIGH, d, o, p] = (moved + near) * scale + shift
                blamed[d, o, p] = which
                if side >= 0:
                    spare[o, side] = (moved + near) * scale + shift
        for o in range(offers):
            left = silent[first_silent[o] : first_silent[o + 1]]
            fits[d, o] = suits_all(spare[o], weigh, wanted, left)
