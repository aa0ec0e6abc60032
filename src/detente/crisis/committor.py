"""``committor``: war before calm, from the present state and as a function of two dyads' rungs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.crisis.answer import Answer, answer
from detente.crisis.ensemble import Ensemble, endings
from detente.crisis.ladder import BETWEENNESS, PEACE
from detente.crisis.model import Model, build
from detente.crisis.rules import CALM_CAME, TOP, UNDECIDED, WAR_CAME, Watch
from detente.crisis.text import percent
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

LONG = 3650.0
"""Days after which a replica that has reached neither end counts as undecided."""


def committor(
    g: Architecture,
    *,
    dyads: Sequence[str] = (),
    days: float = LONG,
    replicas: int = 10_000,
    map_replicas: int = 1000,
    calm: int = PEACE[-1],
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
    threads: int | None = None,
) -> Answer:
    """Estimate the probability of war before calm.

    Parameters
    ----------
    g : Architecture
        The scenario.
    dyads : sequence of str
        The dyads that make up the crisis, such as ``["RUS-USA"]``; by default all that stand
        between peace and war. War is war on any of them, calm is that all are at rest.
    days : float
        Replicas that have reached neither by then count as undecided.
    replicas, map_replicas : int
        How many from the present state, and from each pair of rungs of the map; 0: no map.
    calm : int
        Highest rung that counts as calm.
    seed, parameters, start, threads
        As in `simulate`.

    Returns
    -------
    Answer
        ``committor`` with ``committor_error``, ``undecided``, the median time to either end;
        and ``map`` over the rungs of the first two dyads of the crisis (one if it has one).
    """
    model = build(g, parameters, start=start)
    which = crisis(model, dyads)
    watch = watching(model, which, calm=calm)
    how, when = endings(Ensemble.of(model, days, seed), watch, replicas, threads=threads)
    q, error, undecided = share(how)
    hottest = sorted(which, key=lambda d: (-model.rung[d], -model.background[d], d))[:2]
    grid = np.arange(TOP)
    table = np.full((TOP,) * len(hottest), np.nan)
    spread = table.copy()
    if map_replicas:
        for place in np.ndindex(table.shape):
            rungs = list(model.rung)
            for d, k in zip(hottest, place, strict=True):
                rungs[d] = int(grid[k])
            there = Ensemble.of(replace(model, rung=tuple(rungs)), days, seed)
            ends, _ = endings(there, watch, map_replicas, threads=threads)
            table[place], spread[place], _ = share(ends)
    names = [model.names[d] for d in which]
    dims = tuple(f"rung_{k}" for k in range(len(hottest)))
    reading = (
        f"War comes before calm in {percent(q, error)} of replicas, on the crisis of "
        f"{', '.join(names)}.\nCalm: all of them on rung {calm} or below. Within {days:g} days "
        f"{100 * undecided:.1f} % have reached neither.\n"
        "A value near a half is a pivotal juncture: a small act can decide. It is a property of "
        "the model, whose parameters are mostly assumed."
    )
    wars, calms = when[how == WAR_CAME], when[how == CALM_CAME]
    return answer(
        "committor", reading, g, model,
        {
            "committor": ((), q, "probability", "war before calm, among the decided replicas"),
            "committor_error": ((), error, "probability", "Monte Carlo standard error"),
            "undecided": ((), undecided, "share", "replicas that reached neither in time"),
            "days_to_war": ((), _median(wars), "days", "median among the replicas with war"),
            "days_to_calm": ((), _median(calms), "days", "median among the replicas with calm"),
            "map": (dims, table, "probability", "committor by the rungs of the hottest dyads"),
            "map_error": (dims, spread, "probability", "Monte Carlo standard error of map"),
            "present": (("hottest",), [model.rung[d] for d in hottest], "rung",
                        "where the hottest dyads stand"),
        },
        {
            **dict.fromkeys(dims, grid),
            "dyad": names,
            "hottest": [model.names[d] for d in hottest],
        },
        days=days, replicas=replicas, map_replicas=map_replicas, calm=calm, seed=seed,
    )  # fmt: skip


def crisis(model: Model, dyads: Sequence[str]) -> list[int]:
    """Return the positions of the dyads that make up the crisis.

    Raises
    ------
    UsageError
        If none is named and none stands between peace and war.
    """
    if dyads:
        return [model.position(name) for name in dict.fromkeys(dyads)]
    found = [d for d, k in enumerate(model.rung) if k in BETWEENNESS]
    if not found:
        raise UsageError(
            "no dyad stands between peace and war: name the dyads of the crisis, or set where "
            "they stand"
        )
    return found


def watching(model: Model, which: Sequence[int], *, calm: int = -1, war: int = TOP) -> Watch:
    """Return the rule that stops at war or calm on some dyads."""
    on = np.zeros(len(model.dyads), dtype=np.int8)
    on[list(which)] = 1
    return Watch(on, war, calm)


def share(how: NDArray[np.int8]) -> tuple[float, float, float]:
    """Return the share of wars among the decided, its standard error, and the undecided."""
    decided = int((how != UNDECIDED).sum())
    if not decided:
        return float("nan"), float("nan"), 1.0
    q = float((how == WAR_CAME).sum()) / decided
    return q, (q * (1 - q) / decided) ** 0.5, 1 - decided / len(how)


def _median(times: NDArray[np.float64]) -> float:
    return float(np.median(times)) if len(times) else float("nan")
