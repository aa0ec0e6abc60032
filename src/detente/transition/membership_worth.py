"""What membership of an organisation is worth to each member under a lens, for sets of members."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from detente.architecture.fact_tables import FactTables
from detente.architecture.system import Floats, Ints
from detente.architecture.value import Architecture
from detente.errors import UsageError
from detente.transition.clubs import Club
from detente.transition.games.membership_cascade import cascades
from detente.transition.subsets.menu_tables import tables_of_sources
from detente.transition.subsets.sights import LensView
from detente.transition.subsets.tie_sources import Bools, TieSets, gifts, seen_places

MOST_AS_BITS = 60
"""Members up to which a set of them is an integer that a lens may take."""
AT_A_TIME = 40
"""Members about whom a lens is asked at a time, where there are more than that."""
TRIED = 20
"""Pairs of sets on which it is tried whether worth rises with members."""


class Worth:
    """What membership is worth to each, for any set of members, each set evaluated once.

    b_i(T) = S_i(T) - S_i(T without i) for the members of T, 0 for others. A lens that has a quick
    way, `quick`, is asked for whole sets; else every set is a change of the system.

    Parameters
    ----------
    view : LensView
        The lens and what it looks at.
    values : mapping
        Its parameters.
    sets : TieSets
        The system with only some of the members.
    tables : FactTables or None
        The same as tables of facts, for a lens that has a quick way.
    places : sequence of int
        Positions of the members in the system.
    items : sequence of int, optional
        Which members the items of the tables are; membership is worth nothing to the others.
    """

    def __init__(
        self,
        view: LensView,
        values: Mapping[str, float],
        sets: TieSets,
        tables: FactTables | None,
        places: Sequence[int],
        items: Sequence[int] = (),
    ) -> None:
        self.view, self.values, self.many = view, dict(values), len(places)
        self.sets, self.tables, self.places = sets, tables, list(places)
        self.items = list(items) or list(range(self.many))
        self.quick = None if tables is None else view.lens.over_members(
            view.system, tables, values, [self.places[m] for m in self.items]
        )  # fmt: skip
        self._kept: dict[bytes, Floats] = {}

    def __call__(self, members: Bools) -> Floats:
        """Return what membership is worth with one set of members, array (members,)."""
        worths: Floats = self.of(np.asarray(members, dtype=np.bool_)[None])[0]
        return worths

    def drawn(self, values: Mapping[str, float]) -> Worth:
        """Return the same with other parameters of the lens."""
        return Worth(self.view, values, self.sets, self.tables, self.places, self.items)

    def of(self, sets: Bools) -> Floats:
        """Return what membership is worth with each set of members, array (sets, members)."""
        keys = [row.tobytes() for row in sets]
        new = {key: row for key, row in zip(keys, sets, strict=True) if key not in self._kept}
        if new:
            rows = np.array(list(new.values()))
            if self.quick is None:
                worths = self._one_by_one(rows)
            else:
                bits = 1 << np.arange(len(self.items), dtype=np.int64)
                worths = np.zeros(rows.shape)
                worths[:, self.items] = self.quick.worths(rows[:, self.items] @ bits)
            self._kept.update(zip(new, worths, strict=True))
        return np.stack([self._kept[key] for key in keys])

    def _one_by_one(self, sets: Bools) -> Floats:
        """Return the same from the changes of security as each leaves alone."""
        worths = np.zeros(sets.shape)
        for row, worth in zip(sets, worths, strict=True):
            here = np.flatnonzero(row)
            masks = np.tile(row, (len(here) + 1, 1))
            masks[np.arange(len(here)) + 1, here] = False
            deltas = self.view.deltas(self.sets.moves(masks), self.values)[:, self.places]
            worth[here] = deltas[0, here] - deltas[np.arange(len(here)) + 1, here]
        return worths

    def seen(self) -> bool:
        """Say whether the lens sees that somebody leaves."""
        everybody = np.ones(self.many, dtype=np.bool_)
        if self(everybody).any():
            return True
        alone = ~np.eye(self.many, dtype=np.bool_)
        deltas = self.view.deltas(self.sets.moves(np.vstack([everybody, alone])), self.values)
        return bool(np.abs(deltas - deltas[0]).max(initial=0.0) > 0)

    def left(self, costs: Floats, firsts: Sequence[Sequence[int]]) -> Floats:
        """Return how many members are left for each who leave first at each cost.

        The lowest index leaves first; array (firsts, costs).
        """
        starts = self._starts(firsts).repeat(len(costs), axis=0)
        turns = np.tile(np.arange(self.many), (len(starts), 1))
        ends = cascades(self.of, np.tile(costs, len(firsts)), starts, turns)
        left: Floats = ends.sum(axis=1).reshape(len(firsts), len(costs)).astype(np.float64)
        return left

    def ends(self, cost: float, first: Sequence[int], turns: Ints) -> list[Bools]:
        """Return the different ends over some orders in which members are asked, (orders, n)."""
        starts = self._starts([first]).repeat(len(turns), axis=0)
        ends = cascades(self.of, np.full(len(turns), cost), starts, turns)
        return list({end.tobytes(): end for end in ends}.values())

    def _starts(self, firsts: Sequence[Sequence[int]]) -> Bools:
        starts = np.ones((len(firsts), self.many), dtype=np.bool_)
        for row, first in zip(starts, firsts, strict=True):
            row[list(first)] = False
        return starts


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
    places = [g.system.codes.index(state) for state in club.members]
    items = _counting(view, sets, places)
    tables = tables_of_sources(sets, items) if len(items) <= MOST_AS_BITS else None
    return Worth(view, view.values, sets, tables, places, items)


def _counting(view: LensView, sets: TieSets, places: Sequence[int]) -> list[int]:
    """Return the members on whom anything hangs under a lens, where there are very many.

    The lens is asked about some of them at a time, the others being in throughout, with each
    parameter as large as it is drawn, so that no term is left out.
    """
    every, counting = list(range(len(places))), list[int]()
    if len(every) <= MOST_AS_BITS:
        return every
    values = {p.name: max(view.values[p.name], p.high) for p in view.lens.parameters}
    for begin in range(0, len(every), AT_A_TIME):
        some = every[begin : begin + AT_A_TIME]
        tables = tables_of_sources(sets, some)
        if tables is None:
            return every
        asked = view.lens.over_members(view.system, tables, values, places)
        if asked is None:
            return every
        hanging = asked.hang_on()
        counting += [m for k, m in enumerate(some) if hanging >> k & 1]
    return counting or every


def rising(worth: Worth, many: int, seed: int) -> bool:
    """Say whether, on pairs of sets, membership was worth no less to anybody with more members."""
    rng = np.random.default_rng(seed)
    for _ in range(TRIED):
        more = rng.random(many) < 0.7
        fewer = more & (rng.random(many) < 0.7)
        if fewer.any():
            large, small = worth(more), worth(fewer)
            scale = max(np.abs(large).max(), np.abs(small).max())
            if (small[fewer] > large[fewer] + 1e-9 * scale).any():
                return False
    return True
