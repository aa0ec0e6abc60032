"""Any subset of a list of items as one change of a system, without reading the ledger anew.

A proposal has its edits, an explanation its sources, a plan its menu: lists whose subsets are
looked at by the thousand. What a subset does to the ties is put together from what its parts do.
Items that edit the same fact, or one fact only together (two states that join one organisation),
form a cluster and are read from the ledger together, once for every subset of the cluster that
comes up; items in different clusters leave each other's facts alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.changes import Change, moves_of
from detente.architecture.promises import pair, rewritten
from detente.architecture.system import FactEdits, Floats, Ints, Moves, System
from detente.architecture.value import Architecture

Bools = NDArray[np.bool_]

FEW = 4
"""Subsets up to which each is looked up by itself."""
TRIED = 8
"""Random subsets on which the clusters are checked against the ledger."""


class EditEffect(NamedTuple):
    """What some items together do: new signed ties, and new facts, each by its place."""

    pairs: Ints  # (e, 2)
    ties: Floats  # (e, 2): alliance weight, rivalry
    places: Ints  # (f, 3): which fact, first, second
    facts: Floats  # (f,)


class Composites:
    """The subsets of a list of items, as changes of one system.

    Parameters
    ----------
    g : Architecture
        Where they are done.
    items : sequence of Change
        Each can be done by itself or with any of the others, in their order.
    """

    def __init__(self, g: Architecture, items: Sequence[Change]) -> None:
        self.g, self.items = g, tuple(items)
        self.system: System = g.system
        index = {code: i for i, code in enumerate(self.system.codes)}
        self.initiators = tuple(
            tuple(index[s] for s in item.initiators(g) if s in index) for item in self.items
        )
        every = [Change(tuple(edit for item in self.items for edit in item.edits), ())]
        self.arms = bool(moves_of(g, every).armed[0])
        self._singles = [self._read(1 << k) for k in range(len(self.items))]
        self._effects = [self._read(0), *self._singles]
        self._numbers = {0: 0} | {1 << k: k + 1 for k in range(len(self.items))}
        self._store: _Store | None = None
        self.clusters = self._clustered()

    def __len__(self) -> int:
        return len(self.items)

    @property
    def seen(self) -> Bools:
        """Which items edit a tie or a fact, by themselves or together with others."""
        alone = [len(e.pairs) + len(e.places) > 0 for e in self._singles]
        joint = {k for cluster in self.clusters if len(cluster) > 1 for k in cluster}
        return np.array([some or k in joint for k, some in enumerate(alone)], dtype=np.bool_)

    def moves(self, masks: Bools) -> Moves:
        """Return every subset as a change: rows of a bool array (m, items)."""
        masks = np.atleast_2d(np.asarray(masks, dtype=np.bool_))
        parts = np.zeros((len(masks), len(self.clusters)), dtype=np.int64)
        for c, cluster in enumerate(self.clusters):
            if len(masks) <= FEW:
                parts[:, c] = [self._number(cluster, row) for row in masks[:, cluster].tolist()]
                continue
            if len(cluster) == 1:
                parts[masks[:, cluster[0]], c] = self._numbers[1 << cluster[0]]
                continue
            # Most sets leave most clusters alone.
            own = masks[:, cluster]
            some = np.flatnonzero(own.any(axis=1))
            chosen, place = np.unique(own[some], axis=0, return_inverse=True)
            numbers = [self._number(cluster, row) for row in chosen.tolist()]
            parts[some, c] = np.array(numbers, dtype=np.int64)[place.reshape(-1)]
        store = self._stored()
        tie_ptr, tie_rows = store.pairs.rows(parts)
        fact_ptr, fact_rows = store.places.rows(parts)
        ties, values = store.ties[tie_rows], store.facts[fact_rows]
        pairs, places = store.pairs, store.places
        first, second = pairs.whole[tie_rows].T
        what, row, column = places.whole[fact_rows].T
        return Moves(
            ptr=tie_ptr,
            first=np.ascontiguousarray(first),
            second=np.ascontiguousarray(second),
            ally=np.ascontiguousarray(ties[:, 0]),
            rival=np.ascontiguousarray(ties[:, 1]),
            actor_ptr=np.zeros(len(masks) + 1, dtype=np.int64),
            actor=np.zeros(0, dtype=np.int64),
            armed=self._armed(masks),
            edited=FactEdits(
                fact_ptr,
                np.ascontiguousarray(what),
                np.ascontiguousarray(row),
                np.ascontiguousarray(column),
                values,
            ),
        )

    def _stored(self) -> _Store:
        """Return all effects one below the other, joined anew when there are more of them."""
        if self._store is None or self._store.many != len(self._effects):
            self._store = _Store(
                len(self._effects),
                _Joined([effect.pairs for effect in self._effects]),
                np.concatenate([effect.ties for effect in self._effects]),
                _Joined([effect.places for effect in self._effects]),
                np.concatenate([effect.facts for effect in self._effects]),
            )
        return self._store

    def change(self, mask: Sequence[bool] | Bools) -> Change:
        """Return the items of a subset as one change."""
        return Change(
            tuple(e for item, on in zip(self.items, mask, strict=True) if on for e in item.edits)
        )

    def facts_of(self, done: int) -> dict[tuple[int, int, int], float]:
        """Return the facts that a set of items edits, from the ledger: item i is its bit i."""
        effect = self._effects[self._numbers[done]] if done in self._numbers else self._read(done)
        places = zip(effect.places.tolist(), effect.facts.tolist(), strict=True)
        return {(what, i, j): value for (what, i, j), value in places}

    # How it is put together ---------------------------------------------------------------

    def _number(self, cluster: Sequence[int], chosen: Sequence[bool]) -> int:
        """Return which effect some items of a cluster have together; reads it if it is new."""
        done = sum(1 << item for item, on in zip(cluster, chosen, strict=True) if on)
        if done not in self._numbers:
            self._numbers[done] = len(self._effects)
            self._effects.append(self._read(done))
        return self._numbers[done]

    def _read(self, done: int) -> EditEffect:
        """Return what some items do together, from the ledger."""
        edits = tuple(e for k, item in enumerate(self.items) if done >> k & 1 for e in item.edits)
        moves = moves_of(self.g, [Change(edits, ())])
        facts = moves.facts
        return EditEffect(
            np.stack([moves.first, moves.second], axis=1),
            np.stack([moves.ally, moves.rival], axis=1),
            np.stack([facts.what, facts.first, facts.second], axis=1),
            facts.value,
        )

    def _armed(self, masks: Bools) -> tuple[tuple[tuple[int, float], ...], ...]:
        if not self.arms:
            return ((),) * len(masks)
        armed = []
        for mask in masks:
            moves = moves_of(self.g, [Change(self.change(mask).edits, ())])
            armed.append(moves.armed[0])
        return tuple(armed)

    def _clustered(self) -> tuple[tuple[int, ...], ...]:
        """Return the clusters: items that share a fact, or make one together."""
        group = list(range(len(self.items)))

        def root(k: int) -> int:
            while group[k] != k:
                k = group[k]
            return k

        owner: dict[tuple[int, ...], int] = {}
        for k, effect in enumerate(self._singles):
            for key in _keys(effect):
                first = owner.setdefault(key, k)
                group[root(k)] = root(first)
        self.clusters = self._listed(group, root)
        joint = self._differing((1 << len(self.items)) - 1)
        bearing = self._bearing_on(joint)
        for chosen in (bearing, list(range(len(self.items)))) if joint else ():
            for k, key in self._deciding(chosen, joint):
                first = owner.setdefault(key, k)
                group[root(k)] = root(first)
            self.clusters = self._listed(group, root)
            if not self._differs_somewhere():
                return self.clusters
        if self._differs_somewhere():
            return (tuple(range(len(self.items))),)
        return self.clusters

    def _differs_somewhere(self) -> bool:
        """Whether some subset at random is not what its parts put together are."""
        if len(self.clusters) == 1:
            return False
        rng = np.random.default_rng(0)
        some = rng.random((TRIED, len(self.items))) < 0.5
        return any(
            self._differing(sum(1 << k for k in np.flatnonzero(row).tolist())) for row in some
        )

    def _bearing_on(self, joint: set[tuple[int, ...]]) -> list[int]:
        """Return the items that write where places stand which several items make together."""
        codes = self.system.codes
        pairs = {pair(codes[key[-2]], codes[key[-1]]) for key in joint}
        states = {state for both in pairs for state in both}
        found = []
        for k, item in enumerate(self.items) if joint else ():
            ledger = self.g.ledger.overlay()
            for edit in item.edits:
                edit.edit_ledger(ledger, self.g)
            own, alone, article = rewritten(ledger, self.g.ledger)
            if article or own & pairs or alone & states:
                found.append(k)
        return found

    def _deciding(
        self, items: Sequence[int], joint: set[tuple[int, ...]]
    ) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield each of the items with every such place that is another without it."""
        whole = (1 << len(self.items)) - 1
        entire = _values(self._read(whole))
        for k in items:
            without = _values(self._read(whole & ~(1 << k)))
            yield from ((k, key) for key in joint if without.get(key) != entire.get(key))

    def _listed(self, group: list[int], root: object) -> tuple[tuple[int, ...], ...]:
        clusters: dict[int, list[int]] = {}
        for k in range(len(self.items)):
            clusters.setdefault(root(k), []).append(k)  # type: ignore[operator]
        return tuple(tuple(members) for members in clusters.values())

    def _differing(self, done: int) -> set[tuple[int, ...]]:
        """Return the places where the parts put together differ from the ledger."""
        composed: dict[tuple[int, ...], tuple[float, ...]] = {}
        for members in self.clusters:
            number = self._number(members, [bool(done >> item & 1) for item in members])
            composed |= _values(self._effects[number])
        read = _values(self._read(done))
        return {key for key in composed | read if composed.get(key) != read.get(key)}


class _Joined:
    """Arrays of several effects one below the other, and the rows that some of them take up."""

    def __init__(self, arrays: Sequence[Ints]) -> None:
        self.whole = np.concatenate(arrays)
        self._length = np.array([len(array) for array in arrays], dtype=np.int64)
        self._start = np.cumsum(self._length) - self._length

    def rows(self, parts: Ints) -> tuple[Ints, Ints]:
        """Return where each change begins, and its rows of `whole`, for parts (m, clusters)."""
        length = self._length[parts.ravel()]
        ends = np.cumsum(length)
        begins = ends - length
        rows = np.repeat(self._start[parts.ravel()] - begins, length) + np.arange(length.sum())
        per_change = length.reshape(parts.shape).sum(axis=1)
        return np.concatenate([[0], np.cumsum(per_change)]).astype(np.int64), rows


class _Store(NamedTuple):
    """All effects that came up, joined."""

    many: int
    pairs: _Joined
    ties: Floats
    places: _Joined
    facts: Floats


def _keys(effect: EditEffect) -> list[tuple[int, ...]]:
    return [tuple(p) for p in effect.pairs.tolist()] + [tuple(p) for p in effect.places.tolist()]


def _values(effect: EditEffect) -> dict[tuple[int, ...], tuple[float, ...]]:
    ties = {
        tuple(p): tuple(t) for p, t in zip(effect.pairs.tolist(), effect.ties.tolist(), strict=True)
    }
    facts = {
        tuple(p): (v,) for p, v in zip(effect.places.tolist(), effect.facts.tolist(), strict=True)
    }
    return ties | facts
