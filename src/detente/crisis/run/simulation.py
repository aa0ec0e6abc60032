"""``simulate``: what could become of the crisis within a time, over many replicas."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.kernel import sums
from detente.crisis.model import arguments
from detente.crisis.model.escalation import build
from detente.crisis.model.model_arrays import FORCE, TOP
from detente.crisis.run import shards
from detente.crisis.run.assembly import assemble, describe, time_between
from detente.crisis.run.ensemble import Ensemble
from detente.crisis.run.parameter_draws import (
    DRAWS,
    Drawable,
    held_by,
    in_order,
    over_draws,
    replicas_of_a_draw,
)
from detente.errors import UsageError
from detente.evidence.resolve import architecture_of
from detente.results.result import Result
from detente.runs import Arrays

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

VIEWS_MODULE = "detente.crisis.run.views"
Progress = Callable[[str, int, int], None]
QUANTITIES = {
    "any_war": ((), "probability", "probability that at least one dyad newly reaches war"),
    "force": (("dyad",), "probability", "probability of reaching the use of force"),
    "war": (("dyad",), "probability", "probability of reaching war"),
    "between": (("dyad",), "share", "mean share of the time spent in betweenness"),
    "at_war": (("state",), "probability", "probability of being a side of a new war"),
    "drawn_in": (("state",), "probability", "probability of entering a war of an ally"),
}
"""What is asked at every draw of the parameters."""


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
    draws: int = DRAWS,
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
    draws : int
        Draws of the assumed parameters from their declared ranges, each with a tenth of the
        replicas (at least 250, and fewer in a large crisis): the interval of every chance is
        over them. A parameter that is set in `parameters` is held. 0: none.
    progress : callable, optional
        Called with (what, replicas done, replicas in all), then with (what, draws done, draws in
        all).

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
        draws=draws,
    )
    model = build(g, parameters, start=start)
    ensemble = Ensemble.of(model, days, seed, method)

    def step(done: int, total: int) -> None:
        if progress is not None:
            progress("replicas", done, total)

    if out is None and cluster is None:
        tally = ensemble.run(0, replicas, threads=threads, progress=step)
    else:
        settings = {
            **describe(g, ensemble, replicas),
            "start": dict(zip(ensemble.model.names, ensemble.model.rung, strict=True)),
        }
        tally = shards.run(
            ensemble, replicas, out, settings, threads=threads, cluster=cluster, progress=step
        )
    asked = SimulatedDraw(
        Drawable(
            g, model.names, model.states, days, replicas_of_a_draw(replicas, len(model.dyads)),
            seed, dict(start or {}), held_by(parameters),
        ),
        ensemble.way,
    )  # fmt: skip
    over = over_draws(
        asked, draws, describe(g, ensemble, replicas), QUANTITIES, threads=threads,
        folder=None if out is None else Path(out) / "draws", cluster=cluster, progress=progress,
    )  # fmt: skip
    result = assemble(g, ensemble, tally, over)
    if out is not None:
        result.save(Path(out) / "result.zarr")
    return result


@dataclass(frozen=True)
class SimulatedDraw:
    """A simulation at drawn parameters: how often a new war begins, and on which dyads."""

    of: Drawable
    method: str

    def __call__(self, address: Mapping[str, Any]) -> Arrays:
        """Return the chances by name; NaN where incidents grow without end."""
        of = self.of
        model = of.model(address["parameters"])
        sizes = {"dyad": len(of.dyads), "state": len(of.states)}
        if model is None:
            return {
                name: np.full([sizes[d] for d in dims], np.nan)
                for name, (dims, _, _) in QUANTITIES.items()
            }
        ensemble = Ensemble.of(model, of.days, of.seed, self.method)
        tally = ensemble.run(0, of.replicas, threads=1)
        reached = sums.reached(tally, ensemble.start.rung) / of.replicas
        between, _ = time_between(ensemble, tally)
        by_dyad = {"force": reached[:, FORCE], "war": reached[:, TOP], "between": between}
        by_state = {name: getattr(tally, name) / of.replicas for name in ("at_war", "drawn_in")}
        return {
            "any_war": np.array(float(tally.wars[1:].sum()) / of.replicas),
            **{name: in_order(of.dyads, model.names, v) for name, v in by_dyad.items()},
            **{name: in_order(of.states, model.states, v) for name, v in by_state.items()},
        }
