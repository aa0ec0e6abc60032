"""Which changes an audit tries: every feasible single one, by a declared rule.

The rule says what could be done by those who decide, not what is likely or lawful. It is
printed with every result. Five kinds are tried unless others are asked for.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from itertools import combinations, permutations
from types import MappingProxyType

import polars as pl

from detente.architecture.changes import (
    Change,
    commit,
    dissolve,
    ease,
    guarantee,
    join,
    leave,
    neutral,
    pledge,
    reconcile,
    sharpen,
    station,
    stop_supplying,
    supply,
    withdraw,
    withdraw_forces,
)
from detente.architecture.value import Architecture
from detente.errors import UnknownName
from detente.evidence.resolve import architecture_of

SHARE = 0.01
"""Share of strength that a feasible presence or delivery is: the assumed one of a presence."""

RULE = MappingProxyType(
    {
        "commit": "a mutual defense commitment between two states that are not allies in full, "
        "that are not rivals, and of which at least one lies in the region; both decide",
        "withdraw": "a state ends its own defense commitments with another; it decides alone",
        "join": "a state of the region joins an organisation whose article counts as an "
        "alliance, if its treaty admits it and no member is its rival; it and every member decide",
        "leave": "a member leaves such an organisation; it decides alone",
        "reconcile": "two rivals end their rivalry; both decide",
    }
)
"""What each kind of feasible change is that is tried unless told otherwise, and who decides."""

ON_REQUEST = MappingProxyType(
    {
        "guarantee": "a state guarantees another that it does not defend in full and that is no "
        "rival, at least one of them in the region; it decides alone",
        "pledge": "two states, at least one of them in the region, pledge nonaggression that they "
        "have not promised each other; both decide",
        "neutral": "a state of the region that is not neutral becomes so; it decides alone",
        "station": f"{SHARE:.0%} of a state's strength comes to stand on the ground of another "
        "where none of it stands and that is no rival, at least one in the region; both decide",
        "withdraw_forces": "a state brings its forces home from another's ground; it decides alone",
        "supply": f"arms worth {SHARE:.0%} of a state's strength reach another that it does not "
        "supply and that is no rival, at least one of them in the region; both decide",
        "stop_supplying": "a state ends its deliveries to another; it decides alone",
        "ease": "two rivals bring their quarrel one level down, to 1 at the lowest; both decide",
        "sharpen": "a state brings a quarrel one level up, to 5 at the highest; it decides alone",
        "dissolve": "an organisation ends with what its treaty promises; every member decides",
    }
)
"""The same for the kinds that are tried when they are asked for."""


def feasible(
    g: Architecture | str | os.PathLike[str], kinds: Collection[str] = tuple(RULE)
) -> list[Change]:
    """Return every feasible single change of an architecture.

    Parameters
    ----------
    g : Architecture, str or path
        A string is the name of a bundled scenario or a path of a package. States without a
        capability take no part.
    kinds : collection of str
        Which kinds of `RULE` and `ON_REQUEST`; those of `RULE` by default.

    Returns
    -------
    list of Change
        In the order of the kinds, then by code.
    """
    g = architecture_of(g)
    for kind in kinds:
        if kind not in _MAKERS:
            raise UnknownName("kind of change", kind, _MAKERS)
    return [change for kind in _MAKERS if kind in kinds for change in _MAKERS[kind](g)]


def rules(kinds: Collection[str]) -> dict[str, str]:
    """Return the rule of each kind, in words."""
    return {kind: words for kind, words in (RULE | ON_REQUEST).items() if kind in kinds}


def allied_rivals(g: Architecture, change: Change) -> list[tuple[str, str]]:
    """Return the pairs of rivals whom a change would make allies, which no rule here does.

    A single feasible change never allies rivals. A composed one may, for instance when both join
    one union; their rivalry stands, and this tells whose.
    """
    ledger, touched = g.ledger.overlay(), set[tuple[str, str]]()
    for edit in change.edits:
        touched.update(edit.edit_ledger(ledger, g))
    quarrels = sorted(pair for pair in touched if pair in ledger.hostile)
    return [
        pair
        for pair in quarrels
        if ledger.allied_rival_pair(*pair) and not g.ledger.allied_rival_pair(*pair)
    ]


def _commitments(g: Architecture) -> list[Change]:
    codes = g.system.codes
    if g.mapping.commitment_weight("defense", "binding") == 0:
        return []
    return [
        commit(a, b)
        for i, a in enumerate(codes)
        for b in codes[i + 1 :]
        if not (a in g.external and b in g.external)
        and not g.ledger.are_rivals(a, b)
        and g.ledger.ally_weight(a, b) < 1
    ]


def _withdrawals(g: Architecture) -> list[Change]:
    seen = set(g.system.codes)
    withdrawals = []
    for (a, b), treaties in sorted(g.ledger.pacts.items()):
        defense = [treaty.owing for treaty in treaties.values() if treaty.kind == "defense"]
        if {a, b} <= seen:
            withdrawals += [
                withdraw(state, other)
                for state, other in ((a, b), (b, a))
                if any(state in owing for owing in defense)
            ]
    return withdrawals


def _accessions(g: Architecture) -> list[Change]:
    return [
        join(state, code)
        for code, article in sorted(g.ledger.alliances.items())
        if article.whole > 0
        for state in g.system.codes
        if state not in g.external
        and state not in article.members
        and g.admits(code, state)
        and not any(g.ledger.are_rivals(state, member) for member in article.members)
    ]


def _departures(g: Architecture) -> list[Change]:
    seen = set(g.system.codes)
    return [
        leave(state, code)
        for code, article in sorted(g.ledger.alliances.items())
        for state in sorted(article.members)
        if state in seen and article.members[state] > 0
    ]


def _reconciliations(g: Architecture) -> list[Change]:
    seen = set(g.system.codes)
    return [
        reconcile(a, b)
        for a, b in sorted(g.ledger.hostile)
        if {a, b} <= seen and g.ledger.are_rivals(a, b)
    ]


def _pairs(g: Architecture) -> list[tuple[str, str]]:
    """Return the pairs of states of which at least one lies in the region."""
    outside = g.external
    return [(a, b) for a, b in combinations(g.system.codes, 2) if not {a, b} <= outside]


def _ways(g: Architecture) -> list[tuple[str, str]]:
    """Return the same both ways, without rivals."""
    outside = g.external
    return [
        (a, b)
        for a, b in permutations(g.system.codes, 2)
        if not {a, b} <= outside and not g.ledger.are_rivals(a, b)
    ]


def _guarantees(g: Architecture) -> list[Change]:
    promised = g.system.promises
    index = {code: k for k, code in enumerate(g.system.codes)}
    return [
        guarantee(a, b)
        for a, b in _ways(g)
        if max(promised[kind][index[a], index[b]] for kind in ("defense", "guarantee")) < 1
    ]


def _pledges(g: Architecture) -> list[Change]:
    promised = g.system.promises["nonaggression"]
    index = {code: k for k, code in enumerate(g.system.codes)}
    return [
        pledge(a, b, "nonaggression")
        for a, b in _pairs(g)
        if min(promised[index[a], index[b]], promised[index[b], index[a]]) < 1
    ]


def _neutralities(g: Architecture) -> list[Change]:
    return [
        neutral(code)
        for code in g.system.codes
        if code not in g.external and not g.ledger.neutral.get(code)
    ]


def _stations(g: Architecture) -> list[Change]:
    standing = {way for way, entries in g.ledger.stations.items() if entries}
    return [station(a, b, SHARE) for a, b in _ways(g) if (a, b) not in standing]


def _departing_forces(g: Architecture) -> list[Change]:
    seen = set(g.system.codes)
    rows = g.in_force("presence").select("by", "on").unique().sort("by", "on").iter_rows()
    agreed = (
        g.in_force("commitments")
        .filter(pl.col("kind") == "basing")
        .select("promiser", "beneficiary")
        .iter_rows()
    )
    ways = sorted({*rows, *agreed})
    return [withdraw_forces(by, on) for by, on in ways if by in seen]


def _deliveries(g: Architecture) -> list[Change]:
    supplied = {way for way, entries in g.ledger.supplies.items() if entries}
    return [supply(a, b, SHARE) for a, b in _ways(g) if (a, b) not in supplied]


def _ended_deliveries(g: Architecture) -> list[Change]:
    seen = set(g.system.codes)
    ways = sorted(way for way, entries in g.ledger.supplies.items() if entries)
    return [stop_supplying(a, b) for a, b in ways if {a, b} <= seen]


def _quarrels(g: Architecture) -> list[tuple[str, str, int]]:
    seen = set(g.system.codes)
    return [
        (a, b, int(g.ledger.intensity(a, b)))
        for (a, b), entries in sorted(g.ledger.hostile.items())
        if entries and {a, b} <= seen
    ]


def _easings(g: Architecture) -> list[Change]:
    return [ease(a, b, level - 1) for a, b, level in _quarrels(g) if level > 1]


def _sharpenings(g: Architecture) -> list[Change]:
    return [
        sharpen(a, b, level + 1)
        for one, other, level in _quarrels(g)
        if level < 5
        for a, b in ((one, other), (other, one))
    ]


def _dissolutions(g: Architecture) -> list[Change]:
    present = set(g.in_force("organisations")["organisation"])
    return [dissolve(code) for code in sorted(g.ledger.articles) if code in present]


_MAKERS: dict[str, Callable[[Architecture], list[Change]]] = {
    "commit": _commitments,
    "withdraw": _withdrawals,
    "join": _accessions,
    "leave": _departures,
    "reconcile": _reconciliations,
    "guarantee": _guarantees,
    "pledge": _pledges,
    "neutral": _neutralities,
    "station": _stations,
    "withdraw_forces": _departing_forces,
    "supply": _deliveries,
    "stop_supplying": _ended_deliveries,
    "ease": _easings,
    "sharpen": _sharpenings,
    "dissolve": _dissolutions,
}
