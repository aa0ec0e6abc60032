"""A way from one architecture to another on which nobody falls below the start, or who forbids it.

The question is not the shortest way. Where somebody is worse off at the target, no order and no
packaging helps, and that is the proof; where nobody is, doing everything at once is a way. So the
answer says who would lose at the target and by how much; the largest part of it that harms
nobody; the smallest largest package of a way there (the bargain size) and an order with the
fewest steps; which measures of a declared menu would compensate those who lose; who has to agree
at each step, and who would not.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.changes import Change
from detente.architecture.system import Floats
from detente.architecture.value import Architecture
from detente.arguments import real, whole
from detente.auditing.run import DEFAULT_LENS
from detente.errors import UnknownName, UsageError
from detente.evidence.resolve import architecture_of
from detente.lenses.protocol import Lens
from detente.runs import Workforce
from detente.transition.columns import Contender, Named, columns, stated_edits, unseen_of
from detente.transition.games.route_search import CONSENTS, RULES, Route
from detente.transition.menus import Measure, compatible, measures_of
from detente.transition.subsets.composites import Composites
from detente.transition.subsets.falls import Falls, all_subsets, mask_of
from detente.transition.subsets.harmless import HarmlessPart, largest_harmless
from detente.transition.subsets.sights import LensView, share_of, sights
from detente.transition.subsets.ways import Stage, WayTerms, routed, staged

if TYPE_CHECKING:
    from detente.results import Result

FORMAT = 1
VIEWS_MODULE = "detente.transition.planning_views"
DEFAULT_DRAWS = 100
PLAN_RULES = (*RULES, "compensated")
ROUTE_EVALUATIONS = 3000
"""Most subsets that are looked at for an order of steps."""
OVERVIEW_EVALUATIONS = 1200
"""The same where more than `FEW_TARGETS` are asked for at once."""
DRAWN_EVALUATIONS = 200
"""The same where each is looked at in every draw."""
FEW_TARGETS = 3
"""Targets up to which every step is looked at in every draw, and the search is thorough."""
MEASURES_TRIED = 10
"""Most measures of which every choice is tried for a compensation."""


@dataclass(frozen=True, eq=False)
class Plan:
    """The answer for one target.

    Attributes
    ----------
    column : Contender
        The target.
    items : tuple of Change
        Its edits, then the measures of the menu.
    edits : int
        How many of the items are edits of the target.
    stated, seen : int
        How many edits the target states, and how many of them some lens sees.
    moving : tuple of int
        Those that change a tie that some lens sees, as things stand: the others are done
        already, such as a pact that there is.
    unseen : dict
        Sentences of the edits that a lens does not see, by lens.
    deltas : array (lenses, states)
        What the target gives to each state.
    less : array (lenses, states)
        Share of draws in which it makes the state less secure.
    harmful : float
        Share of draws in which it makes somebody less secure under some lens.
    losers : tuple of (int, int)
        Who loses at the target, as (lens, state).
    part : HarmlessPart
        The largest harmless part.
    part_deltas : array (lenses, states)
        What that part gives.
    deciders : tuple of int
        The states that decide some of the moving edits.
    way_to : str
        Where the steps lead: ``target``, or ``part`` where the target cannot be reached.
    route : Route
        The steps.
    status : str
        Whether the target can be reached.
    total : float
        All losses at the target, small ones too, in tolerances, summed.
    steps : tuple of Stage
        The steps, with who decides.
    remedies : tuple of Remedy
        What the menu could do for each loser.
    added : tuple of int
        Measures that the rule ``compensated`` adds.
    measures : tuple of str
        What the measures of the menu are, those left out that contradict the target.
    """

    column: Contender
    items: tuple[Change, ...]
    edits: int
    stated: int
    seen: int
    moving: tuple[int, ...]
    unseen: dict[str, list[str]]
    deltas: Floats
    less: Floats
    harmful: float
    losers: tuple[tuple[int, int], ...]
    part: HarmlessPart
    part_deltas: Floats
    deciders: tuple[int, ...]
    way_to: str
    route: Route
    status: str
    total: float
    steps: tuple[Stage, ...]
    remedies: tuple[Remedy, ...]
    added: tuple[int, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True)
class Remedy:
    """What the menu could do for one state that loses at the target under one lens.

    Attributes
    ----------
    lens, state : int
        Who, and under which lens.
    loss : float
        How much it loses at the target, in the lens's unit.
    measures : tuple of (int, float)
        Measures that give it something there, by position, with how much; the best first.
    taken : tuple of int
        The measures, of those that give it something, with which it loses least.
    left : float
        What it would still lose with them; 0 if nothing.
    """

    lens: int
    state: int
    loss: float
    measures: tuple[tuple[int, float], ...]
    taken: tuple[int, ...]
    left: float


def plan(
    architecture: Architecture | str,
    target: Named | Sequence[Named] | None = None,
    *,
    menu: str | Change | Sequence[str | Change] | None = "measures",
    rule: str = "start",
    consent: str = "none",
    package: int | None = None,
    lens: str | Lens | Sequence[str | Lens] = DEFAULT_LENS,
    draws: int = DEFAULT_DRAWS,
    share: float | None = None,
    seed: int = 0,
    budget: float = math.inf,
    parameters: Mapping[str, float] | None = None,
    work: Workforce | None = None,
) -> Result:
    """Plan a way to a target on which nobody falls below the start.

    Parameters
    ----------
    architecture : Architecture, str or path
        Where it starts.
    target : str, change, list of sentences, package or several, optional
        What to reach, as in `detente.compare`; every bundled proposal if left out.
    menu : str or list of changes
        What may be offered besides: ``"measures"`` (single measures that public texts have put
        forward), ``"on_the_table"``, ``"none"``, or changes and sentences.
    rule : str
        ``"start"``: nobody falls below the start after any step; ``"step"``: nobody loses in any
        step; ``"bounded"``: all losses below the start together, small ones too, stay within
        `budget`;
        ``"compensated"``: measures of the menu are added until nobody is below the start.
    consent : str
        ``"none"``, ``"willing"`` (no state that decides a step loses by it), ``"weak"`` (nor
        that, and one gains), ``"strong"`` (all gain); asked again at every step.
    package : int, optional
        Most edits in one step; any number if left out.
    lens : str, Lens or several
        Under which model, or under all of several at once.
    draws : int
        Draws of the lenses' uncertain parameters.
    share : float, optional
        How sure it must be: the rule, and the consent to each step, must hold in at least this
        share of draws; at the point estimate if left out.
    seed : int
        Seed of the draws.
    budget : float
        For the rule ``bounded``, in tolerances of the lens; without it any loss is allowed.
    parameters : mapping, optional
        Values of lens parameters; a value given is not drawn.
    work : Workforce, optional
        Who evaluates the draws, and where they are kept; no number depends on it.

    Returns
    -------
    Result
        For every target a status: ``reached``; ``harmful_target``, with who loses;
        ``needs_package``, with the bargain size; ``not_found_within_bounds``. And the largest
        harmless part, the steps, who decides them, and what could compensate.

    Raises
    ------
    UsageError
        If a name is not known, a target changes nothing, the menu is empty, or no lens sees any
        edit of any target.
    """
    for kind, name, known in (("rule", rule, PLAN_RULES), ("consent", consent, CONSENTS)):
        if name not in known:
            raise UnknownName(kind, str(name), known)
    if package is not None:
        package = whole("the number of edits in a package", package)
    if share is not None and not (0 < real("a share of draws", share) <= 1 and draws):
        raise UsageError("a share of draws lies above 0 and up to 1, and needs draws")
    if not real("a budget", budget) >= 0:
        raise UsageError(f"a budget is zero or positive, not {budget:g}")
    g = architecture_of(architecture)
    targets, idle = _targets(g, target)
    offered = measures_of(g, menu)
    views = sights(g, lens, draws=draws, seed=seed, parameters=parameters, work=work)
    sighted = [view for view in views if not view.reason]
    few = len(targets) <= FEW_TARGETS
    most = ROUTE_EVALUATIONS if few else OVERVIEW_EVALUATIONS
    terms = WayTerms(rule, consent, package, budget, most if share is None else DRAWN_EVALUATIONS)
    plans = [_planned(g, column, offered, sighted, terms, share, few) for column in targets]
    if not any(one.moving for one in plans):
        names = ", ".join(column.name for column in targets)
        lenses = ", ".join(view.lens.name for view in sighted)
        if any(one.seen for one in plans):
            raise UsageError(f"{names} changes nothing that {lenses} sees: the target is the start")
        raise UsageError(
            f"{lenses} sees none of the edits of {names}: under a lens that is blind to all of it "
            "every order would do"
        )
    from detente.transition.planning_result import assembled

    asked = {
        "rule": rule,
        "consent": consent,
        "package": package,
        "share": share,
        "budget": None if math.isinf(budget) else budget,
        "draws": draws,
        "menu": menu if isinstance(menu, str) else "given",
        "left_aside": ", ".join(idle),
    }
    return assembled(g, plans, offered, views, sighted, asked, seed)


def _targets(
    g: Architecture, target: Named | Sequence[Named] | None
) -> tuple[list[Contender], list[str]]:
    """Return the targets that change something, and the names of those that do not."""
    listed = columns(g, target)
    for column in listed:
        if column.change is None:
            raise UsageError(
                f"{column.name} is a package, not a list of changes; name the changes that lead "
                f"there. What differs is listed by: detente diff {g.name} {column.name}"
            )
    able = [column for column in listed if column.items]
    if not able:
        nothing = "; ".join(dict.fromkeys(r for c in listed for r in c.without_edit.values()))
        raise UsageError(
            f"{', '.join(column.name for column in listed)} changes nothing: the target is the "
            f"start ({nothing})" if nothing else f"{listed[0].name} changes nothing"
        )  # fmt: skip
    return able, [column.name for column in listed if not column.items]


def _planned(
    g: Architecture,
    column: Contender,
    offered: Sequence[Measure],
    views: Sequence[LensView],
    terms: WayTerms,
    share: float | None,
    in_draws: bool,
) -> Plan:
    edits = column.items
    offered = compatible(offered, edits)
    measures = tuple(m.change for m in offered if m.change is not None)
    composites = Composites(g, (*edits, *measures))
    falls = Falls(composites, views, share)
    unseen = {view.lens.name: unseen_of(view.lens, g, column) for view in views}
    moving = _moving(falls, edits, unseen)
    target = mask_of(len(composites), range(len(edits)))
    deltas, losing = falls.deltas(target)[0], falls.losing(target)[0]
    less, harmful = _over_draws(composites, views, target, deltas)
    losers = tuple((int(v), int(s)) for v, s in np.argwhere(losing))
    rule = terms.rule
    added = _compensating(falls, target, len(edits)) if losers and rule == "compensated" else ()
    part = largest_harmless(falls, moving)
    reachable = not losers or bool(added) or rule == "step"
    if rule == "bounded":
        reachable = falls.within(target, terms.budget)
    goal, way_to = ([*moving, *added], "target") if reachable else (list(part.items), "part")
    route = routed(falls, goal, terms)
    status = route.status if reachable else "harmful_target"
    if losers and rule == "step" and not route.steps:
        # Small falls may add up to a loss, but not to more than there are edits.
        worst = float(-np.nanmin(deltas / falls.scale[:, None]))
        status = "harmful_target" if share is None and worst > len(moving) else status
        goal, way_to = list(part.items), "part"
        route = routed(falls, goal, terms)
    return Plan(
        column,
        composites.items,
        len(edits),
        stated_edits(column),
        stated_edits(column) - len(_dark(unseen)),
        tuple(moving),
        unseen,
        deltas,
        less,
        harmful,
        losers,
        part,
        falls.deltas(mask_of(len(composites), part.items))[0],
        tuple(sorted({s for k in moving for s in composites.initiators[k]})),
        way_to,
        route,
        status,
        falls.total(target),
        staged(falls, route, terms.consent, in_draws=in_draws),
        _remedies(falls, target, len(edits), deltas, losers),
        added,
        tuple(m.title for m in offered if m.change is not None),
    )


def _dark(unseen: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the sentences of the edits that no lens sees."""
    return set.intersection(*(set(sentences) for sentences in unseen.values()))


def _moving(
    falls: Falls, edits: Sequence[Change], unseen: Mapping[str, Sequence[str]]
) -> list[int]:
    """Return the edits that change a tie which some lens sees."""
    dark, moves = _dark(unseen), falls.composites.seen
    return [k for k, edit in enumerate(edits) if moves[k] and str(edit) not in dark]


def _over_draws(
    composites: Composites, views: Sequence[LensView], target: Any, point: Floats
) -> tuple[Floats, float]:
    """Return who loses at the target in which share of draws, and in which anybody does."""
    less = np.empty_like(point)
    some: list[Any] = []
    moves = composites.moves(target)
    for k, view in enumerate(views):
        if view.drawn:
            drawn, levels = view.over_draws(moves)
        else:
            drawn, levels = point[None, None, k], np.array([view.tolerance])
        known = np.isfinite(drawn[:, 0])
        with np.errstate(invalid="ignore"):
            lost = drawn[:, 0] < -levels[:, None]
        less[k] = share_of(lost, known)
        some.append(lost.any(axis=1))
    longest = max(len(lost) for lost in some)
    together = np.zeros(longest, dtype=np.bool_)
    for lost in some:
        together |= lost if len(lost) == longest else bool(lost.all())
    return less, float(together.mean())


def _remedies(
    falls: Falls,
    target: Any,
    edits: int,
    deltas: Floats,
    losers: Sequence[tuple[int, int]],
) -> tuple[Remedy, ...]:
    """Return what each measure would give to each loser at the target, and what is then left.

    The measures that help a state are taken in the order of what they give alone, as many of them
    as leave it with the least loss.
    """
    measures = list(range(edits, len(falls.composites)))
    if not losers or not measures:
        return tuple(
            Remedy(v, s, -float(deltas[v, s]), (), (), -float(deltas[v, s])) for v, s in losers
        )
    singly = falls.deltas(np.array([_with(target, [m]) for m in measures])) - deltas
    remedies = []
    for v, s in losers:
        gains = [(m, float(singly[k, v, s])) for k, m in enumerate(measures)]
        useful = sorted(
            ((m, gain) for m, gain in gains if gain > falls.tolerances[v] * 0.01),
            key=lambda pair: -pair[1],
        )
        first = [[m for m, _ in useful[: k + 1]] for k in range(len(useful))]
        after = np.array([deltas[v, s]])
        if first:
            masks = np.array([_with(target, taken) for taken in first])
            after = np.concatenate([after, falls.deltas(masks)[:, v, s]])
        best = int(np.argmax(after))
        remedies.append(
            Remedy(
                v,
                s,
                -float(deltas[v, s]),
                tuple(useful),
                tuple(m for m, _ in useful[:best]),
                max(0.0, -float(after[best])),
            )
        )
    return tuple(sorted(remedies, key=lambda r: -r.loss / max(falls.tolerances[r.lens], 1e-300)))


def _with(mask: Any, items: Sequence[int] | range) -> Any:
    more = mask.copy()
    more[list(items)] = True
    return more


def _compensating(falls: Falls, target: Any, edits: int) -> tuple[int, ...]:
    """Return few measures after which nobody is below the start at the target, () if none do.

    Every choice is tried where the measures are few: the smallest that does, of these the one
    with which least is lacking. Elsewhere the measure that takes away most of what is lacking is
    added, one at a time; then whichever turns out not to be needed is left out again.
    """
    measures = list(range(edits, len(falls.composites)))
    if 0 < len(measures) <= MEASURES_TRIED and falls.share is None:
        masks = all_subsets(len(falls.composites), measures) | target
        sizes = masks[:, measures].sum(axis=1)
        clean = np.flatnonzero(falls.harmless(masks))
        if not len(clean):
            return ()
        fewest = clean[sizes[clean] == sizes[clean].min()]
        lacking = [float(np.maximum(-falls.deltas(masks[k])[0], 0.0).sum()) for k in fewest]
        best = masks[fewest[int(np.argmin(lacking))]]
        return tuple(m for m in measures if best[m])
    chosen: list[int] = []
    while measures and not bool(falls.harmless(_with(target, chosen))[0]):
        excess = falls.excess(np.array([_with(target, [*chosen, m]) for m in measures]))
        least = int(np.argmin(excess))
        if excess[least] >= falls.excess(_with(target, chosen))[0]:
            return ()
        chosen.append(measures.pop(least))
    if not bool(falls.harmless(_with(target, chosen))[0]):
        return ()
    for measure in list(chosen):
        fewer = [m for m in chosen if m != measure]
        if fewer and bool(falls.harmless(_with(target, fewer))[0]):
            chosen = fewer
    return tuple(chosen)


__all__ = ["Plan", "Remedy", "plan"]
