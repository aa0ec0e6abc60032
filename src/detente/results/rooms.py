"""What the room of a question says of its results, found by the name of the question.

The module that defines the public function of a question, or the one that it names as
``VIEWS_MODULE``, may have

- ``VIEWS``: names of functions of a result there that become its methods,
- ``ATTRIBUTES``: names of functions there that become its attributes,
- ``text``: the result for a terminal, ``to_dict``: its document, ``table``: its main table,
- ``FORMAT``: the number (or the whole name) of its format.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from detente.face import module_of


def modules_of(question: str) -> list[ModuleType]:
    """Return the modules that say something of the results of a question."""
    where = module_of(question)
    if not where:
        return []
    first = importlib.import_module(where)
    views = getattr(first, "VIEWS_MODULE", "")
    return [first, importlib.import_module(views)] if views else [first]


def of_room(question: str, name: str, otherwise: Any = None) -> Any:
    """Return what the room of a question has under a name."""
    for module in modules_of(question):
        value = getattr(module, name, None)
        # A module of the same name that is imported there is not meant.
        if value is not None and not isinstance(value, ModuleType):
            return value
    return otherwise


def names_of_room(question: str, name: str) -> tuple[str, ...]:
    """Return the names that the room of a question lists under a name."""
    return tuple(of_room(question, name, ()))


def form_of(question: str) -> str:
    """Return the name of the format of the results of a question."""
    number = of_room(question, "FORMAT", 1)
    return number if isinstance(number, str) else f"detente-{question}/{number}"
