"""``intervene``: what each single act does to the chance and number of wars, by common chance."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.changes import Change
from detente.architecture.system import Floats
from detente.crisis.model import arguments
from detente.crisis.model.acts import Intervention, of_change, parse_intervention
from detente.crisis.model.escalation import Model, build
from detente.crisis.model.model_arrays import TOP
from detente.crisis.questions.act_effects import CLEAR, headline
from detente.crisis.questions.answer import answer
from detente.crisis.questions.committor import at_peace, left_out, watching
from detente.crisis.run.draws_text import (
    assumed_in_words,
    drawn,
    monte_carlo_in_words,
    ratio_in_words,
    times_as,
    with_interval,
)
from detente.crisis.run.ensemble import Ensemble, spread
from detente.crisis.run.parameter_draws import Drawable, held_by, over_draws, replicas_of_a_draw
from detente.errors import UnknownName, UsageError
from detente.evidence.resolve import architecture_of
from detente.results.result import Result
from detente.runs import Arrays

if TYPE_CHECKING:
    from detente.architecture.promises import Pair
    from detente.architecture.value import Architecture


Act = str | Change | Intervention
ACT_DRAWS = 16
"""Draws unless another number is asked for: each asks once for every act, and once without."""
RELATIVE = 6
"""Acts that are told against doing nothing before the table."""
OUTCOMES = {
    "war": ("probability", "a new war within the horizon", "points"),
    "wars": ("dyads", "mean number of dyads that newly reach war", "wars"),
    "states": ("states", "mean number of states newly at war, of those at peace", "states"),
}
"""What an act may change: its unit, its meaning, and the unit of a difference in words."""


def intervene(
    g: Architecture | str | os.PathLike[str],
    acts: Act | Sequence[Act],
    *,
    dyads: str | Sequence[str] = (),
    days: float = 365,
    replicas: int = 20_000,
    seed: int = 1,
    outcome: str = "war",
    parameters: Mapping[str, float] | None = None,
    start: Mapping[str, int] | None = None,
    threads: int | None = None,
    draws: int = ACT_DRAWS,
) -> Result:
    """Compare single acts by what they do to the chance of a new war, and to how far it spreads.

    All of them, and doing nothing, see the same chance: an incident that an act does not touch
    happens in both worlds. The error of a difference is that of the paired differences.

    Parameters
    ----------
    g : Architecture, str or path
        The scenario; a string is the name of a bundled one or a path.
    acts : sequence of str, Change or Intervention
        What could be done, such as ``"hotline RUS-USA"``.
    dyads : str or sequence of str
        War on any of these counts; by default on any dyad that is not at war at the start.
    days : float
        Horizon.
    outcome : str
        By what the acts are ranked: ``war``, the chance of a new war; ``wars``, the mean number
        of dyads that newly reach war; ``states``, that of states newly at war, among those that
        are at war with nobody at the start.
    replicas, seed, parameters, start, threads
        As in `simulate`.
    draws : int
        Draws of the assumed parameters: how many times as likely a new war is with an act as
        without it is asked at each. 0: none.

    Returns
    -------
    Result
        Along ``act``, the most helpful first: ``war`` and its error, ``difference`` from doing
        nothing and its (paired) error, ``changed``: replicas whose outcome differs; the same of
        ``wars`` and ``states``; ``behind``: the (paired) difference from the first act, with its
        error; and ``idle``: why an act changes nothing in the model, empty if it does.
    """
    g = architecture_of(g)
    arguments.settings(
        days=days, replicas=replicas, seed=seed, threads=threads, start=start,
        parameters=parameters, draws=draws,
    )  # fmt: skip
    if not isinstance(outcome, str) or outcome not in OUTCOMES:
        raise UnknownName("outcome", str(outcome), OUTCOMES)
    done = read_acts(g, acts)
    named = arguments.several("dyads", dyads, str)
    models = variants(g, done, parameters, start)
    base = models[0]
    which = at_peace(base, named) or [d for d, k in enumerate(base.rung) if k < TOP]
    acted = [base, *(act.act(model) for act, model in zip(done, models[1:], strict=True))]
    idle = [act.idle(g, base, model) for act, model in zip(done, acted[1:], strict=True)]
    counts = _counts(acted, which, days, seed, replicas, threads)
    means = {name: counted.mean(axis=1) for name, counted in counts.items()}
    errors = {name: counted.std(axis=1) / np.sqrt(replicas) for name, counted in counts.items()}
    order = np.argsort(means[outcome][1:], kind="stable").astype(np.int64)
    first = counts[outcome][1 + order[0]]
    variables: dict[str, tuple[tuple[str, ...], Any, str, str]] = {}
    for name, counted in counts.items():
        unit, meaning, _ = OUTCOMES[name]
        change, error = _paired(counted[1:], counted[0])
        prefix = "" if name == "war" else f"{name}_"
        untouched = "nothing" if name == "war" else f"nothing_{name}"
        variables |= {
            name: (("act",), means[name][1:][order], unit, meaning),
            f"{name}_error": (("act",), errors[name][1:][order], unit,
                              f"Monte Carlo standard error of {name}"),
            f"{prefix}difference": (("act",), change[order], unit, "change against doing nothing"),
            f"{prefix}difference_error": (("act",), error[order], unit,
                                          "standard error of it, from paired replicas"),
            untouched: ((), means[name][0], unit, f"{meaning}, untouched"),
            f"{untouched}_error": ((), errors[name][0], unit,
                                   f"Monte Carlo standard error of {untouched}"),
        }  # fmt: skip
    behind, behind_error = _paired(counts[outcome][1:], first)
    unit = OUTCOMES[outcome][0]
    differs = (counts["war"][1:] != counts["war"][:1]).mean(axis=1)
    variables |= {
        "changed": (("act",), differs[order], "share",
                    "replicas in which the act decides whether there is a war, either way"),
        "behind": (("act",), behind[order], unit, f"{outcome} more than under the first act"),
        "behind_error": (("act",), behind_error[order], unit,
                         "standard error of behind, from paired replicas"),
    }  # fmt: skip
    names = [str(done[k]) for k in order]
    drawable = Drawable(
        g, base.names, base.states, days, replicas_of_a_draw(replicas, len(base.dyads)), seed,
        dict(start or {}), held_by(parameters),
    )  # fmt: skip
    asked = ActsDraw(
        drawable, tuple(done[k] for k in order), tuple(base.names[d] for d in which), base.dyads
    )
    over = over_draws(
        asked, draws, {"question": "intervene", "days": days, "acts": names}, QUANTITIES,
        threads=threads,
    )  # fmt: skip
    result = answer(
        "intervene", "", g, base, variables | over.variables,
        {"act": names, "idle": ("act", [idle[k] for k in order]), **over.coordinates},
        days=days, replicas=replicas, seed=seed, dyads=list(named), outcome=outcome,
        **over.settings,
    )  # fmt: skip
    result.data.attrs["reading"] = _reading(result, left_out(base, which, named))
    return result


QUANTITIES = {
    "nothing": ((), "probability", "a new war within the horizon, untouched"),
    "nothing_wars": ((), "dyads", "mean number of dyads that newly reach war, untouched"),
    "nothing_states": ((), "states", "mean number of states newly at war, untouched"),
    "war": (("act",), "probability", "a new war within the horizon"),
    "wars": (("act",), "dyads", "mean number of dyads that newly reach war"),
    "states": (("act",), "states", "mean number of states newly at war"),
}


@dataclass(frozen=True)
class ActsDraw:
    """What acts do at drawn parameters; all of them, and doing nothing, see the same chance."""

    of: Drawable
    acts: tuple[Intervention, ...]
    watched: tuple[str, ...]
    dyads: tuple[Pair, ...]

    def __call__(self, address: Mapping[str, Any]) -> Arrays:
        """Return each outcome untouched and by act; NaN where incidents grow without end."""
        of = self.of
        values = of.values(address["parameters"])
        models = variants(of.g, self.acts, values, of.start, every=self.dyads)
        acted = [
            models[0],
            *(act.act(model) for act, model in zip(self.acts, models[1:], strict=True)),
        ]
        if any(model.branching >= 1 for model in acted):
            return {
                name: np.full((len(self.acts),) if dims else (), np.nan)
                for name, (dims, _, _) in QUANTITIES.items()
            }
        which = [acted[0].position(name) for name in self.watched]
        counts = _counts(acted, which, of.days, of.seed, of.replicas, 1)
        answers: dict[str, Any] = {}
        for name, counted in counts.items():
            means = counted.mean(axis=1)
            answers["nothing" if name == "war" else f"nothing_{name}"] = means[0]
            answers[name] = means[1:]
        return answers


def _counts(
    acted: Sequence[Model], which: Sequence[int], days: float, seed: int, replicas: int,
    threads: int | None,
) -> dict[str, NDArray[np.int32]]:  # fmt: skip
    """Return each outcome by model and replica; the first model is that of doing nothing."""
    base = acted[0]
    watched = watching(base, which).dyads
    busy = {s for d, k in zip(base.dyads, base.rung, strict=True) if k >= TOP for s in d}
    free = np.array([s not in busy for s in base.states], dtype=np.int8)
    top = highest_background(acted)
    both = [
        spread(ensemble_of(model, top, days, seed), watched, free, replicas, threads=threads)
        for model in acted
    ]
    wars, states = (np.stack(each) for each in zip(*both, strict=True))
    return {"war": (wars > 0).astype(np.int32), "wars": wars, "states": states}


def _paired(each: NDArray[np.int32], base: NDArray[np.int32]) -> tuple[Floats, Floats]:
    """Return the mean difference of each row from one, and its standard error."""
    difference = each - base
    error: Floats = difference.std(axis=1) / np.sqrt(difference.shape[1])
    return difference.mean(axis=1), error


def read_acts(g: Architecture, acts: Act | Sequence[Act]) -> list[Intervention]:
    """Return acts as interventions with codes of the architecture, the same act once.

    Raises
    ------
    UsageError
        If there is none, or one is not understood or names somebody who is not there.
    """
    several = arguments.several("acts", acts, str, Change, Intervention)
    if not several:
        raise UsageError("name at least one act, such as 'hotline RUS-USA'")
    once: dict[tuple[object, ...], Intervention] = {}
    for act in several:
        intervention = read_act(act).bound(g)
        once.setdefault(intervention.key, intervention)
    return list(once.values())


def read_act(act: Act) -> Intervention:
    """Return an act as an intervention."""
    if isinstance(act, Intervention):
        return act
    return of_change(act) if isinstance(act, Change) else parse_intervention(act)


def variants(
    g: Architecture, acts: Sequence[Intervention], parameters: Mapping[str, float] | None,
    start: Mapping[str, int] | None = None, every: Sequence[Pair] | None = None,
) -> list[Model]:  # fmt: skip
    """Return the model as it is and after what each act changes, over the same dyads.

    Those that any of the models has, unless `every` says which.

    A variant keeps the starting rungs of the scenario, or those set by the user: an act does not
    rewrite the record.
    """
    if every is None:
        loose = _built(g, acts, parameters)
        union = sorted({d for model in loose for d in model.dyads})
        alike = all(len(model.dyads) == len(union) for model in loose)
        models = loose if alike else _built(g, acts, parameters, union)
    else:
        models = _built(g, acts, parameters, every)
    base = models[0].at(start or {})
    return [
        base,
        *(
            replace(model, rung=base.rung, reason=base.reason, mood=base.mood, given=base.given)
            for model in models[1:]
        ),
    ]


def _built(
    g: Architecture, acts: Sequence[Intervention], parameters: Mapping[str, float] | None,
    dyads: Sequence[Pair] = (),
) -> list[Model]:  # fmt: skip
    """Return the model as it is and rebuilt by each act; acts that edit a state share the first."""
    first = build(g, parameters, dyads=dyads)
    return [
        first,
        *(act.rebuild(g, parameters, dyads) if act.rebuilds else first for act in acts),
    ]


def highest_background(models: Sequence[Model]) -> Floats:
    """Return the highest background of each dyad: candidates that all models share."""
    highest: Floats = np.max([model.background for model in models], axis=0)
    return highest


def ensemble_of(model: Model, candidates: Floats, days: float, seed: int) -> Ensemble:
    """Return an ensemble that thins shared candidates."""
    return Ensemble(model, model.rules(candidates), model.start(), float(days), seed)


def _reading(found: Result, standing: Sequence[str]) -> str:
    """Say what each act changes, and whether one of them stands out."""
    data, days = found.data, found.settings["days"]
    replicas = found.settings["replicas"]
    names, idle = ([str(x) for x in data[name].values] for name in ("act", "idle"))
    unseen = False
    lines = [
        *relative(found),
        assumed_in_words(found),
        f"Without any of them, a new war begins within {days:g} days in "
        f"{untouched_in_words(found)} of replicas; "
        f"{_mean(data, 'nothing_wars')} dyads newly reach war and {_mean(data, 'nothing_states')} "
        "states are newly at war, on average.",
        monte_carlo_in_words(found, "nothing", float(data["nothing_error"])),
        *standing,
        "At the default parameters, with the Monte Carlo error after ±: by how much each act "
        "changes the chance of a new war, the number of wars, and of states:",
        f"  {'':<40}{'war, points':>18}{'wars':>20}{'states':>20}",
    ]
    for k, name in enumerate(names):
        none = "none" if idle[k] else f"none in {replicas:,}"
        cells = [_change(data, prefix, k, none) for prefix in ("", "wars_", "states_")]
        unseen |= not idle[k] and none in cells
        lines.append(f"  {name:<40}{cells[0]:>18}{cells[1]:>20}{cells[2]:>20}")
        if idle[k]:
            lines.append(f"    changes nothing in the model: {idle[k]}")
    if unseen:
        # Of n replicas none: with 95 % the share is below about 3 / n.
        lines.append(
            f"None in {replicas:,}: an act changes the model and no replica's outcome, so that "
            f"it decides less than about {300 / replicas:.2g} % of them; more replicas tell."
        )
    lines.append(
        "In brackets: not distinguishable from nothing, within two standard errors. "
        + headline(found)
    )
    lines.append(
        "Wars that stand at the start call no ally unless they fall and rise again, and a war is "
        "joined by allies only once it has begun: what joining or leaving an alliance does shows "
        "in the number of wars and of states more than in the chance of the first. Effects are "
        "those of the model: most of what an act does to people, budgets and resolve is not in it."
    )
    return "\n".join(lines)


def relative(found: Result, names: Sequence[str] = ()) -> list[str]:
    """Return what is said before any chance: how likely a war is with each act as without it.

    Parameters
    ----------
    found : Result
        Of `intervene`.
    names : sequence of str, optional
        The acts in other words.
    """
    data, outcome = found.data, str(found.settings["outcome"])
    names = names or [f"'{act}'" for act in data["act"].values]
    base_name = "nothing" if outcome == "war" else f"nothing_{outcome}"
    base = float(data[base_name])
    lines: list[str] = []
    if not base > 0:
        return lines
    subject = {
        "war": "a new war is", "wars": "the number of new wars is",
        "states": "the number of states newly at war is",
    }[outcome]  # fmt: skip
    what = "likely" if outcome == "war" else "large"
    for k, name in enumerate(names[:RELATIVE]):
        text = f"With {name} {subject} {times_as(float(data[outcome][k]) / base, what)} without it"
        if drawn(found):
            over = data[f"{outcome}_draws"].values[:, k].astype(float)
            untouched = data[f"{base_name}_draws"].values.astype(float)
            ratio = np.divide(over, untouched, out=np.full(over.shape, np.nan), where=untouched > 0)
            words = ratio_in_words(ratio)
            known = ratio[np.isfinite(ratio)]
            text += (
                f" ({words}); lower in {int((known < 1).sum())} and higher in "
                f"{int((known > 1).sum())} of {len(known)} draws"
                if words
                else ""
            )
        lines.append(f"{text}.")
    return lines


def untouched_in_words(found: Result) -> str:
    """Return the chance of a new war without any act, with its interval over the draws."""
    data = found.data
    return with_interval(found, "nothing", float(data["nothing"]), float(data["nothing_error"]))


def _mean(data: Any, name: str) -> str:
    return f"{float(data[name]):.2f} ± {float(data[f'{name}_error']):.2f}"


def _change(data: Any, prefix: str, k: int, none: str) -> str:
    """Return a difference with its error; in brackets where it is not told from none."""
    scale = 1 if prefix else 100
    change = scale * float(data[f"{prefix}difference"][k])
    error = scale * float(data[f"{prefix}difference_error"][k])
    if change == error == 0:
        return none
    text = f"{change:+.2f} ± {error:.2f}"
    return text if abs(change) > CLEAR * error else f"({text})"
