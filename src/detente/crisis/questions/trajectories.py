"""``trajectories``: what happened in single replicas, event by event."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from detente.crisis.model import arguments
from detente.crisis.model import model_arrays as r
from detente.crisis.model.escalation import build
from detente.crisis.run.ensemble import Desk, Ensemble
from detente.evidence.resolve import architecture_of

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

KINDS = {r.INCIDENT: "incident", r.RISE: "rise", r.FALL: "fall", r.JOINED: "entry"}
"""What happened, by the kind in a log."""


def trajectories(
    g: Architecture | str | os.PathLike[str],
    replicas: Iterable[int],
    *,
    days: float = 365,
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
) -> pl.DataFrame:
    """Return everything that happened in some replicas of a simulation.

    The replicas are those of `simulate` with the same arguments, by their numbers from 0.

    Parameters
    ----------
    g : Architecture, str or path
        The scenario; a string is the name of a bundled one or a path.
    replicas : iterable of int
        Which ones.
    days, seed, parameters, start
        As in `simulate`.

    Returns
    -------
    polars.DataFrame
        One row an event, in order: ``replica``, ``day``, ``dyad``, ``kind`` (incident: one that
        raised nothing; rise; fall; entry: an ally enters), ``rung`` afterwards, and for an entry
        the ``state`` that enters.
    """
    g = architecture_of(g)
    arguments.settings(days=days, seed=seed, start=start, parameters=parameters)
    numbers = arguments.several("replicas", replicas, int)
    wanted = [arguments.whole("replicas", number, 0) for number in numbers]
    e = Ensemble.of(build(g, parameters, start=start), days, seed)
    desk, names, keys = Desk(e), e.model.names, e.entry_keys
    rows = []
    for number in wanted:
        log, _, _ = desk.trace(number)
        for t, d, code in zip(log.time.tolist(), log.dyad.tolist(), log.code.tolist(), strict=True):
            kind, rung = code >> 3, code & 7
            entered = kind == r.JOINED
            dyad = keys[d][1] if entered else d
            state = e.model.joiner[keys[d]] if entered else None
            rows.append((number, t, names[dyad], KINDS[kind], rung, state))
    schema = {
        "replica": pl.Int64,
        "day": pl.Float64,
        "dyad": pl.String,
        "kind": pl.String,
        "rung": pl.Int64,
        "state": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
