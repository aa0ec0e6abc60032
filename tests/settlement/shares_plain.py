"""Shares of the draws in plain arrays: the twin of the compiled sums of a settlement."""

from __future__ import annotations

import numpy as np

from detente.settlement.questions.acceptance.gains_plain import EVEN, READINGS, DrawShares


def sums(answer, required, reading):
    """Return shares of the draws; the quantiles are of one reading."""
    gain = answer.gain
    yes = np.array([gain[low] >= -EVEN for low, _ in READINGS])
    no = np.array([gain[high] < -EVEN for _, high in READINGS])
    verdict = yes.astype(np.int8) - no
    low, high = READINGS[reading]
    could = yes[..., required].all(axis=3).mean(axis=1).T
    could[:, 0] = answer.fits.mean(axis=0)
    return DrawShares(
        np.moveaxis(yes.mean(axis=1), 0, 2),
        np.moveaxis(no.mean(axis=1), 0, 2),
        yes[..., required].all(axis=3).mean(axis=1).T,
        could,
        (verdict == verdict[0]).all(axis=0).mean(axis=0),
        _quantile(gain[low], 0.05),
        _quantile(gain[high], 0.95),
    )


def _quantile(gain, share):
    """Return a quantile over the draws: the lower of two neighbours."""
    return np.sort(gain, axis=0)[int(share * (len(gain) - 1))].astype(np.float64)
