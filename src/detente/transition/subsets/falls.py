"""What every state loses against the start when some items of a menu are done, lens by lens.

Subsets of a menu are evaluated in batches and each once. A state counts as a loser under a lens
when it loses more than the lens's tolerance: at the point estimate, or in at least a given share
of draws of the lens's parameters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.transition.games.route_search import ROUNDING
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.sights import LensView

Bools = NDArray[np.bool_]

BATCH = 2048
"""Subsets evaluated at once."""


class Falls:
    """Losses below the start, for subsets of a menu.

    Parameters
    ----------
    composites : Composites
        The menu, as subsets of its items.
    views : sequence of LensView
        Lenses with an answer.
    share : float or None
        None: losses at the point estimate; else a state loses if it does in this share of draws.
    """

    def __init__(
        self, composites: Composites, views: Sequence[LensView], share: float | None = None
    ) -> None:
        # A search asks for one small batch after the other: not worth another machine or a file.
        self.views = tuple(replace(view, work=view.work.near()) for view in views)
        self.composites, self.share = composites, share
        self.states = composites.system.size
        self.tolerances = np.array([view.tolerance for view in views])
        self._kept: dict[bytes, Floats] = {}
        self._known: dict[bytes, Bools] = {}

    @property
    def spent(self) -> int:
        """How many subsets were evaluated."""
        return len(self._kept)

    @property
    def limits(self) -> Floats:
        """What a loss must exceed under each lens; rounding in a security is nobody's loss."""
        slack = [ROUNDING * np.abs(view.security).max(initial=0.0) for view in self.views]
        limits: Floats = np.maximum(self.tolerances, slack)
        return limits

    def deltas(self, masks: Bools) -> Floats:
        """Return what subsets give to each state under each lens, array (m, lenses, states)."""
        masks = np.atleast_2d(masks)
        self._evaluate(masks)
        return np.stack([self._kept[mask.tobytes()] for mask in masks])

    def losing(self, masks: Bools) -> Bools:
        """Return who loses more than the tolerance, array (m, lenses, states)."""
        masks = np.atleast_2d(masks)
        self._evaluate(masks)
        return np.stack([self._known[mask.tobytes()] for mask in masks])

    def harmless(self, masks: Bools) -> Bools:
        """Return whether nobody loses, array (m,); a subset without an answer is not harmless."""
        unknown = np.isnan(self.deltas(masks)).any(axis=(1, 2))
        return np.asarray(~self.losing(masks).any(axis=(1, 2)) & ~unknown)

    def excess(self, masks: Bools) -> Floats:
        """Return how far losses exceed what counts as none, in tolerances, summed; array (m,)."""
        deltas = self.deltas(masks)
        scale = np.maximum(self.tolerances, np.finfo(float).tiny)[None, :, None]
        over = np.where(self.losing(masks), -deltas / scale, 0.0)
        total: Floats = np.where(np.isnan(over), np.inf, over).sum(axis=(1, 2))
        return total

    def _evaluate(self, masks: Bools) -> None:
        new = {mask.tobytes(): mask for mask in masks if mask.tobytes() not in self._kept}
        waiting = list(new.values())
        for at in range(0, len(waiting), BATCH):
            some = np.array(waiting[at : at + BATCH])
            moves = self.composites.moves(some)
            deltas = np.stack([view.deltas(moves) for view in self.views], axis=1)
            if self.share is None:
                losing = deltas < -self.limits[None, :, None]
            else:
                losing = np.stack(
                    [self._often(view, moves, deltas[:, k]) for k, view in enumerate(self.views)],
                    axis=1,
                )
            for mask, delta, lost in zip(some, deltas, losing, strict=True):
                self._kept[mask.tobytes()] = delta
                self._known[mask.tobytes()] = lost

    def _often(self, view: LensView, moves: object, point: Floats) -> Bools:
        """Return who loses in at least the share of draws that was asked for."""
        assert self.share is not None
        if not view.drawn:
            lost: Bools = point < -view.tolerance
            return lost
        drawn, levels = view.over_draws(moves)  # type: ignore[arg-type]
        known = np.isfinite(drawn)
        often = ((drawn < -levels[:, None, None]) & known).sum(axis=0)
        return np.asarray(often >= self.share * np.maximum(known.sum(axis=0), 1))


def all_subsets(items: int, chosen: Sequence[int]) -> Bools:
    """Return every subset of the chosen items, (2**k, items); chosen item i is bit i of the row."""
    k = len(chosen)
    masks = np.zeros((1 << k, items), dtype=np.bool_)
    numbers = np.arange(1 << k)
    for bit, item in enumerate(chosen):
        masks[:, item] = numbers >> bit & 1
    return masks


def mask_of(items: int, chosen: Iterable[int]) -> Bools:
    """Return the subset that holds the chosen items, array (items,)."""
    mask = np.zeros(items, dtype=np.bool_)
    mask[list(chosen)] = True
    return mask
