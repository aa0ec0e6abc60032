"""Promises that are no alliance: a guarantee, a pledge of two, neutrality towards everybody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from detente.architecture.changes import Change, Edit, appended, new_row, two_states
from detente.architecture.promises import Treaty, pair
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture

PLEDGES = ("nonaggression", "neutrality", "consultation")
"""What two states can pledge to each other short of help."""
STRENGTHS = ("binding", "political")


@dataclass(frozen=True, slots=True)
class Guarantee(Edit):
    """A state guarantees the security of another; that is its own decision."""

    by: str
    to: str
    strength: str = "binding"
    kind = "guarantee"

    def sentence(self) -> str:
        return f"{self.by} guarantees {self.to}{_manner(self.strength)}"

    def bound(self, g: Architecture) -> Guarantee:
        return Guarantee(*two_states(g, self.by, self.to), checked_strength(self.strength))

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.by,)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("guarantee",)

    def additions(self, g: Architecture) -> tuple[tuple[str, dict[str, Any]], ...]:
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
        return f"{self.a} and {self.b} pledge {self.pledge}{_manner(self.strength)}"

    def bound(self, g: Architecture) -> Pledge:
        if self.pledge not in PLEDGES:
            raise UsageError(
                f"two states pledge one of {', '.join(PLEDGES)}, not '{self.pledge}'; a promise "
                f"of help is a commitment: '{self.a} and {self.b} commit to mutual defense'"
            )
        return Pledge(
            *two_states(g, self.a, self.b), self.pledge, checked_strength(self.strength)
        )

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.a, self.b)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return (self.pledge,)

    def additions(self, g: Architecture) -> tuple[tuple[str, dict[str, Any]], ...]:
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

    def additions(self, g: Architecture) -> tuple[tuple[str, dict[str, Any]], ...]:
        return (
            promise_row(g, "neutrality", self.state, "ALL", mutual=False, strength="binding"),
        )

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        name = promise_name("neutrality", self.state, "ALL")
        value = ledger.mapping.text_value("binding")
        ledger.neutral[self.state] = {**ledger.neutral.get(self.state, {}), name: value}
        return [(self.state, self.state)]


def guarantee(by: str, to: str) -> Change:
    """Let a state guarantee the security of another, by its own decision.

    >>> str(guarantee("GBR", "FIN"))
    'GBR guarantees FIN'
    """
    return Change((Guarantee(by, to),))


def pledge(a: str, b: str, kind: str = "nonaggression") -> Change:
    """Let two states pledge nonaggression, neutrality or consultation to each other.

    >>> str(pledge("IND", "PAK", "nonaggression"))
    'IND and PAK pledge nonaggression'
    """
    return Change((Pledge(a, b, kind),))


def neutral(state: str) -> Change:
    """Let a state declare itself neutral towards everybody.

    >>> str(neutral("MNG"))
    'MNG becomes neutral'
    """
    return Change((Neutral(state),))


def _manner(strength: str) -> str:
    return "" if strength == "binding" else f" ({strength})"


def checked_strength(strength: str) -> str:
    """Return the strength of a text if it is one that a change can make."""
    if strength not in STRENGTHS:
        raise UsageError(f"a new promise is {' or '.join(STRENGTHS)}, not '{strength}'")
    return strength


def promise_name(kind: str, promiser: str, beneficiary: str) -> str:
    """Return the identifier of a row that a change makes."""
    return f"new-{kind}-{promiser}-{beneficiary}"


def promise_row(
    g: Architecture, kind: str, promiser: str, beneficiary: str, *, mutual: bool, strength: str
) -> tuple[str, dict[str, Any]]:
    """Return table and row of a new promise."""
    return new_row(
        g,
        "commitments",
        commitment=promise_name(kind, promiser, beneficiary),
        kind=kind,
        promiser=promiser,
        beneficiary=beneficiary,
        direction="mutual" if mutual else "one_way",
        strength=strength,
    )


def promise(
    ledger: Ledger, kind: str, promiser: str, beneficiary: str, *, mutual: bool, strength: str
) -> list[Pair]:
    """Enter a new promise in a ledger and return the pair that it touches."""
    key = pair(promiser, beneficiary)
    owing = key if mutual else (promiser,)
    treaty = Treaty(kind, ledger.mapping.text_value(strength), owing)
    name = promise_name(kind, promiser, beneficiary)
    ledger.treaties[key] = {**ledger.treaties.get(key, {}), name: treaty}
    return [key]
