"""What every state loses against the start when some items of a menu are done, lens by lens.

Subsets of a menu are evaluated in batches and each once. A state counts as a loser under a lens
when it loses more than the lens's tolerance at the point estimate. Where a share of draws is asked
for, a subset harms nobody if in at least this share of draws of the lenses' parameters no state
loses under any lens.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.transition.games.route_search import ROUNDING
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.sights import LensView

Bools = NDArray[np.bool_]

SMALL = 1e-9
"""Share of a tolerance below which a loss is rounding."""
BATCH = 2048
"""Subsets evaluated at once."""
BATCH_OVER_DRAWS = 128
"""The same where every draw is kept."""


class SubsetEffect(NamedTuple):
    """What one subset does."""

    deltas: Floats  # (lenses, states), at the point estimate
    losing: Bools  # (lenses, states)
    harmless: bool
    excess: float  # losses that count, in tolerances, summed; on average over draws


class Falls:
    """Losses below the start, for subsets of a menu.

    Parameters
    ----------
    composites : Composites
        The menu, as subsets of its items.
    views : sequence of LensView
        Lenses with an answer.
    share : float or None
        None: losses at the point estimate; else nobody must lose in at least this share of draws.
    """

    def __init__(
        self, composites: Composites, views: Sequence[LensView], share: float | None = None
    ) -> None:
        self.composites, self.views, self.share = composites, tuple(views), share
        self.states = composites.system.size
        self.tolerances = np.array([view.tolerance for view in views])
        self._kept: dict[bytes, SubsetEffect] = {}
        self._drawn: dict[bytes, Floats] = {}

    @property
    def spent(self) -> int:
        """How many subsets were evaluated."""
        return len(self._kept)

    @property
    def draws(self) -> int:
        """How many draws there are; 0 if no lens has an uncertain parameter."""
        return max(len(view.drawn) for view in self.views)

    @property
    def limits(self) -> Floats:
        """What a loss must exceed under each lens; rounding in a security is nobody's loss."""
        slack = [ROUNDING * np.abs(view.security).max(initial=0.0) for view in self.views]
        limits: Floats = np.maximum(self.tolerances, slack)
        return limits

    @property
    def scale(self) -> Floats:
        """What securities are divided by to be in tolerances, array (lenses,)."""
        return np.maximum(self.limits, np.finfo(float).tiny)

    def deltas(self, masks: Bools) -> Floats:
        """Return what subsets give to each state under each lens, array (m, lenses, states)."""
        return np.stack([effect.deltas for effect in self._effects(masks)])

    def losing(self, masks: Bools) -> Bools:
        """Return who loses, array (m, lenses, states).

        With a share of draws: who loses in more draws than may be, or else most often.
        """
        return np.stack([effect.losing for effect in self._effects(masks)])

    def harmless(self, masks: Bools) -> Bools:
        """Return whether nobody loses, array (m,); a subset without an answer is not harmless."""
        return np.array([effect.harmless for effect in self._effects(masks)], dtype=np.bool_)

    def excess(self, masks: Bools) -> Floats:
        """Return the losses that count, in tolerances, summed over states and lenses; array (m,).

        With a share of draws: on average over draws, 0 where the subset counts as harmless.
        """
        return np.array([effect.excess for effect in self._effects(masks)])

    def within(self, mask: Bools, budget: float) -> bool:
        """Whether all losses of a subset, small ones too, add up to no more than a budget."""
        if self.share is None:
            return self.total(mask) <= budget
        total = np.maximum(-self.drawn(mask)[0], 0.0).sum(axis=1)
        return bool((total <= budget).mean() >= self.share - ROUNDING)

    def total(self, mask: Bools) -> float:
        """Return all that is lost by a subset, small losses too, in tolerances."""
        lost = -self.deltas(mask)[0] / self.scale[:, None]
        return float(np.nan_to_num(np.where(lost > SMALL, lost, 0.0), nan=np.inf).sum())

    def drawn(self, masks: Bools) -> Floats:
        """Return what subsets give in every draw, in tolerances: (m, draws, lenses * states).

        A lens without an uncertain parameter gives the same in every draw; where it has no answer
        in a draw, nobody gains or loses.
        """
        masks = np.atleast_2d(masks)
        new = {mask.tobytes(): mask for mask in masks if mask.tobytes() not in self._drawn}
        waiting = list(new.values())
        for at in range(0, len(waiting), BATCH_OVER_DRAWS):
            some = np.array(waiting[at : at + BATCH_OVER_DRAWS])
            moves = self.composites.moves(some)
            parts = []
            for view, limit in zip(self.views, self.limits, strict=True):
                if view.drawn:
                    deltas, levels = view.over_draws(moves)
                else:
                    deltas, levels = view.deltas(moves)[None], np.array([limit])
                scale = np.maximum(levels, np.finfo(float).tiny)[:, None, None]
                worth = np.nan_to_num(deltas / scale, nan=0.0)
                parts.append(np.broadcast_to(worth, (max(1, self.draws), *worth.shape[1:])))
            together = np.concatenate(parts, axis=2)  # (draws, m, lenses * states)
            for k, mask in enumerate(some):
                self._drawn[mask.tobytes()] = np.ascontiguousarray(together[:, k])
        return np.stack([self._drawn[mask.tobytes()] for mask in masks])

    def _effects(self, masks: Bools) -> list[SubsetEffect]:
        masks = np.atleast_2d(masks)
        new = {mask.tobytes(): mask for mask in masks if mask.tobytes() not in self._kept}
        waiting = list(new.values())
        for at in range(0, len(waiting), BATCH):
            some = np.array(waiting[at : at + BATCH])
            moves = self.composites.moves(some)
            deltas = np.stack([view.deltas(moves) for view in self.views], axis=1)
            judged = self._judged(deltas) if self.share is None else self._over_draws(some, deltas)
            for mask, effect in zip(some, judged, strict=True):
                self._kept[mask.tobytes()] = effect
        return [self._kept[mask.tobytes()] for mask in masks]

    def _judged(self, deltas: Floats) -> list[SubsetEffect]:
        """Return what subsets do, at the point estimate."""
        losing = deltas < -self.limits[None, :, None]
        scale = np.maximum(self.tolerances, np.finfo(float).tiny)[None, :, None]
        unknown = np.isnan(deltas)
        over = np.where(losing, -deltas / scale, 0.0) + np.where(unknown, np.inf, 0.0)
        excess = over.sum(axis=(1, 2))
        clean = np.logical_not((losing | unknown).any(axis=(1, 2)))
        return [
            SubsetEffect(*entry)
            for entry in zip(deltas, losing, clean.tolist(), excess, strict=True)
        ]

    def _over_draws(self, masks: Bools, deltas: Floats) -> list[SubsetEffect]:
        """Return what subsets do, by how many draws they harm somebody in."""
        assert self.share is not None
        effects = []
        for mask, delta in zip(masks, deltas, strict=True):
            worth = self.drawn(mask)[0]
            below = worth < -1.0
            often = below.mean(axis=0)
            clean = bool((~below.any(axis=1)).mean() >= self.share - ROUNDING)
            lies = often > 1 - self.share + ROUNDING
            if not clean and not lies.any():
                lies = often == often.max()
            excess = 0.0 if clean else float(np.where(below, -worth, 0.0).sum(axis=1).mean())
            effects.append(
                SubsetEffect(delta, lies.reshape(delta.shape) & (not clean), clean, excess)
            )
            self._drawn.pop(mask.tobytes(), None)
        return effects


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
