"""The formula over several draws at once, with the terms that can be other than zero alone.

Of all third states few have a tie to an attacker or to its target, and which ones have does not
hang on the parameters. So the places of those terms are listed once for a system, and security is
a handful of array operations over them, one row a draw. The plain twin is `formula`; the numbers
of a draw are the same, bit for bit, whichever draws it is evaluated with.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import System
from detente.lenses.coalition.facts import Facts, Floats, Ints, Values
from detente.lenses.coalition.formula import JOINING
from detente.lenses.coalition.system_facts import facts_of

Drawn = Mapping[str, Floats]
"""Parameters by name, one row a draw."""


class Places(NamedTuple):
    """Terms of the sums over attacks: attack `at`, third state `k`; `first` begins each group."""

    at: Ints
    k: Ints
    group: Ints
    first: Ints

    @classmethod
    def of(cls, there: NDArray[np.bool_]) -> Places:
        """List where an array (attacks, states) is true, group by group."""
        at, k = np.divmod(np.flatnonzero(there), there.shape[1])
        return cls(at, k, *_groups(at))

    def summed(self, terms: Floats, groups: int) -> Floats:
        """Add up the terms (draws, places) of each group, array (draws, groups)."""
        sums = np.zeros((len(terms), groups))
        if len(self.at):
            sums[:, self.group] = np.add.reduceat(terms, self.first, axis=1)
        return sums

    def largest(self, terms: Floats, groups: int) -> Floats:
        """Return the largest term of each group, 0 without any, array (draws, groups)."""
        most = np.zeros((len(terms), groups))
        if len(self.at):
            most[:, self.group] = np.maximum.reduceat(terms, self.first, axis=1)
        return most


class Towards(NamedTuple):
    """What holds of some states k towards others x, one entry a term; `cell` is where it stands."""

    defense: Floats
    guarantee: Floats
    offense: Floats
    rivalry: Floats
    free: Floats
    pledged: Floats
    cell: Ints

    @classmethod
    def of(cls, s: Facts, k: Ints, x: Ints) -> Towards:
        """Gather it from the arrays of pairs."""
        cell, neutral = k * s.size + x, s.neutral[k]
        guarantee = s.guarantee.ravel()[cell]
        return cls(
            defense=s.defense.ravel()[cell],
            guarantee=guarantee,
            offense=s.offense.ravel()[cell],
            rivalry=s.rivalry.ravel()[cell],
            free=1.0 - neutral,
            pledged=np.maximum(np.maximum(s.nonaggression.ravel()[cell], guarantee), neutral),
            cell=cell,
        )

    def defends(self, p: Drawn) -> Floats:
        """Return D(k, x), (draws, terms)."""
        promised = np.maximum(self.defense, p["assurance"] * self.guarantee)
        promised *= self.free
        return promised

    def bond(self, p: Drawn) -> Floats:
        """Return how far promises hold k back from attacking x, (draws, terms)."""
        held = np.maximum(p["pledge"] * self.pledged, p["pact"] * self.defends(p))
        held *= 1.0 - self.rivalry / 5.0
        return held


class AttackTerms(NamedTuple):
    """What a system gives to the sums whatever the parameters are.

    `joins`, `helps`, `arms`, `aid` and `shelters` are the places of third states that may join,
    help, have supplied the leader or the target, or may deter, with what holds of them towards
    the leader and the target; `payers` and `targets` say in which order, `by_payer` and
    `by_target`, helps and attacks are added up by state.
    """

    facts: Facts
    leader: Ints
    target: Ints
    attack: Towards
    joins: Places
    join_leader: Towards
    join_target: Towards
    helps: Places
    help_leader: Towards
    help_target: Towards
    arms: Places
    armed: Floats
    aid: Places
    aided: Floats
    shelters: Places
    shelter: Towards
    by_payer: Ints
    payers: Places
    by_target: Ints
    targets: Places
    senders: Ints

    @classmethod
    def of(cls, s: Facts) -> AttackTerms:
        """List the terms of a system."""
        j, i = np.nonzero(s.rivalry)
        third = np.ones((len(j), s.size), dtype=np.bool_)
        third[np.arange(len(j)), j] = third[np.arange(len(j)), i] = False
        promised = (s.defense > 0) | (s.guarantee > 0)
        going, sent = promised | (s.offense > 0), s.supplies > 0
        warm = promised & (s.nuclear > 0)[:, None]
        joins = Places.of(third & (going.T[j] | (s.rivalry > 0)[i]))
        helps = Places.of(third & promised.T[i])
        arms, aid = Places.of(third & sent.T[j]), Places.of(third & sent.T[i])
        shelters = Places.of(third & warm.T[i])
        by_payer, by_target = np.argsort(helps.k, kind="stable"), np.argsort(i, kind="stable")
        return cls(
            facts=s,
            leader=j,
            target=i,
            attack=Towards.of(s, j, i),
            joins=joins,
            join_leader=Towards.of(s, joins.k, j[joins.at]),
            join_target=Towards.of(s, joins.k, i[joins.at]),
            helps=helps,
            help_leader=Towards.of(s, helps.k, j[helps.at]),
            help_target=Towards.of(s, helps.k, i[helps.at]),
            arms=arms,
            armed=s.supplies.ravel()[arms.k * s.size + j[arms.at]] * s.strength[arms.k],
            aid=aid,
            aided=s.supplies.ravel()[aid.k * s.size + i[aid.at]] * s.strength[aid.k],
            shelters=shelters,
            shelter=Towards.of(s, shelters.k, i[shelters.at]),
            by_payer=by_payer,
            payers=_in_order(helps.k[by_payer]),
            by_target=by_target,
            targets=_in_order(i[by_target]),
            senders=np.flatnonzero((s.stations > 0).any(axis=1)),
        )


def _in_order(states: Ints) -> Places:
    return Places(states, states, *_groups(states))


def _groups(numbers: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of groups that stand together, and where each begins."""
    begins = np.ones(len(numbers), dtype=np.bool_)
    np.not_equal(numbers[1:], numbers[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    return numbers[first], first


class Evaluated(NamedTuple):
    """The terms of a system, and the security in each draw that was evaluated of late."""

    terms: AttackTerms
    known: dict[frozenset[tuple[str, float]], Floats]


KEPT = 512
"""Draws whose security is kept for a system that is in use."""

_evaluated: WeakKeyDictionary[System, dict[bool, Evaluated]] = WeakKeyDictionary()


def securities_of(system: System, draws: Sequence[Values]) -> list[Floats]:
    """Return the security in each draw of the parameters, arrays (n,) that are not to be edited.

    The draws have the same `reach`, or all a finite one.

    Raises
    ------
    Undefined
        If no state has any strength.
    MissingData
        If a distance is needed and is not known.
    """
    endless = math.isinf(draws[0]["reach"])  # then no distance is needed
    ways = _evaluated.setdefault(system, {})
    held = ways.get(endless)
    if held is None:
        held = ways[endless] = Evaluated(AttackTerms.of(facts_of(system, draws[0])), {})
    elif len(held.known) > KEPT:
        held = ways[endless] = held._replace(known={})
    keys = [frozenset(values.items()) for values in draws]
    new = {key: values for key, values in zip(keys, draws, strict=True) if key not in held.known}
    if new:
        rows = securities(held.terms, list(new.values()))
        rows.flags.writeable = False
        held.known.update(zip(new, rows, strict=True))
    return [held.known[key] for key in keys]


def securities(t: AttackTerms, draws: Sequence[Values]) -> Floats:
    """Return security in every draw of the parameters, array (draws, n)."""
    s, j, i, many = t.facts, t.leader, t.target, len(t.leader)
    p = {name: np.array([[v[name]] for v in draws], dtype=np.float64) for name in draws[0]}
    p |= {name: np.minimum(1.0, p["turnout"] * p[name]) for name in JOINING}
    reaches = _reaches(t, p)
    arrives = (reaches * s.strength[:, None]).reshape(len(draws), -1)
    leading = np.where(s.strength[j] > 0, reaches.reshape(len(draws), -1)[:, t.attack.cell], 0.0)

    quarrels = t.join_target.rivalry >= p["quarrel"]
    joining = np.where(quarrels, p["follow_quarrel"], p["follow"])
    joining *= t.join_leader.defends(p)
    np.maximum(joining, t.join_leader.offense * t.join_leader.free, out=joining)
    parallel = p["parallel"] * t.join_leader.free
    np.maximum(joining, parallel, out=joining, where=quarrels)
    joining *= 1.0 - t.join_target.bond(p)
    joining *= arrives[:, t.join_target.cell]

    quarrels = t.help_leader.rivalry >= p["quarrel"]
    helping = np.where(quarrels, p["defend_quarrel"], p["defend"])
    helping *= t.help_target.defends(p)
    aid = t.aid.summed(p["supply"] * t.aided, many)
    defence = s.strength[i] + aid
    defence += t.helps.summed(helping * arrives[:, t.help_target.cell], many)
    attack = t.arms.summed(p["supply"] * t.armed, many) * leading
    attack += arrives[:, t.attack.cell] + t.joins.summed(joining, many)

    promised = np.maximum(t.shelter.defends(p), t.shelter.guarantee)
    shelter = p["umbrella"] * t.shelters.largest(promised, many)
    deterred = np.maximum(p["deterrence"] * s.nuclear[i], shelter)
    rate = p["rate"] * (t.attack.rivalry / 5.0) ** p["gradient"]
    rate = rate * leading * (1.0 - t.attack.bond(p)) * (1.0 - deterred)

    with np.errstate(over="ignore"):  # next to nothing attacks: infinity to one is the answer
        ratio = np.divide(p["advantage"] * defence, attack, out=np.zeros_like(attack),
                          where=attack > 0)  # fmt: skip
        beaten = np.where(attack > 0, 1.0 / (1.0 + ratio ** p["decisiveness"]), 0.0)
    exposure = t.targets.summed((rate * beaten)[:, t.by_target], s.size)
    cost = t.payers.summed((rate[:, t.helps.at] * helping)[:, t.by_payer], s.size)
    security: Floats = 0.0 - exposure - p["burden"] * cost
    return security


def _reaches(t: AttackTerms, p: Drawn) -> Floats:
    """Return the share of each state's strength that reaches each place, (draws, n, n)."""
    s = t.facts
    near: Floats = np.exp(-s.distance / p["reach"][:, :, None])
    near[:, s.land] = 1.0
    near[:, np.arange(s.size), np.arange(s.size)] = 1.0
    if not len(t.senders):
        return near
    posted = p["station"][:, :, None] * s.stations[t.senders]
    posted /= np.maximum(1.0, posted.sum(axis=2, keepdims=True))
    at_home = 1.0 - posted.sum(axis=2, keepdims=True)
    abroad = posted @ near
    near[:, t.senders] = at_home * near[:, t.senders] + abroad
    return near
