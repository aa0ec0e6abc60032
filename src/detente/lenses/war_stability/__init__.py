"""War stability: could a coalition of allies beat this state and those who stand by it?"""

from detente.lenses.war_stability.coalitions import (
    READINGS,
    Attack,
    critical_advantage,
    margin,
    vulnerable,
    worst_attack,
)
from detente.lenses.war_stability.conditions import Stability, war_stable, war_stable_with_trade
from detente.lenses.war_stability.lens import WarStability
from detente.lenses.war_stability.own_margin import rival_margin

__all__ = [
    "READINGS",
    "Attack",
    "Stability",
    "WarStability",
    "critical_advantage",
    "margin",
    "rival_margin",
    "vulnerable",
    "war_stable",
    "war_stable_with_trade",
    "worst_attack",
]
