"""Names inside their states: where a box of writing fits into a shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.reporting.map.atlas import LETTER, LINE, Atlas, Box, Label

Points = NDArray[np.float64]
GRID = 17
"""How many places are tried from edge to edge of a shape, each way."""
PROBES = (7, 3)
"""Points of a box that must lie in the shape, across and down."""


def names_inside(
    plan: Atlas, texts: Mapping[str, str], taken: Sequence[Box] = ()
) -> tuple[list[Label], set[str], list[Box]]:
    """Place names upon the shapes that have room for them, the largest shapes first.

    A name of two words or more may take two lines. None covers another, or a box that is taken.

    Returns
    -------
    (list of Label, set of str, list of Box)
        A label for each line of writing; the codes that are named; the boxes that are taken.
    """
    placed: list[Label] = []
    named: set[str] = set()
    boxes = list(taken)
    rings = {code: _outer(plan.shapes[code]) for code in texts if code in plan.shapes}
    for code in sorted(rings, key=lambda code: -_area(rings[code])):
        for lines in _settings(texts[code]):
            width, height = LETTER * max(map(len, lines)), LINE * len(lines)
            at = _room(rings[code], width, height, (plan.width, plan.height), boxes)
            if at is None:
                continue
            x, y = at
            boxes.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
            first = y - LINE * (len(lines) - 1) / 2
            placed += [Label(line, x, first + LINE * k, "center") for k, line in enumerate(lines)]
            named.add(code)
            break
    return placed, named, boxes


def _settings(text: str) -> list[list[str]]:
    """Return a name on one line, and in two where it has two words."""
    words = text.split()
    if len(words) < 2:
        return [[text]]
    halves = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    return [[text], list(min(halves, key=lambda pair: max(map(len, pair))))]


def _outer(shape: Mapping[str, Any]) -> Points:
    """Return the outline of the largest part of a shape."""
    return max((np.asarray(polygon[0], dtype=float) for polygon in shape["coordinates"]), key=_area)


def _area(ring: Points) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def _room(
    ring: Points, width: float, height: float, frame: tuple[float, float], taken: Sequence[Box]
) -> tuple[float, float] | None:
    """Return the middle of a box in a ring, near the ring's middle; None if there is no room."""
    low, high = ring.min(axis=0), ring.max(axis=0)
    if (high - low < (width, height)).any():
        return None
    xs, ys = (np.linspace(a, b, GRID + 2)[1:-1] for a, b in zip(low, high, strict=True))
    middles = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    half = np.array([width, height]) / 2
    free = (middles - half >= 2).all(axis=1) & (middles + half <= np.array(frame) - 2).all(axis=1)
    for left, top, right, bottom in taken:
        free &= ~(
            (middles[:, 0] - half[0] < right)
            & (middles[:, 0] + half[0] > left)
            & (middles[:, 1] - half[1] < bottom)
            & (middles[:, 1] + half[1] > top)
        )
    middles = middles[free]
    if not len(middles):
        return None
    across, down = (np.linspace(-1, 1, count) for count in PROBES)
    probes = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2) * half
    fits = contains(ring, (middles[:, None, :] + probes).reshape(-1, 2))
    middles = middles[fits.reshape(len(middles), -1).all(axis=1)]
    if not len(middles):
        return None
    off = np.abs(middles - (low + high) / 2).sum(axis=1)
    x, y = middles[int(off.argmin())]
    return round(float(x), 1), round(float(y), 1)


def contains(ring: Points, points: Points) -> NDArray[np.bool_]:
    """Say which points lie in a ring, by how often a line to the right crosses it."""
    (x, y), (x2, y2) = ring.T, np.roll(ring, -1, axis=0).T
    px, py = points[:, :1], points[:, 1:]
    crosses = (y > py) != (y2 > py)
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (x2 - x) * (py - y) / (y2 - y) + x
    odd: NDArray[np.bool_] = ((crosses & (px < at)).sum(axis=1) % 2).astype(bool)
    return odd
