"""The portrait of the lens: who could be overrun by whom."""

from __future__ import annotations

from detente.architecture.system import Floats, System
from detente.lenses.protocol import Portrait, Values
from detente.lenses.war_stability.coalitions import worst_attack
from detente.words import listed


def overrun_portrait(
    system: System, values: Values, reading: str, margin: Floats, unit: str
) -> Portrait:
    """Return who could be beaten and by whom, given the margin of each state, array (n,)."""
    attacks = worst_attack(system.allies, system.capability, values["advantage"], reading)
    beaten = [attack for attack in attacks if attack is not None and attack.beats]
    beaten.sort(key=lambda attack: float(margin[attack.target]))
    total = float(system.capability.sum())
    links = [
        (
            system.codes[leader],
            system.codes[attack.target],
            (attack.attack - attack.defence) / total,
        )
        for attack in beaten
        for leader in ([attack.members[0]] if attack.leader is None else [attack.leader])
    ]
    worst = listed([system.codes[attack.target] for attack in beaten[:3]])
    return Portrait(
        ends=(15, 5),
        subject="who could be overrun by whom",
        finding=(
            f"{len(beaten)} of {system.size} states could be beaten, {worst} by the most"
            if beaten
            else f"none of {system.size} states could be beaten"
        ),
        value=margin,
        value_meaning="margin in the worst case",
        value_unit=unit,
        links=tuple(links),
        link_meaning="could lead a coalition that beats",
    )
