"""What can unravel: an organisation, a treaty, or all who are tied to one state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from detente.architecture.value import Architecture
from detente.errors import UnknownName, UsageError
from detente.transition.subsets.tie_sources import Gift, every_source, gifts
from detente.transition.unseen_clubs import (
    arms_control_titled,
    folded,
    of_arms_control,
    regimes_of,
)

EVERY = "every commitment of "
"""What may stand before a state, to say that all that ties others to it is meant."""


@dataclass(frozen=True)
class Club:
    """An organisation, a treaty, or all who are tied to one state.

    Attributes
    ----------
    name, title : str
        What it is.
    members : tuple of str
        Its members with a figure of capability.
    member_of : callable
        Which members a gift hangs on; None if it is none of the club's.
    """

    name: str
    title: str
    members: tuple[str, ...]
    member_of: Callable[[Gift], int | tuple[int, int] | None]


def club_of(g: Architecture, name: str) -> Club:
    """Return what was named: an organisation, a state with all tied to it, or a commitment."""
    codes, name = set(g.system.codes), name.strip()
    if name.casefold().startswith(EVERY):
        return _web(g, g.state(name[len(EVERY) :]), codes)
    known = g.ledger.articles
    if name.upper() in known:
        code = name.upper()
        members = tuple(s for s in sorted(known[code].members) if s in codes)
        place = {state: k for k, state in enumerate(members)}

        def within(gift: Gift) -> int | tuple[int, int] | None:
            if gift.source != code:
                return None
            return _both(place, gift)

        return Club(code, code, members, within)
    listed = {source.name: source for source in every_source(g.ledger)}
    if name in listed and listed[name].kind != "rivalry":
        source = listed[name]
        members = tuple(s for s in source.states if s in codes)
        place = {state: k for k, state in enumerate(members)}
        return Club(
            name,
            source.title,
            members,
            lambda gift: _both(place, gift) if gift.source == name else None,
        )
    rows = arms_control_titled(g, name)
    if rows & set(listed):
        states = {s for row in rows & set(listed) for s in listed[row].states}
        members = tuple(sorted(states & codes))
        place = {state: k for k, state in enumerate(members)}
        return Club(
            name,
            name,
            members,
            lambda gift: _both(place, gift) if gift.source in rows else None,
        )
    regimes = regimes_of(g)
    if folded(name) in regimes:
        raise UsageError(of_arms_control(regimes[folded(name)]))
    try:
        actor = g.state(name)
    except UnknownName:
        raise UnknownName(
            "organisation, state or commitment",
            name,
            [*known, *regimes.values(), *g.codes, *listed],
            f"The organisations that count are listed by: detente show {g.name}",
        ) from None
    return _web(g, actor, codes)


def _web(g: Architecture, actor: str, codes: set[str]) -> Club:
    """Return all who are tied to a state by promises, forces or deliveries of either side."""
    hostile = {source.name for source in every_source(g.ledger) if source.kind == "rivalry"}
    partners = sorted(
        {
            gift.column if gift.row == actor else gift.row
            for gift in gifts(g.ledger)
            if actor in (gift.row, gift.column) and gift.source not in hostile
        }
        & codes - {actor}
    )
    place = {state: k for k, state in enumerate(partners)}

    def tied(gift: Gift) -> int | tuple[int, int] | None:
        if actor not in (gift.row, gift.column) or gift.source in hostile:
            return None
        return place.get(gift.column if gift.row == actor else gift.row)

    return Club(actor, f"what ties others to {actor}", tuple(partners), tied)


def _both(place: Mapping[str, int], gift: Gift) -> int | tuple[int, int] | None:
    if gift.row in place and gift.column in place:
        return (place[gift.row], place[gift.column])
    return None
