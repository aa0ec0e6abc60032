"""What comes out: one labelled result with provenance, whole or refused."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.results.building import build
    from detente.results.result import Result

__all__ = ["Result", "build"]


def __getattr__(name: str) -> Any:
    # The command line notes here how it was asked, and starts without numpy.
    if name in __all__:
        module = "building" if name == "build" else "result"
        return getattr(importlib.import_module(f"detente.results.{module}"), name)
    raise AttributeError(f"module 'detente.results' has no attribute {name!r}")
