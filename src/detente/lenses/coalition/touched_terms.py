"""What many changes give to each state, from the terms that each of them moves: no kernel.

Which attacks a change touches, and which third states' part in them, does not hang on the
parameters. So these places are listed once for a system and its changes, with the facts before
and after; a draw is then a handful of array operations over all changes at once. It serves
changes of promises and of rivalries that stand already; `attack_sums_kernel` serves all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from detente.architecture.kinds import FACTS_EDITED
from detente.architecture.system import Floats, Ints, Moves, System
from detente.lenses.coalition.facts import Bools, Facts, Values
from detente.lenses.coalition.sparse_sums import (
    AttackArrays,
    AttackTerms,
    Drawn,
    Towards,
    arrays_of,
    beaten_by,
    helped,
    joined,
    raised,
    terms_of,
)
from detente.lenses.sparse_screen import Entries, added

FALLEN = 1e-3
"""A sum that has fallen below this share of itself is summed anew: differences lose digits."""
PROMISED = ("defense", "offense", "nonaggression", "neutrality", "guarantee", "rivalry")
UNSEEN = frozenset(FACTS_EDITED) - {*PROMISED, "stations", "supplies", "neutral", "strength"}
MOVES_MORE = -2
KIND = np.array(
    [
        PROMISED.index(name) if name in PROMISED else -1 if name in UNSEEN else MOVES_MORE
        for name in FACTS_EDITED
    ]
)
"""Of every fact edited its place in `PROMISED`; -1 is not seen, and others move more than ties."""
FEW, MANY = 8, 128
"""Edits a change on average up to which listing places is worth the while, in many changes."""
MOST = 3_000_000
"""Places up to which they are listed; beyond, they would fill memory."""


class TouchedPlaces(NamedTuple):
    """The places that changes touch, rows over attacks and parts over third states.

    A row is an attack under one change, `row_attack`. A part is a third state `part_k` in a row,
    `part_row`; `part_at` is where it stands among third states of all attacks, `part_reach` where
    its way to the target stands among pairs of states, and `part_tie` is what holds of it towards
    leader and target, a place in `leaders` and `targets`: few such pairs of ties are different.
    `near` are the rows whose rate may differ, `near_attack` their attacks and `own`, a place in
    `ties`, what holds of their leader towards their target. `armed_near` are those of them where
    a promise of a state with warheads differs, `armed` what each of these then promises the
    target, `armed_third` whether it is a third state, (rows, such states). `helper_near` and
    `helper_at` are all who help in the attacks of `near`. `entry` says to which of the `entries`,
    a state under a change each, every row, part and helper gives something.
    """

    changes: int
    terms: AttackTerms
    row_attack: Ints
    part_row: Ints
    part_k: Ints
    part_at: Ints
    part_reach: Ints
    part_tie: Ints
    leaders: Towards
    targets: Towards
    ties: Towards
    near: Ints
    near_attack: Ints
    own: Ints
    armed_near: Ints
    armed: Ints
    armed_third: Bools
    helper_near: Ints
    helper_at: Ints
    entry: Ints
    entries: Entries


class Parted(NamedTuple):
    """Some changes, with their positions among all: those of listed places, and the others."""

    served: Ints
    places: TouchedPlaces | None
    served_moves: Moves
    others: Ints
    other_moves: Moves


_listed: WeakKeyDictionary[Moves, tuple[System, TouchedPlaces | None]] = WeakKeyDictionary()
_parted: WeakKeyDictionary[Moves, tuple[System, Parted]] = WeakKeyDictionary()


def touched_by(system: System, moves: Moves, values: Values) -> TouchedPlaces | None:
    """Return the places that changes touch; None where another way is needed for one of them."""
    held = _listed.get(moves)
    if held is None or held[0] is not system:
        able = not np.isnan(system.distance).any() and servable(system, moves).all()
        held = _listed[moves] = (system, _places(system, moves, values) if able else None)
    return held[1]


def parted(system: System, moves: Moves, values: Values) -> Parted:
    """Part changes into those whose places are listed and those that need another way."""
    held = _parted.get(moves)
    if held is None or held[0] is not system:
        able = servable(system, moves) & ~np.isnan(system.distance).any()
        served, others = np.flatnonzero(able), np.flatnonzero(~able)
        mine = moves.take(served)
        places = touched_by(system, mine, values) if len(served) else None
        if places is None:
            served, others = served[:0], np.arange(len(moves))
        held = (system, Parted(served, places, mine, others, moves.take(others)))
        _parted[moves] = held
    return held[1]


def servable(system: System, moves: Moves) -> Bools:
    """Say of each change whether it edits promises and standing rivalries alone, bool (m,)."""
    edits = moves.facts
    change = np.repeat(np.arange(len(moves)), np.diff(edits.ptr))
    kind = KIND[edits.what]
    new = kind == PROMISED.index("rivalry")
    new &= (edits.value > 0) & (system.rivalry[edits.first, edits.second] == 0)
    able = np.array([not armed for armed in moves.armed], dtype=np.bool_)
    able[change[(kind == MOVES_MORE) | new]] = False
    return able


def _places(system: System, moves: Moves, values: Values) -> TouchedPlaces | None:
    n, m, edits = system.size, len(moves), moves.facts
    if m > MANY and len(edits.what) > FEW * m:
        return None
    kind = KIND[edits.what]
    change = np.repeat(np.arange(m), np.diff(edits.ptr))
    t = terms_of(system, values)
    s, many = t.facts, len(t.leader)
    seen = kind >= 0
    what, c = kind[seen], change[seen]
    a, b, value = edits.first[seen], edits.second[seen], edits.value[seen]
    quarrel = what == PROMISED.index("rivalry")
    # A rivalry stands both ways; where one fact is edited twice, the last edit is the one.
    number = np.arange(len(c))
    order = np.argsort(np.concatenate([number, number[quarrel]]), kind="stable")
    c, what, value = (np.concatenate([y, y[quarrel]])[order] for y in (c, what, value))
    a, b = (np.concatenate([y, z[quarrel]])[order] for y, z in ((a, b), (b, a)))
    cells, place = np.unique((c * n + a) * n + b, return_inverse=True)
    k, x = cells // n % n, cells % n
    base = np.stack([_table(system, name)[k, x] for name in PROMISED])
    after = base.copy()
    after[what, place] = value
    moved = (after != base).any(axis=0)
    cells, k, x, after = cells[moved], k[moved], x[moved], after[:, moved]
    c = cells // (n * n)

    attack = np.full((n, n), -1, dtype=np.int64)
    attack[t.leader, t.target] = np.arange(many)
    of_state = [np.flatnonzero(t.leader == i) for i in range(n)]
    count = np.array([len(own) for own in of_state])
    if 4 * int(count[x].sum()) * 10 > MOST:
        return None
    flat, start = np.concatenate([*of_state, np.zeros(0, np.int64)]), np.cumsum(count) - count
    cell = np.repeat(np.arange(len(x)), count[x])
    begins = np.repeat(start[x] - (np.cumsum(count[x]) - count[x]), count[x])
    led = flat[begins + np.arange(len(cell))]  # attacks that x leads, for every cell
    suffered = attack[t.target[led], t.leader[led]]
    third = t.target[led] != k[cell]
    rows, parts = [], []
    for attacks in (led, suffered):
        row = c[cell] * many + attacks
        parts.append((row * n + k[cell])[third])
        # Of an attack of k on x itself no third state moves, but its rate does.
        rows.append(row[third] if attacks is led else row)
    row_keys = np.unique(np.concatenate(rows))
    part_keys = np.unique(np.concatenate(parts))
    if part_keys.size + row_keys.size > MOST:
        return None
    row_change, row_attack = np.divmod(row_keys, many)
    j, i = t.leader[row_attack], t.target[row_attack]
    part_row = np.searchsorted(row_keys, part_keys // n)
    part_k = part_keys % n

    known = _Known(s, system, cells, after)
    part_c, pj, pi = row_change[part_row], j[part_row], i[part_row]
    nuclear = np.flatnonzero(s.nuclear)
    dirty = np.zeros((m, n), dtype=np.bool_)
    dirty[c[s.nuclear[k] > 0], x[s.nuclear[k] > 0]] = True
    near = np.flatnonzero(known.there(row_change, j, i) | dirty[row_change, i])
    armed_near = np.flatnonzero(dirty[row_change[near], i[near]])
    at = np.repeat(near[armed_near], len(nuclear))
    w = np.tile(nuclear, len(armed_near))
    helps = np.zeros((many, n), dtype=np.bool_)
    helps[t.helps.at, t.helps.k] = True
    helper_near, helper_k = np.nonzero(helps[row_attack[near]])
    ties, every = len(known.ties.cell), known.tie(part_c, part_k, pj)
    pairs, part_tie = np.unique(every * ties + known.tie(part_c, part_k, pi), return_inverse=True)
    keys = [row_change * n + i, part_c * n + part_k]
    keys.append(row_change[near[helper_near]] * n + helper_k)
    entries, entry = np.unique(np.concatenate(keys), return_inverse=True)
    return TouchedPlaces(
        changes=m,
        terms=t,
        row_attack=row_attack,
        part_row=part_row,
        part_k=part_k,
        part_at=row_attack[part_row] * n + part_k,
        part_reach=part_k * n + pi,
        part_tie=part_tie,
        leaders=known.ties.take(pairs // ties),
        targets=known.ties.take(pairs % ties),
        ties=known.ties,
        near=near,
        near_attack=row_attack[near],
        own=known.tie(row_change[near], j[near], i[near]),
        armed_near=armed_near,
        armed=known.tie(row_change[at], w, i[at]).reshape(len(armed_near), len(nuclear)),
        armed_third=((w != i[at]) & (w != j[at])).reshape(len(armed_near), len(nuclear)),
        helper_near=helper_near,
        helper_at=row_attack[near[helper_near]] * n + helper_k,
        entry=entry,
        entries=Entries.of(entries, moves, n),
    )


def _table(system: System, name: str) -> Floats:
    return system.promises[name] if name in system.promises else getattr(system, name)


class _Known:
    """What holds of one state towards another after a change: which of the different `ties`."""

    def __init__(self, s: Facts, system: System, cells: Ints, after: Floats) -> None:
        self.size, self.cells = s.size, cells
        before = np.stack([_table(system, name).ravel() for name in PROMISED])
        neutral = np.concatenate(
            [np.repeat(s.neutral, s.size), s.neutral[cells // s.size % s.size]]
        )
        columns = [*np.concatenate([before, after], axis=1), neutral]
        first, self.number = _distinct(columns)
        defense, offense, nonaggression, neutrality, guarantee, rivalry, neutral = (
            column[first] for column in columns
        )
        pledged = np.maximum(nonaggression, neutrality)
        self.ties = Towards.made(
            defense, offense, pledged, guarantee, rivalry, neutral, np.arange(len(first))
        )

    def there(self, c: Ints, k: Ints, x: Ints) -> Bools:
        """Say which cells a change moves."""
        return self._find(c, k, x)[1]

    def _find(self, c: Ints, k: Ints, x: Ints) -> tuple[Ints, Bools]:
        wanted = (c * self.size + k) * self.size + x
        place = np.minimum(np.searchsorted(self.cells, wanted), max(0, len(self.cells) - 1))
        if not len(self.cells):
            return place, np.zeros(len(wanted), dtype=np.bool_)
        return place, self.cells[place] == wanted

    def tie(self, c: Ints, k: Ints, x: Ints) -> Ints:
        """Say which tie holds of states towards others after each one's change."""
        place, moved = self._find(c, k, x)
        return self.number[np.where(moved, self.size * self.size + place, k * self.size + x)]


def _distinct(columns: Sequence[Floats]) -> tuple[Ints, Ints]:
    """Return where each different row of some columns stands first, and which one each row is."""
    number = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, place = np.unique(column, return_inverse=True)
        _, number = np.unique(number * len(values) + place, return_inverse=True)
    _, first, number = np.unique(number, return_index=True, return_inverse=True)
    return first, number


def deltas_of(o: TouchedPlaces, values: Values) -> Floats:
    """Return what each change gives to each state in one draw of the parameters, array (m, n)."""
    return o.entries.spread(gains_of(o, values))


def gains_of(o: TouchedPlaces, values: Values) -> Floats:
    """Return what changes give to states in one draw of the parameters, one number an entry."""
    t, s = o.terms, o.terms.facts
    n, many, rows = s.size, len(t.leader), len(o.row_attack)
    base, p = arrays_of(t, values)

    reach = base.arrives[0][o.part_reach]
    joining = t.joins.spread(base.joining[0], many, n)
    helping = t.helps.spread(base.helping[0], many, n)
    defends = o.targets.defends(p)
    joins_after = joined(o.leaders, o.targets, p, defends)[0][o.part_tie]
    joins_after *= reach
    more_help = helped(o.leaders, defends, p)[0][o.part_tie]
    helps_after = more_help * reach
    more_help -= helping[o.part_at]
    base_joins, base_helps = base.joins[0][o.row_attack], base.helps[0][o.row_attack]
    joins = added(o.part_row, joins_after - joining[o.part_at], rows)
    joins += base_joins
    helps = added(o.part_row, more_help * reach, rows)
    helps += base_helps
    base_joins *= FALLEN
    base_helps *= FALLEN
    fallen = joins < base_joins
    if fallen.any():
        _anew(o, joins, fallen, joins_after, joining)
    fallen = helps < base_helps
    if fallen.any():
        _anew(o, helps, fallen, helps_after, t.helps.spread(base.aiding[0], many, n))

    rate_near = _rates_near(o, base, p)
    rate = base.rate[0][o.row_attack]
    rate[o.near] = rate_near
    joins += base.lead[0][o.row_attack]
    helps += base.stands[0][o.row_attack]
    exposure = beaten_by(joins[None], helps[None], p)[0]
    exposure *= rate
    more_rate = rate_near - base.rate[0][o.near_attack]
    burden = float(p["burden"][0, 0])
    more_help *= -burden * rate[o.part_row]
    gains = [
        base.exposure[0][o.row_attack] - exposure,
        more_help,
        -burden * more_rate[o.helper_near] * helping[o.helper_at],
    ]
    return added(o.entry, np.concatenate(gains), len(o.entries.state))


def _rates_near(o: TouchedPlaces, base: AttackArrays, p: Drawn) -> Floats:
    """Return the rates of the attacks whose own ties a change moves, or what deters them."""
    t = o.terms
    defends = o.ties.defends(p)
    shelter = base.shelter[0][o.near_attack]
    if len(o.armed_near):
        promised = np.maximum(defends[0], o.ties.guarantee)[o.armed] * o.armed_third
        shelter[o.armed_near] = promised.max(axis=1, initial=0.0)
    armed = t.facts.nuclear[t.target[o.near_attack]]
    deterred = np.maximum(p["deterrence"][0] * armed, p["umbrella"][0] * shelter)
    intent = p["rate"][0] * raised(o.ties.rivalry[None] / 5.0, p["gradient"])[0]
    bond = o.ties.bond(p, defends)[0]
    leading = base.leading[0][o.near_attack]
    rates: Floats = intent[o.own] * leading * (1.0 - bond[o.own]) * (1.0 - deterred)
    return rates


def _anew(o: TouchedPlaces, sums: Floats, fallen: Bools, after: Floats, spread: Floats) -> None:
    """Sum the terms of some rows anew, with those of the parts that the change moves."""
    n = o.terms.facts.size
    place = np.cumsum(fallen) - 1
    table = spread.reshape(-1, n)[o.row_attack[fallen]]
    inside = fallen[o.part_row]
    table[place[o.part_row[inside]], o.part_k[inside]] = after[inside]
    sums[fallen] = table.sum(axis=1)
