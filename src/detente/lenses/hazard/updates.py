"""Changes by the pairs that they touch: what is worked out once and kept for the next draw."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from detente.architecture.system import Floats, Ints, Moves, System
from detente.lenses.hazard.drawn_fit import coefficients, fixed_odds, of_ties
from detente.lenses.kernel_arrays import TieEdits, tie_edits
from detente.lenses.protocol import Values

if TYPE_CHECKING:
    from detente.lenses.hazard.hazard_kernel import Touched

CHUNK = 500_000  # pairs worked out at once, some 40 MB
MOST_KEPT = 10_000_000  # pairs kept for the next draw, some 700 MB


class TouchedPart(NamedTuple):
    """Some of the changes, from `first` to before `last`, as the kernel wants them for any draw."""

    first: int
    last: int
    base: Floats
    share: Floats
    pairs: Touched


_LOCK = threading.Lock()
_READY: weakref.WeakKeyDictionary[Moves, tuple[weakref.ref[System], list[TouchedPart]]] = (
    weakref.WeakKeyDictionary()
)


def many_deltas(system: System, moves: Moves, values: Values) -> Floats:
    """Return what each change gives to each state, array (m, n): only what it touches is redone."""
    from detente.lenses.hazard import hazard_kernel as kernel

    beta = coefficients(system.facts, values)
    fixed = fixed_odds(system, beta)
    fit = kernel.DrawnFit(fixed, of_ties(beta), float(values["decisiveness"]))
    differences = np.zeros((len(moves), system.size))
    for part in parts(system, moves):
        gain = differences[part.first : part.last]
        kernel.deltas(part.base, part.share, part.pairs, fit, gain)
    return differences


def parts(system: System, moves: Moves) -> Iterable[TouchedPart]:
    """Return what does not depend on the draw, some changes at a time.

    It is made once for a system and its changes, unless it is too large to be kept.
    """
    from detente.lenses.hazard import hazard_kernel as kernel

    edits = tie_edits(moves)
    start = kernel.count_pairs(edits, system.size)
    if start[-1] > MOST_KEPT:
        return _ready(system, edits, start)
    with _LOCK:
        kept = _READY.get(moves)
        if kept is None or kept[0]() is not system:
            kept = (weakref.ref(system), list(_ready(system, edits, start)))
            _READY[moves] = kept
        return kept[1]


def _ready(system: System, edits: TieEdits, start: Ints) -> Iterator[TouchedPart]:
    """Yield the changes in parts, with what the kernel wants of them."""
    from detente.lenses.hazard import hazard_kernel as kernel

    n, count = system.size, len(edits.ptr) - 1
    share = system.capability / max(system.capability.sum(), 1e-300)
    ties = kernel.PairTies(system.allies, system.rivals, share)
    base, sums = np.zeros((n, n, kernel.TERMS)), np.zeros((n, n, kernel.SUMS))
    kernel.base_terms(ties, sums, base)
    first = 0
    while first < count:
        last = int(np.searchsorted(start, start[first] + CHUNK, side="right")) - 1
        last = min(max(last, first + 1), count)
        starts = start[first : last + 1] - start[first]
        size = int(starts[-1])
        pairs = kernel.Touched(
            starts, np.empty((size, 2), np.int32), np.empty((size, kernel.TERMS))
        )
        kernel.change_terms(edits._replace(ptr=edits.ptr[first : last + 1]), ties, sums, pairs)
        yield TouchedPart(first, last, base, share, pairs)
        first = last
