"""A state that arms or disarms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from detente.architecture.edits.base import Edit
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


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
