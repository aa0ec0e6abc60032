"""An edit as a proposal states it: for many states at once, or for none that a model could see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detente.architecture.edits.base import Edit, NewRow, appended

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture


@dataclass(frozen=True, slots=True)
class Row(Edit):
    """One row of a proposal, its groups expanded to single edits.

    Attributes
    ----------
    name : str
        Identifier of the row.
    words : str
        The row as a sentence, groups by their names.
    act : str
        What is done, a word of the column ``act``.
    edits : tuple of Edit
        The single edits; empty if the row makes none.
    decided : tuple of str or None
        Who has to agree, as the proposal has it; None: as the single edits say.
    reason : str
        Why it makes no edit; empty if it makes one.
    left_out : tuple of str
        Single edits of the row that cannot be made, each with its reason.
    """

    name: str
    words: str
    act: str
    edits: tuple[Edit, ...] = ()
    decided: tuple[str, ...] | None = None
    reason: str = ""
    left_out: tuple[str, ...] = field(default=(), compare=False)

    @property
    def kind(self) -> str:  # type: ignore[override]
        """The act of the row."""
        return self.act

    def sentence(self) -> str:
        return self.words

    def bound(self, g: Architecture) -> Row:
        return self

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        if self.decided is not None:
            return self.decided
        return tuple(dict.fromkeys(s for edit in self.edits for s in edit.initiators(g)))

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fact for edit in self.edits for fact in edit.touches(g)))

    def additions(self, g: Architecture) -> tuple[NewRow, ...] | None:
        rows: list[NewRow] = []
        for edit in self.edits:
            added = edit.additions(g)
            if added is None:
                return None
            rows += added
        return tuple(rows)

    def apply(self, g: Architecture) -> Architecture:
        added = self.additions(g)
        if added is not None:
            return appended(g, self.words, added)
        after = g
        for edit in self.edits:
            after = edit.apply(after)
        return after

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        return [pair for edit in self.edits for pair in edit.edit_ledger(ledger, g)]

    def edit_capability(self, values: dict[str, float]) -> dict[str, float]:
        for edit in self.edits:
            values = edit.edit_capability(values)
        return values
