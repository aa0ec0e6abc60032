"""Who sits at which table, what it settles on, and what that is worth to everybody."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from detente.architecture.system import Floats
from detente.errors import Undefined, UnknownName, UsageError
from detente.settlement.bargains.party_utility import Utility
from detente.settlement.consent.graph_model import stability
from detente.settlement.questions.negotiation import Negotiation

FORMATS = ("required", "required_with", "all", "all_without")
"""Who is at the table: the required parties, these and the actor, all who count, all but it."""

UPSETTING = ("belligerent", "supporter")
"""Roles that can keep the fighting going."""

CONCEPTS = ("R", "SEQ", "GMR", "SMR")


class TableWorths(NamedTuple):
    """What the settlements of several tables are worth.

    Attributes
    ----------
    utility, gain : arrays (formats, parties)
        To every party, at the table or not; the gain is over what it must get.
    position : array (formats, issues)
        On what they settle.
    agreed : bool array (formats,)
        Whether nobody at the table loses by it.
    how : tuple of str
        By which solution.
    """

    utility: Floats
    gain: Floats
    position: Floats
    agreed: NDArray[np.bool_]
    how: tuple[str, ...]


def members(n: Negotiation, actor: str) -> list[int]:
    """Return the parties that a name stands for: one, or the supporters of a belligerent.

    Raises
    ------
    UnknownName
        If it is neither.
    UsageError
        If nothing can be settled without it.
    """
    if actor in n.parties:
        if n.at(actor) in n.required:
            raise UsageError(
                f"the consent of {actor} is required in {n.conflict}: nothing is settled without it"
            )
        return [n.at(actor)]
    head, _, side = actor.partition("supporters of ")
    if not head and side in n.parties:
        supporters = [k for k, supported in enumerate(n.supports) if supported == side]
        if supporters:
            return supporters
    raise UnknownName(f"party to {n.conflict}", actor, (*n.parties, *blocs(n)))


def blocs(n: Negotiation) -> list[str]:
    """Return the names of the blocs: the supporters of each side."""
    return [f"supporters of {side}" for side in dict.fromkeys(n.supports) if side]


def tables_with(n: Negotiation, away: list[int]) -> dict[str, list[int]]:
    """Return who is at each table, for an actor that may be away."""
    counted = set(n.counted) - _covered(n, away)
    return {
        "required": list(n.required),
        "required_with": sorted({*n.required, *away}),
        "all": sorted({*counted, *away}),
        "all_without": sorted(counted - {*away}),
    }


def worths_of(
    u: Utility, least: Floats, tables: dict[str, list[int]], *, coarse: bool = False
) -> TableWorths:
    """Return what each table settles on, and what it is worth to everybody."""
    points = [settlement_of(u, least, who, coarse=coarse) for who in tables.values()]
    position = np.array([x for x, _ in points])
    utility = u(position)
    gain = utility - least
    agreed = [(gain[row, who] >= -1e-7).all() for row, who in enumerate(tables.values())]
    return TableWorths(utility, gain, position, np.array(agreed), tuple(how for _, how in points))


def settlement_of(
    u: Utility, least: Floats, who: list[int], *, coarse: bool = False
) -> tuple[Floats, str]:
    """Return the positions on which those at a table settle, and by which solution."""
    from detente.settlement.bargains.concave import best_product, furthest
    from detente.settlement.bargains.solutions import nash

    table = Utility(u.ideal[who], u.salience[who], u.power)
    if len(who) == 2 or (len(who) > 1 and not coarse):
        try:
            return nash(table, least[who]).x, "Nash"
        except Undefined:
            pass  # nothing is better for all of them: see what hurts the worst-off least
    x = furthest(table, least[who], np.ones(len(who)))
    if coarse and len(who) > 2 and (table(x) - least[who]).min() > 1e-9:
        shares = np.full(len(who), 1 / len(who))
        return best_product(table, least[who], shares, x, coarse=True), "Nash"
    return x, "least loss of the worst-off"


def upsetters(n: Negotiation, table: list[int], gain: Floats) -> list[str]:
    """Return who is not at a table, can keep the fighting going, and loses by its settlement."""
    return [
        party
        for k, party in enumerate(n.parties)
        if k not in table and n.role[k] in UPSETTING and gain[k] < -1e-9
    ]


def upset(
    n: Negotiation, table: list[int], away: list[int], worths: TableWorths
) -> tuple[bool, NDArray[np.bool_]]:
    """Say whether the actor can and would upset the settlement without it, and its stability.

    Three states of a graph: fighting on, settled without it, settled with it. Those at the table
    make and end a settlement; the actor can end the one without it where its role lets it keep
    the fighting going.
    """
    able = any(n.role[k] in UPSETTING for k in away)
    inside = worths.gain[:, table].min(axis=1)
    outsider = worths.gain[:, away].mean(axis=1)
    moves: list[set[tuple[int, int]]] = [
        {(0, 1), (1, 0), (2, 0), (0, 2), (1, 2), (2, 1)},
        {(1, 0)} if able else set(),
    ]
    order = []
    for own in (inside, outsider):
        values = {0: 0.0, 1: float(own[3]), 2: float(own[2])}
        levels = sorted({round(v, 9) for v in values.values()}, reverse=True)
        order.append([[s for s, v in values.items() if round(v, 9) == level] for level in levels])
    calm: Any = stability(moves, order)
    held = np.array([bool(calm[c][:, 1].all()) for c in CONCEPTS])
    return bool(able and worths.agreed[3] and outsider[3] < -1e-9), held


def days_of(present: Floats, absent: Floats, patience: float) -> Floats:
    """Return how long each party would wait: until the gain with it is down to the one without."""
    days = np.zeros(len(present))
    for k in np.flatnonzero(present > absent + 1e-12):
        lasting = present[k] > 0 and absent[k] > 0
        days[k] = np.log(absent[k] / present[k]) / np.log(patience) if lasting else np.nan
    return days


def _covered(n: Negotiation, away: list[int]) -> set[int]:
    """Return the listed members of organisations that are meant, so that none counts twice."""
    inside = {party for k in away for party in n.counts_with.get(n.parties[k], ())}
    return {k for k, party in enumerate(n.parties) if party in inside and k not in away}
