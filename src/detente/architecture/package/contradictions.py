"""Rows that say two things of one matter: each may be right, both cannot be."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping

from detente.architecture.package.fault_list import Findings
from detente.architecture.package.row_checks import TableRows

Package = Mapping[str, TableRows | None]
Spell = tuple[dt.date, dt.date]

PAIRS = {
    "contiguity": (("type",), ()),
    "rivalries": (("intensity",), ("issue",)),
    "disputes": (("hostility",), ("year",)),
    "propensities": (
        ("propensity", "ethnic_conflict", "border_dispute", "war_history", "religion",
         "government"),
        (),
    ),
}  # fmt: skip
"""Tables of pairs: what must agree in all rows of a pair at one time, and what parts the rows."""
TREATY = ("kind", "promiser", "beneficiary", "direction", "start", "end", "strength", "name")
"""Columns that say which commitment a row is of, whatever its identifier."""
EARLIEST = dt.date(1000, 1, 1)
"""No date of a scenario lies before it; years below it come of two digits that were meant."""


def check(package: Package, findings: Findings) -> None:
    """Report every row that contradicts another one of the same matter."""
    for name, (facts, parting) in PAIRS.items():
        rows = package.get(name)
        if rows is not None:
            _pairs(rows, facts, parting, findings)
    commitments = package.get("commitments")
    if commitments is not None:
        _twins(commitments, findings)
    capabilities = package.get("capabilities")
    if capabilities is not None:
        _sums(capabilities, findings)
    for rows in package.values():
        if rows is not None:
            _early_dates(rows, findings)


def _spell(start: dt.date | None, end: dt.date | None) -> Spell:
    return start or dt.date.min, end or dt.date.max


def _groups(
    rows: TableRows, facts: tuple[str, ...], parting: tuple[str, ...]
) -> Iterator[list[tuple[int, tuple[object, ...], Spell]]]:
    """Yield the rows of one pair, either way round, each with what it says and its spell."""
    groups: dict[tuple[object, ...], list[tuple[int, tuple[object, ...], Spell]]] = {}
    names = ("state_a", "state_b", "start", "end", *parting, *facts)
    present = [name if name in rows.table.columns else "" for name in names]
    columns = [rows.column(name) if name else [None] * len(rows.numbers) for name in present]
    for number, first, other, start, end, *rest in zip(rows.numbers, *columns, strict=True):
        if first is None or other is None:
            continue
        key = (*sorted((str(first), str(other))), *rest[: len(parting)])
        entry = (number, tuple(rest[len(parting) :]), _spell(start, end))
        groups.setdefault(key, []).append(entry)
    yield from (group for group in groups.values() if len(group) > 1)


def _pairs(
    rows: TableRows, facts: tuple[str, ...], parting: tuple[str, ...], findings: Findings
) -> None:
    for group in _groups(rows, facts, parting):
        for place, (number, says, spell) in enumerate(group):
            for earlier, said_before, other in group[:place]:
                apart = spell[0] > other[1] or other[0] > spell[1]
                if apart or says == said_before or None in says or None in said_before:
                    continue
                column, value, before = next(
                    (name, a, b)
                    for name, a, b in zip(facts, says, said_before, strict=True)
                    if a != b
                )
                findings.add(
                    rows.table.file,
                    number,
                    column,
                    f"{value} contradicts row {earlier}, which has {before} for the same pair at "
                    "the same time.",
                    "Delete the wrong one, or give each its dates.",
                )
                break


def _twins(rows: TableRows, findings: Findings) -> None:
    """Report commitments that are there twice under two identifiers."""
    first: dict[tuple[object, ...], tuple[int, object]] = {}
    for number, identifier, *facts in rows.records("commitment", *TREATY):
        kind, promiser, beneficiary, direction, *rest = facts
        if None in (identifier, kind, promiser, beneficiary, direction):
            continue
        parties = (promiser, beneficiary)
        sides = tuple(sorted(map(str, parties))) if direction == "mutual" else parties
        key = (kind, *sides, direction, *rest)
        if key not in first:
            first[key] = (number, identifier)
        elif first[key][1] != identifier:
            row, other = first[key]
            findings.add(
                rows.table.file,
                number,
                "commitment",
                f"{identifier} is the commitment of row {row}, {other}: kind, parties, dates, "
                "strength and name are the same.",
                "Delete one of the two, or say what parts them.",
            )


def _sums(rows: TableRows, findings: Findings) -> None:
    """Report measures whose figures add up to more than a number can hold."""
    totals: dict[object, float] = {}
    for number, measure, value in rows.records("measure", "value"):
        if measure is None or value is None:
            continue
        before = totals.get(measure, 0.0)
        totals[measure] = before + value
        if math.isinf(totals[measure]) and not math.isinf(before):
            findings.add(
                rows.table.file,
                number,
                "value",
                f"the figures of {measure} add up to more than a number can hold.",
                "Check the exponents, or use a larger unit.",
            )


def _early_dates(rows: TableRows, findings: Findings) -> None:
    for field in rows.table.fields:
        if field.type != "date" or field.name not in rows.values:
            continue
        for number, day in zip(rows.numbers, rows.values[field.name], strict=True):
            if isinstance(day, dt.date) and day < EARLIEST:
                findings.add(
                    rows.table.file,
                    number,
                    field.name,
                    f"{day} lies before the year {EARLIEST.year}.",
                    "Write the year with its century.",
                )
