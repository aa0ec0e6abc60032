"""``trajectories``: what happened in single replicas, event by event."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import polars as pl

from detente.crisis.model import model_arrays as r
from detente.crisis.model.escalation import build
from detente.crisis.run.ensemble import Desk, Ensemble
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

KINDS = {r.INCIDENT: "incident", r.RISE: "rise", r.FALL: "fall", r.JOINED: "entry"}
"""What happened, by the kind in a log."""


def trajectories(
    g: Architecture,
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
    g : Architecture
        The scenario.
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
    wanted = list(replicas)
    if any(number < 0 for number in wanted):
        raise UsageError("replicas are numbered from 0")
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
