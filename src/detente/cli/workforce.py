"""Options of commands that work for long: who does it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from detente.runs import Workforce


def work_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say who does the work; the command gets ``work``, a `Workforce`."""
    options = [
        click.option(
            "--threads", type=click.IntRange(min=1), default=1, show_default=True,
            help="Threads; no number depends on it.",
        ),
        click.option(
            "--processes", type=click.IntRange(min=1),
            help="Processes instead of threads; they end with this one.",
        ),
        click.option(
            "--cluster", metavar="tcp://HOST:PORT",
            help="Run on the workers of this Dask scheduler; the result is the same.",
        ),
    ]  # fmt: skip

    @functools.wraps(command)
    def wrapped(
        *args: Any, threads: int, processes: int | None, cluster: str | None, **kwargs: Any
    ) -> Any:
        return command(*args, work=workforce(threads, processes, cluster), **kwargs)

    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def workforce(threads: int, processes: int | None, cluster: str | None) -> Workforce:
    """Return the workforce that the options name.

    Raises
    ------
    UsageError
        If both processes and a cluster are named.
    """
    from detente.errors import UsageError
    from detente.runs import Workforce

    if processes is not None and cluster is not None:
        raise UsageError("--processes and --cluster: the work is done by one of the two")
    return Workforce(threads=threads, processes=processes, cluster=cluster)
