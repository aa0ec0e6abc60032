"""Putting the sums of a simulation together as one labelled result."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.system import Floats
from detente.crisis.kernel import sums
from detente.crisis.kernel.sums import COARSE, STEPS, TICK, Tally
from detente.crisis.model.escalation import YEAR
from detente.crisis.model.model_arrays import RUNGS
from detente.crisis.model.settings import parameters
from detente.crisis.record.ladder import BETWEENNESS, STANDARD
from detente.crisis.run.ensemble import Ensemble
from detente.crisis.run.parameter_draws import OverDraws
from detente.results.building import build, labelled, names_of
from detente.results.result import Result
from detente.results.uncertainty import error_of_share

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_WARS = 20
"""Up to this number the wars of a replica are counted one by one."""


def assemble(g: Architecture, e: Ensemble, a: Tally, over: OverDraws) -> Result:
    """Return the sums over replicas, and what they are over draws, as one labelled dataset."""
    values: dict[str, Any] = {}
    put = values.__setitem__
    n = int(a.replicas[0])
    model, days = e.model, e.days
    start = e.start.rung
    reached = sums.reached(a, start) / n
    put("start_rung", start.astype(np.int32))
    put("background", model.background * YEAR)
    put("misread", model.misread)
    put("reached", reached)
    put("reached_error", error_of_share(reached, n))
    put("first_passage", _quantiles(a.first, days))
    shares = sums.occupied(a, start, days) * TICK / days / n
    put("share_of_time", shares)
    between, error = time_between(e, a)
    put("between", between)
    put("between_error", error)
    put("on_rung", sums.fan(a, start) / n)
    put("day", np.linspace(0.0, days, STEPS + 1))
    for name in ("at_war", "drawn_in"):
        share = getattr(a, name) / n
        put(name, share)
        put(f"{name}_error", error_of_share(share, n))
    put("entry_probability", a.joined / n)
    put("entry_error", np.sqrt(np.maximum(a.joined, 1)) / n)
    any_war = float(a.wars[1:].sum()) / n
    put("any_war", any_war)
    put("any_war_error", error_of_share(any_war, n))
    put("first_war", _quantiles(a.first_war, days))
    wars = a.wars / n
    wars = np.append(wars, np.zeros(max(0, MOST_WARS + 1 - len(wars))))
    put("wars", [*wars[:MOST_WARS], wars[MOST_WARS:].sum()])
    mean = a.incidents[0] / n
    variance = a.incidents_square[0] / n - mean**2
    put("incidents", mean)
    put("incidents_variance", variance)
    put("incidents_error", (variance / n) ** 0.5)
    names = model.names
    keys = e.entry_keys
    return build(
        "simulate",
        variables={**labelled("detente.crisis.run", values), **over.variables},
        coordinates={
            "dyad": list(names),
            "rung": np.arange(RUNGS, dtype=np.int32),
            "rung_name": ("rung", list(STANDARD.rungs)),
            "start_reason": ("dyad", list(model.reason)),
            "state": list(model.states),
            "quantile": np.array(QUANTILES),
            "count": np.arange(MOST_WARS + 1, dtype=np.int32),
            "entry_war": ("entry", [names[d] for d, _ in keys] or np.empty(0, "U1")),
            "entry_opens": ("entry", [names[x] for _, x in keys] or np.empty(0, "U1")),
            "entry_state": ("entry", [model.joiner[k] for k in keys] or np.empty(0, "U1")),
            **over.coordinates,
        },
        architecture=g,
        settings={**describe(g, e, n), **over.settings},
        seed=e.seed,
        title=f"Simulation of {g.title}",
        names=names_of(g, model.states),
        replicas=n,
        days=days,
    )


def describe(g: Architecture, e: Ensemble, replicas: int) -> dict[str, Any]:
    """Return everything that went in, as plain data."""
    return {
        "scenario": {
            "name": g.name,
            "title": g.title,
            "date": g.date.isoformat(),
            "digest": g.digest,
            "changes": list(g.changes),
        },
        "detente": version("detente"),
        "seed": e.seed,
        "replicas": replicas,
        "days": e.days,
        "method": e.way,
        "branching_ratio": e.model.branching,
        "parameters": {
            p.name: {
                "value": e.model.values[p.name],
                "default": p.default,
                "unit": p.unit,
                "source": p.source,
            }
            for p in parameters()
        },
    }


def time_between(e: Ensemble, a: Tally) -> tuple[Floats, Floats]:
    """Return the mean share of time in betweenness of every dyad, and its standard error."""
    n, days = int(a.replicas[0]), e.days
    mean = sums.occupied(a, e.start.rung, days)[:, list(BETWEENNESS)].sum(axis=1) * TICK / n
    still = np.isin(e.start.rung, BETWEENNESS) * (n - a.touched) * days**2
    square = (a.between_square * COARSE**2 + still) / n
    error = np.sqrt(np.clip(square - mean**2, 0.0, None) / n)
    return mean / days, error / days


def _quantiles(counts: Any, days: float) -> Floats:
    """Return the quantiles of times counted in bins (the last axis), NaN where there are none."""
    total = counts.sum(axis=-1, dtype=np.int64)
    bins = counts.shape[-1]
    upto = np.cumsum(counts, axis=-1, dtype=np.int64)
    quantiles = np.full((*total.shape, len(QUANTILES)), np.nan)
    for place in np.argwhere(total > 0):
        at = tuple(place)
        for k, q in enumerate(QUANTILES):
            level = q * total[at]
            b = int(np.searchsorted(upto[at], level))
            before = upto[at][b - 1] if b else 0
            quantiles[(*at, k)] = (b + (level - before) / counts[at][b]) * days / bins
    return quantiles
