"""Alliance treaties on a day: which promises were in force, and which treaties were organisations.

ATOP's directed dyad-years say who had promised what to whom at some time of a year; its
member-level file says by which treaty, from which day to which day. Here the second dates the
first: a promise of the year counts on a day unless every treaty that can be behind it was over,
or not yet concluded, on that day. A promise behind which no treaty is found counts all year.

A treaty is taken for an **organisation** on a day if at least four states of the system are
members, or three if it founds an organisation (ATOP's ``organ1``), and if every pair of those who
are bound by its main promise has that promise in the dyad-years. So the organisation implies
exactly the ties that the dyad-years list, and states can join or leave it.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Ints
from detente.evidence.panel.table_arrays import OBLIGATIONS, TreatyMembers

Bits = NDArray[np.uint8]
Day = np.datetime64
KINDS = {"defense": 0, "nonaggression": 3, "neutrality": 2, "consultation": 4}
"""Kinds of promise that commitments and organisations can have, the main one first, by bit."""
GAP = np.timedelta64(31, "D")  # between two phases of a treaty that follow one another
MANY, FEW = 4, 3  # members of an organisation; of one that the treaty founds by name


@dataclass(frozen=True, slots=True)
class Spell:
    """A treaty on a day: its members, and since when and until when each was one."""

    treaty: int
    members: Ints
    begin: NDArray[np.datetime64]
    end: NDArray[np.datetime64]
    promises: Bits


@dataclass(frozen=True, slots=True)
class Organisation:
    """A treaty of several members that is taken for an organisation on a day.

    Attributes
    ----------
    spell : Spell
        The treaty and its members.
    main, second : str
        What it commits its members to; `second` may be empty.
    bound : bool array
        Which of the members promised the main thing.
    """

    spell: Spell
    main: str
    second: str
    bound: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class InForce:
    """The promises of a day, and where they come from.

    Attributes
    ----------
    promises : uint8 array (states, states)
        Promises in force, by bit; what an organisation implies is not among them.
    organisations : list of Organisation
        Treaties that are organisations.
    treaties : list of Spell
        All others.
    """

    promises: Bits
    organisations: list[Organisation]
    treaties: list[Spell]


@dataclass(frozen=True, slots=True)
class Name:
    """How an organisation is called: code, name, kind, and which parts of the world may join."""

    code: str
    name: str
    kind: str
    admits: str


@cache
def _names() -> dict[int, Name]:
    text = files("detente.evidence.datasets.registry").joinpath("organisations.csv")
    lines = text.read_text(encoding="utf-8").splitlines()
    return {
        int(row["atopid"]): Name(row["code"], row["name"], row["kind"], row["admits"])
        for row in csv.DictReader(lines)
    }


def name(treaty: int, begin: dt.date) -> Name:
    """Return what an organisation is called; one without a name is closed to others."""
    title = f"Alliance of {begin.year} (ATOP {treaty})"
    return _names().get(treaty, Name(f"ATOP{treaty}", title, "alliance", "none"))


def in_force(
    promised: Bits, known: TreatyMembers | None, member: NDArray[np.bool_], day: Day
) -> InForce:
    """Date the promises of a year by the treaties behind them.

    Parameters
    ----------
    promised : uint8 array (states, states)
        Promises of the calendar year, by bit, from the first to the second state.
    known : TreatyMembers or None
        Who was in which treaty; without it the promises of the year stand as they are.
    member : bool array (states,)
        Members of the interstate system on the day.
    day : date
        The day.
    """
    promised = promised * (member[:, None] & member[None, :])
    year = int(day.astype("datetime64[Y]").astype(int)) + 1970
    if known is None or not known.covers[0] <= year <= known.covers[1]:
        return InForce(promised, [], [])
    behind, alive = np.zeros_like(promised), np.zeros_like(promised)
    single = np.zeros_like(promised)
    organisations, treaties = [], []
    first, last = np.datetime64(f"{year}-01-01"), np.datetime64(f"{year}-12-31")
    of_year = (known.begin <= last) & (known.end >= first) & member[known.state]
    for treaty in np.unique(known.treaty[of_year]):
        rows = np.flatnonzero(of_year & (known.treaty == treaty))
        _add(behind, _spell(known, rows))
        current = rows[(known.begin[rows] <= day) & (known.end[rows] >= day)]
        spell = _whole(known, _spell(known, current))
        if len(spell.members) < 2:
            continue
        _add(alive, spell)
        least = FEW if known.organised[current].any() else MANY
        organisation = _organisation(spell, promised) if len(spell.members) >= least else None
        if organisation is None:
            _add(single, spell)
            treaties.append(spell)
        else:
            organisations.append(organisation)
    kept = promised & (alive | ~behind)
    implied = np.zeros_like(promised)
    for organisation in organisations:
        bound = organisation.spell.members[organisation.bound]
        bit = np.uint8(1 << KINDS[organisation.main])
        implied[np.ix_(bound, bound)] |= bit
        if organisation.second:
            implied[np.ix_(bound, bound)] |= np.uint8(1 << KINDS[organisation.second])
    return InForce(kept & (single | ~implied), organisations, treaties)


def _spell(known: TreatyMembers, rows: Ints) -> Spell:
    """Join the rows of one treaty by member: phases of one member are one spell."""
    members, place = np.unique(known.state[rows], return_inverse=True)
    begin = np.full(len(members), np.datetime64("9999-12-31"))
    end = np.full(len(members), np.datetime64("0001-01-01"))
    promises = np.zeros(len(members), np.uint8)
    np.minimum.at(begin, place, known.begin[rows])
    np.maximum.at(end, place, known.end[rows])
    np.bitwise_or.at(promises, place, known.promises[rows])
    treaty = int(known.treaty[rows[0]]) if len(rows) else 0
    return Spell(treaty, members.astype(np.int64), begin, end, promises)


def _whole(known: TreatyMembers, spell: Spell) -> Spell:
    """Return the spell with the days on which its members entered and left, over all phases."""
    begin, end = spell.begin.copy(), spell.end.copy()
    rows = np.flatnonzero(known.treaty == spell.treaty)
    state = known.state[rows]
    for k, member in enumerate(spell.members):
        for row in sorted(rows[state == member], key=lambda row: known.begin[row], reverse=True):
            if known.begin[row] < begin[k] and known.end[row] + GAP >= begin[k]:
                begin[k] = known.begin[row]
        for row in sorted(rows[state == member], key=lambda row: known.begin[row]):
            if known.end[row] > end[k] and known.begin[row] <= end[k] + GAP:
                end[k] = known.end[row]
    return Spell(spell.treaty, spell.members, begin, end, spell.promises)


def _add(to: Bits, spell: Spell) -> None:
    to[np.ix_(spell.members, spell.members)] |= spell.promises[:, None]


def _organisation(spell: Spell, promised: Bits) -> Organisation | None:
    """Return the treaty as an organisation, or None if it binds its members unevenly."""
    kinds: list[str] = []
    bound = np.zeros(len(spell.members), bool)
    for kind, bit in KINDS.items():
        owing = (spell.promises >> bit & 1) > 0
        if kinds and not np.array_equal(owing, bound):
            continue
        if owing.sum() * 2 < len(owing) or owing.sum() < 2:
            continue
        who = spell.members[owing]
        mutual = promised[np.ix_(who, who)] >> bit & 1
        np.fill_diagonal(mutual, 1)
        if mutual.all():
            kinds.append(kind)
            bound = owing
        elif not kinds:  # the main promise is not owed by every pair: no organisation
            return None
    if not kinds:
        return None
    return Organisation(spell, kinds[0], kinds[1] if len(kinds) > 1 else "", bound)


def by_pair(treaties: list[Spell]) -> dict[tuple[int, int], list[Spell]]:
    """Return the treaties that bind each ordered pair of states."""
    spells_of: dict[tuple[int, int], list[Spell]] = {}
    for spell in treaties:
        for a in spell.members.tolist():
            for b in spell.members.tolist():
                if a != b:
                    spells_of.setdefault((a, b), []).append(spell)
    return spells_of


def promised_by(spell: Spell, state: int, kind: str) -> bool:
    """Say whether a member promised the others something of a kind."""
    place = int(np.searchsorted(spell.members, state))
    return bool(spell.promises[place] >> OBLIGATIONS.index(kind) & 1)
