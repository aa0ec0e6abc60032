"""Many replicas of one model: worked off in blocks on threads, to sums that are always the same."""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.crisis.kernel import sums
from detente.crisis.kernel.sums import Tally
from detente.crisis.model.arguments import horizon
from detente.crisis.model.escalation import Model
from detente.crisis.model.model_arrays import Log, Rules, Start, Watch, base_key
from detente.crisis.model.model_records import Course, Packed, PackedStart, pack, pack_start
from detente.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from detente.crisis.kernel.days_kernel import DayRoom

BLOCK = 254
"""Replicas a block: enough to keep a core busy, few enough that an interrupt is felt; and full
turns of the small sums."""
NEVER = 9
"""A rung that is never reached."""
MOST_BUCKETS = 8192
METHODS = ("auto", "events", "days")
CROSSING = 0.05
"""Incidents a dyad and a day from which steps of a day are faster than following each incident;
measured by `benchmarks/escalation.py --crossing`."""
FEWEST = 64
"""Dyads from which they can be faster: fewer do not fill the sweep of a day."""
PILOT = 8
"""Replicas from which that number is taken."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Replicas of a model from a start, over a horizon.

    Attributes
    ----------
    model : Model
        The model.
    rules, start : Rules, Start
        Its arrays.
    days : float
        Horizon.
    seed : int
        With the scenario's digest the address of all chance.
    method : str
        How sums over replicas come about: ``events``, in continuous time, exact; ``days``, in
        steps of a day, faster where incidents are many; ``auto``, whichever is faster.
    """

    model: Model
    rules: Rules
    start: Start
    days: float
    seed: int
    method: str = "auto"

    @classmethod
    def of(cls, model: Model, days: float, seed: int, method: str = "auto") -> Ensemble:
        """Make an ensemble of a model."""
        if method not in METHODS:
            raise UnknownName("method", method, METHODS)
        horizon(days)
        if not model.dyads:
            raise UsageError("the scenario has no rivalry, so that there is nothing to simulate")
        return cls(model, model.rules(), model.start(), float(days), seed, method)

    def at(self, start: Start) -> Ensemble:
        """Return the ensemble from another start; the rules are not packed again."""
        moved = replace(self, start=start)
        moved.__dict__["packed"] = self.packed
        return moved

    @cached_property
    def way(self) -> str:
        """The method that is used: ``events`` or ``days``.

        Chosen by the incidents of a few replicas that depend on the model and the horizon
        alone, so that it is the same for any seed, number of threads and number of replicas.
        """
        if self.method != "auto":
            return self.method
        if len(self.model.dyads) < FEWEST:
            return "events"
        pilot = replace(self, seed=0, method="events").run(0, PILOT, threads=1)
        rate = int(pilot.incidents[0]) / (PILOT * len(self.model.dyads) * self.days)
        return "days" if rate > CROSSING else "events"

    @cached_property
    def packed(self) -> Packed:
        """The rules as a kernel reads them."""
        return pack(self.rules)

    @cached_property
    def begin(self) -> PackedStart:
        """The start as a kernel reads it."""
        return pack_start(self.start, self.rules)

    @property
    def key(self) -> np.uint64:
        """The 64-bit key of all its draws."""
        return np.uint64(base_key(self.seed, self.model.digest))

    @cached_property
    def sides(self) -> NDArray[np.int32]:
        """Positions of the two states of every dyad, array (M, 2)."""
        at = {s: k for k, s in enumerate(self.model.states)}
        return np.array([[at[a], at[b]] for a, b in self.model.dyads], dtype=np.int32)

    @cached_property
    def entry_keys(self) -> list[tuple[int, int]]:
        """The entries in the order of the rules: (war, opened dyad)."""
        ptr, entry = self.rules.entry_ptr, self.rules.entry
        m = len(self.model.dyads)
        return [(d, int(entry[q])) for d in range(m) for q in range(ptr[d], ptr[d + 1])]

    @cached_property
    def joiner(self) -> NDArray[np.int32]:
        """Position of the state that enters, for every entry."""
        at = {s: k for k, s in enumerate(self.model.states)}
        keys = self.entry_keys
        return np.array([at[self.model.joiner[key]] for key in keys], dtype=np.int32)

    @property
    def buckets(self) -> int:
        """Buckets of the calendar: about one an event, which is fastest; it changes no result."""
        return int(np.clip(2 * self.model.expected_incidents(self.days), 64, MOST_BUCKETS))

    def empty(self) -> Tally:
        """Return the tally of no replicas."""
        m = self.model
        return sums.empty(len(m.dyads), len(m.states), len(self.rules.entry), self.days)

    def run(
        self,
        first: int,
        last: int,
        *,
        threads: int | None = None,
        progress: Progress | None = None,
    ) -> Tally:
        """Run the replicas first..last-1 and return their sums."""
        way = self.way  # chosen before the threads begin
        count = min(threads or os.cpu_count() or 1, max(1, (last - first) // BLOCK))
        blocks = iter(range(first, last, BLOCK))
        lock, stop = threading.Lock(), threading.Event()
        done = 0

        def work() -> Tally:
            nonlocal done
            desk, tally = Desk(self, way), self.empty()
            while not stop.is_set():
                with lock:
                    begin = next(blocks, None)
                if begin is None:
                    break
                end = min(begin + BLOCK, last)
                desk.block(begin, end, tally)
                with lock:
                    done += end - begin
                    if progress is not None:
                        progress(done, last - first)
            return tally

        if count == 1:
            return work()
        total = self.empty()
        with ThreadPoolExecutor(count) as pool:
            waiting = [pool.submit(work) for _ in range(count)]
            try:
                for block_sums in waiting:
                    sums.add(total, block_sums.result())
            finally:
                # After an interrupt the other threads end with the block that they are at.
                stop.set()
        return total

    def trace(self, number: int, watch: Watch | None = None) -> tuple[Log, int, float]:
        """Return the log of one replica, how it ended and when."""
        return Desk(self).trace(number, watch)


class Desk:
    """Room for one thread at work; grows when a replica needs more."""

    def __init__(self, ensemble: Ensemble, way: str | None = None) -> None:
        from detente.crisis.kernel.sums_kernel import make_scratch

        self.of = ensemble
        self._way = way
        m = ensemble.model
        self.never = Watch(np.zeros(len(m.dyads), dtype=np.int8), NEVER, -1)
        self.scratch = make_scratch(
            len(m.dyads), ensemble.sides, ensemble.joiner, len(m.states), sums.bins(ensemble.days)
        )
        self.grow(int(8 * m.expected_incidents(ensemble.days)) + 4096)

    @property
    def way(self) -> str:
        """The method that is used: the ensemble's, unless another was named."""
        return self._way or self.of.way

    def grow(self, size: int) -> None:
        """Make room for `size` pending events and as many entries of the log."""
        from detente.crisis.kernel.events_kernel import make_room

        self.size = size
        self.room = make_room(len(self.of.model.dyads), self.of.buckets, size)
        self.log = Log(np.empty(size), np.empty(size, np.int32), np.empty(size, np.int8))

    @cached_property
    def day_room(self) -> DayRoom:
        """Room for going day by day."""
        from detente.crisis.kernel.days_kernel import make_day_room

        return make_day_room(len(self.of.model.dyads))

    def block(self, first: int, last: int, tally: Tally) -> None:
        """Run replicas and add them to a tally; a replica that needs more room is run again."""
        from detente.crisis.kernel import days_block_kernel, sums_kernel

        e, by_days = self.of, self.way == "days"
        run = days_block_kernel.block if by_days else sums_kernel.block
        while first < last:
            first, needed = run(
                e.key, first, last, Course(e.days, e.packed, e.begin, self.never),
                self.day_room if by_days else self.room, self.log, self.scratch, tally,
            )  # fmt: skip
            if first < last:
                self.grow(2 * max(needed, self.size))

    def endings(
        self, first: int, last: int, watch: Watch, how: NDArray[np.int8],
        when: NDArray[np.float64], start: Start | None = None,
    ) -> None:  # fmt: skip
        """Write how and when the replicas first..last-1 end, at their numbers."""
        from detente.crisis.kernel import days_block_kernel, ending_kernel
        from detente.crisis.kernel.ending_kernel import Ends

        e, by_days = self.of, self.way == "days"
        run = days_block_kernel.endings if by_days else ending_kernel.block
        begin = e.begin if start is None else pack_start(start, e.rules)
        while first < last:
            first, needed = run(
                e.key, first, last, Course(e.days, e.packed, begin, watch),
                self.day_room if by_days else self.room, self.log, Ends(how, when),
            )  # fmt: skip
            if first < last:
                self.grow(2 * max(needed, self.size))

    def spread(
        self, first: int, last: int, watched: NDArray[np.int8], free: NDArray[np.int8],
        wars: NDArray[np.int32], drawn: NDArray[np.int32],
    ) -> None:  # fmt: skip
        """Write how many watched dyads reach war, and how many free states are in such wars."""
        from detente.crisis.kernel import ending_kernel

        e = self.of
        seen, mark = np.full(len(watched), -1, np.int64), np.full(len(free), -1, np.int64)
        new = ending_kernel.NewWars(watched, free, self.scratch.sides, seen, mark, wars, drawn)
        course = Course(e.days, e.packed, e.begin, self.never)
        while first < last:
            first, needed = ending_kernel.spread(
                e.key, first, last, course, self.room, self.log, new
            )
            if first < last:
                self.grow(2 * max(needed, self.size))

    def trace(
        self, number: int, watch: Watch | None = None, start: Start | None = None,
        key: np.uint64 | None = None, days: float | None = None,
    ) -> tuple[Log, int, float]:  # fmt: skip
        """Return the log of one replica, how it ended and when.

        By default from the ensemble's start, key and horizon, without an early stop. A path that
        is to be stopped or taken up again goes event by event, whatever the ensemble's method.
        """
        from detente.crisis.kernel import days_kernel, events_kernel

        e = self.of
        by_days = watch is None and start is None and self.way == "days"
        run = days_kernel.replica if by_days else events_kernel.replica
        course = Course(
            e.days if days is None else days,
            e.packed,
            e.begin if start is None else pack_start(start, e.rules),
            self.never if watch is None else watch,
        )
        while True:
            written, used, how, when, _ = run(
                e.key if key is None else key, number, course,
                self.day_room if by_days else self.room, self.log, True,
            )  # fmt: skip
            if how >= 0:
                log = Log(
                    self.log.time[:written].copy(),
                    self.log.dyad[:written].copy(),
                    self.log.code[:written].copy(),
                )
                return log, how, float(when)
            self.grow(2 * max(written, used, self.size))


def endings(
    ensemble: Ensemble,
    watch: Watch,
    replicas: int,
    *,
    threads: int | None = None,
) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Return how and when each replica ended, arrays (replicas,).

    Event by event, unless the ensemble's method is ``days``: what is compared must come about
    in one way, also where one model has more incidents than the other.

    Parameters
    ----------
    ensemble : Ensemble
        The model and where it begins.
    watch : Watch
        When a replica stops: at war, or at calm.
    replicas : int
        How many.
    threads : int, optional
        All cores by default; the result does not depend on it.
    """
    how = np.zeros(replicas, dtype=np.int8)
    when = np.zeros(replicas)
    way = "days" if ensemble.method == "days" else "events"

    def work(first: int, last: int) -> None:
        Desk(ensemble, way).endings(first, last, watch, how, when)

    _parts(work, replicas, threads)
    return how, when


def spread(
    ensemble: Ensemble,
    watched: NDArray[np.int8],
    free: NDArray[np.int8],
    replicas: int,
    *,
    threads: int | None = None,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return how far war spreads in each replica to the horizon, event by event.

    Parameters
    ----------
    ensemble : Ensemble
        The model and where it begins.
    watched : int8 array (M,)
        1 for the dyads whose wars count.
    free : int8 array (S,)
        1 for the states that count when they are in such a war.
    replicas, threads
        As in `endings`.

    Returns
    -------
    (wars, states)
        Watched dyads that reach war, and free states on a side of one, arrays (replicas,).
    """
    wars, drawn = np.zeros(replicas, np.int32), np.zeros(replicas, np.int32)

    def work(first: int, last: int) -> None:
        Desk(ensemble, "events").spread(first, last, watched, free, wars, drawn)

    _parts(work, replicas, threads)
    return wars, drawn


def _parts(work: Callable[[int, int], None], replicas: int, threads: int | None) -> None:
    """Do the work on all replicas, in as many parts as there are threads."""
    count = min(threads or os.cpu_count() or 1, max(1, replicas // 64))
    if count == 1:
        work(0, replicas)
        return
    cuts = np.linspace(0, replicas, count + 1).astype(int)
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work, int(a), int(b)) for a, b in itertools.pairwise(cuts)]:
            done.result()
