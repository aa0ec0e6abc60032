"""``no_return``: from which state on the way to war does no act in a list help any more?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.crisis import rules as r
from detente.crisis.answer import Answer, answer
from detente.crisis.committor import LONG, crisis, share, watching
from detente.crisis.ensemble import Desk, Ensemble, endings
from detente.crisis.intervene import (
    Act,
    ensemble_of,
    highest_background,
    read_act,
    variants,
)
from detente.crisis.ladder import PEACE
from detente.crisis.model import Model
from detente.crisis.path import state_after
from detente.crisis.rules import WAR_CAME, Start
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.crisis.interventions import Intervention

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Point:
    """The point of no return on one path to war.

    Attributes
    ----------
    day : float
        Day of it; NaN if some act still helps in the last state before war.
    war_day : float
        Day of the war.
    rung : int
        Highest rung of the crisis there, -1 if there is no such point.
    committor : float
        War before calm there, under the act that helps most.
    best : str
        The act that helps most there, or in the last state before war.
    """

    day: float
    war_day: float
    rung: int
    committor: float
    best: str


def no_return(
    g: Architecture,
    acts: Sequence[Act],
    *,
    dyads: Sequence[str] = (),
    paths: int = 10,
    replicas: int = 400,
    calm: int = PEACE[-1],
    days: float = LONG,
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
    threads: int | None = None,
) -> Answer:
    """Find, on sampled paths to war, the earliest state from which no act helps.

    An act helps in a state if, taken there, it brings the committor (war before calm) below a
    half. States are looked at where the crisis changes its rung.

    Parameters
    ----------
    g : Architecture
        The scenario.
    acts : sequence of str, Change or Intervention
        The acts that could be taken.
    dyads : sequence of str
        The dyads of the crisis; by default all that stand between peace and war.
    paths : int
        Paths to war that are looked at.
    replicas : int
        Replicas for each committor.
    calm, days, seed, parameters, start, threads
        As in `committor`.

    Returns
    -------
    Answer
        Along ``path``: ``day``, ``war_day``, ``warning`` (their difference), ``rung``.
    """
    if not acts:
        raise UsageError("name at least one act, such as 'hotline RUS-USA'")
    done = [read_act(act) for act in acts]
    models = variants(g, done, parameters)
    if start:
        models = [model.at(start) for model in models]
    base = models[0]
    which = crisis(base, dyads)
    watch = watching(base, which, calm=calm)
    e = Ensemble.of(base, days, seed)
    how, _ = endings(e, watch, max(2000, 40 * paths), threads=threads)
    wars = np.flatnonzero(how == WAR_CAME)[:paths]
    if not len(wars):
        raise UsageError("no sampled path leads to war before calm: there is no point to find")
    desk = Desk(e)
    points = []
    for number in wars:
        log, _, war_day = desk.trace(int(number), watch)
        points.append(_point(e, watch, which, log, war_day, models, done, replicas, seed, threads))
    day = np.array([p.day for p in points])
    war = np.array([p.war_day for p in points])
    found = np.isfinite(day)
    reading = _reading(points, found, len(how), int((how == WAR_CAME).sum()))
    return answer(
        "no_return", reading, g, base,
        {
            "day": (("path",), day, "days", "day of the point of no return, NaN if there is none"),
            "war_day": (("path",), war, "days", "day of the war"),
            "warning": (("path",), war - day, "days", "time from the point to the war"),
            "rung": (("path",), np.array([p.rung for p in points]), "rung",
                     "highest rung of the crisis at the point, -1 if there is none"),
            "committor": (("path",), np.array([p.committor for p in points]), "probability",
                          "war before calm there under the act that helps most"),
        },
        {
            "path": wars.astype(np.int64),
            "best": ("path", [p.best for p in points]),
            "act": [str(act) for act in done],
        },
        days=days, paths=paths, replicas=replicas, calm=calm, seed=seed, dyads=list(dyads),
    )  # fmt: skip


def _point(
    e: Ensemble, watch: r.Watch, which: Sequence[int], log: r.Log, war_day: float,
    models: Sequence[Model], acts: Sequence[Intervention], replicas: int, seed: int,
    threads: int | None,
) -> Point:  # fmt: skip
    """Walk along a path to war until no act helps."""
    lowest, best = float("nan"), ""
    for entries in _turns(e, which, log):
        state, now = state_after(log, entries, e.rules, e.start)
        lowest, best = _most_helpful(state, watch, models, acts, e.days, replicas, seed, threads)
        if lowest >= HALF:
            rung = int(state.rung[list(which)].max())
            return Point(now, war_day, rung, lowest, best)
    return Point(float("nan"), war_day, -1, lowest, best)


def _turns(e: Ensemble, which: Sequence[int], log: r.Log) -> list[int]:
    """Return the numbers of entries after which the crisis had changed its rung, war left out."""
    out = [0]
    mine = set(which)
    for i, (d, code) in enumerate(zip(log.dyad, log.code, strict=True)):
        kind, rung = int(code) >> 3, int(code) & 7
        x = int(e.rules.entry[d]) if kind == r.JOINED else int(d)
        if kind != r.INCIDENT and x in mine and rung < r.TOP:
            out.append(i + 1)
    return out


def _most_helpful(
    state: Start, watch: r.Watch, models: Sequence[Model], acts: Sequence[Intervention],
    days: float, replicas: int, seed: int, threads: int | None,
) -> tuple[float, str]:  # fmt: skip
    there = [
        replace(
            model,
            rung=tuple(int(k) for k in state.rung),
            excitation=state.excitation,
            mood=state.mood,
        )
        for model in models
    ]
    acted = [act.act(model) for act, model in zip(acts, there[1:], strict=True)]
    top = highest_background(acted)
    values = []
    for model in acted:
        how, _ = endings(ensemble_of(model, top, days, seed), watch, replicas, threads=threads)
        values.append(share(how)[0])
    k = int(np.argmin(values))
    return values[k], str(acts[k])


def _reading(
    points: Sequence[Point], found: NDArray[np.bool_], tried: int,
    wars: int,
) -> str:  # fmt: skip
    head = f"War came before calm in {wars} of {tried} sampled paths; {len(points)} looked at."
    if not found.any():
        return (
            f"{head}\nOn none of them was there a point of no return: to the last rung before "
            "war, some act of the list brings the chance of war before calm below a half."
        )
    some = [p for p, yes in zip(points, found, strict=True) if yes]
    warning = np.median([p.war_day - p.day for p in some])
    rungs = sorted({p.rung for p in some})
    return (
        f"{head}\nOn {len(some)} of them there is a point from which no act of the list brings "
        f"the chance of war before calm below a half; the earliest lies on day "
        f"{min(p.day for p in some):.0f}, at rung {' or '.join(map(str, rungs))}, the median "
        f"{warning:.0f} days before the war.\nThe list bounds the finding: an act that is not in "
        "it, or not in the model, may still help."
    )
