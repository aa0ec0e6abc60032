"""Compiled: what the members of an organisation would lose by leaving, for given sets of members.

With 32 members there are too many sets to table them all, and a cascade of exits visits a few
hundred. Each term of an attack hangs on two or three members only; so terms are tabled as in
`subset_kernel`, those of the same members added up, and the two sides of an attack with one set
of members are a sum of a few dozen entries. A set is an integer, member i its bit i.

The plain twin is the formula after each set:
``tests/lenses/coalition/test_coalition_membership.py``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.kernels import njit
from detente.lenses.coalition.attack_sums_kernel import Floats, Ints, Numbers
from detente.lenses.coalition.subset_arrays import Pool, Rates, VaryingFacts
from detente.lenses.coalition.subset_kernel import burdens, groups_of_terms, packed


class MemberTables(NamedTuple):
    """Tables of the attacks on each member, and of what its help costs it.

    Member m suffers the attacks from ``attack_ptr[m]``; `rate` says where in the rates the attack
    stands, and the tables of its three groups (attack, defence, what the leader brings) begin at
    ``group_ptr[attack, group]``. Those of the costs of help begin at ``cost_ptr[m]``. Table t is of
    the members ``support[t]`` and begins at ``start[t]`` in `value`.
    """

    attack_ptr: Ints
    rate: Ints
    group_ptr: Ints
    cost_ptr: Ints
    support: Ints
    start: Ints
    value: Floats


@njit(cache=True, nogil=True, error_model="numpy")
def member_tables(f: VaryingFacts, p: Numbers, r: Rates, places: Ints) -> MemberTables:
    """Return the tables for the members of an organisation, who stand at `places`."""
    many, parts, members = len(r.leader), len(f.part_post), len(places)
    most = (4 * (parts + len(f.strength)) + members * (parts + 1)) * (many + 1)
    pool = Pool(np.zeros(3, np.int64), np.empty(most, np.int64), np.empty(most, np.int64))
    value = np.zeros(1 << 14)
    attack_ptr, cost_ptr = np.zeros(members + 1, np.int64), np.zeros(members + 1, np.int64)
    rate, group_ptr = np.empty(many, np.int64), np.empty((many, 4), np.int64)
    a = 0
    for m in range(members):
        for q in range(many):
            if r.target[q] == places[m] and f.strength[r.leader[q]] > 0.0:
                rate[a] = q
                value = groups_of_terms(f, p, r.leader[q], places[m], pool, value, group_ptr[a])
                a += 1
        attack_ptr[m + 1] = a
    for m in range(members):
        cost_ptr[m] = pool.used[2] = pool.used[0]
        if p.burden > 0.0:
            value = burdens(f, p, r, places[m], pool, value)
        cost_ptr[m + 1] = pool.used[0]
    used = pool.used[0]
    return MemberTables(
        attack_ptr,
        rate[:a].copy(),
        group_ptr[:a].copy(),
        cost_ptr,
        pool.support[:used].copy(),
        pool.start[:used].copy(),
        value,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _sum(t: MemberTables, first: int, last: int, on: int) -> float:
    """Add up what some tables hold with one set of members."""
    summed = 0.0
    for q in range(first, last):
        summed += t.value[t.start[q] + packed(on, t.support[q])]
    return summed


@njit(cache=True, nogil=True, error_model="numpy")
def _security(t: MemberTables, f: VaryingFacts, p: Numbers, r: Rates, m: int, on: int) -> float:
    """Return the security of a member with one set of members."""
    security = _sum(t, t.cost_ptr[m], t.cost_ptr[m + 1], on)
    for a in range(t.attack_ptr[m], t.attack_ptr[m + 1]):
        q = t.rate[a]
        rate = r.value[r.start[q] + packed(on, r.support[q])]
        if rate == 0.0:
            continue
        first, second, third, last = t.group_ptr[a]
        power = _sum(t, first, second, on)
        if power <= 0.0:
            continue
        rate *= _sum(t, third, last, on) / f.strength[r.leader[q]]
        odds = p.advantage * _sum(t, second, third, on) / power
        if p.decisiveness != 1.0:
            odds = odds**p.decisiveness
        security -= rate / (1.0 + odds)
    return float(security)


@njit(cache=True, nogil=True, error_model="numpy")
def worths_of_members(
    t: MemberTables, f: VaryingFacts, p: Numbers, r: Rates, sets: Ints, worths: Floats
) -> None:
    """Fill what each member of each set would lose by leaving it, (sets, members); 0 for others."""
    for x in range(len(sets)):
        on = sets[x]
        for m in range(worths.shape[1]):
            if on >> m & 1:
                there = _security(t, f, p, r, m, on)
                worths[x, m] = there - _security(t, f, p, r, m, on & ~(1 << m))


@njit(cache=True, nogil=True, error_model="numpy")
def securities_with_sets(
    t: MemberTables, f: VaryingFacts, p: Numbers, r: Rates, sets: Ints, securities: Floats
) -> None:
    """Fill the security of each state of the tables with each set of items, (sets, states)."""
    for x in range(len(sets)):
        for m in range(securities.shape[1]):
            securities[x, m] = _security(t, f, p, r, m, sets[x])
