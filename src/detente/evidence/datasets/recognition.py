"""Files into tables: open a file whatever its wrapping, tell what it is, and check it.

A file is known by its content: its columns, the number of its rows, its version column and
its values, never by its name. What cannot be used is refused with every fault that was found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import polars as pl

from detente.errors import DataError, Fault
from detente.evidence.datasets import registry
from detente.evidence.datasets.file_opening import NotATable as NotATable
from detente.evidence.datasets.file_opening import open_file, refusal
from detente.evidence.datasets.registry import Layout, Table

FAULTS_A_COLUMN = 3
SHOWN = 120  # characters of a row that a refusal shows
COW_ALLIANCES = (
    "is of the COW formal alliances, which are not read",
    "Their maintainer asks that software not ease their use. Alliances come from ATOP: "
    "http://www.atopdata.org/",
)
NOT_READ = {
    frozenset({"version4id"}): COW_ALLIANCES,  # by dyad, directed dyad or member
    frozenset({"all_st_year", "mem_st_year"}): COW_ALLIANCES,  # by member
    frozenset({"cow_defense"}): COW_ALLIANCES,  # as common tools name it
}
"""Columns that tell a data set which is left out on purpose, and what to say."""


@dataclass(frozen=True, eq=False)
class Reading:
    """A file that was recognised and checked.

    Attributes
    ----------
    layout : Layout
        What it was recognised as.
    version : str
        The release, as far as rows or a version column tell it.
    frame : polars.DataFrame
        The table, with the columns of ``registry.tables()``.
    rows : int
        Rows of the file itself.
    first_year, last_year : int or None
        What the file covers.
    """

    layout: Layout
    version: str
    frame: pl.DataFrame
    rows: int
    first_year: int | None
    last_year: int | None


class Unrecognised(DataError):
    """A table that is of no layout that is known."""


def read(path: Path, *, whole: bool = True) -> Reading:
    """Read, recognise and check one file.

    Parameters
    ----------
    path : Path
        A CSV, tab-separated, GeoJSON or Parquet file or a spreadsheet, plain, gzipped, or alone
        in a zip file.
    whole : bool
        Refuse a file that is shorter than a release is; without it, a part of a file may pass.

    Raises
    ------
    NotATable
        If the file holds no table.
    DataError
        If the file is of no layout that is known, is cut off, too old, or has wrong values.
    """
    raw = open_file(path)
    layout = recognise(raw, path.name)
    if not raw.height:
        title = registry.sources()[layout.source].title
        raise refusal(
            path.name,
            f"has the header of {title} ({layout.name}) and no rows",
            "The file is cut off; fetch it again.",
        )
    columns = {name.strip().casefold(): name for name in raw.columns}
    rows = raw.height
    version = _version(raw, columns, layout, path.name, whole=whole)
    frame = _convert(raw, columns, layout, path.name)
    if whole:
        _check_reach(frame, layout, path.name)
    first, last = layout.covers.get(rows) or coverage(frame)
    return Reading(layout, version, frame, rows, first, last)


def recognise(raw: pl.DataFrame, name: str) -> Layout:
    """Return the layout of a file from its columns; refuse what is like none."""
    header = {column.strip().casefold() for column in raw.columns}
    for columns, (problem, remedy) in NOT_READ.items():
        if columns <= header:
            raise refusal(name, problem, remedy)
    fitting = []
    for layout in registry.layouts().values():
        if layout.headless:
            if raw.columns == [str(k + 1) for k in range(layout.headless)]:
                return layout
            continue
        exact = {column.casefold() for column in layout.exactly}
        if (
            layout.required <= header
            and not header & {column.casefold() for column in layout.without}
            and (not exact or header == exact)
            and all(len(_alike(header, pattern)) == 1 for pattern in layout.like.values())
            and _of_this_source(raw, layout)
        ):
            fitting.append(layout)
    if fitting:
        return max(
            fitting,
            key=lambda layout: (
                bool(layout.version_prefix),
                len(layout.required) + len(layout.exactly),
            ),
        )
    candidates = {
        layout: layout.required | {column.casefold() for column in layout.exactly}
        for layout in registry.layouts().values()
        if not layout.headless
    }
    nearest = max(
        candidates, key=lambda layout: len(candidates[layout] & header) / len(candidates[layout])
    )
    absent = sorted(nearest.required - header)
    shared = len(nearest.required & header)
    if absent and shared >= max(3, len(nearest.required) * 2 / 3):
        source = registry.sources()[nearest.source]
        raise refusal(
            name,
            f"looks like {source.title} ({nearest.name}) but has no column "
            + ", ".join(f"'{column}'" for column in absent),
            "Use the file as its makers publish it, with its own column names.",
        )
    raise Unrecognised(
        [
            Fault(
                name,
                None,
                "",
                "is of no layout that is known; its columns are " + ", ".join(raw.columns[:12]),
                "See what can be added with: detente data list",
            )
        ]
    )


def _alike(header: set[str], pattern: str) -> list[str]:
    return [column for column in header if re.search(pattern, column)]


def _of_this_source(raw: pl.DataFrame, layout: Layout) -> bool:
    """Tell files with the same columns apart by what their versions begin with."""
    if not (layout.version_prefix and layout.version_column):
        return True
    wanted = layout.version_column[0].casefold()
    column = next((c for c in raw.columns if c.strip().casefold() == wanted), None)
    if column is None:
        return False
    values = raw[column].cast(pl.String).str.strip_chars().drop_nulls()
    return bool(values.len()) and bool(values.str.starts_with(layout.version_prefix).all())


def _version(
    raw: pl.DataFrame, columns: dict[str, str], layout: Layout, name: str, *, whole: bool
) -> str:
    version = ""
    if layout.version_column and layout.version_column[0].casefold() in columns:
        column, values = layout.version_column
        found = {str(v).strip() for v in raw[columns[column.casefold()]].unique() if v is not None}
        found.discard("")
        old = sorted(found & set(layout.older))
        if old:
            raise refusal(
                name,
                f"is release {old[0]} of {registry.sources()[layout.source].title}",
                "That release is too old; newer ones are published at "
                + registry.sources()[layout.source].home,
            )
        version = ", ".join(sorted(values.get(item, item) for item in found))
    listed = layout.releases.get(raw.height)
    # What the file says of itself goes before what its length suggests.
    if listed is not None and listed.startswith(version):
        return listed
    short = [
        rows
        for rows, release in layout.releases.items()
        if version and release.split(",")[0] == version and raw.height < rows
    ]
    if whole and (short or raw.height < layout.least_rows):
        wanted = f"{short[0] if short else layout.least_rows:,}"
        raise refusal(
            name,
            f"has {raw.height:,} rows where {registry.sources()[layout.source].title} "
            f"has {wanted} or more",
            "The file is cut off, or an older release; fetch it again.",
        )
    return (version + ", " if version else "") + f"release of {raw.height:,} rows"


def _convert(raw: pl.DataFrame, columns: dict[str, str], layout: Layout, name: str) -> pl.DataFrame:
    table = registry.tables()[layout.table]
    faults: list[Fault] = []
    missing = ["", *layout.missing]
    made: dict[str, pl.Series] = {}
    lines = pl.Series("line", range(2 - bool(layout.headless), raw.height + 2))[: raw.height]
    keep = None
    if layout.keep_if:
        keep = raw[columns[layout.keep_if.casefold()]].cast(pl.Float64, strict=False) == 1
    for theirs, ours in _pairs(layout, columns).items():
        series = raw[columns[theirs.casefold()]]
        if series.dtype == pl.String:
            series = series.str.strip_chars()
            series = series.set(series.is_in(missing).fill_null(True), None)
        if ours in layout.blank_is_zero:
            series = series.fill_null("0" if series.dtype == pl.String else 0)
        spec = table.columns[ours]
        value, wrong = _cast(series, spec.type)
        problem = wrong
        if spec.type in ("integer", "number") and ours not in layout.unchecked:
            low = -float("inf") if spec.minimum is None else spec.minimum
            high = float("inf") if spec.maximum is None else spec.maximum
            problem = problem | ~value.is_between(low, high).fill_null(True)
        if keep is not None:
            problem = problem & keep.fill_null(False)
        for k in problem.arg_true()[:FAULTS_A_COLUMN].to_list():
            wanted = {"integer": "a whole number", "number": "a number", "date": "a date"}
            limits = [
                f"{word} {limit:.10g}"
                for word, limit in (("at least", spec.minimum), ("at most", spec.maximum))
                if limit is not None
            ]
            remedy = " ".join([wanted.get(spec.type, "a text"), " and ".join(limits)]).strip()
            faults.append(
                Fault(name, int(lines[k]), theirs, f"'{series[k]}'", f"Wanted: {remedy}.")
            )
        made[ours] = value
    for ours, parts in layout.dates.items():
        made[ours] = _assemble_date(raw, [columns[p.casefold()] for p in parts], ours)
    if faults:
        raise DataError(faults)
    for ours, text in layout.constants.items():
        made[ours] = pl.Series([text]).new_from_index(0, raw.height)
    if layout.by_name:
        made |= _by_name(made["country"], made["year"])
    frame = pl.DataFrame({ours: made[ours].alias(ours) for ours in table.columns if ours in made})
    if layout.others:
        used = {columns[theirs.casefold()] for theirs in layout.columns}
        rest = [c for c in raw.columns if c not in used and c not in frame.columns]
        frame = frame.hstack(raw.select(rest).cast(pl.String))
    if keep is not None:
        frame = frame.filter(keep)
    if layout.mirror:
        swapped = frame.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(frame.columns)
        frame = pl.concat([frame, swapped])
    _check_key(frame, table, name)
    if not table.key:
        _check_repeats(raw, layout, name)
    return frame


def _pairs(layout: Layout, columns: dict[str, str]) -> dict[str, str]:
    """Return the file's columns and ours, with those that are known by a pattern."""
    alike = {_alike(set(columns), pattern)[0]: ours for ours, pattern in layout.like.items()}
    return {**layout.columns, **alike}


@cache
def _names() -> pl.DataFrame:
    text = files("detente.evidence.datasets.registry").joinpath("names.csv").read_bytes()
    return pl.read_csv(text, schema_overrides={"cow": pl.Int64}).with_columns(
        pl.col("name").str.to_lowercase()
    )


def _by_name(country: pl.Series, year: pl.Series) -> dict[str, pl.Series]:
    """Return the codes of states that are given by name; none for a name that is not listed."""
    rows = pl.DataFrame({"name": country.str.to_lowercase(), "year": year}).with_row_index("row")
    spans = rows.join(_names(), on="name").filter(
        pl.col("year").is_between("first_year", "last_year")
    )
    one = rows.join(spans.unique("row"), on="row", how="left", maintain_order="left")
    return {"iso3": one["iso3"], "ccode": one["cow"]}


def _cast(series: pl.Series, kind: str) -> tuple[pl.Series, pl.Series]:
    """Return the values of one column, and where they are not of their type."""
    if kind == "text":
        value = series.cast(pl.String)
    elif kind == "number":
        value = series.cast(pl.Float64, strict=False)
    elif kind == "integer":
        number = series.cast(pl.Float64, strict=False)
        value = number.cast(pl.Int64, strict=False)
        value = value.set((number != value.cast(pl.Float64)).fill_null(False), None)
    elif series.dtype == pl.String:
        day = series.str.slice(0, 10)
        value = day.str.to_date("%Y-%m-%d", strict=False)
        if value.null_count() > series.null_count():
            written = series.str.to_date("%d %B %Y", strict=False)
            value = value.zip_with(value.is_not_null(), written)
    else:
        value = series.cast(pl.Date, strict=False)
    return value, value.is_null() & series.is_not_null()


def _assemble_date(raw: pl.DataFrame, parts: list[str], name: str) -> pl.Series:
    numbers = [pl.col(part).cast(pl.Int64, strict=False) for part in parts]
    if len(parts) == 1:  # YYYYMM: the first of the month; YYYY: the whole year
        long = numbers[0] > 9999
        ends = (12, 31) if name == "end_date" else (1, 1)
        numbers = [
            pl.when(long).then(numbers[0] // 100).otherwise(numbers[0]),
            pl.when(long).then(numbers[0] % 100).otherwise(ends[0]),
            pl.when(long).then(1).otherwise(ends[1]),
        ]
    # Negative months and days stand for unknown ones: the first.
    year, month, day = (numbers[0], *(part.clip(lower_bound=1) for part in numbers[1:]))
    return raw.select(pl.date(year, month, day).alias(name)).to_series()


def _check_key(frame: pl.DataFrame, table: Table, name: str) -> None:
    key = table.key
    if not key:
        return
    whole = frame.drop_nulls(key)  # a row without a code (a territory) has no key to repeat
    if whole.height < frame.height and not table.open_key:
        lacking = frame.select(pl.any_horizontal(pl.col(key).is_null())).to_series()
        row = frame.row(int(lacking.arg_true()[0]), named=True)
        absent = [column for column in key if row[column] is None]
        shown = ", ".join(f"{k} {v}" for k, v in row.items() if v is not None)
        raise refusal(
            name,
            f"{frame.height - whole.height:,} rows lack what tells them apart, the first has no "
            f"{' and no '.join(absent)} ({shown[:SHOWN] or 'it is empty'})",
            "Are values lost? Fetch the file again.",
        )
    double = whole.filter(whole.select(key).is_duplicated()).select(key).unique().sort(key)
    if double.height:
        shown = ", ".join(f"{k} {v}" for k, v in double.row(0, named=True).items())
        raise refusal(
            name,
            f"{double.height:,} keys are there more than once, the first is {shown}",
            "Was the file put together from several?",
        )


def _check_repeats(raw: pl.DataFrame, layout: Layout, name: str) -> None:
    """Refuse a row that is there twice, in a table whose rows nothing else tells apart."""
    repeated = raw.height - raw.unique().height
    if repeated > layout.repeats:
        shown = ", ".join(str(v) for v in raw.filter(raw.is_duplicated()).row(0))
        raise refusal(
            name,
            f"{repeated:,} rows are there more than once, the first is {shown[:SHOWN]}",
            "Was the file put together from several?",
        )


def _check_reach(frame: pl.DataFrame, layout: Layout, name: str) -> None:
    for column, value in layout.reach.items():
        top = _year(frame[column].max())
        if top is None or top < value:
            raise refusal(
                name,
                f"the largest {column} is {top} where a whole file reaches {value}",
                "The file is cut off, or an older release; fetch it again.",
            )
    if layout.least_of_last_year:
        last = frame["year"].max()
        count = frame.filter(pl.col("year") == last).height
        if count < layout.least_of_last_year:
            raise refusal(
                name,
                f"has rows of {count:,} states in its last year, {_year(last)}, where a whole "
                f"file has {layout.least_of_last_year:,} or more",
                "The file is cut off, or an older release; fetch it again.",
            )


def coverage(frame: pl.DataFrame) -> tuple[int | None, int | None]:
    """Return the first and last year of a table, None where it has no years."""
    pairs = (
        ("year", "year"),
        ("start_year", "end_year"),
        ("begin_year", "end_year"),
        ("start_year", "start_year"),
    )
    for first, last in pairs:
        if first in frame.columns and last in frame.columns:
            low, high = frame[first].min(), frame.select(pl.max_horizontal(first, last).max())
            return _year(low), _year(high.item())
    if "start_date" in frame.columns:
        return (
            _year(frame["start_date"].dt.year().min()),
            _year(frame["end_date"].dt.year().max()),
        )
    if "date" in frame.columns:
        return _year(frame["date"].dt.year().min()), _year(frame["date"].dt.year().max())
    if "day" in frame.columns:
        return _year((frame["day"] // 10000).min()), _year((frame["day"] // 10000).max())
    return None, None


def _year(value: object) -> int | None:
    """Return a whole number that Polars gave as one of many types."""
    return value if isinstance(value, int) else None
