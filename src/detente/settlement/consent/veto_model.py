"""Veto players: the core of unanimity, and what all of them prefer to the status quo.

References
----------
Tsebelis, G. (2002), Veto Players: How Political Institutions Work, Princeton.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from detente.architecture.system import Floats
from detente.errors import UsageError
from detente.settlement.arguments import choice, matrix, vector
from detente.settlement.bargains.party_utility import utility

INSIDE = 1e-9
"""Distance from the hull below which a point counts as in it."""

SCRAMBLES, POINTS = 16, 1 << 13


class Winset(NamedTuple):
    """What all veto players prefer to the status quo.

    Attributes
    ----------
    area : float
        Its size (length, area or volume).
    error : float
        Standard error of `area`; 0 where it is exact.
    empty : bool
        Whether nothing beats the status quo for all of them.
    """

    area: float
    error: float
    empty: bool


def in_core(point: ArrayLike, ideal: ArrayLike) -> bool:
    """Say whether a point is in the core of unanimity: no other is better for all.

    For players who judge by straight distance it is the convex hull of their ideals.

    Parameters
    ----------
    point : array_like (D,)
        The point.
    ideal : array_like (n, D)
        Ideal point of each veto player.
    """
    wants = matrix("ideal", ideal)
    where = vector("point", np.atleast_1d(np.asarray(point)), wants.shape[1])
    return _in_hull(where, wants)


def absorbed(ideal: ArrayLike) -> NDArray[np.bool_]:
    """Say of each veto player whether it lies within the others' hull.

    Such a player changes neither the core nor whether the winset is empty.
    """
    wants = matrix("ideal", ideal)
    others = [np.delete(wants, k, axis=0) for k in range(len(wants))]
    return np.array([len(o) > 0 and _in_hull(wants[k], o) for k, o in enumerate(others)])


def winset(
    ideal: ArrayLike,
    status_quo: ArrayLike,
    *,
    salience: ArrayLike | None = None,
    distance: str = "straight",
    seed: int = 1,
) -> Winset:
    """Return the size of what every veto player strictly prefers to the status quo.

    Parameters
    ----------
    ideal : array_like (n, D)
        Ideal point of each veto player.
    status_quo : array_like (D,)
        Where things stand.
    salience : array_like (n, D), optional
        With ``"issues"``, how much each player cares about each dimension; alike if not given.
    distance : str
        ``"straight"``: Euclidean, on the whole plane; exact in two dimensions. ``"issues"``: the
        weighted sum of the distances on each issue, within [0, 1] on each; estimated by
        randomised Sobol points, with the standard error of 16 scrambles.
    seed : int
        Seed of the scrambles.
    """
    wants = matrix("ideal", ideal)
    where = vector("status_quo", np.atleast_1d(np.asarray(status_quo)), wants.shape[1])
    choice("distance", distance, ("straight", "issues"))
    if distance == "issues":
        worth = utility(wants, np.ones_like(wants) if salience is None else salience)
        before = worth(where)
        low, high = np.zeros(len(where)), np.ones(len(where))
        return _estimated(lambda x: np.all(worth(x) > before + 1e-12, axis=1), low, high, seed)
    if salience is not None:
        raise UsageError("salience goes with distance='issues'")
    if _in_hull(where, wants):
        return Winset(0.0, 0.0, True)
    radius = np.sqrt(((wants - where) ** 2).sum(axis=1))
    if wants.shape[1] == 2:
        return Winset(_lens(wants, radius), 0.0, False)
    low, high = (wants - radius[:, None]).max(axis=0), (wants + radius[:, None]).min(axis=0)
    if wants.shape[1] == 1:
        return Winset(float(high[0] - low[0]), 0.0, False)

    def better(x: Floats) -> NDArray[np.bool_]:
        apart = ((x[:, None, :] - wants) ** 2).sum(axis=2)
        closer: NDArray[np.bool_] = (apart < radius**2).all(axis=1)
        return closer

    return _estimated(better, low, high, seed)


def _in_hull(point: Floats, corners: Floats) -> bool:
    from scipy.optimize import nnls

    scale = max(1.0, float(np.abs(corners).max()))
    system = np.vstack([corners.T / scale, np.ones(len(corners))])
    return bool(nnls(system, np.append(point / scale, 1.0))[1] <= INSIDE)


def _lens(centre: Floats, radius: Floats) -> float:
    """Return the area common to discs, by Green's theorem along the arcs that bound it."""
    discs = np.unique(np.column_stack([centre, radius]), axis=0)
    if len(discs) == 1:
        return float(np.pi * radius[0] ** 2)
    area = 0.0
    for k, (x, y, r) in enumerate(discs):
        others = np.delete(discs, k, axis=0)
        cuts = []
        for ox, oy, o in others:
            apart = np.hypot(ox - x, oy - y)
            cosine = (apart**2 + r**2 - o**2) / (2 * apart * r)
            if abs(cosine) < 1:
                towards, spread = np.arctan2(oy - y, ox - x), np.arccos(cosine)
                cuts += [towards - spread, towards + spread]
        angles = np.sort(np.mod(cuts, 2 * np.pi)) if cuts else np.array([0.0])
        for first, last in zip(angles, np.append(angles[1:], angles[0] + 2 * np.pi), strict=True):
            middle = (first + last) / 2
            px, py = x + r * np.cos(middle), y + r * np.sin(middle)
            inside = np.hypot(px - others[:, 0], py - others[:, 1]) <= others[:, 2] + 1e-12
            if inside.all():
                area += (
                    0.5
                    * r
                    * (
                        x * (np.sin(last) - np.sin(first))
                        - y * (np.cos(last) - np.cos(first))
                        + r * (last - first)
                    )
                )
    return float(area)


def _estimated(
    better: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats, seed: int
) -> Winset:
    from scipy.stats import qmc

    size = float(np.prod(np.maximum(high - low, 0)))
    shares = []
    for k in range(SCRAMBLES):
        points = qmc.Sobol(len(low), seed=np.random.default_rng([seed, k])).random(POINTS)
        shares.append(float(better(low + points * (high - low)).mean()))
    error = float(np.std(shares, ddof=1) / np.sqrt(SCRAMBLES))
    return Winset(size * float(np.mean(shares)), size * error, not any(shares))
