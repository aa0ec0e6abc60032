"""Boosted trees for a rare event: many small steps of the log odds, each by one shallow tree.

Gradient boosting (Friedman 2001, Annals of Statistics 29(5), 1189-1232) with the second-order
steps of Chen and Guestrin (2016, KDD '16, equations 5 to 7), and trees in which all nodes of a
level ask the same question (Prokhorenkova and others 2018, NeurIPS 31, section 4). The choice
of covariates by tree is the only chance in it, and follows from the seed and the tree's number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.errors import UsageError

MOST_BINS = 64


@dataclass(frozen=True, slots=True)
class Growth:
    """How the trees grow: numbers that are chosen, not estimated.

    Attributes
    ----------
    trees, levels : int
        Number of trees, and of questions in each.
    rate : float
        Share of its own best step that a tree takes.
    share : float
        Share of the covariates that a tree may ask about.
    shrinkage, least : float
        See `detente.evidence.boosting_kernel.grow`.
    """

    trees: int
    levels: int
    rate: float
    share: float
    shrinkage: float
    least: float


@dataclass(frozen=True, eq=False)
class Boosted:
    """Fitted trees.

    Attributes
    ----------
    edges : tuple of arrays
        For each covariate the values between its bins, ascending.
    start : float
        Log odds of the event before any tree.
    column, cut : int array (trees, levels)
        The question of each level.
    leaf : array (trees, 2 ** levels)
        Steps of the log odds.
    rate : float
        Share of each step that is taken.
    """

    edges: tuple[Floats, ...]
    start: float
    column: Ints
    cut: Ints
    leaf: Floats
    rate: float

    def linear(self, values: NDArray[np.floating]) -> Floats:
        """Return the log odds of rows, array (rows,)."""
        from detente.evidence.boosting_kernel import drop

        bins, out = _binned(values, self.edges), np.full(len(values), self.start)
        for tree in range(len(self.leaf)):
            drop(bins, self.column[tree], self.cut[tree], self.leaf[tree], self.rate, out)
        return out


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
        The covariates of tree t depend on the seed and t alone.

    Raises
    ------
    UsageError
        If there are no events, or only events.
    """
    from detente.evidence.boosting_kernel import drop, grow
    from detente.evidence.logit import expit

    rows, k = values.shape
    if not 0 < event.sum() < rows:
        raise UsageError(f"cannot fit: {int(event.sum())} events in {rows} rows")
    w = np.ones(rows) if weight is None else weight
    edges = tuple(_edges(values[:, c]) for c in range(k))
    bins = _binned(values, edges)
    share = float(w @ event / w.sum())
    start = float(np.log(share / (1 - share)))
    column = np.full((growth.trees, growth.levels), -1, np.int64)
    cut = np.zeros_like(column)
    leaf = np.zeros((growth.trees, 2**growth.levels))
    odds = np.full(rows, start)
    some = max(round(growth.share * k), 1)
    for tree in range(growth.trees):
        p = expit(odds)
        rng = np.random.default_rng(np.random.SeedSequence([seed, tree]))
        columns = np.sort(rng.choice(k, some, replace=False)).astype(np.int64)
        grow(
            bins, columns, w * (event - p), w * p * (1 - p), growth.shrinkage, growth.least,
            column[tree], cut[tree], leaf[tree],
        )  # fmt: skip
        drop(bins, column[tree], cut[tree], leaf[tree], growth.rate, odds)
    return Boosted(edges, start, column, cut, leaf, growth.rate)


def _edges(values: NDArray[np.floating]) -> Floats:
    """Return the values between at most `MOST_BINS` bins: between all values, or at quantiles."""
    seen = np.unique(values).astype(float)
    if len(seen) > MOST_BINS:
        return np.unique(np.quantile(values.astype(float), np.arange(1, MOST_BINS) / MOST_BINS))
    middle: Floats = (seen[1:] + seen[:-1]) / 2
    return middle


def _binned(values: NDArray[np.floating], edges: tuple[Floats, ...]) -> NDArray[np.uint8]:
    out = np.empty(values.shape, np.uint8)
    for k, edge in enumerate(edges):
        out[:, k] = np.searchsorted(edge, values[:, k], side="left")
    return out
