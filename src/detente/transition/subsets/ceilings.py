"""What no completion of a partly decided subset can give: the proof that a state would lose.

Some items of a menu are in, some are out, the rest is open. Every tie then lies between the least
and the most that the open items can make of it, and a lens that can bound its security over such
a range (`detente.lenses.protocol.Lens.ceiling`) says what a state would have at most, whatever
becomes of the open ones. Where that is still a loss, the decided items alone are the reason, and
no subset that agrees with them is harmless.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.kinds import FACTS_EDITED
from detente.architecture.system import Floats, Ints, System
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.sights import LensView

Bools = NDArray[np.bool_]

MOST_JOINT = 10
"""Most items on which one tie may hang."""
FEW = 6
"""Items of a cluster up to which every subset is read, instead of tie by tie."""
TRIED = 8
"""Random subsets on which it is checked which items a tie hangs on."""


class Reason(NamedTuple):
    """Items that are in and out, with which a state loses whatever becomes of the others."""

    inside: tuple[int, ...]
    outside: tuple[int, ...]


Place = tuple[int, int, int]


class _Cluster(NamedTuple):
    """Ties that hang on the same items: item i of them is bit i of a row of `values`."""

    items: tuple[int, ...]
    places: Ints  # (f,): positions among all places
    values: Floats  # (2**items, f)


class Ceilings:
    """Bounds on what subsets of some items give, for one lens at the point estimate.

    Parameters
    ----------
    composites : Composites
        The menu.
    view : LensView
        The lens.
    items : sequence of int
        The items that may be in or out; the others of the menu are out.
    """

    def __init__(self, composites: Composites, view: LensView, items: Sequence[int]) -> None:
        self._view, self._system = view, composites.system
        self.items = tuple(items)
        self._composites, self.asked = composites, 0
        self.known = (
            not composites.arms
            and view.lens.ceiling(self._system, self._system, view.values) is not None
        )
        if self.known:
            self._read()

    def most(
        self, inside: Collection[int], outside: Collection[int], state: int | None = None
    ) -> Floats:
        """Return the most that any subset with some items in and others out gives, array (n,).

        With a `state` only its entry is worked out; the others are too high.
        """
        self.asked += 1
        low, high = self._standing.copy(), self._standing.copy()
        for cluster in self._clusters:
            rows = np.arange(len(cluster.values))
            for bit, item in enumerate(cluster.items):
                if item in inside:
                    rows = rows[rows >> bit & 1 == 1]
                elif item in outside:
                    rows = rows[rows >> bit & 1 == 0]
            values = cluster.values[rows]
            low[cluster.places], high[cluster.places] = values.min(axis=0), values.max(axis=0)
        most = self._view.lens.ceiling(self._with(low), self._with(high), self._view.values)
        assert most is not None
        gives: Floats = most - self._view.security
        return gives

    def reason(self, done: Collection[int], state: int, limit: float) -> Reason | None:
        """Return few items that make a state lose more than a limit, None if nothing proves it.

        All items are decided at first, as in `done`; then whatever is not needed for the proof is
        left open, those that are out before those that are in, many at once before few.
        """
        decided = [k for k in self.items if k not in done] + [k for k in self.items if k in done]

        def proves(items: Sequence[int]) -> bool:
            inside = {k for k in items if k in done}
            return bool(self.most(inside, set(items) - inside, state)[state] < -limit)

        if not proves(decided):
            return None
        size = max(1, len(decided) // 2)
        while size:
            k = 0
            while k < len(decided):
                fewer = decided[:k] + decided[k + size :]
                if proves(fewer):
                    decided = fewer
                else:
                    k += size
            size //= 2
        return Reason(
            tuple(k for k in decided if k in done), tuple(k for k in decided if k not in done)
        )

    # How it is put together ---------------------------------------------------------------

    def _read(self) -> None:
        chosen = set(self.items)
        hung: list[tuple[tuple[int, ...], list[dict[Place, float]]]] = []
        for cluster in self._composites.clusters:
            own = tuple(k for k in cluster if k in chosen)
            if own:
                hung += self._hanging(cluster, own)
        every = sorted({place for _, tables in hung for table in tables for place in table})
        number = {place: k for k, place in enumerate(every)}
        self._places = np.array(every, dtype=np.int64).reshape(-1, 3)
        self._standing = np.array([self._value(*place) for place in every])
        self._edited = []
        for what in np.unique(self._places[:, 0]).tolist():
            at = np.flatnonzero(self._places[:, 0] == what)
            self._edited.append((FACTS_EDITED[what], at, *self._places[at, 1:].T))
        self._clusters = []
        for own, tables in hung:
            touched = sorted({number[place] for table in tables for place in table})
            column = {place: k for k, place in enumerate(touched)}
            values = np.tile(self._standing[touched], (len(tables), 1))
            for row, table in zip(values, tables, strict=True):
                for place, value in table.items():
                    row[column[number[place]]] = value
            self._clusters.append(_Cluster(own, np.array(touched, dtype=np.int64), values))

    def _hanging(
        self, cluster: Sequence[int], own: tuple[int, ...]
    ) -> list[tuple[tuple[int, ...], list[dict[Place, float]]]]:
        """Return which ties of a cluster hang on which of its items, and what these make of them.

        A tie hangs on an item that moves it alone, beside one other, or last of all; that this is
        all is checked on subsets at random, and if it is not, nothing is known.
        """

        def table(done: Collection[int]) -> dict[Place, float]:
            effect = self._composites.effect(cluster, [k in done for k in cluster])
            places = (tuple(place) for place in effect.places.tolist())
            return dict(zip(places, effect.facts.tolist(), strict=True))

        if len(own) <= FEW:
            return [(own, [table(of_bits(own, row)) for row in range(1 << len(own))])]
        pairs = [({k}, {k, other}) for k in own for other in own if other != k]
        steps = [(set[int](), {k}) for k in own] + [(set(own) - {k}, set(own)) for k in own]
        hangs: dict[Place, set[int]] = {}
        for before, after in [*steps, *pairs]:
            old, new = table(before), table(after)
            (item,) = after - before
            for place in {*old, *new}:
                if old.get(place) != new.get(place):
                    hangs.setdefault(place, set()).add(item)
        groups: dict[tuple[int, ...], list[Place]] = {}
        for place, items in hangs.items():
            groups.setdefault(tuple(sorted(items)), []).append(place)
        rng = np.random.default_rng(0)
        checks = [[k for k in own if rng.random() < 0.5] for _ in range(TRIED)]
        if any(len(items) > MOST_JOINT for items in groups) or any(
            table(done).get(place) != table(set(done) & set(items)).get(place)
            for done in checks
            for items, places in groups.items()
            for place in places
        ):
            self.known = False
            return []
        return [
            (
                items,
                [
                    {place: value for place, value in table(of_bits(items, row)).items()
                     if place in set(places)}
                    for row in range(1 << len(items))
                ],
            )
            for items, places in groups.items()
        ]  # fmt: skip

    def _value(self, what: int, i: int, j: int) -> float:
        name = FACTS_EDITED[what]
        if name == "neutral":
            return float(self._system.neutral[i])
        table = self._system.promises.get(name)
        table = getattr(self._system, name) if table is None else table
        return float(table[i, j])

    def _with(self, values: Floats) -> System:
        """Return the system with other values at the places."""
        arrays: dict[str, Any] = {}
        for name, at, i, j in self._edited:
            old = self._system.promises.get(name)
            new = (getattr(self._system, name) if old is None else old).copy()
            if name == "neutral":
                new[i] = values[at]
            else:
                new[i, j] = values[at]
            if name == "rivalry":
                new[j, i] = values[at]
            arrays[name] = new
        promises = {k: arrays.pop(k) for k in list(arrays) if k in self._system.promises}
        if promises:
            arrays["promises"] = {**self._system.promises, **promises}
        return replace(self._system, **arrays)


def of_bits(items: Sequence[int], row: int) -> set[int]:
    """Return the items whose bit is set in the number of a row."""
    return {item for bit, item in enumerate(items) if row >> bit & 1}
