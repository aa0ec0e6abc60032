"""Many changes at once: hands a system and its changes to the compiled kernel of the reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from detente.architecture.system import Floats, Moves
from detente.errors import Undefined
from detente.lenses.kernel_arrays import deciders, screen_of, tie_edits, verdict_room
from detente.lenses.protocol import Screen, Values
from detente.lenses.war_stability.coalitions import NO_STRENGTH, Setting

if TYPE_CHECKING:
    from detente.lenses.kernel_arrays import VerdictArrays


def many_deltas(setting: Setting, moves: Moves, values: Values) -> Floats:
    """Return what each change gives to each state, array (m, n)."""
    m, n = len(moves), setting.strength.size
    table = np.zeros((m, n))
    _run(setting, moves, values, 0.0, table, verdict_room(m, n, signs=False, pays=True))
    return table


def many_verdicts(
    setting: Setting,
    moves: Moves,
    values: Values,
    tolerance: float,
    *,
    signs: bool,
    pays: bool,
) -> Screen:
    """Judge every change at once, without a table of deltas."""
    n = setting.strength.size
    verdicts = verdict_room(len(moves), n, signs=signs, pays=True)
    _run(setting, moves, values, tolerance, np.zeros((0, n)), verdicts)
    return screen_of(verdicts, signs=signs, pays=pays)


def _run(
    setting: Setting,
    moves: Moves,
    values: Values,
    tolerance: float,
    table: Floats,
    verdicts: VerdictArrays,
) -> None:
    """Fill `table`, where it has rows, and `verdicts`."""
    from detente.lenses.war_stability import margins_kernel as kernel

    w, m = setting.allies, setting.strength
    if m.sum() <= 0:
        raise Undefined(NO_STRENGTH)
    bounds = kernel.MarginBounds(float(values["advantage"]), tolerance)
    rest = m, bounds, tie_edits(moves), deciders(moves), table, verdicts
    if setting.reading == "star":
        b = w + np.eye(m.size)
        kernel.star_changes(w, (b * m) @ b, *rest)
    else:
        kernel.clique_changes(w, *rest)
