"""The tables of the data folder as arrays of positions, ready to be written into dense arrays.

A state is its place among the states of the interstate system in the order of their COW
numbers; a year is counted from the first year asked for. Rows are sorted by year, so that
writing them runs through memory in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints
from detente.evidence.datasets import crosswalk, store

OPEN = 9999  # the year that stands for no end
FIRST_YEAR = 1816  # the interstate system of the Correlates of War Project begins here


@dataclass(frozen=True, eq=False)
class Dyads:
    """Values of ordered pairs of states: in single years, or in spells of years."""

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    value: NDArray[Any]
    covers: tuple[int, int]

    @cached_property
    def yearly(self) -> bool:
        """Every row is of a single year."""
        return bool(np.array_equal(self.start, self.end))


@dataclass(frozen=True, eq=False)
class StateYears:
    """Values of states in years: one column a variable, NaN where it is missing."""

    state: NDArray[np.int32]
    year: NDArray[np.int32]
    values: Floats
    names: tuple[str, ...]
    covers: tuple[int, int]


@dataclass(frozen=True, eq=False)
class TreatyMembers:
    """Spells of states in alliance treaties, by ATOP's member-level file.

    Attributes
    ----------
    treaty : int array (spells,)
        ATOP number.
    state : int array
        Place of the member among the states.
    begin, end : date arrays
        First and last day; where a month or a day is not known, the earliest and the latest
        that it can be. A spell that was still open when the coding ended has no end: the last
        day of the year 9999.
    promises : uint8 array
        What the member promised the others: bits 0 to 4 as those of ``obligations``.
    organised : bool array
        The treaty founds an organisation.
    covers : (int, int)
        First and last year.
    """

    treaty: Ints
    state: NDArray[np.int32]
    begin: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    promises: NDArray[np.uint8]
    organised: NDArray[np.bool_]
    covers: tuple[int, int]


@dataclass(frozen=True, eq=False)
class Members:
    """The interstate system: its states, and the spells of their membership.

    Attributes
    ----------
    codes : int array (states,)
        COW numbers in ascending order.
    abbreviations, names : tuple of str
        In the order of `codes`.
    state, start, end : int arrays
        Spells of membership: place of the state, first and last calendar year.
    dropped : int array (k, 3)
        Year and places of pairs that were members in one year and never on one day.
    """

    codes: Ints
    abbreviations: tuple[str, ...]
    names: tuple[str, ...]
    state: NDArray[np.int32]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    dropped: Ints

    @property
    def last_year(self) -> int:
        """The last year of the list of members."""
        return int(self.end.max())

    @property
    def ends(self) -> Ints:
        """Last years of the spells, those that the list leaves open without an end."""
        return np.where(self.end == self.last_year, OPEN, self.end)


def furthest_year() -> int:
    """Return the last year for which a panel can be built: the last that any source covers.

    The list of members ends before other sources do. From then on the states that it has at its
    end are taken to go on, which is the rule of the most recent year.
    """
    reach = [entry.last_year for entry in store.entries() if entry.last_year is not None]
    return max([members().last_year, *(year for year in reach if year < OPEN)])


def _stamp() -> tuple[str, int]:
    index = store.folder() / store.INDEX
    return str(index), index.stat().st_mtime_ns if index.exists() else 0


def members() -> Members:
    """Return the interstate system from the tables ``states`` and ``false_dyads``."""
    return _members(_stamp())


@lru_cache(maxsize=4)
def _members(stamp: tuple[str, int]) -> Members:
    table = store.table("states").sort("ccode", "start_date")
    last_spell = table.unique("ccode", keep="last").sort("ccode")
    codes = last_spell["ccode"].to_numpy().astype(np.int64)
    if store.find("false_dyads") is None:
        false = never_together(table)
    else:
        false = store.table("false_dyads").select("year", "ccode1", "ccode2").to_numpy()
    false = false[np.isin(false[:, 1], codes) & np.isin(false[:, 2], codes)]
    dropped = np.column_stack(
        [false[:, 0], np.searchsorted(codes, false[:, 1]), np.searchsorted(codes, false[:, 2])]
    ).astype(np.int64)
    return Members(
        codes=codes,
        abbreviations=tuple(last_spell["abbreviation"]),
        names=tuple(last_spell["name"]),
        state=np.searchsorted(codes, table["ccode"].to_numpy()).astype(np.int32),
        start=table["start_date"].dt.year().to_numpy().astype(np.int32),
        end=table["end_date"].dt.year().to_numpy().astype(np.int32),
        dropped=dropped,
    )


def never_together(spells: pl.DataFrame) -> Ints:
    """Return the pairs that were members in one year and never on one day of it.

    Parameters
    ----------
    spells : polars.DataFrame
        Spells of membership: ``ccode``, ``start_date``, ``end_date``.

    Returns
    -------
    int array (pairs, 3)
        Year and both COW numbers, in both orders.
    """
    code = spells["ccode"].to_numpy()
    start, end = (
        spells[name].to_numpy().astype("datetime64[D]") for name in ("start_date", "end_date")
    )
    begun, over = (day.astype("datetime64[Y]") for day in (start, end))
    pairs = set()
    # Only in a year in which a state comes or goes can it miss another.
    for state, year in {*zip(code, begun, strict=True), *zip(code, over, strict=True)}:
        current = (begun <= year) & (over >= year)
        own = current & (code == state)
        meets = (start[own][:, None] <= end[current]) & (start[current] <= end[own][:, None])
        for other in {*code[current].tolist()} - {*code[current][meets.any(axis=0)].tolist()}:
            pairs |= {(year, state, other), (year, other, state)}
    rows = [(int(str(year)), int(a), int(b)) for year, a, b in pairs]
    return np.array(sorted(rows), np.int64).reshape(-1, 3)


def _covers(table: str, source: str = "") -> tuple[int, int]:
    entry = store.find(table, source=source)
    if entry is None or entry.first_year is None or entry.last_year is None:
        return (0, 0)
    return entry.first_year, entry.last_year


def _known(frame: pl.DataFrame, codes: Ints, *columns: str) -> pl.DataFrame:
    """Drop rows of states that are not in the interstate system."""
    return frame.filter(
        *(pl.col(column).is_in(pl.lit(pl.Series(codes)).implode()) for column in columns)
    )


OBLIGATIONS = ("defense", "offense", "neutrality", "nonaggression", "consultation")
"""Kinds of promises, in the order of their bits."""


def _promises() -> pl.Expr:
    return pl.sum_horizontal(pl.col(kind) * 2**k for k, kind in enumerate(OBLIGATIONS))


@lru_cache(maxsize=64)
def _dyads(name: str, source: str, stamp: tuple[str, int]) -> Dyads:
    codes = members().codes
    frame = store.table(name, source=source)
    covers = _covers(name, source)
    if name == "contiguity":
        # Type 0 says "not contiguous" within spells that overlap real ones: it is left out.
        frame = frame.filter(pl.col("type") > 0).select(
            "ccode1",
            "ccode2",
            start=pl.col("start_date").dt.year(),
            end=pl.col("end_date").dt.year(),
            value=pl.col("type"),
        )
    elif name == "obligations":
        frame = frame.select("ccode1", "ccode2", start="year", end="year", value=_promises())
    elif name in ("rivalries_tss", "rivalries_td", "arms_races"):
        types = ("positional", "spatial", "ideological", "interventionary")
        value = pl.lit(1)
        if name == "rivalries_tss":  # bit 0: rivals; bits 1 to 4: about what
            value = 1 + pl.sum_horizontal(
                pl.col(kind).fill_null(0) * 2 ** (k + 1) for k, kind in enumerate(types)
            )
        frame = frame.select("ccode1", "ccode2", start="start_year", end="end_year", value=value)
        frame = _both_orders(frame)
    elif name in ("disputes_directed", "disputes_dyadic"):
        frame = _dispute_cells(frame)
    elif name == "war_dyads":
        frame = frame.select(
            "ccode1",
            "ccode2",
            start="year",
            end="year",
            value=pl.col("onset") + 2 * pl.col("ongoing"),
        )
    elif name == "igo_dyads":
        frame = _both_orders(
            frame.select("ccode1", "ccode2", start="year", end="year", value="shared_igos")
        )
    elif name == "minimum_distance":
        frame = _both_orders(
            frame.select("ccode1", "ccode2", start="start_year", end="end_year", value="mindist_km")
        )
    return _placed(frame, codes, covers, np.float32 if name == "minimum_distance" else np.uint8)


def _placed(frame: pl.DataFrame, codes: Ints, covers: tuple[int, int], kind: type) -> Dyads:
    frame = _known(frame, codes, "ccode1", "ccode2").sort("start")
    place = {
        column: np.searchsorted(codes, frame[column].to_numpy()).astype(np.int32)
        for column in ("ccode1", "ccode2")
    }
    return Dyads(
        first=place["ccode1"],
        second=place["ccode2"],
        start=frame["start"].to_numpy().astype(np.int32),
        end=frame["end"].to_numpy().astype(np.int32),
        value=frame["value"].fill_null(0).to_numpy().astype(kind),
        covers=covers,
    )


def _dispute_cells(frame: pl.DataFrame) -> pl.DataFrame:
    """Code disputes: 1 onset, 2 ongoing, 4 begun by the first state, 8 force was used."""
    force = pl.max_horizontal("hostility1", "hostility2") >= 4
    cells = frame.select(
        "ccode1",
        "ccode2",
        start="year",
        end="year",
        value=pl.col("onset")
        + 2 * pl.col("ongoing")
        + 4 * pl.col("onset") * (pl.col("side_a1") * pl.col("orig1")).fill_null(0)
        + 8 * pl.col("onset") * force.fill_null(False),
    )
    # All but who began it holds for both orders of the pair, whichever the file lists.
    swapped = cells.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).with_columns(
        value=pl.col("value") - (pl.col("value") & 4)
    )
    return pl.concat([cells, swapped.select(cells.columns)])


def disputes_from(frame: pl.DataFrame, covers: tuple[int, int]) -> Dyads:
    """Return a table of disputes by directed dyad-year as positions.

    Parameters
    ----------
    frame : polars.DataFrame
        As the table ``disputes_directed`` or ``disputes_dyadic``.
    covers : (int, int)
        First and last year for which an absent row means no dispute.
    """
    return _placed(_dispute_cells(frame), members().codes, covers, np.uint8)


def _both_orders(frame: pl.DataFrame) -> pl.DataFrame:
    swapped = frame.rename({"ccode1": "ccode2", "ccode2": "ccode1"}).select(frame.columns)
    return pl.concat([frame, swapped])


def dyads(name: str, *, source: str = "") -> Dyads:
    """Return a table of pairs as positions.

    Parameters
    ----------
    name : str
        ``contiguity``, ``obligations``, ``rivalries_tss``, ``rivalries_td``, ``arms_races``,
        ``disputes_directed``, ``war_dyads``, ``igo_dyads`` or ``minimum_distance``.
    source : str
        Take the table of this source, if there are several.
    """
    return _dyads(name, source, _stamp())


STATE_YEAR_TABLES = {
    "capabilities": ("milex", "milper", "irst", "pec", "tpop", "upop", "cinc"),
    "regime": ("euds", "polity2", "polyarchy"),
    "wealth": ("gdp_per_head", "gdp", "population"),
    "trade": ("imports", "exports"),
    "igo_states": ("igo_full",),
    "sipri_spending": ("milex_constant", "milex_current", "milex_share"),
    "warheads": ("warheads",),
    "nuclear_status": ("nuclear_status",),
    "ucdp_conflicts": ("conflict_intensity",),
    "ucdp_onsets": ("new_conflicts",),
}
NONE_IF_ABSENT = ("warheads", "nuclear_status", "ucdp_conflicts")
"""Tables of states in which no row, within the years that they cover, means none."""


def _of_states(name: str) -> pl.DataFrame:
    """Return a table with one row a state, by its COW number, and year."""
    frame = store.table(name)
    if name == "warheads":
        # Of two compilations the Bulletin's own goes before the older one.
        return frame.drop_nulls("ccode").sort("compiler").unique(["ccode", "year"], keep="first")
    if name == "nuclear_status":
        return frame.drop_nulls("ccode").rename({"status": "nuclear_status"})
    if name == "ucdp_onsets":
        return _in_cow(frame.rename({"gwcode": "gw"}))
    if name == "ucdp_conflicts":
        sides = pl.concat(
            [
                frame.select("year", "intensity", gw=pl.col(side).cast(pl.String).str.split(","))
                for side in ("gwno_a", "gwno_b")
            ]
        ).explode("gw")
        numbers = sides.with_columns(
            pl.col("gw").str.strip_chars().cast(pl.Int64, strict=False)
        ).drop_nulls()
        highest = numbers.group_by("gw", "year").agg(conflict_intensity=pl.col("intensity").max())
        return _in_cow(highest)
    return frame.drop_nulls("ccode").unique(["ccode", "year"], keep="first", maintain_order=True)


def _in_cow(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table in Gleditsch-Ward numbers by those of COW, as of each year."""
    spans = crosswalk.table().drop_nulls("gw").select("gw", "first_year", "last_year", ccode="cow")
    end = spans["last_year"].max()
    open_spans = spans.with_columns(
        last_year=pl.when(pl.col("last_year") == end).then(9999).otherwise("last_year")
    )
    return (
        frame.join(open_spans, on="gw")
        .filter(pl.col("year").is_between("first_year", "last_year"))
        .unique(["ccode", "year"], keep="last", maintain_order=True)
    )


@lru_cache(maxsize=16)
def _state_years(name: str, stamp: tuple[str, int]) -> StateYears:
    codes = members().codes
    columns = STATE_YEAR_TABLES[name]
    frame = _known(_of_states(name), codes, "ccode").sort("year", "ccode")
    return StateYears(
        state=np.searchsorted(codes, frame["ccode"].to_numpy()).astype(np.int32),
        year=frame["year"].to_numpy().astype(np.int32),
        values=np.ascontiguousarray(
            frame.select(pl.col(columns).cast(pl.Float64).fill_null(float("nan"))).to_numpy()
        ),
        names=columns,
        covers=_covers(name),
    )


def state_years(name: str) -> StateYears:
    """Return a table of states by year as positions and values."""
    return _state_years(name, _stamp())


@lru_cache(maxsize=4)
def _capitals(stamp: tuple[str, int]) -> tuple[StateYears, Floats, Floats]:
    codes = members().codes
    frame = _known(store.table("capitals"), codes, "ccode").sort("ccode", "start_date")
    start = frame["start_date"].dt.year().to_numpy()
    end = frame["end_date"].dt.year().to_numpy()
    state = np.searchsorted(codes, frame["ccode"].to_numpy()).astype(np.int32)
    spell = np.repeat(np.arange(len(state)), end - start + 1)
    year = np.concatenate([np.arange(a, b + 1) for a, b in zip(start, end, strict=True)])
    cells = StateYears(
        state=state[spell],
        year=year.astype(np.int32),
        values=spell[:, None].astype(float),
        names=("capital",),
        covers=_covers("capitals"),
    )
    return cells, frame["lat"].to_numpy(), frame["lon"].to_numpy()


def capitals() -> tuple[StateYears, Floats, Floats]:
    """Return which capital each state had in each year, and the places of the capitals.

    A year in which the capital moved has a row for each, the later one last.
    """
    return _capitals(_stamp())


@lru_cache(maxsize=4)
def _majors(stamp: tuple[str, int]) -> tuple[NDArray[np.int32], Ints, Ints, tuple[int, int]]:
    frame = store.table("majors")
    state = np.searchsorted(members().codes, frame["ccode"].to_numpy()).astype(np.int32)
    start = frame["start_date"].dt.year().to_numpy().astype(np.int64)
    end = frame["end_date"].dt.year().to_numpy().astype(np.int64)
    return state, start, end, _covers("majors")


def majors() -> tuple[NDArray[np.int32], Ints, Ints, tuple[int, int]]:
    """Return the spells of major power status: place, first and last year, and coverage."""
    return _majors(_stamp())


@lru_cache(maxsize=4)
def _treaty_members(stamp: tuple[str, int]) -> TreatyMembers | None:
    if store.find("treaty_members") is None:
        return None
    codes = members().codes
    frame = _known(store.table("treaty_members"), codes, "ccode")
    begin = _day(frame, "begin_year", "moent", "dayent", latest=False)
    end = _day(frame, "end_year", "moexit", "dayexit", latest=True)
    return TreatyMembers(
        treaty=frame["atopid"].to_numpy().astype(np.int64),
        state=np.searchsorted(codes, frame["ccode"].to_numpy()).astype(np.int32),
        begin=begin,
        end=end,
        promises=frame.select(_promises().fill_null(0)).to_series().to_numpy().astype(np.uint8),
        organised=(frame["organ1"].fill_null(0) > 0).to_numpy(),
        covers=_covers("treaty_members"),
    )


def _day(
    frame: pl.DataFrame, year: str, month: str, day: str, *, latest: bool
) -> NDArray[np.datetime64]:
    """Return the first or last day that a date with unknown parts can be."""

    def part(name: str) -> pl.Series:
        return frame[name].fill_null(0).clip(0, 31)

    years = frame[year].fill_null(0).to_numpy().astype(np.int64)
    years = np.where(years == 0, OPEN, years)
    months, days = part(month).to_numpy(), part(day).to_numpy()
    dated = months > 0
    month_number = np.where(dated, months, 12 if latest else 1)
    first = (years - 1970).astype("datetime64[Y]").astype("datetime64[M]") + (month_number - 1)
    last = (first + 1).astype("datetime64[D]") - 1
    exact = dated & (days > 0)
    start = first.astype("datetime64[D]")
    day_given = np.minimum(start + (days - 1), last)
    out: NDArray[np.datetime64] = np.where(exact, day_given, last if latest else start)
    return out


def treaty_members() -> TreatyMembers | None:
    """Return who was in which alliance treaty from when to when; None without ATOP's file."""
    return _treaty_members(_stamp())
