"""Promises that are no alliance: a guarantee, a pledge of two, neutrality towards everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.architecture.edits.base import (
    Edit,
    NewRow,
    appended,
    checked_strength,
    manner,
    promise,
    promise_name,
    promise_row,
    two_states,
)
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture

PLEDGES = ("nonaggression", "neutrality", "consultation")
"""What two states can pledge to each other short of help."""


@dataclass(frozen=True, slots=True)
class Guarantee(Edit):
    """A state guarantees the security of another; that is its own decision."""

    by: str
    to: str
    strength: str = "binding"
    kind = "guarantee"

    def sentence(self) -> str:
        return f"{self.by} guarantees {self.to}{manner(self.strength)}"

    def bound(self, g: Architecture) -> Guarantee:
        return Guarantee(*two_states(g, self.by, self.to), checked_strength(self.strength))

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.by,)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("guarantee",)

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        return (
            promise_row(g, "guarantee", self.by, self.to, mutual=False, strength=self.strength),
        )

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        return promise(ledger, "guarantee", self.by, self.to, mutual=False, strength=self.strength)


@dataclass(frozen=True, slots=True)
class Pledge(Edit):
    """Two states pledge nonaggression, neutrality or consultation; both decide."""

    a: str
    b: str
    pledge: str = "nonaggression"
    strength: str = "binding"
    kind = "pledge"

    def sentence(self) -> str:
        return f"{self.a} and {self.b} pledge {self.pledge}{manner(self.strength)}"

    def bound(self, g: Architecture) -> Pledge:
        if self.pledge not in PLEDGES:
            raise UsageError(
                f"two states pledge one of {', '.join(PLEDGES)}, not '{self.pledge}'; a promise "
                f"of help is a commitment: '{self.a} and {self.b} commit to mutual defense'"
            )
        return Pledge(*two_states(g, self.a, self.b), self.pledge, checked_strength(self.strength))

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.a, self.b)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return (self.pledge,)

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        return (promise_row(g, self.pledge, self.a, self.b, mutual=True, strength=self.strength),)

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        return promise(ledger, self.pledge, self.a, self.b, mutual=True, strength=self.strength)


@dataclass(frozen=True, slots=True)
class Neutral(Edit):
    """A state declares itself neutral towards everybody; that is its own decision."""

    state: str
    kind = "neutral"

    def sentence(self) -> str:
        return f"{self.state} becomes neutral"

    def bound(self, g: Architecture) -> Neutral:
        return Neutral(g.state(self.state))

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state,)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("neutral",)

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        return (promise_row(g, "neutrality", self.state, "ALL", mutual=False, strength="binding"),)

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        name = promise_name("neutrality", self.state, "ALL")
        value = ledger.mapping.text_value("binding")
        ledger.neutral[self.state] = {**ledger.neutral.get(self.state, {}), name: value}
        return [(self.state, self.state)]
