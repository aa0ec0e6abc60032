"""How long a kind of settlement lasts: what records say, in ranges, and priors for its terms.

The records are weak. In none does a term's effect stand clear of nothing, and on interstate wars
since 1946 the sign of decisive against drawn endings is opposite to the usual statement. Selection
runs both ways: peacekeepers and guarantors go to the hard cases. So a curve here is a range of
past records and assumed effects, not an estimate.

References
----------
Records: data/durability_records.csv; survival by Kaplan-Meier from data that others published.
Effects: normal priors, data/durability_effects.csv, with directions after Fortna, V. P. (2003),
Scraps of Paper?, "International Organization" 57(2), 337-372, and others; their size is assumed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats
from detente.errors import UnknownName, UsageError
from detente.settlement.arguments import numbers, share

DATA = Path(__file__).parent / "data"

KINDS = {
    "ceasefire": "temporary ceasefire: the fighting stops, nothing is settled",
    "freeze": "freeze: the line stays where it is, some terms are settled",
    "final": "final settlement: the terms are settled",
}
"""Kinds of settlement, and how they are read into the records; the reading is ours."""


@dataclass(frozen=True, slots=True)
class Record:
    """Survival in one body of past endings.

    Attributes
    ----------
    name : str
        Its key.
    kinds : tuple of str
        Kinds of settlement that it is read for.
    spells : int
        How many endings.
    years, holding : tuple of float
        Share that still held after so many years.
    meaning : str
        What holding means.
    source : str
        Where it comes from.
    """

    name: str
    kinds: tuple[str, ...]
    spells: int
    years: tuple[float, ...]
    holding: tuple[float, ...]
    meaning: str
    source: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a term of a settlement does to the hazard of its end: a normal prior.

    Attributes
    ----------
    name : str
        Its key.
    mean, deviation : float
        Of the log hazard ratio, per unit of the covariate.
    meaning, source : str
        What the covariate is, and where the numbers come from.
    """

    name: str
    mean: float
    deviation: float
    meaning: str
    source: str


class Weibull(NamedTuple):
    """Survival S(t) = exp(-t^shape e^log_rate).

    Attributes
    ----------
    years, survival : array
        The curve.
    median : float
        Years after which half are over.
    mean : float
        Mean years within the last of `years`.
    """

    years: Floats
    survival: Floats
    median: float
    mean: float


@dataclass(frozen=True, eq=False)
class Durability:
    """Range of survival curves for a kind of settlement.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    covariates : dict
        What was assumed of its terms.
    years : array (m,)
        Years since it came into force.
    survival, low, high : array (m,)
        Median and 5 to 95 percent over the draws.
    records : tuple of Record
        What the draws rest on: each draw takes one of them.
    caution : str
        What the curve cannot say.
    """

    kind: str
    covariates: dict[str, float]
    years: Floats
    survival: Floats
    low: Floats
    high: Floats
    records: tuple[Record, ...]
    caution: str


CAUTION = (
    "A range of past records and assumed effects, no estimate: settlements with peacekeepers and "
    "guarantees are not like those without, in either direction."
)


def durability(
    kind: str,
    *,
    covariates: Mapping[str, float] | None = None,
    years: ArrayLike = (1, 2, 5, 10, 20),
    draws: int = 10_000,
    seed: int = 1,
) -> Durability:
    """Return the range of chances that a settlement still holds after so many years.

    Each draw takes one of the records that are read for the kind, with its sampling error, fits a
    Weibull curve through it, and adds the effects of the covariates from their priors.

    Parameters
    ----------
    kind : str
        ``"ceasefire"``, ``"freeze"`` or ``"final"``.
    covariates : mapping of str to float, optional
        Terms and circumstances, 0 to 1, by the names of `effects`; the records' own mix if not
        given.
    years : array_like (m,)
        Years since the settlement, at least 0.
    draws : int
        How many.
    seed : int
        Seed of the draws.

    Raises
    ------
    UnknownName
        If there is no such kind or covariate.
    """
    if kind not in KINDS:
        raise UnknownName("kind of settlement", kind, KINDS)
    priors = {effect.name: effect for effect in effects()}
    terms = dict(covariates or {})
    for name, value in terms.items():
        if name not in priors:
            raise UnknownName("covariate", name, priors)
        terms[name] = share(f"covariate {name}", value)
    time = np.atleast_1d(numbers("years", years, low=0))
    if isinstance(draws, bool) or not isinstance(draws, int) or draws < 1:
        raise UsageError("draws must be a whole number, at least 1")
    read = tuple(record for record in records() if kind in record.kinds)
    rng = np.random.default_rng(seed)
    which = rng.integers(len(read), size=draws)
    shapes, rates, errors = (np.array(v) for v in zip(*map(fit, read), strict=True))
    rate = rates[which] + errors[which] * rng.standard_normal(draws)
    for name in sorted(terms):
        effect = priors[name]
        rate += terms[name] * (effect.mean + effect.deviation * rng.standard_normal(draws))
    curves = np.exp(-(time[None, :] ** shapes[which][:, None]) * np.exp(rate)[:, None])
    low, middle, high = np.quantile(curves, (0.05, 0.5, 0.95), axis=0)
    return Durability(kind, terms, time, middle, low, high, read, CAUTION)


def weibull(shape: float, log_rate: float, years: ArrayLike) -> Weibull:
    """Return the survival curve exp(-t^shape e^log_rate), its median and its mean.

    Parameters
    ----------
    shape : float
        Above 0; below 1 the hazard falls with time, as in the records (0.31 for agreements).
    log_rate : float
        The linear predictor.
    years : array_like (m,)
        Years, at least 0; the mean is within the last of them.
    """
    if not shape > 0:
        raise UsageError("shape must be above 0")
    time = np.atleast_1d(numbers("years", years, low=0))
    rate = float(np.exp(log_rate))
    median = float((np.log(2) / rate) ** (1 / shape))
    return Weibull(
        time, np.exp(-(time**shape) * rate), median, _mean_within(shape, rate, float(time.max()))
    )


def fit(record: Record) -> tuple[float, float, float]:
    """Return shape and log rate of a Weibull through a record, and the error of the log rate.

    Least squares of log(-log S) on log t; the error is that of a share among so many spells, at
    the first of its years.
    """
    holding, time = np.array(record.holding), np.array(record.years)
    shape, log_rate = np.polyfit(np.log(time), np.log(-np.log(holding)), 1)
    first = holding[0]
    error = np.sqrt((1 - first) / (first * record.spells)) / -np.log(first)
    return float(shape), float(log_rate), float(error)


@cache
def records() -> tuple[Record, ...]:
    """Return the bodies of past endings."""
    return tuple(
        Record(
            row["record"], tuple(row["kinds"].split(";")), int(row["spells"]),
            _floats(row["years"]), _floats(row["holding"]), row["meaning"], row["source"],
        )
        for row in _rows("durability_records.csv")
    )  # fmt: skip


@cache
def effects() -> tuple[Effect, ...]:
    """Return the priors on the effects of terms and circumstances."""
    return tuple(
        Effect(
            row["covariate"], float(row["mean"]), float(row["deviation"]), row["meaning"],
            row["source"],
        )
        for row in _rows("durability_effects.csv")
    )  # fmt: skip


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _floats(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(";"))


def _mean_within(shape: float, rate: float, horizon: float) -> float:
    """Integrate the curve from 0 to the horizon, through the incomplete gamma function."""
    from scipy.special import gamma, gammainc

    power = 1 / shape
    return float(gamma(power) * gammainc(power, rate * horizon**shape) / (shape * rate**power))
