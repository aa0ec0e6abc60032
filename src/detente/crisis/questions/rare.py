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
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

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
from detente.crisis.questions.committor import at_peace, other_rung, watching
from detente.crisis.run.draws_text import (
    assumed_in_words,
    drawn,
    driver_in_words,
    ratio_in_words,
    ratio_of,
    times_as,
)
from detente.crisis.run.ensemble import Desk, Ensemble
from detente.crisis.run.parameter_draws import DRAWS, Drawable, held_by, over_draws
from detente.errors import UsageError
from detente.evidence.resolve import architecture_of
from detente.results.result import Result
from detente.runs import Arrays

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
    draws: int = DRAWS,
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
    draws : int
        Draws of the assumed parameters, each of two repetitions of half the paths: the interval
        is over them, and so is how much likelier the war is than from one rung lower. 0: none.
    progress : callable, optional
        Called with (what, repetitions done, repetitions in all), then with (what, draws done,
        draws in all).

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
        draws=draws,
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
    shifted = other_rung(model, which)
    asked = RareDraw(
        Drawable(
            g, model.names, model.states, days, REPETITIONS * max(2, paths // 2), seed,
            dict(start or {}), held_by(parameters),
        ),
        tuple(model.names[d] for d in which), max(2, paths // 2),
        {name: model.rung[model.position(name)] for name in shifted}, shifted,
    )  # fmt: skip
    over = over_draws(
        asked, draws, {"question": "rare", "days": days, "dyads": names, "shifted": dict(shifted)},
        QUANTITIES, threads=threads, progress=progress,
    )  # fmt: skip
    beside = model.at(shifted)
    reference = estimate(
        Ensemble.of(beside, days, seed), watching(beside, which), paths, repetitions,
        threads=threads,
    )  # fmt: skip
    result = answer(
        "rare", "", g, model,
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
            "shifted": ((), float(reference.mean()), "probability",
                        "the same war if the first of the dyads stood on the rung beside"),
            **over.variables,
        },
        {
            "repetition": np.arange(repetitions),
            "dyad": [model.names[d] for d in which],
            **over.coordinates,
        },
        days=days, paths=paths, repetitions=repetitions, seed=seed, dyads=list(named),
        shifted=shifted, **over.settings,
    )  # fmt: skip
    result.data.attrs["reading"] = _reading(result, names, died)
    return result


QUANTITIES = {
    "probability": ((), "probability", "war on any of the dyads"),
    "standing": ((), "probability", "the same from the rungs of the defaults"),
    "shifted": ((), "probability", "the same from the rung beside"),
}
REPETITIONS = 2
"""Repetitions at each draw of the parameters."""


@dataclass(frozen=True)
class RareDraw:
    """A rare war at drawn parameters, from where it stands and from the rung beside."""

    of: Drawable
    dyads: tuple[str, ...]
    paths: int
    standing: Mapping[str, int]
    shifted: Mapping[str, int]

    def __call__(self, address: Mapping[str, Any]) -> Arrays:
        """Return both probabilities; NaN where incidents grow without end."""
        model = self.of.model(address["parameters"])
        if model is None:
            return dict.fromkeys(QUANTITIES, np.array(np.nan))
        which = [model.position(name) for name in self.dyads]
        chances = {}
        there, beside = (model.at(rungs) for rungs in (self.standing, self.shifted))
        for name, at in (("probability", model), ("standing", there), ("shifted", beside)):
            e = Ensemble.of(at, self.of.days, self.of.seed)
            found = estimate(e, watching(at, which), self.paths, REPETITIONS, threads=1)
            chances[name] = np.array(found.mean())
        return chances


def _reading(result: Result, names: str, died: int) -> str:
    """Say how likely the war is: against the rung beside first, then by itself."""
    data, settings = result.data, result.settings
    days, paths, repetitions = (settings[k] for k in ("days", "paths", "repetitions"))
    of = f"{repetitions} independent repetitions of {paths} paths"
    tail = "A very small number rests on the tail of a model whose parameters are assumed."
    mean, error = float(data["probability"]), float(data["probability_error"])
    if died == repetitions:
        return "\n".join(
            [
                f"No war began on {names} within {days:g} days: all {of} died out on the way. So "
                f"the probability is below {float(data['bound']):.2g} (95 %), since as many "
                "independent paths from the start met none; it may be far smaller. More paths "
                "tell it.",
                *_over_draws(result),
                tail,
            ]
        )
    lines = [
        beside_in_words(result),
        driver_in_words(result, "probability", "the war"),
        f"A war begins on {names} within {days:g} days with probability {mean:.3g}"
        + (f" ({interval_of_rare(result)})" if drawn(result) else "")
        + f". Monte Carlo error: {error:.2g} (standard error over {of}).",
        assumed_in_words(result),
    ]
    if died:
        lines.append(
            f"{died} of the repetitions died out and count as 0: with more paths the error is "
            "smaller, and better known."
        )
    return "\n".join([line for line in lines if line] + [tail])


def _over_draws(result: Result) -> list[str]:
    if not drawn(result):
        return [assumed_in_words(result)]
    return [f"Over the draws it is {interval_of_rare(result)}.", assumed_in_words(result)]


def interval_of_rare(result: Result) -> str:
    """Return the interval of the probability over the draws, with two digits at both ends."""
    low, high = (float(result.data[f"probability_drawn_{end}"]) for end in ("low", "high"))
    return f"{low:.2g} to {high:.2g} over drawn parameters"


def beside_in_words(result: Result, names: Callable[[str], str] = str) -> str:
    """Say how likely the war is against the same from the rung beside; empty if that has none."""
    data, shifted = result.data, dict(result.settings.get("shifted", {}))
    if not shifted or not float(data["shifted"]) > 0 or not float(data["probability"]) > 0:
        return ""
    ((dyad, rung),) = shifted.items()
    ratio = float(data["probability"]) / float(data["shifted"])
    text = f"The war is {times_as(ratio)} it would be if {names(dyad)} stood on rung {rung}"
    if drawn(result):
        words = ratio_in_words(ratio_of(result, "standing", "shifted"))
        text += f" ({words})" if words else ""
    return f"{text}."


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
