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
    from detente.settlement.bargains.alternation import alternating
    from detente.settlement.bargains.party_utility import utility
    from detente.settlement.bargains.solutions import egalitarian, kalai_smorodinsky, nash
    from detente.settlement.bargains.war_models import bargaining_range, screening, shifting_power
    from detente.settlement.consent.graph_model import stability
    from detente.settlement.consent.veto_model import absorbed, in_core, winset
    from detente.settlement.consent.voting_power import power
    from detente.settlement.groups.condorcet_model import condorcet
    from detente.settlement.groups.group_model import group_decision
    from detente.settlement.groups.spatial_model import spatial
    from detente.settlement.keeping.conditions import break_even_guarantee, threshold
    from detente.settlement.keeping.holding_ranges import holding
    from detente.settlement.keeping.lasting import durability, weibull
    from detente.settlement.model_files import read_gmcr, read_ktab

_WHERE = {
    "absorbed": "consent.veto_model",
    "alternating": "bargains.alternation",
    "bargaining_range": "bargains.war_models",
    "break_even_guarantee": "keeping.conditions",
    "condorcet": "groups.condorcet_model",
    "durability": "keeping.lasting",
    "egalitarian": "bargains.solutions",
    "group_decision": "groups.group_model",
    "holding": "keeping.holding_ranges",
    "in_core": "consent.veto_model",
    "kalai_smorodinsky": "bargains.solutions",
    "nash": "bargains.solutions",
    "power": "consent.voting_power",
    "read_gmcr": "model_files",
    "read_ktab": "model_files",
    "screening": "bargains.war_models",
    "shifting_power": "bargains.war_models",
    "spatial": "groups.spatial_model",
    "stability": "consent.graph_model",
    "threshold": "keeping.conditions",
    "utility": "bargains.party_utility",
    "weibull": "keeping.lasting",
    "winset": "consent.veto_model",
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
    "holding",
    "in_core",
    "kalai_smorodinsky",
    "nash",
    "power",
    "read_gmcr",
    "read_ktab",
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
