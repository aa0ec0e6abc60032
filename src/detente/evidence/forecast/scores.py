"""How good predictions of a rare event were, with intervals that respect pairs of states.

Rows of one pair depend on one another, so the bootstrap draws pairs, with all their years.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.errors import UsageError

MEASURES = ("auc", "average_precision", "brier", "log_score", "expected_over_observed")
TINY = 1e-12


@dataclass(frozen=True, eq=False)
class Scores:
    """Scores of one set of predictions.

    Attributes
    ----------
    values : dict
        Measure to value: ``auc`` area under the ROC curve; ``average_precision`` sum of
        precision over the steps of recall; ``brier`` mean squared error; ``log_score`` mean
        negative log likelihood; ``expected_over_observed`` calibration in the large.
    low, high : dict
        Ends of the 95 % bootstrap intervals by pair of states.
    rows, onsets : int
        What was scored.
    expected : float
        Sum of the predictions.
    deciles : list of dict
        Calibration by decile of the prediction.
    """

    values: dict[str, float]
    low: dict[str, float]
    high: dict[str, float]
    rows: int
    onsets: int
    expected: float
    deciles: list[dict[str, float]]


def score(
    probability: Floats, event: Floats, cluster: Ints, *, draws: int = 500, seed: int = 1
) -> Scores:
    """Score predictions, and bootstrap the scores by cluster.

    Parameters
    ----------
    probability : array (rows,)
        Predicted probability of the event.
    event : array (rows,)
        1 where it happened.
    cluster : int array (rows,)
        Number of the pair of states; drawn whole, with replacement.
    draws : int
        Bootstrap draws; 0 for none.
    seed : int
        Draw d depends on the seed and d alone.

    Raises
    ------
    UsageError
        If the event never or always happened: nothing can be told apart.
    """
    if not 0 < event.sum() < len(event):
        raise UsageError(f"{int(event.sum())} onsets in {len(event):,} rows cannot be scored")
    order = np.argsort(-probability, kind="stable")
    p, y = probability[order], event[order]
    ends = np.append(np.flatnonzero(np.diff(p)), len(p) - 1)  # last row of equal predictions
    clipped = np.clip(p, TINY, 1 - TINY)
    columns = np.column_stack(
        [
            (p - y) ** 2,
            -(y * np.log(clipped) + (1 - y) * np.log1p(-clipped)),
            p,
            y,
        ]
    )
    values = _measures(np.ones(len(p)), y, ends, columns)
    group = np.unique(cluster, return_inverse=True)[1][order]
    number = int(group.max()) + 1
    drawn = np.empty((draws, len(MEASURES)))
    tenth = (np.arange(len(p)) * 10 // len(p)).astype(np.int64)
    observed = np.empty((draws, 10))
    for d in range(draws):
        rng = np.random.default_rng(np.random.SeedSequence([seed, d]))
        times = np.bincount(rng.integers(0, number, number), minlength=number).astype(float)
        weight = times[group]
        drawn[d] = list(_measures(weight, y, ends, columns).values())
        total = np.bincount(tenth, weights=weight, minlength=10)
        observed[d] = np.bincount(tenth, weights=weight * y, minlength=10) / np.maximum(total, 1)
    low, high = (dict.fromkeys(MEASURES, float("nan")) for _ in range(2))
    edges = np.full((2, 10), np.nan)
    if draws:
        bounds = np.nanpercentile(drawn, [2.5, 97.5], axis=0)
        low, high = (dict(zip(MEASURES, map(float, side), strict=True)) for side in bounds)
        edges = np.percentile(observed, [2.5, 97.5], axis=0)
    return Scores(
        values=values,
        low=low,
        high=high,
        rows=len(p),
        onsets=int(event.sum()),
        expected=float(p.sum()),
        deciles=[_decile(tenth == k, k, p, y, edges) for k in range(10)],
    )


def _measures(
    weight: Floats, y: Floats, ends: NDArray[np.int64], columns: Floats
) -> dict[str, float]:
    """Return the measures of rows sorted by falling prediction, each with a weight."""
    hits = np.cumsum(weight * y)[ends]
    misses = np.cumsum(weight)[ends] - hits
    positives, negatives = hits[-1], misses[-1]
    if positives == 0 or negatives == 0:
        return dict.fromkeys(MEASURES, float("nan"))
    step = np.diff(misses, prepend=0.0)
    before = np.concatenate([[0.0], hits[:-1]])
    area = float(step @ (before + hits)) / (2 * positives * negatives)
    shown = np.maximum(hits + misses, TINY)
    precision = float(np.diff(hits, prepend=0.0) @ (hits / shown)) / positives
    brier, log_score, expected, observed = (weight @ columns).tolist()
    total = positives + negatives
    return {
        "auc": area,
        "average_precision": precision,
        "brier": brier / total,
        "log_score": log_score / total,
        "expected_over_observed": expected / observed,
    }


def _decile(
    rows: NDArray[np.bool_], k: int, p: Floats, y: Floats, edges: Floats
) -> dict[str, float]:
    count = max(int(rows.sum()), 1)
    return {
        "decile": k + 1,
        "rows": int(rows.sum()),
        "mean_prediction": float(p[rows].sum() / count),
        "share_observed": float(y[rows].sum() / count),
        "share_low": float(edges[0, k]),
        "share_high": float(edges[1, k]),
        "expected": float(p[rows].sum()),
        "observed": float(y[rows].sum()),
    }
