"""Coalition: how exposed is a state to uses of force, and who would come to whose side?

After Walt's balance of threat (1985, 1987): a threat is power, nearness, means and intention.
For every ordered pair (j, i) with a rivalry of intensity v > 0 between the two, j may attack i.
Symbols, with k a third state:

M_k          strength, as a share of all strength
D(k, i)      *defends*: how fully k has promised to defend i
b(k, i)      *bond*: how far k's promises hold it back from attacking i, if the quarrel allows
A(k, i)      *arrives*: strength of k that reaches the place of i, forces posted abroad included
attack       what j brings, what it is supplied with, and those who go along with it
defence      what i has, what it is supplied with, and those who come to its aid
beaten       attack^m / (attack^m + (advantage * defence)^m)        (Hirshleifer 1989)
rate         uses of force a year that j begins against i
S_i          security: - sum_j rate * beaten - burden * (what i brings to others' defence)

A promise counts by what states did: an ally of the target comes with the share `defend`, an ally
of the attacker goes along with the share `follow`, more often where it has a quarrel of its own,
and a state that shares a quarrel joins in with the share `parallel`. `turnout` multiplies them.
A pair without a quarrel has the rate `latent`, a share of the highest: it is 0 in an audit, in
which only quarrels on record lead to attacks, and above it where the formula is scored.

The formula is this project's own. Departures, properties and what not to believe:
``docs/lenses/coalition.md``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.lenses.coalition.facts import Facts, Floats, Ints, Values

JOINING = ("defend", "defend_quarrel", "follow", "follow_quarrel", "parallel")


class Ties(NamedTuple):
    """What holds between any two states, arrays (n, n): row k, column i."""

    defends: Floats
    bond: Floats
    arrives: Floats
    reaches: Floats
    quarrel: Floats
    offense: Floats
    sent: Floats


class Attacks(NamedTuple):
    """Every possible attack, one a directed pair with a rivalry (with `latent`, any); arrays
    over attacks and states.

    `joins` and `helps` are shares, (attacks, n): how far each third state goes along with the
    attack, before what holds it back, and how far it comes to the target's defence.
    """

    leader: Ints
    target: Ints
    rate: Floats
    attack: Floats
    defence: Floats
    beaten: Floats
    joins: Floats
    helps: Floats


def turned_out(values: Values) -> dict[str, float]:
    """The shares in which third states join: the counted ones times the turnout, at most 1."""
    return {name: min(1.0, values["turnout"] * values[name]) for name in JOINING}


def ties(s: Facts, values: Values) -> Ties:
    """What every state has promised, how far it is held back, and what it can bring where."""
    free = 1.0 - s.neutral[:, None]
    defends = np.maximum(s.defense, values["assurance"] * s.guarantee) * free
    pledged = np.maximum(np.maximum(s.nonaggression, s.guarantee), s.neutral[:, None])
    held_back = np.maximum(values["pledge"] * pledged, values["pact"] * defends)
    bond = (1.0 - s.rivalry / 5.0) * held_back

    near = nearness(s, values)
    posted = values["station"] * s.stations
    posted = posted / np.maximum(1.0, posted.sum(axis=1, keepdims=True))
    at_home = 1.0 - posted.sum(axis=1, keepdims=True)
    reaches = at_home * near + posted @ near
    return Ties(
        defends=defends,
        bond=bond,
        arrives=s.strength[:, None] * reaches,
        reaches=np.where(s.strength[:, None] > 0, reaches, 0.0),
        quarrel=(s.rivalry >= values["quarrel"]).astype(float),
        offense=s.offense * free,
        sent=values["supply"] * s.supplies * s.strength[:, None],
    )


def nearness(s: Facts, values: Values) -> Floats:
    """Share of strength that is left at another place: all at home and over a land border."""
    near: Floats = np.where(s.land, 1.0, np.exp(-s.distance / values["reach"]))
    np.fill_diagonal(near, 1.0)
    return near


def possible_attacks(s: Facts, t: Ties, values: Values) -> Attacks:
    """Every attack that a rivalry makes possible: how often, how strong, how well met."""
    share = turned_out(values)
    latent = values.get("latent", 0.0)
    j, i = np.nonzero(s.rivalry if latent == 0 else ~np.eye(s.size, dtype=np.bool_))
    third = np.ones((len(j), s.size))
    third[np.arange(len(j)), j] = third[np.arange(len(j)), i] = 0.0

    with_target, with_leader = t.quarrel[:, i].T, t.quarrel[:, j].T
    follows = np.where(with_target > 0, share["follow_quarrel"], share["follow"])
    parallel = share["parallel"] * with_target * (1.0 - s.neutral)
    joins = third * np.maximum.reduce([t.offense[:, j].T, t.defends[:, j].T * follows, parallel])
    comes = np.where(with_leader > 0, share["defend_quarrel"], share["defend"])
    helps = third * t.defends[:, i].T * comes

    reaches = t.reaches[j, i]
    attack = t.arrives[j, i] + (third * t.sent[:, j].T).sum(axis=1) * reaches
    attack = attack + (joins * ((1.0 - t.bond) * t.arrives)[:, i].T).sum(axis=1)
    defence = s.strength[i] + (third * t.sent[:, i].T).sum(axis=1)
    defence = defence + (helps * t.arrives[:, i].T).sum(axis=1)

    promised = np.maximum(t.defends, s.guarantee) * s.nuclear[:, None]
    shelter = values["umbrella"] * (third * promised[:, i].T).max(axis=1, initial=0.0)
    deterred = np.maximum(values["deterrence"] * s.nuclear[i], shelter)
    hostile = (s.rivalry[j, i] / 5.0) ** values["gradient"]
    intent = values["rate"] * np.where(s.rivalry[j, i] > 0, hostile, latent)
    return Attacks(
        leader=j,
        target=i,
        rate=intent * reaches * (1.0 - t.bond[j, i]) * (1.0 - deterred),
        attack=attack,
        defence=defence,
        beaten=prevails(attack, values["advantage"] * defence, values["decisiveness"]),
        joins=joins,
        helps=helps,
    )


def prevails(attack: Floats, defence: Floats, decisiveness: float) -> Floats:
    """The chance that the attack prevails over the defence; 0 where there is no attack."""
    with np.errstate(over="ignore"):  # next to nothing attacks: infinity to one is the answer
        ratio = np.divide(defence, attack, out=np.zeros_like(attack), where=attack > 0)
        return np.where(attack > 0, 1.0 / (1.0 + ratio**decisiveness), 0.0)


def security_of(s: Facts, values: Values) -> Floats:
    """Security S of every state: minus its exposure, in uses of force a year, weighted."""
    a = possible_attacks(s, ties(s, values), values)
    exposure = np.bincount(a.target, a.rate * a.beaten, minlength=s.size)
    return 0.0 - exposure - values["burden"] * (a.rate @ a.helps)
