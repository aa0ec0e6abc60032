"""What is compared or planned: proposals, changes, lists of sentences, other packages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from detente.architecture.changes import Change
from detente.architecture.package.finding import bundled
from detente.architecture.sentences import parse
from detente.architecture.value import Architecture
from detente.arguments import several
from detente.errors import DetenteError, UnknownName, UsageError
from detente.evidence.resolve import load
from detente.lenses.protocol import Lens
from detente.transition.subsets.sights import unseen_edits

READINGS = ("text", "wide")


@dataclass(frozen=True)
class Contender:
    """One other architecture: a proposal in one reading, changes, or a package of its own.

    Attributes
    ----------
    name : str
        ``proposal:reading``, the sentences, or the name of the package.
    title : str
        What it is called.
    date : str
        Of the text, ISO; empty where it has none.
    change : Change or None
        What it changes; None for a package of its own.
    other : Architecture or None
        That package.
    case_for, case_against : str
        The proponents' case and the critics', in the same form for every proposal.
    reading : str
        ``text``, ``wide``, or empty.
    without_edit : dict
        Rows that make no edit, by name, with the reason.
    """

    name: str
    title: str
    date: str = ""
    change: Change | None = None
    other: Architecture | None = None
    case_for: str = ""
    case_against: str = ""
    reading: str = ""
    without_edit: dict[str, str] = field(default_factory=dict)

    @property
    def items(self) -> tuple[Change, ...]:
        """Its edits that change something, each as a change of its own."""
        if self.change is None:
            return ()
        return tuple(
            Change((edit,)) for edit in self.change.edits if not getattr(edit, "reason", "")
        )

    def absent_from(self, g: Architecture) -> list[str]:
        """Return the states about which a package of its own says nothing, as it lacks them."""
        if self.other is None:
            return []
        there = set(self.other.system.codes)
        return [code for code in g.system.codes if code not in there]


Named = str | os.PathLike[str] | Change | Architecture | Sequence["str | Change"]


def columns(g: Architecture, names: Named | Sequence[Named] | None) -> list[Contender]:
    """Return what was named, each once; every bundled proposal in each reading if nothing was.

    A bare name of a proposal stands for all its readings. The order is that of the dates, then
    that in which they were named: none comes first because of what it says.

    Raises
    ------
    UsageError
        If something is not known or does nothing; names all of them.
    """
    listed: list[Contender] = []
    if names is None:
        named: list[Named] = list(proposals(g))
        if not named:
            raise UsageError(
                f"{g.name} comes with no proposals to compare: name changes, such as "
                "'AAA joins ORG', or a package"
            )
    elif isinstance(names, str | os.PathLike | Change | Architecture):
        named = [names]
    else:
        named = list(names) if isinstance(names, Iterable) else [names]
        for name in named:
            several("what is named", name, str, os.PathLike, Change, Architecture)
    if not named:
        raise UsageError("nothing was named to compare with")
    faults = []
    for name in named:
        try:
            listed += _columns_of(g, name)
        except DetenteError as error:
            faults.append(str(error))
    if faults:
        raise UsageError("\n".join(faults))
    once = {column.name: column for column in listed}
    return sorted(once.values(), key=lambda column: column.date or "9999")


def proposals(g: Architecture) -> tuple[str, ...]:
    """Return the names of the proposals that a scenario holds, by date."""
    if "proposals" not in g.tables or g.tables["proposals"].is_empty():
        return ()
    return tuple(g.tables["proposals"].sort("date", nulls_last=True)["proposal"])


def _columns_of(g: Architecture, name: Named) -> list[Contender]:
    if isinstance(name, Architecture):
        return [_package(g, name)]
    if isinstance(name, Change):
        return [_changes(g, [name])]
    if isinstance(name, str | os.PathLike):
        text = os.fspath(name)
        if text.partition(":")[0].strip().casefold().replace("-", "_") in proposals(g):
            return _proposal(g, text)
        if Path(text).exists() or text in bundled():
            return [_package(g, load(text))]
        try:
            return [_changes(g, [text])]
        except DetenteError as error:
            if " " in text.strip():
                raise
            raise UnknownName(
                "proposal", text, [*proposals(g)],
                "A sentence such as 'UKR joins NATO' or the path of a package works as well.",
            ) from error  # fmt: skip
    return [_changes(g, list(name))]


def _changes(g: Architecture, parts: Sequence[str | Change]) -> Contender:
    if not parts:
        raise UsageError("the list of changes is empty")
    bound, now = [], g
    for part in parts:
        change = (parse(part) if isinstance(part, str) else part).bound(now)
        bound.append(change)
        now = change.apply(now)
    whole = bound[0]
    for change in bound[1:]:
        whole = whole + change
    return Contender(str(whole), str(whole), change=whole)


def _package(g: Architecture, other: Architecture) -> Contender:
    if other.digest == g.digest:
        raise UsageError(f"{other.name} is the start itself: nothing would differ")
    if not set(g.system.codes) & set(other.system.codes):
        raise UsageError(
            f"{other.name} and {g.name} have no state in common, so they cannot be compared: name "
            "a package of the same states"
        )
    return Contender(other.name, other.title, date=other.date.isoformat(), other=other)


def _proposal(g: Architecture, text: str) -> list[Contender]:
    from detente.architecture.proposals import propose, readings

    name, _, reading = text.partition(":")
    key = name.strip().casefold().replace("-", "_")
    row = next(r for r in g.tables["proposals"].iter_rows(named=True) if r["proposal"] == key)
    chosen = [reading] if reading else list(readings(g, key)) or ["text"]
    made = []
    for each in chosen:
        proposal = propose(g, key, reading=each)
        made.append(
            Contender(
                f"{key}:{each}",
                row["title"],
                date="" if row["date"] is None else str(row["date"]),
                change=proposal,
                case_for=row["case_for"] or "",
                case_against=row["case_against"] or "",
                reading=each,
                without_edit=proposal.without_edit,
            )
        )
    return made


def stated_edits(column: Contender) -> int:
    """Return how many edits a column states, those that change nothing here as well."""
    return len(column.items) + len(column.without_edit) if column.change is not None else 1


def unseen_of(lens: Lens, g: Architecture, column: Contender) -> list[str]:
    """Return the sentences of a column that a lens does not see, those that edit nothing too."""
    if column.change is None:
        return []
    sentences = unseen_edits(lens, g, column.change)
    named = {str(getattr(edit, "name", "")): edit.sentence() for edit in column.change.edits}
    silent = [named[name] for name in column.without_edit if name in named]
    return list(dict.fromkeys([*sentences, *silent]))
