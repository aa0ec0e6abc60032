"""The list of faults that a check fills, with an end to its patience."""

from __future__ import annotations

from detente.errors import Fault

LIMIT = 10_000
"""Number of faults after which a check stops looking for more."""


class Full(Exception):
    """Raised inside a check when the list is full; never leaves the room."""


class Findings:
    """Every fault found so far."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, file: str, row: int | None, column: str, problem: str, remedy: str = "") -> None:
        """Add a fault.

        Raises
        ------
        Full
            When the list has reached its limit; the last fault then says so.
        """
        place = file.encode("utf-8", "backslashreplace").decode("utf-8")
        self.faults.append(Fault(place, row, column, problem, remedy))
        if len(self.faults) >= LIMIT:
            self.faults.append(
                Fault(
                    file,
                    None,
                    "",
                    f"the check stopped after {LIMIT:,} faults.",
                    "Mend these first, then check again.",
                )
            )
            raise Full


def show(text: str, limit: int = 60) -> str:
    """Return `text` in quotation marks, shortened, with control characters made visible."""
    if len(text) > limit:
        return f"{text[:limit]!r}... ({len(text):,} characters)"
    return repr(text)
