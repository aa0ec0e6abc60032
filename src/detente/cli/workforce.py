"""Options of commands that work for long: who does it."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.options import Folder

if TYPE_CHECKING:
    from detente.runs import Workforce


def work_options(
    *, pieces: bool = False, all_cores: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return what adds the options that say who does the work: a command gets ``work``.

    That is a `Workforce`.

    Parameters
    ----------
    pieces : bool
        Whether there is an option for the folder in which pieces are kept.
    all_cores : bool
        Whether every core works if nothing is said, instead of one.
    """
    options = [
        click.option(
            "--threads", type=click.IntRange(min=1), default=None if all_cores else 1,
            show_default="all cores" if all_cores else True,
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
    if pieces:
        options.append(
            click.option(
                "--pieces", type=Folder(file_okay=False, path_type=Path), metavar="FOLDER",
                help="Keep what is done here as it is done: the same command goes on with a run "
                "that was stopped.",
            )
        )  # fmt: skip

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def wrapped(
            *args: Any, threads: int | None, processes: int | None, cluster: str | None,
            pieces: Path | None = None, **kwargs: Any,
        ) -> Any:  # fmt: skip
            work = workforce(threads or os.cpu_count() or 1, processes, cluster, pieces)
            return command(*args, work=work, **kwargs)

        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def workforce(
    threads: int, processes: int | None, cluster: str | None, folder: Path | None = None
) -> Workforce:
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
    return Workforce(threads=threads, processes=processes, cluster=cluster, folder=folder)
