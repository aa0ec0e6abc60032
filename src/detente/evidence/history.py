"""Any year since 1816 as an architecture, out of the user's data folder.

`history` answers with a value like any other: lenses, audits and pages work on it. Who is a
state, what it can bring to bear, who promised what to whom and who is a rival of whom comes
from the sources named in the tables' own rows; what is assumed is marked so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import polars as pl

from detente.architecture.mapping import TieMapping
from detente.architecture.package.tables import Package
from detente.architecture.value import Architecture
from detente.errors import UsageError
from detente.evidence.datasets import crosswalk, store
from detente.evidence.datasets.registry import sources
from detente.evidence.moments import moment
from detente.evidence.panel import arrays, table_arrays, treaties

if TYPE_CHECKING:
    import xarray as xr

OFFENSE = table_arrays.OBLIGATIONS.index("offense")
REGIONS = ((200, "americas"), (400, "europe"), (600, "africa"), (700, "middle_east"), (900, "asia"))
RECENT = 10  # years in which a use of force raises the intensity of a rivalry; assumed
REMEMBERED = 60  # years of past disputes that a year's architecture lists
MID_YEAR = (7, 1)  # the day that stands for a year
RIVALRY_BITS = {2: "territory", 1: "regional", 3: "regime", 4: "regional"}
USED = {
    "cow-states": "states",
    "peacesciencer": "capitals",
    "cow-nmc": "capabilities",
    "atop": "obligations",
    "tss": "rivalries_tss",
    "gml": "disputes_directed",
    "cow-contiguity": "contiguity",
    "regime": "regime",
}
"""Source of a row to the table that it comes from."""
TABLES = (*USED.values(), "treaty_members", "false_dyads")
"""The tables of the data folder on which the architecture of a year depends."""


class Series(Sequence[Architecture]):
    """The architectures of several years, made when they are asked for.

    Attributes
    ----------
    years : tuple of int
        Calendar years, in order.
    """

    def __init__(self, years: Sequence[int]) -> None:
        self.years = tuple(years)
        for year in self.years:
            _check(year)

    def __len__(self) -> int:
        return len(self.years)

    @overload
    def __getitem__(self, place: int) -> Architecture: ...
    @overload
    def __getitem__(self, place: slice) -> Series: ...
    def __getitem__(self, place: int | slice) -> Architecture | Series:
        if isinstance(place, slice):
            return Series(self.years[place])
        return _of_year(self.years[place])

    def __iter__(self) -> Iterator[Architecture]:
        return (_of_year(year) for year in self.years)

    def __repr__(self) -> str:
        if not self.years:
            return "<Series of no years>"
        return f"<Series of {len(self)} architectures, {self.years[0]} to {self.years[-1]}>"

    def to_xarray(self) -> xr.Dataset:
        """Return members, capabilities, alliances and rivalries of all years as dense arrays."""
        groups = ["capabilities", "alliances", "rivalry", "majors"]
        whole = arrays.dense(min(self.years), max(self.years), groups).to_xarray()
        return whole.sel(year=list(self.years))


@overload
def history(when: int | str | dt.date) -> Architecture: ...
@overload
def history(when: range | Sequence[int]) -> Series: ...
def history(when: int | str | dt.date | range | Sequence[int]) -> Architecture | Series:
    """Return the architecture of a year or a day since 1816, or the series of several years.

    Parameters
    ----------
    when : int, date, text of either, or sequence of int
        A calendar year stands for its first of July. As text: ``"1914"``, ``"1914-07-28"``.
        Membership and capitals are known by day; alliances too if ATOP's file of treaty members
        is in the data folder, else by year; capabilities and rivalries by year.

    Returns
    -------
    Architecture or Series
        Allies by ATOP's defense obligations (other kinds are there as commitments that count
        nothing unless switched on), rivals by Thompson, Sakuwa and Suhas, capability by CINC.
        Treaties of many members are organisations, which states can join and leave.

    Raises
    ------
    MissingData
        If a source is not in the data folder: says who publishes it.
    UsageError
        If the year lies outside the interstate system's list, or it is no year at all.

    Examples
    --------
    >>> import detente as dt
    >>> g = dt.history(1914)  # doctest: +SKIP
    >>> g.names["AUH"]  # doctest: +SKIP
    'Austria-Hungary'
    """
    if isinstance(when, str):
        told = moment(when)
        if told is None:
            raise _no_year(when)
        when = told
    if isinstance(when, dt.datetime):
        when = when.date()
    if isinstance(when, dt.date):
        return _build(when)
    if _is_year(when):
        return _of_year(int(when))  # type: ignore[arg-type]  # a whole number, also NumPy's
    try:
        years = list(when)  # type: ignore[arg-type]  # what it is not is refused here
    except TypeError:
        raise _no_year(when) from None
    for year in years:
        if not _is_year(year):
            raise _no_year(year)
    return Series([int(year) for year in years])


def _is_year(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _no_year(value: object) -> UsageError:
    return UsageError(
        f"{value!r} is no year and no day: give a whole number such as 1914, a date, a text such "
        "as '1914-07-28', or several years"
    )


def _of_year(year: int) -> Architecture:
    _check(year)
    return _build(dt.date(year, *MID_YEAR))


def _check(year: int) -> None:
    last = table_arrays.members().last_year
    if not table_arrays.FIRST_YEAR <= year <= last:
        raise UsageError(
            f"{year} lies outside the interstate system's list, {table_arrays.FIRST_YEAR} to {last}"
        )


def _build(day: dt.date) -> Architecture:
    _check(day.year)
    states_known = _states(day)
    codes = dict(states_known.select("cow_code", "state").iter_rows())
    promised = _promises(day, codes)
    organisations, memberships = _organisations(codes, promised)
    tables = {
        "states": states_known,
        "measures": pl.DataFrame(
            {
                "measure": ["cinc"],
                "name": ["Composite index of national capability"],
                "unit": ["share of world capability"],
                "default": ["yes"],
                "meaning": [
                    "Mean of six shares of the world total: population, urban population, iron "
                    "and steel, energy, military personnel, military expenditure."
                ],
                "source": ["cow-nmc"],
            }
        ),
        "capabilities": _capabilities(day, codes),
        "organisations": organisations,
        "memberships": memberships,
        "commitments": _commitments(day, codes, promised),
        "rivalries": _rivalries(day, codes),
        "contiguity": _contiguity(day, codes),
        "regimes": _regimes(day, codes),
        "disputes": _disputes(day, codes),
        "sources": _sources(),
    }
    package = Package.from_tables(
        {name: frame for name, frame in tables.items() if frame.height},
        name=f"history-{day:%Y-%m-%d}",
        title=f"The interstate system on {day.day} {day:%B} {day.year}",
        date=day,
        description=(
            "Built from the data folder: members of the interstate system, their capabilities, "
            "alliance obligations and strategic rivalries. Rivalries are those of the year, "
            f"obligations {'of the day' if table_arrays.treaty_members() else 'of the year'}."
        ),
        region="world",
    )
    return Architecture(
        name=package.name,
        title=package.title,
        description=package.description,
        region=package.region,
        date=day,
        tables=MappingProxyType(dict(package.tables)),
        measure="cinc",
        mapping=TieMapping(),
    )


def _states(day: dt.date) -> pl.DataFrame:
    members = store.table("states").filter(
        (pl.col("start_date") <= day) & (pl.col("end_date") >= day)
    )
    seats = (
        store.table("capitals")
        .filter((pl.col("start_date") <= day) & (pl.col("end_date") >= day))
        .sort("start_date")
        .unique("ccode", keep="last")
        .select("ccode", "capital", "lat", "lon")
    )
    codes = crosswalk.of_year(day.year).select("cow", "state", called="name").unique("cow")
    rows = members.join(seats, on="ccode", how="left").join(
        codes, left_on="ccode", right_on="cow", how="left"
    )
    region = pl.lit("oceania")
    for limit, name in reversed(REGIONS):
        region = pl.when(pl.col("ccode") < limit).then(pl.lit(name)).otherwise(region)
    return rows.select(
        state=pl.coalesce("state", "abbreviation"),
        name=pl.coalesce("called", "name"),
        cow_code="ccode",
        capital="capital",
        lat="lat",
        lon="lon",
        role=pl.lit("regional"),
        region=region,
        source=pl.lit("cow-states"),
        confidence=pl.lit("high"),
    ).sort("state")


def _capabilities(day: dt.date, codes: dict[int, str]) -> pl.DataFrame:
    rows = store.table("capabilities").filter(
        pl.col("year") == day.year, pl.col("cinc").is_not_null(), pl.col("ccode").is_in(list(codes))
    )
    return rows.select(
        state=_translated("ccode", codes),
        measure=pl.lit("cinc"),
        year=pl.lit(day.year, dtype=pl.Int64),
        value="cinc",
        source=pl.lit("cow-nmc"),
        confidence=pl.lit("high"),
    )


def _promises(day: dt.date, codes: dict[int, str]) -> treaties.InForce:
    """Return the promises in force on a day, by places of the states."""
    system, obligations = table_arrays.members(), table_arrays.dyads("obligations")
    if not obligations.covers[0] <= day.year <= obligations.covers[1]:
        raise UsageError(
            f"alliance obligations are known for {obligations.covers[0]}-{obligations.covers[1]}"
        )
    of_year = slice(*np.searchsorted(obligations.start, [day.year, day.year + 1]))
    states = len(system.codes)
    promised = np.zeros((states, states), np.uint8)
    promised[obligations.first[of_year], obligations.second[of_year]] = obligations.value[of_year]
    member = np.isin(system.codes, list(codes))
    return treaties.in_force(promised, table_arrays.treaty_members(), member, np.datetime64(day))


def _commitments(day: dt.date, codes: dict[int, str], found: treaties.InForce) -> pl.DataFrame:
    numbers = table_arrays.members().codes
    behind = treaties.by_pair(found.treaties)
    rows: list[dict[str, Any]] = []
    for i, j in np.argwhere(found.promises):
        first_code, two = codes[int(numbers[i])], codes[int(numbers[j])]
        value, back = int(found.promises[i, j]), int(found.promises[j, i])
        for kind, bit in {**treaties.KINDS, "offense": OFFENSE}.items():
            promised_here, theirs = value >> bit & 1, back >> bit & 1
            if not promised_here or (theirs and i > j):  # a mutual promise is one row
                continue
            by = [
                spell
                for spell in behind.get((int(i), int(j)), ())
                if treaties.promised_by(spell, int(i), kind)
            ]
            start, end, name = _dated(day, by, int(i), int(j))
            rows.append(
                {
                    "commitment": f"{first_code}-{two}-{kind}".lower(),
                    "kind": kind,
                    "promiser": first_code,
                    "beneficiary": two,
                    "direction": "mutual" if theirs else "one_way",
                    "start": start,
                    "end": end,
                    "strength": "binding",
                    "name": name,
                    "note": None,
                    "source": "atop",
                    "confidence": "high",
                }
            )
    return pl.DataFrame(rows, schema_overrides={"end": pl.Date, "note": pl.String})


def _dated(
    day: dt.date, by: list[treaties.Spell], i: int, j: int
) -> tuple[dt.date, dt.date | None, str]:
    """Return the first and last day of a promise, and the treaties behind it."""
    if not by:  # no treaty is found behind it: it stands for the year
        whole = dt.date(day.year, 1, 1), dt.date(day.year, 12, 31)
        return (*whole, f"ATOP obligation, {day.year}")
    begins, ends = [], []
    for spell in by:
        place = np.searchsorted(spell.members, [i, j])
        begins.append(spell.begin[place].max())
        ends.append(spell.end[place].min())
    last = max(ends).item()
    name = "ATOP " + ", ".join(str(spell.treaty) for spell in by)
    return min(begins).item(), last if last.year < table_arrays.OPEN else None, name


def _organisations(
    codes: dict[int, str], found: treaties.InForce
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the treaties that are organisations, and their members."""
    numbers = table_arrays.members().codes
    organisations: list[dict[str, Any]] = []
    memberships: list[dict[str, Any]] = []
    for organisation in found.organisations:
        spell = organisation.spell
        named = treaties.name(spell.treaty, spell.begin.min().item())
        organisations.append(
            {
                "organisation": named.code,
                "name": named.name,
                "kind": named.kind,
                "start": spell.begin.min().item(),
                "commitment": organisation.main,
                "second_commitment": organisation.second or None,
                "strength": "binding",
                "weight": 1.0,
                "admits": named.admits or None,
                "note": f"ATOP {spell.treaty}; who may join is our reading of the treaty."
                if named.admits != "none"
                else f"ATOP {spell.treaty}; taken to be closed to others.",
                "source": "atop",
                "confidence": "high",
            }
        )
        for k, place in enumerate(spell.members):
            end = spell.end[k].item()
            memberships.append(
                {
                    "organisation": named.code,
                    "state": codes[int(numbers[place])],
                    "role": "member",
                    "start": spell.begin[k].item(),
                    "end": end if end.year < table_arrays.OPEN else None,
                    "weight": None if organisation.bound[k] else 0.0,
                    "source": "atop",
                    "confidence": "high",
                }
            )
    kinds = {"second_commitment": pl.String, "admits": pl.String, "weight": pl.Float64}
    return (
        pl.DataFrame(organisations, schema_overrides=kinds if organisations else None),
        pl.DataFrame(memberships, schema_overrides={"end": pl.Date, "weight": pl.Float64}),
    )


def _rivalries(day: dt.date, codes: dict[int, str]) -> pl.DataFrame:
    system, spells = table_arrays.members(), table_arrays.dyads("rivalries_tss")
    forceful, reaches = _recent_force(day.year)
    alive = (spells.start <= day.year) & (spells.end >= day.year)
    rows: list[dict[str, Any]] = []
    for i, j, value in zip(
        spells.first[alive], spells.second[alive], spells.value[alive], strict=True
    ):
        a, b = int(system.codes[i]), int(system.codes[j])
        if a > b or a not in codes or b not in codes:
            continue
        issue = next((name for bit, name in RIVALRY_BITS.items() if value >> bit & 1), "other")
        used = forceful is not None and bool(forceful[i, j])
        first_code, two = sorted((codes[a], codes[b]))
        row = {
            "rivalry": f"{first_code}-{two}".lower(),
            "state_a": first_code,
            "state_b": two,
            "issue": issue,
            "intensity": 4 if used else 3,
            "start": dt.date(day.year, 1, 1),
            "end": dt.date(day.year, 12, 31),
            "note": "Intensity 3 for a strategic rivalry, 4 if force was used in the ten years "
            "to the year; assumed."
            + ("" if reaches else " Of some of them the use of force is not known: 3 at least."),
            "source": "tss",
            "confidence": "medium",
        }
        if all(row["rivalry"] != other["rivalry"] for other in rows):
            rows.append(row)
    return pl.DataFrame(rows)


def _contiguity(day: dt.date, codes: dict[int, str]) -> pl.DataFrame:
    """Return the pairs that are contiguous in the year; no rows where that is not known."""
    if store.find("contiguity") is None:
        return pl.DataFrame()
    built = arrays.dense(day.year, day.year, ["contiguity"])
    if not built.covers["contiguity"][0] <= day.year <= built.covers["contiguity"][1]:
        return pl.DataFrame()
    kind, rows = built.dyads["contiguity"][0], []
    for i, j in np.argwhere(np.triu(kind)):
        a, b = int(built.codes[i]), int(built.codes[j])
        if a in codes and b in codes:
            first_code, two = sorted((codes[a], codes[b]))
            rows.append(
                {
                    "state_a": first_code,
                    "state_b": two,
                    "type": int(kind[i, j]),
                    "start": dt.date(day.year, 1, 1),
                    "end": dt.date(day.year, 12, 31),
                    "source": "cow-contiguity",
                    "confidence": "high",
                }
            )
    return pl.DataFrame(rows)


def _regimes(day: dt.date, codes: dict[int, str]) -> pl.DataFrame:
    """Return the latest figure of every state that is not later than the year."""
    if store.find("regime") is None:
        return pl.DataFrame()
    years_known = store.table("regime").filter(
        pl.col("polyarchy").is_not_null(),
        pl.col("year") <= day.year,
        pl.col("ccode").is_in(list(codes)),
    )
    latest = years_known.sort("year").unique("ccode", keep="last", maintain_order=True)
    return latest.select(
        state=_translated("ccode", codes),
        year=pl.col("year").cast(pl.Int64),
        polyarchy="polyarchy",
        source=pl.lit("regime"),
        confidence=pl.lit("high"),
    )


def _disputes(day: dt.date, codes: dict[int, str]) -> pl.DataFrame:
    """Return the disputes that began in earlier years; no rows where these are not known."""
    entry = store.find("disputes_directed")
    if entry is None or entry.last_year is None or entry.last_year < day.year - 1:
        return pl.DataFrame()
    rows = store.table("disputes_directed").filter(
        pl.col("onset") == 1,
        pl.col("year") < day.year,
        pl.col("year") >= day.year - REMEMBERED,
        pl.col("ccode1").is_in(list(codes)),
        pl.col("ccode2").is_in(list(codes)),
    )
    first_column, two = _translated("ccode1", codes), _translated("ccode2", codes)
    return (
        rows.select(
            state_a=pl.min_horizontal(first_column, two),
            state_b=pl.max_horizontal(first_column, two),
            year=pl.col("year").cast(pl.Int64),
            hostility=pl.max_horizontal("hostility1", "hostility2").cast(pl.Int64),
        )
        .group_by("state_a", "state_b", "year")
        .agg(pl.col("hostility").max())
        .sort("state_a", "state_b", "year")
        .with_columns(pl.when(pl.col("hostility") >= 1).then("hostility").name.keep())
        .with_columns(source=pl.lit("gml"), confidence=pl.lit("high"))
    )


@lru_cache(maxsize=2)
def _force(stamp: tuple[str, int], first: int, last: int) -> np.ndarray[Any, Any]:
    return arrays.dense(first, last, ["disputes"]).dyads["disputes"] & np.uint8(8)


def _recent_force(year: int) -> tuple[np.ndarray[Any, Any] | None, bool]:
    """Return which pairs used force in the ten years to `year`, and whether all ten are known.

    None instead of the pairs where none of the ten years is known.
    """
    entry = store.find("disputes_directed")
    if entry is None or entry.last_year is None or entry.last_year <= year - RECENT:
        return None, False
    whole = _force(table_arrays._stamp(), table_arrays.FIRST_YEAR, entry.last_year)
    place = year - table_arrays.FIRST_YEAR
    recent = whole[max(place - RECENT + 1, 0) : place + 1]
    return np.asarray(recent.max(axis=0) > 0), entry.last_year >= year


def _sources() -> pl.DataFrame:
    rows = []
    for name, table in USED.items():
        entry = store.find(table)
        source = sources()[name]
        if entry is not None:
            rows.append(
                {
                    "source": name,
                    "citation": f"{source.maker}: {source.title}, version {entry.version}",
                    "url": source.home,
                    "seen": "yes",
                }
            )
    return pl.DataFrame(rows)


def _translated(column: str, codes: dict[int, str]) -> pl.Expr:
    return pl.col(column).replace_strict(codes, return_dtype=pl.String)
