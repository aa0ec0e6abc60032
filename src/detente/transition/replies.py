"""What those left behind would do: best replies from a declared menu, until nobody wants more.

A state that has lost something may make a mutual defence pact with a state from its menu, drop
one that it made, or raise its own strength. The menu holds its neighbours over land, those who
have promised it something or to whom it has, and those with whom a pact is on the table; never
everybody, never a rival, never the state that left. A pact needs the partner's consent: the
partner must not lose more than the tolerance. Each state in turn takes the reply that gives it
most, if that is more than the tolerance; the moves are an improving path (Jackson & Watts 2002),
which comes to rest, enters a cycle, or is stopped at a limit of rounds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from detente.architecture.kinds import KINDS
from detente.architecture.system import Floats, Moves, System
from detente.architecture.value import Architecture
from detente.transition.subsets.sights import LensView, sight

ARMING = 0.2
"""Share by which a state raises its strength where it does; assumed."""
ROUNDS = 20
PROMISES = [kind for kind in KINDS if kind not in ("arms_control", "cooperation")]


class Settled(NamedTuple):
    """Where best replies led.

    Attributes
    ----------
    pacts : tuple of (int, int)
        Pacts made and kept.
    armed : tuple of int
        States that raised their strength.
    end : str
        ``rest``, ``cycle`` or ``limit``.
    length : int
        Rounds until rest or limit, or the length of the cycle in rounds.
    security : array (n,)
        Security of each state at the end.
    """

    pacts: tuple[tuple[int, int], ...]
    armed: tuple[int, ...]
    end: str
    length: int
    security: Floats


def menu_of(g: Architecture, system: System, state: int, without: int) -> list[int]:
    """Return the plausible partners of a state: neighbours, partners so far, on the table."""
    near = set[int]()
    if system.contiguity is not None:
        near |= {int(k) for k in np.flatnonzero(system.contiguity[state] == 1)}
    for kind in PROMISES:
        table = system.promises[kind]
        near |= {int(k) for k in np.flatnonzero((table[state] > 0.9) | (table[:, state] > 0.9))}
    near |= {system.codes.index(code) for code in _on_the_table(g, system.codes[state])
             if code in system.codes}  # fmt: skip
    allied = system.promises["defense"]
    return sorted(
        k
        for k in near - {state, without}
        if system.rivalry[state, k] == 0 and allied[state, k] < 1 and allied[k, state] < 1
    )


def best_replies(
    g: Architecture,
    view: LensView,
    system: System,
    movers: Sequence[int],
    without: int,
) -> Settled:
    """Let the movers reply in turn until rest, a cycle or the limit.

    Parameters
    ----------
    g : Architecture
        For what is on the table.
    view : LensView
        The lens, with its tolerance.
    system : System
        What stands after the loss.
    movers : sequence of int
        Who replies, in this order.
    without : int
        Who has left, and is no partner.
    """
    menus = {s: menu_of(g, system, s, without) for s in movers}
    pacts, armed = set[tuple[int, int]](), set[int]()
    seen = {(frozenset(pacts), frozenset(armed)): 0}
    end, length = "limit", ROUNDS
    for count in range(1, ROUNDS + 1):
        before = (frozenset(pacts), frozenset(armed))
        for mover in movers:
            _reply(view, system, mover, menus[mover], pacts, armed)
        now = (frozenset(pacts), frozenset(armed))
        if now == before:
            end, length = "rest", count
            break
        if now in seen:
            end, length = "cycle", count - seen[now]
            break
        seen[now] = count
    final = sight(_with(system, pacts, armed), view.lens, fixed=view.values)
    return Settled(tuple(sorted(pacts)), tuple(sorted(armed)), end, length, final.security)


def _reply(
    view: LensView,
    system: System,
    mover: int,
    menu: Sequence[int],
    pacts: set[tuple[int, int]],
    armed: set[int],
) -> None:
    """Take the reply that gives the mover most, if it gives more than the tolerance."""
    here = sight(_with(system, pacts, armed), view.lens, fixed=view.values)
    own = [pact for pact in sorted(pacts) if mover in pact]
    offers = [_pair(mover, partner) for partner in menu if _pair(mover, partner) not in pacts]
    if not (own or offers) and mover in armed:
        return
    moves = _pact_moves(here.system, system, offers, own)
    deltas = here.deltas(moves) if len(moves) else np.zeros((0, system.size))
    best, choice = view.tolerance, -1
    for k, pact in enumerate([*offers, *own]):
        partner = pact[1] if pact[0] == mover else pact[0]
        consents = k >= len(offers) or deltas[k, partner] >= -view.tolerance
        if consents and deltas[k, mover] > best:
            best, choice = float(deltas[k, mover]), k
    if choice >= 0:
        pacts.symmetric_difference_update({[*offers, *own][choice]})
    elif mover not in armed:
        stronger = _with(system, pacts, armed | {mover})
        gain = sight(stronger, view.lens, fixed=view.values).security - here.security
        if gain[mover] > view.tolerance:
            armed.add(mover)


def _pact_moves(
    here: System,
    original: System,
    offers: Sequence[tuple[int, int]],
    own: Sequence[tuple[int, int]],
) -> Moves:
    """Return new pacts, and pacts dropped again, as changes."""
    edits, facts = [], []
    for pact, value in [*((p, 1.0) for p in offers), *((p, None) for p in own)]:
        i, j = pact
        ally = original.allies[i, j] if value is None else 1.0
        forth, back = (
            (original.promises["defense"][i, j], original.promises["defense"][j, i])
            if value is None
            else (1.0, 1.0)
        )
        edits.append([(i, j, float(ally), float(here.rivals[i, j]))])
        facts.append([("defense", i, j, float(forth)), ("defense", j, i, float(back))])
    return Moves.build(edits, [[]] * len(edits), None, facts)


def _with(system: System, pacts: set[tuple[int, int]], armed: set[int]) -> System:
    """Return the system with some pacts made and some states stronger."""
    if not pacts and not armed:
        return system
    edits = [(i, j, 1.0, float(system.rivals[i, j])) for i, j in sorted(pacts)]
    facts = [("defense", k, i, 1.0) for pact in sorted(pacts) for k, i in (pact, pact[::-1])]
    stronger = tuple((s, float(system.capability[s]) * (1 + ARMING)) for s in sorted(armed))
    return system.moved(Moves.build([edits], [[]], [stronger], [facts]), 0)


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _on_the_table(g: Architecture, code: str) -> set[str]:
    """Return the states with whom a change on the table would tie a state."""
    if "on_the_table" not in g.tables:
        return set()
    partners: Mapping[str, None] = {}
    for sentence in g.tables["on_the_table"]["change"].drop_nulls().to_list():
        words = sentence.replace(";", " ").replace(",", " ").split()
        if code in words and "commit" in sentence:
            partners = {**partners, **{w: None for w in words if w in g.names and w != code}}
    return set(partners)
