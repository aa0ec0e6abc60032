"""The portrait of the lens: who fights and who rides free."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import System
from detente.lenses.contest.game import Equilibrium
from detente.lenses.protocol import Portrait
from detente.words import listed, listed_at


def effort_portrait(system: System, equilibrium: Equilibrium) -> Portrait:
    """Return the effort of each state in equilibrium; below zero it lives on its allies."""
    order = np.argsort(-equilibrium.effort, kind="stable")
    free = np.flatnonzero(equilibrium.effort < 0)
    riders = listed([system.codes[k] for k in order[::-1][:3] if equilibrium.effort[k] < 0])
    return Portrait(
        peak=("spends the most effort", "spend the most effort"),
        subject="who fights and who rides free",
        finding=f"{listed_at(system.codes, order[:3])} fight the hardest; {len(free)} of "
        f"{system.size} states live on the efforts of their allies"
        + (f", {riders} the most" if riders else ""),
        value=equilibrium.effort,
        value_meaning="fighting effort; below zero a state rides on its allies",
        value_unit="shares of the prize",
        figures={
            "rent dissipation, shares of the prize": equilibrium.dissipation,
            "states that contest the prize": float(np.count_nonzero(equilibrium.active)),
        },
    )
