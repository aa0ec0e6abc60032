"""The formula over several draws at once, with the terms that can be other than zero alone.

Of all third states few have a tie to an attacker or to its target, and which ones have does not
hang on the parameters. So the places of those terms are listed once for a system, and security is
a handful of array operations over them, one row a draw. The plain twin is `formula`; the numbers
of a draw are the same, bit for bit, whichever draws it is evaluated with.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import System
from detente.lenses.coalition.facts import Bools, Facts, Floats, Ints, Values
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
            sums[:, self.group] = _by_group(terms, self.first)
        return sums

    def spread(self, terms: Floats, groups: int, states: int) -> Floats:
        """Return terms (places,) at their places, zeros elsewhere, array (groups * states,)."""
        table = np.zeros(groups * states)
        table[self.at * states + self.k] = terms
        return table

    def largest(self, terms: Floats, groups: int) -> Floats:
        """Return the largest term of each group, 0 without any, array (draws, groups)."""
        most = np.zeros((len(terms), groups))
        if len(self.at):
            most[:, self.group] = np.maximum.reduceat(terms, self.first, axis=1)
        return most


def _by_group(terms: Floats, first: Ints) -> Floats:
    """Add up groups of terms draw by draw, each laid out alike: else the order may differ."""
    rows = (np.ascontiguousarray(row) for row in terms)
    sums: Floats = np.stack([np.add.reduceat(row, first, axis=0) for row in rows])
    return sums


def raised(base: Floats, exponent: Floats) -> Floats:
    """Raise each draw's row to its exponent, alone: NumPy takes short cuts that differ in a bit."""
    powers: Floats = np.stack([row ** float(e[0]) for row, e in zip(base, exponent, strict=True)])
    return powers


class Towards(NamedTuple):
    """What holds of some states k towards others x, one entry a term.

    `going` is the offence pledge as far as k is free, `calm` how far the quarrel lets a promise
    hold k back, `cell` where k and x stand in an array of pairs.
    """

    defense: Floats
    guarantee: Floats
    going: Floats
    rivalry: Floats
    calm: Floats
    free: Floats
    pledged: Floats
    cell: Ints

    @classmethod
    def made(
        cls, defense: Floats, offense: Floats, pledged: Floats, guarantee: Floats,
        rivalry: Floats, neutral: Floats, cell: Ints,
    ) -> Towards:  # fmt: skip
        """Put it together from the facts; `pledged` is the larger of the two pledges."""
        return cls(
            defense=defense,
            guarantee=guarantee,
            going=offense * (1.0 - neutral),
            rivalry=rivalry,
            calm=1.0 - rivalry / 5.0,
            free=1.0 - neutral,
            pledged=np.maximum(np.maximum(pledged, guarantee), neutral),
            cell=cell,
        )

    @classmethod
    def of(cls, s: Facts, k: Ints, x: Ints) -> Towards:
        """Gather it from the arrays of pairs."""
        cell = k * s.size + x
        return cls.made(
            s.defense.ravel()[cell],
            s.offense.ravel()[cell],
            s.nonaggression.ravel()[cell],
            s.guarantee.ravel()[cell],
            s.rivalry.ravel()[cell],
            s.neutral[k],
            cell,
        )

    def take(self, which: Ints) -> Towards:
        """Return what holds at some of the places."""
        taken: Iterator[Any] = (array[which] for array in self)
        return Towards(*taken)

    def defends(self, p: Drawn) -> Floats:
        """Return D(k, x), (draws, terms)."""
        promised = np.maximum(self.defense, p["assurance"] * self.guarantee)
        promised *= self.free
        return promised

    def bond(self, p: Drawn, defends: Floats | None = None) -> Floats:
        """Return how far promises hold k back from attacking x, (draws, terms)."""
        held = p["pact"] * (self.defends(p) if defends is None else defends)
        np.maximum(held, p["pledge"] * self.pledged, out=held)
        held *= self.calm
        return held


class AttackTerms(NamedTuple):
    """What a system gives to the sums whatever the parameters are.

    `joins`, `helps`, `arms`, `aid` and `shelters` are the places of third states that may join,
    help, have supplied the leader or the target, or may deter, with what holds of them towards
    the leader and the target; `payers` and `targets` say in which order, `by_payer` and
    `by_target`, helps and attacks are added up by state; `sender`, `ground` and `posted` are the
    forces abroad.
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
    sender: Ints
    ground: Ints
    posted: Floats

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
        posts = np.nonzero(s.stations)
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
            sender=posts[0],
            ground=posts[1],
            posted=s.stations[posts],
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


def securities_of(
    system: System, draws: Sequence[Values], shares: PromisedShares | None = None
) -> list[Floats]:
    """Return the security in each draw of the parameters, arrays (n,) that are not to be edited.

    The draws have the same `reach`, or all a finite one. `shares` are those of the draws in a
    system with the same promises and rivalries, if they are known.

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
        same = shares if len(new) == len(draws) else None
        rows = securities(held.terms, list(new.values()), same)
        rows.flags.writeable = False
        held.known.update(zip(new, rows, strict=True))
    return [held.known[key] for key in keys]


def same_promises(one: System, other: System) -> bool:
    """Say whether two systems differ at most in where forces stand and what is delivered."""
    names = ("rivalry", "neutral", "capability", "nuclear")
    return all(getattr(one, name) is getattr(other, name) for name in names) and all(
        promised is other.promises[kind] for kind, promised in one.promises.items()
    )


def terms_of(system: System, values: Values) -> AttackTerms:
    """Return the terms of a system, the same object as long as it is in use."""
    ways = _evaluated.setdefault(system, {})
    endless = math.isinf(values["reach"])
    if endless not in ways:
        ways[endless] = Evaluated(AttackTerms.of(facts_of(system, values)), {})
    return ways[endless].terms


def joined(leader: Towards, target: Towards, p: Drawn, defends: Floats | None = None) -> Floats:
    """Return in which share states go along with attacks, (draws, terms).

    `defends` is how far they defend the target, if it is known.
    """
    quarrels = target.rivalry >= p["quarrel"]
    joining = np.where(quarrels, p["follow_quarrel"], p["follow"])
    joining *= leader.defends(p)
    np.maximum(joining, leader.going, out=joining)
    np.maximum(joining, p["parallel"] * leader.free, out=joining, where=quarrels)
    joining *= 1.0 - target.bond(p, defends)
    return joining


def helped(leader: Towards, defends: Floats, p: Drawn) -> Floats:
    """Return in which share states come to the defence of whom they defend, (draws, terms)."""
    helping = np.where(leader.rivalry >= p["quarrel"], p["defend_quarrel"], p["defend"])
    helping *= defends
    return helping


def beaten_by(attack: Floats, defence: Floats, p: Drawn) -> Floats:
    """Return the chance that each attack prevails, (draws, attacks); 0 where there is none."""
    with np.errstate(over="ignore"):  # next to nothing attacks: infinity to one is the answer
        ratio = np.divide(
            p["advantage"] * defence, attack, out=np.zeros_like(attack), where=attack > 0
        )
        if (p["decisiveness"] != 1.0).any():
            ratio = raised(ratio, p["decisiveness"])
        return np.where(attack > 0, 1.0 / (1.0 + ratio), 0.0)


class AttackArrays(NamedTuple):
    """Every attack in every draw, arrays (draws, attacks), and terms, (draws, terms).

    `joining` and `aiding` are strengths, `helping` shares; `lead` and `stands` are what leader
    and target bring themselves and are supplied with, `joins` and `helps` what others add.
    """

    arrives: Floats
    leading: Floats
    joining: Floats
    helping: Floats
    aiding: Floats
    lead: Floats
    joins: Floats
    stands: Floats
    helps: Floats
    shelter: Floats
    rate: Floats
    exposure: Floats


class PromisedShares(NamedTuple):
    """What promises and rivalries alone say of every attack, wherever forces stand.

    In which share third states join and help, arrays (draws, terms); of every attack the shelter
    of the target, the rate before anything holds back, and what bonds and deterrence leave of it,
    (draws, attacks).
    """

    joining: Floats
    helping: Floats
    shelter: Floats
    intent: Floats
    unbound: Floats
    undeterred: Floats

    @classmethod
    def of(cls, t: AttackTerms, p: Drawn) -> PromisedShares:
        """Work them out."""
        draws, many = len(p["rate"]), len(t.leader)
        promised = np.maximum(t.shelter.defends(p), t.shelter.guarantee)
        shelter = t.shelters.largest(promised, many)
        armed = t.facts.nuclear[t.target]
        deterred = np.maximum(p["deterrence"] * armed, p["umbrella"] * shelter)
        intent = raised(np.tile(t.attack.rivalry / 5.0, (draws, 1)), p["gradient"])
        return cls(
            joining=joined(t.join_leader, t.join_target, p),
            helping=helped(t.help_leader, t.help_target.defends(p), p),
            shelter=shelter,
            intent=p["rate"] * intent,
            unbound=1.0 - t.attack.bond(p),
            undeterred=1.0 - deterred,
        )


def parameters_of(draws: Sequence[Values]) -> Drawn:
    """Return the parameters, one row a draw, with the shares that turn out."""
    p = {name: np.array([[v[name]] for v in draws], dtype=np.float64) for name in draws[0]}
    return p | {name: np.minimum(1.0, p["turnout"] * p[name]) for name in JOINING}


def attack_arrays(
    t: AttackTerms, draws: Sequence[Values], shares: PromisedShares | None = None
) -> tuple[AttackArrays, Drawn]:
    """Return every attack in every draw, and the parameters with the shares that turn out.

    `shares` are those of a system with the same promises and rivalries, if they are known.
    """
    s, j, i, many = t.facts, t.leader, t.target, len(t.leader)
    p = parameters_of(draws)
    shares = PromisedShares.of(t, p) if shares is None else shares
    reaches = _reaches(t, p)
    arrives = (reaches * s.strength[:, None]).reshape(len(draws), -1)
    leading = np.where(s.strength[j] > 0, reaches.reshape(len(draws), -1)[:, t.attack.cell], 0.0)

    joining = shares.joining * arrives[:, t.join_target.cell]
    aiding = shares.helping * arrives[:, t.help_target.cell]
    lead = t.arms.summed(p["supply"] * t.armed, many) * leading + arrives[:, t.attack.cell]
    stands = s.strength[i] + t.aid.summed(p["supply"] * t.aided, many)
    joins, helps = t.joins.summed(joining, many), t.helps.summed(aiding, many)
    rate = shares.intent * leading * shares.unbound * shares.undeterred
    exposure = rate * beaten_by(lead + joins, stands + helps, p)
    return AttackArrays(
        arrives, leading, joining, shares.helping, aiding, lead, joins, stands, helps,
        shares.shelter, rate, exposure,
    ), p  # fmt: skip


def securities(
    t: AttackTerms, draws: Sequence[Values], shares: PromisedShares | None = None
) -> Floats:
    """Return security in every draw of the parameters, array (draws, n)."""
    a, p = attack_arrays(t, draws, shares)
    if len(draws) <= MOST_HELD:
        _last.arrays = (t, [dict(values) for values in draws], a, p)
    exposure = t.targets.summed(a.exposure[:, t.by_target], t.facts.size)
    cost = t.payers.summed((a.rate[:, t.helps.at] * a.helping)[:, t.by_payer], t.facts.size)
    security: Floats = 0.0 - exposure - p["burden"] * cost
    return security


MOST_HELD = 16
"""Draws whose arrays of attacks a thread keeps until the next ones."""


def arrays_of(t: AttackTerms, values: Values) -> tuple[AttackArrays, Drawn]:
    """Return `attack_arrays` of one draw, out of those of several draws where they are at hand.

    The bits of a draw are the same either way.
    """
    held: tuple[AttackTerms, Sequence[Values], AttackArrays, Drawn] | None
    held = getattr(_last, "arrays", None)
    if held is not None and held[0] is t:
        _, draws, arrays, p = held
        for d, drawn in enumerate(draws):
            if drawn == values:
                row = slice(d, d + 1)
                rows = AttackArrays(*(array[row] for array in arrays))
                return rows, {name: column[row] for name, column in p.items()}
    return attack_arrays(t, [values])


def _reaches(t: AttackTerms, p: Drawn) -> Floats:
    """Return the share of each state's strength that reaches each place, (draws, n, n)."""
    near = _nearness(t.facts, p["reach"])
    if not len(t.sender):
        return near
    near = near.copy()
    # Added up post by post: a matrix product differs in its last bits with where it lies.
    states, first = _groups(t.sender)
    posted = p["station"] * t.posted
    whole = _by_group(posted, first)
    room = np.maximum(1.0, whole)[:, :, None]
    abroad = _by_group(posted[:, :, None] * near[:, t.ground], first) / room
    near[:, states] = (1.0 - whole[:, :, None] / room) * near[:, states] + abroad
    return near


def _nearness(s: Facts, reach: Floats) -> Floats:
    """Return what of a strength is left on the way between places, (draws, n, n), not to be edited.

    Changes move no place: what was worked out last in a thread serves the systems after them.
    """
    held: tuple[Floats, Bools, Floats, Floats] | None = getattr(_last, "nearness", None)
    if held is not None:
        distance, land, reaches, near = held
        if (
            distance is s.distance
            and np.array_equal(reaches, reach)
            and np.array_equal(land, s.land)
        ):
            return near
    near = np.exp(-s.distance / reach[:, :, None])
    near[:, s.land] = 1.0
    near[:, np.arange(s.size), np.arange(s.size)] = 1.0
    near.flags.writeable = False
    _last.nearness = (s.distance, s.land, reach, near)
    return near


_last = threading.local()
