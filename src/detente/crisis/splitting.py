"""Rare events: adaptive multilevel splitting, for probabilities that no simulation would meet.

A population of paths is driven up the ladder: those whose highest rung is the lowest are dropped
and begin anew from where one of the others first rose above it, with fresh chance. The product
of the shares that stay is an unbiased estimate of the probability of war, for any number of
paths (Brehier, Gazeau, Goudenege, Lelievre & Rousset 2016, Annals of Applied Probability 26(6);
Cerou & Guyader 2007, Stochastic Analysis and Applications 25(2)). Independent repetitions give
its error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.answer import Answer, answer
from detente.crisis.committor import watching
from detente.crisis.ensemble import Desk, Ensemble
from detente.crisis.model import build
from detente.crisis.path import highest_so_far, joined, state_after
from detente.crisis.rules import TOP, Log, Watch, base_key
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


def rare(
    g: Architecture,
    dyads: Sequence[str],
    *,
    days: float = 365,
    paths: int = 200,
    repetitions: int = 20,
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
) -> Answer:
    """Estimate the probability that a war begins on some dyads, however small it is.

    Parameters
    ----------
    g : Architecture
        The scenario.
    dyads : sequence of str
        War on any of these counts.
    days : float
        Horizon.
    paths, repetitions : int
        Paths a repetition, and independent repetitions.
    seed, parameters, start
        As in `simulate`.
    """
    model = build(g, parameters, start=start)
    which = [model.position(name) for name in dyads]
    if not which:
        raise UsageError("name the dyads whose war is meant")
    if any(model.rung[d] >= TOP for d in which):
        raise UsageError("a dyad that is at war at the start cannot newly reach it")
    e = Ensemble.of(model, days, seed)
    found = estimate(e, watching(model, which), paths, repetitions)
    mean, error = float(found.mean()), float(found.std(ddof=1) / np.sqrt(repetitions))
    names = ", ".join(model.names[d] for d in which)
    reading = (
        f"A war begins on {names} within {days:g} days with probability {mean:.3g} ± {error:.2g} "
        f"(standard error over {repetitions} independent repetitions of {paths} paths).\n"
        "A very small number rests on the tail of a model whose parameters are assumed."
    )
    return answer(
        "rare", reading, g, model,
        {
            "probability": ((), mean, "probability", "war on any of the dyads"),
            "probability_error": ((), error, "probability", "standard error"),
            "variance": ((), float(found.var(ddof=1)), "probability squared",
                         "variance of one repetition"),
            "estimate": (("repetition",), found, "probability", "estimate of each repetition"),
        },
        {"repetition": np.arange(repetitions), "dyad": [model.names[d] for d in which]},
        days=days, paths=paths, repetitions=repetitions, seed=seed,
    )  # fmt: skip


def estimate(e: Ensemble, watch: Watch, paths: int, repetitions: int) -> Floats:
    """Return the estimate of each of several independent repetitions, array (repetitions,)."""
    if paths < 2 or repetitions < 2:
        raise UsageError("splitting needs at least two paths and two repetitions")
    desk = Desk(e)
    return np.array([_once(e, desk, watch, paths, k) for k in range(repetitions)])


def _once(e: Ensemble, desk: Desk, watch: Watch, paths: int, repetition: int) -> float:
    random = np.random.Generator(
        np.random.Philox(np.random.SeedSequence([e.seed, int(e.key), repetition]))
    )

    def key(level: int) -> np.uint64:
        return np.uint64(base_key(e.seed, f"{e.model.digest}:split:{repetition}:{level}"))

    logs: list[Log] = []
    scores: list[NDArray[np.int8]] = []
    for k in range(paths):
        log, _, _ = desk.trace(k, watch, key=key(0))
        logs.append(log)
        scores.append(highest_so_far(log, e.rules, e.start, watch.dyads))
    share, level = 1.0, 0
    while True:
        top = np.array([score[-1] for score in scores])
        lowest = int(top.min())
        if lowest >= TOP:
            return share
        alive = np.flatnonzero(top > lowest)
        if not len(alive):
            return 0.0
        share *= len(alive) / paths
        level += 1
        dead = np.flatnonzero(top <= lowest)
        chosen = alive[random.integers(0, len(alive), len(dead))]
        for k, parent in zip(dead.tolist(), chosen.tolist(), strict=True):
            # The first entry after which the parent stands above the level that is left behind.
            entries = int(np.argmax(scores[parent] > lowest))
            state, now = state_after(logs[parent], entries, e.rules, e.start)
            if state.rung[watch.dyads > 0].max() >= TOP:
                rest = Log(np.empty(0), np.empty(0, np.int32), np.empty(0, np.int8))
            else:
                rest, _, _ = desk.trace(k, watch, start=state, key=key(level), days=e.days - now)
            logs[k] = joined(logs[parent], entries, rest, now)
            scores[k] = highest_so_far(logs[k], e.rules, e.start, watch.dyads)
