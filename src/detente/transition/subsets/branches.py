"""The largest harmless part by branch and bound: which edits are in, which are out, proven.

At every branch some edits are in, some are out, the rest is open. A branch is cut where some state
loses whatever becomes of the open edits, if so many of them are done that the part is larger than
the best one known (`detente.transition.subsets.ceilings`). What is left is split at the open edit
that costs any state most.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.transition.subsets.ceilings import Ceilings, Crowd
from detente.transition.subsets.falls import Falls, mask_of

QUESTIONS = 4000
"""Most ceilings that are asked for, for one size of a part, before the search stops with a gap."""

Accused = tuple[int, int]
"""A state under a lens: (lens, state)."""


class _Exhausted(Exception):
    """The search was cut short."""


class Branches:
    """A search for parts of some edits that harm nobody and have at least a size.

    Parameters
    ----------
    falls : Falls
        What subsets of the menu do.
    items : sequence of int
        The edits to choose from.
    ceilings : sequence of Ceilings
        Bounds, one for each lens.
    """

    def __init__(self, falls: Falls, items: Sequence[int], ceilings: Sequence[Ceilings]) -> None:
        self._falls, self._items, self._ceilings = falls, tuple(items), ceilings
        whole = self._fared(items)
        worst = np.argsort(whole, axis=None, kind="stable").tolist()
        states = falls.states
        self._accused = [divmod(k, states) for k in worst if whole.flat[k] < -1.0]
        self._left = 0
        self._size = 0

    def at_least(self, size: int) -> tuple[int, ...] | bool:
        """Return a harmless part of at least so many edits; False: there is none; True: unknown."""
        self._left, self._size = QUESTIONS, size
        try:
            return self._onward(frozenset(), frozenset(), self._accused) or False
        except _Exhausted:
            return True

    def _onward(
        self, inside: frozenset[int], outside: frozenset[int], watched: Sequence[Accused]
    ) -> tuple[int, ...] | None:
        """Return a part with some edits in and others out, None if there is none."""
        rest = [k for k in self._items if k not in inside and k not in outside]
        needed = self._size - len(inside)
        if len(rest) < needed:
            return None
        nearest = self._nearest(inside, outside, rest, needed, watched)
        if nearest is None:
            return None
        parts = [[*inside, *rest], list(inside)][: 1 + (needed <= 0)]
        for part in parts:
            if bool(self._falls.harmless(mask_of(len(self._falls.composites), part))[0]):
                return tuple(sorted(part))
        if not rest:
            return None
        masks = np.array([mask_of(len(self._falls.composites), [*inside, k]) for k in rest])
        fared = self._falls.deltas(masks) / self._falls.scale[:, None]
        costliest = rest[int(np.argmin(fared.min(axis=(1, 2))))]
        after = [nearest, *(who for who in watched if who != nearest)]
        found = self._onward(inside | {costliest}, outside, after)
        return found or self._onward(inside, outside | {costliest}, after)

    def _nearest(
        self,
        inside: frozenset[int],
        outside: frozenset[int],
        rest: Sequence[int],
        needed: int,
        watched: Sequence[Accused],
    ) -> Accused | None:
        """Return who is nearest to losing at best, None if somebody loses in any case."""
        crowd = Crowd(tuple(rest), needed - 1)
        limits, least, nearest = self._falls.limits, np.inf, watched[0]
        for v, state in watched:
            self._left -= 1
            if self._left < 0:
                raise _Exhausted
            most = self._ceilings[v].most(inside, outside, state, crowd)[state]
            share = float(most) / max(float(limits[v]), float(np.finfo(float).tiny))
            if share < -1.0:
                return None
            if share < least:
                least, nearest = share, (v, state)
        return nearest

    def _fared(self, items: Sequence[int]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        """Return what a part gives, in what counts as a loss, array (lenses, states)."""
        deltas = self._falls.deltas(mask_of(len(self._falls.composites), items))[0]
        return np.asarray(deltas / self._falls.scale[:, None])
