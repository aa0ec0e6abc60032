"""Which changes an audit tries: every feasible single one, by a declared rule.

The rule says what could be done by those who decide, not what is likely or lawful. It is
printed with every result.
"""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType

from detente.architecture.changes import Change, commit, join, leave, reconcile, withdraw
from detente.architecture.value import Architecture
from detente.errors import UnknownName

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
"""What each kind of feasible change is, and whose decision."""


def feasible(g: Architecture, kinds: Collection[str] = tuple(RULE)) -> list[Change]:
    """Return every feasible single change of an architecture.

    Parameters
    ----------
    g : Architecture
        States without a capability take no part.
    kinds : collection of str
        Which kinds of `RULE`; all by default.

    Returns
    -------
    list of Change
        In the order of the kinds, then by code.
    """
    for kind in kinds:
        if kind not in RULE:
            raise UnknownName("kind of change", kind, RULE)
    makers = {
        "commit": _commitments,
        "withdraw": _withdrawals,
        "join": _accessions,
        "leave": _departures,
        "reconcile": _reconciliations,
    }
    return [change for kind in RULE if kind in kinds for change in makers[kind](g)]


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
    out = []
    for (a, b), treaties in sorted(g.ledger.pacts.items()):
        defense = [treaty.owing for treaty in treaties.values() if treaty.kind == "defense"]
        if {a, b} <= seen:
            out += [
                withdraw(state, other)
                for state, other in ((a, b), (b, a))
                if any(state in owing for owing in defense)
            ]
    return out


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
