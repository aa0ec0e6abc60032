"""The portrait of the lens: the camps, and who bears the most strain."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from detente.architecture.system import Floats, System
from detente.lenses.landscape.configurations import Alignment
from detente.lenses.protocol import Portrait
from detente.words import listed_at


def camps_portrait(
    system: System, alignments: Sequence[Alignment], security: Floats, unit: str
) -> Portrait:
    """Return who stands with whom against whom, the weightiest camps first."""
    share = system.capability / system.capability.sum()
    blocs = sorted(alignments, key=lambda bloc: -float(share[bloc.members].sum()))
    camps = []
    for bloc in blocs:
        for sign in (1, -1):
            members = bloc.members[np.sign(bloc.side) == sign]
            camps.append(tuple(system.codes[k] for k in sorted(members)))
    wrong = [k for k in np.argsort(security, kind="stable")[:3] if security[k] < 0]
    strain = f"; {listed_at(system.codes, wrong)} bear the most strain" if wrong else ""
    undecided = sum(int((bloc.side == 0).sum()) for bloc in blocs)
    outside = system.size - sum(len(bloc.members) for bloc in blocs)
    return Portrait(
        ends=(8, 4),
        subject="camps",
        finding=(
            f"the greatest camps count {len(camps[0])} and {len(camps[1])} states, "
            f"{outside + undecided} stand apart{strain}"
            if camps
            else "no state has a tie, so there is no camp"
        ),
        value=security,
        value_meaning="minus size times frustration",
        value_unit=unit,
        groups=tuple(camp for camp in camps if camp),
    )
