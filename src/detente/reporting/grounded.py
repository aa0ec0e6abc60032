"""The explanations that the rows of a page open: the source, and who asserts and who denies.

A page asks for the mark of a row of a scenario's table and gets a link. Behind it stands what
`detente why SCENARIO TABLE ROW` prints: the cells of the row, its source, and every statement
about it with its chain of speakers, its hedges and the day from which it is on record.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detente.evidence.testimony.claim import LISTED
from detente.evidence.testimony.reasons import HEADINGS, Grounds, Reasons
from detente.reporting.page.model import Code, Explanation, Part, Points, Table, Why

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

MARK = "why?"
"""What a row shows that opens its explanation."""


class RowMarks:
    """What gives the rows of a scenario's tables on a page marks that open why they stand there.

    Parameters
    ----------
    g : Architecture or None
        What the page is about; None leaves every row without a mark.
    """

    def __init__(self, g: Architecture | None) -> None:
        self.g = g
        self._reasons = Reasons(g) if g is not None else None


class Grounded(RowMarks):
    """Collects the rows to which a page refers; each has a panel of its own."""

    def __init__(self, g: Architecture | None) -> None:
        super().__init__(g)
        self._panels: dict[tuple[str, str], tuple[Grounds, ...]] = {}

    def mark(self, table: str, row: str) -> tuple[Part, ...]:
        """Return the mark of a row, with a blank before it; nothing where the row is not known."""
        if self._reasons is None or not row:
            return ()
        if (table, row) not in self._panels:
            grounds = self._reasons.of_rows(table, row)
            if not grounds:
                return ()
            self._panels[table, row] = grounds
        return (" ", Why(MARK, _id(table, row)))

    def listed(self) -> tuple[Explanation, ...]:
        """Return every panel that a row refers to."""
        return tuple(
            self._explanation(table, row, grounds) for (table, row), grounds in self._panels.items()
        )

    def _explanation(self, table: str, row: str, grounds: tuple[Grounds, ...]) -> Explanation:
        assert self.g is not None
        blocks: list[Any] = []
        for ground in grounds:
            said = _statements(ground)
            blocks += [Points(_cells(ground.cells)), f"Source: {ground.cited}"]
            blocks.append(said if said is not None else "No claim on record is about it.")
        blocks.append(Code(shlex.join(["detente", "why", self.g.name, table, row])))
        return Explanation(_id(table, row), f"Why {row} stands in {table}", tuple(blocks))


def _statements(ground: Grounds) -> Table | None:
    rows = tuple(
        (heading, s.chain, s.says, ", ".join(s.hedge.split(LISTED)), s.since, s.row)
        for heading, stances in HEADINGS
        for s in ground.statements
        if s.stance in stances
    )
    if not rows:
        return None
    return Table(
        "Who says what of it; how many say so is no weight of truth",
        ("", "Who", "What", "Hedge", "Since", "Row"),
        rows,
        filter=None,
        sorts=False,
    )


def _cells(cells: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(f"{name}: {value}" for name, value in cells.items() if name != "source")


def _id(table: str, row: str) -> str:
    """Return the id of the panel of a row: letters, digits and hyphens, one for each row."""
    plain = "".join(c if re.match(r"[A-Za-z0-9_]", c) else f"-{ord(c):x}-" for c in row)
    return f"row-{table}-{plain}"
