"""The facts of a system as functions of which items of a list are done or in force.

A plan asks of every set of its edits, an explanation of every set of sources, what would be. Each
promise, quarrel, post or delivery hangs on a few of the items: `FactTables` holds its value for
every set of those. Nothing is said of signed ties, so it serves lenses that read the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from detente.architecture.kinds import FACTS_EDITED
from detente.architecture.system import Floats, Ints

Key = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class FactTables:
    """Facts that hang on a list of items; a set of items is an integer, item i its bit i.

    Attributes
    ----------
    items : int
        How many items there are.
    what, first, second : int arrays (k,)
        Which fact: a place in `detente.architecture.kinds.FACTS_EDITED`, row and column; a
        rivalry stands once and holds both ways, neutrality has its state twice.
    support : int array (k,)
        The items on which it hangs, as a set.
    start : int array (k,)
        Where its table begins in `value`: 2**(number of its items) numbers, the first of its
        items the lowest bit.
    value : array
        All tables, one behind the other.
    """

    items: int
    what: Ints
    first: Ints
    second: Ints
    support: Ints
    start: Ints
    value: Floats

    @classmethod
    def build(cls, items: int, tables: Mapping[Key, tuple[Sequence[int], Floats]]) -> FactTables:
        """Pack tables by (what, first, second): the items of each, ascending, and its values."""
        keys = np.array(sorted(tables), dtype=np.int64).reshape(-1, 3)
        ordered = [tables[key] for key in sorted(tables)]
        lengths = [len(values) for _, values in ordered]
        return cls(
            items=items,
            what=np.ascontiguousarray(keys[:, 0]),
            first=np.ascontiguousarray(keys[:, 1]),
            second=np.ascontiguousarray(keys[:, 2]),
            support=np.array([sum(1 << k for k in own) for own, _ in ordered], dtype=np.int64),
            start=(np.cumsum([0, *lengths])[:-1]).astype(np.int64),
            value=np.concatenate([v for _, v in ordered]) if ordered else np.zeros(0),
        )

    def at(self, on: int) -> dict[Key, float]:
        """Return the value of every fact with one set of items, by (what, first, second)."""
        found = {}
        for k, support in enumerate(self.support.tolist()):
            place, bit = 0, 0
            for item in range(self.items):
                if support >> item & 1:
                    place |= (on >> item & 1) << bit
                    bit += 1
            key = (int(self.what[k]), int(self.first[k]), int(self.second[k]))
            found[key] = float(self.value[self.start[k] + place])
        return found

    def edits(self, on: int) -> list[tuple[str, int, int, float]]:
        """Return one set of items as edits of facts, as `Moves.build` takes them."""
        return [(FACTS_EDITED[w], i, j, value) for (w, i, j), value in self.at(on).items()]
