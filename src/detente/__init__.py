"""detente: a laboratory for security architectures.

>>> import detente as dt
>>> g = dt.load("two-blocs")
>>> result = dt.audit(g)

Everything public is listed in ``__init__.pyi`` and loaded when it is first used.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from detente import kernel_cache
from detente.face import OLD_NAMES, PUBLIC

kernel_cache.choose()

__all__ = sorted(PUBLIC)


def __getattr__(name: str) -> Any:
    if name in PUBLIC:
        module, inside = PUBLIC[name]
        return getattr(importlib.import_module(module), inside)
    if name in OLD_NAMES:
        import warnings

        new = OLD_NAMES[name]
        warnings.warn(
            f"detente.{name} is called detente.{new} now; the old name goes with 0.3",
            DeprecationWarning,
            stacklevel=2,
        )
        return __getattr__(new)
    if name == "__version__":
        from importlib.metadata import version

        return version("detente")
    # A room is there as soon as it is asked for, whatever was imported before.
    if not name.startswith("_") and importlib.util.find_spec(f"detente.{name}") is not None:
        return importlib.import_module(f"detente.{name}")
    raise AttributeError(f"module 'detente' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
