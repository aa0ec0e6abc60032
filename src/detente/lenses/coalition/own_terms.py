"""The terms of which the lens makes one state's security, each with what is behind it."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from detente.architecture.system import System
from detente.lenses.coalition import formula
from detente.lenses.coalition.facts import Facts
from detente.lenses.coalition.system_facts import facts_of
from detente.lenses.protocol import Term, Values


def attack_terms(system: System, values: Values, state: int) -> list[Term]:
    """Return every attack on the state, and what its help for each other state costs it."""
    codes = system.codes
    facts, held, attacks = _attacks(system, tuple(sorted(values.items())))
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


@lru_cache(maxsize=2)
def _attacks(
    system: System, values: tuple[tuple[str, float], ...]
) -> tuple[Facts, formula.Ties, formula.Attacks]:
    """Return all attacks of a system, kept for the terms of its other states."""
    chosen = dict(values)
    facts = facts_of(system, chosen)
    held = formula.ties(facts, chosen)
    return facts, held, formula.possible_attacks(facts, held, chosen)


def _named(codes: tuple[str, ...], strength: Any) -> dict[str, float]:
    order = np.argsort(-strength, kind="stable")
    return {codes[k]: float(strength[k]) for k in order.tolist() if strength[k] > 0}
