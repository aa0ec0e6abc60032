"""The margins after some changes, under the star reading: array operations, nothing compiled.

What attacks and defends does not hang on the defender's advantage, so it is tabled once for a
system and its changes; a draw then compares the tables. The plain twin is `margins`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.architecture.system import Floats, Moves, System
from detente.errors import Undefined
from detente.lenses.protocol import Values
from detente.lenses.some_changes import AfterEach, Kept, after_each
from detente.lenses.war_stability.coalitions import NO_STRENGTH


class StarTables(NamedTuple):
    """Strengths after each different change, and before any: `attack` of the column's state as
    leader on the row's and `defence` against it (d + 1, n, n), `alone` with allies (d + 1, n).
    """

    after: AfterEach
    attack: Floats
    defence: Floats
    alone: Floats
    total: float


def _tabled(system: System, moves: Moves) -> StarTables:
    after, m = after_each(system, moves), system.capability
    w, n = after.allies, system.size
    b = w + np.eye(n)
    attack = (b @ m)[:, None, :] - m[:, None] * b
    attack[:, np.arange(n), np.arange(n)] = -np.inf  # nobody attacks itself
    # Written so that no defence is a difference, as in `coalitions`.
    defence = m[:, None] + (w * m) @ (1 - b)
    alone = m + (w * m[None, :]).sum(axis=2)
    return StarTables(after, attack, defence, alone, float(m.sum()))


_tables = Kept(_tabled)


def some_deltas(system: System, moves: Moves, values: Values) -> Floats:
    """Return what each of some changes gives to each state, array (m, n)."""
    t, advantage = _tables.of(system, moves), float(values["advantage"])
    if t.total <= 0:
        raise Undefined(NO_STRENGTH)
    gap = advantage * t.defence
    gap -= t.attack
    margin = np.minimum(advantage * t.alone, gap.min(axis=2, initial=np.inf))
    return t.after.spread(margin / t.total)
