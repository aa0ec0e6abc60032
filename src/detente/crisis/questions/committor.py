"""``committor``: war before calm, from the present state and as a function of two dyads' rungs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.crisis.model import arguments
from detente.crisis.model.escalation import Model, build
from detente.crisis.model.model_arrays import CALM_CAME, JOINED, TOP, UNDECIDED, WAR_CAME, Watch
from detente.crisis.questions.answer import answer
from detente.crisis.record.ladder import BETWEENNESS, PEACE
from detente.crisis.run.draws_text import (
    assumed_in_words,
    chance,
    drawn,
    driver_in_words,
    monte_carlo_in_words,
    ratio_in_words,
    ratio_of,
    times_as,
    with_interval,
)
from detente.crisis.run.ensemble import Desk, Ensemble, endings
from detente.crisis.run.parameter_draws import (
    DRAWS,
    Drawable,
    held_by,
    over_draws,
    replicas_of_a_draw,
)
from detente.errors import UsageError
from detente.evidence.resolve import architecture_of
from detente.results.result import Result
from detente.results.uncertainty import wilson
from detente.runs import Arrays

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
    draws: int = DRAWS,
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
    draws : int
        Draws of the assumed parameters, for the interval of the committor and of how many times
        it is what it would be from the rung beside. 0: none.

    Returns
    -------
    Result
        ``committor`` with its Monte Carlo error and interval, and its interval over the draws;
        ``shifted``, the same from the rung beside; ``within``, what `simulate` would answer for
        the same dyads; ``undecided``, the median time to either
        end; ``contribution`` of each dyad to the wars; ``map`` over the rungs of the two highest
        dyads (one if the crisis has one), of equals those that contribute most; its cell of the
        present state is ``committor`` itself.
    """
    g = architecture_of(g)
    arguments.settings(
        days=days, replicas=replicas, map_replicas=map_replicas, calm=calm, seed=seed,
        threads=threads, start=start, parameters=parameters, draws=draws,
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
    shifted = other_rung(model, which)
    beside = e.at(model.at(shifted).start())
    ends, _ = endings(beside, watch, replicas, threads=threads)
    near, near_error, _ = share(ends)
    horizon = min(days, YEAR_LONG)
    apart, _ = endings(
        Ensemble.of(model, horizon, seed), watching(model, which), replicas, threads=threads
    )
    within = float((apart == WAR_CAME).mean())
    names = [model.names[d] for d in which]
    asked = CommittorDraw(
        Drawable(
            g, model.names, model.states, days, replicas_of_a_draw(replicas, 1), seed,
            dict(start or {}), held_by(parameters),
        ),
        tuple(names), calm, {name: model.rung[model.position(name)] for name in shifted}, shifted,
    )  # fmt: skip
    over = over_draws(
        asked, draws, {"question": "committor", "days": days, "calm": calm, "dyads": names},
        QUANTITIES, threads=threads,
    )  # fmt: skip
    dims = tuple(f"rung_{k}" for k in range(len(hottest)))
    wars, calms = when[how == WAR_CAME], when[how == CALM_CAME]
    result = answer(
        "committor", "", g, model,
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
            "shifted": ((), near, "probability",
                        "committor if the highest of the dyads stood on the rung beside"),
            "shifted_error": ((), near_error, "probability", "Monte Carlo standard error"),
            "within": ((), within, "probability",
                       "war on any of the dyads within the days of `horizon`, calm or not"),
            **over.variables,
        },
        {
            **dict.fromkeys(dims, grid),
            "dyad": names,
            "hottest": [model.names[d] for d in hottest],
            **over.coordinates,
        },
        days=days, replicas=replicas, map_replicas=map_replicas, calm=calm, seed=seed,
        dyads=list(named), horizon=horizon, shifted=shifted, **over.settings,
    )  # fmt: skip
    result.data.attrs["reading"] = "\n".join(
        [
            *relative(result),
            *_finding(result, q, decided, replicas, names, calm, days),
            *left_out(model, which, named),
            *_of_map(model, hottest, which, begun, table, spread, least),
            turning(q, len(which)),
            what_differs(result),
        ]
    )
    return result


QUANTITIES = {
    "committor": ((), "probability", "war before calm"),
    "standing": ((), "probability", "the same from the rungs of the defaults"),
    "shifted": ((), "probability", "the same from the rung beside"),
}
YEAR_LONG = 365.0
"""Days of `simulate` unless others are asked for."""


@dataclass(frozen=True)
class CommittorDraw:
    """A committor at drawn parameters, from where the crisis stands and from the rung beside."""

    of: Drawable
    dyads: tuple[str, ...]
    calm: int
    standing: Mapping[str, int]
    shifted: Mapping[str, int]

    def __call__(self, address: Mapping[str, Any]) -> Arrays:
        """Return both committors; NaN where nothing is decided or incidents grow without end."""
        model = self.of.model(address["parameters"])
        if model is None:
            return dict.fromkeys(QUANTITIES, np.array(np.nan))
        which = [model.position(name) for name in self.dyads]
        watch = watching(model, which, calm=self.calm)
        e = Ensemble.of(model, self.of.days, self.of.seed)
        there, beside = (model.at(rungs) for rungs in (self.standing, self.shifted))
        chances = {}
        for name, at in (("committor", model), ("standing", there), ("shifted", beside)):
            how, _ = endings(e.at(at.start()), watch, self.of.replicas, threads=1)
            chances[name] = np.array(share(how)[0])
        return chances


def other_rung(model: Model, which: Sequence[int]) -> dict[str, int]:
    """Return where the highest of some dyads would stand on the rung beside: lower if there is."""
    highest = max(which, key=lambda d: (model.rung[d], -d))
    rung = model.rung[highest]
    return {model.names[highest]: rung - 1 if rung else 1}


def relative(found: Result, names: Callable[[str], str] = str) -> list[str]:
    """Return what is said before the committor: against the rung beside, and what moves it."""
    data = found.data
    lines = []
    if float(data["shifted"]) > 0 and float(data["committor"]) > 0:
        ((dyad, rung),) = dict(found.settings["shifted"]).items()
        ratio = float(data["committor"]) / float(data["shifted"])
        text = (
            f"War before calm is {times_as(ratio)} it would be if {names(dyad)} stood on rung "
            f"{rung}"
        )
        words = ratio_in_words(ratio_of(found, "standing", "shifted")) if drawn(found) else ""
        lines.append(f"{text} ({words})." if words else f"{text}.")
    if mover := driver_in_words(found, "committor", "war before calm"):
        lines.append(mover)
    return lines


def what_differs(found: Result) -> str:
    """Say what parts the committor from the answer of `simulate` for the same dyads."""
    settings, data = found.settings, found.data
    several = (
        " Over several dyads both are of any of them, and so larger than for each alone."
        if data.sizes["dyad"] > 1
        else ""
    )
    return (
        f"simulate, from the same start, counts a war on the same within {settings['horizon']:g} "
        f"days whether or not calm comes first: {chance(float(data['within']))}. The committor "
        f"ends at the first calm, and waits for up to {settings['days']:g} days.{several} Both are "
        "properties of the model, whose parameters are mostly assumed."
    )


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
    found: Result,
    q: float,
    decided: int,
    replicas: int,
    names: Sequence[str],
    calm: int,
    days: float,
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
        f"War comes before calm in {_committor_in_words(found)} of the {decided:,} replicas that "
        f"were decided, {whom}. "
        + monte_carlo_in_words(found, "committor", float(found.data["committor_error"])),
        assumed_in_words(found),
        f"{ends} Within {days:g} days "
        f"{100 * (1 - decided / replicas):.1f} % of {replicas:,} have reached neither.",
    ]
    if decided < DECIDED * replicas:
        lines.append(
            f"Less than {DECIDED:.0%} are decided: the figure leans to what comes fast, and "
            "would be another with a longer horizon."
        )
    return lines


def _committor_in_words(found: Result) -> str:
    return with_interval(
        found, "committor", float(found.data["committor"]), float(found.data["committor_error"])
    )


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
