"""Why hundreds of rows stand on a page: one panel a source, with a line for every row of it.

A page that lists every row of a scenario has no room for a panel each. Rows that rest on the
same source share one: it says what the source is, whether a copy of it was read, and for each of
its rows on the page the key, the note, and who asserts or denies it. The mark of a row opens the
panel at its line; no script is needed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detente.evidence.testimony.reasons import HEADINGS, Grounds
from detente.reporting.grounded import MARK, RowMarks
from detente.reporting.page.model import Code, Explanation, Part, Points, Why

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


@dataclass(slots=True)
class _Panel:
    """A source: its number on the page, the grounds of a row that rests on it, and its rows."""

    number: int
    first: Grounds
    rows: dict[tuple[str, str], tuple[str, tuple[Grounds, ...]]] = field(default_factory=dict)


class BySource(RowMarks):
    """Collects the rows that a page lists, source by source; those of a source share a panel."""

    def __init__(self, g: Architecture | None) -> None:
        super().__init__(g)
        self._panels: dict[str, _Panel] = {}

    def mark(self, table: str, row: str) -> tuple[Part, ...]:
        """Return the mark of a row, with a blank before it; nothing where the row is not known."""
        if self._reasons is None or not table or not row:
            return ()
        grounds = self._reasons.of_rows(table, row)
        if not grounds:
            return ()
        panel = self._panels.setdefault(
            grounds[0].source, _Panel(len(self._panels) + 1, grounds[0])
        )
        place = f"s{panel.number}-{len(panel.rows) + 1}"
        anchor, _ = panel.rows.setdefault((table, row), (place, grounds))
        return (" ", Why(MARK, anchor))

    def listed(self) -> tuple[Explanation, ...]:
        """Return the panel of every source that a row refers to."""
        return tuple(self._explanation(panel) for panel in self._panels.values())

    def _explanation(self, panel: _Panel) -> Explanation:
        assert self.g is not None
        first, rows = panel.first, panel.rows
        return Explanation(
            f"s{panel.number}",
            f"Source: {first.cited}",
            (
                (f"{first.url} " if first.url else "", Code(_command(self.g.name, rows))),
                Points(
                    tuple(
                        ": ".join(part for part in (f"{table} {row}", said(grounds)) if part)
                        for (table, row), (_, grounds) in rows.items()
                    ),
                    anchors=tuple(anchor for anchor, _ in rows.values()),
                ),
            ),
        )


def _command(scenario: str, rows: Iterable[tuple[str, str]]) -> str:
    """Return the command that prints the first of some rows whole, as an example for the rest."""
    return shlex.join(["detente", "why", scenario, *next(iter(rows))])


def said(grounds: tuple[Grounds, ...]) -> str:
    """Return the notes of rows and who asserts, doubts, denies or keeps silent, in one line."""
    parts: list[str] = []
    for ground in grounds:
        if ground.cells.get("note"):
            parts.append(str(ground.cells["note"]))
        for heading, stances in HEADINGS:
            words = [f"{s.chain}: {s.says}" for s in ground.statements if s.stance in stances]
            if words:
                parts.append(f"{heading} {'; '.join(dict.fromkeys(words))}")
        if ground.sources == 1 and ground.statements:
            parts.append("it rests on one source alone")
    return ". ".join(dict.fromkeys(parts))
