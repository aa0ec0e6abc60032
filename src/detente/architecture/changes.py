"""Changes: what could be otherwise, as values.

A change is a set of edits to an architecture with the states whose decision it is, its
initiators. It can be applied, printed as a sentence, read back from that sentence, and
combined with others:

>>> change = join("UKR", "NATO") + reconcile("RUS", "UKR")
>>> str(change)
'UKR joins NATO; RUS and UKR reconcile'

Applying a change to tables and reading it as edits of ties (`move_of`) are two ways to the
same arrays; a property test holds them equal.
"""

from __future__ import annotations

import datetime as dt
import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from detente.architecture.promises import Ledger, Pair, edited_facts, pair, touched
from detente.architecture.system import Moves
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

ONE_DAY = dt.timedelta(days=1)
ASSUMED = "assumed"


class Edit(ABC):
    """One elementary edit; every kind knows its sentence, its initiators and two ways to act."""

    kind: str

    @abstractmethod
    def sentence(self) -> str:
        """Return the edit as a sentence that `parse` reads back."""

    @abstractmethod
    def initiators(self, g: Architecture) -> tuple[str, ...]:
        """Return the states whose decision it is in this architecture."""

    @abstractmethod
    def bound(self, g: Architecture) -> Edit:
        """Return the edit with codes as this architecture writes them; raise if it cannot be."""

    @abstractmethod
    def apply(self, g: Architecture) -> Architecture:
        """Return the architecture after it, by editing tables."""

    @abstractmethod
    def touches(self, g: Architecture) -> tuple[str, ...]:
        """Return what it edits, of `detente.architecture.kinds.FACTS_EDITED`.

        A lens that sees none of these has no result for the edit; an edit of nothing that any
        lens could see touches nothing.
        """

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        """Edit a ledger in place and return the pairs whose tie may have changed.

        A state alone, whose own neutrality may have changed, is the pair of it with itself.
        """
        return ()

    def edit_capability(self, values: dict[str, float]) -> dict[str, float]:
        """Return capabilities after it, in the unit of the measure."""
        return values


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
        if out.state in _members(g, out.organisation):
            raise UsageError(f"{out.state} is already a member of {out.organisation}")
        return out

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return _promised_by(g, self.organisation)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state, *_members(g, self.organisation))

    def apply(self, g: Architecture) -> Architecture:
        row = {
            "organisation": self.organisation,
            "state": self.state,
            "role": "member",
            "start": g.date,
            "note": "by a change",
            "source": ASSUMED,
            "confidence": "low",
        }
        return g.with_tables(self.sentence(), memberships=_append(g.tables["memberships"], row))

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
        if out.state not in _members(g, out.organisation):
            raise UsageError(f"{out.state} is not a member of {out.organisation}")
        return out

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return _promised_by(g, self.organisation)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state,)

    def apply(self, g: Architecture) -> Architecture:
        mine = (
            (pl.col("organisation") == self.organisation)
            & (pl.col("state") == self.state)
            & (pl.col("role") == "member")
        )
        return g.with_tables(self.sentence(), memberships=_ended(g, "memberships", mine))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        old = ledger.articles.get(self.organisation)
        if old is None or self.state not in old.members:
            return ()
        members = {s: w for s, w in old.members.items() if s != self.state}
        ledger.articles[self.organisation] = ledger.with_members(self.organisation, members)
        return [pair(self.state, other) for other in members]


@dataclass(frozen=True, slots=True)
class Commit(Edit):
    """A new commitment, mutual or of the first state to the second."""

    promiser: str
    beneficiary: str
    commitment: str = "defense"
    mutual: bool = True
    kind = "commit"

    def sentence(self) -> str:
        what = self.commitment.replace("_", " ")
        if self.mutual:
            return f"{self.promiser} and {self.beneficiary} commit to mutual {what}"
        return f"{self.promiser} commits to {what} of {self.beneficiary}"

    def bound(self, g: Architecture) -> Commit:
        a, b = _two(g, self.promiser, self.beneficiary)
        if f"weight.kind.{self.commitment}" not in g.mapping.values or self.commitment == "none":
            known = [k.removeprefix("weight.kind.") for k in g.mapping.values if ".kind." in k]
            raise UsageError(f"unknown commitment '{self.commitment}'; known: {', '.join(known)}")
        return Commit(a, b, self.commitment, self.mutual)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return _with_amounts(self.commitment)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.promiser, self.beneficiary)

    def _name(self) -> str:
        return f"new-{self.commitment}-{self.promiser}-{self.beneficiary}"

    def apply(self, g: Architecture) -> Architecture:
        row = {
            "commitment": self._name(),
            "kind": self.commitment,
            "promiser": self.promiser,
            "beneficiary": self.beneficiary,
            "direction": "mutual" if self.mutual else "one_way",
            "start": g.date,
            "strength": "binding",
            "note": "by a change",
            "source": ASSUMED,
            "confidence": "low",
        }
        return g.with_tables(self.sentence(), commitments=_append(g.tables["commitments"], row))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        value = ledger.mapping.text_value("binding")
        if value == 0:
            return ()
        parties = (self.promiser, self.beneficiary)
        ledger.promise(self._name(), self.commitment, value, parties, mutual=self.mutual)
        return [pair(*parties)]


@dataclass(frozen=True, slots=True)
class Withdraw(Edit):
    """A state ends its commitments of one kind with another; that is its own decision."""

    state: str
    other: str
    commitment: str = "defense"
    kind = "withdraw"

    def sentence(self) -> str:
        return (
            f"{self.state} withdraws its {self.commitment.replace('_', ' ')} commitment "
            f"with {self.other}"
        )

    def bound(self, g: Architecture) -> Withdraw:
        a, b = _two(g, self.state, self.other)
        out = Withdraw(a, b, self.commitment)
        if g.in_force("commitments").filter(out._mine()).is_empty():
            via = [
                o
                for o, article in g.ledger.articles.items()
                if {a, b} <= article.members.keys() and self.commitment in article.promises
            ]
            hint = f" They are tied through {', '.join(via)}: '{a} leaves {via[0]}'." if via else ""
            raise UsageError(f"{a} owes {b} no {self.commitment} commitment of their own.{hint}")
        return out

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return _with_amounts(self.commitment)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state,)

    def _mine(self) -> pl.Expr:
        a, b = self.state, self.other
        forth = (pl.col("promiser") == a) & (pl.col("beneficiary") == b)
        back = (pl.col("promiser") == b) & (pl.col("beneficiary") == a)
        return (pl.col("kind") == self.commitment) & (
            forth | (back & (pl.col("direction") == "mutual"))
        )

    def apply(self, g: Architecture) -> Architecture:
        return g.with_tables(self.sentence(), commitments=_ended(g, "commitments", self._mine()))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        ledger.take_back(self.commitment, self.state, self.other)
        return [pair(self.state, self.other)]


@dataclass(frozen=True, slots=True)
class Reconcile(Edit):
    """Two rivals end all rivalries between them; both have to agree."""

    state_a: str
    state_b: str
    kind = "reconcile"

    def sentence(self) -> str:
        return f"{self.state_a} and {self.state_b} reconcile"

    def bound(self, g: Architecture) -> Reconcile:
        out = Reconcile(*_two(g, self.state_a, self.state_b))
        if g.ledger.intensity(out.state_a, out.state_b) == 0:
            raise UsageError(f"no rivalry stands between {out.state_a} and {out.state_b}")
        return out

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("rivalry",)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state_a, self.state_b)

    def apply(self, g: Architecture) -> Architecture:
        a, b = self.state_a, self.state_b
        forth = (pl.col("state_a") == a) & (pl.col("state_b") == b)
        back = (pl.col("state_a") == b) & (pl.col("state_b") == a)
        return g.with_tables(self.sentence(), rivalries=_ended(g, "rivalries", forth | back))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        key = pair(self.state_a, self.state_b)
        ledger.hostile[key] = {}
        return [key]


@dataclass(frozen=True, slots=True)
class Estrange(Edit):
    """Two states become rivals at an intensity (MID hostility level); either can do that."""

    state_a: str
    state_b: str
    intensity: int = 3
    kind = "estrange"

    def sentence(self) -> str:
        return f"{self.state_a} and {self.state_b} become rivals at intensity {self.intensity}"

    def bound(self, g: Architecture) -> Estrange:
        if not 1 <= self.intensity <= 5:
            raise UsageError(f"an intensity lies between 1 and 5, not {self.intensity}")
        return Estrange(*_two(g, self.state_a, self.state_b), self.intensity)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("rivalry",)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state_a,)

    def _name(self) -> str:
        return f"new-rivalry-{self.state_a}-{self.state_b}"

    def apply(self, g: Architecture) -> Architecture:
        row = {
            "rivalry": self._name(),
            "state_a": self.state_a,
            "state_b": self.state_b,
            "issue": "other",
            "intensity": self.intensity,
            "start": g.date,
            "note": "by a change",
            "source": ASSUMED,
            "confidence": "low",
        }
        return g.with_tables(self.sentence(), rivalries=_append(g.tables["rivalries"], row))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        key = pair(self.state_a, self.state_b)
        ledger.hostile[key] = {**ledger.hostile.get(key, {}), self._name(): float(self.intensity)}
        return [key]


@dataclass(frozen=True, slots=True)
class Arm(Edit):
    """A state changes its capability by a share of it, for instance 0.2 or -0.5."""

    state: str
    share: float
    kind = "arm"

    def sentence(self) -> str:
        verb = "arms" if self.share >= 0 else "disarms"
        return f"{self.state} {verb} by {abs(self.share) * 100:g} %"

    def bound(self, g: Architecture) -> Arm:
        if not math.isfinite(self.share):
            raise UsageError(f"a share of capability is a number, not {self.share}")
        if self.share < -1:
            raise UsageError(f"a state can disarm by 100 % at most, not by {-self.share:.0%}")
        out = Arm(g.state(self.state), self.share)
        if out.state not in g.capability:
            raise UsageError(f"{out.state} has no figure of capability ({g.measure}) to change")
        return out

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("strength",)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state,)

    def apply(self, g: Architecture) -> Architecture:
        figures = g.tables["capabilities"]
        mine = (
            (pl.col("state") == self.state)
            & (pl.col("measure") == g.measure)
            & (pl.col("year") == g.figure_year[self.state])
        )
        changed = figures.with_columns(
            value=pl.when(mine).then(pl.col("value") * (1 + self.share)).otherwise(pl.col("value"))
        )
        return g.with_tables(self.sentence(), capabilities=changed)

    def edit_capability(self, values: dict[str, float]) -> dict[str, float]:
        return {**values, self.state: values[self.state] * (1 + self.share)}


@dataclass(frozen=True)
class Change:
    """A set of edits with the states whose decision it is.

    Attributes
    ----------
    edits : tuple of Edit
        What is done, in order.
    named : tuple of str or None
        The initiators, if they were named; None: as the edits say (the joining state and every
        member for joining, both for an agreement, the one for what it can do alone).
    """

    edits: tuple[Edit, ...]
    named: tuple[str, ...] | None = field(default=None)

    def __str__(self) -> str:
        return "; ".join(edit.sentence() for edit in self.edits)

    def __add__(self, other: Change) -> Change:
        named = None
        if self.named is not None and other.named is not None:
            named = tuple(dict.fromkeys((*self.named, *other.named)))
        return Change(self.edits + other.edits, named)

    @property
    def kind(self) -> str:
        """The kind of its edits, ``"several"`` if they differ."""
        kinds = {edit.kind for edit in self.edits}
        return kinds.pop() if len(kinds) == 1 else "several"

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        """Return the states whose decision it is, in the order in which they come up."""
        if self.named is not None:
            return tuple(g.state(code) for code in self.named)
        return tuple(dict.fromkeys(s for edit in self.edits for s in edit.initiators(g)))

    def bound(self, g: Architecture) -> Change:
        """Return it with this architecture's codes.

        Raises
        ------
        UsageError
            If one of its edits cannot be done here, for instance joining what one belongs to.
        """
        edits, now = [], g
        for edit in self.edits:
            edits.append(edit.bound(now))
            if len(self.edits) > 1:
                now = edits[-1].apply(now)
        return Change(tuple(edits), self.named)

    def apply(self, g: Architecture) -> Architecture:
        """Return the architecture after it."""
        for edit in self.edits:
            g = edit.bound(g).apply(g)
        return g


def join(state: str, organisation: str, *, initiators: Sequence[str] | None = None) -> Change:
    """Let a state join an organisation; initiators are the state and all members unless named."""
    return Change((Join(state, organisation),), _named(initiators))


def leave(state: str, organisation: str) -> Change:
    """Let a member leave an organisation."""
    return Change((Leave(state, organisation),))


def commit(
    promiser: str, beneficiary: str, kind: str = "defense", *, mutual: bool = True
) -> Change:
    """Let two states commit to each other, or the first to the second."""
    return Change((Commit(promiser, beneficiary, kind, mutual),))


def withdraw(state: str, other: str, kind: str = "defense") -> Change:
    """Let a state end its commitments of a kind with another."""
    return Change((Withdraw(state, other, kind),))


def reconcile(state_a: str, state_b: str) -> Change:
    """Let two rivals end the rivalries between them."""
    return Change((Reconcile(state_a, state_b),))


def estrange(state_a: str, state_b: str, intensity: int = 3) -> Change:
    """Make two states rivals at an intensity (MID hostility level 1 to 5)."""
    return Change((Estrange(state_a, state_b, intensity),))


def arm(state: str, share: float) -> Change:
    """Let a state raise its capability by a share of it (0.2 is 20 %)."""
    return Change((Arm(state, share),))


def disarm(state: str, share: float) -> Change:
    """Let a state lower its capability by a share of it (0.2 is 20 %)."""
    return Change((Arm(state, -share),))


def moves_of(g: Architecture, changes: Sequence[Change]) -> Moves:
    """Return the changes as edits of ties of ``g.system``.

    States without a capability are not in the system: their ties and their consent drop out.
    """
    index = {code: i for i, code in enumerate(g.system.codes)}
    total = sum(g.capability[code] for code in g.system.codes)
    edits, actors, armed, facts = [], [], [], []
    for change in changes:
        ledger, pairs = g.ledger.overlay(), set[Pair]()
        for edit in change.edits:
            pairs.update(edit.edit_ledger(ledger, g))
        edits.append(
            [
                (index[a], index[b], tie.ally, tie.rival)
                for (a, b), tie in sorted(touched(ledger, pairs, g.ledger).items())
                if a in index and b in index
            ]
        )
        facts.append(
            [
                (what, index[k], index[i], value)
                for (what, k, i), value in sorted(edited_facts(ledger, pairs, g.ledger).items())
                if k in index and i in index
            ]
        )
        actors.append([index[s] for s in change.initiators(g) if s in index])
        armed.append(_armed(g, change, index, total))
    return Moves.build(edits, actors, armed, facts)


def _armed(
    g: Architecture, change: Change, index: dict[str, int], total: float
) -> tuple[tuple[int, float], ...]:
    if not any(isinstance(edit, Arm) for edit in change.edits):
        return ()
    values = dict(g.capability)
    for edit in change.edits:
        values = edit.edit_capability(values)
    return tuple(
        (index[s], v / total) for s, v in values.items() if s in index and v != g.capability[s]
    )


def _promised_by(g: Architecture, organisation: str) -> tuple[str, ...]:
    """Return the kinds of promise of an organisation's article."""
    article = g.ledger.articles.get(organisation)
    return tuple(article.promises) if article is not None else ()


def _with_amounts(kind: str) -> tuple[str, ...]:
    """Return a kind of promise with the fact that it is besides: a delivery, a presence."""
    amounts = {"arms_supply": ("supplies",), "basing": ("stations",)}
    return (kind, *amounts.get(kind, ()))


def _named(initiators: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if initiators is None else tuple(initiators)


def _two(g: Architecture, a: str, b: str) -> tuple[str, str]:
    first, second = g.state(a), g.state(b)
    if first == second:
        raise UsageError(f"a change between two states needs two: {first} was named twice")
    return first, second


def _members(g: Architecture, organisation: str) -> tuple[str, ...]:
    return g.members.get(organisation, ())


def _append(frame: pl.DataFrame, row: dict[str, Any]) -> pl.DataFrame:
    return pl.concat(
        [frame, pl.DataFrame([{**dict.fromkeys(frame.columns), **row}], schema=frame.schema)]
    )


def _ended(g: Architecture, table: str, mine: pl.Expr) -> pl.DataFrame:
    """Return the table with the last day of the chosen rows in force set to the day before."""
    now = (pl.col("start").is_null() | (pl.col("start") <= g.date)) & (
        pl.col("end").is_null() | (pl.col("end") >= g.date)
    )
    end = pl.when(mine & now).then(pl.lit(g.date - ONE_DAY)).otherwise(pl.col("end"))
    # What began on this very day, by an earlier change, has not been at all.
    never = mine & now & (pl.col("start") == g.date).fill_null(value=False)
    return g.tables[table].filter(~never).with_columns(end=end)
