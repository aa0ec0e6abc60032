"""Founding an organisation and dissolving one; all members decide."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from detente.architecture.edits.base import Edit, NewRow, appended, ended, new_row
from detente.architecture.promises import Article, pair
from detente.errors import UsageError
from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture

KINDS = (
    "defense",
    "nonaggression",
    "neutrality",
    "consultation",
    "guarantee",
    "arms_supply",
    "intelligence_sharing",
    "security_assistance",
    "arms_control",
    "cooperation",
)
"""What a new organisation can commit its members to."""
CODE = re.compile(r"[A-Z][A-Z0-9_]{1,19}")


@dataclass(frozen=True, slots=True)
class Found(Edit):
    """States found an organisation whose treaty commits them to one another; all decide."""

    name: str
    members: tuple[str, ...]
    commitment: str
    strength: str = "binding"
    kind = "found"

    def sentence(self) -> str:
        manner = "" if self.strength == "binding" else f" ({self.strength})"
        what = self.commitment.replace("_", " ")
        return f"{listed(self.members)} found {self.name} for {what}{manner}"

    def bound(self, g: Architecture) -> Found:
        name = self.name.strip().upper().replace(" ", "_")
        if not CODE.fullmatch(name):
            raise UsageError(
                f"'{self.name}' cannot be the code of an organisation: 2 to 20 of A-Z, 0-9, _"
            )
        taken = set(g.tables["organisations"]["organisation"]) | set(g.tables["actors"]["actor"])
        if name in taken or name in g.names:
            raise UsageError(f"{name} is there already; found an organisation of another name")
        if self.commitment not in KINDS:
            raise UsageError(
                f"an organisation is founded for one of {', '.join(KINDS)}, not '{self.commitment}'"
            )
        members = tuple(dict.fromkeys(g.state(member) for member in self.members))
        if len(members) < 2:
            raise UsageError(f"founding {name} needs two states at least")
        return Found(name, members, self.commitment, self.strength)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return self.members

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return (self.commitment,)

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        organisation = new_row(
            g,
            "organisations",
            organisation=self.name,
            name=self.name.replace("_", " ").capitalize(),
            kind="alliance" if self.commitment == "defense" else "security_cooperation",
            commitment=self.commitment,
            strength=self.strength,
            weight=1.0,
        )
        members = (
            new_row(g, "memberships", organisation=self.name, state=member, role="member")
            for member in self.members
        )
        return (organisation, *members)

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        value = ledger.mapping.text_value(self.strength)
        weights = {s: ledger.mapping.member_weight(self.name, s, None, 1.0) for s in self.members}
        whole = ledger.mapping.weights.get(self.name, 1.0)
        ledger.articles[self.name] = Article(self.name, {self.commitment: value}, whole, weights)
        return [pair(a, b) for a, b in combinations(self.members, 2)]


@dataclass(frozen=True, slots=True)
class Dissolve(Edit):
    """An organisation ends, with all that its treaty promised; every member decides."""

    name: str
    kind = "dissolve"

    def sentence(self) -> str:
        return f"{self.name} is dissolved"

    def bound(self, g: Architecture) -> Dissolve:
        name = g.organisation(self.name)
        if name not in set(g.in_force("organisations")["organisation"]):
            raise UsageError(f"{name} has ended already")
        return Dissolve(name)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return g.members.get(self.name, ())

    def touches(self, g: Architecture) -> tuple[str, ...]:
        row = g.tables["organisations"].filter(pl.col("organisation") == self.name)
        kinds = [*row["commitment"], *row["second_commitment"]]
        return tuple(dict.fromkeys(kind for kind in kinds if kind and kind != "none"))

    def apply(self, g: Architecture) -> Architecture:
        mine = pl.col("organisation") == self.name
        return g.with_tables(
            self.sentence(),
            organisations=ended(g, "organisations", mine),
            memberships=ended(g, "memberships", mine),
        )

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        article = ledger.articles.pop(self.name, None)
        if article is None:
            return ()
        return [pair(a, b) for a, b in combinations(sorted(article.members), 2)]
