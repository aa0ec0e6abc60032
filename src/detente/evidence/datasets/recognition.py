"""Files into tables: open a file whatever its wrapping, tell what it is, and check it.

A file is known by its content: its columns, the number of its rows, its version column and
its values, never by its name. What cannot be used is refused with every fault that was found.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from detente.errors import DataError, Fault
from detente.evidence.datasets import registry
from detente.evidence.datasets.conversion import convert
from detente.evidence.datasets.file_opening import NotATable as NotATable
from detente.evidence.datasets.file_opening import open_file, refusal
from detente.evidence.datasets.missing_values import without_marks
from detente.evidence.datasets.registry import DataTable, Layout

SHOWN = 120  # characters of a row that a refusal shows
SHOWN_COLUMNS = 12
LIKE = 0.5
"""Likeness of a second layout, as a share of the first's, from which a refusal names it too."""
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


class NearMiss(DataError):
    """A table that lacks some of what a layout that is known wants."""


def read(path: Path, *, whole: bool = True, extras: bool = True) -> Reading:
    """Read, recognise and check one file.

    Parameters
    ----------
    path : Path
        A CSV, tab-separated, GeoJSON or Parquet file or a spreadsheet, plain, gzipped, or alone
        in a zip file.
    whole : bool
        Refuse a file that is shorter than a release is; without it, a part of a file may pass.
    extras : bool
        Keep the columns that the table does not name, where the layout says so.

    Raises
    ------
    NotATable
        If the file holds no table.
    DataError
        If the file is of no layout that is known, is cut off, too old, or has wrong values.
    """
    raw = open_file(path, extras=extras)
    layout = recognise(raw.columns, path.name, raw)
    places = layout.headless.get(raw.width, {}) if raw.columns[0] == "1" else {}
    raw = raw.rename(places or layout.named(raw.columns))
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
    first_line = 1 if places else 2
    frame = convert(raw, layout, path.name, first_line=first_line, extras=extras)
    table = registry.tables()[layout.table]
    _check_key(frame, table, layout, columns, path.name)
    if not table.key and extras:
        _check_repeats(raw, layout, path.name)
    if whole:
        _check_reach(frame, layout, path.name)
    first, last = layout.covers.get(rows) or coverage(frame)
    return Reading(layout, version, frame, rows, first, last)


def recognise(names: Sequence[str], file: str, raw: pl.DataFrame | None = None) -> Layout:
    """Return the layout of a file from its columns; refuse what is like none.

    Parameters
    ----------
    names : sequence of str
        Columns of the file; ``1``, ``2``, ... where it has no header.
    file : str
        Its name, for refusals.
    raw : polars.DataFrame, optional
        The file, whose versions tell some sources apart.
    """
    header = frozenset(column.strip().casefold() for column in names)
    for columns, (problem, remedy) in NOT_READ.items():
        if columns <= header:
            raise refusal(file, problem, remedy)
    if names and names[0] == "1":
        return next(x for x in registry.layouts().values() if len(names) in x.headless)
    fitting = [
        layout
        for layout in registry.layouts().values()
        if layout.fits(header) and (raw is None or _of_this_source(raw, layout))
    ]
    if fitting:
        return max(
            fitting,
            key=lambda layout: (
                bool(layout.version_prefix),
                len(layout.required) + len(layout.exactly),
            ),
        )
    raise near_miss(header, names, file)


def near_miss(header: frozenset[str], names: Sequence[str], file: str) -> DataError:
    """Return the refusal of a table that no layout knows: which it is like, and what parts them.

    A column counts the more the fewer layouts have it: a number of a war says little of which
    list of wars a file is, a battle death much.
    """
    layouts = registry.layouts().values()
    asked = Counter(column for layout in layouts for column in layout.required)

    def likeness(layout: Layout) -> float:
        weight = {column: 1 / asked[column] for column in layout.required}
        return sum(weight[c] for c in layout.required & header) / sum(weight.values())

    near = sorted(
        (
            layout
            for layout in layouts
            if len(layout.required & header) >= min(3, len(layout.required))
            and 2 * len(layout.required & header) >= len(layout.required)
        ),
        key=likeness,
        reverse=True,
    )
    if not near:
        shown = ", ".join(names[:SHOWN_COLUMNS])
        more = f" and {len(names) - SHOWN_COLUMNS:,} more" if len(names) > SHOWN_COLUMNS else ""
        return Unrecognised(
            [
                Fault(
                    file, None, "", f"is of no layout that is known; its columns are {shown}{more}",
                    "See what can be added with: detente data list",
                )
            ]
        )  # fmt: skip
    first = near[0]
    problem = f"looks like {_called(first)} but {_lack(first, header)}"
    others = [
        layout
        for layout in near[1:]
        if layout.source != first.source or layout.table != first.table
        if likeness(layout) >= LIKE * likeness(first)
    ]
    if others:
        problem += f"; it may also be {_called(others[0])}, but {_lack(others[0], header)}"
        own, its = first.required - others[0].required, others[0].required - first.required
        remedy = (
            f"What parts the two: {_listed(own)} are in the first alone, {_listed(its)} in the "
            "second."
        )
    else:
        remedy = (
            f"Wanted: {_listed(first.required)}. Published at "
            f"{registry.sources()[first.source].home}"
        )
    return NearMiss([Fault(file, None, "", problem, remedy)])


def _called(layout: Layout) -> str:
    return f"{registry.sources()[layout.source].title} ({layout.name})"


def _listed(columns: Set[str]) -> str:
    return ", ".join(f"'{column}'" for column in sorted(columns)) or "no column"


def _lack(layout: Layout, header: Set[str]) -> str:
    absent = layout.required - header
    if absent:
        return f"has no column {_listed(absent)}"
    unwanted = {c.casefold() for c in layout.without} & header
    exact = {c.casefold() for c in layout.exactly}
    if unwanted or (exact and header - exact):
        return f"has the column {_listed(unwanted or header - exact)} as well"
    return "its values are another source's"


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


def version_text(text: str) -> str:
    """Return a version as its makers write it: 4.01 for 4.0100002, which Stata makes of it."""
    plain = text.strip()
    if re.fullmatch(r"\d+\.\d+", plain):
        return f"{float(plain):.6g}"
    return plain


def _version(
    raw: pl.DataFrame, columns: dict[str, str], layout: Layout, name: str, *, whole: bool
) -> str:
    version = ""
    if layout.version_column and layout.version_column[0].casefold() in columns:
        column, values = layout.version_column
        texts = without_marks(raw[columns[column.casefold()]].unique(), text=True).drop_nulls()
        spelt = {version_text(str(text)): str(text).strip() for text in texts}
        values = {version_text(text): release for text, release in values.items()}
        old = sorted({version_text(text) for text in layout.older} & {*spelt})
        if old:
            raise refusal(
                name,
                f"is release {old[0]} of {registry.sources()[layout.source].title}",
                "That release is too old; newer ones are published at "
                + registry.sources()[layout.source].home,
            )
        version = ", ".join(sorted(values.get(item, item) for item in spelt))
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


def _check_key(
    frame: pl.DataFrame, table: DataTable, layout: Layout, columns: Mapping[str, str], name: str
) -> None:
    key = table.key
    optional = {layout.columns[name] for name in layout.optional if name.casefold() not in columns}
    if not key or optional & {*key}:  # what tells the rows apart is not in the file
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
