"""Why is this number what it is? The lens's own sum, then what each source of ties has in it.

First the terms of which the lens itself makes the security of a state. Then the sources of ties
(organisations, treaties, rivalries, forces abroad, deliveries) as players of a game whose worth
is that security with only some of them in force: their Shapley values add up to what all of them
together do. The baseline is "these sources off, all else as it is". A source that never moves the
number, whatever else is in force, is left out before sets are counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.changes import Change, moves_of
from detente.architecture.mapping import TieMapping
from detente.architecture.sentences import understand
from detente.architecture.system import Floats, Ints, System
from detente.architecture.value import Architecture
from detente.auditing.run import DEFAULT_LENS
from detente.errors import UsageError
from detente.evidence.resolve import architecture_of
from detente.lenses.protocol import Lens, MemberWorths, Term, Values
from detente.transition.games.values import interaction, owen, shapley
from detente.transition.membership_worth import MOST_AS_BITS
from detente.transition.subsets.falls import all_subsets
from detente.transition.subsets.menu_tables import tables_of_sources
from detente.transition.subsets.sights import LensView, sight, sights
from detente.transition.subsets.tie_sources import (
    KINDS_OF_SOURCE,
    Bools,
    Gift,
    TieSets,
    TieSource,
    every_source,
    gifts,
    seen_places,
)
from detente.words import in_sentence

if TYPE_CHECKING:
    from detente.results import Result

FORMAT = 1
VIEWS_MODULE = "detente.transition.explanation_views"
EXACT_SOURCES = 24
"""Most players whose sets are all evaluated; beyond, orders are sampled."""
EXACT_ONE_BY_ONE = 14
"""The same under a lens that evaluates each set by itself."""
MOST_SOURCES = 40
"""Most sources that play by themselves; the smaller ones play as one."""
SMALL = 0.05
"""What a source must move, in tolerances, to play by itself."""
SMALLER = "smaller"
ORDERS = 200
CONTEXTS = 1
"""Random sets of sources, besides all and none, in which every source is tried."""
BATCH = 4096


@dataclass(frozen=True, eq=False)
class Shares:
    """What each source has in a number.

    Attributes
    ----------
    values, error : arrays (k,)
        Shapley values and their standard errors (0 where exact).
    grouped : array (k,)
        Values where sources of one kind stay together (Owen).
    grouped_error : array (k,)
        Their standard errors (0 where exact).
    kinds : dict
        What each kind of source has in the game among the kinds, always exact.
    pairs : array (k, k)
        Interactions of pairs; NaN where orders were sampled.
    exact : bool
        Whether every set of sources was looked at.
    """

    values: Floats
    error: Floats
    grouped: Floats
    grouped_error: Floats
    kinds: dict[str, float]
    pairs: Floats
    exact: bool


def explain(
    architecture: Architecture | str,
    state: str,
    *,
    change: Change | str | None = None,
    lens: str | Lens = DEFAULT_LENS,
    orders: int = ORDERS,
    seed: int = 0,
    parameters: Mapping[str, float] | None = None,
) -> Result:
    """Explain the security of a state, or what a change gives to it.

    Parameters
    ----------
    architecture : Architecture, str or path
        Where it stands.
    state : str
        Code or name of the state.
    change : change or str, optional
        Explain what it gives to the state instead of the security itself; a sentence, or a
        proposal such as ``"helsinki:text"``.
    lens : str or Lens
        Under which model.
    orders : int
        Orders sampled, half of them the reverse of the others, where there are more than
        `EXACT_SOURCES` sources.
    seed : int
        Seed of the orders.
    parameters : mapping, optional
        Values of the lens's parameters.

    Returns
    -------
    Result
        The lens's own sum, and for every source that reaches the state its Shapley value in the
        lens's unit, its value within its kind, and what pairs of sources are worth together.

    Raises
    ------
    UsageError
        If the state, the change or the lens is not known, or nothing reaches the state.
    """
    if orders < 4 or orders % 2:
        raise UsageError(f"orders come in pairs: an even number from 4 on, not {orders}")
    g = architecture_of(architecture)
    code = g.state(state)
    if code not in g.system.codes:
        raise UsageError(f"{code} has no figure of capability ({g.measure}), so no lens sees it")
    bound = None if change is None else _bound(g, change)
    view = sights(g, lens, draws=0, seed=seed, parameters=parameters)[0]
    place = g.system.codes.index(code)
    game = _Game(g, view, place, bound)
    if bound is not None and not game.matters:
        raise UsageError(f"{view.lens.name} sees none of the edits of '{bound}'")
    reaching = game.reaching
    shares = game.shares(orders, seed)
    return _assembled(g, code, view, bound, reaching, shares, game, seed)


def _bound(g: Architecture, change: Change | str) -> Change:
    return understand(g, change) if isinstance(change, str) else change.bound(g)


class _Game:
    """The worth of sets of sources for one state: its security, or what a change gives to it."""

    def __init__(self, g: Architecture, view: LensView, place: int, change: Change | None) -> None:
        self.view, self.place, self.change = view, place, change
        ledgers = [g.ledger]
        if change is not None:
            after = g.ledger.overlay()
            for edit in change.edits:
                list(edit.edit_ledger(after, g))
            ledgers.append(after)
        seen = seen_places(view.lens)
        self._given = [[gift for gift in gifts(one) if gift.what in seen] for one in ledgers]
        held = {gift.source for gift in self._given[0]}
        every = [source for source in every_source(g.ledger) if source.name in held]
        self._g = g
        singly = {source.name: k for k, source in enumerate(every)}
        self._sets = self._of_players(singly, len(every))
        self.matters = change is None or self._moves_anybody()
        effect = self._effects(len(every))
        size = max(abs(float(view.security[place])), view.tolerance)
        moving = [k for k in range(len(every)) if effect[k] > 1e-12 * size]
        named = sorted(moving, key=lambda k: -effect[k])[:MOST_SOURCES]
        named = sorted(k for k in named if effect[k] > SMALL * view.tolerance)
        self.smaller = [every[k] for k in moving if k not in named]
        self.reaching = [every[k] for k in named]
        place_of = {source.name: k for k, source in enumerate(self.reaching)}
        if self.smaller:
            # What hardly moves the number plays as one, so that nothing is left out.
            place_of |= {source.name: len(self.reaching) for source in self.smaller}
            self.reaching.append(_together(self.smaller))
        self._sets = self._of_players(place_of, len(self.reaching))

    def _of_players(self, place: Mapping[str, int], many: int) -> list[_Standing]:
        """Return the sets of some sources, the others in force, before and after the change."""
        return [
            _Standing.of(self.view, self._g.system, self._g.mapping, given, place, many)
            for given in self._given
        ]

    def _moves_anybody(self) -> bool:
        """Whether the lens sees anything of the change."""
        on = np.ones((1, self._sets[0].sets.players), dtype=np.bool_)
        before, after = (sets.deltas(on) for sets in self._sets)
        return bool((np.abs(after - before) > 0).any())

    def worth(self, on: Bools) -> Floats:
        """Return the worth of sets of players, rows of a bool array (m, k)."""
        if self._quick is None:
            return self._worth(self._sets, on)
        sets = on @ (1 << np.arange(on.shape[1], dtype=np.int64))
        securities = [quick.securities(sets)[:, 0] for quick in self._quick]
        return securities[0] if self.change is None else securities[1] - securities[0]

    @cached_property
    def _quick(self) -> list[MemberWorths] | None:
        """What gives the security with sets of players at once, before and after; None: nothing."""
        listed = []
        for one in self._sets:
            if one.sets.players > MOST_AS_BITS:
                return None
            tables = tables_of_sources(one.sets)
            quick = None if tables is None else self.view.lens.over_members(
                one.sight.system, tables, self.view.values, [self.place]
            )  # fmt: skip
            if quick is None:
                return None
            listed.append(quick)
        return listed

    def _worth(self, standing: Sequence[_Standing], on: Bools) -> Floats:
        worth = np.empty(len(on))
        for at in range(0, len(on), BATCH):
            some = on[at : at + BATCH]
            securities = [one.security(some)[:, self.place] for one in standing]
            worth[at : at + BATCH] = securities[-1]
            if self.change is not None:
                worth[at : at + BATCH] -= securities[0]
        if np.isnan(worth).any():
            raise UsageError(
                f"{self.view.lens.name} has no answer for some sets of sources, so there is no "
                "game among them"
            )
        return worth

    @property
    def none(self) -> float:
        """The worth with all sources that reach the state off."""
        return float(self.worth(np.zeros((1, len(self.reaching)), dtype=np.bool_))[0])

    @property
    def all(self) -> float:
        """The worth as things stand."""
        return float(self.worth(np.ones((1, len(self.reaching)), dtype=np.bool_))[0])

    def shares(self, orders: int, seed: int) -> Shares:
        """Return what each active source has in the number."""
        k = len(self.reaching)
        if k == 0:
            none = np.zeros(0)
            return Shares(none, none, none, none, {}, np.zeros((0, 0)), exact=True)
        kinds = [source.kind for source in self.reaching]
        groups = [
            [i for i, kind in enumerate(kinds) if kind == name] for name in dict.fromkeys(kinds)
        ]
        whole = dict(zip(dict.fromkeys(kinds), self._of_groups(groups).tolist(), strict=True))
        table = self._of_every_set(k)
        if table is not None:
            return Shares(
                shapley(table, k),
                np.zeros(k),
                owen(table, groups),
                np.zeros(k),
                whole,
                interaction(table, k),
                exact=True,
            )
        rng = np.random.default_rng(seed)
        values, error = self._sampled([rng.permutation(k) for _ in range(orders // 2)])
        together = [
            np.concatenate([rng.permutation(groups[g]) for g in rng.permutation(len(groups))])
            for _ in range(max(2, orders // 8))
        ]
        grouped, grouped_error = self._sampled(together)
        unknown = np.full((k, k), np.nan)
        return Shares(values, error, grouped, grouped_error, whole, unknown, exact=False)

    def _of_groups(self, groups: Sequence[Sequence[int]]) -> Floats:
        """Return the Shapley values of the game whose players are whole groups of sources."""
        sets = np.zeros((1 << len(groups), len(self.reaching)), dtype=np.bool_)
        for g, members in enumerate(groups):
            sets[:, list(members)] = (np.arange(len(sets)) >> g & 1 > 0)[:, None]
        return shapley(self.worth(sets), len(groups))

    def _of_every_set(self, k: int) -> Floats | None:
        """Return the worth of all 2**k sets, player i bit i; None for too many."""
        if k > EXACT_SOURCES:
            return None
        worth = []
        for one in self._sets:
            tables = tables_of_sources(one.sets)
            every = None
            if tables is not None:
                every = self.view.lens.over_subsets(one.sight.system, tables, self.view.values)
            if every is None:
                break
            worth.append(every.of([self.place])[:, 0])
        if len(worth) == len(self._sets):
            return worth[0] if self.change is None else worth[1] - worth[0]
        return self.worth(all_subsets(k, range(k))) if k <= EXACT_ONE_BY_ONE else None

    def _sampled(self, half: Sequence[Ints]) -> tuple[Floats, Floats]:
        """Return values and standard errors from orders, each together with its reverse.

        All sets are evaluated at once. The reverse of an order in which groups stay together is
        another such order.
        """
        k = len(self.reaching)
        paths = [path for order in half for path in (order, order[::-1])]
        sets = np.zeros((len(paths), k + 1, k), dtype=np.bool_)
        for p, path in enumerate(paths):
            for step, player in enumerate(path):
                sets[p, step + 1 :, player] = True
        worth = self.worth(sets.reshape(-1, k)).reshape(len(paths), k + 1)
        gains = np.empty((len(paths), k))
        for p, path in enumerate(paths):
            gains[p, path] = np.diff(worth[p])
        pairs = gains.reshape(-1, 2, k).mean(axis=1)
        error: Floats = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs))
        return pairs.mean(axis=0), error

    def _effects(self, many: int) -> Floats:
        """Return the most by which each source alone moves the number, in some contexts."""
        rng = np.random.default_rng(0)
        contexts = [np.ones(many, dtype=np.bool_), np.zeros(many, dtype=np.bool_)]
        contexts += [rng.random(many) < 0.5 for _ in range(CONTEXTS)]
        effect = np.zeros(many)
        for context in contexts:
            masks = np.tile(context, (many + 1, 1))
            masks[np.arange(many) + 1, np.arange(many)] ^= True
            around = [one.around(self.view, context) for one in self._sets]
            worth = self._worth(around, masks)
            effect = np.maximum(effect, np.abs(worth[1:] - worth[0]))
        return effect


def _together(smaller: Sequence[TieSource]) -> TieSource:
    states = sorted({state for source in smaller for state in source.states})
    return TieSource(SMALLER, "several", f"{len(smaller)} smaller sources together", tuple(states))


@dataclass(frozen=True, eq=False)
class _Standing:
    """Sets of sources over a system, and what a lens sees of it."""

    sight: LensView
    sets: TieSets
    make: Any

    @classmethod
    def of(
        cls,
        view: LensView,
        system: System,
        mapping: TieMapping,
        given: Sequence[Gift],
        place: Mapping[str, int],
        many: int,
    ) -> _Standing:
        """Return the sets of the sources that have a place, over one system."""

        def make(other: System) -> TieSets:
            return TieSets(other, mapping, given, lambda gift: place.get(gift.source), many)

        return cls(view, make(system), make)

    def around(self, view: LensView, context: Bools) -> _Standing:
        """Return the same sets as changes of the system in which one of them stands."""
        system = self.sets.system.moved(self.sets.moves(context[None]), 0)
        return _Standing(sight(system, view.lens, fixed=view.values), self.make(system), self.make)

    def deltas(self, on: Bools) -> Floats:
        """Return what the sets give to each state against the system, array (m, n)."""
        # Sets come up again and again, the one with everything on above all.
        unique, where = np.unique(on, axis=0, return_inverse=True)
        return self.sight.deltas(self.sets.moves(unique))[where.reshape(-1)]

    def security(self, on: Bools) -> Floats:
        """Return the security of each state with the sets, array (m, n)."""
        return self.sight.security + self.deltas(on)


def _assembled(
    g: Architecture,
    code: str,
    view: LensView,
    change: Change | None,
    reaching: Sequence[TieSource],
    shares: Shares,
    game: _Game,
    seed: int,
) -> Result:
    from detente.results import build

    terms = _own_sum(view.lens, g.system, view.values, game.place)
    after: list[Term] = []
    if change is not None:
        moved = g.system.moved(moves_of(g, [Change(change.edits, ())]), 0)
        after = _own_sum(view.lens, moved, view.values, game.place)
    order = np.argsort(-np.abs(shares.values), kind="stable")
    unit, k = view.lens.unit, len(reaching)
    variables = {
        "value": (("source",), shares.values[order], unit, "Shapley value of the source"),
        "error": (("source",), shares.error[order], unit, "its standard error; 0: exact"),
        "grouped": (("source",), shares.grouped[order], unit,
                    "its value where sources of one kind stay together (Owen)"),
        "grouped_error": (("source",), shares.grouped_error[order], unit,
                          "the standard error of that; 0: exact"),
        "interaction": (("source", "other"), shares.pairs[np.ix_(order, order)], unit,
                        "what two sources are worth together beyond the two apart"),
        "term": (("term_name",), np.array([t.value for t in terms]), unit,
                 "term of the lens's own sum; together they are the security"),
        "worth_all": ((), np.array(game.all), unit, "the number, as things stand"),
        "worth_none": ((), np.array(game.none), unit, "with all sources that reach the state off"),
    }  # fmt: skip
    names = [reaching[i].name for i in order]
    settings = {
        "state": code,
        "change": None if change is None else str(change),
        "lens": view.describe(),
        "baseline": "these sources off, all else as it is",
        "exact": shares.exact,
        "terms": [_plain(term) for term in terms],
        "terms_after": [_plain(term) for term in after],
        "sources": {
            source.name: {"kind": source.kind, "title": source.title, "states": list(source.states)}
            for source in reaching
        },
        "smaller": [source.name for source in game.smaller],
        "kinds": KINDS_OF_SOURCE,
        "by_kind": shares.kinds,
    }
    return build(
        "explain",
        variables=variables,
        coordinates={
            "source": names,
            "other": names,
            "kind": ("source", [reaching[i].kind for i in order]),
            "term_name": [term.name for term in terms],
        },
        reading=_reading(g, code, view, change, [reaching[i] for i in order],
                         shares.values[order], game),
        architecture=g,
        settings=settings,
        seed=seed,
        sources=k,
    )  # fmt: skip


def _own_sum(lens: Lens, system: System, values: Values, state: int) -> list[Term]:
    """Return the terms that add up to a state's security, the largest first."""
    return sorted(lens.terms(system, values, state), key=lambda term: -abs(term.value))


def _plain(term: Term) -> dict[str, Any]:
    return {"name": term.name, "value": term.value, **term.details}


def _reading(
    g: Architecture,
    code: str,
    view: LensView,
    change: Change | None,
    reaching: Sequence[TieSource],
    values: Floats,
    game: _Game,
) -> str:
    name, unit, lens = f"{g.names[code]} ({code})", view.lens.unit, view.lens.name
    what = (
        f"{in_sentence(name, begins=True)} has a security of {game.all:.4g} {unit} under {lens}"
        if change is None
        else f"'{change}' gives {in_sentence(name)} {game.all:+.4g} {unit} under {lens}"
    )
    if not len(values):
        return f"{what}; no source of ties moves it."
    down = [f"{s.title} ({v:+.3g})" for s, v in zip(reaching, values, strict=True) if v < 0][:2]
    up = [f"{s.title} ({v:+.3g})" for s, v in zip(reaching, values, strict=True) if v > 0][:2]
    parts = [what]
    if down:
        parts.append(f"most is taken by {' and '.join(down)}")
    if up:
        parts.append(f"most is given by {' and '.join(up)}")
    return "; ".join(parts) + "."
