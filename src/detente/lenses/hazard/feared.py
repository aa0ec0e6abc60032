"""The portrait of the lens: against whom most disputes are to be expected, and by whom."""

from __future__ import annotations

import numpy as np

from detente.architecture.system import Floats, System
from detente.lenses.protocol import Portrait
from detente.words import listed_at

MOST_LINKS = 12


def feared_portrait(system: System, loss: Floats) -> Portrait:
    """Return who has most to fear, given the loss of the column's state by the row's, (n, n)."""
    against = loss.sum(axis=0)
    worst = [int(k) for k in np.argsort(-against, kind="stable")[:3]]
    order = np.argsort(-loss, axis=None, kind="stable")[:MOST_LINKS]
    links = [
        (system.codes[i], system.codes[j], float(loss[i, j]))
        for i, j in zip(*np.unravel_index(order, loss.shape), strict=True)
        if loss[i, j] > 0
    ]
    return Portrait(
        ends=(0, 20),
        subject="expected disputes",
        finding=(
            f"{listed_at(system.codes, worst)} have most to fear: others would start "
            f"{against[worst[0]]:.2g} disputes a year against {system.codes[worst[0]]}, each "
            "weighted by the chance that it is the weaker side"
            if system.size > 1
            else "a state alone has nothing to fear"
        ),
        value=against,
        value_meaning="expected disputes against the state, weighted",
        value_unit="disputes a year",
        links=tuple(links),
        link_meaning="may start a dispute against",
        figures={"disputes to be expected a year, weighted": float(against.sum())},
    )
