"""Covariates of onset from tables of one's own."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.errors import UsageError
from detente.evidence.panel.covariates import Design
from detente.evidence.panel.own_tables import Given, OwnTable, read_own


def covariates_of(rows: Design, own: Sequence[Given]) -> Design:
    """Return a design with what tables of one's own said in the year before.

    Numbers of states give the lower and the higher of the two, as the other covariates do, those
    of pairs one value (of directed ones the lower and the higher). Where nothing is known of the
    year before, the last known value stands in, else the mean of what is known in earlier years.

    Raises
    ------
    UsageError
        If a table has no column of numbers.
    """
    names = [*rows.names]
    values: list[NDArray[np.floating]] = [rows.values]
    for item in own:
        table = read_own(item)
        numbers = [c for c in table.columns if table.frame[c].dtype.is_numeric()]
        if not numbers:
            raise UsageError(f"{table.name} has no column of numbers to predict from")
        for column in numbers:
            if table.unit == "state-year":
                both = [_last_known(table, column, rows, side) for side in ("ccode1", "ccode2")]
            elif table.unit == "directed-dyad-year":
                both = [_last_known(table, column, rows, order) for order in ("", "swapped")]
            else:
                both = [_last_known(table, column, rows, "")]
            if len(both) == 1:
                names.append(column)
                values.append(both[0][:, None])
            else:
                names += [f"{column}_low", f"{column}_high"]
                values += [np.minimum(*both)[:, None], np.maximum(*both)[:, None]]
    matrix: NDArray[np.float32] = np.hstack(values).astype(np.float32)
    return Design(
        tuple(names), matrix, rows.onset, rows.year, rows.ccode1, rows.ccode2, rows.relevant
    )


def _last_known(table: OwnTable, column: str, rows: Design, side: str) -> Floats:
    """Return a column as it was last known before the year of each row of a design."""
    figures = table.frame.select(*table.keys, value=column).drop_nulls("value")
    wanted = pl.DataFrame(
        {
            "row": np.arange(len(rows)),
            "before": rows.year.astype(np.int32) - 1,
            "ccode1": rows.ccode1.astype(np.int16),
            "ccode2": rows.ccode2.astype(np.int16),
        }
    )
    by = ["ccode1", "ccode2"]
    if table.unit == "state-year":
        wanted, by = wanted.rename({side: "ccode"}), ["ccode"]
    elif side == "swapped":
        wanted = wanted.rename({"ccode1": "ccode2", "ccode2": "ccode1"})
    figures = figures.with_columns(pl.col("year").cast(pl.Int32)).sort("year")
    last = (
        wanted.sort("before")
        .join_asof(
            figures, left_on="before", right_on="year", by=by, strategy="backward",
            check_sortedness=False,
        )
        .sort("row")["value"]
    )  # fmt: skip
    yearly = figures.group_by("year").agg(pl.col("value").sum(), pl.len()).sort("year")
    mean = yearly["value"].cum_sum() / yearly["len"].cum_sum()
    place = np.searchsorted(yearly["year"].to_numpy(), rows.year - 1, side="right") - 1
    # A year before all that is known takes the first mean: a constant tells a fit nothing.
    stands_in = mean.to_numpy()[np.maximum(place, 0)]
    values: Floats = np.where(last.is_null().to_numpy(), stands_in, last.fill_null(0.0).to_numpy())
    return values
