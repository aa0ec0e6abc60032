"""Compiled: what many changes give to each state, by updating the sums of every attack.

A change edits a few promises, rivalries or amounts. Each edit moves one cell (k, x) of what holds
between two states, and a cell enters the attacks that x leads, the attacks on x, and the attack
of k on x, with one term each. So the sums of every attack are kept, the terms of the cell are
exchanged, and only the attacks that were touched are judged anew. The plain twin is the formula
before and after each change.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.kernels import njit
from detente.lenses.kernel_arrays import Deciders, VerdictArrays

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FALLEN = 1e-3
"""A sum that has fallen below this share of itself is summed anew: differences lose digits."""


class Numbers(NamedTuple):
    """Parameters of the lens, with the shares that turn out."""

    rate: float
    gradient: float
    defend: float
    defend_quarrel: float
    follow: float
    follow_quarrel: float
    parallel: float
    pledge: float
    pact: float
    assurance: float
    station: float
    supply: float
    deterrence: float
    umbrella: float
    advantage: float
    decisiveness: float
    quarrel: float
    burden: float


class Raw(NamedTuple):
    """The facts, edited and restored: `pair` holds those of pairs by the numbers below.

    `nuclear` lists the states with warheads, `armed` says of each state whether it has some.
    """

    pair: Floats
    neutral: Floats
    near: Floats
    strength: Floats
    nuclear: Ints
    armed: Floats


class Sums(NamedTuple):
    """Of every attack, leader and target, what the numbers below name; what states are supplied
    with; the rivals of each state, the first `number` entries of its row; and the shelter of each
    (n, 3): the strongest promise of a state with warheads, the next, and whose the strongest is.
    """

    pair: Floats
    got: Floats
    rivals: Ints
    number: Ints
    shelter: Floats


class ChangeTrace(NamedTuple):
    """What one change has touched, to judge it anew and to undo it.

    The lists of `place`, `kept` and `state` are those of the numbers below, each with its length.
    A place was seen by the present change if the change's number, from 1, stands there.
    """

    length: Ints
    place: Ints
    kept: Floats
    state: Ints
    cell_seen: Ints
    attack_seen: Ints
    state_seen: Ints
    sender_seen: Ints
    change: Floats
    old_got: Floats


class AttackBook(NamedTuple):
    """All that is kept of the attacks while changes are judged: what one change moves is undone."""

    raw: Raw
    cells: Floats
    sums: Sums
    log: ChangeTrace
    p: Numbers


class Edits(NamedTuple):
    """Edits of facts by many changes, as in `detente.architecture.system.FactEdits`."""

    ptr: Ints
    what: Ints
    first: Ints
    second: Ints
    value: Floats


# What an edit is of, and where it stands in ``Raw.pair``; others are not seen and do nothing.
DEFENSE, OFFENSE, NONAGGRESSION, NEUTRALITY, GUARANTEE, RIVALRY, STATIONS, SUPPLIES = range(8)
NEUTRAL = 8

# What holds of k towards x, in the array of cells (n, n, 7): row k, column x.
DEFENDS, BOND, ARRIVES, PLEDGED_ATTACK, QUARREL, PARALLEL, SENT = range(7)
EXCHANGED = 6  # all but what is sent, which an edit sets by itself

# Of every attack, in ``Sums.pair``: strength of those who join and help, the rate before what
# holds back and deters, and rate and exposure before any change.
JOINS, HELPS, INTENT, RATE, EXPOSURE = range(5)

# Lists of a log: facts edited, cells exchanged, attacks touched, cells to be exchanged; then
# states that gained rivals, and states that gain or lose.
FACT, CELL, ATTACK, DIRTY, RIVALS, CREDITED = range(6)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _term_join(cells: Floats, p: Numbers, k: int, j: int, i: int) -> float:
    """How much k adds to an attack that j leads on i."""
    follow = p.follow_quarrel if cells[k, i, QUARREL] > 0.0 else p.follow
    share = max(cells[k, j, PLEDGED_ATTACK], cells[k, j, DEFENDS] * follow, cells[k, i, PARALLEL])
    brought: float = (
        share * (1.0 - cells[k, i, BOND]) * cells[k, i, ARRIVES] if share > 0.0 else 0.0
    )
    return brought


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _share_help(cells: Floats, p: Numbers, k: int, j: int, i: int) -> float:
    """In which share k comes to the defence of i against j."""
    comes = p.defend_quarrel if cells[k, j, QUARREL] > 0.0 else p.defend
    share: float = cells[k, i, DEFENDS] * comes
    return share


@njit(cache=True, nogil=True, error_model="numpy")
def _sum_anew(cells: Floats, p: Numbers, n: int, j: int, i: int) -> tuple[float, float]:
    joins, helps = 0.0, 0.0
    for k in range(n):
        if k != i and k != j:
            joins += _term_join(cells, p, k, j, i)
            helps += _share_help(cells, p, k, j, i) * cells[k, i, ARRIVES]
    return joins, helps


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _judge(raw: Raw, cells: Floats, sums: Sums, p: Numbers, j: int, i: int) -> tuple[float, float]:
    """Return the rate of an attack, and the exposure that it is."""
    m = raw.strength[j]
    reaches = cells[j, i, ARRIVES] / m if m > 0.0 else 0.0
    if reaches == 0.0 or sums.pair[j, i, INTENT] == 0.0:
        return 0.0, 0.0
    shelter = sums.shelter[i, 1] if sums.shelter[i, 2] == j else sums.shelter[i, 0]
    deterred = max(p.deterrence * raw.armed[i], p.umbrella * shelter)
    rate = sums.pair[j, i, INTENT] * reaches * (1.0 - cells[j, i, BOND]) * (1.0 - deterred)
    given = max(0.0, sums.got[j] - cells[i, j, SENT])
    attack = cells[j, i, ARRIVES] + given * reaches + sums.pair[j, i, JOINS]
    received = max(0.0, sums.got[i] - cells[j, i, SENT])
    defence = p.advantage * (raw.strength[i] + received + sums.pair[j, i, HELPS])
    if p.decisiveness == 1.0:
        return rate, rate * attack / (attack + defence)
    return rate, rate / (1.0 + (defence / attack) ** p.decisiveness)


@njit(cache=True, nogil=True, error_model="numpy")
def _new_shelter(raw: Raw, cells: Floats, sums: Sums, i: int) -> None:
    """Note the strongest promise to i of a state with warheads, the next one, and whose it is."""
    most, following, whose = 0.0, 0.0, -1.0
    for q in range(len(raw.nuclear)):
        k = raw.nuclear[q]
        promised = max(cells[k, i, DEFENDS], raw.pair[k, i, GUARANTEE]) if k != i else 0.0
        if promised > most:
            most, following, whose = promised, most, float(k)
        elif promised > following:
            following = promised
    sums.shelter[i, 0], sums.shelter[i, 1], sums.shelter[i, 2] = most, following, whose


@njit(cache=True, nogil=True, error_model="numpy")
def base_sums(raw: Raw, cells: Floats, sums: Sums, p: Numbers) -> None:
    """Fill the sums of every attack that the rivalries make possible."""
    n = len(raw.strength)
    for j in range(n):
        sums.got[j], sums.number[j] = 0.0, 0
        for k in range(n):
            sums.got[j] += cells[k, j, SENT]
        _new_shelter(raw, cells, sums, j)
    for j in range(n):
        for i in range(n):
            v = raw.pair[j, i, RIVALRY]
            if v > 0.0:
                sums.rivals[j, sums.number[j]] = i
                sums.number[j] += 1
                sums.pair[j, i, INTENT] = p.rate * (v / 5.0) ** p.gradient
                sums.pair[j, i, JOINS], sums.pair[j, i, HELPS] = _sum_anew(cells, p, n, j, i)
                sums.pair[j, i, RATE], sums.pair[j, i, EXPOSURE] = _judge(raw, cells, sums, p, j, i)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _touch_attack(sums: Sums, log: ChangeTrace, mark: int, j: int, i: int) -> None:
    if log.attack_seen[j, i] != mark:
        log.attack_seen[j, i] = mark
        e = log.length[ATTACK]
        log.place[ATTACK, e, 0], log.place[ATTACK, e, 1] = j, i
        log.kept[ATTACK, e, 0], log.kept[ATTACK, e, 1] = (
            sums.pair[j, i, JOINS],
            sums.pair[j, i, HELPS],
        )
        log.kept[ATTACK, e, 2] = sums.pair[j, i, INTENT]
        log.length[ATTACK] = e + 1


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def _credit(log: ChangeTrace, mark: int, s: int, amount: float) -> None:
    if log.state_seen[s] != mark:
        log.state_seen[s] = mark
        log.state[1, log.length[CREDITED]] = s
        log.length[CREDITED] += 1
        log.change[s] = 0.0
    log.change[s] += amount


@njit(cache=True, nogil=True, error_model="numpy")
def _exchange(book: AttackBook, mark: int, k: int, x: int, arrives: float) -> None:
    """Move the cell (k, x) to what the facts now say, and its terms in every attack with it."""
    raw, cells, sums, log, p = book
    v, free = raw.pair[k, x, RIVALRY], 1.0 - raw.neutral[k]
    defends = max(raw.pair[k, x, DEFENSE], p.assurance * raw.pair[k, x, GUARANTEE]) * free
    pledged = max(
        raw.pair[k, x, NONAGGRESSION], raw.pair[k, x, NEUTRALITY], raw.pair[k, x, GUARANTEE]
    )
    held = max(p.pledge * max(pledged, raw.neutral[k]), p.pact * defends)
    bond = (1.0 - v / 5.0) * held
    quarrel = 1.0 if v >= p.quarrel else 0.0
    offense = raw.pair[k, x, OFFENSE] * free
    parallel = p.parallel * free if quarrel > 0.0 else 0.0

    e = log.length[CELL]
    log.place[CELL, e, 0], log.place[CELL, e, 1] = k, x
    for what in range(EXCHANGED):
        log.kept[CELL, e, what] = cells[k, x, what]
    log.length[CELL] = e + 1

    count = sums.number[x]
    new_led = defends != cells[k, x, DEFENDS] or offense != cells[k, x, PLEDGED_ATTACK]
    new_foe = quarrel != cells[k, x, QUARREL]
    new_here = new_foe or bond != cells[k, x, BOND] or arrives != cells[k, x, ARRIVES]
    new_here = new_here or parallel != cells[k, x, PARALLEL]
    new_help = defends != cells[k, x, DEFENDS] or arrives != cells[k, x, ARRIVES]
    shelters = raw.armed[k] > 0.0
    for q in range(count):
        y = sums.rivals[x, q]
        if y == k:
            continue
        if new_led:
            _touch_attack(sums, log, mark, x, y)
            sums.pair[x, y, JOINS] -= _term_join(cells, p, k, x, y)
        if new_foe:
            _touch_attack(sums, log, mark, x, y)
            share = _share_help(cells, p, k, x, y)
            sums.pair[x, y, HELPS] -= share * cells[k, y, ARRIVES]
            _credit(log, mark, k, p.burden * share * sums.pair[x, y, RATE])
        if new_here:
            _touch_attack(sums, log, mark, y, x)
            sums.pair[y, x, JOINS] -= _term_join(cells, p, k, y, x)
        if new_help:
            _touch_attack(sums, log, mark, y, x)
            share = _share_help(cells, p, k, y, x)
            sums.pair[y, x, HELPS] -= share * cells[k, x, ARRIVES]
            _credit(log, mark, k, p.burden * share * sums.pair[y, x, RATE])
        if shelters:
            _touch_attack(sums, log, mark, y, x)

    cells[k, x, DEFENDS], cells[k, x, BOND] = defends, bond
    cells[k, x, ARRIVES], cells[k, x, PLEDGED_ATTACK] = arrives, offense
    cells[k, x, QUARREL], cells[k, x, PARALLEL] = quarrel, parallel
    if shelters:
        _new_shelter(raw, cells, sums, x)

    for q in range(count):
        y = sums.rivals[x, q]
        if y == k:
            _touch_attack(sums, log, mark, k, x)
            continue
        if new_led:
            sums.pair[x, y, JOINS] += _term_join(cells, p, k, x, y)
        if new_foe:
            share = _share_help(cells, p, k, x, y)
            sums.pair[x, y, HELPS] += share * cells[k, y, ARRIVES]
            _credit(log, mark, k, -p.burden * share * sums.pair[x, y, RATE])
        if new_here:
            sums.pair[y, x, JOINS] += _term_join(cells, p, k, y, x)
        if new_help:
            share = _share_help(cells, p, k, y, x)
            sums.pair[y, x, HELPS] += share * cells[k, x, ARRIVES]
            _credit(log, mark, k, -p.burden * share * sums.pair[y, x, RATE])


@njit(cache=True, nogil=True, error_model="numpy")
def _dirty(log: ChangeTrace, mark: int, k: int, x: int) -> None:
    if k != x and log.cell_seen[k, x] != mark:
        log.cell_seen[k, x] = mark
        log.place[DIRTY, log.length[DIRTY], 0], log.place[DIRTY, log.length[DIRTY], 1] = k, x
        log.length[DIRTY] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _new_rivals(book: AttackBook, mark: int, a: int, b: int) -> None:
    """Let two states be rivals who were none: their attacks on each other are summed."""
    _, cells, sums, log, p = book
    for q in range(sums.number[a]):
        if sums.rivals[a, q] == b:
            return
    n = cells.shape[0]
    for j, i in ((a, b), (b, a)):
        _touch_attack(sums, log, mark, j, i)
        sums.rivals[j, sums.number[j]] = i
        sums.number[j] += 1
        log.state[0, log.length[RIVALS]] = j
        log.length[RIVALS] += 1
        sums.pair[j, i, JOINS], sums.pair[j, i, HELPS] = _sum_anew(cells, p, n, j, i)


@njit(cache=True, nogil=True, error_model="numpy")
def _edit(book: AttackBook, mark: int, what: int, a: int, b: int, value: float) -> None:
    """Set one fact, and note what it moves."""
    raw, cells, sums, log, p = book
    if what < 0:
        return
    n, e = len(raw.strength), log.length[FACT]
    log.place[FACT, e, 0], log.place[FACT, e, 1], log.place[FACT, e, 2] = what, a, b
    log.length[FACT] = e + 1
    if what == NEUTRAL:
        log.kept[FACT, e, 0], raw.neutral[a] = raw.neutral[a], value
    else:
        log.kept[FACT, e, 0], raw.pair[a, b, what] = raw.pair[a, b, what], value
    if what == SUPPLIES:
        sent = p.supply * value * raw.strength[a]
        sums.got[b] += sent - cells[a, b, SENT]
        cells[a, b, SENT] = sent
        for q in range(sums.number[b]):
            y = sums.rivals[b, q]
            if y != a:
                _touch_attack(sums, log, mark, b, y)
                _touch_attack(sums, log, mark, y, b)
        return
    if what in (NEUTRAL, STATIONS):
        for x in range(n):
            _dirty(log, mark, a, x)
        if what == STATIONS:
            log.sender_seen[a] = mark
        return
    if what == RIVALRY:
        raw.pair[b, a, RIVALRY] = value
        if value > 0.0:
            _new_rivals(book, mark, a, b)
        if value > 0.0 or log.kept[FACT, e, 0] > 0.0:
            _touch_attack(sums, log, mark, a, b)
            _touch_attack(sums, log, mark, b, a)
        intent = p.rate * (value / 5.0) ** p.gradient if value > 0.0 else 0.0
        sums.pair[a, b, INTENT] = sums.pair[b, a, INTENT] = intent
        _dirty(log, mark, b, a)
    _dirty(log, mark, a, b)


@njit(cache=True, nogil=True, error_model="numpy")
def _arriving(raw: Raw, p: Numbers, k: int, x: int) -> float:
    """Strength of k that reaches the place of x, forces posted abroad included."""
    n, whole, abroad = len(raw.strength), 0.0, 0.0
    for h in range(n):
        if raw.pair[k, h, STATIONS] > 0.0:
            posted = p.station * raw.pair[k, h, STATIONS]
            whole += posted
            abroad += posted * raw.near[h, x]
    room = max(1.0, whole)
    arriving: float = raw.strength[k] * ((1.0 - whole / room) * raw.near[k, x] + abroad / room)
    return arriving


@njit(cache=True, nogil=True, error_model="numpy")
def _apply(book: AttackBook, edits: Edits, c: int, mark: int) -> None:
    """Make the change `c`: the credit of each touched state is then what it gains."""
    raw, cells, sums, log, p = book
    n = len(raw.strength)
    for q in range(6):
        log.length[q] = 0
    for s in range(n):
        log.old_got[s] = sums.got[s]
    for e in range(edits.ptr[c], edits.ptr[c + 1]):
        what, a, b = edits.what[e], edits.first[e], edits.second[e]
        _edit(book, mark, what, a, b, edits.value[e])
    for q in range(log.length[DIRTY]):
        k, x = log.place[DIRTY, q, 0], log.place[DIRTY, q, 1]
        arrives = cells[k, x, ARRIVES]
        if log.sender_seen[k] == mark:
            arrives = _arriving(raw, p, k, x)
        _exchange(book, mark, k, x, arrives)
    for q in range(log.length[ATTACK]):
        j, i = log.place[ATTACK, q, 0], log.place[ATTACK, q, 1]
        low_joins = sums.pair[j, i, JOINS] < FALLEN * log.kept[ATTACK, q, 0]
        if low_joins or sums.pair[j, i, HELPS] < FALLEN * log.kept[ATTACK, q, 1]:
            sums.pair[j, i, JOINS], sums.pair[j, i, HELPS] = _sum_anew(cells, p, n, j, i)
        rate, exposure = _judge(raw, cells, sums, p, j, i)
        _credit(log, mark, i, sums.pair[j, i, EXPOSURE] - exposure)
        more = rate - sums.pair[j, i, RATE]
        if p.burden > 0.0 and more != 0.0:
            for k in range(n):
                if cells[k, i, DEFENDS] > 0.0 and k != i and k != j:
                    _credit(log, mark, k, -p.burden * more * _share_help(cells, p, k, j, i))


@njit(cache=True, nogil=True, error_model="numpy")
def _undo(book: AttackBook) -> None:
    """Put back what the last change moved."""
    raw, cells, sums, log, p = book
    for q in range(log.length[CELL] - 1, -1, -1):
        k, x = log.place[CELL, q, 0], log.place[CELL, q, 1]
        for what in range(EXCHANGED):
            cells[k, x, what] = log.kept[CELL, q, what]
    for q in range(log.length[FACT] - 1, -1, -1):
        what, a, b = log.place[FACT, q, 0], log.place[FACT, q, 1], log.place[FACT, q, 2]
        value = log.kept[FACT, q, 0]
        if what == NEUTRAL:
            raw.neutral[a] = value
            continue
        raw.pair[a, b, what] = value
        if what == RIVALRY:
            raw.pair[b, a, what] = value
        elif what == SUPPLIES:
            cells[a, b, SENT] = p.supply * value * raw.strength[a]
    for q in range(log.length[ATTACK]):
        j, i = log.place[ATTACK, q, 0], log.place[ATTACK, q, 1]
        sums.pair[j, i, JOINS], sums.pair[j, i, HELPS] = (
            log.kept[ATTACK, q, 0],
            log.kept[ATTACK, q, 1],
        )
        sums.pair[j, i, INTENT] = log.kept[ATTACK, q, 2]
    for q in range(log.length[RIVALS]):
        sums.number[log.state[0, q]] -= 1
    for q in range(log.length[CELL]):
        if raw.armed[log.place[CELL, q, 0]] > 0.0:
            _new_shelter(raw, cells, sums, log.place[CELL, q, 1])
    for s in range(len(raw.strength)):
        sums.got[s] = log.old_got[s]


@njit(cache=True, nogil=True, error_model="numpy")
def _verdict(
    log: ChangeTrace, mark: int, c: int, who: Deciders, tolerance: float, verdicts: VerdictArrays
) -> None:
    """Reduce what one change gives to its verdict."""
    figures, harmed, sign, pays = verdicts
    gain, loss, number = 0.0, 0.0, 0
    for q in range(log.length[CREDITED]):
        s = log.state[1, q]
        d = log.change[s]
        if d > 0.0:
            gain += d
        else:
            loss -= d
            number += d < -tolerance
        if len(sign):
            sign[c, s] = (d > tolerance) - (d < -tolerance)
    least, most, desire = np.inf, -np.inf, 0.0
    start, stop = who.ptr[c], who.ptr[c + 1]
    for a in range(start, stop):
        s = who.state[a]
        d = log.change[s] if log.state_seen[s] == mark else 0.0
        least, most, desire = min(least, d), max(most, d), desire + d
    figures[0, c], figures[1, c], figures[2, c] = least, desire, gain
    figures[3, c], figures[4, c] = loss, most
    harmed[c] = number
    if len(pays) and number > 0 and least >= -tolerance and most > tolerance:
        for q in range(log.length[CREDITED]):
            s = log.state[1, q]
            if log.change[s] < -tolerance:
                for a in range(start, stop):
                    pays[s, who.state[a]] = max(pays[s, who.state[a]], -log.change[s])


@njit(cache=True, nogil=True, error_model="numpy")
def judge_changes(
    book: AttackBook,
    edits: Edits,
    who: Deciders,
    tolerance: float,
    deltas: Floats,
    verdicts: VerdictArrays,
) -> None:
    """Fill what each change gives to each state, and its verdict: see `lenses.reduce_kernel`.

    Either is left out if its arrays have no rows; `deltas` comes as zeros.
    """
    log = book.log
    for c in range(len(edits.ptr) - 1):
        mark = c + 1
        _apply(book, edits, c, mark)
        if len(deltas):
            for q in range(log.length[CREDITED]):
                deltas[c, log.state[1, q]] = log.change[log.state[1, q]]
        if len(verdicts.harmed):
            _verdict(log, mark, c, who, tolerance, verdicts)
        _undo(book)
