"""Some changes of ties at once: the systems after each different one, with nothing to compile.

To compile a kernel takes seconds, and a question about a few dozen changes less than one. So up
to `SOME` changes a lens answers by array operations over the different ones among them; how many
changes there are decides it, never what was compiled before, so that results do not hang on it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from detente.architecture.system import Floats, Ints, Moves, System

SOME, CELLS = 128, 1_250_000
"""Changes, and cells of their tables of pairs, up to which no kernel is asked."""

Prepared = TypeVar("Prepared")


def are_some(system: System, moves: Moves) -> bool:
    """Say whether changes are so few that they are answered without a kernel."""
    return len(moves) <= SOME and (len(moves) + 1) * system.size**2 <= CELLS


class AfterEach(NamedTuple):
    """Changes of ties, twins once: `number` (m,) says which of the different ones each is.

    `which` are the first of each kind, and `allies` and `rivals` (d + 1, n, n) the ties after
    them; behind them stand those before any change, for changes that move no tie.
    """

    number: Ints
    which: Ints
    allies: Floats
    rivals: Floats

    def spread(self, security: Floats) -> Floats:
        """Return deltas (m, n) from the security after each different change and before any."""
        deltas: Floats = (security - security[-1])[self.number]
        return deltas


def after_each(system: System, moves: Moves) -> AfterEach:
    """Return the ties after each different change."""
    allies, rivals = system.allies, system.rivals
    places: dict[frozenset[tuple[tuple[int, int], float, float]], int] = {}
    number = np.empty(len(moves), dtype=np.int64)
    which: list[int] = []
    for k in range(len(moves)):
        edits = {(min(i, j), max(i, j)): (ally, rival) for i, j, ally, rival in moves.edits(k)}
        moved = frozenset(
            (pair, *new) for pair, new in edits.items() if new != (allies[pair], rivals[pair])
        )
        if not moved:
            number[k] = -1
            continue
        if moved not in places:
            places[moved] = len(which)
            which.append(k)
        number[k] = places[moved]
    tables = [np.repeat(table[None], len(which) + 1, axis=0) for table in (allies, rivals)]
    for moved, place in places.items():
        for (i, j), *new in moved:
            for table, value in zip(tables, new, strict=True):
                table[place, i, j] = table[place, j, i] = value
    number[number < 0] = len(which)
    return AfterEach(number, np.array(which, dtype=np.int64), *tables)


class Kept(Generic[Prepared]):
    """What a lens works out of some changes once, whatever the draw, as long as they are in use."""

    def __init__(self, prepare: Callable[[System, Moves], Prepared]) -> None:
        self._prepare = prepare
        self._held: WeakKeyDictionary[Moves, tuple[System, Prepared]] = WeakKeyDictionary()

    def of(self, system: System, moves: Moves) -> Prepared:
        """Return it, worked out now if it was not yet."""
        held = self._held.get(moves)
        if held is None or held[0] is not system:
            held = self._held[moves] = (system, self._prepare(system, moves))
        return held[1]
