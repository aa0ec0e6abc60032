"""The formula state by state and ally by ally: the plain twin of `formula` and of the kernel."""

from __future__ import annotations

import math

import numpy as np

from detente.lenses.coalition.facts import Facts, Floats, Values


def security_plain(s: Facts, values: Values) -> Floats:
    """Return security S of every state, one attack after another, with no array at all."""
    states = range(s.size)

    def turned_out(name: str) -> float:
        return min(1.0, values["turnout"] * values[name])

    def near(a: int, b: int) -> float:
        if a == b or s.land[a, b]:
            return 1.0
        return math.exp(-s.distance[a, b] / values["reach"])

    def arrives(k: int, i: int) -> float:
        posted = {h: values["station"] * s.stations[k, h] for h in states if s.stations[k, h] > 0}
        room = max(1.0, sum(posted.values()))
        abroad = sum(share / room * near(h, i) for h, share in posted.items())
        return float(s.strength[k] * ((1 - sum(posted.values()) / room) * near(k, i) + abroad))

    def defends(k: int, i: int) -> float:
        promised = max(s.defense[k, i], values["assurance"] * s.guarantee[k, i])
        return float(promised * (1 - s.neutral[k]))

    def bond(k: int, i: int) -> float:
        pledged = max(s.nonaggression[k, i], s.guarantee[k, i], s.neutral[k])
        held = max(values["pledge"] * pledged, values["pact"] * defends(k, i))
        return float((1 - s.rivalry[k, i] / 5) * held)

    def quarrels(k: int, i: int) -> bool:
        return bool(s.rivalry[k, i] >= values["quarrel"])

    latent = values.get("latent", 0.0)
    security = np.zeros(s.size)
    for i in states:
        for j in states:
            if i == j or (s.rivalry[j, i] == 0 and latent == 0):
                continue
            thirds = [k for k in states if k not in (i, j)]
            reaches = arrives(j, i) / s.strength[j] if s.strength[j] > 0 else 0.0
            umbrellas = [max(defends(k, i), s.guarantee[k, i]) for k in thirds if s.nuclear[k]]
            deterred = max(
                values["deterrence"] * s.nuclear[i],
                values["umbrella"] * max(umbrellas, default=0.0),
            )
            hostile = (s.rivalry[j, i] / 5) ** values["gradient"]
            rate = values["rate"] * (hostile if s.rivalry[j, i] > 0 else latent)
            rate *= reaches * (1 - bond(j, i)) * (1 - deterred)
            attack, defence = arrives(j, i), s.strength[i]
            for k in thirds:
                supplied = values["supply"] * s.strength[k]
                attack += supplied * s.supplies[k, j] * reaches
                defence += supplied * s.supplies[k, i]
                follow = "follow_quarrel" if quarrels(k, i) else "follow"
                share = max(
                    s.offense[k, j] * (1 - s.neutral[k]),
                    defends(k, j) * turned_out(follow),
                    turned_out("parallel") * (1 - s.neutral[k]) if quarrels(k, i) else 0.0,
                )
                attack += share * (1 - bond(k, i)) * arrives(k, i)
                helping = "defend_quarrel" if quarrels(k, j) else "defend"
                help_share = defends(k, i) * turned_out(helping)
                defence += help_share * arrives(k, i)
                security[k] -= values["burden"] * help_share * rate
            if attack > 0:
                ratio = values["advantage"] * defence / attack
                security[i] -= rate / (1 + ratio ** values["decisiveness"])
    return security
