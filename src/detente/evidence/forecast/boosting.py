"""Boosted trees for a rare event: scikit-learn's, with the settings that the onset model uses.

Gradient boosting (Friedman 2001, Annals of Statistics 29(5), 1189-1232) on binned covariates.
Where rows without an event are very many a part of them is drawn, and weighted for the rest: they
say the same over and over, and cost time (King and Zeng 2001, Political Analysis 9(2)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.errors import UsageError


@dataclass(frozen=True, slots=True)
class Growth:
    """How the trees grow: numbers that are chosen, not estimated.

    Attributes
    ----------
    trees, leaves : int
        Number of trees, and of leaves in each at most.
    rate : float
        Share of its own best step that a tree takes.
    share : float
        Share of the covariates that a question may be about.
    shrinkage : float
        Penalty on the squared steps.
    least : int
        Rows in a leaf at least.
    most : int
        Rows without an event at most; of more, so many are drawn.
    """

    trees: int
    leaves: int
    rate: float
    share: float
    shrinkage: float
    least: int
    most: int


@dataclass(frozen=True, eq=False)
class Boosted:
    """Fitted trees."""

    model: Any

    def linear(self, values: NDArray[np.floating]) -> Floats:
        """Return the log odds of rows, array (rows,)."""
        scores: Floats = self.model.decision_function(values)
        return scores


def fit(
    values: NDArray[np.floating],
    event: Floats,
    growth: Growth,
    *,
    weight: Floats | None = None,
    seed: int = 0,
) -> Boosted:
    """Fit boosted trees to a yes-or-no event.

    Parameters
    ----------
    values : array (rows, k)
        Covariates, none missing.
    event : array (rows,)
        1 where the event happened, else 0.
    growth : Growth
        How the trees grow.
    weight : array (rows,), optional
        Weight of each row in the likelihood.
    seed : int
        Which rows and covariates are drawn depends on it alone.

    Raises
    ------
    UsageError
        If there are no events, or only events.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    rows = len(values)
    if not 0 < event.sum() < rows:
        raise UsageError(f"cannot fit: {int(event.sum())} events in {rows} rows")
    w = np.ones(rows) if weight is None else weight
    quiet = np.flatnonzero(event == 0)
    if len(quiet) > growth.most:
        rng = np.random.default_rng(np.random.SeedSequence([seed]))
        some = rng.choice(quiet, growth.most, replace=False)
        w = w.copy()
        w[quiet] *= len(quiet) / growth.most
        kept = np.sort(np.concatenate([np.flatnonzero(event > 0), some]))
        values, event, w = values[kept], event[kept], w[kept]
    model = HistGradientBoostingClassifier(
        learning_rate=growth.rate,
        max_iter=growth.trees,
        max_leaf_nodes=growth.leaves,
        min_samples_leaf=growth.least,
        l2_regularization=growth.shrinkage,
        max_features=growth.share,
        max_bins=63,
        early_stopping=False,
        random_state=seed,
    )
    return Boosted(model.fit(values, event, sample_weight=w))
