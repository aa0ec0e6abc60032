"""The largest part of a change that harms nobody: exact wherever it can be proven.

For at most 24 edits, where a lens evaluates all subsets at once, and for at most `EXACT` with any
lens, all subsets are looked at. Beyond, a part is found by taking out what harms most, then putting
back and exchanging; branch and bound (`detente.transition.subsets.branches`) looks for a larger one
until there is proven to be none. Where that takes too long, larger sizes are ruled out as far as it
can be done: the bound is still proven, and there is a gap.

For a lens that cannot bound its security an integer programme takes each edit to give every
state the most that it was seen to give in many contexts (alone, last, within the part
found, at random): a bound as long as no edit ever gives more than that, likely and not proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.errors import Undefined
from detente.transition.games.route_search import ROUNDING
from detente.transition.subsets.branches import Branches
from detente.transition.subsets.ceilings import Ceilings
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.falls import Falls, all_subsets, mask_of
from detente.transition.subsets.menu_tables import tables_of_menu

Bools = NDArray[np.bool_]

EXACT = 12
"""Most edits whose subsets are all looked at."""
MOST_AT_ONCE = 24
"""Most edits whose subsets a quick lens looks at all at once."""
MOST_OVER_DRAWS = 14
"""The same where it looks at them in every draw."""
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
        Whether it is proven that none is larger.
    proven : bool
        Whether `upper` is proven; else it rests on the effects that were seen.
    """

    items: tuple[int, ...]
    upper: int
    exact: bool
    proven: bool = True


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
    if falls.share is not None:
        return _over_draws(falls, list(seen), list(fixed))
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
    if not fixed:
        part = _of_all_sets(falls, list(seen))
        if part is not None:
            return part
        ceilings = [Ceilings(falls.composites, view, seen) for view in falls.views]
        if all(ceiling.known for ceiling in ceilings):
            return _by_branches(falls, list(seen), ceilings)
    return _between(falls, list(seen), list(fixed))


def _of_all_sets(falls: Falls, seen: list[int]) -> HarmlessPart | None:
    """Return the largest part by looking at all subsets at once; None where a lens cannot."""
    every = all_sets(falls, seen)
    if every is None:
        return None
    items, clean, worst = every
    sizes = np.bitwise_count(np.arange(len(worst)))
    largest = np.flatnonzero(clean & (sizes == sizes[clean].max()))
    best = int(largest[np.argmax(worst[largest])])
    without = {item for bit, item in enumerate(items) if not best >> bit & 1}
    chosen = tuple(item for item in seen if item not in without)
    # Both ways of evaluating a subset must say so, or rounding has the last word elsewhere.
    if not bool(falls.harmless(mask_of(len(falls.composites), chosen))[0]):
        return None
    return HarmlessPart(chosen, len(chosen), exact=True)


class EverySubset(NamedTuple):
    """Which sets of some items harm nobody, (2**k,): item i of `items` is bit i of a set.

    `items` leaves out those that move nothing, whatever is done besides. `worst` is what the
    worst-off state has with each, in tolerances, or the share of draws in which nobody loses.
    """

    items: tuple[int, ...]
    clean: Bools
    worst: Floats


def all_sets(falls: Falls, seen: Sequence[int]) -> EverySubset | None:
    """Return which sets of some items harm nobody; None where there are too many.

    None as well where a lens evaluates no sets at once.
    """
    most = MOST_AT_ONCE if falls.share is None else MOST_OVER_DRAWS
    if len(seen) > 2 * most:
        return None
    menu = Composites(falls.composites.g, [falls.composites.items[k] for k in seen])
    tables = tables_of_menu(menu)
    if tables is None:
        return None
    moved = int(np.bitwise_or.reduce(tables.support, initial=0))
    items = tuple(item for bit, item in enumerate(seen) if moved >> bit & 1)
    if len(items) > most or not items:
        return None
    if len(items) < len(seen):
        menu = Composites(falls.composites.g, [falls.composites.items[k] for k in items])
        tables = tables_of_menu(menu)
        if tables is None:
            return None

    def worst_of(draw: int | None) -> Floats | None:
        worst = np.full(1 << len(items), np.inf)
        for view, limit in zip(falls.views, falls.limits, strict=True):
            values, before, level = view.values, view.security, float(limit)
            if draw is not None and view.drawn:
                values = view.drawn[draw]
                start = view.start_of(draw)
                if start is None:
                    continue
                before, level = start
            every = view.lens.over_subsets(menu.system, tables, values)
            if every is None:
                return None
            scale = max(level, float(np.finfo(float).tiny))
            worst = np.minimum(worst, every.least(before, scale=scale))
        return worst

    if falls.share is None:
        worst = worst_of(None)
        return None if worst is None else EverySubset(items, worst >= -1.0, worst)
    kept = np.zeros(1 << len(items))
    for draw in range(max(1, falls.draws)):
        worst = worst_of(draw)
        if worst is None:
            return None
        kept += worst >= -1.0
    kept /= max(1, falls.draws)
    return EverySubset(items, kept >= falls.share - ROUNDING, kept)


def _over_draws(falls: Falls, seen: list[int], fixed: list[int]) -> HarmlessPart:
    """Return the largest part that was found where nobody must lose in a share of draws.

    It is exact where all subsets can be looked at in every draw. Elsewhere nothing is known of the
    largest but that it is not the whole.
    """
    part = None if fixed else _of_all_sets(falls, seen)
    if part is not None:
        return part
    best = _without_harm(falls, seen, fixed)
    items = len(falls.composites)
    for item in [i for i in seen if i not in best]:
        if bool(falls.harmless(mask_of(items, [*best, item, *fixed]))[0]):
            best = [*best, item]
    upper = len(seen) - 1
    return HarmlessPart(tuple(sorted(best)), upper, exact=len(best) == upper)


def _by_branches(falls: Falls, seen: list[int], ceilings: Sequence[Ceilings]) -> HarmlessPart:
    """Look for larger parts than the best one known until there is proven to be none."""
    best = _improved(falls, _without_harm(falls, seen, []), seen, [])
    branches = Branches(falls, seen, ceilings)
    upper = len(seen) - 1
    size = len(best) + 1
    while size <= upper:
        found = branches.at_least(size)
        if found is False:
            upper = size - 1
        elif found is True:  # not known: a larger size may still be ruled out
            size += 1
        else:
            best = list(found)
            size = len(best) + 1
    return HarmlessPart(tuple(sorted(best)), upper, exact=upper == len(best))


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
    return HarmlessPart(tuple(sorted(best)), max(upper, len(best)), exact=False, proven=False)


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
