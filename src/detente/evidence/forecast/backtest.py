"""The backtest: fit on the training years, predict the test years, and score against them.

Nothing looks ahead. The model is fitted on the training years alone; a test year is predicted
from what the years before it had shown, and its own disputes decide only which rows are left
out: those with a dispute under way from before and no new onset.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from detente.architecture.system import Floats
from detente.errors import ResultError, UsageError
from detente.evidence.datasets import dispute_files, store
from detente.evidence.forecast import onset
from detente.evidence.forecast.hazard import ORIGINS, SPAN
from detente.evidence.forecast.logit import expit
from detente.evidence.forecast.scores import MEASURES, Scores, score
from detente.evidence.panel import arrays, covariates, table_arrays
from detente.evidence.panel.covariates import Design
from detente.evidence.panel.own_covariates import covariates_of
from detente.evidence.panel.own_tables import Given, read_own
from detente.files import json_text, write_whole
from detente.runs import Workforce

Measure = Callable[[table_arrays.Dyads, int], Mapping[str, Floats]]
MODEL, UNCALIBRATED = "onset model", "onset model, no running calibration"
COLUMNS = {
    "year": "calendar year that is predicted",
    "ccode1": "COW number of one state, the smaller",
    "ccode2": "COW number of the other",
    "probability": "of a dispute of the two beginning in the year; the fit is that of the training "
    "years, its level follows the disputes of earlier test years, and so do the covariates",
    "probability_frozen": "the same without following the level",
    "relevant": "1 if the two are contiguous by land or up to 400 miles of water, or one is a "
    "major power, in the year itself",
}
"""What predictions.csv holds."""
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
        """Return the model's predictions, with the columns of `COLUMNS`."""
        return pl.DataFrame(
            {
                "year": self.test.year,
                "ccode1": self.test.ccode1,
                "ccode2": self.test.ccode2,
                "probability": self.predictions[MODEL],
                "probability_frozen": self.predictions[UNCALIBRATED],
                "relevant": self.test.relevant.astype(np.int8),
            }
        ).sort("year", "ccode1", "ccode2")

    def table(self) -> pl.DataFrame:
        """Return the scores, one row a predictor and measure, with intervals."""
        return pl.DataFrame(
            [
                {
                    "predictor": name,
                    "measure": measure,
                    "value": scored.values[measure],
                    "low": scored.low[measure],
                    "high": scored.high[measure],
                }
                for name, scored in self.scores.items()
                for measure in MEASURES
            ]
        )

    def write(self, folder: Path) -> None:
        """Write predictions.csv, scores.csv, calibration.csv and scores.json."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ResultError(f"{folder}: is no folder to write to ({error.strerror})") from error
        deciles = pl.DataFrame(
            [
                {"predictor": name, **row}
                for name, scored in self.scores.items()
                for row in scored.deciles
            ]
        )
        write_whole(folder / "predictions.csv", self.frame().write_csv)
        write_whole(folder / "scores.csv", self.table().write_csv)
        write_whole(folder / "calibration.csv", deciles.write_csv)
        write_whole(folder / "scores.json", json_text(self._report))

    def _report(self) -> dict[str, Any]:
        return {
            **self.about,
            "scores": {
                name: {
                    **{
                        measure: {
                            "value": scored.values[measure],
                            "low": _number(scored.low[measure]),
                            "high": _number(scored.high[measure]),
                        }
                        for measure in MEASURES
                    },
                    "expected": scored.expected,
                    "observed": scored.onsets,
                }
                for name, scored in self.scores.items()
            },
        }


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
    measure: Measure | None = None,
    own: Sequence[Given] = (),
    work: Workforce | None = None,
    tell: Callable[[str], object] | None = None,
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
    measure : callable, optional
        Takes the disputes and the last year that is wanted, and returns by name measures of
        states, arrays (years from 1816, states of the interstate system): each is scored as the
        only predictor.
    own : sequence of path or polars.DataFrame
        Tables of one's own by state and year or by pair and year: their numbers of the year
        before are covariates of the model.
    work : Workforce, optional
        Who does the bootstrap draws; no number depends on it.
    tell : callable, optional
        Called with what is being done, in words.

    Returns
    -------
    Backtest

    Raises
    ------
    UsageError
        If the test years do not come after the training years.
    DataError, MissingData
        If the file cannot be used, or the disputes end before the test years do.
    """
    check_years(train, test)
    check_draws(draws)
    tell = tell or _silent
    tell("reading the disputes")
    dispute_rows, sources = dispute_files.load(disputes, train, test, tell=tell)
    measures = _measured(measure, dispute_rows, test[1] - 1, tell)
    tell(f"covariates of {train[0]}-{test[1]}")
    tables = [read_own(item) for item in own]
    design = build_design(dispute_rows, train[0], test[1], relevant_only=relevant_only)
    design = covariates_of(design, tables)
    sources = [*sources, *(f"{item.name}, {', '.join(item.columns)}" for item in tables)]
    return run(
        design, train, test, draws=draws, seed=seed, sources=sources, measures=measures,
        work=work, tell=tell,
    )  # fmt: skip


def rolling(
    disputes: Path | None,
    first: int = 1816,
    *,
    origins: Sequence[int] = ORIGINS,
    span: int = SPAN,
    relevant_only: bool = False,
    draws: int = 0,
    seed: int = 1,
    chosen: onset.Settings | None = None,
    measure: Measure | None = None,
    own: Sequence[Given] = (),
    work: Workforce | None = None,
    tell: Callable[[str], object] | None = None,
) -> dict[int, Backtest]:
    """Backtest from several last training years, each on the `span` years that follow.

    `own` and everything else is as in `backtest`; a table of one's own counts at every origin.
    """
    check_draws(draws)
    last = max(origins) + span
    tell = tell or _silent
    tell("reading the disputes")
    dispute_rows, sources = dispute_files.load(
        disputes, (first, max(origins)), (max(origins) + 1, last), tell=tell
    )
    measures = _measured(measure, dispute_rows, last - 1, tell)
    tell(f"covariates of {first}-{last}")
    tables = [read_own(item) for item in own]
    design = build_design(dispute_rows, first, last, relevant_only=relevant_only)
    design = covariates_of(design, tables)
    sources = [*sources, *(f"{item.name}, {', '.join(item.columns)}" for item in tables)]
    return {
        origin: run(
            design,
            (first, origin),
            (origin + 1, origin + span),
            draws=draws,
            seed=seed,
            sources=sources,
            chosen=chosen,
            measures=measures,
            work=None if work is None else work.under(f"to-{origin}"),
            tell=tell,
        )
        for origin in origins
    }


def _measured(
    measure: Measure | None, disputes: table_arrays.Dyads, last: int, tell: Callable[[str], object]
) -> Mapping[str, Floats]:
    """Return measures of states up to the year before the last test year."""
    if measure is None:
        return {}
    tell(f"security by each lens, {table_arrays.FIRST_YEAR}-{last}")
    return measure(disputes, last)


def check_draws(draws: int) -> None:
    """Refuse a negative number of bootstrap draws."""
    if draws < 0:
        raise UsageError(f"the number of bootstrap draws cannot be negative: {draws}")


def _silent(doing: str) -> None:
    """Say nothing."""


def check_years(train: tuple[int, int], test: tuple[int, int]) -> None:
    """Refuse test years that do not come after the training years, and years before the system.

    Raises
    ------
    UsageError
    """
    if train[1] <= table_arrays.FIRST_YEAR:
        raise UsageError(
            f"the training years {train[0]}-{train[1]} hold no year after "
            f"{table_arrays.FIRST_YEAR}, in which the interstate system begins: "
            "each year is predicted from the one before"
        )
    if not train[0] <= train[1] < test[0] <= test[1]:
        raise UsageError(
            f"the test years {test[0]}-{test[1]} must come after the training years "
            f"{train[0]}-{train[1]}: a model may not be fitted on what it is to predict"
        )


def build_design(
    disputes: table_arrays.Dyads, first: int, last: int, *, relevant_only: bool = False
) -> Design:
    """Build the covariates of all years from `first` to `last` from the data folder."""
    groups = [*covariates.GROUPS]
    if store.find("minimum_distance") is not None:
        groups.append(covariates.OPTIONAL)
    built = arrays.dense(table_arrays.FIRST_YEAR, last, groups, disputes=disputes)
    begin = max(first, table_arrays.FIRST_YEAR + 1)  # the first year has none before it
    with threadpool_limits(1, user_api="blas"):
        return covariates.design(built, begin, last, relevant_only=relevant_only)


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
    work: Workforce | None = None,
    tell: Callable[[str], object] | None = None,
) -> Backtest:
    """Fit on the training rows of a design, predict its test rows, and score."""
    tell = tell or _silent
    past = known.where((known.year >= train[0]) & (known.year <= train[1]))
    future = known.where((known.year >= test[0]) & (known.year <= test[1]))
    tell(f"fitting on {len(past):,} rows of {past.year.min()}-{past.year.max()}")
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
    codes = table_arrays.members().codes if measures else np.empty(0, np.int64)
    for name, measure in (measures or {}).items():
        alone = onset.measure_logit(past, future, measure, codes)
        predictions[f"lens {name} alone"] = alone
    tell(f"scoring {len(future):,} rows, {draws} bootstrap draws")
    scores = {
        name: score(
            p,
            future.onset,
            future.dyad,
            draws=draws,
            seed=seed,
            work=work,
            name=name.replace(" ", "-").replace(",", ""),
        )
        for name, p in predictions.items()
    }
    about = {
        "train": [int(past.year.min()), int(past.year.max())],
        "test": list(test),
        "unit": "dyad-year",
        "politically_relevant_only": bool(known.relevant.all()),
        "rows": {"train": len(past), "test": len(future)},
        "onsets": {"train": int(past.onset.sum()), "test": int(future.onset.sum())},
        "columns": COLUMNS,
        "disputes": list(sources),
        "draws": draws,
        "seed": seed,
        "model": onset.DESCRIPTION,
        "settings": model.chosen.as_dict(),
        "covariates": list(known.names),
        "plain_logit": dict(zip(("intercept", *plain.names), plain.raw()[0].tolist(), strict=True)),
    }
    return Backtest(test=future, predictions=predictions, scores=scores, about=about)
