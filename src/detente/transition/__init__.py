"""How to get there: compare architectures, explain a number, depend, collapse, plan.

The five questions take an architecture and return a `Result`. Beneath them lie functions on any
worth and any security, without states or treaties: `shapley`, `interaction`, `owen`,
`membership`, `search`, and the stability of networks (`stability`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.transition.games.membership_cascade import Cascade, curve, ends, membership
    from detente.transition.games.networks import (
        NetworkStability,
        coauthors,
        connections,
        cycles_of,
        improving_moves,
        pairwise_stable,
        stability,
    )
    from detente.transition.games.obligations import Clearing, clearing
    from detente.transition.games.route_search import Route, search
    from detente.transition.games.values import Sampled, interaction, owen, sampled, shapley

_WHERE = {
    "Cascade": "games.membership_cascade",
    "Clearing": "games.obligations",
    "Route": "games.route_search",
    "Sampled": "games.values",
    "NetworkStability": "games.networks",
    "cycles_of": "games.networks",
    "clearing": "games.obligations",
    "coauthors": "games.networks",
    "connections": "games.networks",
    "curve": "games.membership_cascade",
    "ends": "games.membership_cascade",
    "improving_moves": "games.networks",
    "interaction": "games.values",
    "membership": "games.membership_cascade",
    "owen": "games.values",
    "pairwise_stable": "games.networks",
    "sampled": "games.values",
    "search": "games.route_search",
    "shapley": "games.values",
    "stability": "games.networks",
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
