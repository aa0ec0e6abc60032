"""Who would stay if membership had a cost: how an organisation, or a web of promises, unravels.

What membership is worth to a member is the security that it would lose by leaving alone, under a
lens. At a cost of membership whoever has less leaves, then the others look again, until nobody
wants to leave. The curve "members left against cost" needs no parameter; its jump is the finding.
No lens says what membership costs, and without a cost, a burden or a first leaver for reasons of
its own most lenses know no exit: an ally never harms those who ally. Base rates of withdrawal
stand beside it, so that no cascade is believed too easily.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from detente.architecture.fact_tables import FactTables
from detente.architecture.system import Floats, System
from detente.architecture.value import Architecture
from detente.auditing.run import DEFAULT_LENS, choose
from detente.errors import UnknownName, UsageError
from detente.evidence.resolve import architecture_of
from detente.lenses.protocol import Lens
from detente.runs import Arrays, Workforce
from detente.transition.clubs import Club, club_of
from detente.transition.games.membership_cascade import (
    EQUAL,
    ends,
    membership,
    steps,
    turns_of,
)
from detente.transition.membership_worth import Worth, club_sets, rising, worth_of
from detente.transition.subsets.sights import LensView, sights
from detente.transition.subsets.tie_sources import Bools, TieSets, gifts
from detente.transition.unseen_clubs import why_unseen
from detente.words import listed

if TYPE_CHECKING:
    from detente.results import Result

FORMAT = 1
VIEWS_MODULE = "detente.transition.collapse_views"
DEFAULT_DRAWS = 10
COSTS = 20
BEYOND = 1.5
"""Up to which multiple of the cost at which the last leave costs are tried, for the draws."""
EXACT = 40
"""Members up to which the steps of the curve are followed under a lens without a quick way."""
ROUGH = 10
"""Costs that are tried to find where that is."""
BLOCK = 20
"""Draws that are computed as one piece of work."""
ORDERS = 5
BASE_RATES = (
    ("Withdrawals from 493 intergovernmental organisations since 1945", "about 200",
     "von Borzyskowski & Vabulas (2019), Review of International Organizations 14, 335-366"),
    ("Ends of membership a year in defence pacts of many members, 1816-1944", "0.085",
     "counted from ATOP 4.01, phases merged"),
    ("The same, 1945-1989", "0.028", "counted from ATOP 4.01, phases merged"),
    ("Bilateral defence pacts, ends a year, 1945-1989", "0.046",
     "counted from ATOP 4.01, phases merged"),
    ("Alliances of four or more members with an exit in which another followed within five years",
     "10 of 58", "counted from ATOP 4.01, phases merged; in 28 all ended at once"),
)  # fmt: skip
"""How often members leave, so that no cascade is believed too easily."""


def collapse(
    architecture: Architecture | str,
    organisation: str,
    *,
    first: str | Sequence[str] | None = None,
    cost: float | None = None,
    burden: float | None = None,
    lens: str | Lens = DEFAULT_LENS,
    draws: int = DEFAULT_DRAWS,
    orders: int = ORDERS,
    seed: int = 0,
    parameters: Mapping[str, float] | None = None,
    work: Workforce | None = None,
) -> Result:
    """Say who would stay in an organisation as a function of what membership costs.

    Parameters
    ----------
    architecture : Architecture, str or path
        Where it stands.
    organisation : str
        Code of an organisation; of a state (or ``"every commitment of RUS"``), for everything that
        ties others to it; or the name of a commitment, such as a treaty. No lens sees arms
        control, and about a regime of it the answer is that.
    first : str or list of str, optional
        Who leaves first, for reasons of its own.
    cost : float, optional
        Cost of membership in the lens's unit; if left out, the highest at which all stay who would
        stay if membership cost nothing.
    burden : float, optional
        Instead of a cost: what helping costs, the parameter ``burden`` of a lens that has it.
    lens : str or Lens
        Under which model.
    draws : int
        Draws of the lens's uncertain parameters.
    orders : int
        Orders in which members are asked, to see whether the end depends on them.
    seed : int
        Seed of draws and orders.
    parameters : mapping, optional
        Values of the lens's parameters.
    work : Workforce, optional
        Who evaluates the draws, and where they are kept; no number depends on it.

    Returns
    -------
    Result
        Members left at each cost, with and without the first leaver, as counted and over draws;
        the worth of membership to each; who follows whom; how many ends there are.

    Raises
    ------
    UsageError
        If a name is not known, a cost is negative, or the lens sees nothing of what the members
        promise: then it says which lenses do, if any.
    """
    g = architecture_of(architecture)
    club = club_of(g, organisation)
    gone = [g.state(s) for s in ([first] if isinstance(first, str) else first or ())]
    for state in gone:
        if state not in club.members:
            raise UnknownName(f"member of {club.name}", state, club.members)
    fixed = dict(parameters or {})
    if burden is not None:
        for chosen in choose(lens):
            if "burden" not in {p.name for p in chosen.parameters}:
                raise UsageError(
                    f"under {chosen.name} helping costs nothing, so no burden can be set: give a "
                    "cost of membership instead"
                )
        fixed["burden"] = burden
    if cost is not None and not cost >= 0:
        raise UsageError(f"a cost is zero or positive, not {cost:g}")
    view = sights(g, lens, draws=draws, seed=seed, parameters=fixed, work=work)[0]
    worth = worth_of(g, club, view)
    full = worth(np.ones(len(club.members), dtype=np.bool_))
    if not worth.seen():
        held = {gift.what for gift in gifts(g.ledger) if club.member_of(gift) is not None}
        raise UsageError(why_unseen(g, club, view.lens, held))
    place = [club.members.index(state) for state in gone]
    exact = [
        {"leaver": r, "cost": cost, "left": left}
        for r, gone_first in enumerate(((), place) if place else ((),))
        if worth.quick or len(full) <= EXACT
        for cost, left in steps(worth, len(full), first=gone_first)
    ]
    costs = _costs(worth, full)
    at = _level(worth, full) if cost is None else float(cost)
    if cost is None and burden is not None:
        at = 0.0
    curves = worth.left(costs, ((), place))
    turns = turns_of(len(full), orders, seed)
    drawn = _over_draws(view, worth, costs, at, tuple(place), turns)
    seen = ends(worth, np.full(len(full), at), first=place, orders=orders, seed=seed)
    stay = membership(worth, np.full(len(full), at))
    followers = np.array([_following(worth, at, stay.members, i) for i in range(len(full))])
    cascade = membership(worth, np.full(len(full), at), first=place)
    asked = CollapseAsked(club, tuple(gone), cost, burden, draws, seed)
    return _assembled(
        g, asked, view, worth, full, costs, at, exact, curves, drawn,
        seen, stay.members, followers, [club.members[i] for i in cascade.order],
    )  # fmt: skip


@dataclass(frozen=True)
class CollapseAsked:
    """What was asked: of whom, who leaves first, what membership costs, over how many draws."""

    club: Club
    first: tuple[str, ...]
    cost: float | None
    burden: float | None
    draws: int
    seed: int


@dataclass(frozen=True, eq=False)
class DrawnWorths:
    """What membership is worth, and who stays at each cost, under a stretch of the draws."""

    view: LensView
    sets: TieSets
    tables: FactTables | None
    places: Sequence[int]
    items: Sequence[int]
    costs: Floats
    at: float
    first: tuple[int, ...]
    turns: NDArray[np.int64]

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return worth (draws, n), members left (draws, 2, costs), and ends seen (draws,)."""
        worths, left, ends_seen = [], [], []
        tied = (self.sets, self.tables, self.places, self.items)
        for d in range(*address):
            worth = Worth(self.view, self.view.drawn[d], *tied)
            worths.append(worth(np.ones(worth.many, dtype=np.bool_)))
            left.append(worth.left(self.costs, ((), self.first)))
            ends_seen.append(float(len(worth.ends(self.at, self.first, self.turns))))
        return {"worth": np.array(worths), "left": np.array(left), "ends": np.array(ends_seen)}


def _over_draws(view: LensView, worth: Worth, *given: Any) -> dict[str, Floats]:
    """Return what the draws say, in their order, whoever computes them."""
    bare = replace(view, work=Workforce())  # sent to whoever computes
    tied = (worth.sets, worth.tables, worth.places, worth.items)
    compute = DrawnWorths(bare, *tied, *given)
    block = BLOCK if worth.quick else 1
    blocks = [arrays for _, arrays in view.drawing(compute, "collapse", *tied, *given, block=block)]
    names = blocks[0] if blocks else {}
    return {name: np.concatenate([arrays[name] for arrays in blocks]) for name in names}


def _costs(worth: Worth, full: Floats) -> Floats:
    """Return the costs to try: from zero to beyond that at which the last have left."""
    rough = np.linspace(0.0, 1.05 * max(float(full.max(initial=0.0)), worth.view.tolerance), ROUGH)
    empty = np.flatnonzero(worth.left(rough, ((),))[0] == 0)
    top = BEYOND * rough[empty[0]] if len(empty) and empty[0] else rough[-1]
    return np.linspace(0.0, max(min(top, rough[-1]), BEYOND * worth.view.tolerance), COSTS)


def _level(worth: Worth, full: Floats) -> float:
    """Return the highest cost at which all stay who would stay if membership cost nothing."""
    stay = membership(worth, np.zeros(len(full))).members
    return max(float(worth(stay)[stay].min(initial=np.inf)), 0.0) if stay.any() else 0.0


def without_member(g: Architecture, view: LensView, club: Club, member: str) -> System:
    """Return the system if one member left and all others stayed."""
    sets = club_sets(g, club, view)
    mask = np.array([state != member for state in club.members])
    return g.system.moved(sets.moves(mask[None]), 0)


def _following(worth: Worth, at: float, stay: Bools, first: int) -> int:
    """Return how many of those who would stay at a cost leave if one of them goes first."""
    if not stay[first]:
        return 0
    left = membership(worth, np.full(len(stay), at), first=[first]).members
    return int((stay & ~left).sum()) - 1


def _assembled(
    g: Architecture,
    asked: CollapseAsked,
    view: LensView,
    worth: Worth,
    full: Floats,
    costs: Floats,
    at: float,
    exact: Sequence[Mapping[str, Any]],
    curves: Floats,
    drawn: Mapping[str, Floats],
    seen: Sequence[Bools],
    stay: Bools,
    followers: Any,
    order: Sequence[str],
) -> Result:
    from detente.results import build

    club, gone, unit = asked.club, asked.first, view.lens.unit
    monotone = rising(worth, len(full), asked.seed)
    low, high, least, most, several = curves, curves, full, full, np.nan
    if drawn:
        low, high = np.quantile(drawn["left"], (0.05, 0.95), axis=0)
        least, most = np.quantile(drawn["worth"], (0.05, 0.95), axis=0)
        several = float((drawn["ends"] > 1).mean())
    variables = {
        "left": (("leaver", "cost"), curves.astype(np.int64), "members",
                 "members left at this cost"),
        "left_low": (("leaver", "cost"), low, "members", "the same, 5 % quantile over draws"),
        "left_high": (("leaver", "cost"), high, "members", "the same, 95 % quantile over draws"),
        "worth": (("member",), full, unit, "what membership is worth with all in: its reserve"),
        "worth_low": (("member",), least, unit, "the same, 5 % quantile over draws"),
        "worth_high": (("member",), most, unit, "the same, 95 % quantile over draws"),
        "followers": (("member",), followers, "members",
                      "of those who would stay at the cost, how many follow if it left first"),
        "stay": (("member",), stay.astype(np.int64), "", "1: stays at the cost, nobody first"),
        "at": ((), np.array(at), unit, "the cost at which followers and ends are counted"),
        "ends": ((), np.array(len(seen)), "ends", "different ends seen over the orders"),
        "several_ends": ((), np.array(several), "share of draws",
                         "orders of leaving end differently, at the same cost"),
        "tolerance": ((), np.array(view.tolerance), unit, "what a difference must exceed to count"),
        "rises": ((), np.array(int(monotone)), "",
                  "1: worth never fell with more members where it was tried"),
    }  # fmt: skip
    beneath = unwanted(worth, club.members, full)
    settings = {
        "organisation": club.name,
        "title": club.title,
        "first": list(gone),
        "cost": asked.cost,
        "burden": asked.burden,
        "draws": asked.draws,
        "unwanted": beneath,
        "steps": list(exact),
        "lens": view.describe(),
        "order": list(order),
        "ends": [[club.members[i] for i in np.flatnonzero(end)] for end in seen],
        "base_rates": [
            {"what": what, "rate": rate, "source": source} for what, rate, source in BASE_RATES
        ],
    }
    return build(
        "collapse",
        variables=variables,
        coordinates={
            "member": list(club.members),
            "cost": costs,
            "leaver": ["nobody first", " and ".join(gone) + " first" if gone else "as asked"],
        },
        reading=_reading(
            asked,
            view,
            full,
            _jump([step for step in exact if step["leaver"] == 0], costs, curves[0], len(full)),
            at,
            stay,
            followers,
            order,
            beneath,
        ),
        architecture=g,
        settings=settings,
        seed=asked.seed,
    )


def unwanted(worth: Worth, members: Sequence[str], full: Floats) -> dict[str, Any]:
    """Return to whom membership is worth less than nothing, by how much, and if help were free.

    Of those beneath zero by no more than the tolerance it is fair to say that it is worth about
    nothing to them; ``free`` are those who would be beneath zero even if helping cost nothing.
    """
    level = worth.view.tolerance
    below = [i for i in np.argsort(full, kind="stable").tolist() if full[i] < 0]
    burden = worth.values.get("burden", 0.0)
    free: list[str] = []
    if below and burden > 0:
        others = worth.drawn({**worth.values, "burden": 0.0})
        gain = others(np.ones(len(full), dtype=np.bool_))
        free = [members[i] for i in below if gain[i] < -EQUAL * np.abs(gain).max()]
    return {
        "clearly": [members[i] for i in below if full[i] < -level],
        "hardly": [members[i] for i in below if full[i] >= -level],
        "burden": burden,
        "free": free,
    }


def _reading(
    asked: CollapseAsked,
    view: LensView,
    full: Floats,
    jump: str,
    at: float,
    stay: Bools,
    followers: Any,
    order: Sequence[str],
    beneath: Mapping[str, Any],
) -> str:
    least, most = int(np.argmin(full)), int(np.argmax(full))
    club, gone, unit = asked.club, asked.first, view.lens.unit
    members = club.members
    parts = [
        f"{_subject(club)} is worth least to {members[least]} ({full[least]:.4g} {unit}) "
        f"and most to {members[most]} ({full[most]:.4g}) under {view.lens.name}"
    ]
    if beneath["clearly"] or beneath["hardly"]:
        parts.append(_of_unwanted(beneath, view))
    parts.append(jump)
    unasked = int((~stay).sum())
    if unasked:
        parts.append(
            f"at a cost of {at:.3g}, {unasked} of {len(full)} would leave whoever goes first"
        )
    if gone:
        going = {members[k] for k in np.flatnonzero(~stay)}
        rest = [state for state in order if state not in gone and state not in going]
        who = ", ".join(rest[:5]) + (f" and {len(rest) - 5} others" if len(rest) > 5 else "")
        parts.append(
            f"if {' and '.join(gone)} left first, at a cost of {at:.3g} "
            + (f"{who} would follow" if rest else "nobody would follow")
            + (" who would not leave anyway" if unasked and not rest else "")
        )
    if followers.max(initial=0) > 0:
        signs = [members[k] for k in np.flatnonzero(followers == followers.max())]
        parts.append(
            f"of those who would stay at that cost {listed(signs, 3)} would take most along "
            f"({int(followers.max())})"
        )
    return " ".join(f"{part[0].upper()}{part[1:]}." for part in parts)


def _subject(club: Club) -> str:
    """Return what is worth something to a member."""
    return club.title if club.title.startswith("what ties") else f"membership of {club.title}"


def _jump(exact: Sequence[Mapping[str, Any]], costs: Floats, left_at: Floats, many: int) -> str:
    """Say where the curve of members left against cost falls most."""
    if not left_at[0]:
        return "nobody would stay even if membership cost nothing"
    borders = [step["cost"] for step in exact] or costs.tolist()
    left = [step["left"] for step in exact] or left_at.astype(int).tolist()
    drops = -np.diff([*left, 0])
    k = int(np.argmax(drops))
    where = f"just above {borders[k]:.3g}"
    if not exact:  # known at the costs of the grid only
        where = f"between {costs[k]:.3g} and {costs[min(k + 1, len(costs) - 1)]:.3g}"
    return (
        f"the curve of members left against cost falls most {where}, "
        f"from {left[k]} of {many} to {left[k] - int(drops[k])}"
    )


def _of_unwanted(beneath: Mapping[str, Any], view: LensView) -> str:
    """Say to whom membership is worth less than nothing, and whether that is what help costs."""
    clearly, hardly = beneath["clearly"], beneath["hardly"]
    level = f"the tolerance of {view.tolerance:.3g}"
    if clearly and hardly:
        who = (
            f"it is worth less than nothing to {listed(clearly)}, and about nothing to "
            f"{listed(hardly)} (below zero by less than {level})"
        )
    elif clearly:
        who = f"it is worth less than nothing to {listed(clearly)}"
    else:
        who = f"it is worth about nothing to {listed(hardly)} (below zero by less than {level})"
    if not beneath["burden"]:
        return who
    if not beneath["free"]:
        return f"{who}, all of it what helping others costs them (burden {beneath['burden']:g})"
    return f"{who}; if helping cost nothing, still to {listed(beneath['free'])}"
