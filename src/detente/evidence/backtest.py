"""The backtest: fit on the training years, predict the test years, and score against them.

Nothing looks ahead. The model is fitted on the training years alone; a test year is predicted
from what the years before it had shown, and its own disputes decide only which rows are left
out: those with a dispute under way from before and no new onset.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats
from detente.errors import DataError, Fault, MissingData, UsageError
from detente.evidence import arrays, covariates, inputs, onset, reading, store
from detente.evidence.covariates import Design
from detente.evidence.logit import expit
from detente.evidence.scores import MEASURES, Scores, score

ORIGINS = (1949, 1959, 1969, 1979)
MODEL, UNCALIBRATED = "onset model", "onset model, no running calibration"
PLAIN, LAST_YEAR, BASE_RATE = "plain logit", "same as last year", "base rate"


@dataclass(frozen=True, eq=False)
class Backtest:
    """A backtest's result.

    Attributes
    ----------
    test : Design
        The rows that were predicted.
    predictions : dict
        Predictor to probabilities, array (rows,).
    scores : dict
        Predictor to its scores.
    about : dict
        Years, rows, sources and settings.
    """

    test: Design
    predictions: dict[str, Floats]
    scores: dict[str, Scores]
    about: dict[str, Any]

    def frame(self) -> pl.DataFrame:
        """Return the model's predictions: year, ccode1, ccode2, probability."""
        return pl.DataFrame(
            {
                "year": self.test.year,
                "ccode1": self.test.ccode1,
                "ccode2": self.test.ccode2,
                "probability": self.predictions[MODEL],
            }
        ).sort("year", "ccode1", "ccode2")

    def table(self) -> pl.DataFrame:
        """Return the scores, one row a predictor and measure, with intervals."""
        return pl.DataFrame(
            [
                {
                    "predictor": name,
                    "measure": measure,
                    "value": found.values[measure],
                    "low": found.low[measure],
                    "high": found.high[measure],
                }
                for name, found in self.scores.items()
                for measure in MEASURES
            ]
        )

    def write(self, folder: Path) -> None:
        """Write predictions.csv, scores.csv, calibration.csv and scores.json."""
        folder.mkdir(parents=True, exist_ok=True)
        self.frame().write_csv(folder / "predictions.csv")
        self.table().write_csv(folder / "scores.csv")
        pl.DataFrame(
            [
                {"predictor": name, **row}
                for name, found in self.scores.items()
                for row in found.deciles
            ]
        ).write_csv(folder / "calibration.csv")
        report = {
            **self.about,
            "scores": {
                name: {
                    **{
                        measure: {
                            "value": found.values[measure],
                            "low": _number(found.low[measure]),
                            "high": _number(found.high[measure]),
                        }
                        for measure in MEASURES
                    },
                    "expected": found.expected,
                    "observed": found.onsets,
                }
                for name, found in self.scores.items()
            },
        }
        (folder / "scores.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def backtest(
    disputes: Path | None,
    train: tuple[int, int],
    test: tuple[int, int],
    *,
    relevant_only: bool = False,
    draws: int = 500,
    seed: int = 1,
    measures: Mapping[str, Floats] | None = None,
) -> Backtest:
    """Fit on the training years, predict the test years, and score the predictions.

    Parameters
    ----------
    disputes : Path or None
        Disputes by directed dyad-year in the format of the GML data; None for those in the data
        folder. If the file begins after the training years do, the data folder's disputes stand
        in for the years before it.
    train, test : (int, int)
        First and last year, both included. The first year that can be fitted on is 1817.
    relevant_only : bool
        Fit and score politically relevant pairs only.
    draws, seed : int
        Bootstrap draws for the intervals, by pair of states.
    measures : mapping, optional
        Name to a measure of states, array (years from 1816, states of the interstate system):
        each is scored as the only predictor.

    Returns
    -------
    Backtest
    """
    _check_years(train, test)
    found, sources = load_disputes(disputes, train, test)
    known = build_design(found, train[0], test[1], relevant_only=relevant_only)
    return run(known, train, test, draws=draws, seed=seed, sources=sources, measures=measures)


def rolling(
    disputes: Path | None,
    first: int = 1816,
    *,
    origins: Sequence[int] = ORIGINS,
    span: int = 10,
    relevant_only: bool = False,
    draws: int = 0,
    seed: int = 1,
    chosen: onset.Settings | None = None,
    measures: Mapping[str, Floats] | None = None,
) -> dict[int, Backtest]:
    """Backtest from several last training years, each on the `span` years that follow."""
    last = max(origins) + span
    found, sources = load_disputes(disputes, (first, max(origins)), (max(origins) + 1, last))
    known = build_design(found, first, last, relevant_only=relevant_only)
    return {
        origin: run(
            known,
            (first, origin),
            (origin + 1, origin + span),
            draws=draws,
            seed=seed,
            sources=sources,
            chosen=chosen,
            measures=measures,
        )
        for origin in origins
    }


def _check_years(train: tuple[int, int], test: tuple[int, int]) -> None:
    if not train[0] <= train[1] < test[0] <= test[1]:
        raise UsageError(
            f"the test years {test[0]}-{test[1]} must come after the training years "
            f"{train[0]}-{train[1]}: a model may not be fitted on what it is to predict"
        )


def load_disputes(
    path: Path | None, train: tuple[int, int], test: tuple[int, int]
) -> tuple[inputs.Dyads, list[str]]:
    """Return the disputes of the years from a file, the data folder, or both."""
    kept = store.find("disputes_directed", source="gml")
    if path is None:
        if kept is None:
            store.table("disputes_directed", source="gml")  # raises, and says where it is published
        assert kept is not None
        frame, sources = store.table("disputes_directed", source="gml"), [kept.file]
        first, last = kept.first_year or 0, kept.last_year or 0
    else:
        given = reading.read(path, whole=False)
        if given.layout.table not in ("disputes_directed", "disputes_dyadic"):
            raise DataError(
                [
                    Fault(
                        path.name,
                        None,
                        "",
                        f"is {given.layout.name}, not disputes by directed dyad-year",
                        "Columns ccode1, ccode2, year, gmlmidonset, gmlmidongoing are wanted.",
                    )
                ]
            )
        frame, sources = given.frame, [path.name]
        first, last = given.first_year or 0, given.last_year or 0
        if first > max(train[0], inputs.FIRST_YEAR) and kept is not None:
            older = store.table("disputes_directed", source="gml").filter(pl.col("year") < first)
            frame = pl.concat([older.select(frame.columns), frame], how="vertical_relaxed")
            sources.insert(0, f"{kept.file} before {first}")
            first = kept.first_year or first
    if last < test[1]:
        raise MissingData(
            f"the disputes end in {last}, the test years in {test[1]}: nothing is known to score"
        )
    return inputs.disputes_from(frame, (first, last)), sources


def build_design(
    disputes: inputs.Dyads, first: int, last: int, *, relevant_only: bool = False
) -> Design:
    """Build the covariates of all years from `first` to `last` from the data folder."""
    groups = [*covariates.GROUPS]
    if store.find("minimum_distance") is not None:
        groups.append(covariates.OPTIONAL)
    made = arrays.dense(inputs.FIRST_YEAR, last, groups, disputes=disputes)
    begin = max(first, inputs.FIRST_YEAR + 1)  # the first year has none before it
    with threadpool_limits(1, user_api="blas"):
        return covariates.design(made, begin, last, relevant_only=relevant_only)


def run(
    known: Design,
    train: tuple[int, int],
    test: tuple[int, int],
    *,
    draws: int,
    seed: int,
    sources: Sequence[str] = (),
    chosen: onset.Settings | None = None,
    measures: Mapping[str, Floats] | None = None,
) -> Backtest:
    """Fit on the training rows of a design, predict its test rows, and score."""
    past = known.where((known.year >= train[0]) & (known.year <= train[1]))
    future = known.where((known.year >= test[0]) & (known.year <= test[1]))
    model = onset.fit(past, train[1], chosen)
    linear = model.linear(future)
    plain, plain_predicted = onset.plain_logit(past, future)
    ongoing = past.columns(("ongoing",))[:, 0] > 0
    again = np.where(
        future.columns(("ongoing",))[:, 0] > 0,
        past.onset[ongoing].mean(),
        past.onset[~ongoing].mean(),
    )
    predictions = {
        MODEL: expit(onset.running_calibration(model, linear, future)),
        UNCALIBRATED: expit(linear),
        PLAIN: plain_predicted,
        LAST_YEAR: again,
        BASE_RATE: np.full(len(future), past.onset.mean()),
    }
    codes = inputs.members().codes if measures else np.empty(0, np.int64)
    for name, measure in (measures or {}).items():
        alone = onset.measure_logit(past, future, measure, codes)
        predictions[f"lens {name} alone"] = alone
    scores = {
        name: score(p, future.onset, future.dyad, draws=draws, seed=seed)
        for name, p in predictions.items()
    }
    about = {
        "train": list(train),
        "test": list(test),
        "unit": "dyad-year",
        "politically_relevant_only": bool(known.relevant.all()),
        "rows": {"train": len(past), "test": len(future)},
        "onsets": {"train": int(past.onset.sum()), "test": int(future.onset.sum())},
        "disputes": list(sources),
        "draws": draws,
        "seed": seed,
        "settings": {
            "ridge": model.chosen.ridge,
            "half_life": model.chosen.half_life,
            "running_half_life": model.chosen.running_half_life,
            "running_prior": model.chosen.running_prior,
        },
        "covariates": list(known.names),
        "plain_logit": dict(zip(("intercept", *plain.names), plain.raw()[0].tolist(), strict=True)),
    }
    return Backtest(test=future, predictions=predictions, scores=scores, about=about)
