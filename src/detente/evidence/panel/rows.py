"""The panel of dyad-years: rows gathered from the dense arrays, documented column by column.

The frame is every pair of states that were members of the interstate system in a year, less
the pairs that were never members on one day of it. ``registry/panel.csv`` says what each
column is; ``docs/evidence/panel.md`` shows it.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.architecture.system import Ints
from detente.errors import MissingData, UnknownName, UsageError
from detente.evidence.datasets import registry, store
from detente.evidence.panel.arrays import (
    DYAD_TABLES,
    GROUPS,
    NOT_KNOWN,
    OF_SOME_PAIRS,
    PEACE,
    STATE_TABLES,
    Arrays,
    dense,
)
from detente.evidence.panel.gw_frame import FRAMES, in_gw

if TYPE_CHECKING:
    from detente.evidence.panel.own_tables import Given

UNITS = ("directed-dyad-year", "dyad-year", "state-year")


@dataclass(frozen=True, slots=True)
class PanelColumn:
    """One column of the panel: see ``registry/panel.csv``.

    Attributes
    ----------
    group, column : str
        The name in ``add``, and of the column.
    sides : str
        ``both``: one column a state; ``pair``: one for the pair; ``directed``: one in a
        directed panel, else one for each direction.
    array, bit : str, int or None
        Where it is in the dense arrays.
    absent : str
        What an absent row means within the years that the source covers: none or missing.
    unit, meaning : str
        For readers.
    """

    group: str
    column: str
    sides: str
    array: str
    bit: int | None
    absent: str
    unit: str
    meaning: str


@cache
def columns() -> tuple[PanelColumn, ...]:
    """Return the description of every column that a panel can have."""
    text = (
        files("detente.evidence.datasets.registry")
        .joinpath("panel.csv")
        .read_text(encoding="utf-8")
    )
    return tuple(
        PanelColumn(**{**row, "bit": int(row["bit"]) if row["bit"] else None})  # type: ignore[arg-type]  # a csv row is all text
        for row in csv.DictReader(text.splitlines())
    )


TABLES = {
    **DYAD_TABLES,
    **STATE_TABLES,
    **dict.fromkeys(PEACE, "disputes_directed"),
    "majors": "majors",
    "distance": "capitals",
}
"""The table of the data folder behind each group."""


def describe() -> pl.DataFrame:
    """Return what every column is, with the source and the years at hand.

    Returns
    -------
    polars.DataFrame
        One row a column: ``column``, ``group``, ``sides``, ``meaning``, ``unit``, ``table``,
        ``absent``, ``source``, and ``version``, ``first_year``, ``last_year`` of the file that
        serves it, null where the data folder has none. Outside those years a value is null.
    """
    rows = []
    for item in columns():
        table = TABLES[item.group]
        entry = store.find(table)
        serving = next(x for x in registry.layouts().values() if x.table == table)
        rows.append(
            {
                "column": item.column,
                "group": item.group,
                "sides": item.sides,
                "meaning": item.meaning,
                "unit": item.unit,
                "table": table,
                "absent": item.absent,
                "source": registry.sources()[entry.source if entry else serving.source].title,
                "version": entry.version if entry else None,
                "first_year": entry.first_year if entry else None,
                "last_year": entry.last_year if entry else None,
            }
        )
    return pl.DataFrame(rows)


@dataclass(frozen=True, eq=False)
class Rows:
    """The pairs of a panel as positions in the dense arrays.

    Attributes
    ----------
    flat : int array
        Cell of the pair in an array (years, states, states).
    first, second : int arrays
        Cell of either state in an array (years, states).
    start : int array (years + 1)
        First row of each year.
    """

    flat: Ints
    first: Ints
    second: Ints
    start: Ints

    def take(self, keep: NDArray[np.bool_]) -> Rows:
        """Return the rows where `keep` is true."""
        count = np.concatenate([[0], np.cumsum(keep)])
        return Rows(self.flat[keep], self.first[keep], self.second[keep], count[self.start])


def rows(arrays: Arrays, *, directed: bool) -> Rows:
    """List the pairs of every year, sorted by year and the two COW numbers.

    Parameters
    ----------
    arrays : Arrays
        The dense arrays.
    directed : bool
        Both orders of each pair, or only the one in which the first number is the smaller.
    """
    from detente.evidence.panel.panel_kernel import list_dyads

    counts = arrays.member.sum(axis=1, dtype=np.int64)
    most = int((counts * (counts - 1)).sum()) // (1 if directed else 2)
    flat, first, second = (np.empty(most, np.int64) for _ in range(3))
    start = np.empty(len(counts) + 1, np.int64)
    n = list_dyads(arrays.member, arrays.dropped, directed, flat, first, second, start)
    return Rows(flat[:n], first[:n], second[:n], start)


def relevant(arrays: Arrays, listed: Rows) -> NDArray[np.bool_]:
    """Return which pairs are politically relevant: contiguous, or one of them a major power.

    Raises
    ------
    MissingData
        If pairs of years are listed that contiguity or major powers do not cover.
    """
    years = arrays.years[np.flatnonzero(np.diff(listed.start))]
    for name, table in (("contiguity", "contiguity"), ("major", "majors")):
        first, last = arrays.covers.get(name, (arrays.first, arrays.last))
        if len(years) and not first <= years[0] <= years[-1] <= last:
            raise MissingData(
                f"which pairs are politically relevant is not known for {years[0]}-{years[-1]}: "
                f"the table '{table}' of the data folder covers {first}-{last}. Ask for these "
                "years, or add a release that reaches further with: detente data add FILE"
            )
    major = arrays.states["major"].reshape(-1)
    near = arrays.dyads["contiguity"].reshape(-1)[listed.flat] > 0
    return near | (major[listed.first] > 0) | (major[listed.second] > 0)


def panel(
    first: int,
    last: int,
    *,
    unit: str = "directed-dyad-year",
    add: str | Sequence[str] = (),
    relevant_only: bool = False,
    own: Given | Sequence[Given] = (),
    frame: str = "cow",
    arrays: Arrays | None = None,
) -> pl.DataFrame:
    """Build a table of states or pairs of states by year, from the user's data folder.

    Parameters
    ----------
    first, last : int
        Calendar years, both included. After the list of members of the interstate system ends,
        its last members are taken to go on, up to the last year of any source in the data folder;
        a column is null where its own source ends.
    unit : str
        ``directed-dyad-year``, ``dyad-year`` (the first COW number the smaller) or
        ``state-year``.
    add : str or sequence of str
        Groups of columns, of `arrays.GROUPS`; ``"all"`` for all that the unit
        can have.
    relevant_only : bool
        Only pairs that are contiguous or of which one is a major power in the year.
    own : path, polars.DataFrame or several
        Tables of one's own by state and year or by pair and year: every column of theirs is
        added, with 1 and 2 behind its name for the two states of a pair.
    frame : str
        ``cow``, the interstate system of the Correlates of War Project, or ``gw``, the states of
        Gleditsch and Ward (with ``gwcode`` beside ``ccode``).
    arrays : Arrays, optional
        Dense arrays of the same years that were built before.

    Returns
    -------
    polars.DataFrame
        ``year``, ``ccode1``, ``ccode2`` (or ``ccode``), and the columns of the groups; null
        where a value is not known, or lies outside the years that its source covers.

    Examples
    --------
    >>> import detente as dt
    >>> table = dt.panel(1816, 2010, add=["contiguity", "alliances"])  # doctest: +SKIP
    >>> table.write_parquet("panel.parquet")  # doctest: +SKIP
    """
    if unit not in UNITS:
        raise UnknownName("unit", unit, UNITS)
    if frame not in FRAMES:
        raise UnknownName("frame", frame, FRAMES)
    groups = [add] if isinstance(add, str) else list(add)
    if groups == ["all"]:
        of_states = {item.group for item in columns() if item.sides == "both"}
        groups = [name for name in GROUPS if unit != "state-year" or name in of_states]
    for group in groups:
        if group not in GROUPS:
            hint = f"Groups: {', '.join(GROUPS)}. What each holds: detente data columns"
            raise UnknownName("group of columns", group, GROUPS, hint)
    needed = [*groups, *(("contiguity", "majors") if relevant_only else ())]
    built = arrays or dense(first, last, needed)
    if (built.first, built.last) != (first, last):
        raise UsageError(f"the arrays are of {built.first} to {built.last}, not {first} to {last}")
    wanted = [item for item in columns() if item.group in groups]
    table = _table(built, wanted, unit, relevant_only=relevant_only)
    tables = _several(own)
    if tables:
        from detente.evidence.panel.own_tables import attach

        table = attach(table, tables, unit)
    return in_gw(table, first, last, unit) if frame == "gw" else table


def _several(own: Given | Sequence[Given]) -> list[Given]:
    if isinstance(own, list | tuple):
        return list(own)
    return [own]  # type: ignore[list-item]  # what is no list is one table


def _table(
    built: Arrays, wanted: list[PanelColumn], unit: str, *, relevant_only: bool
) -> pl.DataFrame:
    if unit == "state-year":
        return _state_years(built, wanted)
    directed = unit == "directed-dyad-year"
    listed = rows(built, directed=directed)
    if relevant_only:
        listed = listed.take(relevant(built, listed))
    return _gather(built, listed, wanted, directed=directed)


def _gather(
    made: Arrays, listed: Rows, wanted: list[PanelColumn], *, directed: bool
) -> pl.DataFrame:
    states = len(made.codes)
    side = _state_table(made, [item for item in wanted if item.sides == "both"])
    at = {
        name: pl.Series(index.astype(np.uint32))
        for name, index in (("1", listed.first), ("2", listed.second))
    }
    base = pl.DataFrame({"year": np.repeat(made.years.astype(np.int16), states)}).with_columns(
        ccode=pl.Series(np.tile(made.codes.astype(np.int16), len(made.member)))
    )
    left = base.select(
        pl.col("year").gather(at["1"]),
        pl.col("ccode").gather(at["1"]).alias("ccode1"),
        ccode2=pl.col("ccode").gather(at["2"]),
    )
    parts = [left]
    if side.width:  # one selection, so that Polars gathers its columns side by side
        parts.append(
            side.select(
                pl.col(name).gather(at[place]).alias(name + place)
                for name in side.columns
                for place in ("1", "2")
            )
        )
    taken: dict[str, NDArray[Any]] = {}
    cells: list[pl.Series] = []
    for item in (item for item in wanted if item.sides != "both"):
        if item.array == "first_capital":
            cells.append(_distance(made, listed).alias(item.column))
            continue
        split = item.sides == "directed" and not directed
        for label, flip in ((item.column + "1" if split else item.column, False),) + (
            ((item.column + "2", True),) if split else ()
        ):
            source = item.array + ("'" if flip else "")
            if source not in taken:
                array = made.dyads[item.array]
                where = _flipped(listed, states) if flip else listed.flat
                taken[source] = array.reshape(-1).take(where)
            values = taken[source]
            if item.bit is not None:
                values = (values >> np.uint8(item.bit)) & np.uint8(1)
            series = pl.Series(label, values)
            if item.group in OF_SOME_PAIRS:
                series = series.set(series == NOT_KNOWN, None)
            cells.append(_outside(made, listed, series, made.covers[item.group]))
    return pl.concat([*parts, pl.DataFrame(cells)] if cells else parts, how="horizontal")


def _flipped(listed: Rows, states: int) -> Ints:
    year, rest = np.divmod(listed.flat, states * states)
    i, j = np.divmod(rest, states)
    flipped: Ints = (year * states + j) * states + i
    return flipped


def _outside(made: Arrays, listed: Rows, series: pl.Series, covered: tuple[int, int]) -> pl.Series:
    """Put null where the source says nothing: rows are sorted by year, so at both ends."""
    if series.dtype.is_float():
        series = series.fill_nan(None)
    years = len(made.member)
    begin = int(listed.start[min(max(covered[0] - made.first, 0), years)])
    end = int(listed.start[min(max(covered[1] + 1 - made.first, 0), years)])
    if begin == 0 and end == series.len():
        return series
    empty = pl.Series(series.name, [None], dtype=series.dtype)
    before = empty.new_from_index(0, begin)
    after = empty.new_from_index(0, series.len() - end)
    return pl.concat([before, series[begin:end], after]).rechunk()


def _distance(made: Arrays, listed: Rows) -> pl.Series:
    if made.capital_distance is None:
        raise UsageError("the arrays were built without the group 'distance'")
    capital = made.states["first_capital"].reshape(-1)
    first_capital, two = capital[listed.first], capital[listed.second]
    values = made.capital_distance[first_capital, two].astype(np.float32)
    values[(first_capital < 0) | (two < 0)] = np.nan
    return pl.Series(values).fill_nan(None)


def _state_table(made: Arrays, wanted: list[PanelColumn]) -> pl.DataFrame:
    table = {}
    for item in wanted:
        series = pl.Series(item.column, made.states[item.array].reshape(-1))
        if series.dtype.is_float():
            table[item.column] = series.fill_nan(None)
        else:
            first, last = made.covers.get(item.array, (made.first, made.last))
            outside = (made.years < first) | (made.years > last)
            silent = pl.Series(np.repeat(outside, len(made.codes)))
            table[item.column] = series.set(silent, None)
    return pl.DataFrame(table)


def _state_years(made: Arrays, wanted: list[PanelColumn]) -> pl.DataFrame:
    pairs = [item.column for item in wanted if item.sides != "both"]
    if pairs:
        raise UsageError(f"a state-year panel has no columns of pairs: {', '.join(pairs)}")
    cells = np.flatnonzero(made.member.reshape(-1))
    year, state = np.divmod(cells, len(made.codes))
    frame = pl.DataFrame(
        {
            "year": (year + made.first).astype(np.int16),
            "ccode": made.codes[state].astype(np.int16),
        }
    )
    table = _state_table(made, wanted)
    if not table.width:
        return frame
    return frame.hstack(table[cells.tolist()].get_columns())
