"""The compiled loops over replicas that go day by day; their twins in time are `sums_kernel`
and `ending_kernel`, which go event by event.
"""

from __future__ import annotations

from detente.crisis.kernel.chance_kernel import BARE, COMPILED
from detente.crisis.kernel.days_kernel import DayRoom, replica
from detente.crisis.kernel.ending_kernel import Ends
from detente.crisis.kernel.sums import Tally
from detente.crisis.kernel.sums_kernel import FLUSH, Scratch, count, flush
from detente.crisis.model.model_arrays import Log
from detente.crisis.model.model_records import Course
from detente.kernels import njit


@njit(**COMPILED)
def block(  # type: ignore[no-untyped-def]
    key, first, last, course: Course, q: DayRoom, log: Log, s: Scratch, a: Tally
):
    """Run the replicas first..last-1 and add them up, as `sums_kernel.block` does."""
    kept = 0
    for number in range(first, last):
        written, _, how, _, incidents = replica(key, number, course, q, log, BARE)
        if how < 0:
            flush(s, a)
            return number, written
        count(log, written, incidents, number, course, s, a)
        kept += 1
        if kept == FLUSH:
            flush(s, a)
            kept = 0
    flush(s, a)
    return last, 0


@njit(**COMPILED)
def endings(  # type: ignore[no-untyped-def]
    key, first, last, course: Course, q: DayRoom, log: Log, ends: Ends
):
    """Write how and when each replica ended, as `ending_kernel.block` does."""
    for number in range(first, last):
        written, _, ended, t, _ = replica(key, number, course, q, log, BARE)
        if ended < 0:
            return number, written
        ends.how[number], ends.when[number] = ended, t
    return last, 0
