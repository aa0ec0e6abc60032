"""``intervene``: what each single act does to the chance of war, by common random numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from detente.architecture.changes import Change
from detente.architecture.system import Floats
from detente.crisis.answer import Answer, answer
from detente.crisis.committor import watching
from detente.crisis.ensemble import Ensemble, endings
from detente.crisis.interventions import Intervention, of_change, parse_intervention
from detente.crisis.model import Model, build
from detente.crisis.rules import TOP, WAR_CAME
from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

Act = str | Change | Intervention
NOTHING = "nothing"


def intervene(
    g: Architecture,
    acts: Sequence[Act],
    *,
    dyads: Sequence[str] = (),
    days: float = 365,
    replicas: int = 20_000,
    seed: int = 1,
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
    threads: int | None = None,
) -> Answer:
    """Compare single acts by what they do to the chance of a new war.

    All of them, and doing nothing, see the same chance: an incident that an act does not touch
    happens in both worlds. The error of a difference is that of the paired differences.

    Parameters
    ----------
    g : Architecture
        The scenario.
    acts : sequence of str, Change or Intervention
        What could be done, such as ``"hotline RUS-USA"``.
    dyads : sequence of str
        War on any of these counts; by default on any dyad that is not at war at the start.
    days : float
        Horizon.
    replicas, seed, parameters, start, threads
        As in `simulate`.

    Returns
    -------
    Answer
        Along ``act``, the most helpful first: ``war`` and its error, ``difference`` from doing
        nothing and its (paired) error, and ``changed``: replicas whose outcome differs.
    """
    if not acts:
        raise UsageError("name at least one act, such as 'hotline RUS-USA'")
    done = [read_act(act) for act in acts]
    models = variants(g, done, parameters)
    if start:
        models = [model.at(start) for model in models]
    base = models[0]
    which = (
        [base.position(name) for name in dyads]
        if dyads
        else [d for d, k in enumerate(base.rung) if k < TOP]
    )
    watch = watching(base, which)
    acted = [base, *(act.act(model) for act, model in zip(done, models[1:], strict=True))]
    top = highest_background(acted)
    wars = np.stack(
        [
            endings(ensemble_of(model, top, days, seed), watch, replicas, threads=threads)[0]
            == WAR_CAME
            for model in acted
        ]
    )
    share = wars.mean(axis=1)
    difference = wars[1:].astype(np.int8) - wars[:1].astype(np.int8)
    mean = difference.mean(axis=1)
    error = difference.std(axis=1) / np.sqrt(replicas)
    order = np.argsort(mean, kind="stable").astype(np.int64)
    names = [str(act) for act in done]
    reading = _reading(names, share, mean, error, order, days)
    return answer(
        "intervene", reading, g, base,
        {
            "war": (("act",), share[1:][order], "probability", "a new war within the horizon"),
            "war_error": (("act",), np.sqrt(share * (1 - share) / replicas)[1:][order],
                          "probability", "Monte Carlo standard error of war"),
            "difference": (("act",), mean[order], "probability", "change against doing nothing"),
            "difference_error": (("act",), error[order], "probability",
                                 "standard error of difference, from paired replicas"),
            "changed": (("act",), np.abs(difference).mean(axis=1)[order], "share",
                        "replicas whose outcome the act changes, either way"),
            "nothing": ((), share[0], "probability", "a new war within the horizon, untouched"),
            "nothing_error": ((), (share[0] * (1 - share[0]) / replicas) ** 0.5, "probability",
                              "Monte Carlo standard error of nothing"),
        },
        {"act": [names[k] for k in order]},
        days=days, replicas=replicas, seed=seed, dyads=list(dyads),
    )  # fmt: skip


def read_act(act: Act) -> Intervention:
    """Return an act as an intervention."""
    if isinstance(act, Intervention):
        return act
    return of_change(act) if isinstance(act, Change) else parse_intervention(act)


def variants(
    g: Architecture, acts: Sequence[Intervention], parameters: Mapping[str, float] | None
) -> list[Model]:
    """Return the model as it is and after what each act changes, over the same dyads.

    A variant keeps the starting rungs of the scenario: an act does not rewrite the record.
    """
    from dataclasses import replace

    loose = [build(g, parameters), *(act.rebuild(g, parameters) for act in acts)]
    every = sorted({d for model in loose for d in model.dyads})
    if all(len(model.dyads) == len(every) for model in loose):
        models = loose
    else:
        first = build(g, parameters, dyads=every)
        models = [first, *(act.rebuild(g, parameters, every) for act in acts)]
    return [
        replace(model, rung=models[0].rung, reason=models[0].reason, mood=models[0].mood)
        for model in models
    ]


def highest_background(models: Sequence[Model]) -> Floats:
    """Return the highest background of each dyad: candidates that all models share."""
    out: Floats = np.max([model.background for model in models], axis=0)
    return out


def ensemble_of(model: Model, candidates: Floats, days: float, seed: int) -> Ensemble:
    """Return an ensemble that thins shared candidates."""
    return Ensemble(model, model.rules(candidates), model.start(), float(days), seed)


def _reading(
    names: Sequence[str], share: Floats, mean: Floats, error: Floats, order: NDArray[np.int64],
    days: float,
) -> str:  # fmt: skip
    lines = [
        f"Without any of them, a new war begins within {days:g} days in "
        f"{100 * share[0]:.2f} % of replicas. By how much each act changes that:"
    ]
    for k in order:
        clear = "" if abs(mean[k]) > 2 * error[k] else "   (not distinguishable from nothing)"
        lines.append(f"  {names[k]:<44} {100 * mean[k]:+7.2f} ± {100 * error[k]:.2f} points{clear}")
    lines.append(
        "Effects are those of the model: most of what an act does to people, budgets and "
        "resolve is not in it."
    )
    return "\n".join(lines)
