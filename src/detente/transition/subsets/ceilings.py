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

from detente.architecture.fact_tables import FactTables
from detente.architecture.kinds import FACTS_EDITED
from detente.architecture.system import Floats, Ints, System
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.menu_tables import tables_of_menu
from detente.transition.subsets.sights import LensView

Bools = NDArray[np.bool_]


class Reason(NamedTuple):
    """Items that are in and out, with which a state loses whatever becomes of the others."""

    inside: tuple[int, ...]
    outside: tuple[int, ...]


class _Hanging(NamedTuple):
    """Facts that hang on the same items: item i of them is bit i of a row of `values`."""

    items: tuple[int, ...]
    places: Ints  # (f,): positions among all facts of the tables
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
        self.asked = 0
        self._tables = tables_of_menu(composites) if self._bounded() else None
        self.known = self._tables is not None
        if self._tables is not None:
            self._read(self._tables)

    def _bounded(self) -> bool:
        view = self._view
        return view.lens.ceiling(view.system, view.system, view.values) is not None

    def most(
        self, inside: Collection[int], outside: Collection[int], state: int | None = None
    ) -> Floats:
        """Return the most that any subset with some items in and others out gives, array (n,).

        With a `state` only its entry is worked out; the others are too high.
        """
        self.asked += 1
        low, high = np.empty(self._size), np.empty(self._size)
        for cluster in self._hanging:
            rows = np.arange(len(cluster.values))
            for bit, item in enumerate(cluster.items):
                if item in inside:
                    rows = rows[rows >> bit & 1 == 1]
                elif item in outside:
                    rows = rows[rows >> bit & 1 == 0]
            values = cluster.values[rows]
            low[cluster.places], high[cluster.places] = values.min(axis=0), values.max(axis=0)
        most = self._view.lens.ceiling(self._with(low), self._with(high), self._view.values, state)
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

    def _read(self, tables: FactTables) -> None:
        groups: dict[int, list[int]] = {}
        for place, support in enumerate(tables.support.tolist()):
            groups.setdefault(support, []).append(place)
        out = sum(1 << k for k in range(tables.items) if k not in self.items)
        self._hanging = []
        for support, places in groups.items():
            own = tuple(k for k in range(tables.items) if support >> k & 1)
            rows = np.arange(1 << len(own))
            for bit, item in enumerate(own):
                if out >> item & 1:
                    rows = rows[rows >> bit & 1 == 0]
            values = np.stack([tables.value[tables.start[p] + rows] for p in places], axis=1)
            left = tuple(k for k in own if not out >> k & 1)
            self._hanging.append(_Hanging(left, np.array(places, dtype=np.int64), values))
        self._size = len(tables.support)
        self._edited = []
        for what in np.unique(tables.what).tolist():
            at = np.flatnonzero(tables.what == what)
            self._edited.append((FACTS_EDITED[what], at, tables.first[at], tables.second[at]))

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
