"""The verdicts of an audit, on arrays: wanted, harm, witness, index, zero-sumness, readings.

The definitions are those of the documentation (explanation, "Indivisibility"). For a change
with deltas ``D`` (what it gives to each state), its initiators and a tolerance:

- *wanted*, by weak consent: no initiator loses more than the tolerance and at least one gains
  more than it; by strong consent: every initiator gains more than it;
- *harms* a state: its delta lies below minus the tolerance;
- a wanted change that harms someone is a *witness*: the architecture is divisible;
- *twins* are changes that come to the same under the lens; they count once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.lenses.protocol import Lens, Screen

Bools = NDArray[np.bool_]

READINGS = ("veto", "freedom", "balance")
"""The readings of the principle: who may bound whose choice of alliances."""

READING_MEANING = {
    "veto": "ruled out if it harms any state that does not decide it",
    "freedom": "only the consent of those who decide counts; harm is reported",
    "balance": "admitted if all gains exceed all losses, so that harm could be compensated",
}

# A delta of the size of rounding in the securities themselves is nobody's gain or loss.
ROUNDING = 1e-12


LEAST_WANTED = 30
"""Wanted changes below which there are counts and no index."""

LIKELY = 0.5
"""Share of draws from which a state is said to gain, or to lose, more often than not."""

CLOSE = 2.0
"""A verdict is close if what decides it lies within this factor of the tolerance."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """What a delta must exceed to count.

    Attributes
    ----------
    materiality : float
        Share of the interquartile range of security, for lenses that declare no tolerance.
    fixed : float or None
        A tolerance that the user has set, for lenses that declare one; it is not drawn then.
    """

    materiality: float
    fixed: float | None = None

    def point(self, lens: Lens, security: Floats) -> float:
        """Return the tolerance of the point estimate, in the lens's unit."""
        if lens.tolerance is None:
            return tolerance(security, self.materiality)
        return rounded(lens.tolerance.default if self.fixed is None else self.fixed, security)

    def draw(self, lens: Lens, security: Floats, u: float) -> float:
        """Return the tolerance of a draw, for a uniform number in [0, 1)."""
        if lens.tolerance is None or self.fixed is not None:
            return self.point(lens, security)
        return rounded(float(lens.tolerance.quantile(np.array(u))), security)


def tolerance(security: Floats, materiality: float) -> float:
    """Return how much a delta must exceed to count: a share of the spread of security.

    Parameters
    ----------
    security : array (n,)
        Each state's security before any change.
    materiality : float
        Share of the interquartile range.

    Returns
    -------
    float
        In the lens's unit; never less than the rounding error of the securities.
    """
    low, high = np.quantile(security, [0.25, 0.75])
    return rounded(materiality * (high - low), security)


def rounded(least: float, security: Floats) -> float:
    """Return a tolerance, or the rounding error of the securities where that is larger."""
    return float(max(least, ROUNDING * np.abs(security).max(initial=0.0)))


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What one set of parameter values says about every change.

    Attributes
    ----------
    defined, wanted, harmful, witness : bool arrays (m,)
        Whether the lens has an answer; whether the initiators want it, by weak consent; whether
        it harms anyone; whether both.
    strong, strong_witness : bool arrays (m,)
        Whether they want it by strong consent; whether it harms anyone besides.
    zero_sumness : array (m,)
        0 if all gain or all lose, 1 if what some gain others lose in full; NaN if undefined.
    admitted : bool array (3, m)
        Whether each of `READINGS` admits it; an unwanted change is not on the table.
    wanted_count, witness_count, strong_count, strong_witness_count : int
        The same as numbers of changes, twins counted once.
    index, index_weighted, index_strong : float
        Indivisibility index, plain, weighted by how much the initiators want the change, and by
        strong consent; NaN where fewer than `LEAST_WANTED` changes are wanted.
    share : float
        The index whatever the number of wanted changes; 1 where nothing is wanted.
    """

    defined: Bools
    wanted: Bools
    harmful: Bools
    witness: Bools
    strong: Bools
    strong_witness: Bools
    zero_sumness: Floats
    admitted: Bools
    wanted_count: int
    witness_count: int
    strong_count: int
    strong_witness_count: int
    index: float
    index_weighted: float
    index_strong: float
    share: float


def judge(screen: Screen, tol: float, twins: Ints | None = None) -> Verdicts:
    """Return the verdicts of one screen of changes at a tolerance.

    Parameters
    ----------
    screen : Screen
        Verdict quantities of every change.
    tol : float
        What a delta must exceed to count.
    twins : int array (m,), optional
        Changes with the same number come to the same; by default all differ.
    """
    defined = np.logical_not(np.isnan(screen.least))
    # Where nobody decides, the least is infinite: there is no consent.
    least = np.where(defined & (screen.least < np.inf), screen.least, -np.inf)
    most = np.where(defined, screen.most, -np.inf)
    wanted = defined & (least >= -tol) & (most > tol)
    strong = defined & (least > tol)
    harmful = defined & (screen.harmed > 0)
    witness, strong_witness = wanted & harmful, strong & harmful
    gain, loss = _known(screen.gain), _known(screen.loss)
    same = np.arange(len(wanted)) if twins is None else twins
    counts = [distinct(same, which) for which in (wanted, witness, strong, strong_witness)]
    wish = np.maximum(_known(screen.desire), 0.0)
    weighted = indivisibility(first_of(same, wanted), first_of(same, witness), wish)
    return Verdicts(
        defined=defined,
        wanted=wanted,
        harmful=harmful,
        witness=witness,
        strong=strong,
        strong_witness=strong_witness,
        zero_sumness=np.where(defined, zero_sumness(gain, loss), np.nan),
        admitted=np.stack([wanted & ~harmful, wanted, wanted & (gain > loss)]),
        wanted_count=counts[0],
        witness_count=counts[1],
        strong_count=counts[2],
        strong_witness_count=counts[3],
        index=index_of(counts[0], counts[1]),
        index_weighted=weighted if counts[0] >= LEAST_WANTED else float("nan"),
        index_strong=index_of(counts[2], counts[3]),
        share=1.0 - counts[1] / counts[0] if counts[0] else 1.0,
    )


def _known(figures: Floats) -> Floats:
    """Return figures with zeros for those that are not known."""
    return np.where(np.isnan(figures), 0.0, figures)


def distinct(same: Ints, which: Bools) -> int:
    """Return how many changes were chosen, twins counted once."""
    chosen = same[which]
    return len(chosen) if len(chosen) < 2 else len(np.unique(chosen))


def first_of(same: Ints, which: Bools) -> Bools:
    """Return the chosen changes without those that have a twin before them."""
    chosen = np.flatnonzero(which)
    if len(chosen) < 2:
        return which
    _, first = np.unique(same[chosen], return_index=True)
    alone = np.zeros(len(which), dtype=np.bool_)
    alone[chosen[first]] = True
    return alone


def index_of(wanted: int, witnesses: int) -> float:
    """Return 1 minus the share of witnesses; NaN where too few changes are wanted to say it."""
    return 1.0 - witnesses / wanted if wanted >= LEAST_WANTED else float("nan")


def close_calls(screen: Screen, deltas: Floats | None, tol: float) -> Bools:
    """Return for which changes consent or the worst harm lies within a factor of the tolerance."""
    sizes = [np.nan_to_num(screen.most), -np.nan_to_num(screen.least)]
    if deltas is not None and deltas.size:
        sizes.append(-np.nan_to_num(deltas).min(axis=1))
    within = [(size >= tol / CLOSE) & (size <= tol * CLOSE) for size in sizes]
    close: Bools = np.any(within, axis=0)
    return close


def side(delta: Floats, tol: float) -> Ints:
    """Return 1 where a delta is a gain beyond the tolerance, -1 where a loss, 0 elsewhere."""
    sides: Ints = (delta > tol).astype(np.int64) - (delta < -tol).astype(np.int64)
    return sides


def side_in_draws(won: Floats, lost: Floats) -> Ints:
    """Return 1 where at least half of the draws are gains, -1 where losses, 0 elsewhere."""
    sides: Ints = (won >= LIKELY).astype(np.int64) - (lost >= LIKELY).astype(np.int64)
    return sides


def opposed(delta: Floats, tol: float, won: Floats, lost: Floats) -> Bools:
    """Return where the point estimate and half of the draws or more have opposite signs."""
    apart: Bools = side(delta, tol) * side_in_draws(won, lost) < 0
    return apart


def zero_sumness(gain: Floats, loss: Floats) -> Floats:
    """Return ``2 min(G, L) / (G + L)``, 0 where nobody gains or loses anything."""
    total = gain + loss
    ratio: Floats = np.divide(
        2 * np.minimum(gain, loss), total, out=np.zeros_like(total), where=total > 0
    )
    return ratio


def indivisibility(wanted: Bools, witness: Bools, weight: Floats) -> float:
    """Return 1 minus the weight of the witnesses among the wanted; 1 where nothing is wanted."""
    total = float(weight[wanted].sum())
    return 1.0 - float(weight[witness].sum()) / total if total > 0 else 1.0
