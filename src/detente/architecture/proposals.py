"""Proposals: public texts that ask for another architecture, as change sets.

A scenario holds them as rows (`proposals`, `edits`): one row is one edit, its groups (every state
of the region, the members of an organisation) expanded on the architecture at hand. Nothing here
knows a proposal, a state or an organisation by its name.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.architecture.changes import Change
from detente.architecture.edits.arms import Arm
from detente.architecture.edits.base import Edit
from detente.architecture.edits.forces import Station, StopSupplying, Supply, WithdrawForces
from detente.architecture.edits.membership import Join, Leave
from detente.architecture.edits.organisations import Dissolve, Found
from detente.architecture.edits.pledges import PLEDGES, Guarantee, Neutral, Pledge
from detente.architecture.edits.quarrels import Ease, Estrange, Reconcile, Sharpen
from detente.architecture.edits.rows import Row
from detente.architecture.edits.treaties import Commit, Withdraw
from detente.architecture.package.finding import loaded
from detente.errors import UnknownName, UsageError
from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

READINGS = ("text", "wide")
NOBODY = "NOBODY"
UNSEEN = {
    "keep": "it stands already",
    "no_change": "it states principles and edits nothing",
    "limit": "a limit on forces or weapons: no lens sees arms control",
    "revive_regime": "an instrument of arms control is applied again: no lens sees arms control",
    "forbid": "a ban takes changes off the list of feasible ones; it belongs to a scenario",
    "reweigh": "a weight of the mapping; it belongs to a scenario (set it with --weight)",
}
"""Acts that make no edit, and why."""
ASSUMED_SHARE = 0.01


@dataclass(frozen=True)
class Proposal(Change):
    """A proposal in one reading: a change whose edits are the rows of the proposal.

    Attributes
    ----------
    proposal, reading, title : str
        Which proposal, in which reading, and what it is called.
    """

    proposal: str = ""
    reading: str = ""
    title: str = ""

    def __str__(self) -> str:
        return f"{self.proposal}:{self.reading}"

    @property
    def kind(self) -> str:
        """The word "proposal": its edits are of several kinds."""
        return "proposal"

    def bound(self, g: Architecture) -> Proposal:
        """Return it for this architecture."""
        return propose(g, self.proposal, reading=self.reading)

    @property
    def without_edit(self) -> dict[str, str]:
        """Rows that make no edit, by their identifier, each with its reason."""
        return {r.name: r.reason for r in self.edits if isinstance(r, Row) and r.reason}


def readings(g: Architecture, proposal: str) -> tuple[str, ...]:
    """Return the readings in which a proposal exists: those of which it has rows of its own."""
    rows = g.tables["edits"].filter(pl.col("proposal") == proposal)
    present = set(rows["reading"])
    return tuple(reading for reading in READINGS if reading in present)


def propose(
    g: Architecture | str | os.PathLike[str], name: str, *, reading: str | None = None
) -> Proposal:
    """Return a proposal of the scenario as a change, in one reading.

    Parameters
    ----------
    g : Architecture, str or path
        The architecture that it would change; a string is the name of a bundled scenario or a
        path of a package.
    name : str
        Name of the proposal, or ``"NAME:READING"``.
    reading : {"text", "wide"}, optional
        What the words say, or what they may amount to, which holds both. It may be left out only
        where there is one reading: no default hides the other.

    Returns
    -------
    Proposal
        One edit for every row, with its groups expanded; rows that make no edit say why.

    Raises
    ------
    UnknownName
        If the scenario has no such proposal.
    UsageError
        If the reading does not exist, or none was chosen of two.
    """
    g = loaded(g)
    table = g.tables["proposals"]
    known = table["proposal"].to_list()
    wanted, _, after_colon = name.partition(":")
    reading = reading if reading is not None else after_colon or None
    match = {key.casefold(): key for key in known}.get(wanted.strip().casefold().replace("-", "_"))
    if match is None:
        raise UnknownName("proposal", wanted, known, f"The scenario {g.name} has {len(known)}.")
    there = readings(g, match)
    if reading is None and len(there) > 1:
        raise UsageError(
            f"{match} has the readings {listed(there)}: choose one, for instance "
            f"'{match}:{there[0]}'"
        )
    chosen = reading if reading is not None else there[0] if there else READINGS[0]
    if chosen not in there:
        raise UsageError(
            f"{match} has no reading '{chosen}'"
            + (f"; it has: {listed(there)}" if there else "; it has no edits at all")
        )
    rows = g.tables["edits"].filter(
        (pl.col("proposal") == match)
        & ((pl.col("reading") == "text") | (pl.col("reading") == chosen))
    )
    title = table.filter(pl.col("proposal") == match)["title"][0]
    edits, now = [], g
    for row in rows.iter_rows(named=True):
        edit = row_edit(now, row)
        edits.append(edit)
        now = edit.apply(now) if edit.edits else now
    return Proposal(tuple(edits), proposal=match, reading=chosen, title=title)


def row_edit(g: Architecture, row: Mapping[str, Any]) -> Row:
    """Return one row of `edits` as an edit of this architecture, its groups expanded."""
    words, act = _sentence(row), row["act"]
    decided = None if row["decided_by"] is None else tuple(_decided(g, row["decided_by"]))
    if act in UNSEEN:
        return Row(row["edit"], words, act, (), decided, UNSEEN[act])
    edits, left_out = [], []
    now = g
    independent = act in ("commit", "station", "supply", "neutral")
    for candidate in _MAKERS[act](g, row):
        try:
            edit = candidate.bound(now)
        except UsageError as error:
            left_out.append(f"{candidate.sentence()}: {error}")
            continue
        edits.append(edit)
        if not independent:
            now = edit.apply(now)
    reason = "" if edits else "; ".join(left_out[:3]) or "its groups are empty here"
    return Row(row["edit"], words, act, tuple(edits), decided, reason, tuple(left_out))


def parties(g: Architecture, cell: str | None) -> list[str]:
    """Return the states, entities and organisations that a cell names, groups expanded.

    ``ALL`` is every state, ``ALL_REGION`` every state of the region, ``NATO members`` the members
    of an organisation on the date; several are parted by ``;``.
    """
    expanded: list[str] = []
    for part in (cell or "").split(";"):
        word = part.strip()
        if word == "ALL":
            expanded += g.codes
        elif word == "ALL_REGION":
            expanded += [code for code in g.codes if code not in g.external]
        elif word.endswith(" members"):
            expanded += g.members.get(word.removesuffix(" members"), ())
        elif word and word != NOBODY:
            expanded.append(word)
    return list(dict.fromkeys(expanded))


def _decided(g: Architecture, cell: str) -> Iterator[str]:
    return (code for code in parties(g, cell) if code in g.names)


def _pairs(g: Architecture, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return (
        (a, b) for a, b in product(parties(g, row["subject"]), parties(g, row["object"])) if a != b
    )


def _unordered(g: Architecture, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return every pair once, whichever of the two the row names first."""
    subjects, objects = parties(g, row["subject"]), parties(g, row["object"])
    if set(subjects) == set(objects):
        return list(combinations(subjects, 2))
    return list({frozenset(pair): pair for pair in _pairs(g, row)}.values())


def _commitments(g: Architecture, row: Mapping[str, Any]) -> Iterator[Edit]:
    kind, strength = row["kind"] or "defense", row["strength"] or "binding"
    strength = "political" if strength == "practice" else strength
    if kind == "basing":
        yield from _stations(g, row)
    elif kind == "guarantee":
        for by, to in _pairs(g, row):
            yield Guarantee(by, to, strength)
    elif kind in PLEDGES:
        for a, b in _unordered(g, row):
            yield Pledge(a, b, kind, strength)
    else:
        mutual = kind == "defense"
        for a, b in _unordered(g, row):
            # Two rivals do not become allies in silence: the rule of what is feasible.
            if not (mutual and len(_unordered(g, row)) > 1 and g.ledger.are_rivals(a, b)):
                yield Commit(a, b, kind, mutual, strength)


def _stations(g: Architecture, row: Mapping[str, Any]) -> Iterator[Edit]:
    share = ASSUMED_SHARE if row["amount"] is None else row["amount"]
    return (Station(by, on, share) for by, on in _pairs(g, row))


def _withdrawn_forces(g: Architecture, row: Mapping[str, Any]) -> Iterator[Edit]:
    standing = set(g.in_force("presence").select("by", "on").iter_rows())
    wide = row["subject"] == "ALL" or row["object"] == "ALL"
    if wide:
        senders, hosts = set(parties(g, row["subject"])), set(parties(g, row["object"]))
        for by, on in sorted(standing):
            if by in senders and (on in hosts or row["object"] == "ALL"):
                yield WithdrawForces(by, on)
    else:
        for by, on in _pairs(g, row):
            yield WithdrawForces(by, on)


def _supplies(g: Architecture, row: Mapping[str, Any]) -> Iterator[Edit]:
    share = ASSUMED_SHARE if row["amount"] is None else row["amount"]
    return (Supply(by, to, share) for by, to in _pairs(g, row))


def _intensity(row: Mapping[str, Any]) -> int:
    return 3 if row["amount"] is None else int(row["amount"])


def _founded(g: Architecture, row: Mapping[str, Any]) -> Iterator[Edit]:
    members = [code for code in parties(g, row["object"]) if code in g.names]
    strength = row["strength"] or "political"
    yield Found(row["subject"], tuple(members), row["kind"] or "consultation", strength)


_MAKERS: dict[str, Callable[[Architecture, Mapping[str, Any]], Iterator[Edit]]] = {
    "join": lambda g, r: (Join(a, b) for a, b in _pairs(g, r)),
    "leave": lambda g, r: (Leave(a, b) for a, b in _pairs(g, r)),
    "commit": _commitments,
    "withdraw": lambda g, r: (
        Withdraw(a, b, r["kind"] or "defense", r["commitment"] or "") for a, b in _pairs(g, r)
    ),
    "station": _stations,
    "withdraw_forces": _withdrawn_forces,
    "supply": _supplies,
    "stop_supplying": lambda g, r: (StopSupplying(a, b) for a, b in _pairs(g, r)),
    "neutral": lambda g, r: (Neutral(a) for a in parties(g, r["subject"])),
    "reconcile": lambda g, r: (Reconcile(a, b) for a, b in _unordered(g, r)),
    "estrange": lambda g, r: (Estrange(a, b, _intensity(r)) for a, b in _unordered(g, r)),
    "ease": lambda g, r: (Ease(a, b, _intensity(r)) for a, b in _unordered(g, r)),
    "sharpen": lambda g, r: (Sharpen(a, b, _intensity(r)) for a, b in _pairs(g, r)),
    "arm": lambda g, r: (Arm(a, r["amount"] or 0.0) for a in parties(g, r["subject"])),
    "disarm": lambda g, r: (Arm(a, -(r["amount"] or 0.0)) for a in parties(g, r["subject"])),
    "found": _founded,
    "dissolve": lambda g, r: (Dissolve(a) for a in parties(g, r["subject"])),
}
"""The single edits of a row, by its act."""


def _sentence(row: Mapping[str, Any]) -> str:
    act = row["act"].replace("_", " ")
    subject = listed((row["subject"] or "").split(";"))
    target = listed(row["object"].split(";")) if row["object"] else ""
    kind = (row["kind"] or "").replace("_", " ")
    joint = {
        "join": f"{subject} join {target}",
        "leave": f"{subject} leave {target}",
        "commit": f"{subject} commit to {kind} with {target}",
        "withdraw": f"{subject} withdraw {kind} with {target}",
        "station": f"{subject} station forces on {target}",
        "withdraw_forces": f"{subject} withdraw forces from {target}",
        "supply": f"{subject} supply {target}",
        "stop_supplying": f"{subject} stop supplying {target}",
        "neutral": f"{subject} become neutral",
        "found": f"{target} found {subject} for {kind}",
        "dissolve": f"{subject} is dissolved",
    }
    return joint.get(row["act"], " ".join(w for w in (act, subject, target, kind) if w))
