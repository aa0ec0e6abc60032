"""Why a row stands in a scenario: its source, and who asserts and who denies what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.errors import UnknownName
from detente.evidence.testimony.asking import Statement, sources_of, statements_of

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a row of a scenario rests on.

    Attributes
    ----------
    table, row : str
        Where it stands; `row` is its key, several columns joined by ``/``.
    cells : dict
        Its cells that are not empty.
    source, citation, url, seen : str
        Where it comes from, and whether a stored copy was read.
    statements : tuple of Statement
        Who says what of it.
    sources : int
        Number of sources of the row and of what is said of it.
    """

    table: str
    row: str
    cells: Mapping[str, Any]
    source: str
    citation: str
    url: str
    seen: str
    statements: tuple[Statement, ...]
    sources: int

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        from dataclasses import asdict

        return {**asdict(self), "cells": {k: str(v) for k, v in self.cells.items()}}

    def as_text(self) -> str:
        """Return it for a terminal."""
        lines = [f"{self.table} {self.row}"]
        lines += [f"  {name}: {value}" for name, value in self.cells.items() if name != "source"]
        read = "a stored copy was read" if self.seen == "yes" else "the citation was not opened"
        lines.append(f"source: {self.citation or self.source} ({read})")
        if self.url:
            lines.append(f"  {self.url}")
        if self.sources == 1:
            lines.append("It rests on one source alone.")
        for heading, stances in (
            ("asserted by", {"asserts", "threatens", "offers", "forecasts", "regrets"}),
            ("doubted by", {"doubts"}),
            ("denied by", {"denies"}),
            ("silent", {"no_comment"}),
        ):
            rows = [row for row in self.statements if row.stance in stances]
            if rows:
                lines.append(f"{heading}:")
                lines += [
                    f"  {row.chain}: {row.says}{f' ({row.since})' if row.since else ''} [{row.row}]"
                    for row in rows
                ]
        if not self.statements:
            lines.append("No claim on record is about it.")
        return "\n".join(lines)


def grounds(g: Architecture, table: str, row: str) -> tuple[Grounds, ...]:
    """Return what the rows of a key rest on.

    Parameters
    ----------
    g : Architecture
        The scenario.
    table : str
        Name of the table.
    row : str
        Key of the row; several columns are joined by ``/``, and the first ones alone stand for
        all rows that begin so.

    Raises
    ------
    UnknownName
        If there is no such table or row.
    """
    from detente.architecture.package import schema

    entry = schema.table(table)
    frame = g.tables[table]
    wanted = row.split("/")
    rows = [
        cells
        for cells in frame.iter_rows(named=True)
        if [str(cells[name]) for name in entry.key[: len(wanted)]] == wanted
    ]
    if not rows or len(wanted) > len(entry.key):
        rows_there = {"/".join(str(c) for c in key) for key in frame.select(entry.key).iter_rows()}
        raise UnknownName(
            f"row of {table}", row, rows_there, f"A row is named by {'/'.join(entry.key)}."
        )
    statements = list(statements_of(g))
    citations = {c["source"]: c for c in g.tables["sources"].iter_rows(named=True)}
    counted = sources_of(g)
    all_grounds = []
    for cells in rows:
        key = "/".join(str(cells[name]) for name in entry.key)
        about = _about(table, cells, key, statements)
        source = str(cells.get("source") or "")
        cited = citations.get(source, {})
        event = str(cells[entry.key[0]])
        number = len(counted.get(event, {source, *(s.source for s in about)}))
        all_grounds.append(
            Grounds(
                table=table,
                row=key,
                cells={name: value for name, value in cells.items() if value not in (None, "")},
                source=source,
                citation=str(cited.get("citation") or ""),
                url=str(cited.get("url") or ""),
                seen=str(cited.get("seen") or "no"),
                statements=tuple(about),
                sources=number,
            )
        )
    return tuple(all_grounds)


def _about(
    table: str, cells: Mapping[str, Any], key: str, statements: list[Statement]
) -> list[Statement]:
    """Return what is said of a row: of its event, or of its contested matter."""
    if table in {"incidents", "signals"}:
        return [s for s in statements if key in s.event.split(";")]
    if table == "attributions":
        event, actor = str(cells["incident"]), str(cells["actor"])
        return [s for s in statements if s.event == event and s.about == actor]
    if table == "contested":
        return [s for s in statements if s.table == "contested" and s.event == cells["issue"]]
    if table == "claims":
        events = set(str(cells["matched"] or "").split(";")) - {""}
        return [
            s for s in statements
            if s.row == key or (events and events & set(s.event.split(";")))
        ]  # fmt: skip
    return []
