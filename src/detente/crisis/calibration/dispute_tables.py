"""Tables of militarised disputes, of many layouts, as one row a dispute."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from detente.crisis.calibration.dispute_chain import FIRST
from detente.crisis.model.model_arrays import TOP
from detente.errors import DataError, Fault
from detente.evidence.datasets.missing_values import without_marks

NAMES = {
    "year": ("styear", "start_year", "year"),
    "least": ("mindur", "duration_min"),
    "most": ("maxdur", "duration_max"),
    "highest": ("hostlev", "hostility"),
}
"""Names under which the columns are looked for, the first that is there."""
NUMBERS = ("dispnum", "dispnum3", "dispnum4", "disno", "disputenumber")
"""Names of the column of a dispute's number: rows with one number are one dispute."""
ICB = ("crisno", "yrtrig", "motrig", "datrig", "yrterm", "moterm", "daterm", "viol")
"""Columns of the crises of the International Crisis Behavior project (file icb1)."""
VIOLENCE = {1: 3, 2: 4, 3: 4, 4: 5}
"""Rung of a crisis by its gravest violence: none is a display of force, clashes are a use of it."""
SIDES = (("hostlev1", "hostlev2"), ("hostility1", "hostility2"))
"""Names of the highest levels of two sides, where there is none of the whole dispute."""
PARTIES = (
    "ccode", "ccode1", "ccode2", "ccodea", "ccodeb", "statea", "stateb", "stabb", "stabb1",
    "stabb2", "gwcode", "gwcode1", "gwcode2", "iso3", "iso3_1", "iso3_2", "dyad", "ddyad",
    "dyadid", "state", "country",
)  # fmt: skip
"""Columns that say that a row is a state or a pair in a dispute."""


def kept_disputes() -> Path:
    """Return the table of disputes in the data folder, as its makers publish it.

    Raises
    ------
    MissingData
        If none was added.
    """
    from detente.evidence.datasets import store

    entry = store.find("disputes")
    if entry is None:
        store.table("disputes")
        raise AssertionError("a table that is not there was found")
    return store.folder() / "files" / entry.file


def read_disputes(path: str | os.PathLike[str]) -> pl.DataFrame:
    """Read a table of disputes: year, least and most days, highest rung.

    Known are the names of the Militarized Interstate Disputes (``styear``, ``mindur``,
    ``maxdur``, ``hostlev``). Rows with one number (``dispnum``) are one dispute, however many
    states, pairs and years the file lists it under; without a number a row is a dispute, and a file
    whose rows are states or pairs is refused. Rows without a highest level or a duration are left
    out: they are disputes that were not over. The crises of the International Crisis Behavior
    project are read as well (``crisno``, ``yrtrig``, ``yrterm``, ``viol``).

    Raises
    ------
    DataError
        If the file cannot be read, a column is missing, or it is not clear what a row is.
    """
    from detente.evidence.datasets.file_opening import open_file

    source = Path(path)
    try:
        rows = open_file(source)
    except OSError as error:
        raise DataError([Fault(source.name, None, "", f"cannot be read ({error})")]) from error
    there = {column.strip().casefold(): column for column in reversed(rows.columns)}
    if {*ICB} <= {*there}:
        return _of_crises(rows.rename({there[name]: name for name in ICB}), source.name)
    named = {
        name: next((there[name_of_ours] for name_of_ours in names if name_of_ours in there), "")
        for name, names in NAMES.items()
    }
    sides = next((pair for pair in SIDES if {*pair} <= {*there}), None)
    faults = [
        Fault(source.name, 1, "", f"no column for {name}.", f"Known: {', '.join(NAMES[name])}.")
        for name, column in named.items()
        if not column and not (name == "highest" and sides)
    ]
    if faults:
        raise DataError(faults)
    columns = {name: _whole(rows[column], name) for name, column in named.items() if column}
    if not named["highest"]:
        assert sides is not None  # else there was a fault
        levels = [_whole(rows[there[side]], side) for side in sides]
        columns["highest"] = pl.select(pl.max_horizontal(*levels)).to_series()
    number = next((there[name] for name in NUMBERS if name in there), None)
    table = pl.DataFrame(columns)
    if number is None:
        _refuse_parties(there, source.name)
    else:
        table = _by_dispute(table, without_marks(rows[number], codes=("-9",)), number, source.name)
    return (
        table.drop_nulls()
        .filter(pl.col("highest").is_between(FIRST, TOP) & (pl.col("least") >= 1))
        .with_columns(most=pl.max_horizontal("least", "most"))
    )


def _of_crises(rows: pl.DataFrame, name: str) -> pl.DataFrame:
    """Return the crises of the International Crisis Behavior project as disputes.

    A crisis runs from its trigger to its termination; its gravest violence gives its rung, by
    `VIOLENCE`, a convention of ours. Days that are not known make the shortest and the longest
    time that it can have lasted.
    """
    whole = pl.DataFrame([_whole(rows[column], column) for column in ICB])
    whole = whole.unique("crisno", keep="first", maintain_order=True)  # one row an actor in some

    def day(prefix: str, *, latest: bool) -> pl.Expr:
        year, month = pl.col(f"yr{prefix}"), pl.col(f"mo{prefix}")
        known = month.is_between(1, 12)
        first = pl.date(year, pl.when(known).then(month).otherwise(12 if latest else 1), 1)
        of_month = pl.col(f"da{prefix}")
        end = first.dt.month_end() if latest else first
        dated = first.dt.offset_by(pl.format("{}d", of_month.clip(1, 31) - 1))
        return pl.when(known & of_month.is_between(1, 31)).then(dated).otherwise(end)

    spans = whole.with_columns(
        least=(day("term", latest=False) - day("trig", latest=True)).dt.total_days() + 1,
        most=(day("term", latest=True) - day("trig", latest=False)).dt.total_days() + 1,
        highest=pl.col("viol").replace_strict(VIOLENCE, default=None, return_dtype=pl.Int64),
        year=pl.col("yrtrig"),
    ).with_columns(pl.col("least").clip(lower_bound=1))
    crises = spans.filter(pl.col("most") >= 1).select("year", "least", "most", "highest")
    if not crises.drop_nulls().height:
        raise DataError([Fault(name, None, "", "has no crisis whose dates and violence are known")])
    return crises.drop_nulls().with_columns(most=pl.max_horizontal("least", "most"))


def _whole(column: pl.Series, name: str) -> pl.Series:
    """Return whole numbers; negative ones stand for not known."""
    number = without_marks(column, negative=True).cast(pl.Float64, strict=False)
    return number.cast(pl.Int64, strict=False).alias(name)


def _refuse_parties(there: Mapping[str, str], name: str) -> None:
    """Refuse a table whose rows are states or pairs, if no number says which are one dispute."""
    parties = [column for plain, column in there.items() if plain in PARTIES]
    if parties:
        problem = (
            f"its rows are states or pairs ({', '.join(sorted(parties))}), and no column says "
            "which rows are one dispute."
        )
        remedy = (
            f"One row a dispute is wanted, or a column with its number ({', '.join(NUMBERS)}), so "
            "that a dispute of many pairs does not count as many."
        )
        raise DataError([Fault(name, 1, "", problem, remedy)])


def _by_dispute(table: pl.DataFrame, number: pl.Series, column: str, name: str) -> pl.DataFrame:
    """Return one row a dispute: its first year, its durations, and the highest level of its rows.

    Raises
    ------
    DataError
        If rows lack their number, or rows of one dispute give it different durations.
    """
    lacking = number.is_null().arg_true()
    if lacking.len():
        fault = Fault(
            name, int(lacking[0]) + 2, column, "has no number of a dispute",
            "Rows with one number are one dispute; give each its number.", more=lacking.len() - 1,
        )  # fmt: skip
        raise DataError([fault])
    rows = table.with_columns(number=number.cast(pl.String))
    disputes = rows.group_by("number", maintain_order=True).agg(
        pl.col("year").min(),
        pl.col("least", "most").drop_nulls().first(),
        pl.col("highest").max(),
        spread=pl.max_horizontal(
            pl.col("least").drop_nulls().n_unique(), pl.col("most").drop_nulls().n_unique()
        ),
    )
    apart = disputes.filter(pl.col("spread") > 1)
    if apart.height:
        problem = (
            f"{apart.height:,} disputes have rows with different durations, the first is "
            f"{apart['number'][0]}"
        )
        remedy = "Durations of the whole dispute are wanted, the same in all rows of one number."
        raise DataError([Fault(name, None, column, problem, remedy)])
    return disputes.select("year", "least", "most", "highest")
