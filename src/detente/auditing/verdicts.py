"""The verdicts of an audit, on arrays: wanted, harm, witness, index, zero-sumness, readings.

The definitions are those of the documentation (explanation, "Indivisibility"). For a change
with deltas ``D`` (what it gives to each state), its initiators and a tolerance:

- *wanted*: the smallest delta of an initiator exceeds the tolerance;
- *harms* a state: its delta lies below minus the tolerance;
- a wanted change that harms someone is a *witness*: the architecture is divisible.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.lenses.protocol import Screen

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
    return float(max(materiality * (high - low), ROUNDING * np.abs(security).max(initial=0.0)))


@dataclass(frozen=True, eq=False)
class Verdicts:
    """What one set of parameter values says about every change.

    Attributes
    ----------
    defined, wanted, harmful, witness : bool arrays (m,)
        Whether the lens has an answer; whether the initiators want it; whether it harms anyone;
        whether both.
    zero_sumness : array (m,)
        0 if all gain or all lose, 1 if what some gain others lose in full; NaN if undefined.
    admitted : bool array (3, m)
        Whether each of `READINGS` admits it; an unwanted change is not on the table.
    index, index_weighted : float
        Indivisibility index, plain and weighted by how much the initiators want the change.
    """

    defined: Bools
    wanted: Bools
    harmful: Bools
    witness: Bools
    zero_sumness: Floats
    admitted: Bools
    index: float
    index_weighted: float


def judge(screen: Screen, tol: float) -> Verdicts:
    """Return the verdicts of one screen of changes at a tolerance."""
    defined = np.logical_not(np.isnan(screen.least))
    wanted = defined & (np.nan_to_num(screen.least, nan=-np.inf) > tol) & np.isfinite(screen.least)
    harmful = defined & (screen.harmed > 0)
    witness = wanted & harmful
    gain, loss = np.nan_to_num(screen.gain), np.nan_to_num(screen.loss)
    return Verdicts(
        defined=defined,
        wanted=wanted,
        harmful=harmful,
        witness=witness,
        zero_sumness=np.where(defined, zero_sumness(gain, loss), np.nan),
        admitted=np.stack([wanted & ~harmful, wanted, wanted & (gain > loss)]),
        index=indivisibility(wanted, witness, np.ones(len(wanted))),
        index_weighted=indivisibility(wanted, witness, np.nan_to_num(screen.desire)),
    )


def zero_sumness(gain: Floats, loss: Floats) -> Floats:
    """Return ``2 min(G, L) / (G + L)``, 0 where nobody gains or loses anything."""
    total = gain + loss
    out: Floats = np.divide(
        2 * np.minimum(gain, loss), total, out=np.zeros_like(total), where=total > 0
    )
    return out


def indivisibility(wanted: Bools, witness: Bools, weight: Floats) -> float:
    """Return 1 minus the weight of the witnesses among the wanted; 1 where nothing is wanted."""
    total = float(weight[wanted].sum())
    return 1.0 - float(weight[witness].sum()) / total if total > 0 else 1.0
