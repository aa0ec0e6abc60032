"""Every error that detente raises on purpose, and the fault that a file's author has to mend.

::

    DetenteError
    ├── UsageError              the call is wrong (exit code 2)
    │   └── UnknownName         a scenario, state, organisation or lens that is not there
    ├── DataError               a file is wrong; carries every fault found (exit code 1)
    ├── MissingData             a lens needs a figure that the scenario does not have
    ├── Undefined               a model has no answer for this input; names the state
    │   └── NoEquilibrium       a game without an equilibrium of the required kind
    └── ResultError             a saved result cannot be read or written
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class DetenteError(Exception):
    """The root: what went wrong, in words for the person who can mend it."""

    exit_code = 2

    def __str__(self) -> str:
        return visible(super().__str__())


UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]"
)
"""Characters that steer a terminal or turn the direction of a text, and show nothing themselves."""


def visible(text: str) -> str:
    """Return a text in which characters that are not seen are written out by their numbers."""
    return UNSEEN.sub(lambda match: ascii(match[0])[1:-1], text)


class UsageError(DetenteError):
    """The call is wrong: an option, an argument, a combination that makes no sense."""


class UnknownName(UsageError):
    """A name that is not there; says what was probably meant."""

    def __init__(
        self, kind: str, name: str, known: Iterable[str], hint: str = "", *, near: int = 1
    ) -> None:
        self.kind = kind
        self.name = name
        guess = suggest(name, known, near=near)
        super().__init__(
            " ".join(part for part in (f"unknown {kind} '{name}'.", guess, hint) if part)
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in a scenario package.

    Attributes
    ----------
    file : str
        Name of the file inside the package.
    row : int or None
        Line of the row as a spreadsheet counts (the header is row 1); None: the whole file.
    column : str
        Name of the column, empty when the fault is not in one column.
    problem : str
        What is wrong, with the value found.
    remedy : str
        What would be right.
    more : int
        Further places with the same fault that are counted and not named.
    """

    file: str
    row: int | None
    column: str
    problem: str
    remedy: str = ""
    more: int = 0

    def __str__(self) -> str:
        return visible(self._text())

    def _text(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column:
            place += f", column {self.column}"
        if not self.remedy:
            return f"{place}: {self.problem}"
        stop = "" if self.problem.endswith((".", "?", "!", ":", ";")) else "."
        return f"{place}: {self.problem}{stop} {self.remedy}"


class DataError(DetenteError):
    """A file cannot be used; ``faults`` lists everything that is wrong with it.

    The text counts them all and groups them by kind: of each kind it names the first few.
    """

    exit_code = 1

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        head = f"{self.count:,} fault{'s' if self.count != 1 else ''}"
        super().__init__("\n".join([head, *grouped(self.faults)]))

    @property
    def count(self) -> int:
        """How many faults there are, with those that are counted and not named."""
        return sum(1 + fault.more for fault in self.faults)


NAMED = 10
"""Faults of one kind that a text names when there are more."""


def grouped(faults: Iterable[Fault]) -> list[str]:
    """Return faults as lines: of each kind the first few, then how many more there are.

    Of one kind are faults of one column of a file with the same problem, whatever the value or
    the code.
    """
    kinds: dict[tuple[str, str, str, str], list[Fault]] = {}
    for fault in faults:
        problem = re.sub(r"'[^']*'|\d[\d,.]*|\b[A-Z][A-Z0-9_-]+\b", "*", fault.problem)
        kinds.setdefault((fault.file, fault.column, problem, fault.remedy), []).append(fault)
    lines: list[str] = []
    for (file, column, _, _), alike in kinds.items():
        named = alike if len(alike) <= NAMED + 1 else alike[:NAMED]
        lines += [str(fault) for fault in named]
        more = len(alike) - len(named) + sum(fault.more for fault in alike)
        if more:
            place = f"{file}, column {column}" if column else file
            lines.append(f"{place}: {more:,} more of this kind")
    return lines


def interrupted(error: BaseException) -> bool:
    """Say whether an error is Ctrl-C, or came of it while a library tidied up after it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, KeyboardInterrupt):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


class MissingData(DetenteError):
    """A lens needs a figure that the scenario does not have."""

    exit_code = 1


class Undefined(DetenteError):
    """A model has no answer for this input.

    Attributes
    ----------
    state : str
        The state for which it fails, its code or index; empty if it is the whole system.
    """

    exit_code = 1

    def __init__(self, message: str, state: str = "") -> None:
        self.state = state
        super().__init__(message)


class NoEquilibrium(Undefined):
    """The game has no equilibrium of the required kind."""


class ResultError(DetenteError):
    """A saved result cannot be read or written."""


def suggest(name: str, known: Iterable[str], *, limit: int = 8, near: int = 1) -> str:
    """Say what was probably meant by `name`, as a sentence; empty if nothing is near."""
    choices = sorted(set(known))
    folded = {choice.casefold(): choice for choice in choices}
    alike = difflib.get_close_matches(name.casefold(), list(folded), n=near, cutoff=0.6)
    if alike:
        return f"Did you mean {' or '.join(repr(folded[one]) for one in alike)}?"
    if len(choices) <= limit and choices:
        return "Known: " + ", ".join(choices) + "."
    return ""
