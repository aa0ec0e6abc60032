"""Rare events: adaptive multilevel splitting, for probabilities that no simulation would meet.

A population of paths is driven towards war: those whose highest score is the lowest are dropped
and begin anew from where one of the others first rose above it, with fresh chance. The product
of the shares that stay is an unbiased estimate of the probability of war, for any number of
paths and any score that is highest at war alone (Brehier, Gazeau, Goudenege, Lelievre & Rousset
2016, Annals of Applied Probability 26(6); Cerou & Guyader 2007, Stochastic Analysis and
Applications 25(2)). Independent repetitions give its error.

The score sees two ways to war: a watched dyad climbs by itself, or an ally enters from a war
elsewhere. See `score_table`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.crisis.kernel.replay import joined, state_after
from detente.crisis.model import arguments
from detente.crisis.model.escalation import build
from detente.crisis.model.model_arrays import (
    FORCE,
    JOINED,
    RUNGS,
    TOP,
    Log,
    Rules,
    Start,
    Watch,
    base_key,
)
from detente.crisis.questions.answer import answer
from detente.crisis.questions.committor import at_peace, watching
from detente.crisis.run.ensemble import Desk, Ensemble
from detente.errors import UsageError
from detente.evidence.resolve import architecture_of
from detente.results.result import Result

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


GOAL = 2 * TOP
"""Score of war on a watched dyad."""
DOUBT = 0.05
"""One minus the level of the bound where no repetition reaches war."""
Progress = Callable[[str, int, int], None]


def rare(
    g: Architecture | str | os.PathLike[str],
    dyads: str | Sequence[str],
    *,
    days: float = 365,
    paths: int = 200,
    repetitions: int = 20,
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Estimate the probability that a war begins on some dyads, however small it is.

    Parameters
    ----------
    g : Architecture, str or path
        The scenario; a string is the name of a bundled one or a path.
    dyads : str or sequence of str
        War on any of these counts.
    days : float
        Horizon.
    paths, repetitions : int
        Paths a repetition, and independent repetitions.
    seed, parameters, start, threads
        As in `simulate`.
    progress : callable, optional
        Called with (what, repetitions done, repetitions in all).

    Returns
    -------
    Result
        ``probability`` with its error; where no repetition reaches war there is no error, and
        ``bound`` is what the probability is below, at 95 %.
    """
    g = architecture_of(g)
    arguments.settings(
        days=days,
        paths=paths,
        repetitions=repetitions,
        seed=seed,
        threads=threads,
        start=start,
        parameters=parameters,
        progress=progress,
    )
    named = arguments.several("dyads", dyads, str)
    model = build(g, parameters, start=start)
    which = at_peace(model, named)
    if not which:
        raise UsageError("name the dyads whose war is meant (--dyad AAA-BBB; in Python dyads=)")
    e = Ensemble.of(model, days, seed)
    estimates = estimate(
        e, watching(model, which), paths, repetitions, threads=threads, progress=progress
    )
    died = int((estimates == 0).sum())
    mean, error = float(estimates.mean()), float(estimates.std(ddof=1) / np.sqrt(repetitions))
    if died == repetitions:
        error = float("nan")
    bound = 1 - DOUBT ** (1 / (paths * repetitions)) if died == repetitions else float("nan")
    names = ", ".join(model.names[d] for d in which)
    return answer(
        "rare", _reading(names, days, mean, error, bound, died, paths, repetitions), g, model,
        {
            "probability": ((), mean, "probability", "war on any of the dyads"),
            "probability_error": ((), error, "probability",
                                  "standard error, NaN where no repetition reaches war"),
            "bound": ((), bound, "probability",
                      "95 % upper bound where no repetition reaches war, else NaN"),
            "variance": ((), float(estimates.var(ddof=1)), "probability squared",
                         "variance of one repetition"),
            "estimate": (("repetition",), estimates, "probability",
                         "estimate of each repetition, 0 where all its paths stay below war"),
        },
        {"repetition": np.arange(repetitions), "dyad": [model.names[d] for d in which]},
        days=days, paths=paths, repetitions=repetitions, seed=seed, dyads=list(named),
    )  # fmt: skip


def _reading(
    names: str, days: float, mean: float, error: float, bound: float, died: int, paths: int,
    repetitions: int,
) -> str:  # fmt: skip
    of = f"{repetitions} independent repetitions of {paths} paths"
    tail = "A very small number rests on the tail of a model whose parameters are assumed."
    if died == repetitions:
        return (
            f"No war began on {names} within {days:g} days: all {of} died out on the way. So the "
            f"probability is below {bound:.2g} (95 %), since as many independent paths from the "
            "start met none; it may be far smaller. More paths tell it.\n"
            f"{tail}"
        )
    lines = [
        f"A war begins on {names} within {days:g} days with probability {mean:.3g} ± {error:.2g} "
        f"(standard error over {of})."
    ]
    if died:
        lines.append(
            f"{died} of the repetitions died out and count as 0: with more paths the error is "
            "smaller, and better known."
        )
    return "\n".join([*lines, tail])


def estimate(
    e: Ensemble, watch: Watch, paths: int, repetitions: int, *, threads: int | None = None,
    progress: Progress | None = None,
) -> Floats:  # fmt: skip
    """Return the estimate of each of several independent repetitions, array (repetitions,).

    A repetition is a function of its number, whatever thread runs it.
    """
    if paths < 2 or repetitions < 2:
        raise UsageError("splitting needs at least two paths and two repetitions")
    table = score_table(e.rules, watch)
    _ = e.packed, e.begin  # made once, before the threads begin
    count = min(threads or os.cpu_count() or 1, repetitions)
    estimates = np.zeros(repetitions)

    def work(first: int) -> None:
        desk = Desk(e, "events")
        for k in range(first, repetitions, count):
            estimates[k] = _once(e, desk, watch, table, paths, k)
            if progress is not None and first == 0:
                progress("repetitions", min(k + count, repetitions), repetitions)

    if count == 1:
        work(0)
        return estimates
    with ThreadPoolExecutor(count) as pool:
        for done in [pool.submit(work, first) for first in range(count)]:
            done.result()
    return estimates


def score_table(m: Rules, watch: Watch) -> NDArray[np.int8]:
    """Return the score of every dyad on every rung, array (M, 6); a state has the highest of them.

    A watched dyad scores twice its rung. A dyad whose war may call an ally into war on a watched
    one scores twice its rung less one, up to the use of force. Its own war adds nothing: whether
    the ally enters is decided with the war, so that there is no state in between.
    """
    rungs = np.arange(RUNGS)
    table = np.zeros((len(m.background), RUNGS), np.int8)
    opens = (watch.dyads[m.entry] > 0) & (np.maximum(m.entry_first, m.entry_second) > 0)
    feeds = np.repeat(np.arange(len(table)), np.diff(m.entry_ptr))[opens]
    if m.entry_rung == TOP:
        table[feeds] = np.maximum(2 * np.minimum(rungs, FORCE) - 1, 0)
    table[watch.dyads > 0] = 2 * rungs
    return table


def scores(log: Log, m: Rules, start: Start, table: NDArray[np.int8]) -> NDArray[np.int8]:
    """Return the highest score so far after each entry of a log, from the start on."""
    dyad, entered = log.dyad.copy(), log.code >> 3 == JOINED
    dyad[entered] = m.entry[log.dyad[entered]]
    first = table[np.arange(len(table)), start.rung].max(initial=0)
    entries = np.concatenate([[first], table[dyad, log.code & 7]])
    highest: NDArray[np.int8] = np.maximum.accumulate(entries.astype(np.int8))
    return highest


def _crossing(log: Log, score: NDArray[np.int8], level: int) -> int:
    """Return the entries of a log until its score is above a level, with all of the last event.

    Allies enter together with the war that calls them, and a path that is taken up again must
    not begin between the two: those who had not yet entered would never.
    """
    entries = int(np.argmax(score > level))
    while entries < len(log.code) and int(log.code[entries]) >> 3 == JOINED:
        entries += 1
    return entries


def _once(
    e: Ensemble, desk: Desk, watch: Watch, table: NDArray[np.int8], paths: int, repetition: int
) -> float:
    random = np.random.Generator(
        np.random.Philox(np.random.SeedSequence([e.seed, int(e.key), repetition]))
    )

    def key(level: int) -> np.uint64:
        return np.uint64(base_key(e.seed, f"{e.model.digest}:split:{repetition}:{level}"))

    logs: list[Log] = []
    score: list[NDArray[np.int8]] = []
    for k in range(paths):
        log, _, _ = desk.trace(k, watch, key=key(0))
        logs.append(log)
        score.append(scores(log, e.rules, e.start, table))
    share, level = 1.0, 0
    while True:
        top = np.array([path[-1] for path in score])
        lowest = int(top.min())
        if lowest >= GOAL:
            return share
        alive = np.flatnonzero(top > lowest)
        if not len(alive):
            return 0.0
        share *= len(alive) / paths
        level += 1
        dead = np.flatnonzero(top <= lowest)
        chosen = alive[random.integers(0, len(alive), len(dead))]
        for k, parent in zip(dead.tolist(), chosen.tolist(), strict=True):
            entries = _crossing(logs[parent], score[parent], lowest)
            state, now = state_after(logs[parent], entries, e.rules, e.start)
            if state.rung[watch.dyads > 0].max() >= TOP:
                rest = Log(np.empty(0), np.empty(0, np.int32), np.empty(0, np.int8))
            else:
                rest, _, _ = desk.trace(k, watch, start=state, key=key(level), days=e.days - now)
            logs[k] = joined(logs[parent], entries, rest, now)
            score[k] = scores(logs[k], e.rules, e.start, table)
