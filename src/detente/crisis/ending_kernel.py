"""The compiled loop over replicas of which only the end is wanted.

Its plain twin is `detente.crisis.twin.replica`, one call a replica.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.draws_kernel import BARE, COMPILED
from detente.crisis.kernel import Room, replica
from detente.crisis.packed import Packed, PackedStart
from detente.crisis.rules import Log, Watch


@njit(**COMPILED)  # type: ignore[untyped-decorator]  # numba has no types for _nrt
def block(  # type: ignore[no-untyped-def]
    key, first, last, days: float, m: Packed, start: PackedStart, watch: Watch, q: Room, log: Log,
    how: NDArray[np.int8], when: Floats,
):  # fmt: skip
    """Run the replicas first..last-1 and write how and when each of them ended.

    Returns
    -------
    (replica, room)
        The one that had too little room and what it had needed, or (last, 0).
    """
    for number in range(first, last):
        written, used, ended, t, _ = replica(key, number, days, m, start, watch, q, log, BARE)
        if ended < 0:
            return number, max(written, used)
        how[number], when[number] = ended, t
    return last, 0
