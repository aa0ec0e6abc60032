"""The lens `coalition`: what each kind of commitment does when a rival uses force.

The formula stands in `formula`, what it reads in `facts`; its plain twin is among the tests.
"""

from detente.lenses.coalition.facts import Facts
from detente.lenses.coalition.formula import security_of
from detente.lenses.coalition.lens import Coalition
from detente.lenses.coalition.parameter_table import TOLERANCE
from detente.lenses.coalition.plain_functions import (
    AttackTables,
    attack_tables,
    attacks,
    security,
)

__all__ = [
    "TOLERANCE",
    "AttackTables",
    "Coalition",
    "Facts",
    "attack_tables",
    "attacks",
    "security",
    "security_of",
]
