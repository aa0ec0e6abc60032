"""Compiled: the security of a state for every set of some items, attack by attack.

An attack hangs on a few of the items only: those that edit a promise, a quarrel, a post or a
delivery that enters it. Its two sides are sums of terms, each a function of fewer items still. So
each term is tabled over the sets of its own items, tables are added up over the sets of the
attack's, and the attacks over the sets of the state's: nothing is evaluated twice, and no sum is
carried along from set to set. A set is an integer, item i its bit i; the table of a function of
the items in `support` has 2**(number of them) entries, its first item the lowest bit.

The plain twin is the formula after each set: ``tests/lenses/coalition/test_coalition_subsets.py``.
"""

from __future__ import annotations

import numpy as np

from detente.kernels import njit
from detente.lenses.coalition.attack_sums_kernel import (
    DEFENSE,
    GUARANTEE,
    NEUTRALITY,
    NONAGGRESSION,
    OFFENSE,
    RIVALRY,
    STATIONS,
    SUPPLIES,
    Floats,
    Ints,
    Numbers,
)
from detente.lenses.coalition.subset_arrays import (
    AttackTerm,
    LeastGains,
    Pool,
    Rates,
    Sides,
    Strip,
    Tables,
    VaryingFacts,
)

SMALL = 11
"""Items up to which the table of an attack is kept with others of the same items; of more items,
sets are gone through in strips that have all but so many of them in common."""

ADD, MULTIPLY, LEAST = range(3)
"""How the table of a few items is brought into one of more."""


# Terms of the two sides of an attack, and of what help for others costs.
LEADS, JOINS, SUPPLIED, STANDS, HELPS, RECEIVES = range(6)


@njit(cache=True, nogil=True, error_model="numpy")
def _bits(items: int) -> int:
    many = 0
    while items:
        items &= items - 1
        many += 1
    return many


@njit(cache=True, nogil=True, error_model="numpy")
def packed(on: int, support: int) -> int:
    """Return the bits of `on` at the places of `support`, moved together."""
    place, bit = 0, 1
    while support:
        low = support & -support
        if on & low:
            place |= bit
        bit <<= 1
        support ^= low
    return place


@njit(cache=True, nogil=True, error_model="numpy")
def _fact(f: VaryingFacts, what: int, a: int, b: int, on: int) -> float:
    t = f.key[what, a, b]
    if t < 0:
        held: float = f.pair[what, a, b]
        return held
    looked_up: float = f.value[f.start[t] + packed(on, f.support[t])]
    return looked_up


@njit(cache=True, nogil=True, error_model="numpy")
def _neutral(f: VaryingFacts, k: int, on: int) -> float:
    t = f.neutral_key[k]
    if t < 0:
        held: float = f.neutral[k]
        return held
    looked_up: float = f.value[f.start[t] + packed(on, f.support[t])]
    return looked_up


@njit(cache=True, nogil=True, error_model="numpy")
def _defends(f: VaryingFacts, p: Numbers, k: int, x: int, on: int) -> float:
    promised = max(_fact(f, DEFENSE, k, x, on), p.assurance * _fact(f, GUARANTEE, k, x, on))
    defends: float = promised * (1.0 - _neutral(f, k, on))
    return defends


@njit(cache=True, nogil=True, error_model="numpy")
def _bond(f: VaryingFacts, p: Numbers, k: int, x: int, on: int) -> float:
    pledged = max(_fact(f, NONAGGRESSION, k, x, on), _fact(f, NEUTRALITY, k, x, on))
    pledged = max(pledged, _fact(f, GUARANTEE, k, x, on), _neutral(f, k, on))
    held = max(p.pledge * pledged, p.pact * _defends(f, p, k, x, on))
    return float((1.0 - _fact(f, RIVALRY, k, x, on) / 5.0) * held)


@njit(cache=True, nogil=True, error_model="numpy")
def _arriving(f: VaryingFacts, p: Numbers, k: int, x: int, part: int, on: int) -> float:
    """Return one part of the strength of k that reaches the place of x."""
    h = f.part_post[part]
    if h == -1:
        held: float = f.fixed[k, x]
        return held
    if h >= 0:
        posted = f.strength[k] * p.station * _fact(f, STATIONS, k, h, on)
        more: float = posted * (f.near[h, x] - f.near[k, x])
        return more
    whole, abroad = 0.0, 0.0
    for q in range(f.post_ptr[k], f.post_ptr[k + 1]):
        share = p.station * _fact(f, STATIONS, k, f.posts[q], on)
        whole += share
        abroad += share * f.near[f.posts[q], x]
    room = max(1.0, whole)
    arriving: float = f.strength[k] * ((1.0 - whole / room) * f.near[k, x] + abroad / room)
    return arriving


@njit(cache=True, nogil=True, error_model="numpy")
def _joining(f: VaryingFacts, p: Numbers, k: int, j: int, i: int, on: int) -> float:
    """Which share of what it has at i a state k adds to an attack that j leads on i."""
    quarrels = _fact(f, RIVALRY, k, i, on) >= p.quarrel
    free = 1.0 - _neutral(f, k, on)
    share = max(
        _fact(f, OFFENSE, k, j, on) * free,
        _defends(f, p, k, j, on) * (p.follow_quarrel if quarrels else p.follow),
        p.parallel * free if quarrels else 0.0,
    )
    return share * (1.0 - _bond(f, p, k, i, on)) if share > 0.0 else 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _helping(f: VaryingFacts, p: Numbers, k: int, j: int, i: int, on: int) -> float:
    """In which share k comes to the defence of i against j."""
    quarrels = _fact(f, RIVALRY, k, j, on) >= p.quarrel
    return float(_defends(f, p, k, i, on) * (p.defend_quarrel if quarrels else p.defend))


@njit(cache=True, nogil=True, error_model="numpy")
def _willing(f: VaryingFacts, p: Numbers, j: int, i: int, on: int) -> float:
    """Return the rate of an attack if all of the leader's strength could reach the target."""
    v = _fact(f, RIVALRY, j, i, on)
    if v == 0.0 or f.strength[j] == 0.0:
        return 0.0
    shelter = 0.0
    for q in range(len(f.nuclear)):
        k = f.nuclear[q]
        if k != i and k != j:
            shelter = max(shelter, _defends(f, p, k, i, on), _fact(f, GUARANTEE, k, i, on))
    deterred = max(p.deterrence * f.armed[i], p.umbrella * shelter)
    rate: float = (
        p.rate * (v / 5.0) ** p.gradient * (1.0 - deterred) * (1.0 - _bond(f, p, j, i, on))
    )
    return rate


@njit(cache=True, nogil=True, error_model="numpy")
def _term(f: VaryingFacts, p: Numbers, term: AttackTerm, part: int, on: int) -> float:
    """Return one term of a side of an attack."""
    kind, k, j, i = term
    if kind == LEADS:
        return float(_arriving(f, p, j, i, part, on))
    if kind == STANDS:
        own: float = f.strength[i]
        return own
    if kind == JOINS:
        return float(_joining(f, p, k, j, i, on) * _arriving(f, p, k, i, part, on))
    if kind == HELPS:
        return float(_helping(f, p, k, j, i, on) * _arriving(f, p, k, i, part, on))
    if kind == SUPPLIED:
        reaches = _arriving(f, p, j, i, part, on) / f.strength[j] if f.strength[j] > 0.0 else 0.0
        given: float = p.supply * f.strength[k] * _fact(f, SUPPLIES, k, j, on) * reaches
        return given
    received: float = p.supply * f.strength[k] * _fact(f, SUPPLIES, k, i, on)
    return received


@njit(cache=True, nogil=True, error_model="numpy")
def _room(pool: Pool, value: Floats, support: int) -> tuple[int, Floats]:
    """Return where the table of a support begins in the last group, zeros if it is new."""
    for t in range(pool.used[2], pool.used[0]):
        if pool.support[t] == support:
            return pool.start[t], value
    t, begin = pool.used[0], pool.used[1]
    end = begin + (1 << _bits(support))
    if end > len(value):
        larger = np.zeros(2 * end)
        larger[: len(value)] = value
        value = larger
    value[begin:end] = 0.0
    pool.support[t], pool.start[t] = support, begin
    pool.used[0], pool.used[1] = t + 1, end
    return begin, value


@njit(cache=True, nogil=True, error_model="numpy")
def combine(out: Floats, bits: int, support: int, table: Floats, how: int) -> None:
    """Bring the table of a few items into one of `bits` items, by one of the ways above."""
    strip, counted = min(bits, SMALL), 0
    place = np.zeros(1 << strip, dtype=np.int64)
    for bit in range(strip):
        step, size = (1 << counted) * (support >> bit & 1), 1 << bit
        for x in range(size):
            place[size + x] = place[x] + step
        counted += support >> bit & 1
    for h in range(1 << (bits - strip)):
        begin = packed(h, support >> strip) << counted
        row = out[h << strip : (h + 1) << strip]
        if how == ADD:
            for x in range(1 << strip):
                row[x] += table[begin + place[x]]
        elif how == MULTIPLY:
            for x in range(1 << strip):
                row[x] *= table[begin + place[x]]
        else:
            for x in range(1 << strip):
                row[x] = min(row[x], table[begin + place[x]])


@njit(cache=True, nogil=True, error_model="numpy")
def _strip(
    out: Floats, sums: Floats, strip: Strip, tables: Tables, first: int, last: int
) -> tuple[float, bool]:
    """Add a group's tables to the sets of a strip.

    `sums` are those of the tables of lower items alone, as `_low` has summed them. Return what is
    the same for the whole strip, and whether there is more, which then is in `out` with the sums.
    """
    low, h, items = strip
    pool, value = tables
    same, differs = 0.0, False
    for t in range(first, last):
        local = packed(pool.support[t], items)
        high, lower = local >> low, local & ((1 << low) - 1)
        if high == 0:
            continue
        begin = pool.start[t] + (packed(h, high) << _bits(lower))
        if lower == 0:
            same += value[begin]
            continue
        if not differs:
            out[:] = sums
            differs = True
        combine(out, low, lower, value[begin:], ADD)
    return same, differs


@njit(cache=True, nogil=True, error_model="numpy")
def _low(out: Floats, low: int, items: int, tables: Tables, first: int, last: int) -> None:
    """Fill `out` with the sum of a group's tables that hang on the `low` first items alone.

    Items are taken up one after the other, so that a table is added where its last item comes in.
    """
    pool, value = tables
    out[0] = 0.0
    for t in range(first, last):
        if pool.support[t] == 0:
            out[0] += value[pool.start[t]]
    for bit in range(low):
        size = 1 << bit
        out[size : 2 * size] = out[:size]
        for t in range(first, last):
            local = packed(pool.support[t], items)
            if local >> bit == 1:
                combine(out[: 2 * size], bit + 1, local, value[pool.start[t] :], ADD)


@njit(cache=True, nogil=True, error_model="numpy")
def _of_rate(f: VaryingFacts, j: int, i: int) -> int:
    support = f.of_quarrel[j, i] | f.of_bond[j, i]
    for q in range(len(f.nuclear)):
        k = f.nuclear[q]
        if k != i and k != j:
            support |= f.of_defends[k, i]
    return int(support)


@njit(cache=True, nogil=True, error_model="numpy")
def _of_joining(f: VaryingFacts, k: int, j: int, i: int) -> int:
    """Items on which it hangs how far k goes along; -1 where it never does."""
    goes = f.of_going[k, j] != 0 or f.pair[DEFENSE, k, j] > 0.0 or f.pair[GUARANTEE, k, j] > 0.0
    goes = goes or f.pair[OFFENSE, k, j] > 0.0
    if not goes and f.pair[RIVALRY, k, i] == 0.0 and f.of_quarrel[k, i] == 0:
        return -1
    return int(f.of_going[k, j] | f.of_bond[k, i])


@njit(cache=True, nogil=True, error_model="numpy")
def _of_help(f: VaryingFacts, k: int, j: int, i: int) -> int:
    """Items on which it hangs in which share k helps; -1 where it never does."""
    promised = f.pair[DEFENSE, k, i] > 0.0 or f.pair[GUARANTEE, k, i] > 0.0
    if not promised and f.of_defends[k, i] == 0:
        return -1
    return int(f.of_defends[k, i] | f.of_quarrel[k, j])


@njit(cache=True, nogil=True, error_model="numpy")
def rates(f: VaryingFacts, p: Numbers) -> Rates:
    """Return every attack that may be, with the table of its rate but for what reaches there."""
    n, many, length = len(f.strength), 0, 0
    for j in range(n):
        for i in range(n):
            if f.pair[RIVALRY, j, i] > 0.0 or f.of_quarrel[j, i] != 0:
                many += 1
                length += 1 << _bits(_of_rate(f, j, i))
    found = Rates(
        np.empty(many, dtype=np.int64),
        np.empty(many, dtype=np.int64),
        np.empty(many),
        np.empty(many, dtype=np.int64),
        np.empty(many, dtype=np.int64),
        np.empty(length),
    )
    a, begin = 0, 0
    for j in range(n):
        for i in range(n):
            if f.pair[RIVALRY, j, i] > 0.0 or f.of_quarrel[j, i] != 0:
                support = _of_rate(f, j, i)
                found.leader[a], found.target[a], found.strength[a] = j, i, f.strength[j]
                found.support[a], found.start[a] = support, begin
                on = 0
                for x in range(1 << _bits(support)):
                    found.value[begin + x] = _willing(f, p, j, i, on)
                    on = (on - support) & support
                begin += 1 << _bits(support)
                a += 1
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _add(
    f: VaryingFacts, p: Numbers, term: AttackTerm, own: int, pool: Pool, value: Floats
) -> Floats:
    """Add the parts of a term to a pool; `own` are what it hangs on besides them."""
    kind = term.kind
    parted = term.j if kind in (LEADS, SUPPLIED) else term.k
    first, last = f.part_ptr[parted], f.part_ptr[parted + 1]
    whole = kind in (STANDS, RECEIVES)
    if whole:
        last = first + 1
    for part in range(first, last):
        support = own if whole else own | f.part_support[part]
        begin, value = _room(pool, value, support)
        on = 0
        for x in range(1 << _bits(support)):
            value[begin + x] += _term(f, p, term, part, on)
            on = (on - support) & support
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def groups_of_terms(
    f: VaryingFacts, p: Numbers, j: int, i: int, pool: Pool, value: Floats, ptr: Ints
) -> Floats:
    """Add three groups: the terms of an attack, of the defence, and what the leader brings there.

    `ptr` is filled with where they begin, and where the last ends.
    """
    for group in range(3):
        ptr[group] = pool.used[2] = pool.used[0]
        if group == 2:
            value = _add(f, p, AttackTerm(LEADS, j, j, i), 0, pool, value)
            break
        for k in range(len(f.strength)):
            for kind in range(3 * group, 3 * group + 3):
                own = -1
                if kind in (LEADS, STANDS):
                    own = 0 if k == j else -1
                elif k in (i, j):
                    continue
                elif kind == JOINS:
                    own = _of_joining(f, k, j, i)
                elif kind == HELPS:
                    own = _of_help(f, k, j, i)
                else:
                    to = j if kind == SUPPLIED else i
                    if f.of_supplies[k, to] != 0 or f.pair[SUPPLIES, k, to] > 0.0:
                        own = f.of_supplies[k, to]
                if own >= 0:
                    value = _add(f, p, AttackTerm(kind, k, j, i), own, pool, value)
    ptr[3] = pool.used[0]
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def _items_of(pool: Pool, first: int, last: int) -> int:
    items = 0
    for t in range(first, last):
        items |= pool.support[t]
    return items


@njit(cache=True, nogil=True, error_model="numpy")
def _expose(
    out: Floats, strip: Strip, p: Numbers, r: Rates, a: int, tables: Tables, parts: Sides
) -> None:
    """Take from the sets of a strip the exposure that one attack is."""
    low, h, items = strip
    sides, ptr, work = parts
    same, differs = np.empty(3), np.empty(3, np.bool_)
    for group in range(3):
        same[group], differs[group] = _strip(
            work[group], sides[group], strip, tables, ptr[group], ptr[group + 1]
        )
    strong = work[0] if differs[0] else sides[0]
    firm = work[1] if differs[1] else sides[1]
    local = packed(r.support[a], items)
    lower = local & ((1 << low) - 1)
    begin = r.start[a] + (packed(h, local >> low) << _bits(lower))
    rate, more = r.value[begin] / r.strength[a], same[2]
    reach = work[2] if differs[2] else sides[2]
    if lower != 0:
        work[2] = reach + more
        reach, rate, more = work[2], 1.0 / r.strength[a], 0.0
        combine(reach, low, lower, r.value[begin:], MULTIPLY)
    if rate == 0.0:
        return
    if p.decisiveness == 1.0:
        for x in range(len(out)):
            power = strong[x] + same[0]
            against = p.advantage * (firm[x] + same[1])
            share = power / (power + against) if power > 0.0 else 0.0
            out[x] -= rate * (reach[x] + more) * share
    else:
        for x in range(len(out)):
            power = strong[x] + same[0]
            odds = p.advantage * (firm[x] + same[1]) / power if power > 0.0 else np.inf
            out[x] -= rate * (reach[x] + more) / (1.0 + odds**p.decisiveness)


@njit(cache=True, nogil=True, error_model="numpy")
def burdens(f: VaryingFacts, p: Numbers, r: Rates, s: int, pool: Pool, value: Floats) -> Floats:
    """Add to a pool what the help for others costs the state `s`."""
    for a in range(len(r.leader)):
        j, i = r.leader[a], r.target[a]
        helping = _of_help(f, s, j, i) if s not in (j, i) else -1
        if helping < 0 or f.strength[j] == 0.0:
            continue
        for part in range(f.part_ptr[j], f.part_ptr[j + 1]):
            support = helping | r.support[a] | f.part_support[part]
            begin, value = _room(pool, value, support)
            on = 0
            for x in range(1 << _bits(support)):
                reaches = _arriving(f, p, j, i, part, on) / f.strength[j]
                rate = r.value[r.start[a] + packed(on, r.support[a])] * reaches
                value[begin + x] -= p.burden * rate * _helping(f, p, s, j, i, on)
                on = (on - support) & support
    return value


@njit(cache=True, nogil=True, error_model="numpy")
def security_table(
    f: VaryingFacts, p: Numbers, r: Rates, s: int, gains: LeastGains
) -> tuple[int, Floats]:
    """Return on which items the security of a state hangs, and the security with each set.

    Where gains are wanted, and the security hangs on nearly all of the items, no table is made:
    the least gains are lowered strip by strip.
    """
    least, every, before, scale = gains
    many, parts = len(r.leader), len(f.part_post)
    own = np.flatnonzero(r.target == s)
    ones = Pool(np.zeros(3, np.int64), np.empty((many + 1) * (parts + 1), np.int64),
                np.empty((many + 1) * (parts + 1), np.int64))  # fmt: skip
    most = 4 * (parts + len(f.strength)) * (len(own) + 1)
    pool = Pool(np.zeros(3, np.int64), np.empty(most, np.int64), np.empty(most, np.int64))
    summed, value = np.zeros(4096), np.zeros(4096)
    ptr, large = np.zeros((len(own) + 1, 4), np.int64), 0
    attacks = np.empty(len(own), np.int64)
    work = np.empty((3, 1 << SMALL))
    one = np.empty((3, 1 << SMALL))
    _, summed = _room(ones, summed, 0)
    if p.burden > 0.0:
        summed = burdens(f, p, r, s, ones, summed)
    items = 0
    for q in range(len(own)):
        a = own[q]
        j = r.leader[a]
        if f.strength[j] == 0.0:
            continue
        length, tables = pool.used[1], pool.used[0]
        value = groups_of_terms(f, p, j, s, pool, value, ptr[large])
        support = _items_of(pool, ptr[large, 0], ptr[large, 3]) | r.support[a]
        bits = _bits(support)
        if bits > SMALL:
            attacks[large] = a
            large += 1
            items |= support
            continue
        begin, summed = _room(ones, summed, support)
        for group in range(3):
            _low(one[group, : 1 << bits], bits, support, Tables(pool, value), ptr[large, group],
                 ptr[large, group + 1])  # fmt: skip
        _expose(summed[begin : begin + (1 << bits)], Strip(bits, 0, support), p, r, a,
                Tables(pool, value), Sides(one, ptr[large], work))  # fmt: skip
        pool.used[0], pool.used[1] = tables, length
    items |= _items_of(ones, 0, ones.used[0])
    straight = len(least) > 1 and _bits(items) >= _bits(every) - 2
    if straight:
        items = every
    bits = _bits(items)
    low = min(bits, SMALL)
    base = np.empty(1 << low)
    sides = np.empty((large, 3, 1 << low))
    settled, tables_of_large = Tables(ones, summed), Tables(pool, value)
    _low(base, low, items, settled, 0, ones.used[0])
    for a in range(large):
        for group in range(3):
            first, last = ptr[a, group], ptr[a, group + 1]
            _low(sides[a, group], low, items, tables_of_large, first, last)
    security = np.empty(1 << (low if straight else bits))
    for h in range(1 << (bits - low)):
        row = security[: 1 << low] if straight else security[h << low : (h + 1) << low]
        row[:] = base
        strip = Strip(low, h, items)
        same, _ = _strip(row, base, strip, settled, 0, ones.used[0])
        row += same
        for a in range(large):
            _expose(row, strip, p, r, attacks[a], tables_of_large, Sides(sides[a], ptr[a], work))
        if straight:
            for x in range(1 << low):
                place = h << low | x
                least[place] = min(least[place], (row[x] - before) / scale)
    return (-1 if straight else items), security
