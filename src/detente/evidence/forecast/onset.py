"""The model of dispute onset: a penalised logit and boosted trees on what was known before.

The log odds are the mean of those of the two: the logit carries what is smooth and steady, the
trees what holds only for some pairs. Politically relevant pairs and all others are fitted
apart, since distance keeps most of the world's pairs from ever meeting; recent years count more.
``registry/onset.json`` has the few numbers that are not estimated, and says how they were chosen.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats, Ints
from detente.evidence.forecast import boosting, logit
from detente.evidence.forecast.boosting import Boosted, Growth
from detente.evidence.forecast.logit import Logit, expit
from detente.evidence.panel.covariates import Design, described
from detente.evidence.panel.table_arrays import FIRST_YEAR

DESCRIPTION = "mean log odds of a ridge logit and boosted trees, relevant pairs and others apart"


@dataclass(frozen=True, slots=True)
class Settings:
    """What is chosen and not estimated.

    Attributes
    ----------
    ridge : float
        Penalty on the squared slopes of the standardised covariates.
    half_life, tree_half_life : float
        Years after which a training year counts half, for the logit and for the trees.
    tree_share : float
        Weight of the trees in the log odds; 0 for the logit alone.
    forests : int
        Boosted trees are fitted so often, each with covariates drawn anew, and averaged.
    growth : Growth
        How the trees grow.
    running_half_life : float
        Years after which the running calibration forgets half.
    running_prior : float
        Onsets for and against which the running calibration weighs what it sees.
    source : str
        How they were chosen.
    """

    ridge: float
    half_life: float
    tree_half_life: float
    tree_share: float
    forests: int
    growth: Growth
    running_half_life: float
    running_prior: float
    source: str

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as plain data."""
        return asdict(self)


@cache
def settings() -> Settings:
    """Return the settings of the package."""
    text = files("detente.evidence.datasets.registry").joinpath("onset.json").read_text("utf-8")
    raw = json.loads(text)
    return Settings(**{**raw, "growth": Growth(**raw["growth"])})


@dataclass(frozen=True, eq=False)
class Blend:
    """A logit and boosted trees for the same rows; `share` is the weight of the trees."""

    smooth: Logit
    forests: tuple[Boosted, ...]
    share: float

    def linear(self, values: NDArray[np.floating]) -> Floats:
        """Return the log odds of rows, array (rows,)."""
        smooth = self.smooth.linear(values)
        if not self.forests:
            return smooth
        rough: Floats = np.mean([forest.linear(values) for forest in self.forests], axis=0)
        return (1 - self.share) * smooth + self.share * rough


@dataclass(frozen=True, eq=False)
class OnsetModel:
    """The fitted model.

    Attributes
    ----------
    relevant, other : Blend or None
        The fit for politically relevant pairs, and that for all other pairs.
    chosen : Settings
        The settings used.
    """

    relevant: Blend
    other: Blend | None
    chosen: Settings

    def linear(self, known: Design) -> Floats:
        """Return the log odds of onset in each row, before any running calibration."""
        predictor = np.full(len(known), np.nan)
        for part, model in ((known.relevant, self.relevant), (~known.relevant, self.other)):
            if part.any() and model is not None:
                predictor[part] = model.linear(known.values[part])
        return predictor


def fit(train: Design, last: int, chosen: Settings | None = None) -> OnsetModel:
    """Fit the model on all rows of `train`; a year counts by its distance from `last`."""
    chosen = chosen or settings()
    age = last - train.year

    def part(rows: NDArray[np.bool_]) -> Blend:
        values, event = train.values[rows], train.onset[rows]
        smooth = logit.fit(
            values,
            event,
            train.names,
            clusters=train.dyad[rows],
            weight=0.5 ** (age[rows] / chosen.half_life),
            ridge=chosen.ridge,
        )
        weight = 0.5 ** (age[rows] / chosen.tree_half_life)
        many = range(chosen.forests if chosen.tree_share > 0 else 0)
        forests = (
            boosting.fit(values, event, chosen.growth, weight=weight, seed=seed) for seed in many
        )
        return Blend(smooth, tuple(forests), chosen.tree_share)

    # Small steps over and over: one thread is quicker than waiting for several.
    with threadpool_limits(1):
        other = part(~train.relevant) if not train.relevant.all() else None
        return OnsetModel(part(train.relevant), other, chosen)


def running_calibration(model: OnsetModel, linear: Floats, test: Design) -> Floats:
    """Shift the log odds of each year by what earlier test years have shown.

    In year t the shift is ``log((k + O) / (k + E))`` with O the onsets and E the expected onsets
    of the test years before t, both halved every `running_half_life` years, and k the prior. It
    is the same for all relevant pairs, and for all others. The first test year is not shifted,
    and no year knows its own disputes.

    Parameters
    ----------
    model : OnsetModel
        The fit, for its settings.
    linear : array (rows,)
        Log odds from `OnsetModel.linear`.
    test : Design
        The rows, in order of years.

    Returns
    -------
    array (rows,)
        Shifted log odds.
    """
    chosen, running = model.chosen, linear.copy()
    keep = 0.5 ** (1 / chosen.running_half_life)
    for stratum in (test.relevant, ~test.relevant):
        seen = expected = 0.0
        for year in np.unique(test.year):
            rows = stratum & (test.year == year)
            shift = np.log((chosen.running_prior + seen) / (chosen.running_prior + expected))
            running[rows] += shift
            seen = keep * seen + float(test.onset[rows].sum())
            expected = keep * expected + float(expit(linear[rows]).sum())
    return running


def plain_logit(train: Design, test: Design) -> tuple[Logit, Floats]:
    """Fit the standard logit of the field without penalty, and return it with its predictions.

    The covariates of Miller (2022, Conflict Management and Peace Science 39(6), the
    dyad-year example), lagged by a year: land border, ratio of capabilities, major powers,
    defense pact, the lower democracy score, the lower share of soldiers, and peace years with
    their square and cube. Wealth, which had no effect there, is left out.
    """
    names = tuple(item.name for item in described() if item.plain)

    def values(rows: Design) -> NDArray[np.floating]:
        peace = np.expm1(rows.columns(("ln_peace",)).astype(float)) / 10
        return np.hstack([rows.columns(names), peace, peace**2, peace**3])

    with threadpool_limits(1, user_api="blas"):
        fitted = logit.fit(
            values(train),
            train.onset,
            (*names, "peace", "peace^2", "peace^3"),
            clusters=train.dyad,
        )
    return fitted, fitted.probability(values(test))


def measure_logit(train: Design, test: Design, measure: Floats, codes: Ints) -> Floats:
    """Predict onset from one measure of states alone, and return the probabilities.

    The measure of the year before is ranked among the states of that year, 0 to 1, and a logit
    is fitted on the lower and the higher rank of the pair; a state without a value has rank one
    half.

    Parameters
    ----------
    train, test : Design
        Rows to fit on and to predict.
    measure : array (years, states)
        From 1816 on, NaN where there is none.
    codes : int array (states,)
        COW numbers of its columns, ascending.
    """
    present = ~np.isnan(measure)
    order = np.where(present, measure, np.inf).argsort(axis=1, kind="stable").argsort(axis=1)
    count = np.maximum(present.sum(axis=1, keepdims=True) - 1, 1)
    rank = np.where(present, order / count, 0.5)

    def values(rows: Design) -> Floats:
        year = rows.year - 1 - FIRST_YEAR
        first_rank = rank[year, np.searchsorted(codes, rows.ccode1)]
        two = rank[year, np.searchsorted(codes, rows.ccode2)]
        return np.column_stack([np.minimum(first_rank, two), np.maximum(first_rank, two)])

    with threadpool_limits(1, user_api="blas"):
        fitted = logit.fit(values(train), train.onset, ("lower", "higher"), ridge=1.0)
    return fitted.probability(values(test))
