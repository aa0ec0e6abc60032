"""The terms of which the lens makes one state's margin: who stands by it and who attacks it."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import System
from detente.lenses.protocol import Term, Values
from detente.lenses.war_stability.coalitions import Attack, worst_attack


def margin_terms(system: System, values: Values, reading: str, state: int) -> list[Term]:
    """Return own strength, allies, leader and followers at the worst attack on the state."""
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


def _present(system: System, attack: Attack, k: int, reading: str) -> float:
    """Return how fully a state takes part in an attack."""
    if reading == "clique" or attack.leader is None or k == attack.leader:
        return 1.0
    return float(system.allies[attack.leader, k])
