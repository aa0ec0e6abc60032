"""How it ends: offers, who must be at the table, and what would hold.

The models stand here as plain functions of arrays; each is loaded when it is first named.

>>> from detente.settlement import bargaining_range
>>> low, high = bargaining_range(0.6, 0.15, 0.10)
>>> round(low, 2), round(high, 2)
(0.45, 0.7)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.settlement.alternation import alternating
    from detente.settlement.condorcet_model import condorcet
    from detente.settlement.graph_model import stability
    from detente.settlement.group_model import group_decision
    from detente.settlement.keeping import break_even_guarantee, threshold
    from detente.settlement.lasting import durability, weibull
    from detente.settlement.party_utility import utility
    from detente.settlement.solutions import egalitarian, kalai_smorodinsky, nash
    from detente.settlement.spatial_model import spatial
    from detente.settlement.veto_model import absorbed, in_core, winset
    from detente.settlement.voting_power import power
    from detente.settlement.war_models import bargaining_range, screening, shifting_power

_WHERE = {
    "absorbed": "veto_model",
    "alternating": "alternation",
    "bargaining_range": "war_models",
    "break_even_guarantee": "keeping",
    "condorcet": "condorcet_model",
    "durability": "lasting",
    "egalitarian": "solutions",
    "group_decision": "group_model",
    "in_core": "veto_model",
    "kalai_smorodinsky": "solutions",
    "nash": "solutions",
    "power": "voting_power",
    "screening": "war_models",
    "shifting_power": "war_models",
    "spatial": "spatial_model",
    "stability": "graph_model",
    "threshold": "keeping",
    "utility": "party_utility",
    "weibull": "lasting",
    "winset": "veto_model",
}

__all__ = [
    "absorbed",
    "alternating",
    "bargaining_range",
    "break_even_guarantee",
    "condorcet",
    "durability",
    "egalitarian",
    "group_decision",
    "in_core",
    "kalai_smorodinsky",
    "nash",
    "power",
    "screening",
    "shifting_power",
    "spatial",
    "stability",
    "threshold",
    "utility",
    "weibull",
    "winset",
]


def __getattr__(name: str) -> Any:
    """Load a model when it is first named."""
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
