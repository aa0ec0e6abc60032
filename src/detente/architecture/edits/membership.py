"""Joining an organisation and leaving it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from detente.architecture.edits.base import (
    Edit,
    NewRow,
    appended,
    ended,
    members_of,
    new_row,
    promised_by,
)
from detente.architecture.promises import pair
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture


@dataclass(frozen=True, slots=True)
class Join(Edit):
    """A state becomes a member of an organisation; every member has to agree."""

    state: str
    organisation: str
    kind = "join"

    def sentence(self) -> str:
        return f"{self.state} joins {self.organisation}"

    def bound(self, g: Architecture) -> Join:
        out = Join(g.state(self.state), g.organisation(self.organisation))
        if out.state in members_of(g, out.organisation):
            raise UsageError(f"{out.state} is already a member of {out.organisation}")
        return out

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return promised_by(g, self.organisation)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state, *members_of(g, self.organisation))

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        return (
            new_row(
                g,
                "memberships",
                organisation=self.organisation,
                state=self.state,
                role="member",
            ),
        )

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        old = ledger.articles.get(self.organisation)
        if old is None:
            return ()
        weight = g.mapping.member_weight(self.organisation, self.state, None, old.whole)
        members = {**old.members, self.state: weight}
        ledger.articles[self.organisation] = ledger.with_members(self.organisation, members)
        return [pair(self.state, other) for other in old.members]


@dataclass(frozen=True, slots=True)
class Leave(Edit):
    """A member leaves an organisation; that is its own decision."""

    state: str
    organisation: str
    kind = "leave"

    def sentence(self) -> str:
        return f"{self.state} leaves {self.organisation}"

    def bound(self, g: Architecture) -> Leave:
        out = Leave(g.state(self.state), g.organisation(self.organisation))
        if out.state not in members_of(g, out.organisation):
            raise UsageError(f"{out.state} is not a member of {out.organisation}")
        return out

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return promised_by(g, self.organisation)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state,)

    def apply(self, g: Architecture) -> Architecture:
        mine = (
            (pl.col("organisation") == self.organisation)
            & (pl.col("state") == self.state)
            & (pl.col("role") == "member")
        )
        return g.with_tables(self.sentence(), memberships=ended(g, "memberships", mine))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        old = ledger.articles.get(self.organisation)
        if old is None or self.state not in old.members:
            return ()
        members = {s: w for s, w in old.members.items() if s != self.state}
        ledger.articles[self.organisation] = ledger.with_members(self.organisation, members)
        return [pair(self.state, other) for other in members]
