"""Pieces in processes of their own, which end with the one that asked, however it ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

from detente.errors import ResultError

if TYPE_CHECKING:
    from detente.runs.pieces import Arrays, Job, Piece


def computed_in(job: Job, pieces: Sequence[Piece], workers: int) -> Iterator[tuple[Piece, Arrays]]:
    """Compute pieces in new processes and yield each as it is done, in no particular order.

    An interrupt from the keyboard goes to every process of the terminal. Only this one heeds it
    and ends the others, which would each complain of it.

    Raises
    ------
    ResultError
        If a process is killed from outside; what was finished has been yielded.
    """
    from detente.runs.pieces import handed_out

    before = multiprocessing.active_children()
    # Spawned: a fork after threads have run (Polars has some) hangs.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=follow_parent) as pool:

        def submit(piece: Piece) -> Future[Arrays]:
            with interrupts_held_back():
                return pool.submit(job.compute, piece.address)

        try:
            yield from handed_out(pieces, workers, submit)
        except BaseException as error:
            for process in multiprocessing.active_children():
                if process not in before:
                    process.terminate()
            if isinstance(error, BrokenProcessPool):
                raise ResultError(
                    "a process that did a part of the work was ended from outside, perhaps for "
                    "lack of memory. What was finished is kept where a folder was named: run the "
                    "same command again, or with fewer processes."
                ) from error
            raise


def follow_parent() -> None:
    """Make this process deaf to interrupts, and end it as soon as its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)  # no clean-up: the parent is dead, and nobody waits for this process

    threading.Thread(target=watch, daemon=True).start()


@contextmanager
def interrupts_held_back() -> Iterator[None]:
    """Hold interrupts back until the end of the block, and for good in processes started in it."""
    if threading.current_thread() is not threading.main_thread():
        yield  # interrupts are for the main thread
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    # A mask is inherited by new processes, a handler is not; other threads have no mask.
    masks = hasattr(signal, "pthread_sigmask")
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT]) if masks else set()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    if came:
        signal.raise_signal(signal.SIGINT)
