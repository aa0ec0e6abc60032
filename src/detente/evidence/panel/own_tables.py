"""A user's own table of states or pairs by year, beside the columns of the panel.

Ideal points, cooperation agreements, leaders: whatever has one row a state and year, or one row a
pair and year. The keys are known by their usual names, in COW numbers, Gleditsch-Ward numbers or
ISO codes; a table whose rows are anything else is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from detente.errors import DataError, Fault, UsageError
from detente.evidence.datasets import crosswalk
from detente.evidence.datasets.missing_values import without_marks

YEARS = ("year", "yr")
STATES = {
    "cow": ("ccode", "cow", "cowcode", "cow_code", "statenum"),
    "gw": ("gwcode", "gwno", "gw", "gwid"),
    "iso3": ("iso3", "iso3c", "iso_a3", "iso3n_code", "countrycode"),
    "abbreviation": ("stateabb", "abbreviation", "state_abb"),
}
"""Names of the column of a state, by the system of its codes."""
PAIRS = {
    "cow": (
        ("ccode1", "ccode2"), ("ccode_1", "ccode_2"), ("ccodea", "ccodeb"),
        ("cowcode1", "cowcode2"), ("statea", "stateb"), ("cow1", "cow2"),
    ),
    "gw": (
        ("gwcode1", "gwcode2"), ("gwno_a", "gwno_b"), ("gwno1", "gwno2"), ("gwcode_1", "gwcode_2"),
    ),
    "iso3": (("iso3_1", "iso3_2"), ("iso3c1", "iso3c2"), ("iso3_a", "iso3_b"), ("iso3a", "iso3b")),
    "abbreviation": (("stateabb1", "stateabb2"), ("stateabb_1", "stateabb_2"), ("abb1", "abb2")),
}  # fmt: skip
"""The same for the two columns of a pair."""


@dataclass(frozen=True, eq=False)
class OwnTable:
    """A user's table in the codes of the panel.

    Attributes
    ----------
    name : str
        Of the file.
    unit : str
        ``state-year``, ``dyad-year`` (the order of a pair does not matter) or
        ``directed-dyad-year``.
    frame : polars.DataFrame
        ``year``, ``ccode`` or ``ccode1`` and ``ccode2``, and the columns of the table.
    unknown : int
        Rows of states that had no COW number in the year, which are left out.
    """

    name: str
    unit: str
    frame: pl.DataFrame
    unknown: int

    @property
    def keys(self) -> list[str]:
        """The columns that tell rows apart."""
        return ["year", "ccode"] if self.unit == "state-year" else ["year", "ccode1", "ccode2"]

    @property
    def columns(self) -> list[str]:
        """The columns that it adds."""
        return [column for column in self.frame.columns if column not in self.keys]


Given = str | Path | pl.DataFrame | OwnTable
"""What a table of one's own may be given as."""


def read_own(given: Given) -> OwnTable:
    """Read a table of one's own.

    Parameters
    ----------
    given : path or polars.DataFrame
        CSV, tab-separated, Parquet, Stata or a spreadsheet; or a table in memory.

    Raises
    ------
    DataError
        If it has no year, no states or no column of its own, or a state (a pair) has several rows
        in a year.
    """
    if isinstance(given, OwnTable):
        return given
    if isinstance(given, pl.DataFrame):
        raw, name = given, "table"
    else:
        from detente.evidence.datasets.file_opening import open_file

        path = Path(given)
        name = path.name
        try:
            raw = open_file(path)
        except OSError as error:
            raise DataError(
                [Fault(name, None, "", f"cannot be read ({error.strerror or error})")]
            ) from error
    there = {column.strip().casefold(): column for column in reversed(raw.columns)}
    year = next((there[name_of_years] for name_of_years in YEARS if name_of_years in there), "")
    system, keys = _keys(there)
    if not year or not keys:
        raise _refused(
            name,
            "has no column of years" if not year else "has no column of states",
            "Wanted: year, and ccode (or gwcode, iso3, stateabb), or two such columns of a pair, "
            "such as ccode1 and ccode2.",
        )
    rest = [column for column in raw.columns if column not in (year, *keys)]
    if not rest:
        raise _refused(name, "has no column beside its keys", "Add what is to be known.")
    frame = pl.DataFrame(
        [
            _year_of(raw[year], name).alias("year"),
            *(raw[key].alias(f"key{k}") for k, key in enumerate(keys)),
        ]
    ).with_columns(_typed(raw[column], column.strip()) for column in rest)
    coded = _coded(frame, system, len(keys))
    unknown = frame.height - coded.height
    if not coded.height:
        raise _refused(name, "has no row of a state in the interstate system", "Check the codes.")
    own = ["ccode"] if len(keys) == 1 else ["ccode1", "ccode2"]
    if len(keys) == 2:
        coded = coded.filter(pl.col("ccode1") != pl.col("ccode2"))
    _check_unit(coded, ["year", *own], name)
    if len(keys) == 1:
        return OwnTable(name, "state-year", coded, unknown)
    return OwnTable(name, *_orders(coded), unknown)


def _refused(name: str, problem: str, remedy: str) -> DataError:
    return DataError([Fault(name, None, "", problem, remedy)])


def _keys(there: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the system of codes of a table's states, and the columns that hold them."""
    for system, pairs in PAIRS.items():
        for first, second in pairs:
            if first in there and second in there:
                return system, (there[first], there[second])
    for system, names in STATES.items():
        for name in names:
            if name in there:
                return system, (there[name],)
    return "", ()


def _year_of(column: pl.Series, name: str) -> pl.Series:
    number = without_marks(column).cast(pl.Float64, strict=False)
    wrong = (number.is_null() | (number != number.floor())).arg_true()
    if wrong.len():
        row = int(wrong[0])
        raise DataError(
            [
                Fault(
                    name,
                    row + 2,
                    column.name,
                    f"'{column[row]}'",
                    "Wanted: a year.",
                    wrong.len() - 1,
                )
            ]
        )
    return number.cast(pl.Int16, strict=False)


def _typed(column: pl.Series, name: str) -> pl.Series:
    """Return a column as numbers where all its values are numbers, else as texts."""
    plain = without_marks(column)
    number = plain.cast(pl.Float64, strict=False)
    if number.null_count() == plain.null_count():
        return number.alias(name)
    return without_marks(column.cast(pl.String), text=True).alias(name)


def _coded(frame: pl.DataFrame, system: str, count: int) -> pl.DataFrame:
    """Return the rows with COW numbers in place of their keys; others are left out."""
    table = crosswalk.table().select("cow", pl.col(system).alias("code"), "first_year", "last_year")
    if system == "cow":
        table = crosswalk.table().select(
            "cow", code="cow", first_year="first_year", last_year="last_year"
        )
    end = table["last_year"].max()
    spans = (
        table.drop_nulls()
        .with_columns(
            code=pl.col("code").cast(pl.String).str.to_uppercase(),
            last_year=pl.when(pl.col("last_year") == end).then(9999).otherwise("last_year"),
        )
        .unique()
    )
    for k in range(count):
        key = frame[f"key{k}"]
        number = without_marks(key).cast(pl.Float64, strict=False).cast(pl.Int64, strict=False)
        text = number.cast(pl.String) if system in ("cow", "gw") else key.cast(pl.String)
        frame = (
            frame.with_columns(code=text.str.strip_chars().str.to_uppercase())
            .with_row_index("row")
            .join(spans, on="code", how="inner")
            .filter(pl.col("year").is_between("first_year", "last_year"))
            .unique("row", keep="last", maintain_order=True)
            .rename({"cow": "ccode" if count == 1 else f"ccode{k + 1}"})
            .drop("row", "code", f"key{k}", "first_year", "last_year")
        )
    return frame.with_columns(pl.col("^ccode[12]?$").cast(pl.Int16))


def _check_unit(frame: pl.DataFrame, keys: list[str], name: str) -> None:
    repeated = frame.filter(frame.select(keys).is_duplicated()).select(keys).unique().sort(keys)
    if repeated.height:
        shown = ", ".join(f"{k} {v}" for k, v in repeated.row(0, named=True).items())
        raise _refused(
            name,
            f"{repeated.height:,} {'states' if len(keys) == 2 else 'pairs'} and years have more "
            f"than one row, the first is {shown}",
            "One row a state (or a pair) and year is wanted: add up or choose among them first.",
        )


def _orders(frame: pl.DataFrame) -> tuple[str, pl.DataFrame]:
    """Return the unit of a table of pairs, and its rows; in both orders where none matters."""
    swapped = frame.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(frame.columns)
    keys = ["year", "ccode1", "ccode2"]
    if frame.join(swapped, on=keys, how="semi").height:
        return "directed-dyad-year", frame
    return "dyad-year", pl.concat([frame, swapped])


def attach(panel: pl.DataFrame, own: Sequence[Given], unit: str) -> pl.DataFrame:
    """Return a panel with the columns of tables of one's own; null where these have no row.

    Raises
    ------
    UsageError
        If a column is there already, or a table of pairs is to go into a panel of states.
    """
    for item in own:
        table = read_own(item)
        if unit == "state-year" and table.unit != "state-year":
            raise UsageError(f"{table.name} has rows of pairs, the panel rows of states")
        frame = table.frame
        if table.unit != "state-year" or unit == "state-year":
            if table.unit == "directed-dyad-year" and unit == "dyad-year":
                raise UsageError(
                    f"{table.name} has a value for either order of a pair: build a panel of "
                    "directed dyad-years, or keep one of the two"
                )
            _refuse_twice(panel, table.columns, table.name)
            panel = panel.join(frame, on=table.keys, how="left", maintain_order="left")
            continue
        _refuse_twice(panel, [c + side for c in table.columns for side in "12"], table.name)
        for side in "12":
            names = {"ccode": "ccode" + side} | {c: c + side for c in table.columns}
            panel = panel.join(
                frame.rename(names), on=["year", "ccode" + side], how="left", maintain_order="left"
            )
    return panel


def _refuse_twice(panel: pl.DataFrame, names: Sequence[str], table: str) -> None:
    twice = sorted({*names} & {*panel.columns})
    if twice:
        raise UsageError(
            f"{table} has columns that the panel has already: {', '.join(twice)}. Rename them"
        )
