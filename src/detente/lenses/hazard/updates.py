"""Changes by the pairs that they touch: what is worked out once and kept for the next draw."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves, System
from detente.evidence.forecast import hazard

MOST_LINKS = 12


CHUNK = 500_000  # pairs worked out at once, some 40 MB


MOST_KEPT = 10_000_000  # pairs kept for the next draw, some 700 MB


def of_ties(beta: Floats) -> Floats:
    """Return the coefficients that the kernel wants, in its order."""
    from detente.lenses.hazard.hazard_kernel import MOVED

    place = {name: k + 1 for k, name in enumerate(hazard.TIES)}
    return beta[[place[name] for name in MOVED]]


Ready = tuple[Floats, Ints, NDArray[np.int32], Floats, Floats]


Part = tuple[int, int, Ready]


_LOCK = threading.Lock()


_READY: weakref.WeakKeyDictionary[Moves, tuple[weakref.ref[System], list[Part]]] = (
    weakref.WeakKeyDictionary()
)


def parts(system: System, moves: Moves) -> Iterable[Part]:
    """Return what does not depend on the draw, some changes at a time.

    It is made once for a system and its changes, unless it is too large to be kept.
    """
    from detente.lenses.hazard import hazard_kernel as kernel

    start = kernel.count_pairs(_arrays(moves), system.size)
    if start[-1] > MOST_KEPT:
        return _made(system, moves, start)
    with _LOCK:
        kept = _READY.get(moves)
        if kept is None or kept[0]() is not system:
            kept = (weakref.ref(system), list(_made(system, moves, start)))
            _READY[moves] = kept
        return kept[1]


def _made(system: System, moves: Moves, start: Ints) -> Iterator[Part]:
    """Yield first change, the one behind the last, and what the kernel wants of them."""
    from detente.lenses.hazard import hazard_kernel as kernel

    changes, n = _arrays(moves), system.size
    share = system.capability / max(system.capability.sum(), 1e-300)
    allies, rivals = system.allies, system.rivals
    base, sums = np.zeros((n, n, kernel.TERMS)), np.zeros((n, n, kernel.SUMS))
    kernel.base_terms(allies, rivals, share, sums, base)
    first = 0
    while first < len(moves):
        last = int(np.searchsorted(start, start[first] + CHUNK, side="right")) - 1
        last = min(max(last, first + 1), len(moves))
        starts = start[first : last + 1] - start[first]
        pair = np.empty((starts[-1], 2), np.int32)
        terms = np.empty((starts[-1], kernel.TERMS))
        some = (changes[0][first : last + 1], *changes[1:])
        kernel.change_terms(some, allies, rivals, share, sums, starts, pair, terms)
        yield first, last, (base, starts, pair, terms, share)
        first = last


def _arrays(moves: Moves) -> tuple[Ints, Ints, Ints, Floats, Floats, Ints, Ints]:
    return (
        moves.ptr,
        moves.first,
        moves.second,
        moves.ally,
        moves.rival,
        moves.actor_ptr,
        moves.actor,
    )
