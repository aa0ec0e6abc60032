"""The most security that any system between two can give: the formula with intervals for facts.

Every fact lies between its values in a low and a high system, each by itself. Each symbol of
`formula` is then bounded by the ends of what it rises and falls with, so that the exposure is
never less than what comes out here; where the two systems are one, it is that system's exposure.
What is used: a rate falls with the bond, with what deters and not with the rivalry; the attack
falls with the bonds of those who would go along; the defence rises with every helper; and the
chance to prevail rises with the attack and falls with the defence.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from detente.lenses.coalition import formula
from detente.lenses.coalition.facts import Facts, Floats, Values
from detente.lenses.withdrawals import Withdrawals


class _Ends(NamedTuple):
    """Both ends of what holds between any two states, arrays (n, n)."""

    defends: tuple[Floats, Floats]
    bond: Floats  # the most
    reaches: tuple[Floats, Floats]
    quarrel: tuple[Floats, Floats]
    offense: Floats  # the least
    sent: tuple[Floats, Floats]


def most_security(
    low: Facts,
    high: Facts,
    values: Values,
    state: int | None = None,
    gone: Withdrawals | None = None,
) -> Floats:
    """Return for every state a number that its security nowhere exceeds, array (n,).

    Parameters
    ----------
    low, high : Facts
        The least and the most of every fact; strength, distance, borders and warheads are one.
    values : mapping
        Parameters of the lens.
    state : int, optional
        Work out the entry of this state alone; the others then leave out attacks.
    gone : Withdrawals, optional
        Posts of which at least some have what they have in `low`: whichever leave most behind.
    """
    share, ends = formula.turned_out(values), _ends(low, high, values, gone)
    strength, nuclear = low.strength, low.nuclear
    j, i = np.nonzero(low.rivalry)  # a quarrel that may be gone attacks nobody
    if state is not None:
        matters = (i == state) | (ends.defends[0][state, i] > 0)
        j, i = j[matters], i[matters]
    third = np.ones((len(j), low.size))
    third[np.arange(len(j)), j] = third[np.arange(len(j)), i] = 0.0

    least_arrives, most_arrives = (strength[:, None] * r for r in ends.reaches)
    follow = np.minimum(
        np.where(ends.quarrel[1] > 0, share["follow_quarrel"], share["follow"]),
        np.where(ends.quarrel[0] > 0, share["follow_quarrel"], share["follow"]),
    )
    come = np.maximum(
        np.where(ends.quarrel[1] > 0, share["defend_quarrel"], share["defend"]),
        np.where(ends.quarrel[0] > 0, share["defend_quarrel"], share["defend"]),
    )
    parallel = share["parallel"] * ends.quarrel[0][:, i].T * (1.0 - high.neutral)
    defends = ends.defends[0][:, j].T
    joins = third * np.maximum.reduce([ends.offense[:, j].T, defends * follow[:, i].T, parallel])
    helps = third * ends.defends[1][:, i].T * come[:, j].T

    reaches = ends.reaches[0][j, i]
    attack = least_arrives[j, i] + (third * ends.sent[0][:, j].T).sum(axis=1) * reaches
    attack = attack + (joins * ((1.0 - ends.bond) * least_arrives)[:, i].T).sum(axis=1)
    defence = strength[i] + (third * ends.sent[1][:, i].T).sum(axis=1)
    defence = defence + (helps * most_arrives[:, i].T).sum(axis=1)

    promised = np.maximum(ends.defends[1], high.guarantee) * nuclear[:, None]
    shelter = values["umbrella"] * (third * promised[:, i].T).max(axis=1, initial=0.0)
    deterred = np.maximum(values["deterrence"] * nuclear[i], shelter)
    intent = values["rate"] * (low.rivalry[j, i] / 5.0) ** values["gradient"]
    rate = intent * reaches * (1.0 - ends.bond[j, i]) * np.maximum(0.0, 1.0 - deterred)
    beaten = formula.prevails(attack, values["advantage"] * defence, values["decisiveness"])

    fewest = np.minimum(
        np.where(ends.quarrel[1] > 0, share["defend_quarrel"], share["defend"]),
        np.where(ends.quarrel[0] > 0, share["defend_quarrel"], share["defend"]),
    )
    sure = third * ends.defends[0][:, i].T * fewest[:, j].T
    exposure = np.bincount(i, rate * beaten, minlength=low.size)
    most: Floats = 0.0 - exposure - values["burden"] * (rate @ sure)
    return most


def _ends(low: Facts, high: Facts, values: Values, gone: Withdrawals | None) -> _Ends:
    least_free, most_free = 1.0 - high.neutral[:, None], 1.0 - low.neutral[:, None]
    defends = (
        np.maximum(low.defense, values["assurance"] * low.guarantee) * least_free,
        np.maximum(high.defense, values["assurance"] * high.guarantee) * most_free,
    )
    pledged = np.maximum(np.maximum(high.nonaggression, high.guarantee), high.neutral[:, None])
    held_back = np.maximum(values["pledge"] * pledged, values["pact"] * defends[1])
    return _Ends(
        defends=defends,
        bond=(1.0 - low.rivalry / 5.0) * held_back,
        reaches=_reaches(low, high, values, gone),
        quarrel=(
            (low.rivalry >= values["quarrel"]).astype(float),
            (high.rivalry >= values["quarrel"]).astype(float),
        ),
        offense=low.offense * least_free,
        sent=(
            values["supply"] * low.supplies * low.strength[:, None],
            values["supply"] * high.supplies * low.strength[:, None],
        ),
    )


def _reaches(
    low: Facts, high: Facts, values: Values, gone: Withdrawals | None
) -> tuple[Floats, Floats]:
    """Return the least and the most share of strength that reaches another place.

    A share posted at h reaches b as well as h is near to b, instead of as well as home is: it
    adds its share of the difference, which the least or the most of the share makes smallest.
    Where some posts are at their least, the most that reaches b lacks what the least useful of
    them would add; which they are may differ from place to place, so that the bound holds.
    """
    near = formula.nearness(low, values)
    few, many = values["station"] * low.stations, values["station"] * high.stations
    least = few / np.maximum(1.0, many.sum(axis=1, keepdims=True))
    most = many / np.maximum(1.0, few.sum(axis=1, keepdims=True))
    bottom = (1.0 - least.sum(axis=1, keepdims=True)) * near + least @ near
    top = bottom.copy()
    for k in np.flatnonzero((most > least).any(axis=1)):
        better = near - near[k]  # row h: what a share at h adds to every place
        spare = (most[k] - least[k])[:, None] * better
        bottom[k] += np.minimum(spare, 0.0).sum(axis=0)
        top[k] += np.maximum(spare, 0.0).sum(axis=0)
        if gone is not None:
            posts = np.flatnonzero(gone.posts[k])
            fewest = gone.fewest - int(gone.posts.sum()) + len(posts)
            if fewest > 0:
                # What a post at its least may still have, should others leave room for it.
                left = few[k] / max(1.0, float(few[k].sum()))
                kept = np.maximum((left - least[k])[:, None] * better, 0.0)
                lacking = np.maximum(np.maximum(spare, 0.0) - kept, 0.0)[posts]
                top[k] -= np.sort(lacking, axis=0)[:fewest].sum(axis=0)
    here = low.strength[:, None] > 0
    return np.where(here, bottom.clip(0.0, 1.0), 0.0), np.where(here, top.clip(0.0, 1.0), 0.0)
