"""Verdicts on many changes from the few states that each of them moves: no kernel, no table.

The twin of `detente.lenses.reduce_kernel` for a lens that knows beforehand which states a change
can move. Sums are taken in the same order, so that the bits are the same.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves
from detente.lenses.screens import Screen


class Entries(NamedTuple):
    """The states that changes can move: entry e is the state `state[e]` under `change[e]`.

    They stand in order of the changes, then of the states. `actor_entry` is the entry of each
    initiator, one beyond the last where the change cannot move it; `actor_change` its change.
    """

    changes: int
    states: int
    change: Ints
    state: Ints
    actor_entry: Ints
    actor_change: Ints

    @classmethod
    def every(cls, moves: Moves, states: int) -> Entries:
        """Let every change move every state; the same object as long as the changes are in use."""
        held = _every.get(moves)
        if held is None or held.states != states:
            held = _every[moves] = cls.of(np.arange(len(moves) * states), moves, states)
        return held

    @classmethod
    def of(cls, keys: Ints, moves: Moves, states: int) -> Entries:
        """Put them together from sorted numbers, ``change * states + state``."""
        actor_change = np.repeat(np.arange(len(moves)), np.diff(moves.actor_ptr))
        wanted = actor_change * states + moves.actor
        place = np.searchsorted(keys, wanted)
        there = np.append(keys, -1)[place] == wanted
        change, state = np.divmod(keys, states)
        actor_entry = np.where(there, place, len(keys))
        return cls(len(moves), states, change, state, actor_entry, actor_change)

    def spread(self, values: Floats) -> Floats:
        """Return values at their places, zeros elsewhere, array (changes, states)."""
        table = np.zeros((self.changes, self.states))
        table[self.change, self.state] = values
        return table


_every: WeakKeyDictionary[Moves, Entries] = WeakKeyDictionary()


def added(at: Ints, amounts: Floats | NDArray[np.bool_], places: int) -> Floats:
    """Add up amounts at their places, in their order, array (places,)."""
    return np.asarray(np.bincount(at, amounts, minlength=places), dtype=np.float64)


def screen_entries(
    entries: Entries,
    moves: Moves,
    deltas: Floats,
    tolerance: float,
    *,
    signs: bool = True,
    pays: bool = True,
) -> Screen:
    """Reduce what changes give to states, one number an entry, to a `Screen`.

    A change with NaN for a state has no answer, and NaN for its figures.
    """
    m = len(moves)
    unknown = np.isnan(deltas)
    gone = np.unique(entries.change[unknown]) if unknown.any() else unknown[:0]
    if len(gone):
        deltas = np.where(np.isin(entries.change, gone), 0.0, deltas)
    lost, won = deltas < -tolerance, deltas > tolerance
    own = np.append(deltas, 0.0)[entries.actor_entry]
    least, most = np.full(m, np.inf), np.full(m, -np.inf)
    decided = np.flatnonzero(np.diff(moves.actor_ptr))
    if len(decided):
        least[decided] = np.minimum.reduceat(own, moves.actor_ptr[decided])
        most[decided] = np.maximum.reduceat(own, moves.actor_ptr[decided])
    harmed = np.bincount(entries.change[lost], minlength=m)
    sign = paid = None
    if signs:
        sign = np.zeros((m, entries.states), dtype=np.int8)
        sign[entries.change, entries.state] = won.view(np.int8) - lost.view(np.int8)
    if pays:
        wanted = (least >= -tolerance) & (most > tolerance)
        paid = _paid(entries, moves, deltas, np.flatnonzero(lost & wanted[entries.change]))
    desire = added(entries.actor_change, own, m)
    gain = added(entries.change, np.maximum(deltas, 0.0), m)
    loss = added(entries.change, np.maximum(-deltas, 0.0), m)
    if len(gone):
        for figure in (least, most, desire, gain, loss):
            figure[gone] = np.nan
    return Screen(
        least=least,
        desire=desire,
        gain=gain,
        loss=loss,
        harmed=harmed,
        pays=paid,
        sign=sign,
        most=most,
    )


def _paid(entries: Entries, moves: Moves, deltas: Floats, harmed: Ints) -> Floats:
    """Return the most that each state pays for each other under changes that are wanted."""
    n = entries.states
    paid = np.zeros(n * n)
    if not len(harmed):
        return paid.reshape(n, n)
    starts, counts = moves.actor_ptr[:-1], np.diff(moves.actor_ptr)
    change = entries.change[harmed]
    many = counts[change]
    payer = np.repeat(harmed, many)
    within = np.arange(len(payer)) - np.repeat(np.cumsum(many) - many, many)
    payee = moves.actor[np.repeat(starts[change], many) + within]
    np.maximum.at(paid, entries.state[payer] * n + payee, -deltas[payer])
    return paid.reshape(n, n)
