"""Arguments of the models as arrays, refused in words where they make no sense."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from detente.architecture.system import Floats
from detente.errors import UnknownName, UsageError


def numbers(name: str, values: ArrayLike, *, low: float = -np.inf, high: float = np.inf) -> Floats:
    """Return an argument as an array of finite numbers between two bounds.

    Raises
    ------
    UsageError
        If an entry is no number, not finite or beyond a bound; the message names all of them.
    """
    try:
        array = np.array(values, np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"{name} must be numbers, not {values!r}") from None
    wrong = ~np.isfinite(array) | (array < low) | (array > high)
    if wrong.any():
        places = [str(k) if array.ndim else "" for k in np.flatnonzero(wrong.ravel())]
        where = f" (entry {', '.join(places)})" if array.ndim else ""
        raise UsageError(f"{name}{where} must be finite {_span(low, high)}".rstrip())
    return array


def share(name: str, value: float, *, low: float = 0.0, high: float = 1.0) -> float:
    """Return one number of an argument between two bounds."""
    array = numbers(name, value, low=low, high=high)
    if array.ndim:
        raise UsageError(f"{name} must be one number, not {array.size}")
    return float(array)


def vector(
    name: str, values: ArrayLike, length: int, *, low: float = -np.inf, high: float = np.inf
) -> Floats:
    """Return an argument with one number for each of `length` things."""
    array = numbers(name, values, low=low, high=high)
    if array.shape != (length,):
        raise UsageError(f"{name} must have {length} numbers, not shape {array.shape}")
    return array


def matrix(name: str, values: ArrayLike, *, low: float = -np.inf, high: float = np.inf) -> Floats:
    """Return an argument as (things, dimensions); a plain list has one dimension."""
    array = numbers(name, values, low=low, high=high)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2 or 0 in array.shape:
        raise UsageError(f"{name} must be one row for each actor, not shape {array.shape}")
    return array


def choice(name: str, value: str, known: Sequence[str]) -> str:
    """Return a word that must be one of a few."""
    if value not in known:
        raise UnknownName(name, value, known)
    return value


def _span(low: float, high: float) -> str:
    if np.isfinite(low) and np.isfinite(high):
        return f"and from {low:g} to {high:g}"
    if np.isfinite(low):
        return f"and at least {low:g}"
    return f"and at most {high:g}" if np.isfinite(high) else ""
