"""``committor``: war before calm, from the present state and as a function of two dyads' rungs."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.crisis.model import arguments
from detente.crisis.model.escalation import Model, build
from detente.crisis.model.model_arrays import CALM_CAME, JOINED, TOP, UNDECIDED, WAR_CAME, Watch
from detente.crisis.questions.answer import answer
from detente.crisis.record.ladder import BETWEENNESS, PEACE
from detente.crisis.run.ensemble import Desk, Ensemble, endings
from detente.errors import UsageError
from detente.evidence.resolve import architecture_of
from detente.results.result import Result
from detente.results.uncertainty import of_replicas, wilson

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


LONG = 3650.0
"""Days after which a replica that has reached neither end counts as undecided."""
DECIDED = 0.9
"""Share of decided replicas below which the reading warns."""
FEW = 30
"""Decided replicas in a cell below which the map is not read."""
LOOKED_AT = 200
"""Wars of which it is looked up on which dyad they begin."""


def committor(
    g: Architecture | str | os.PathLike[str],
    *,
    dyads: str | Sequence[str] = (),
    days: float = LONG,
    replicas: int = 10_000,
    map_replicas: int = 1000,
    calm: int = PEACE[-1],
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
    threads: int | None = None,
) -> Result:
    """Estimate the probability of war before calm.

    Parameters
    ----------
    g : Architecture, str or path
        The scenario; a string is the name of a bundled one or a path.
    dyads : str or sequence of str
        The dyads that make up the crisis, such as ``["RUS-USA"]``; by default all that stand
        between peace and war. War is war on any of them, calm is that all are at rest. One that
        is at war at the start is refused.
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
    Result
        ``committor`` with its error and 95 % interval, ``undecided``, the median time to either
        end; ``contribution`` of each dyad to the wars; ``map`` over the rungs of the two highest
        dyads (one if the crisis has one), of equals those that contribute most; its cell of the
        present state is ``committor`` itself.
    """
    g = architecture_of(g)
    arguments.settings(
        days=days, replicas=replicas, map_replicas=map_replicas, calm=calm, seed=seed,
        threads=threads, start=start, parameters=parameters,
    )  # fmt: skip
    named = arguments.several("dyads", dyads, str)
    model = build(g, parameters, start=start)
    which = crisis(model, named)
    watch = watching(model, which, calm=calm)
    e = Ensemble.of(model, days, seed)
    how, when = endings(e, watch, replicas, threads=threads)
    q, error, undecided = share(how)
    decided = int((how != UNDECIDED).sum())
    low, high = wilson(q, decided) if decided else (np.nan, np.nan)
    begun = contribution(e, watch, which, how)
    hottest = sorted(which, key=lambda d: (-model.rung[d], -begun[d], d))[:2]
    grid = np.arange(TOP)
    table = np.full((TOP,) * len(hottest), np.nan)
    spread, least = table.copy(), map_replicas
    if map_replicas:
        present = tuple(model.rung[d] for d in hottest)
        for place in np.ndindex(table.shape):
            if place == present:
                # The present state is asked already, of as many replicas as the answer.
                table[place], spread[place] = q, error
                least = min(least, decided)
                continue
            rungs = np.array(model.rung, dtype=np.int8)
            rungs[hottest] = place
            there = e.at(e.start._replace(rung=rungs))
            ends, _ = endings(there, watch, map_replicas, threads=threads)
            table[place], spread[place], _ = share(ends)
            least = min(least, int((ends != UNDECIDED).sum()))
    names = [model.names[d] for d in which]
    dims = tuple(f"rung_{k}" for k in range(len(hottest)))
    reading = "\n".join(
        [
            *_finding(q, decided, replicas, names, calm, days),
            *left_out(model, which, named),
            *_of_map(model, hottest, which, begun, table, spread, least),
            turning(q, len(which)),
            OTHER_QUESTION,
        ]
    )
    wars, calms = when[how == WAR_CAME], when[how == CALM_CAME]
    return answer(
        "committor", reading, g, model,
        {
            "committor": ((), q, "probability", "war before calm, among the decided replicas"),
            "committor_error": ((), error, "probability", "Monte Carlo standard error"),
            "committor_low": ((), low, "probability", "lower end of the 95 % interval (Wilson)"),
            "committor_high": ((), high, "probability", "upper end of the 95 % interval (Wilson)"),
            "undecided": ((), undecided, "share", "replicas that reached neither in time"),
            "days_to_war": ((), _median(wars), "days", "median among the replicas with war"),
            "days_to_calm": ((), _median(calms), "days", "median among the replicas with calm"),
            "contribution": (("dyad",), begun[which], "share",
                             "wars that begin on the dyad, of those looked at"),
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
        dyads=list(named),
    )  # fmt: skip


def crisis(model: Model, dyads: Sequence[str]) -> list[int]:
    """Return the positions of the dyads that make up the crisis.

    Raises
    ------
    UsageError
        If none is named and none stands between peace and war, or one is at war at the start.
    """
    if dyads:
        return at_peace(model, dyads)
    between = [d for d, k in enumerate(model.rung) if k in BETWEENNESS]
    if not between:
        raise UsageError(
            "no dyad stands between peace and war: name the dyads of the crisis (--dyad AAA-BBB; "
            "in Python dyads=), or set where they stand (--start AAA-BBB=3; in Python start=)"
        )
    return between


def at_peace(model: Model, dyads: Sequence[str]) -> list[int]:
    """Return the positions of dyads, all of which can newly reach war.

    Raises
    ------
    UsageError
        If one is at war at the start.
    """
    which = list(dict.fromkeys(model.position(name) for name in dyads))
    for d in which:
        if model.rung[d] >= TOP:
            raise UsageError(
                f"{model.names[d]} is at war at the start ({model.reason[d]}), and a dyad that is "
                "at war cannot newly reach it. Name others, or set where it stands: "
                f"{model.names[d]}={TOP - 1}"
            )
    return which


def left_out(model: Model, which: Sequence[int], named: Sequence[str]) -> list[str]:
    """Say which dyads do not count since they are at war at the start, if any."""
    standing = [name for name, k in zip(model.names, model.rung, strict=True) if k >= TOP]
    if named or not standing:
        return []
    return [f"At war at the start, so that they do not count here: {', '.join(standing)}."]


def contribution(
    e: Ensemble, watch: Watch, which: Sequence[int], how: NDArray[np.int8]
) -> NDArray[np.float64]:
    """Return the share of wars that begin on each dyad, array (M,), from the first wars."""
    begun = np.zeros(len(e.model.dyads))
    wars = np.flatnonzero(how == WAR_CAME)[:LOOKED_AT]
    if len(which) < 2 or not len(wars):
        return begun
    desk = Desk(e, "events")
    for number in wars:
        log, _, _ = desk.trace(int(number), watch)
        d = int(log.dyad[-1])
        begun[int(e.rules.entry[d]) if int(log.code[-1]) >> 3 == JOINED else d] += 1 / len(wars)
    return begun


NEAR_HALF = 0.1
"""How far from one half a committor may lie to be called a turning point."""
OTHER_QUESTION = (
    "It is no chance of war within a time: simulate asks whether a war comes within its days, "
    "whatever becomes calm meanwhile. Both are properties of the model, whose parameters are "
    "mostly assumed."
)


def turning(q: float, dyads: int) -> str:
    """Say whether a committor is a turning point, at which a small act can decide."""
    if not np.isfinite(q):
        return "Whether a small act could decide is not known: nothing was decided."
    if dyads > 1:
        return (
            f"It is of whichever of {dyads} pairs goes to war first, so that one half would be "
            "the turning point of none of them: ask for one pair."
        )
    if abs(q - 0.5) <= NEAR_HALF:
        return "It is near one half, a pivotal juncture: in the model a small act can decide."
    likelier = "war" if q > 0.5 else "calm"
    return (
        f"It is far from one half: in the model {likelier} comes first, and no small act decides."
    )


def _finding(
    q: float, decided: int, replicas: int, names: Sequence[str], calm: int, days: float
) -> list[str]:
    """Return the first lines of the reading: what was found, and of how many replicas."""
    whom = f"on the crisis of {', '.join(names)}"
    ends = f"Calm: all of them on rung {calm} or below."
    if not decided:
        return [
            f"Within {days:g} days none of {replicas:,} replicas reached war or calm, {whom}.",
            f"{ends} Take a longer horizon.",
        ]
    lines = [
        f"War comes before calm in {of_replicas(q, decided)} of the {decided:,} replicas that "
        f"were decided, {whom}.",
        f"{ends} In brackets the 95 % interval. Within {days:g} days "
        f"{100 * (1 - decided / replicas):.1f} % of {replicas:,} have reached neither.",
    ]
    if decided < DECIDED * replicas:
        lines.append(
            f"Less than {DECIDED:.0%} are decided: the figure leans to what comes fast, and "
            "would be another with a longer horizon."
        )
    return lines


def _of_map(
    model: Model, hottest: Sequence[int], which: Sequence[int], begun: NDArray[np.float64],
    table: NDArray[np.float64], spread: NDArray[np.float64], least: int,
) -> list[str]:  # fmt: skip
    """Say which dyads the map is of and why, what it spans, and how sure it is."""
    if not np.isfinite(table).any():
        return []
    if least < FEW:
        return [f"The map says little: in one of its cells only {least} replicas were decided."]
    chosen = " and ".join(model.names[d] for d in hottest)
    why = ""
    if len(which) > len(hottest):
        shares = " and ".join(f"{100 * begun[d]:.0f} %" for d in hottest)
        why = f", the highest and among equals those on which most wars begin ({shares} of them)"
    return [
        f"By the rungs of {chosen}{why}, it runs from {100 * np.nanmin(table):.0f} to "
        f"{100 * np.nanmax(table):.0f} %, with standard errors up to "
        f"{100 * np.nanmax(spread):.1f} points."
    ]


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
