"""Quarrels that end, begin, become milder or sharper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from detente.architecture.edits.base import Edit, NewRow, appended, ended, new_row, two_states
from detente.architecture.promises import pair
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.promises import Ledger, Pair
    from detente.architecture.value import Architecture


@dataclass(frozen=True, slots=True)
class Reconcile(Edit):
    """Two rivals end all rivalries between them; both have to agree."""

    state_a: str
    state_b: str
    kind = "reconcile"

    def sentence(self) -> str:
        return f"{self.state_a} and {self.state_b} reconcile"

    def bound(self, g: Architecture) -> Reconcile:
        out = Reconcile(*two_states(g, self.state_a, self.state_b))
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
        return g.with_tables(self.sentence(), rivalries=ended(g, "rivalries", forth | back))

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
        return Estrange(*two_states(g, self.state_a, self.state_b), self.intensity)

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("rivalry",)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.state_a,)

    def additions(self, g: Architecture) -> tuple[NewRow, ...]:
        return (
            new_row(
                g,
                "rivalries",
                rivalry=_name(self.state_a, self.state_b),
                state_a=self.state_a,
                state_b=self.state_b,
                issue="other",
                intensity=self.intensity,
            ),
        )

    def apply(self, g: Architecture) -> Architecture:
        return appended(g, self.sentence(), self.additions(g))

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        key = pair(self.state_a, self.state_b)
        ledger.hostile[key] = {
            **ledger.hostile.get(key, {}),
            _name(self.state_a, self.state_b): float(self.intensity),
        }
        return [key]


@dataclass(frozen=True, slots=True)
class _Turn(Edit):
    """A quarrel of two states takes another intensity."""

    a: str
    b: str
    to: int

    def touches(self, g: Architecture) -> tuple[str, ...]:
        return ("rivalry",)

    def apply(self, g: Architecture) -> Architecture:
        held = (pl.col("state_a") == self.a) & (pl.col("state_b") == self.b)
        held |= (pl.col("state_a") == self.b) & (pl.col("state_b") == self.a)
        now = g.in_force("rivalries").filter(held).sort("intensity")
        without = g.with_tables(self.sentence(), rivalries=ended(g, "rivalries", held))
        row = new_row(
            g,
            "rivalries",
            rivalry=_name(self.a, self.b),
            state_a=self.a,
            state_b=self.b,
            issue=now["issue"][-1] if now.height else "other",
            intensity=self.to,
        )
        return appended(without, "", [row])

    def edit_ledger(self, ledger: Ledger, g: Architecture) -> Iterable[Pair]:
        key = pair(self.a, self.b)
        ledger.hostile[key] = {_name(self.a, self.b): float(self.to)}
        return [key]


@dataclass(frozen=True, slots=True)
class Ease(_Turn):
    """Two rivals bring their quarrel to a lower intensity; both decide."""

    kind = "ease"

    def sentence(self) -> str:
        return f"{self.a} and {self.b} ease to intensity {self.to}"

    def bound(self, g: Architecture) -> Ease:
        a, b = two_states(g, self.a, self.b)
        now = g.ledger.intensity(a, b)
        if now == 0:
            raise UsageError(f"no rivalry stands between {a} and {b}")
        if not 1 <= self.to < now:
            raise UsageError(
                f"{a} and {b} stand at intensity {now:g}, so they can ease to "
                f"{'1' if now <= 2 else f'1 to {now - 1:g}'}, not to {self.to:g}; to none at all: "
                f"'{a} and {b} reconcile'"
                if now > 1
                else f"{a} and {b} stand at intensity 1, the lowest: '{a} and {b} reconcile'"
            )
        return Ease(a, b, self.to)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.a, self.b)


@dataclass(frozen=True, slots=True)
class Sharpen(_Turn):
    """A state brings its quarrel with another to a higher intensity; it can do that alone."""

    kind = "sharpen"

    def sentence(self) -> str:
        return f"{self.a} sharpens its rivalry with {self.b} to intensity {self.to}"

    def bound(self, g: Architecture) -> Sharpen:
        a, b = two_states(g, self.a, self.b)
        now = g.ledger.intensity(a, b)
        if now == 0:
            raise UsageError(
                f"no rivalry stands between {a} and {b}; a new one: "
                f"'{a} and {b} become rivals at intensity {self.to:g}'"
            )
        if not now < self.to <= 5:
            raise UsageError(
                f"{a} and {b} stand at intensity {now:g}, the highest"
                if now >= 5
                else f"{a} and {b} stand at intensity {now:g}, so it can be sharpened to "
                f"{now + 1:g} to 5, not to {self.to:g}"
            )
        return Sharpen(a, b, self.to)

    def initiators(self, g: Architecture) -> tuple[str, ...]:
        return (self.a,)


def _name(a: str, b: str) -> str:
    return f"new-rivalry-{a}-{b}"
