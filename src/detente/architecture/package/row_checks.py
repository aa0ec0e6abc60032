"""What must hold between the rows of a package: keys, references, dates, spells."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from detente.architecture.package import schema
from detente.architecture.package.cell_parsing import ANYONE, Value
from detente.architecture.package.fault_list import Findings, show
from detente.architecture.package.schema import Field, TableSchema
from detente.errors import suggest

MAX_GUESSES = 50
"""Number of unknown values of one column for which a likely value is looked up."""
_ACTOR_TABLES = ("states", "organisations", "actors")


@dataclass
class TableRows:
    """The rows of one table, as values.

    Attributes
    ----------
    table : TableSchema
        What the table should be.
    numbers : list of int
        Row of each record as a spreadsheet counts.
    texts, values : dict
        Cells of each column that the file has: as typed, and as values.
    stray : dict
        Further texts of each column that count as known.
    complete : bool
        Whether every row of the file is known.
    """

    table: TableSchema
    numbers: list[int]
    texts: Mapping[str, list[str]]
    values: Mapping[str, list[Value]]
    stray: Mapping[str, set[str]]
    complete: bool = True

    def column(self, name: str) -> list[Any]:
        """Return the values of a column, all None if the file does not have it."""
        return list(self.values.get(name, [None] * len(self.numbers)))

    def records(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Yield the row number and the values of the named columns, row by row."""
        return zip(self.numbers, *(self.column(name) for name in names), strict=True)


Package = Mapping[str, TableRows | None]
"""The tables of a package under their names; None: the file is there and cannot be read."""


def check(package: Package, findings: Findings) -> None:
    """Report every row that contradicts another row, or itself."""
    for rows in package.values():
        if rows is None:
            continue
        _keys(rows, findings)
        _references(rows, package, findings)
        _order(rows, findings)
    _selves(package, findings)
    _memberships(package, findings)
    _default_measure(package, findings)
    _parameters(package, findings)


def _keys(rows: TableRows, findings: Findings) -> None:
    key = rows.table.key
    first: dict[tuple[Value, ...], int] = {}
    needed = [name in rows.values and rows.table.field(name).required for name in key]
    if any(rows.table.field(name).required and name not in rows.values for name in key):
        return
    for number, *values in rows.records(*key):
        if any(need and value is None for need, value in zip(needed, values, strict=True)):
            continue  # reported as an empty or unfit cell
        identity = tuple(values)
        if identity in first:
            words = ", ".join(
                f"{name} {value if value is not None else '(empty)'}"
                for name, value in zip(key, values, strict=True)
            )
            findings.add(
                rows.table.file,
                number,
                key[0] if len(key) == 1 else "",
                f"repeats row {first[identity]}: {words}.",
                "Delete one of the two, or change what tells them apart.",
            )
        else:
            first[identity] = number


@dataclass
class _Known:
    """The values that a cell may name, and texts that nobody is blamed for naming.

    A code that is itself unfit, or stands in a row with too many cells, is a fault there; it is
    not also a fault wherever it is named.
    """

    values: set[str]
    excused: set[str]

    def has(self, text: str) -> bool:
        return text in self.values or text in self.excused


def _known(package: Package, table: str, column: str) -> _Known | None:
    """Return the values of a column that others may name; None if they are not all known."""
    if table not in package:
        return None if schema.table(table).required else _Known(set(), set())
    rows = package[table]
    if rows is None or not rows.complete or column not in rows.texts:
        return None
    fit: set[str] = set()
    unfit = set(rows.stray[column])
    for text, value in zip(rows.texts[column], rows.values[column], strict=True):
        (unfit if value is None else fit).add(text)
    return _Known(fit, {form for text in unfit for form in (text.strip(), text.strip().upper())})


def _actors(package: Package) -> _Known | None:
    actors = _Known(set(ANYONE), set())
    for name in _ACTOR_TABLES:
        part = _known(package, name, schema.table(name).key[0])
        if part is None:
            return None
        actors.values |= part.values
        actors.excused |= part.excused
    return actors


def _parties(package: Package) -> _Known | None:
    """Return actors and groups of them, organisations that an edit founds, and instruments."""
    parties = _actors(package)
    if parties is None:
        return None
    organisations = _known(package, "organisations", "organisation")
    groups = {f"{code} members" for code in organisations.values} if organisations else set()
    parties.values |= groups | {"ALL_REGION", "NOBODY"}
    edits, instruments = package.get("edits"), package.get("arms_control")
    if edits is not None:
        parties.values |= {
            str(subject) for _, act, subject in edits.records("act", "subject") if act == "found"
        }
    if instruments is not None:
        parties.values |= {str(regime) for _, regime in instruments.records("regime")}
    return parties


def _references(rows: TableRows, package: Package, findings: Findings) -> None:
    for field in rows.table.fields:
        if field.name not in rows.texts:
            continue
        if field.type in ("actor", "actors"):
            codes, place = _actors(package), "states.csv, organisations.csv or actors.csv"
        elif field.type == "parties":
            codes, place = _parties(package), "states.csv, organisations.csv or actors.csv"
        elif field.type == "states":
            codes, place = _known(package, "states", "state"), "states.csv"
        elif field.type == "sources":
            codes, place = _known(package, "sources", "source"), "sources.csv"
        elif field.target:
            codes, place = _known(package, *field.target), f"{field.target[0]}.csv"
        else:
            continue
        if codes is not None:
            _dangling(rows, field, codes, place, findings)


def _dangling(rows: TableRows, field: Field, codes: _Known, place: str, findings: Findings) -> None:
    several = field.type in ("actors", "states", "sources", "parties")
    remedies: dict[str, str] = {}
    for number, text, value in zip(
        rows.numbers, rows.texts[field.name], rows.values[field.name], strict=True
    ):
        if value is None:
            continue  # empty, or reported as unfit
        for part in text.split(";") if several else (text,):
            if codes.has(part):
                continue
            if part not in remedies:
                guess = suggest(part, codes.values) if len(remedies) < MAX_GUESSES else ""
                add = f"add a row to {place}."
                remedies[part] = f"{guess} Or {add}" if guess else add.capitalize()
            findings.add(
                rows.table.file,
                number,
                field.name,
                f"{show(part)} is not in {place}.",
                remedies[part],
            )


_PAIRS = (
    ("start", "end"),
    ("fatalities_low", "fatalities_high"),
    ("personnel_low", "personnel_high"),
)


_RANGES = {
    "offers": ("low", "normalised_position", "high"),
    "status_quo": ("low", "position", "high"),
    "settlement_terms": ("low", "high"),
    "parties": ("ideal_low", "ideal", "ideal_high", "salience_low", "salience", "salience_high",
                "influence_low", "influence", "influence_high"),
}  # fmt: skip
"""Columns of tables with the least, the middle and the most of a figure, in this order."""


def _order(rows: TableRows, findings: Findings) -> None:
    ranges = pairwise(_RANGES.get(rows.table.name, ()))
    of_one = [(low, high) for low, high in ranges if not high.endswith("_low")]
    for low, high in (*_PAIRS, *of_one):
        if low not in rows.values or high not in rows.values:
            continue
        for number, first, last in rows.records(low, high):
            if first is not None and last is not None and last < first:
                findings.add(
                    rows.table.file,
                    number,
                    high,
                    f"{last} lies before {low} {first}."
                    if isinstance(first, dt.date)
                    else f"{last} is less than {low} {first}.",
                    "Exchange the two, or mend the wrong one.",
                )


_SELVES = (
    ("commitments", "promiser", "beneficiary", "is committed to itself"),
    ("presence", "by", "on", "stands on its own ground"),
    ("rivalries", "state_a", "state_b", "is its own rival"),
    ("memberships", "organisation", "state", "is a member of itself"),
    ("contiguity", "state_a", "state_b", "is contiguous to itself"),
    ("disputes", "state_a", "state_b", "has a dispute with itself"),
)


def _selves(package: Package, findings: Findings) -> None:
    for table, first_column, second_column, words in _SELVES:
        rows = package.get(table)
        if rows is None:
            continue
        for number, first, second in rows.records(first_column, second_column):
            if first is not None and first == second:
                findings.add(
                    rows.table.file,
                    number,
                    second_column,
                    f"{first} {words}.",
                    "Name the other side.",
                )


def _memberships(package: Package, findings: Findings) -> None:
    rows = package.get("memberships")
    if rows is None:
        return
    organisations = package.get("organisations")
    if organisations is not None:
        lives = {
            code: (start, end)
            for _, code, start, end in organisations.records("organisation", "start", "end")
        }
        for number, code, role, start, end in rows.records("organisation", "role", "start", "end"):
            if code in lives:
                _within_life(
                    rows.table.file, number, code, role, (start, end), lives[code], findings
                )
    _overlaps(rows, findings)


Spell = tuple[dt.date | None, dt.date | None]


def _within_life(
    file: str,
    number: int,
    code: str,
    role: str | None,
    spell: Spell,
    life: Spell,
    findings: Findings,
) -> None:
    start, end = spell
    began, ended = life
    if began is not None:
        for column, day in (("start", start), ("end", end)):
            if day is not None and day < began:
                findings.add(
                    file,
                    number,
                    column,
                    f"{day} lies before {code} began, {began} in organisations.csv.",
                    f"Mend the date, or the start of {code}.",
                )
                break
    if ended is None:
        return
    if start is not None and start > ended:
        findings.add(
            file,
            number,
            "start",
            f"{start} lies after {code} ended, {ended} in organisations.csv.",
            f"Mend the date, or the end of {code}.",
        )
    elif end is not None and end > ended:
        findings.add(
            file,
            number,
            "end",
            f"{end} lies after {code} ended, {ended} in organisations.csv.",
            f"Write {ended} or an earlier day.",
        )
    elif end is None and role != "former":
        findings.add(
            file,
            number,
            "end",
            f"the cell is empty, so the {role or 'role'} would outlast {code}, "
            f"which ended {ended}.",
            f"Write {ended} or an earlier day.",
        )


def _overlaps(rows: TableRows, findings: Findings) -> None:
    spells: dict[tuple[str, str, str], list[tuple[dt.date, dt.date, int, dt.date | None]]] = {}
    for number, code, state, role, start, end in rows.records(
        "organisation", "state", "role", "start", "end"
    ):
        if None not in (code, state, role):
            spells.setdefault((code, state, role), []).append(
                (start or dt.date.min, end or dt.date.max, number, start)
            )
    for (code, state, role), group in spells.items():
        group.sort()
        longest = group[0]
        for spell in group[1:]:
            begin, end, number, start = longest
            if spell[0] <= end and spell[0] != begin:
                findings.add(
                    rows.table.file,
                    spell[2],
                    "start",
                    f"{state} is already {role} of {code} from {start or 'an unknown day'} "
                    f"to {end if end != dt.date.max else 'now'}, row {number}.",
                    "End the first spell before the second starts, or join the two.",
                )
            longest = max(longest, spell, key=lambda item: item[1])


def _default_measure(package: Package, findings: Findings) -> None:
    rows = package.get("measures")
    if rows is None or not rows.complete or "default" not in rows.values:
        return
    chosen = [number for number, default in rows.records("default") if default == "yes"]
    if not chosen and None not in rows.values["default"]:
        findings.add(
            rows.table.file,
            None,
            "default",
            "no measure is the default.",
            "Write yes in the row of the one that lenses should use.",
        )
    for number in chosen[1:]:
        findings.add(
            rows.table.file,
            number,
            "default",
            f"a second measure is the default, besides row {chosen[0]}.",
            "Write yes in one row and no in the others.",
        )


def _parameters(package: Package, findings: Findings) -> None:
    rows = package.get("parameters")
    if rows is None:
        return
    parameters = {item.parameter: item for item in schema.parameters()}
    for number, name, value in rows.records("parameter", "value"):
        if name is None:
            continue
        if name not in parameters:
            findings.add(
                rows.table.file,
                number,
                "parameter",
                f"{show(name)} is not the name of a parameter.",
                suggest(name, parameters) or "Known: " + ", ".join(parameters) + ".",
            )
        elif (
            value is not None and not parameters[name].minimum <= value <= parameters[name].maximum
        ):
            item = parameters[name]
            findings.add(
                rows.table.file,
                number,
                "value",
                f"{value:g} is outside of the range of {name}.",
                f"It goes from {item.minimum:g} to {item.maximum:g} ({item.unit}).",
            )
