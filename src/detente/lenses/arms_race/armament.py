"""The portrait of the lens: who arms against whom."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import System
from detente.lenses.arms_race.race import ArmsEquilibrium
from detente.lenses.protocol import Portrait
from detente.words import listed_at


def armament_portrait(system: System, equilibrium: ArmsEquilibrium, reaction: float) -> Portrait:
    """Return the armament of each state at equilibrium, with the strongest reactions."""
    arms = equilibrium.armament
    threat = reaction * system.rivals * (system.capability / system.capability.sum())
    felt = threat * arms
    pairs = np.argsort(-felt, axis=None, kind="stable")[:12]
    links = [(*np.unravel_index(p, felt.shape), felt.flat[p]) for p in pairs]
    order = np.argsort(-arms, kind="stable")[:3]
    return Portrait(
        ends=(0, 15),
        baseline=1.0,  # nobody arms less than a state without rivals
        link_unit="efforts of a state without rivals, per year",
        subject="who arms against whom",
        finding=f"{listed_at(system.codes, order)} arm the most beyond what they would without "
        f"rivals; the race {'dies down' if equilibrium.stable else 'runs away'}",
        value=arms,
        value_meaning="armament at equilibrium",
        value_unit="efforts of a state without rivals",
        links=tuple((system.codes[i], system.codes[j], float(x)) for i, j, x in links if x > 0),
        link_meaning="arms against",
        figures={"spectral abscissa, per year": equilibrium.abscissa},
    )
