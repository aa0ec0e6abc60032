"""The terms of which the lens makes one state's margin: who stands by it and who attacks it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.lenses.protocol import Term
from detente.lenses.war_stability.coalitions import Attack, Setting, worst_attack


def margin_terms(
    setting: Setting, codes: Sequence[str], advantage: float, state: int
) -> list[Term]:
    """Return own strength, allies, leader and followers at the worst attack on the state."""
    allies, reading = setting.allies, setting.reading
    attack = worst_attack(allies, setting.strength, advantage, reading)[state]
    weights = setting.strength / float(setting.strength.sum())
    terms = [Term("own strength", advantage * float(weights[state]), {})]
    taking_part = set() if attack is None else set(attack.members)
    for k in np.flatnonzero(allies[state] > 0).tolist():
        left = float(allies[state, k] * weights[k])
        share = _present(setting, attack, k) if attack is not None and k in taking_part else 0.0
        if left * (1.0 - share) > 0:
            terms.append(Term(f"{codes[k]} stands by it", advantage * left * (1.0 - share), {}))
    if attack is not None:
        for k in attack.members:
            share = _present(setting, attack, k)
            role = "leads the worst attack" if k == attack.leader else "goes along"
            terms.append(Term(f"{codes[k]} {role}", -float(share * weights[k]), {}))
    return terms


def _present(setting: Setting, attack: Attack, k: int) -> float:
    """Return how fully a state takes part in an attack."""
    if setting.reading == "clique" or attack.leader is None or k == attack.leader:
        return 1.0
    return float(setting.allies[attack.leader, k])
