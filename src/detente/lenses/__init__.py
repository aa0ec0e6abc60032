"""The lenses: one published model a file or a folder, found by themselves.

Every module or package in this folder that defines a subclass of `Lens` with a ``key`` is a lens,
and so is every such one in the folders that the environment variable ``DETENTE_LENSES`` names.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from functools import cache
from types import ModuleType

from detente.errors import UnknownName, UsageError
from detente.lenses.protocol import Lens, Parameter, Portrait, Screen, reduce_deltas

__all__ = ["DEFAULT", "Lens", "Parameter", "Portrait", "Screen", "find", "names", "reduce_deltas"]

DEFAULT = "coalition"
"""Key of the lens of an audit that names none."""

__path__ = [*__path__, *filter(None, os.environ.get("DETENTE_LENSES", "").split(os.pathsep))]


@cache
def _classes() -> dict[str, type[Lens]]:
    found: dict[str, type[Lens]] = {}
    for module_info in pkgutil.iter_modules(__path__):
        if module_info.name == "protocol" or module_info.name.endswith("kernel"):
            continue
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        for _, item in inspect.getmembers(module, inspect.isclass):
            if (
                issubclass(item, Lens)
                and f"{item.__module__}.".startswith(f"{module.__name__}.")
                and hasattr(item, "key")
            ):
                found[item.key] = item
    return dict(sorted(found.items()))


def __getattr__(name: str) -> ModuleType:
    """Load a lens's module when it is first named, as in ``detente.lenses.contest.lens``."""
    if any(info.name == name for info in pkgutil.iter_modules(__path__)):
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"there is no lens '{name}' (module {__name__!r})")


def names() -> list[str]:
    """Return the keys of all lenses, the default one of an audit first."""
    return sorted(_classes(), key=lambda key: (key != DEFAULT, key))


def find(lens: str | Lens) -> Lens:
    """Return the lens with this key, for instance ``"contest"`` or ``"war_stability:star"``.

    What stands behind the colon is handed to the lens as its reading.
    """
    if isinstance(lens, Lens):
        return lens
    key, _, reading = lens.partition(":")
    classes = _classes()
    if key not in classes:
        raise UnknownName("lens", key, classes, "List them with: detente lenses")
    made = classes[key]
    if not reading:
        return made()
    if reading in made.gone:
        raise UsageError(made.gone[reading])
    if reading not in made.readings:
        raise UnknownName(f"reading of lens {key}", reading, made.readings)
    return made(reading=reading)  # type: ignore[call-arg]
