"""The signs of a system, and the portrait of the lens: how far they are from two camps."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats, System
from detente.lenses.balance.frustration import frustration_index
from detente.lenses.balance.measures import triangle_index, walk_balance
from detente.lenses.protocol import Portrait
from detente.words import listed_at

SECONDS = 60.0
"""How long a portrait may search for the exact frustration index; bounds stand in after that. So
long that what is found does not depend on how busy the machine is."""


def signed_ties(system: System, threshold: float = 0.5) -> Floats:
    """Return the signed graph of a system, array (n, n).

    An alliance of at least `threshold` is +1, a rivalry -1, everything else 0.
    """
    signed: Floats = np.where(
        system.allies >= threshold, 1.0, np.where(system.rivals > 0, -1.0, 0.0)
    )
    return signed


def tension_portrait(system: System, signed: Floats, security: Floats, unit: str) -> Portrait:
    """Return how many ties would have to go to leave two camps, and who bears the strain."""
    index = frustration_index(signed, time_limit=SECONDS)
    order = [k for k in np.argsort(security, kind="stable")[:3] if security[k] < 0]
    edges = int(np.count_nonzero(np.triu(signed, 1)))
    remark = (
        f"{index.index} of {edges} ties"
        if index.proven
        else f"between {index.lower} and {index.upper} of {edges} ties"
    )
    strain = (
        f"; {listed_at(system.codes, order)} are in the most strained triangles" if order else ""
    )
    return Portrait(
        ends=(15, 0),
        subject="tension",
        finding=f"{remark} would have to go to leave two camps without strain{strain}",
        value=security,
        value_meaning="minus the unbalanced triangles a state is in",
        value_unit=unit,
        figures={
            "frustration index, at least": float(index.lower),
            "frustration index, at most": float(index.upper),
            "share of balanced triangles": float(triangle_index(signed)),
            "walk balance": float(walk_balance(signed)),
        },
    )
