"""Why a row stands in a scenario: its source, and who asserts and who denies what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.errors import UnknownName
from detente.evidence.testimony.asking import Statement, sources_of, statements_of
from detente.evidence.testimony.claim import LISTED

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


HEADINGS = (
    ("asserted by", frozenset({"asserts", "threatens", "offers", "forecasts", "regrets"})),
    ("doubted by", frozenset({"doubts"})),
    ("denied by", frozenset({"denies"})),
    ("silent", frozenset({"no_comment"})),
)
"""Under which heading a statement of which stance stands."""


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

    @property
    def cited(self) -> str:
        """Its source in words, and whether a copy of it was read."""
        read = "a stored copy was read" if self.seen == "yes" else "the citation was not opened"
        return f"{self.citation or self.source} ({read})"

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        from dataclasses import asdict

        return {**asdict(self), "cells": {k: str(v) for k, v in self.cells.items()}}

    def as_text(self) -> str:
        """Return it for a terminal."""
        lines = [f"{self.table} {self.row}"]
        lines += [f"  {name}: {value}" for name, value in self.cells.items() if name != "source"]
        lines.append(f"source: {self.cited}")
        if self.url:
            lines.append(f"  {self.url}")
        if self.sources == 1:
            lines.append("It rests on one source alone.")
        for heading, stances in HEADINGS:
            rows = [row for row in self.statements if row.stance in stances]
            if rows:
                lines.append(f"{heading}:")
                lines += [
                    f"  {row.chain}: {row.says}"
                    + (f" (hedge: {', '.join(row.hedge.split(LISTED))})" if row.hedge else "")
                    + (f" ({row.since})" if row.since else "")
                    + f" [{row.row}]"
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
    reasons = Reasons(g)
    found = reasons.of_rows(table, row)
    if not found:
        key = reasons.key(table)
        rows_there = [_name(cells) for cells in g.tables[table].select(key).iter_rows()]
        hint = f"A row is named by {'/'.join(key)}"
        hint += f", such as {rows_there[0]}." if rows_there else "; this table has no row here."
        raise UnknownName(f"row of {table}", row, rows_there, hint, near=3)
    return found


class Reasons:
    """What every row of a scenario rests on; reads its statements once."""

    def __init__(self, g: Architecture) -> None:
        self.g = g
        self._statements = list(statements_of(g))
        self._citations = {c["source"]: c for c in g.tables["sources"].iter_rows(named=True)}
        self._counted = sources_of(g)
        self._rows: dict[str, dict[tuple[str, ...], list[dict[str, Any]]]] = {}

    def key(self, table: str) -> tuple[str, ...]:
        """Return the columns that name a row of a table."""
        from detente.architecture.package import schema

        return tuple(schema.table(table).key)

    def of_rows(self, table: str, row: str) -> tuple[Grounds, ...]:
        """Return what the rows of a key, or of the beginning of one, rest on; maybe none."""
        key = self.key(table)
        # The last column may hold a stroke of its own: Arunachal Pradesh / Zangnan.
        wanted = tuple(row.split("/", len(key) - 1))
        if table not in self._rows:
            by_key: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            for cells in self.g.tables[table].iter_rows(named=True):
                whole = tuple(_cell(cells[name]) for name in key)
                for length in range(1, len(key) + 1):
                    by_key.setdefault(whole[:length], []).append(cells)
            self._rows[table] = by_key
        return tuple(
            self._grounds(table, key, cells) for cells in self._rows[table].get(wanted, ())
        )

    def _grounds(self, table: str, key: tuple[str, ...], cells: dict[str, Any]) -> Grounds:
        name = _name(cells[column] for column in key)
        about = _about(table, cells, name, self._statements)
        source = str(cells.get("source") or "")
        cited = [self._citations[part] for part in source.split(LISTED) if part in self._citations]
        event = str(cells[key[0]])
        named = {one for text in (source, *(s.source for s in about)) for one in text.split(LISTED)}
        number = len(self._counted.get(event, named))
        return Grounds(
            table=table,
            row=name,
            cells={column: value for column, value in cells.items() if value not in (None, "")},
            source=source,
            citation="; ".join(str(one["citation"] or "") for one in cited),
            url=" ".join(str(one["url"]) for one in cited if one["url"]),
            seen="yes" if cited and all(one["seen"] == "yes" for one in cited) else "no",
            statements=tuple(about),
            sources=number,
        )


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _name(cells: Iterable[object]) -> str:
    """Return the key of a row in one word; what is empty at its end is left out."""
    return "/".join(map(_cell, cells)).rstrip("/")


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
