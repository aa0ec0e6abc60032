"""The largest part of a change that harms nobody: exact for few edits, else between two bounds.

For at most `EXACT` edits all subsets are looked at. Beyond, the lower bound is a part that was
found (taking out what harms most, then putting back and exchanging). The upper bound is an
integer programme: most edits such that no state loses, if each edit gave every state the most
that it was seen to give in many contexts (alone, last, within the part found, at random). It is
a bound as long as no edit ever gives more than that, which is likely and not proven; parts that
the programme proposes and that prove harmful are ruled out one by one until one holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.errors import Undefined
from detente.transition.subsets.falls import Falls, all_subsets, mask_of

Bools = NDArray[np.bool_]

EXACT = 12
"""Most edits whose subsets are all looked at."""
CONTEXTS = 12
"""Contexts at random in which every edit's effect is looked at."""
MOST_EXCHANGES = 2000
"""Most exchanges of one edit for two that are tried at a time."""
CUTS = 20
"""How many parts that prove harmful are ruled out before the search stops with a gap."""


class HarmlessPart(NamedTuple):
    """The largest harmless part that was found.

    Attributes
    ----------
    items : tuple of int
        The edits in it, positions in the menu.
    upper : int
        No harmless part has more edits than this.
    exact : bool
        Whether every subset was looked at; else `upper` rests on the effects that were seen.
    """

    items: tuple[int, ...]
    upper: int
    exact: bool


def largest_harmless(falls: Falls, seen: Sequence[int], fixed: Sequence[int] = ()) -> HarmlessPart:
    """Return the largest part of the edits that leaves nobody below the start.

    Parameters
    ----------
    falls : Falls
        What subsets of the menu do.
    seen : sequence of int
        The edits to choose from; edits that no lens sees harm nobody and need not be here.
    fixed : sequence of int
        Items that are done in any case.
    """
    items = len(falls.composites)
    if not seen:
        return HarmlessPart((), 0, exact=True)
    whole = mask_of(items, [*seen, *fixed])
    if bool(falls.harmless(whole)[0]):
        return HarmlessPart(tuple(seen), len(seen), exact=True)
    if len(seen) <= EXACT:
        masks = all_subsets(items, list(seen))
        masks[:, list(fixed)] = True
        sizes = masks[:, list(seen)].sum(axis=1)
        clean = falls.harmless(masks)
        if not clean.any():
            return HarmlessPart((), 0, exact=True)
        best = _kindest(falls, masks, clean & (sizes == sizes[clean].max()))
        chosen = tuple(item for item in seen if best[item])
        return HarmlessPart(chosen, len(chosen), exact=True)
    return _between(falls, list(seen), list(fixed))


def _kindest(falls: Falls, masks: Bools, among: Bools) -> Bools:
    """Return, of parts of one size, the one whose worst-off state is best off; ties: the first."""
    candidates = masks[among]
    scale = np.maximum(falls.tolerances, np.finfo(float).tiny)[None, :, None]
    worst = (falls.deltas(candidates) / scale).min(axis=(1, 2))
    kindest: Bools = candidates[int(np.argmax(worst))]
    return kindest


def _between(falls: Falls, seen: list[int], fixed: list[int]) -> HarmlessPart:
    items = len(falls.composites)
    best = _improved(falls, _without_harm(falls, seen, fixed), seen, fixed)
    gifts = _largest_gifts(falls, seen, fixed, best)
    limit = np.maximum(falls.tolerances, 0.0)[:, None] * np.ones(falls.states)
    upper, ruled_out = len(seen), list[Bools]()
    for _ in range(CUTS):
        proposed = _programme(gifts, limit, ruled_out)
        if proposed is None:
            upper = len(best)
            break
        upper = min(upper, int(proposed.sum()))
        if upper <= len(best):
            upper = len(best)
            break
        chosen = [item for item, on in zip(seen, proposed, strict=True) if on]
        if bool(falls.harmless(mask_of(items, [*chosen, *fixed]))[0]):
            best = chosen
            break
        repaired = _without_harm(falls, chosen, fixed)
        if len(repaired) >= len(best):
            repaired = _improved(falls, repaired, seen, fixed)
        best = max(best, repaired, key=len)
        ruled_out.append(proposed)
    return HarmlessPart(tuple(sorted(best)), max(upper, len(best)), exact=False)


def _without_harm(falls: Falls, chosen: list[int], fixed: list[int]) -> list[int]:
    """Take out, one at a time, the edit without which the excess of losses is least."""
    items, left = len(falls.composites), list(chosen)
    while left and not bool(falls.harmless(mask_of(items, [*left, *fixed]))[0]):
        fewer = [[i for i in left if i != item] for item in left]
        excess = falls.excess(np.array([mask_of(items, [*f, *fixed]) for f in fewer]))
        left = fewer[int(np.argmin(excess))]
    return left


def _improved(falls: Falls, chosen: list[int], seen: list[int], fixed: list[int]) -> list[int]:
    """Put edits back as long as nobody loses; then try one for two."""
    items, best = len(falls.composites), list(chosen)

    def first_clean(candidates: list[list[int]]) -> list[int] | None:
        if not candidates:
            return None
        masks = np.array([mask_of(items, [*c, *fixed]) for c in candidates])
        clean = np.flatnonzero(falls.harmless(masks))
        return candidates[int(clean[0])] if len(clean) else None

    while True:
        rest = [item for item in seen if item not in best]
        better = first_clean([[*best, item] for item in rest])
        if better is None and len(rest) * len(rest) * len(best) <= MOST_EXCHANGES:
            better = first_clean(
                [
                    [*[b for b in best if b != gone], one, other]
                    for gone in best
                    for k, one in enumerate(rest)
                    for other in rest[k + 1 :]
                ]
            )
        if better is None:
            return sorted(best)
        best = better


def _largest_gifts(falls: Falls, seen: list[int], fixed: list[int], best: list[int]) -> Floats:
    """Return the most that each edit was seen to give, array (edits, lenses, states)."""
    items = len(falls.composites)
    rng = np.random.default_rng(0)
    contexts = [list[int](), list(seen), list(best)]
    contexts += [[i for i in seen if rng.random() < 0.5] for _ in range(CONTEXTS)]
    pairs = [
        (
            mask_of(items, [*{*context, item}, *fixed]),
            mask_of(items, [*{*context} - {item}, *fixed]),
        )
        for context in contexts
        for item in seen
    ]
    gains = falls.deltas(np.array([p[0] for p in pairs])) - falls.deltas(
        np.array([p[1] for p in pairs])
    )
    shaped = gains.reshape(len(contexts), len(seen), *gains.shape[1:])
    most: Floats = np.nan_to_num(shaped, nan=0.0).max(axis=0)
    return most


INFEASIBLE = 2
"""Status of a programme that no choice fulfils."""


def _programme(gifts: Floats, limit: Floats, ruled_out: list[Bools]) -> Bools | None:
    """Return the most edits such that no state would lose, those ruled out left aside."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    edits = len(gifts)
    table = gifts.reshape(edits, -1).T
    least = -limit.reshape(-1)
    # States that cannot lose in any choice of edits need no row.
    matters = np.minimum(table, 0.0).sum(axis=1) < least
    constraints = []
    if matters.any():
        scale = np.abs(table[matters]).max(axis=1, keepdims=True)
        constraints.append(
            LinearConstraint(table[matters] / scale, least[matters] / scale[:, 0], np.inf)
        )
    for choice in ruled_out:
        # It was the largest that the programme admits, so whatever holds all of it is out as well.
        constraints.append(LinearConstraint(choice.astype(float), -np.inf, int(choice.sum()) - 1))
    result = milp(
        -np.ones(edits), constraints=constraints, integrality=np.ones(edits), bounds=Bounds(0, 1)
    )
    if result.status == INFEASIBLE:
        return None
    if result.status != 0:
        raise Undefined(f"the solver gave no answer: {result.message}")
    chosen: Bools = result.x > 0.5
    return chosen
