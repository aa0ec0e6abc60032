"""``no_return``: from which state on the way to war does no act in a list help any more?"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.crisis.kernel.replay import state_after
from detente.crisis.model import arguments
from detente.crisis.model import model_arrays as r
from detente.crisis.model.escalation import Model
from detente.crisis.model.model_arrays import CALM_CAME, WAR_CAME, Start
from detente.crisis.questions.answer import answer
from detente.crisis.questions.committor import LONG, crisis, left_out, watching
from detente.crisis.questions.intervene import (
    Act,
    ensemble_of,
    highest_background,
    read_acts,
    variants,
)
from detente.crisis.record.ladder import PEACE
from detente.crisis.run.ensemble import Desk, Ensemble, endings
from detente.errors import Undefined
from detente.evidence.resolve import architecture_of
from detente.results.result import Result
from detente.results.uncertainty import of_replicas, wilson

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.crisis.model.acts import Intervention

HALF = 0.5
SIDE = 3.0
"""Standard errors by which an estimate lies clearly on one side of a half."""
BATCH = 20
"""Replicas between two looks at an estimate."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Estimate:
    """War before calm from a state: wars among decided replicas.

    Attributes
    ----------
    wars, decided : int
        Replicas with war, and with war or calm.
    """

    wars: int
    decided: int

    @property
    def value(self) -> float:
        """The share of wars; NaN if nothing was decided."""
        return self.wars / self.decided if self.decided else float("nan")

    @property
    def error(self) -> float:
        """Half the width of the interval of one standard error or so, never 0."""
        low, high = wilson(self.value, self.decided) if self.decided else (0.0, 1.0)
        return (high - low) / 4

    @property
    def side(self) -> int:
        """1 clearly above a half, -1 clearly below, 0 within the error of it.

        Judged by the error that the share would have if the chance were a half.
        """
        away = self.wars - HALF * self.decided
        if abs(away) <= SIDE * HALF * self.decided**0.5:
            return 0
        return 1 if away > 0 else -1


@dataclass(frozen=True, slots=True)
class Turn:
    """A state on a path to war, right after the crisis has changed its rung.

    Attributes
    ----------
    day : float
        When.
    rung : int
        Highest rung of the crisis.
    untouched : Estimate
        War before calm if nothing is done.
    best : str
        The act that helps, or that helps most; empty if none was tried.
    under : Estimate or None
        War before calm under it.
    held : bool
        Whether some act, or none being needed, leaves war before calm not clearly above a half.
    """

    day: float
    rung: int
    untouched: Estimate
    best: str
    under: Estimate | None
    held: bool


def no_return(
    g: Architecture | str | os.PathLike[str],
    acts: Act | Sequence[Act],
    *,
    dyads: str | Sequence[str] = (),
    paths: int = 10,
    replicas: int = 400,
    calm: int = PEACE[-1],
    days: float = LONG,
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> Result:
    """Find, on sampled paths to war, the earliest state from which no act helps.

    A point of no return is the earliest state on a path from which war before calm is likelier
    than not whatever is done: without an act, and under every single act of the list. Likelier
    than not means above a half by three standard errors; where the estimate is within its error
    of a half after all replicas, the state is not taken for such a point.

    Parameters
    ----------
    g : Architecture, str or path
        The scenario; a string is the name of a bundled one or a path.
    acts : sequence of str, Change or Intervention
        The acts that could be taken.
    dyads : str or sequence of str
        The dyads of the crisis; by default all that stand between peace and war.
    paths : int
        Paths to war that are looked at.
    replicas : int
        Replicas for each committor at most: an estimate ends as soon as it is clearly on one side
        of a half.
    calm, days, seed, parameters, start, threads
        As in `committor`.
    progress : callable, optional
        Called with (what, paths done, paths in all).

    Returns
    -------
    Result
        Along ``path``: ``day``, ``war_day``, ``warning`` (their difference), ``rung`` of the
        point, NaN or -1 where there is none; ``highest``, the highest committor without an act
        before the war, with its error, day and rung. Along ``path`` and ``turn``: ``untouched``,
        the committor without an act after each change of a rung of the crisis, with its error.

    Raises
    ------
    UsageError
        If an argument makes no sense.
    Undefined
        If no sampled path leads to war.
    """
    g = architecture_of(g)
    arguments.settings(
        days=days, replicas=replicas, paths=paths, calm=calm, seed=seed, threads=threads,
        start=start, parameters=parameters, progress=progress,
    )  # fmt: skip
    done = read_acts(g, acts)
    named = arguments.several("dyads", dyads, str)
    models = variants(g, done, parameters, start)
    base = models[0]
    which = crisis(base, named)
    watch = watching(base, which, calm=calm)
    e = Ensemble.of(base, days, seed, "events")
    how, _ = endings(e, watch, max(2000, 40 * paths), threads=threads)
    wars = np.flatnonzero(how == WAR_CAME)[:paths]
    if not len(wars):
        raise Undefined(
            f"no path of {len(how):,} leads to war before calm: there is no point of no return to "
            "find"
        )
    walk = Walk(e, watch, which, models, done, replicas)
    turns: list[list[Turn]] = []
    war_days = []
    for k, number in enumerate(wars):
        if progress is not None:
            progress("paths to war", k, len(wars))
        along, war_day = walk.along(int(number))
        turns.append(along)
        war_days.append(war_day)
    if progress is not None:
        progress("paths to war", len(wars), len(wars))
    return _answer(
        g, base, turns, np.array(war_days), wars, done,
        _reading(turns, war_days, how, base, which, named),
        days=days, paths=paths, replicas=replicas, calm=calm, seed=seed, dyads=list(named),
    )  # fmt: skip


class Walk:
    """Walks along paths to war and asks, at every turn, what could still be done."""

    def __init__(
        self, e: Ensemble, watch: r.Watch, which: Sequence[int], models: Sequence[Model],
        acts: Sequence[Intervention], replicas: int,
    ) -> None:  # fmt: skip
        self.e, self.watch, self.which = e, watch, list(which)
        self.models, self.acts, self.replicas = models, acts, replicas
        self.desk = Desk(e, "events")
        # What an act does to the rates does not depend on the state in which it is taken, so
        # that the rules under each act are made once; what it does to the state is made there.
        acted = [act.act(model) for act, model in zip(acts, models[1:], strict=True)]
        top = highest_background([models[0], *acted])
        self.desks = [Desk(ensemble_of(model, top, e.days, e.seed), "events") for model in acted]

    def along(self, number: int) -> tuple[list[Turn], float]:
        """Return the turns of a path up to the point of no return or the war, and its day."""
        log, _, war_day = self.desk.trace(number, self.watch)
        turns, states = [], []
        for entries in _turns(self.e, self.which, log):
            state, now = state_after(log, entries, self.e.rules, self.e.start)
            turns.append(self.turn(state, now))
            states.append(state)
            if not turns[-1].held:
                break
        # The highest of many estimates from few replicas is one that chance has raised.
        high = turns.index(_highest(turns))
        turns[high] = replace(
            turns[high], untouched=self.estimate(self.desk, states[high], full=True)
        )
        return turns, war_day

    def turn(self, state: Start, now: float) -> Turn:
        """Estimate the committor of a state without an act and, where it is needed, under each."""
        rung = int(state.rung[self.which].max())
        untouched = self.estimate(self.desk, state)
        if untouched.side < 0:
            return Turn(now, rung, untouched, "", None, True)
        best, under = "", None
        for act, model, desk in zip(self.acts, self.models[1:], self.desks, strict=True):
            under_act = self.estimate(desk, _after(act, model, state))
            if under is None or under_act.value < under.value:
                best, under = str(act), under_act
            if under_act.side < 0:
                return Turn(now, rung, untouched, str(act), under_act, True)
        held = untouched.side == 0 or under is None or under.side == 0
        return Turn(now, rung, untouched, best, under, held)

    def estimate(self, desk: Desk, state: Start, *, full: bool = False) -> Estimate:
        """Estimate war before calm from a state, until it is clearly on one side of a half.

        In full: from all replicas.
        """
        how, when = np.zeros(self.replicas, np.int8), np.zeros(self.replicas)
        last, estimate = 0, Estimate(0, 0)
        while last < self.replicas and not estimate.side:
            first, last = last, self.replicas if full else min(self.replicas, max(BATCH, 2 * last))
            desk.endings(first, last, self.watch, how, when, state)
            wars = int((how[:last] == WAR_CAME).sum())
            estimate = Estimate(wars, wars + int((how[:last] == CALM_CAME).sum()))
        return estimate


def _after(act: Intervention, model: Model, state: Start) -> Start:
    """Return the state after an act that is taken in it."""
    rung = tuple(int(k) for k in state.rung)
    there = replace(model, rung=rung, excitation=state.excitation, mood=state.mood)
    return act.act(there).start()


def _turns(e: Ensemble, which: Sequence[int], log: r.Log) -> list[int]:
    """Return the numbers of entries after which the crisis had changed its rung, war left out."""
    places = [0]
    dyads = set(which)
    for i, (d, code) in enumerate(zip(log.dyad, log.code, strict=True)):
        kind, rung = int(code) >> 3, int(code) & 7
        x = int(e.rules.entry[d]) if kind == r.JOINED else int(d)
        if kind != r.INCIDENT and x in dyads and rung < r.TOP:
            places.append(i + 1)
    return places


def _highest(turns: Sequence[Turn]) -> Turn:
    """Return the turn with the highest committor without an act."""
    return max(turns, key=lambda turn: (turn.untouched.value, turn.untouched.decided))


def _answer(
    g: Architecture, base: Model, turns: Sequence[Sequence[Turn]], war: NDArray[np.float64],
    numbers: NDArray[np.int64], acts: Sequence[Intervention], reading: str, **settings: object,
) -> Result:  # fmt: skip
    points = [None if along[-1].held else along[-1] for along in turns]
    day = np.array([np.nan if p is None else p.day for p in points])
    most = max(len(along) for along in turns)
    value, error, when = (np.full((len(turns), most), np.nan) for _ in range(3))
    for k, along in enumerate(turns):
        for j, turn in enumerate(along):
            value[k, j], error[k, j] = turn.untouched.value, turn.untouched.error
            when[k, j] = turn.day
    high = [_highest(along) for along in turns]
    last = [_last_tried(along) for along in turns]
    return answer(
        "no_return", reading, g, base,
        {
            "day": (("path",), day, "days", "day of the point of no return, NaN if there is none"),
            "war_day": (("path",), war, "days", "day of the war"),
            "warning": (("path",), war - day, "days", "time from the point to the war"),
            "rung": (("path",), np.array([-1 if p is None else p.rung for p in points]), "rung",
                     "highest rung of the crisis at the point, -1 if there is none"),
            "committor": (("path",), np.array([x[1].value for x in last]), "probability",
                          "war before calm under the act named in best, where it was tried last; "
                          "without an act if none was tried"),
            "committor_error": (("path",), np.array([x[1].error for x in last]), "probability",
                                "Monte Carlo standard error of committor"),
            "highest": (("path",), np.array([t.untouched.value for t in high]), "probability",
                        "highest committor without an act before the war or the point"),
            "highest_error": (("path",), np.array([t.untouched.error for t in high]),
                              "probability", "Monte Carlo standard error of highest"),
            "highest_day": (("path",), np.array([t.day for t in high]), "days", "day of highest"),
            "highest_rung": (("path",), np.array([t.rung for t in high]), "rung",
                             "highest rung of the crisis on that day"),
            "untouched": (("path", "turn"), value, "probability",
                          "war before calm without an act after each change of a rung"),
            "untouched_error": (("path", "turn"), error, "probability",
                                "Monte Carlo standard error of untouched"),
            "turn_day": (("path", "turn"), when, "days", "day of the turn"),
        },
        {
            "path": numbers.astype(np.int64),
            "best": ("path", [x[0] for x in last]),
            "act": [str(act) for act in acts],
            "turn": np.arange(most),
        },
        **settings,
    )  # fmt: skip


def _last_tried(turns: Sequence[Turn]) -> tuple[str, Estimate]:
    """Return the act that helped most where acts were tried last, and war before calm under it."""
    for turn in reversed(turns):
        if turn.under is not None:
            return turn.best, turn.under
    return "", turns[-1].untouched


def _reading(
    turns: Sequence[Sequence[Turn]], war_days: Sequence[float], how: NDArray[np.int8],
    base: Model, which: Sequence[int], named: Sequence[str],
) -> str:  # fmt: skip
    wars, decided = int((how == WAR_CAME).sum()), int((how != r.UNDECIDED).sum())
    lines = [
        f"War comes before calm in {of_replicas(wars / decided, decided)} of {decided:,} decided "
        f"paths (in brackets the 95 % interval); {len(turns)} of the {wars:,} paths to war were "
        "looked at.",
        *left_out(base, which, named),
    ]
    points = [
        (along[-1], war_day)
        for along, war_day in zip(turns, war_days, strict=True)
        if not along[-1].held
    ]
    high = max((_highest(along) for along in turns), key=lambda t: t.untouched.value)
    if points:
        lines += _points(points, len(turns))
    elif high.untouched.side < 0:
        lines += _surprise(high, base)
    else:
        lines += _kept(turns, high)
    return "\n".join(lines)


def _points(found: Sequence[tuple[Turn, float]], paths: int) -> list[str]:
    rungs = sorted({turn.rung for turn, _ in found})
    warning = np.median([war_day - turn.day for turn, war_day in found])
    return [
        f"On {len(found)} of {paths} there is a point from which war is likelier than calm "
        "without an act and under every act of the list; the earliest lies on day "
        f"{min(turn.day for turn, _ in found):.0f}, at rung {' or '.join(map(str, rungs))}, the "
        f"median {warning:.0f} days before the war.",
        "A state counts only if all these chances are above a half by three standard errors. The "
        "list bounds the finding: an act that is not in it, or not in the model, may still help.",
    ]


def _surprise(high: Turn, base: Model) -> list[str]:
    return [
        "There is no point of no return: on none of these paths did any state before the war "
        f"reach a half, even without an act. {_where(high)}",
        "War came out of a state in which calm was still likelier. In the model force becomes war "
        f"with chance rise.4 = {base.values['rise.4']:g} an incident, and allies enter at once: "
        "war comes by surprise, not from a rung on which it has become certain.",
    ]


def _where(high: Turn) -> str:
    """Say how high the committor without an act was at its highest, and where."""
    value = of_replicas(high.untouched.value, high.untouched.decided)
    return f"The highest was {value}, on day {high.day:.0f} at rung {high.rung}."


def _kept(turns: Sequence[Sequence[Turn]], high: Turn) -> list[str]:
    above = sum(any(turn.untouched.side > 0 for turn in along) for along in turns)
    near = sum(any(turn.untouched.side >= 0 for turn in along) for along in turns) - above
    helped = {turn.best for along in turns for turn in along if turn.untouched.side > 0}
    lines = ["There is no point of no return on these paths."]
    if above:
        lines.append(
            f"On {above} of {len(turns)} war becomes likelier than calm if nothing is done, but "
            "then some act of the list brings its chance below a half, or to within the error of "
            f"it: {', '.join(sorted(helped))}."
        )
    if near:
        lines.append(
            f"On {near} the chance without an act comes to within three standard errors of a half "
            "and not clearly above it: such a state does not count as a point. More replicas tell "
            "it apart."
        )
    return [*lines, f"Without an act: {_where(high)}".replace("The highest", "the highest")]
