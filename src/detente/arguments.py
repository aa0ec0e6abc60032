"""Arguments of public functions: what they may be, refused in one place.

A wrong type is a wrong use, and says so in the words of the caller: it is never a `TypeError` of
something deep inside.
"""

from __future__ import annotations

import math
import operator
import os
from collections.abc import Iterable, Mapping
from typing import Any

from detente.errors import UsageError


def whole(name: str, value: Any, least: float = 1, most: float = math.inf) -> int:
    """Return an argument that is a whole number between two limits.

    Raises
    ------
    UsageError
        If it is anything else; also for 2.0, which is no count.
    """
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise UsageError(f"{name} is a whole number, not {value!r}")
    if not least <= number <= most:
        limits = f"{least} or more" if math.isinf(most) else f"between {least} and {most:g}"
        raise UsageError(f"{name} is {limits}, not {number}")
    return number


def real(name: str, value: Any) -> float:
    """Return an argument that is a number."""
    if isinstance(value, bool | str | bytes):
        raise UsageError(f"{name} is a number, not {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise UsageError(f"{name} is a number, not {value!r}") from None


def several(name: str, value: Any, *kinds: type) -> tuple[Any, ...]:
    """Return an argument that is a list of things of some kinds; one alone is a list of one."""
    if isinstance(value, kinds):
        return (value,)
    if isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping):
        items = tuple(value)
        if all(isinstance(item, kinds) for item in items):
            return items
    words = ["text" if kind is str else kind.__name__ for kind in kinds]
    raise UsageError(f"{name} is a list of {' or '.join(words)}, not {value!r}")


def numbers(name: str, value: Any) -> dict[str, float]:
    """Return an argument that gives numbers to names; None gives none.

    Raises
    ------
    UsageError
        If it is anything else; names what is no number.
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UsageError(f'{name} is a mapping such as {{"name": 0.5}}, not {value!r}')
    wrong = [key for key in value if not isinstance(key, str)]
    if wrong:
        raise UsageError(f"{name}: {wrong[0]!r} is no name")
    return {key: real(f"{name}, {key}", number) for key, number in value.items()}


def texts(**given: Any) -> None:
    """Refuse arguments that are neither None nor a text or a path."""
    for name, value in given.items():
        if value is not None and not isinstance(value, str | os.PathLike):
            raise UsageError(f"{name} is a text, not {value!r}")


def to_call(name: str, value: Any) -> None:
    """Refuse an argument that is neither None nor something that can be called."""
    if value is not None and not callable(value):
        raise UsageError(f"{name} is a function, not {value!r}")
