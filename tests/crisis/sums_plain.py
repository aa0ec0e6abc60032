"""The plain twin of the adding up: one log at a time, in readable Python."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from detente.crisis.kernel.sums import COARSE, STEPS, TICK, Tally
from detente.crisis.model import model_arrays as r
from detente.crisis.model.model_arrays import Log, Rules, Start
from detente.crisis.record.ladder import BETWEENNESS


def count(
    log: Log,
    days: float,
    m: Rules,
    start: Start,
    sides: Sequence[Sequence[int]],
    joiner: Sequence[int],
    tally: Tally,
) -> None:
    """Add one replica's log to the tally.

    Parameters
    ----------
    log : Log
        What happened.
    days : float
        Horizon.
    m, start : Rules, Start
        The model and where it began.
    sides : sequence of (state, state)
        Positions of the two sides of every dyad.
    joiner : sequence of int
        Position of the state that enters, for every entry.
    tally : Tally
        Added to.
    """
    bins = len(tally.first_war)
    spells: dict[int, list[tuple[float, int]]] = {}
    incidents, wars, first_war = 0, 0, None
    at_war, drawn_in = set[int](), set[int]()
    for t, d, code in zip(log.time, log.dyad, log.code, strict=True):
        kind, rung = int(code) // 8, int(code) % 8
        incidents += kind in (r.INCIDENT, r.RISE)
        if kind == r.INCIDENT:
            continue
        if kind == r.JOINED:
            tally.joined[d] += 1
            drawn_in.add(joiner[d])
            d = m.entry[d]
        path = spells.setdefault(int(d), [(0.0, int(start.rung[d]))])
        highest = max(k for _, k in path)
        bin_ = min(int(t * (bins / days)), bins - 1)
        for k in range(highest + 1, rung + 1):
            tally.first[d, k, bin_] += 1
        if highest < rung == r.TOP:
            wars += 1
            at_war.update(sides[d])
            if first_war is None:
                first_war = t
                tally.first_war[bin_] += 1
        path.append((float(t), rung))
    whole = int(days * (1 / COARSE))
    for d, path in spells.items():
        tally.touched[d] += 1
        coarse = whole if start.rung[d] in BETWEENNESS else 0
        for (_, before), (t, now) in itertools.pairwise(path):
            tick, step = int(t * (1 / TICK)), math.ceil(t * (STEPS / days))
            tally.ticks[d, before] += tick
            tally.ticks[d, now] -= tick
            tally.change[d, step, before] -= 1
            tally.change[d, step, now] += 1
            left = whole - int(t * (1 / COARSE))
            coarse += left * ((now in BETWEENNESS) - (before in BETWEENNESS))
        tally.between_square[d] += coarse**2
    for state in at_war:
        tally.at_war[state] += 1
    for state in drawn_in:
        tally.drawn_in[state] += 1
    tally.replicas[0] += 1
    tally.incidents[0] += incidents
    tally.incidents_square[0] += incidents**2
    tally.wars[wars] += 1


def spread(
    log: Log, m: Rules, watched: Sequence[int], free: Sequence[int], sides: Sequence[Sequence[int]]
) -> tuple[int, int]:
    """Return how many watched dyads reach war in a log, and how many free states are in them."""
    dyads = set()
    for d, code in zip(log.dyad, log.code, strict=True):
        if int(code) % 8 == r.TOP and int(code) // 8 in (r.RISE, r.JOINED):
            dyads.add(int(m.entry[d] if int(code) // 8 == r.JOINED else d))
    new = [d for d in dyads if watched[d]]
    return len(new), len({int(s) for d in new for s in sides[d] if free[int(s)]})
