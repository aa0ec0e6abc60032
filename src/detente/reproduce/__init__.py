"""Published numbers, recomputed: every one that detente claims to reproduce, and those it cannot.

``outcomes`` computes, ``markdown`` and ``write`` show. The published values and what is claimed
of them are in ``cases.csv``; ours are never stored.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.reproduce.document import markdown
    from detente.reproduce.page import write
    from detente.reproduce.run import Outcome, outcomes

__all__ = ["Outcome", "markdown", "outcomes", "write"]

_WHERE = {"Outcome": "run", "markdown": "document", "outcomes": "run", "write": "page"}


def __getattr__(name: str) -> Any:
    # Computing needs every lens; nothing is loaded before it is used.
    if name in _WHERE:
        import importlib

        return getattr(importlib.import_module(f"{__name__}.{_WHERE[name]}"), name)
    raise AttributeError(f"module 'detente.reproduce' has no attribute {name!r}")
