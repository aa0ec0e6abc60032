"""Gains over fighting on under a stretch of the draws: pieces of long work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.runs import Arrays, Workforce, input_digest
from detente.settlement.questions.acceptance.gains_plain import BLOCK, Bounds, Gains, uniforms


@dataclass(frozen=True, eq=False)
class DrawnGains:
    """What every offer is worth to every party under a stretch of the draws.

    Attributes
    ----------
    bounds : Bounds
        Ranges from which figures are drawn.
    required : int array
        Positions of the parties whose consent is required.
    words : list of int
        Address of all chance.
    """

    bounds: Bounds
    required: NDArray[np.int64]
    words: list[int]

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the gains in the draws first to last - 1; the first begins a block."""
        from detente.settlement.questions.acceptance.gains_kernel import gains

        first, last = address
        chance = uniforms(self.bounds, last - first, self.words, first)
        return gains(self.bounds, chance, self.required)._asdict()


def drawn_gains(
    bounds: Bounds,
    required: NDArray[np.int64],
    draws: int,
    words: list[int],
    work: Workforce,
) -> Gains:
    """Return the gains of every draw, its blocks computed by `work`."""
    offers, issues = bounds.position_low.shape
    parties = bounds.ideal_low.shape[0]
    gain = np.empty((4, draws, offers, parties), np.float32)
    worst = np.zeros((offers, parties, issues), np.int64)
    fits = np.empty((draws, offers), np.bool_)
    compute = DrawnGains(bounds, required, words)
    settings = {"what": "gains", "input": input_digest(bounds, required, words)}
    for rows, arrays in work.over_draws(compute, draws, BLOCK, name="settle", settings=settings):
        gain[:, rows], fits[rows] = arrays["gain"], arrays["fits"]
        worst += arrays["worst"]
    return Gains(gain, worst, fits)
