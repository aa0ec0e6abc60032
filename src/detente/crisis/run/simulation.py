"""``simulate``: what could become of the crisis within a time, over many replicas."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from detente.crisis.model import arguments
from detente.crisis.model.escalation import build
from detente.crisis.run import shards
from detente.crisis.run.assembly import assemble, describe
from detente.crisis.run.ensemble import Ensemble
from detente.errors import UsageError
from detente.evidence.resolve import architecture_of
from detente.results.result import Result

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

VIEWS_MODULE = "detente.crisis.run.views"
Progress = Callable[[str, int, int], None]


def simulate(
    g: Architecture | str | os.PathLike[str],
    *,
    days: float = 365,
    replicas: int = 100_000,
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
    method: str = "auto",
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    cluster: str | None = None,
    progress: Progress | None = None,
) -> Result:
    """Simulate the crisis of an architecture.

    Parameters
    ----------
    g : Architecture, str or path
        The scenario; a string is the name of a bundled one or a path.
    days : float
        Horizon.
    replicas : int
        How many. Memory does not grow with it.
    seed : int
        With the scenario's digest the address of all chance: the same call gives the same
        result to the last bit, for any number of threads, and the first thousand replicas of a
        million are the thousand.
    parameters : mapping, optional
        Values other than the defaults in ``crisis/data/parameters.csv``.
    start : mapping of str to int, optional
        Rungs of some dyads at the start, such as ``{"RUS-USA": 4}``, instead of those that
        follow from the record.
    method : str
        ``events``, in continuous time, exact; ``days``, in steps of a day, faster where incidents
        are many; ``auto``, whichever is faster for the model and the horizon.
    threads : int, optional
        All cores by default.
    out : path, optional
        A folder: shards are kept in it as they finish, the same call goes on from what is there
        even after a kill, and ``result.zarr`` is the result.
    cluster : str, optional
        Address of a Dask scheduler, such as ``"tcp://10.0.0.5:8786"``: shards are run by its
        workers, to the same result. Needs the extra ``cluster`` here and there.
    progress : callable, optional
        Called with (what, replicas done, replicas in all).

    Returns
    -------
    Result
        With everything, labelled, in ``data``.

    Raises
    ------
    UsageError
        If the branching ratio is one or more, or an argument makes no sense.
    ResultError
        If `out` holds another run or cannot be written, or the cluster fails.

    Examples
    --------
    >>> import detente as dt
    >>> from detente.crisis.run.simulation import simulate
    >>> run = simulate(dt.load("two-blocs"), days=365, replicas=1000, seed=1)
    >>> float(run.data["reached"].sum("rung").max()) <= 6.0
    True
    """
    g = architecture_of(g)
    arguments.texts(method=method, out=out, cluster=cluster)
    if out is not None and not os.fspath(out):
        raise UsageError("the name of the folder is empty")
    arguments.settings(
        days=days,
        replicas=replicas,
        seed=seed,
        threads=threads,
        start=start,
        parameters=parameters,
        progress=progress,
    )
    ensemble = Ensemble.of(build(g, parameters, start=start), days, seed, method)

    def step(done: int, total: int) -> None:
        if progress is not None:
            progress("replicas", done, total)

    if out is None and cluster is None:
        return assemble(g, ensemble, ensemble.run(0, replicas, threads=threads, progress=step))
    settings = {
        **describe(g, ensemble, replicas),
        "start": dict(zip(ensemble.model.names, ensemble.model.rung, strict=True)),
    }
    tally = shards.run(
        ensemble, replicas, out, settings, threads=threads, cluster=cluster, progress=step
    )
    result = assemble(g, ensemble, tally)
    if out is not None:
        result.save(Path(out) / "result.zarr")
    return result
