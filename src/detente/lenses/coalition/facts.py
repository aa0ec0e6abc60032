"""The facts that the formula reads, as arrays over n states, checked where a user gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.errors import MissingData, Undefined, UsageError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Values = Mapping[str, float]

PROMISES = ("defense", "offense", "nonaggression", "guarantee")
SHARES = ("stations", "supplies")
MOST = 5.0
"""Highest intensity of a rivalry: war."""
NO_STRENGTH = "no state has any strength, so nobody can attack or defend"


class Facts(NamedTuple):
    """What the formula reads; pairs are arrays (n, n), row k and column i: of k towards i.

    `strength` is a share of all strength. `nonaggression` is the larger of a nonaggression pledge
    and of neutrality promised to that one state; `neutral` is neutrality promised to everybody.
    """

    strength: Floats
    defense: Floats
    offense: Floats
    nonaggression: Floats
    guarantee: Floats
    neutral: Floats
    stations: Floats
    supplies: Floats
    rivalry: Floats
    distance: Floats
    land: Bools
    nuclear: Floats

    @property
    def size(self) -> int:
        """Number of states."""
        return len(self.strength)


def checked(
    strength: ArrayLike,
    *,
    reach: float,
    rivalry: ArrayLike,
    distance: ArrayLike | None,
    land: ArrayLike | None,
    nuclear: ArrayLike | None,
    neutral: ArrayLike | None,
    pairs: Mapping[str, ArrayLike | None],
    everybody: bool = False,
) -> Facts:
    """Return the facts if they are what the formula admits.

    `everybody` says that pairs without a tie may attack each other too, and need a distance.

    Raises
    ------
    UsageError
        If an array has the wrong shape or a value outside its range; names all such arrays.
    Undefined
        If no state has any strength.
    MissingData
        If a distance is needed and is not known; names the state by its position.
    """
    weight = np.array(strength, dtype=np.float64)
    if weight.ndim != 1 or not weight.size or not np.isfinite(weight).all() or (weight < 0).any():
        raise UsageError("strength is a row of finite, non-negative numbers, one a state")
    if weight.sum() <= 0:
        raise Undefined(NO_STRENGTH)
    n, faults = weight.size, list[str]()
    arrays = {name: _square(name, given, n, 1.0, faults) for name, given in pairs.items()}
    hostile = _square("rivalry", rivalry, n, MOST, faults)
    if (hostile != hostile.T).any():
        faults.append("rivalry is not symmetric: a rivalry has one intensity, for both sides")
    km = (
        np.zeros((n, n)) if distance is None else _square("distance", distance, n, math.inf, faults)
    )
    if (np.nan_to_num(km) != np.nan_to_num(km.T)).any():
        faults.append("distance is not symmetric")
    border = _square("land", land, n, 1.0, faults) > 0
    if (border != border.T).any():
        faults.append("land is not symmetric")
    facts = Facts(
        strength=weight / weight.sum(),
        neutral=_row("neutral", neutral, n, faults),
        rivalry=hostile,
        distance=km,
        land=border,
        nuclear=(_row("nuclear", nuclear, n, faults) > 0).astype(np.float64),
        **arrays,
    )
    if faults:
        raise UsageError("\n".join(faults))
    return facts._replace(
        distance=known_distance(facts, reach, tied(facts) | everybody, [str(k) for k in range(n)])
    )


def tied(facts: Facts) -> Bools:
    """Return which states have a tie of any kind: whose place on the map matters."""
    pairs = (*(getattr(facts, name) for name in (*PROMISES, *SHARES)), facts.rivalry)
    some: Bools = np.any([(a > 0).any(axis=0) | (a > 0).any(axis=1) for a in pairs], axis=0)
    return some


def known_distance(facts: Facts, reach: float, wanted: Bools, names: Sequence[str]) -> Floats:
    """Return the distances with a zero for each unknown one that no attack needs.

    Raises
    ------
    MissingData
        If the distance of two states in `wanted` is unknown and strength is lost on the way.
    """
    unknown = np.isnan(facts.distance)
    if math.isinf(reach):
        return np.zeros_like(facts.distance)
    if not unknown.any():
        return facts.distance
    needed = unknown & ~facts.land & wanted[:, None] & wanted[None, :]
    np.fill_diagonal(needed, val=False)
    needed &= (facts.strength > 0)[:, None]
    if needed.any():
        lacks = int((needed.sum(axis=0) + needed.sum(axis=1)).argmax())
        raise MissingData(
            f"coalition needs the distances of state '{names[lacks]}' and they are not known. "
            "Give the place of its capital, or switch the loss of strength with distance off: "
            "reach = inf"
        )
    return np.where(unknown, 0.0, facts.distance)


def _square(name: str, given: ArrayLike | None, n: int, most: float, faults: list[str]) -> Floats:
    """Return `given` as an array (n, n), zeros for None; what is wrong goes to `faults`.

    What a state would promise itself is not read: its diagonal becomes zero.
    """
    array = np.zeros((n, n)) if given is None else np.array(given, dtype=np.float64)
    if array.shape != (n, n):
        faults.append(f"{name} has the shape {array.shape}; {n} states need ({n}, {n})")
        return np.zeros((n, n))
    gaps = name == "distance"
    if np.isinf(array).any() or (np.isnan(array).any() and not gaps):
        faults.append(f"{name} holds a value that is not a finite number")
    elif (array < 0).any() or (array > most).any():
        limit = "non-negative kilometres" if gaps else f"values from 0 to {most:g}"
        faults.append(f"{name} holds {limit}")
    if name == "rivalry" and np.diag(array).any():
        faults.append("rivalry has a diagonal that is not zero")
    np.fill_diagonal(array, 0.0)
    return np.ascontiguousarray(array)


def _row(name: str, given: ArrayLike | None, n: int, faults: list[str]) -> Floats:
    """Return `given` as an array (n,) of values from 0 to 1, zeros for None."""
    row = np.zeros(n) if given is None else np.array(given, dtype=np.float64)
    if row.shape != (n,):
        faults.append(f"{name} has the shape {row.shape}; {n} states need ({n},)")
        return np.zeros(n)
    if not np.isfinite(row).all() or (row < 0).any() or (row > 1).any():
        faults.append(f"{name} holds values from 0 to 1, one a state")
    return row
