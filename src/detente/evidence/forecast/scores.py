"""How good predictions of a rare event were, with intervals that respect pairs of states.

Rows of one pair depend on one another, so the bootstrap draws pairs, with all their years.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats, Ints
from detente.errors import UsageError
from detente.runs import Arrays, Job, Workforce, blocks, content_digest, pieces_of

MEASURES = ("auc", "average_precision", "brier", "log_score", "expected_over_observed")
TINY = 1e-12
BLOCK = 20
"""Bootstrap draws of one piece of work."""


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
    probability: Floats,
    event: Floats,
    cluster: Ints,
    *,
    draws: int = 500,
    seed: int = 1,
    work: Workforce | None = None,
    name: str = "scores",
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
    work : Workforce, optional
        Who does the draws; the scores do not depend on it.
    name : str
        What the draws are kept under, if `work` keeps any.

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
    group = np.unique(cluster, return_inverse=True)[1][order]
    tenth = (np.arange(len(p)) * 10 // len(p)).astype(np.int64)
    resample = Resampling(y, ends, columns, group, tenth, seed)
    with threadpool_limits(1, user_api="blas"):
        values = _measures(np.ones(len(p)), y, ends, columns)
    drawn, observed = np.empty((draws, len(MEASURES))), np.empty((draws, 10))
    settings = {
        "what": "bootstrap of scores",
        "seed": seed,
        "draws": draws,
        "input": content_digest([y, p, group]),
    }
    job = Job(settings, pieces_of(blocks(draws, BLOCK)), resample)
    for piece, arrays in (work or Workforce()).carry_out(job, name):
        first, last = piece.address
        drawn[first:last], observed[first:last] = arrays["measures"], arrays["observed"]
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


@dataclass(frozen=True, eq=False)
class Resampling:
    """Bootstrap draws of the scores of rows that are sorted by falling prediction.

    A call takes the address of a block, its first draw and the one behind its last, and returns
    the measures and the observed shares by decile of each.
    """

    event: Floats
    ends: NDArray[np.int64]
    columns: Floats
    group: Ints
    tenth: Ints
    seed: int

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the draws from the first of the address to before its last."""
        number = int(self.group.max()) + 1
        measures, observed = [], []
        # One thread: a product over more of them sums in another order.
        with threadpool_limits(1, user_api="blas"):
            for d in range(*address):
                rng = np.random.default_rng(np.random.SeedSequence([self.seed, d]))
                times = np.bincount(rng.integers(0, number, number), minlength=number)
                weight = times.astype(float)[self.group]
                scores = _measures(weight, self.event, self.ends, self.columns)
                measures.append(list(scores.values()))
                total = np.bincount(self.tenth, weights=weight, minlength=10)
                hits = np.bincount(self.tenth, weights=weight * self.event, minlength=10)
                observed.append(hits / np.maximum(total, 1))
        return {"measures": np.array(measures), "observed": np.array(observed)}


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
