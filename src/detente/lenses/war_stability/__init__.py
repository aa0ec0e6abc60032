"""War stability: could a coalition of allies beat this state and those who stand by it?"""

from detente.lenses.war_stability.lens import (
    Attack,
    Stability,
    WarStability,
    critical_advantage,
    margin,
    rival_margin,
    vulnerable,
    war_stable,
    war_stable_with_trade,
    worst_attack,
)

__all__ = [
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
