"""How to get there: compare architectures, explain a number, depend, collapse, plan.

The five questions take an architecture and return a `Result`. Beneath them lie functions on any
worth and any security, without states or treaties: `shapley`, `interaction`, `owen`,
`membership`, `search`, and the stability of networks (`stability`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.transition.membership_cascade import Cascade, curve, ends, membership
    from detente.transition.networks import (
        NetworkStability,
        coauthors,
        connections,
        cycles_of,
        improving_moves,
        pairwise_stable,
        stability,
    )
    from detente.transition.obligations import Clearing, clearing
    from detente.transition.route_search import Route, search
    from detente.transition.values import Sampled, interaction, owen, sampled, shapley

_WHERE = {
    "Cascade": "membership_cascade",
    "Clearing": "obligations",
    "Route": "route_search",
    "Sampled": "values",
    "NetworkStability": "networks",
    "cycles_of": "networks",
    "clearing": "obligations",
    "coauthors": "networks",
    "connections": "networks",
    "curve": "membership_cascade",
    "ends": "membership_cascade",
    "improving_moves": "networks",
    "interaction": "values",
    "membership": "membership_cascade",
    "owen": "values",
    "pairwise_stable": "networks",
    "sampled": "values",
    "search": "route_search",
    "shapley": "values",
    "stability": "networks",
}

__all__ = [
    "Cascade",
    "Clearing",
    "NetworkStability",
    "Route",
    "Sampled",
    "clearing",
    "coauthors",
    "connections",
    "curve",
    "cycles_of",
    "ends",
    "improving_moves",
    "interaction",
    "membership",
    "owen",
    "pairwise_stable",
    "sampled",
    "search",
    "shapley",
    "stability",
]


def __getattr__(name: str) -> Any:
    if name in _WHERE:
        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
