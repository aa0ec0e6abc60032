"""Arrays that travel together into the compiled kernels of the lenses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats, Ints, Moves
from detente.lenses.screens import Screen


class VerdictArrays(NamedTuple):
    """Verdicts on m changes of n states, to be filled by a kernel.

    `figures` (5, m) has the rows least, desire, gain, loss and most of a `Screen`, `harmed` (m,)
    the numbers of states harmed. `sign` (m, n) and `pays` (payer by payee, n by n) have no rows
    where they are not wanted.
    """

    figures: Floats
    harmed: Ints
    sign: NDArray[np.int8]
    pays: Floats


LEAST, DESIRE, GAIN, LOSS, MOST = range(5)
"""Rows of the figures."""


class TieEdits(NamedTuple):
    """Edits of ties by many changes: those of change k stand from ``ptr[k]`` to ``ptr[k + 1]``."""

    ptr: Ints
    first: Ints
    second: Ints
    ally: Floats
    rival: Floats


class Deciders(NamedTuple):
    """Who decides each change: change k is decided by ``state[ptr[k]:ptr[k + 1]]``."""

    ptr: Ints
    state: Ints


def tie_edits(moves: Moves) -> TieEdits:
    """Return the edits of ties of a list of changes."""
    return TieEdits(moves.ptr, moves.first, moves.second, moves.ally, moves.rival)


def deciders(moves: Moves) -> Deciders:
    """Return who decides each of a list of changes."""
    return Deciders(moves.actor_ptr, moves.actor)


def verdict_room(m: int, n: int, *, signs: bool, pays: bool) -> VerdictArrays:
    """Return zeros for a kernel to fill, with no rows for what is not wanted."""
    return VerdictArrays(
        figures=np.zeros((5, m)),
        harmed=np.zeros(m, dtype=np.int64),
        sign=np.zeros((m if signs else 0, n), dtype=np.int8),
        pays=np.zeros((n if pays else 0, n)),
    )


def screen_of(verdicts: VerdictArrays, *, signs: bool, pays: bool) -> Screen:
    """Return filled verdicts as a `Screen`, with the tables that are wanted."""
    least, desire, gain, loss, most = verdicts.figures
    return Screen(
        least=least,
        desire=desire,
        gain=gain,
        loss=loss,
        harmed=verdicts.harmed,
        pays=verdicts.pays if pays else None,
        sign=verdicts.sign if signs else None,
        most=most,
    )
