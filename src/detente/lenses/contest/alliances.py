"""Every alliance that could still be formed, as a list of changes."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Moves, System


def new_alliances(system: System) -> Moves:
    """Return every full alliance that two states could still form.

    A rivalry between the two ends with it. Both are the initiators. The changes stand in the
    order of the first state, then of the second.
    """
    first, second = np.nonzero(np.triu(system.allies < 1, 1))
    m = len(first)
    return Moves(
        ptr=np.arange(m + 1, dtype=np.int64),
        first=first.astype(np.int64),
        second=second.astype(np.int64),
        ally=np.ones(m),
        rival=np.zeros(m),
        actor_ptr=np.arange(0, 2 * m + 1, 2, dtype=np.int64),
        actor=np.stack([first, second], axis=1).reshape(-1).astype(np.int64),
        armed=((),) * m,
    )
