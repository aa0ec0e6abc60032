"""What changes and other systems do under a stretch of the draws: pieces of long work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.auditing.verdicts import Threshold
from detente.errors import DetenteError, MissingData, Undefined
from detente.lenses.protocol import Lens
from detente.runs import Arrays

THRESHOLD = Threshold(0.01)
BLOCK = 5
"""Draws of one piece."""


def deltas_of(lens: Lens, system: System, moves: Moves, values: Mapping[str, float]) -> Floats:
    """Return what each change gives to each state, array (m, n); NaN where undefined."""
    if any(moves.armed):
        return Lens.deltas(lens, system, moves, values)
    return lens.deltas(system, moves, values)


@dataclass(frozen=True, eq=False)
class DrawnDeltas:
    """What changes give to each state under a stretch of the draws of a lens's parameters.

    Attributes
    ----------
    lens : Lens
        The lens.
    system : System
        What is changed.
    moves : Moves
        The changes.
    drawn : sequence of mapping
        The parameters in every draw.
    places : array
        Where in its range the tolerance of each draw lies.
    """

    lens: Lens
    system: System
    moves: Moves
    drawn: Sequence[Mapping[str, float]]
    places: Floats

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return deltas and tolerances of the draws first to last - 1; NaN without an answer."""
        first, last = address
        deltas = np.full((last - first, len(self.moves), self.system.size), np.nan)
        levels = np.full(last - first, np.nan)
        for d in range(first, last):
            values = self.drawn[d]
            try:
                before = self.lens.security(self.system, values)
                levels[d - first] = THRESHOLD.draw(self.lens, before, float(self.places[d]))
                deltas[d - first] = deltas_of(self.lens, self.system, self.moves, values)
            except (Undefined, MissingData):
                continue
        return {"deltas": deltas, "levels": levels}


@dataclass(frozen=True, eq=False)
class DrawnBetween:
    """How another system differs from one under a stretch of the draws."""

    lens: Lens
    system: System
    other: System
    drawn: Sequence[Mapping[str, float]]

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the differences in the draws first to last - 1."""
        return {"between": np.array([self.under(self.drawn[d]) for d in range(*address)])}

    def under(self, values: Mapping[str, float]) -> Floats:
        """Return security in the other system less security here, for the states of both."""
        try:
            there = self.lens.security(self.other, values)
            before = self.lens.security(self.system, values)
        except DetenteError:
            return np.full(self.system.size, np.nan)
        place = {code: k for k, code in enumerate(self.other.codes)}
        moved = [there[place[c]] if c in place else np.nan for c in self.system.codes]
        return np.array(moved) - before
