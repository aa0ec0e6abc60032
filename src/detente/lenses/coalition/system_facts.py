"""What the formula reads of a system, before a change or after any of several."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Moves, System
from detente.errors import Undefined
from detente.lenses.coalition.facts import NO_STRENGTH, Bools, Facts, Values, known_distance, tied


def facts_of(system: System, values: Values, moves: Moves | None = None) -> Facts:
    """Return what the formula reads of a system, before or after any of `moves`.

    Raises
    ------
    Undefined
        If no state has any strength.
    MissingData
        If a distance is needed and is not known.
    """
    total = system.capability.sum()
    if total <= 0:
        raise Undefined(NO_STRENGTH)
    n = system.size
    facts = Facts(
        strength=system.capability / total,
        defense=system.promises["defense"],
        offense=system.promises["offense"],
        nonaggression=np.maximum(system.promises["nonaggression"], system.promises["neutrality"]),
        guarantee=system.promises["guarantee"],
        neutral=system.neutral,
        stations=system.stations,
        supplies=system.supplies,
        rivalry=system.rivalry,
        distance=system.distance,
        land=np.zeros((n, n), dtype=np.bool_)
        if system.contiguity is None
        else system.contiguity == 1,
        nuclear=np.zeros(n) if system.nuclear is None else system.nuclear,
    )
    if not np.isnan(system.distance).any():
        return facts
    wanted = tied(facts) | _moved(moves, n) if moves is not None else tied(facts)
    distance = known_distance(facts, values["reach"], wanted, system.codes)
    return facts._replace(distance=distance)


def _moved(moves: Moves, n: int) -> Bools:
    """Return which states a change may give a tie."""
    states = np.zeros(n, dtype=np.bool_)
    edits = moves.facts
    makes = edits.value > 0
    states[edits.first[makes]] = states[edits.second[makes]] = True
    return states
