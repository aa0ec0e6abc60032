"""Two centuries as dense arrays: year x state x state, the data model of the evidence room.

Rows are gathered from these arrays only when somebody wants a table; a lens, a fit or a series
of architectures reads the arrays. What a source does not cover is marked by the years it
covers, so that an empty cell inside them means "none" and outside them "not known".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, great_circle
from detente.errors import UnknownName, UsageError
from detente.evidence.panel import table_arrays

if TYPE_CHECKING:
    import xarray as xr

DYAD_TABLES = {
    "contiguity": "contiguity",
    "alliances": "obligations",
    "rivalry": "rivalries_tss",
    "rivalry_td": "rivalries_td",
    "arms_races": "arms_races",
    "disputes": "disputes_directed",
    "wars": "war_dyads",
    "igos": "igo_dyads",
    "minimum_distance": "minimum_distance",
}
STATE_TABLES = {
    "capabilities": "capabilities",
    "regime": "regime",
    "wealth": "wealth",
    "trade": "trade",
    "igo_memberships": "igo_states",
    "spending": "sipri_spending",
    "warheads": "warheads",
    "nuclear": "nuclear_status",
    "conflicts": "ucdp_conflicts",
    "conflict_onsets": "ucdp_onsets",
}
DERIVED = ("majors", "distance", "peace_years", "peace_spells")
PEACE = {"peace_years": 1, "peace_spells": 3}
"""Groups that count years of peace, and the bits of ``disputes`` that end them."""
GROUPS = (*DYAD_TABLES, *STATE_TABLES, *DERIVED)
OF_SOME_PAIRS = ("igos",)
"""Groups of counts whose source leaves pairs out of which it knows nothing."""
NOT_KNOWN = 255
"""What stands in their arrays for such a pair."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """Dense arrays over years and states.

    Attributes
    ----------
    first : int
        Calendar year of the first row of every array.
    codes : int array (states,)
        COW numbers.
    member : uint8 array (years, states)
        1 where a state is a member of the interstate system on a day of the year.
    dropped : int array
        Sorted flat cells of pairs that were never members on one day of the year.
    dyads : dict
        Arrays (years, states, states) by group; see ``docs/evidence/panel.md`` for their codes.
    states : dict
        Arrays (years, states) by variable, NaN where not known.
    capital_distance : array (capitals, capitals)
        Kilometres between capitals; ``states["capital"]`` says which capital a state has at the
        end of a year, ``states["first_capital"]`` at its beginning.
    covers : dict
        First and last calendar year that the source of a group or variable covers.
    """

    first: int
    codes: Ints
    member: NDArray[np.uint8]
    dropped: Ints
    dyads: dict[str, NDArray[Any]] = field(default_factory=dict)
    states: dict[str, NDArray[Any]] = field(default_factory=dict)
    capital_distance: Floats | None = None
    covers: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """Calendar year of the last row."""
        return self.first + len(self.member) - 1

    @property
    def years(self) -> Ints:
        """Calendar years of the rows."""
        return np.arange(self.first, self.last + 1)

    def distance(self, year: int) -> Floats:
        """Return the kilometres between all capitals at the end of a year, array (states, states).

        NaN where a state has no capital in that year.
        """
        if self.capital_distance is None:
            raise UsageError("these arrays were built without the group 'distance'")
        capital = self.states["capital"][year - self.first]
        distances = self.capital_distance[np.ix_(capital, capital)]
        distances[capital < 0] = np.nan
        distances[:, capital < 0] = np.nan
        return distances

    def to_xarray(self) -> xr.Dataset:
        """Return the arrays as a labelled Dataset with dimensions year, state, other."""
        import xarray as xr

        coords = {"year": self.years, "state": self.codes, "other": self.codes}
        data: dict[str, Any] = {"member": (("year", "state"), self.member.astype(bool))}
        data |= {k: (("year", "state"), v) for k, v in self.states.items()}
        data |= {k: (("year", "state", "other"), v) for k, v in self.dyads.items()}
        dataset = xr.Dataset(data, coords=coords)
        for name, years in self.covers.items():
            if name in dataset:
                dataset[name].attrs["covers"] = f"{years[0]}-{years[1]}"
        return dataset


def dense(
    first: int,
    last: int,
    groups: Iterable[str] = (),
    *,
    disputes: table_arrays.Dyads | None = None,
) -> Arrays:
    """Build the dense arrays of the years `first` to `last`.

    Parameters
    ----------
    first, last : int
        Calendar years, both included. After the interstate system's list ends its last members
        go on, up to the last year that any source in the data folder covers.
    groups : iterable of str
        Which of `GROUPS` to build.
    disputes : table_arrays.Dyads, optional
        Take disputes from here instead of the data folder.

    Raises
    ------
    UsageError
        If the years lie outside the list of members.
    MissingData
        If a source that a group needs was not added to the data folder.
    """
    wanted = list(dict.fromkeys(groups))
    for group in wanted:
        if group not in GROUPS:
            raise UnknownName("group of variables", group, GROUPS)
    check_span(first, last, extended=True)
    system = table_arrays.members()
    if set(PEACE) & set(wanted) and "disputes" not in wanted:
        wanted.append("disputes")
    years, states = last - first + 1, len(system.codes)
    member = np.zeros((years, states), np.uint8)
    for state, start, end in zip(system.state, system.start, system.ends, strict=True):
        member[max(start - first, 0) : max(end - first + 1, 0), state] = 1
    drop = system.dropped[(system.dropped[:, 0] >= first) & (system.dropped[:, 0] <= last)]
    cells = ((drop[:, 0] - first) * states + drop[:, 1]) * states + drop[:, 2]
    dense_arrays = Arrays(first=first, codes=system.codes, member=member, dropped=np.sort(cells))
    # All in one block of memory, since fresh pages cost more than what is written to them; and
    # one after the other, since each takes less time than starting a thread on a busy machine.
    small = [group for group in wanted if group in DYAD_TABLES and group != "minimum_distance"]
    block = np.zeros((len(small), years, states, states), np.uint8)
    for group, array in zip(small, block, strict=True):
        _add_dyads(dense_arrays, group, array, disputes)
    if "minimum_distance" in wanted:
        _add_minimum_distance(dense_arrays)
    for group in filter(STATE_TABLES.get, wanted):
        _add_states(dense_arrays, STATE_TABLES[group])
    if "majors" in wanted:
        _add_majors(dense_arrays)
    if "distance" in wanted:
        _add_capitals(dense_arrays)
    if set(PEACE) & set(wanted):
        _add_peace(dense_arrays, [group for group in PEACE if group in wanted], disputes)
    return dense_arrays


def check_span(first: int, last: int, *, extended: bool = False) -> None:
    """Refuse years that are in the wrong order, or of which the members are not known.

    Parameters
    ----------
    first, last : int
        Calendar years.
    extended : bool
        Whether the last members of the interstate system's list may go on after its end.

    Raises
    ------
    UsageError
        Says which years can be had.
    """
    if first > last:
        raise UsageError(f"the first year, {first}, comes after the last, {last}")
    listed = table_arrays.members().last_year
    end = table_arrays.furthest_year() if extended else listed
    if not table_arrays.FIRST_YEAR <= first <= last <= end:
        rule = (
            f"; its last members are taken to go on to {end}, the last year of any source in the "
            "data folder"
            if end > listed
            else ""
        )
        raise UsageError(
            f"years {first} to {last} lie outside the interstate system's list, "
            f"{table_arrays.FIRST_YEAR} to {listed}{rule}"
        )


def extension(last: int) -> str:
    """Say by which rule a panel reaches a year after the list of members; empty before."""
    listed = table_arrays.members().last_year
    if last <= listed:
        return ""
    return (
        f"The list of members of the interstate system ends in {listed}: the states that it has "
        f"then are taken to go on to {last}. Columns are null where their own source ends."
    )


def _add_dyads(
    out: Arrays, group: str, array: NDArray[np.uint8], disputes: table_arrays.Dyads | None
) -> None:
    from detente.evidence.panel.panel_kernel import fill_cells, fill_spells

    stored = disputes if group == "disputes" else None
    stored = stored or table_arrays.dyads(DYAD_TABLES[group])
    out.covers[group] = stored.covers
    origin = np.int32(out.first)
    # A count is written with one added, which is taken off again: what was not written is then
    # one less than nothing, NOT_KNOWN.
    counts = np.uint8(group in OF_SOME_PAIRS)
    if stored.yearly:
        rows = slice(*np.searchsorted(stored.start, [out.first, out.last + 1]))
        year, value = stored.start[rows] - origin, stored.value[rows]
        value = value + counts if counts else value
        fill_cells(year, stored.first[rows], stored.second[rows], value, array)
    else:
        start, end = stored.start - origin, stored.end - origin
        fill_spells(stored.first, stored.second, stored.value, start, end, array)
    if counts:
        array -= counts
    out.dyads[group] = array


def _add_minimum_distance(out: Arrays) -> None:
    from detente.evidence.panel.panel_kernel import fill_distances

    spells = table_arrays.dyads(DYAD_TABLES["minimum_distance"])
    out.covers["minimum_distance"] = spells.covers
    years, states = out.member.shape
    far = np.full((years, states, states), np.nan, np.float32)
    start, end = spells.start - np.int32(out.first), spells.end - np.int32(out.first)
    fill_distances(spells.first, spells.second, spells.value, start, end, far)
    out.dyads["minimum_distance"] = far


def _add_states(out: Arrays, table: str) -> None:
    yearly = table_arrays.state_years(table)
    years, states = out.member.shape
    values = np.full((years, states, len(yearly.names)), np.nan)
    if table in table_arrays.NONE_IF_ABSENT:
        begin, end = (year - out.first for year in yearly.covers)
        values[max(begin, 0) : max(end + 1, 0)] = 0.0
    rows = slice(
        np.searchsorted(yearly.year, out.first), np.searchsorted(yearly.year, out.last + 1)
    )
    values[yearly.year[rows] - out.first, yearly.state[rows]] = yearly.values[rows]
    for k, name in enumerate(yearly.names):
        out.states[name] = values[:, :, k]
        out.covers[name] = yearly.covers


def _add_majors(out: Arrays) -> None:
    state, start, end, covers = table_arrays.majors()
    major = np.zeros(out.member.shape, np.uint8)
    for who, begin, stop in zip(state, start, end, strict=True):
        major[max(begin - out.first, 0) : max(stop - out.first + 1, 0), who] = 1
    out.states["major"] = major & out.member
    out.covers["major"] = covers


def _add_capitals(out: Arrays) -> None:
    cells, lat, lon = table_arrays.capitals()
    keep = (cells.year >= out.first) & (cells.year <= out.last)
    where, spell = (cells.year[keep] - out.first, cells.state[keep]), cells.values[keep, 0]
    # Spells are in order: where the capital moved, the last of the year and the first.
    last = np.full(out.member.shape, -1, np.int64)
    np.maximum.at(last, where, spell.astype(np.int64))
    early = np.full(out.member.shape, len(lat), np.int64)
    np.minimum.at(early, where, spell.astype(np.int64))
    out.states["capital"] = last
    out.states["first_capital"] = np.where(last < 0, -1, early)
    out.covers["distance"] = cells.covers
    object.__setattr__(out, "capital_distance", great_circle(lat, lon))


def _add_peace(out: Arrays, groups: list[str], disputes: table_arrays.Dyads | None) -> None:
    """Count peace years from the first year of the system on, whatever years are asked for."""
    from detente.evidence.panel.panel_kernel import count_peace

    whole = out
    if out.first > table_arrays.FIRST_YEAR:
        whole = dense(table_arrays.FIRST_YEAR, out.last, ["disputes"], disputes=disputes)
    begin, end = out.covers["disputes"]
    for group in groups:
        peace = np.full(whole.dyads["disputes"].shape, -1, np.int16)
        count_peace(whole.dyads["disputes"] & np.uint8(PEACE[group]), whole.member, peace)
        out.dyads[group] = peace[out.first - whole.first :]
        out.covers[group] = (begin, end + 1)
