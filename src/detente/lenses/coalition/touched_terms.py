"""What many changes give to each state, from the terms that each of them moves: no kernel.

Which attacks a change touches, and which third states' part in them, does not hang on the
parameters. So these places are listed once for a system and its changes, with the facts before
and after; a draw is then a handful of array operations over all changes at once. It serves
changes of promises and of rivalries that stand already; `attack_sums_kernel` serves all.
"""

from __future__ import annotations

from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from detente.architecture.kinds import FACTS_EDITED
from detente.architecture.system import Floats, Ints, Moves, System
from detente.lenses.coalition.facts import Bools, Facts, Values
from detente.lenses.coalition.sparse_sums import (
    AttackTerms,
    Towards,
    attack_arrays,
    beaten_by,
    helped,
    joined,
    raised,
    terms_of,
)

FALLEN = 1e-3
"""A sum that has fallen below this share of itself is summed anew: differences lose digits."""
PROMISED = ("defense", "offense", "nonaggression", "neutrality", "guarantee", "rivalry")
UNSEEN = frozenset(FACTS_EDITED) - {*PROMISED, "stations", "supplies", "neutral", "strength"}
FEW = 8
"""Edits a change on average up to which listing their places is worth the while."""
MOST = 3_000_000
"""Places up to which they are listed; beyond, they would fill memory."""


class TouchedPlaces(NamedTuple):
    """The places that changes touch, rows over attacks and parts over third states.

    A row is an attack under one change, `row_change` and `row_attack`. A part is a third state in
    a row, `part_row`, `part_k` and its place `part_cell` among all; `after_leader` and
    `after_target` say what then holds of it towards both. `near` are the rows whose rate may
    differ, and `own` is what holds of their leader towards their target; `armed_row` are those
    where a promise of a state with warheads differs, `armed` what each of these then promises the
    target, `armed_third` whether it is a third state, (rows, such states). `helper_row` and
    `helper_cell` are all who help in the attacks of `near`. The keys say which state under which
    change a row, a part and a helper gives something to.
    """

    changes: int
    terms: AttackTerms
    row_change: Ints
    row_attack: Ints
    own: Towards
    part_row: Ints
    part_k: Ints
    part_cell: Ints
    after_leader: Towards
    after_target: Towards
    near: Ints
    armed_row: Ints
    armed: Towards
    armed_third: Bools
    helper_row: Ints
    helper_cell: Ints
    row_key: Ints
    part_key: Ints
    helper_key: Ints


_listed: WeakKeyDictionary[Moves, tuple[System, TouchedPlaces | None]] = WeakKeyDictionary()


def touched_by(system: System, moves: Moves, values: Values) -> TouchedPlaces | None:
    """Return the places that changes touch; None where the kernel is needed for one of them."""
    held = _listed.get(moves)
    if held is None or held[0] is not system:
        held = _listed[moves] = (system, _places(system, moves, values))
    return held[1]


def _places(system: System, moves: Moves, values: Values) -> TouchedPlaces | None:
    n, m, edits = system.size, len(moves), moves.facts
    if len(edits.what) > FEW * m or np.isnan(system.distance).any() or any(moves.armed):
        return None
    t = terms_of(system, values)
    s, many = t.facts, len(t.leader)
    names = [FACTS_EDITED[what] for what in edits.what.tolist()]
    kind = np.array(
        [PROMISED.index(x) if x in PROMISED else -1 if x in UNSEEN else -2 for x in names],
        dtype=np.int64,
    )
    if (kind == -2).any():
        return None
    change = np.repeat(np.arange(m), np.diff(edits.ptr))
    seen = kind >= 0
    what, c = kind[seen], change[seen]
    a, b, value = edits.first[seen], edits.second[seen], edits.value[seen]
    quarrel = what == PROMISED.index("rivalry")
    if ((s.rivalry[a, b] == 0) & quarrel & (value > 0)).any():
        return None
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
    armed_row = np.flatnonzero(dirty[row_change, i])
    near = known.there(row_change, j, i) | dirty[row_change, i]
    w, at = np.tile(nuclear, len(armed_row)), np.repeat(armed_row, len(nuclear))
    helps = np.zeros((many, n), dtype=np.bool_)
    helps[t.helps.at, t.helps.k] = True
    near_row = np.flatnonzero(near)
    helper, helper_k = np.nonzero(helps[row_attack[near_row]])
    helper_row = near_row[helper]
    return TouchedPlaces(
        changes=m,
        terms=t,
        row_change=row_change,
        row_attack=row_attack,
        own=known.after(row_change[near_row], j[near_row], i[near_row]),
        part_row=part_row,
        part_k=part_k,
        part_cell=row_attack[part_row] * n + part_k,
        after_leader=known.after(part_c, part_k, pj),
        after_target=known.after(part_c, part_k, pi),
        near=near_row,
        armed_row=armed_row,
        armed=known.after(row_change[at], w, i[at]),
        armed_third=((w != i[at]) & (w != j[at])).reshape(len(armed_row), len(nuclear)),
        helper_row=helper_row,
        helper_cell=row_attack[helper_row] * n + helper_k,
        row_key=row_change * n + i,
        part_key=part_c * n + part_k,
        helper_key=row_change[helper_row] * n + helper_k,
    )


def _table(system: System, name: str) -> Floats:
    return system.promises[name] if name in system.promises else getattr(system, name)


class _Known:
    """What holds of one state towards another after a change."""

    def __init__(self, s: Facts, system: System, cells: Ints, after: Floats) -> None:
        self.facts, self.cells = s, cells
        self.tables = [_table(system, name).ravel() for name in PROMISED]
        self.values = after

    def there(self, c: Ints, k: Ints, x: Ints) -> Bools:
        """Say which cells a change moves."""
        return self._find(c, k, x)[1]

    def _find(self, c: Ints, k: Ints, x: Ints) -> tuple[Ints, Bools]:
        wanted = (c * self.facts.size + k) * self.facts.size + x
        place = np.minimum(np.searchsorted(self.cells, wanted), max(0, len(self.cells) - 1))
        if not len(self.cells):
            return place, np.zeros(len(wanted), dtype=np.bool_)
        return place, self.cells[place] == wanted

    def after(self, c: Ints, k: Ints, x: Ints) -> Towards:
        """Gather what holds of states towards others after each one's change."""
        place, found = self._find(c, k, x)
        cell = k * self.facts.size + x
        held = [table[cell] for table in self.tables]
        for own, new in zip(held, self.values, strict=True):
            own[found] = new[place[found]]
        defense, offense, nonaggression, neutrality, guarantee, rivalry = held
        pledged = np.maximum(nonaggression, neutrality)
        neutral = self.facts.neutral[k]
        return Towards.made(defense, offense, pledged, guarantee, rivalry, neutral, cell)


def deltas_of(o: TouchedPlaces, values: Values) -> Floats:
    """Return what each change gives to each state in one draw of the parameters, array (m, n)."""
    t, s = o.terms, o.terms.facts
    n, many = s.size, len(t.leader)
    base, p = attack_arrays(t, [values])
    arrives = base.arrives[0]

    reach = arrives[o.after_target.cell]
    joining = t.joins.spread(base.joining[0], many, n)
    helping = t.helps.spread(base.helping[0], many, n)
    defends = o.after_target.defends(p)
    joins_after = joined(o.after_leader, o.after_target, p, defends)[0] * reach
    helps_after = helped(o.after_leader, defends, p)[0]
    more_join = joins_after - joining[o.part_cell]
    more_help = helps_after - helping[o.part_cell]
    rows = len(o.row_attack)
    more_joins = np.bincount(o.part_row, more_join, minlength=rows)
    more_helps = np.bincount(o.part_row, more_help * reach, minlength=rows)
    joins = base.joins[0][o.row_attack] + more_joins
    helps = base.helps[0][o.row_attack] + more_helps
    fallen = joins < FALLEN * base.joins[0][o.row_attack]
    if fallen.any():
        _anew(o, joins, fallen, joins_after, joining)
    fallen = helps < FALLEN * base.helps[0][o.row_attack]
    if fallen.any():
        _anew(o, helps, fallen, helps_after * reach, t.helps.spread(base.aiding[0], many, n))

    lead, stands = base.lead[0], base.stands[0]
    attack = lead[o.row_attack] + joins
    defence = stands[o.row_attack] + helps
    shelter = base.shelter[0][o.row_attack]
    if len(o.armed_row):
        promised = np.maximum(o.armed.defends(p)[0], o.armed.guarantee)
        promised = promised.reshape(o.armed_third.shape) * o.armed_third
        shelter[o.armed_row] = promised.max(axis=1, initial=0.0)
    target = t.target[o.row_attack]
    deterred = np.maximum(p["deterrence"][0] * s.nuclear[target], p["umbrella"][0] * shelter)
    rate = base.rate[0][o.row_attack]
    intent = p["rate"][0] * raised(o.own.rivalry[None] / 5.0, p["gradient"])[0]
    bond = o.own.bond(p)[0]
    leading = base.leading[0][o.row_attack[o.near]]
    rate[o.near] = intent * leading * (1.0 - bond) * (1.0 - deterred[o.near])
    exposure = rate * beaten_by(attack[None], defence[None], p)[0]
    more_rate = rate - base.rate[0][o.row_attack]

    keys = [o.row_key, o.part_key, o.helper_key]
    burden = float(p["burden"][0, 0])
    gains = [
        base.exposure[0][o.row_attack] - exposure,
        -burden * rate[o.part_row] * more_help,
        -burden * more_rate[o.helper_row] * helping[o.helper_cell],
    ]
    deltas = np.bincount(np.concatenate(keys), np.concatenate(gains), minlength=o.changes * n)
    return np.asarray(deltas, dtype=np.float64).reshape(o.changes, n)


def _anew(o: TouchedPlaces, sums: Floats, fallen: Bools, after: Floats, spread: Floats) -> None:
    """Sum the terms of some rows anew, with those of the parts that the change moves."""
    n = o.terms.facts.size
    place = np.cumsum(fallen) - 1
    table = spread.reshape(-1, n)[o.row_attack[fallen]]
    inside = fallen[o.part_row]
    table[place[o.part_row[inside]], o.part_k[inside]] = after[inside]
    sums[fallen] = table.sum(axis=1)
