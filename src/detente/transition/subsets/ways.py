"""Ways through a menu under the lenses: the steps, who decides each, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from detente.architecture.system import Floats
from detente.transition.games.route_search import Route, agreed, bargain, search, through
from detente.transition.subsets.falls import Bools, Falls, mask_of
from detente.transition.subsets.harmless import all_sets

CONSENT_REPORTED = "weak"
"""The consent whose share of draws is given where a plan asks for none."""


class WayTerms(NamedTuple):
    """What a way has to keep, and how long one is looked for."""

    rule: str
    consent: str
    package: int | None
    budget: float
    evaluations: int


@dataclass(frozen=True)
class Stage:
    """One step of a way.

    Attributes
    ----------
    items : tuple of int
        What is done.
    decide : tuple of int
        The states that have to agree.
    refuse : tuple of int
        Those of them that lose more than the tolerance by it, under some lens.
    worst : float
        What the worst-off state has against the start, in tolerances of its lens.
    worst_state : int
        Who that is.
    loss : float
        What all states below the start lack, in tolerances, summed.
    harmed : float
        Share of draws in which some state lies below the start by more than the tolerance
        afterwards; NaN without draws.
    consent : float
        Share of draws in which those who decide agree; NaN without draws.
    """

    items: tuple[int, ...]
    decide: tuple[int, ...]
    refuse: tuple[int, ...]
    worst: float
    worst_state: int
    loss: float
    harmed: float
    consent: float


def routed(falls: Falls, goal: Sequence[int], terms: WayTerms) -> Route:
    """Return a way that does some items of a menu, in tolerances of each lens.

    Parameters
    ----------
    falls : Falls
        What subsets of the menu do.
    goal : sequence of int
        What is to be done.
    terms : WayTerms
        Rule, consent and packages.
    """
    if not goal:
        return Route("reached", (), 0, (), (), 0)
    items, scale = len(falls.composites), falls.scale[:, None]

    def mask(done: frozenset[int]) -> Bools:
        return mask_of(items, [goal[k] for k in done])

    def security(done: frozenset[int]) -> Floats:
        if falls.share is not None:
            return np.asarray(falls.drawn(mask(done))[0])
        worth = falls.deltas(mask(done))[0] / scale
        return np.asarray(np.nan_to_num(worth, nan=-1e9).reshape(-1))

    def prepare(sets: Sequence[frozenset[int]]) -> None:
        masks = np.array([mask(done) for done in sets])
        if falls.share is None:
            falls.deltas(masks)
        else:
            falls.drawn(masks)

    rule = "start" if terms.rule == "compensated" else terms.rule
    route = search(
        goal,
        security,
        rule=rule,
        package=terms.package,
        tol=1.0,
        consent=terms.consent,
        initiators=[_deciders(falls, item) for item in goal] if terms.consent != "none" else None,
        budget=terms.budget,
        evaluations=terms.evaluations,
        share=falls.share,
        prepare=prepare,
    )
    unsure = not route.smallest or (not route.steps and route.status != "harmful_target")
    if unsure and rule == "start" and terms.consent == "none":
        route = _of_all_sets(falls, goal, terms.package) or route
    steps = tuple(tuple(goal[k] for k in step) for step in route.steps)
    return route._replace(steps=steps)


def _deciders(falls: Falls, item: int) -> list[int]:
    """Return who decides on an item, under every lens: a state of each is asked for itself."""
    return [
        view * falls.states + state
        for view in range(len(falls.views))
        for state in falls.composites.initiators[item]
    ]


def _of_all_sets(falls: Falls, goal: Sequence[int], package: int | None) -> Route | None:
    """Return the best way where a lens looks at all sets at once, None where it cannot."""
    every = all_sets(falls, goal)
    if every is None:
        return None
    items, allowed = every.items, every.clean.copy()
    whole = np.zeros(len(allowed), dtype=np.bool_)
    whole[-1] = allowed[0] = allowed[-1] = True
    size, togo = bargain(allowed, whole, len(items))
    place = {item: k for k, item in enumerate(goal)}
    steps = [tuple(place[items[k]] for k in step) for step in through(togo, len(items), size)]
    steps = with_idle(steps, [place[item] for item in goal if item not in items], size)
    status = "reached" if package is None or size <= package else "needs_package"
    return Route(status, tuple(steps), size, (), (), len(allowed))


def with_idle(
    steps: Sequence[tuple[int, ...]], idle: Sequence[int], size: int
) -> list[tuple[int, ...]]:
    """Return steps with items added that move nothing, in packages of at most a size.

    They fill up the packages that there are; the rest comes first.
    """
    waiting, filled = list(idle), list[tuple[int, ...]]()
    for step in steps:
        room = size - len(step)
        filled.append(tuple(sorted((*step, *waiting[:room]))))
        del waiting[:room]
    first = [tuple(waiting[at : at + size]) for at in range(0, len(waiting), size)]
    return [*first, *filled]


def staged(falls: Falls, route: Route, consent: str, *, in_draws: bool) -> tuple[Stage, ...]:
    """Return the steps with who decides them, who would refuse, and how the worst-off fares.

    Parameters
    ----------
    falls : Falls
        What subsets of the menu do.
    route : Route
        The steps, as items of the menu.
    consent : str
        The consent that is asked for; `CONSENT_REPORTED` stands for none.
    in_draws : bool
        Whether harm and consent are looked at in every draw.
    """
    items, states, scale = len(falls.composites), falls.states, falls.scale[:, None]
    reached = [mask_of(items, [])]
    for step in route.steps:
        reached.append(reached[-1] | mask_of(items, step))
    masks = np.array(reached)
    fared = falls.deltas(masks) / scale
    asked = CONSENT_REPORTED if consent == "none" else consent
    drawn = falls.drawn(masks) if in_draws and falls.draws and route.steps else None
    stages = []
    for k, step in enumerate(route.steps):
        before, after = fared[k], fared[k + 1]
        decide = sorted({s for item in step for s in falls.composites.initiators[item]})
        gain = (after - before)[:, decide] if decide else np.zeros((1, 0))
        worst = int(np.nanargmin(after))
        harmed = willing = float("nan")
        if drawn is not None:
            rows = [view * states + s for view in range(len(falls.views)) for s in decide]
            harmed = float((drawn[k + 1] < -1.0).any(axis=1).mean())
            willing = float(agreed((drawn[k] - drawn[k + 1])[:, rows], asked, 1.0).mean())
        stages.append(
            Stage(
                tuple(step),
                tuple(decide),
                tuple(s for j, s in enumerate(decide) if (gain[:, j] < -1).any()),
                float(after.flat[worst]),
                worst % states,
                float(np.where(after < 0, -after, 0.0).sum()),
                harmed,
                willing,
            )
        )
    return tuple(stages)
