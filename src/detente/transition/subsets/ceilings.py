"""What no completion of a partly decided subset can give: the proof that a state would lose.

Some items of a menu are in, some are out, the rest is open. Every tie then lies between the least
and the most that the open items can make of it, and a lens that can bound its security over such
a range (`detente.lenses.protocol.Lens.ceiling`) says what a state would have at most, whatever
becomes of the open ones. Where that is still a loss, no subset that agrees with the decided items
is harmless.

Many small losses add up. Where items withdraw forces, one post each, the bound also takes that at
least so many of the open ones are done, whichever they are.
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
from detente.lenses.withdrawals import Withdrawals
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.menu_tables import tables_of_menu
from detente.transition.subsets.sights import LensView

Bools = NDArray[np.bool_]


class Crowd(NamedTuple):
    """Items of which more than a number are done."""

    items: tuple[int, ...]
    most: int


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
        self._tables = tables_of_menu(composites) if self._bounded() else None
        self.known = self._tables is not None
        if self._tables is not None:
            self._read(self._tables)

    def _bounded(self) -> bool:
        view = self._view
        return view.lens.ceiling(view.system, view.system, view.values) is not None

    def most(
        self,
        inside: Collection[int],
        outside: Collection[int],
        state: int | None = None,
        crowd: Crowd | None = None,
    ) -> Floats:
        """Return the most that any subset with some items in and others out gives, array (n,).

        With a `state` only its entry is worked out; the others are too high. With a `crowd` only
        subsets count in which more of its items than its `most` are done.
        """
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
        most = self._view.lens.ceiling(
            self._with(low),
            self._with(high),
            self._view.values,
            state,
            None if crowd is None else self._gone(crowd, inside, outside),
        )
        assert most is not None
        gives: Floats = most - self._view.security
        return gives

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
        self._posts = self._posts_of(tables)
        self._edited = []
        for what in np.unique(tables.what).tolist():
            at = np.flatnonzero(tables.what == what)
            self._edited.append((FACTS_EDITED[what], at, tables.first[at], tables.second[at]))

    def _gone(
        self, crowd: Crowd, inside: Collection[int], outside: Collection[int]
    ) -> Withdrawals | None:
        """Return the posts that items of a crowd withdraw, and how many of them are gone at least.

        Items of the crowd that are in count as done, open ones without a post as if they were.
        """
        left = [k for k in crowd.items if k not in inside and k not in outside]
        own = [self._posts[k] for k in left if k in self._posts]
        done = sum(k in inside for k in crowd.items)
        fewest = crowd.most + 1 - done - (len(left) - len(own))
        if fewest <= 0:
            return None
        posts = np.zeros((self._system.size, self._system.size), dtype=np.bool_)
        posts[tuple(np.array(own, dtype=np.int64).T)] = True
        return Withdrawals(posts, fewest)

    def _posts_of(self, tables: FactTables) -> dict[int, tuple[int, int]]:
        """Return the one post that an item alone makes smaller: (sender, host), by item."""
        posts: dict[int, list[tuple[int, int]]] = {}
        for cluster in self._hanging:
            if len(cluster.items) != 1:
                continue
            for f, place in enumerate(cluster.places.tolist()):
                stands, falls = cluster.values[:, f]
                if FACTS_EDITED[tables.what[place]] == "stations" and falls < stands:
                    pair = int(tables.first[place]), int(tables.second[place])
                    posts.setdefault(cluster.items[0], []).append(pair)
        return {item: own[0] for item, own in posts.items() if len(own) == 1}

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
