"""The portrait of the lens: who is most exposed to uses of force, and to whose."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import System
from detente.lenses.coalition import formula
from detente.lenses.coalition.facts import Values
from detente.lenses.coalition.system_facts import facts_of
from detente.lenses.protocol import Portrait
from detente.words import listed_at


def exposure_portrait(system: System, values: Values, unit: str) -> Portrait:
    """Return who is most exposed, with the attacks that expose them, the heaviest first."""
    facts = facts_of(system, values)
    security = formula.security_of(facts, values)
    possible = formula.possible_attacks(facts, formula.ties(facts, values), values)
    exposed = np.flatnonzero(security < 0)
    order = exposed[np.argsort(security[exposed], kind="stable")]
    heaviest = np.argsort(-possible.rate * possible.beaten, kind="stable")
    calm = system.size - len(np.unique(possible.target))
    return Portrait(
        subject="who is exposed to whom",
        finding=(
            f"{listed_at(system.codes, order[:3])} are the most exposed to uses of force; "
            f"{calm} of {system.size} states have no quarrel"
            if len(order)
            else f"none of {system.size} states is exposed to a use of force"
        ),
        value=security,
        value_meaning="security, minus the exposure",
        value_unit=unit,
        links=tuple(
            (
                system.codes[possible.leader[r]],
                system.codes[possible.target[r]],
                float(possible.rate[r] * possible.beaten[r]),
            )
            for r in heaviest.tolist()
        ),
        link_meaning="may use force against, weighted by the odds",
    )
