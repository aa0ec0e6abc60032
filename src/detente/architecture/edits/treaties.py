"""A commitment of one state to another, and its end."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from detente.architecture.edits.base import (
    Edit,
    NewRow,
    appended,
    checked_strength,
    ended,
    manner,
    promise,
    promise_row,
    two_states,
    with_amounts,
)
from detente.architecture.edits.forces import WithdrawForces
from detente.architecture.edits.membership import Leave
from detente.architecture.kinds import KINDS
from detente.architecture.promises import pair
from detente.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture


@dataclass(frozen=True, slots=True)
class Commit(Edit):
    """A new commitment, mutual or of the first state to the second."""

    promiser: str
    beneficiary: str
    commitment: str = "defense"
    mutual: bool = True
    strength: str = "binding"
    kind = "commit"

    def sentence(self) -> str:
        what = self.commitment.replace("_", " ")
        if self.mutual:
            words = f"{self.promiser} and {self.beneficiary} commit to mutual {what}"
        else:
            words = f"{self.promiser} commits to {what} of {self.beneficiary}"
        return words + manner(self.strength)

    def bound(self, g: Architecture) -> Commit:
        a, b = two_states(g, self.promiser, self.beneficiary)
        if self.commitment not in KINDS:
            raise UsageError(f"unknown commitment '{self.commitment}'; known: {', '.join(KINDS)}")
        return Commit(a, b, self.commitment, self.mutual, checked_strength(self.strength))

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return with_amounts(self.commitment)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.promiser, self.beneficiary)

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        return (
            promise_row(
                g,
                self.commitment,
                self.promiser,
                self.beneficiary,
                mutual=self.mutual,
                strength=self.strength,
            ),
        )

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        return promise(
            ledger,
            self.commitment,
            self.promiser,
            self.beneficiary,
            mutual=self.mutual,
            strength=self.strength,
        )


@dataclass(frozen=True, slots=True)
class Withdraw(Edit):
    """A state ends its commitments of one kind with another; that is its own decision.

    Where the two have several of that kind, `row` is the identifier of the one that is meant.
    """

    state: str
    other: str
    commitment: str = "defense"
    row: str = ""
    kind = "withdraw"

    def sentence(self) -> str:
        return (
            f"{self.state} withdraws its {self.commitment.replace('_', ' ')} commitment "
            f"with {self.other}" + (f" (row {self.row})" if self.row else "")
        )

    def bound(self, g: Architecture) -> Edit:
        if self.commitment == "defense" and self.other not in g.names:
            with suppress(UnknownName):
                return Leave(self.state, g.organisation(self.other)).bound(g)
        if self.commitment == "basing":
            with suppress(UsageError):
                return WithdrawForces(self.state, self.other).bound(g)
        a, b = two_states(g, self.state, self.other)
        whole = Withdraw(a, b, self.commitment)
        owed = g.in_force("commitments").filter(whole._mine())
        out = whole if not self.row else replace(whole, row=_named_row(self, owed))
        if owed.is_empty():
            via = [
                o
                for o, article in g.ledger.articles.items()
                if {a, b} <= article.members.keys() and self.commitment in article.promises
            ]
            hint = f" They are tied through {', '.join(via)}: '{a} leaves {via[0]}'." if via else ""
            raise UsageError(f"{a} owes {b} no {self.commitment} commitment of their own.{hint}")
        return out

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return with_amounts(self.commitment)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state,)

    def _mine(self) -> pl.Expr:
        a, b = self.state, self.other
        forth = (pl.col("promiser") == a) & (pl.col("beneficiary") == b)
        back = (pl.col("promiser") == b) & (pl.col("beneficiary") == a)
        own = pl.col("commitment") == self.row if self.row else pl.lit(value=True)
        return (
            own
            & (pl.col("kind") == self.commitment)
            & (forth | (back & (pl.col("direction") == "mutual")))
        )

    def apply(self, g: Architecture) -> Architecture:
        return g.with_tables(self.sentence(), commitments=ended(g, "commitments", self._mine()))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        ledger.take_back(self.commitment, self.state, self.other, self.row)
        return [pair(self.state, self.other)]


def _named_row(edit: Withdraw, owed: pl.DataFrame) -> str:
    """Return the identifier of the row that is meant, as the table writes it."""
    known = {str(name).casefold(): str(name) for name in owed["commitment"]}
    if edit.row.casefold() not in known:
        hint = f"{edit.state} owes {edit.other} no other {edit.commitment} commitment in force."
        raise UnknownName(f"{edit.commitment} commitment", edit.row, known.values(), hint)
    return known[edit.row.casefold()]
