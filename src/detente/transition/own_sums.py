"""A lens's own sum: the terms of which it makes one state's security, before any game on sources.

`coalition`: every attack on the state with its rate, both sides and who takes part, and what the
state's help for others costs it. `war_stability`: own strength, allies, leader and followers at
the worst attack. A lens that is not known here has no such sum, and then there is none to show.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from detente.architecture.system import System
from detente.lenses.protocol import Lens, Values


class Term(NamedTuple):
    """One term of a sum.

    Attributes
    ----------
    name : str
        What it is, in words.
    value : float
        What it adds to security, in the lens's unit.
    details : dict
        What is behind it, as plain data.
    """

    name: str
    value: float
    details: dict[str, Any]


def own_sum(lens: Lens, system: System, values: Values, state: int) -> list[Term]:
    """Return the terms that add up to a state's security, the largest first; empty if unknown."""
    make = {"coalition": _coalition, "war_stability": _war_stability}.get(lens.key)
    terms = [] if make is None else make(lens, system, values, state)
    return sorted(terms, key=lambda term: -abs(term.value))


def _coalition(lens: Lens, system: System, values: Values, state: int) -> list[Term]:
    from detente.lenses.coalition import formula
    from detente.lenses.coalition.lens import facts_of

    codes = system.codes
    facts = facts_of(system, values)
    held = formula.ties(facts, values)
    attacks = formula.possible_attacks(facts, held, values)
    willing = (1.0 - held.bond) * held.arrives
    terms = []
    for r in np.flatnonzero(attacks.target == state).tolist():
        leader = int(attacks.leader[r])
        along = attacks.joins[r] * willing[:, state]
        helping = attacks.helps[r] * held.arrives[:, state]
        details = {
            "attacker": codes[leader],
            "rate": float(attacks.rate[r]),
            "attack": float(attacks.attack[r]),
            "defence": float(attacks.defence[r]),
            "beaten": float(attacks.beaten[r]),
            "leader_strength": float(held.arrives[leader, state]),
            "own_strength": float(facts.strength[state]),
            "with_attacker": _named(codes, along),
            "with_defender": _named(codes, helping),
        }
        value = -float(attacks.rate[r] * attacks.beaten[r])
        terms.append(Term(f"{codes[leader]} may use force", value, details))
    cost = attacks.rate * attacks.helps[:, state]
    for target in sorted(set(attacks.target.tolist())):
        paid = float(cost[attacks.target == target].sum())
        if paid > 0 and values["burden"] > 0:
            terms.append(
                Term(
                    f"help for {codes[target]}",
                    -values["burden"] * paid,
                    {"beneficiary": codes[target]},
                )
            )
    return terms


def _named(codes: tuple[str, ...], strength: Any) -> dict[str, float]:
    order = np.argsort(-strength, kind="stable")
    return {codes[k]: float(strength[k]) for k in order.tolist() if strength[k] > 0}


def _war_stability(lens: Lens, system: System, values: Values, state: int) -> list[Term]:
    from detente.lenses.war_stability import worst_attack

    reading = getattr(lens, "reading", "star")
    if reading == "rival":
        return []
    total, advantage = float(system.capability.sum()), values["advantage"]
    attack = worst_attack(system.allies, system.capability, advantage, reading)[state]
    weights, codes = system.capability / total, system.codes
    terms = [Term("own strength", advantage * float(weights[state]), {})]
    taking_part = set() if attack is None else set(attack.members)
    for k in np.flatnonzero(system.allies[state] > 0).tolist():
        left = float(system.allies[state, k] * weights[k])
        share = (
            _present(system, attack, k, reading) if attack is not None and k in taking_part else 0.0
        )
        if left * (1.0 - share) > 0:
            terms.append(Term(f"{codes[k]} stands by it", advantage * left * (1.0 - share), {}))
    if attack is not None:
        for k in attack.members:
            share = _present(system, attack, k, reading)
            role = "leads the worst attack" if k == attack.leader else "goes along"
            terms.append(Term(f"{codes[k]} {role}", -float(share * weights[k]), {}))
    return terms


def _present(system: System, attack: Any, k: int, reading: str) -> float:
    """Return how fully a state takes part in an attack."""
    if reading == "clique" or attack.leader is None or k == attack.leader:
        return 1.0
    return float(system.allies[attack.leader, k])
