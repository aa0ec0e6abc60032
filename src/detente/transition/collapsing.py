"""Who would stay if membership had a cost: how an organisation, or a web of promises, unravels.

What membership is worth to a member is the security that it would lose by leaving alone, under a
lens. At a cost of membership whoever has less leaves, then the others look again, until nobody
wants to leave. The curve "members left against cost" needs no parameter; its jump is the finding.
No lens says what membership costs, and without a cost, a burden or a first leaver for reasons of
its own most lenses know no exit: an ally never harms those who ally. Base rates of withdrawal
stand beside it, so that no cascade is believed too easily.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.fact_tables import FactTables
from detente.architecture.system import Floats, System
from detente.architecture.value import Architecture
from detente.auditing.run import DEFAULT_LENS
from detente.errors import UnknownName, UsageError
from detente.evidence.resolve import load
from detente.lenses.protocol import Lens
from detente.runs import Arrays, Workforce
from detente.transition.games.membership_cascade import EQUAL, ends, membership
from detente.transition.subsets.menu_tables import tables_of_sources
from detente.transition.subsets.sights import LensView, sights
from detente.transition.subsets.tie_sources import (
    Bools,
    Gift,
    TieSets,
    every_source,
    gifts,
    seen_places,
)
from detente.transition.unseen_clubs import (
    arms_control_titled,
    folded,
    of_arms_control,
    regimes_of,
    why_unseen,
)

if TYPE_CHECKING:
    from detente.results import Result

FORMAT = 1
VIEWS_MODULE = "detente.transition.collapse_views"
DEFAULT_DRAWS = 10
COSTS = 20
ORDERS = 5
EVERY = "every commitment of "
"""What may stand before a state, to say that all that ties others to it is meant."""
MOST_AT_ONCE = 16
"""Members up to which a quick lens evaluates every set of them at once."""
TRIED = 20
"""Pairs of sets on which it is tried whether worth rises with members."""

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


@dataclass(frozen=True)
class Club:
    """An organisation, a treaty, or all who are tied to one state.

    Attributes
    ----------
    name, title : str
        What it is.
    members : tuple of str
        Its members with a figure of capability.
    member_of : callable
        Which members a gift hangs on; None if it is none of the club's.
    """

    name: str
    title: str
    members: tuple[str, ...]
    member_of: Callable[[Gift], int | tuple[int, int] | None]


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
        Cost of membership in the lens's unit; the highest at which all would stay if left out.
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
    g = architecture if isinstance(architecture, Architecture) else load(architecture)
    club = club_of(g, organisation)
    gone = [g.state(s) for s in ([first] if isinstance(first, str) else first or ())]
    for state in gone:
        if state not in club.members:
            raise UnknownName(f"member of {club.name}", state, club.members)
    fixed = dict(parameters or {})
    if burden is not None:
        fixed["burden"] = burden
    if cost is not None and not cost >= 0:
        raise UsageError(f"a cost is zero or positive, not {cost:g}")
    view = sights(g, lens, draws=draws, seed=seed, parameters=fixed, work=work)[0]
    worth = worth_of(g, club, view)
    full = worth(np.ones(len(club.members), dtype=np.bool_))
    if not worth.seen:
        held = {gift.what for gift in gifts(g.ledger) if club.member_of(gift) is not None}
        raise UsageError(why_unseen(g, club.name, view.lens, held))
    place = [club.members.index(state) for state in gone]
    top = float(full.max(initial=0.0))
    costs = np.linspace(0.0, 1.05 * max(top, view.tolerance), COSTS)
    at = max(float(full.min()), 0.0) if cost is None else float(cost)
    if cost is None and burden is not None:
        at = 0.0
    curves = np.array([worth.left(costs, who) for who in ((), place)])
    over = np.full((len(view.drawn), 2, COSTS), np.nan)
    reserves = np.full((len(view.drawn), len(full)), np.nan)
    bare = replace(view, work=Workforce())  # sent to whoever computes
    compute = DrawnWorths(bare, worth.sets, worth.tables, worth.places, costs, place)
    given = (worth.sets, worth.tables, worth.places, costs, place)
    for rows, arrays in view.drawing(compute, "collapse", *given, block=1):
        reserves[rows], over[rows] = arrays["worth"], arrays["left"]
    seen = ends(worth, np.full(len(full), at), first=place, orders=orders, seed=seed)
    stay = membership(worth, np.full(len(full), at))
    followers = np.array([_following(worth, at, stay.members, i) for i in range(len(full))])
    cascade = membership(worth, np.full(len(full), at), first=place)
    return _assembled(
        g, club, gone, view, worth, full, costs, at, curves, over, reserves, seen, stay.members,
        followers, [club.members[i] for i in cascade.order], cost, burden, draws, seed,
    )  # fmt: skip


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


def club_of(g: Architecture, name: str) -> Club:
    """Return what was named: an organisation, a state with all tied to it, or a commitment."""
    codes = set(g.system.codes)
    if name.casefold().startswith(EVERY):
        return _web(g, g.state(name[len(EVERY) :]), codes)
    known = g.ledger.articles
    if name.upper() in known:
        code = name.upper()
        members = tuple(s for s in sorted(known[code].members) if s in codes)
        place = {state: k for k, state in enumerate(members)}

        def within(gift: Gift) -> int | tuple[int, int] | None:
            if gift.source != code:
                return None
            return _both(place, gift)

        return Club(code, code, members, within)
    listed = {source.name: source for source in every_source(g.ledger)}
    if name in listed and listed[name].kind != "rivalry":
        source = listed[name]
        members = tuple(s for s in source.states if s in codes)
        place = {state: k for k, state in enumerate(members)}
        return Club(
            name,
            source.title,
            members,
            lambda gift: _both(place, gift) if gift.source == name else None,
        )
    rows = arms_control_titled(g, name)
    if rows & set(listed):
        states = {s for row in rows & set(listed) for s in listed[row].states}
        members = tuple(sorted(states & codes))
        place = {state: k for k, state in enumerate(members)}
        return Club(
            name,
            name,
            members,
            lambda gift: _both(place, gift) if gift.source in rows else None,
        )
    regimes = regimes_of(g)
    if folded(name) in regimes:
        raise UsageError(of_arms_control(regimes[folded(name)]))
    try:
        actor = g.state(name)
    except UnknownName:
        raise UnknownName(
            "organisation, state or commitment",
            name,
            [*known, *regimes.values(), *g.codes],
            f"The organisations that count are listed by: detente show {g.name}",
        ) from None
    return _web(g, actor, codes)


def _web(g: Architecture, actor: str, codes: set[str]) -> Club:
    """Return all who are tied to a state by promises, forces or deliveries of either side."""
    hostile = {source.name for source in every_source(g.ledger) if source.kind == "rivalry"}
    partners = sorted(
        {
            gift.column if gift.row == actor else gift.row
            for gift in gifts(g.ledger)
            if actor in (gift.row, gift.column) and gift.source not in hostile
        }
        & codes - {actor}
    )
    place = {state: k for k, state in enumerate(partners)}

    def tied(gift: Gift) -> int | tuple[int, int] | None:
        if actor not in (gift.row, gift.column) or gift.source in hostile:
            return None
        return place.get(gift.column if gift.row == actor else gift.row)

    return Club(actor, f"what ties others to {actor}", tuple(partners), tied)


def _both(place: Mapping[str, int], gift: Gift) -> int | tuple[int, int] | None:
    if gift.row in place and gift.column in place:
        return (place[gift.row], place[gift.column])
    return None


def club_sets(g: Architecture, club: Club, view: LensView) -> TieSets:
    """Return the system with only some of the members of a club, as a lens sees it."""
    if not club.members:
        raise UsageError(f"{club.name} has no members with a figure of capability")
    seen = seen_places(view.lens)
    given = [gift for gift in gifts(g.ledger) if gift.what in seen]
    return TieSets(g.system, g.mapping, given, club.member_of, len(club.members))


def worth_of(g: Architecture, club: Club, view: LensView) -> Worth:
    """Return what membership of a club is worth at the point estimate."""
    sets = club_sets(g, club, view)
    tables = tables_of_sources(sets) if sets.players <= MOST_AT_ONCE else None
    places = [g.system.codes.index(state) for state in club.members]
    return Worth(view, view.values, sets, tables, places)


class Worth:
    """What membership is worth to each, for any set of members, each set evaluated once.

    Parameters
    ----------
    view : LensView
        The lens and what it looks at.
    values : mapping
        Its parameters.
    sets : TieSets
        The system with only some of the members.
    tables : FactTables or None
        The same as tables, where every set is to be evaluated at once.
    places : sequence of int
        Positions of the members in the system.
    """

    def __init__(
        self,
        view: LensView,
        values: Mapping[str, float],
        sets: TieSets,
        tables: FactTables | None,
        places: Sequence[int],
    ) -> None:
        self.view, self.values, self.many = view, values, len(places)
        self.sets, self.tables, self.places = sets, tables, list(places)
        self._kept: dict[bytes, Floats] = {}
        self._table = self._of_every_set()
        self.seen = False

    def __call__(self, members: Bools) -> Floats:
        """Return b_i(T) = S_i(T) - S_i(T without i) for the members, 0 for others."""
        here = np.flatnonzero(members)
        masks = np.tile(np.asarray(members, dtype=np.bool_), (len(here) + 1, 1))
        masks[np.arange(len(here)) + 1, here] = False
        security = self._security(masks)
        worth = np.zeros(self.many)
        worth[here] = security[0, here] - security[np.arange(len(here)) + 1, here]
        self.seen |= bool(np.abs(security - security[0]).max(initial=0.0) > 0)
        return worth

    def _of_every_set(self) -> Floats | None:
        """Return the security of each member with every set of members, member i bit i."""
        if self.tables is None:
            return None
        every = self.view.lens.over_subsets(self.view.system, self.tables, self.values)
        return None if every is None else every.of(self.places)

    def left(self, costs: Floats, first: Sequence[int]) -> list[int]:
        """Return how many members are left at each cost, the lowest index first to leave."""
        if self._table is None:
            return _left(self, costs, self.many, first)
        bits = 1 << np.arange(self.many)
        masks = np.full(len(costs), bits.sum() - bits[list(first)].sum())
        while True:
            here = (masks[:, None] & bits) > 0
            alone = self._table[masks[:, None] & ~bits, np.arange(self.many)]
            worth = np.where(here, self._table[masks] - alone, 0.0)
            scale = np.maximum(np.abs(worth).max(axis=1), np.abs(costs))
            unwilling = here & (worth < (costs - EQUAL * scale)[:, None])
            leaving = unwilling.any(axis=1)
            if not leaving.any():
                return [int(many) for many in here.sum(axis=1)]
            masks = masks - np.where(leaving, bits[unwilling.argmax(axis=1)], 0)

    def _security(self, masks: Bools) -> Floats:
        """Return the security of each member with the sets, or what these give to it."""
        if self._table is not None:
            return self._table[masks @ (1 << np.arange(self.many))]
        new = {mask.tobytes(): mask for mask in masks if mask.tobytes() not in self._kept}
        if new:
            rows = np.array(list(new.values()))
            deltas = self.view.deltas(self.sets.moves(rows), self.values)[:, self.places]
            for key, delta in zip(new, deltas, strict=True):
                self._kept[key] = delta
        return np.stack([self._kept[mask.tobytes()] for mask in masks])


@dataclass(frozen=True, eq=False)
class DrawnWorths:
    """What membership is worth, and who stays at each cost, under a stretch of the draws."""

    view: LensView
    sets: TieSets
    tables: FactTables | None
    places: Sequence[int]
    costs: Floats
    first: Sequence[int]

    def __call__(self, address: Sequence[int]) -> Arrays:
        """Return the worth to each member and the members left in the draws of an address."""
        worths, left = [], []
        for d in range(*address):
            worth = Worth(self.view, self.view.drawn[d], self.sets, self.tables, self.places)
            worths.append(worth(np.ones(worth.many, dtype=np.bool_)))
            left.append([worth.left(self.costs, who) for who in ((), self.first)])
        return {"worth": np.array(worths), "left": np.array(left, dtype=float)}


def _left(worth: Worth, costs: Floats, many: int, first: Sequence[int]) -> list[int]:
    return [
        int(membership(worth, np.full(many, float(c)), first=list(first)).members.sum())
        for c in costs
    ]


def rising(worth: Worth, many: int, seed: int) -> bool:
    """Say whether, on pairs of sets, membership was worth no less to anybody with more members."""
    rng = np.random.default_rng(seed)
    for _ in range(TRIED):
        more = rng.random(many) < 0.7
        fewer = more & (rng.random(many) < 0.7)
        both = fewer
        if both.any():
            large, small = worth(more), worth(fewer)
            scale = max(np.abs(large).max(), np.abs(small).max())
            if (small[both] > large[both] + 1e-9 * scale).any():
                return False
    return True


def _assembled(
    g: Architecture,
    club: Club,
    gone: Sequence[str],
    view: LensView,
    worth: Worth,
    full: Floats,
    costs: Floats,
    at: float,
    curves: Any,
    over: Floats,
    reserves: Floats,
    seen: Sequence[Bools],
    stay: Bools,
    followers: Any,
    order: Sequence[str],
    cost: float | None,
    burden: float | None,
    draws: int,
    seed: int,
) -> Result:
    from detente.results import build

    unit, lens = view.lens.unit, view.lens.name
    monotone = rising(worth, len(full), seed)
    low, high = (
        np.quantile(over, (0.05, 0.95), axis=0) if len(over) else (curves.astype(float),) * 2
    )
    worst = np.quantile(reserves, (0.05, 0.95), axis=0) if len(reserves) else np.stack([full] * 2)
    variables = {
        "left": (("leaver", "cost"), curves, "members", "members left at this cost"),
        "left_low": (("leaver", "cost"), low, "members", "the same, 5 % quantile over draws"),
        "left_high": (("leaver", "cost"), high, "members", "the same, 95 % quantile over draws"),
        "worth": (("member",), full, unit, "what membership is worth with all in: its reserve"),
        "worth_low": (("member",), worst[0], unit, "the same, 5 % quantile over draws"),
        "worth_high": (("member",), worst[1], unit, "the same, 95 % quantile over draws"),
        "followers": (("member",), followers, "members",
                      "of those who would stay at the cost, how many follow if it left first"),
        "stay": (("member",), stay.astype(np.int64), "", "1: stays at the cost, nobody first"),
        "at": ((), np.array(at), unit, "the cost at which followers and ends are counted"),
        "ends": ((), np.array(len(seen)), "ends", "different ends seen over the orders"),
        "rises": ((), np.array(int(monotone)), "",
                  "1: worth never fell with more members where it was tried"),
    }  # fmt: skip
    settings = {
        "organisation": club.name,
        "title": club.title,
        "first": list(gone),
        "cost": cost,
        "burden": burden,
        "draws": draws,
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
        reading=_reading(g, club, gone, lens, unit, full, costs, curves, at, stay, order),
        architecture=g,
        settings=settings,
        seed=seed,
    )


def _reading(
    g: Architecture,
    club: Club,
    gone: Sequence[str],
    lens: str,
    unit: str,
    full: Floats,
    costs: Floats,
    curves: Any,
    at: float,
    stay: Bools,
    order: Sequence[str],
) -> str:
    least, most = int(np.argmin(full)), int(np.argmax(full))
    members = club.members
    parts = [
        f"Membership of {club.title} is worth least to {members[least]} ({full[least]:.4g} {unit}) "
        f"and most to {members[most]} ({full[most]:.4g}) under {lens}"
    ]
    drops = -np.diff(np.concatenate([[len(full)], curves[0]]))
    jump = int(np.argmax(drops))
    parts.append(
        f"the largest jump is at a cost of {costs[jump]:.3g}, where {int(drops[jump])} of "
        f"{len(full)} leave"
    )
    unasked = int((~stay).sum())
    if unasked:
        parts.append(
            f"at a cost of {at:.3g} {unasked} of {len(full)} would leave whoever goes first"
        )
    if gone:
        going = {members[k] for k in np.flatnonzero(~stay)}
        rest = [state for state in order if state not in gone and state not in going]
        who = ", ".join(rest[:5]) + (f" and {len(rest) - 5} others" if len(rest) > 5 else "")
        parts.append(
            f"if {' and '.join(gone)} left first, at a cost of {at:.3g} "
            + (f"{who} would follow" if rest else "nobody would follow")
        )
    return "; ".join(parts) + "."
