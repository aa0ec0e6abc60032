"""Where things lie on the map, in pixels: shapes, capitals, labels, the rail of external actors.

The globe is projected here, not in the browser, so that labels can be placed beside one another
and the page carries only what falls into the frame. The projection is Lambert's azimuthal
equal-area one: no state looks larger than it is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from detente.reporting.map.context import Scene

Points = NDArray[np.float64]
Spot = tuple[float, float]

WIDTH = 900
RAIL = 200
LEAST_SHARE = 0.6
"""Shapes are drawn where at least this share of the states has one."""
EPOCH = 2012
"""The shapes are those of this century; older scenarios are drawn as points."""
SMALL = 60.0
"""A state with less area than this, in square pixels, gets a dot as well."""
MANY = 30
"""A map of fewer states needs no detail."""
CROWD = 0.3
"""Share of the states that makes a part of the map a detail."""
ROOMY = 5000.0
"""A state with more area than this, in square pixels, has room for its name."""
FAR = 85.0
"""Degrees from the centre beyond which nothing is drawn."""
BOUNDARY_POLICY = (
    "Shapes follow Natural Earth's de facto boundaries; contested areas are marked as such; no "
    "shape, line or name endorses a claim."
)


@dataclass
class Atlas:
    """Everything that the map draws, in pixels from the upper left corner.

    Attributes
    ----------
    width, height : int
        Of the frame without the rail.
    shapes : dict of code to GeoJSON geometry
        States of the scenario.
    context : list of GeoJSON geometries
        Other land in the frame.
    spots : dict of code to (x, y)
        Where the lines of a state meet, external actors included.
    small : set of str
        Codes of the states that need a dot.
    roomy : set of str
        Codes of the states upon whose shape their name may stand.
    rail : list of str
        Codes of the external actors, in the rail from above.
    contested : list of (issue, label, geometry)
        Areas; geometry is a polygon or a point.
    """

    width: int
    height: int
    shapes: dict[str, dict[str, Any]] = field(default_factory=dict)
    context: list[dict[str, Any]] = field(default_factory=list)
    spots: dict[str, Spot] = field(default_factory=dict)
    small: set[str] = field(default_factory=set)
    roomy: set[str] = field(default_factory=set)
    rail: list[str] = field(default_factory=list)
    contested: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    @property
    def geographic(self) -> bool:
        """Whether it has shapes."""
        return bool(self.shapes)


Window = tuple[float, float, float, float]
"""Left, upper, right and lower edge of a part of a map, in its pixels."""


def atlas(codes: Sequence[str], scene: Scene, year: int, window: Window | None = None) -> Atlas:
    """Lay out the map of the states `codes` and of those without a figure.

    With a `window` of the map, that part of it alone, enlarged and without the rail; only for
    maps with shapes.

    Real states of this century get their shapes; where most states have none, points at their
    capitals; where these are not known either, a ring in the order of their camps.
    """
    everyone = [*codes, *(code for code in scene.missing if code not in codes)]
    inside = [code for code in everyone if code not in scene.external]
    shapes = _features("states.json")
    have = [code for code in inside if code in shapes]
    if year >= EPOCH and len(have) >= LEAST_SHARE * len(inside) > 0:
        plan = _geographic(inside, scene, window)
    elif all(code in scene.places for code in inside):
        plan = _scattered(inside, scene)
    else:
        plan = _ring(inside, scene)
    if window is not None:
        return plan
    plan.rail = [code for code in everyone if code in scene.external]
    step = min(30.0, (plan.height - 60) / max(len(plan.rail), 1))
    for row, code in enumerate(plan.rail):
        plan.spots[code] = (WIDTH + 34.0, 54.0 + row * step)
    return plan


def crowded(plan: Atlas) -> Window | None:
    """Return the part of a map that holds most of its states, if it deserves a picture.

    That is a third of the width with at least `CROWD` of the states; None if there is none.
    """
    spots = np.array([spot for code, spot in plan.spots.items() if code not in plan.rail])
    if not plan.geographic or len(spots) < MANY:
        return None
    size = np.array([0.36 * plan.width, 0.36 * 0.66 * plan.width])
    best, count = None, 0
    for x in np.arange(0, plan.width - size[0], 12.0):
        for y in np.arange(0, plan.height - size[1], 12.0):
            # A state at the very edge would have no room for its name.
            low, high = np.array([x, y]) + 0.04 * size, np.array([x, y]) + 0.96 * size
            inside = int(((spots >= low) & (spots <= high)).all(axis=1).sum())
            if inside > count:
                best, count = (x, y, x + size[0], y + size[1]), inside
    return best if count >= CROWD * len(spots) else None


@cache
def _features(name: str) -> Mapping[str, dict[str, Any]]:
    text = (files("detente.reporting.map") / "geometry" / name).read_text(encoding="utf-8")
    return {
        str(feature.get("id", k)): feature for k, feature in enumerate(json.loads(text)["features"])
    }


# Real states ----------------------------------------------------------------------------


def _lambert(points: Points, center: Spot) -> Points:
    """Project (longitude, latitude) in degrees to the plane; unit: radii of the globe."""
    lam, phi = np.radians(points[:, 0] - center[0]), np.radians(points[:, 1])
    phi0 = np.radians(center[1])
    cosine = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(lam)
    k = np.sqrt(2.0 / np.maximum(1.0 + cosine, 1e-6))
    x = k * np.cos(phi) * np.sin(lam)
    y = k * (np.cos(phi0) * np.sin(phi) - np.sin(phi0) * np.cos(phi) * np.cos(lam))
    return np.column_stack([x, -y])


def _within(points: Points, center: Spot) -> bool:
    lam, phi = np.radians(points[:, 0] - center[0]), np.radians(points[:, 1])
    phi0 = np.radians(center[1])
    cosine = np.sin(phi0) * np.sin(phi) + np.cos(phi0) * np.cos(phi) * np.cos(lam)
    return bool(cosine.min() > np.cos(np.radians(FAR)))


def _rings(geometry: Mapping[str, Any]) -> list[list[Points]]:
    """Return the polygons of a geometry, each a list of rings, the outer one first."""
    polygons = geometry["coordinates"]
    if geometry["type"] == "Polygon":
        polygons = [polygons]
    return [[np.asarray(ring, dtype=float) for ring in polygon] for polygon in polygons]


def _area(ring: Points) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return abs(float(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1)))) / 2


def _geographic(inside: Sequence[str], scene: Scene, window: Window | None) -> Atlas:
    features = _features("states.json")
    present = [code for code in inside if code in features]
    # The frame is fitted to the largest part of each state: overseas territory stays outside.
    mains = {code: _main(features[code]["geometry"]) for code in present}
    bodies = [ring for code in present for ring in _body(features[code]["geometry"])]
    center = _center(np.vstack(bodies))
    flat = np.vstack([_lambert(ring, center) for ring in bodies])
    low, high = flat.min(axis=0), flat.max(axis=0)
    margin = 12.0
    scale = (WIDTH - 2 * margin) / float(high[0] - low[0])
    height = round(min(780.0, scale * float(high[1] - low[1]) + 2 * margin))
    scale = min(scale, (height - 2 * margin) / float(high[1] - low[1]))
    shift = np.array([WIDTH, height]) / 2 - scale * (low + high) / 2
    if window is not None:
        larger = WIDTH / (window[2] - window[0])
        scale, shift = scale * larger, (shift - np.array(window[:2])) * larger
        height = round((window[3] - window[1]) * larger)

    def pixels(points: Points) -> Points:
        at: Points = _lambert(points, center) * scale + shift
        return at

    plan = Atlas(WIDTH, height)
    wanted = set(inside)
    for code, feature in features.items():
        shape, area = _shape(feature["geometry"], pixels, center, (WIDTH, height))
        if shape is None:
            continue
        if code in wanted:
            plan.shapes[code] = shape
            if area < SMALL:
                plan.small.add(code)
            elif area > ROOMY:
                plan.roomy.add(code)
        else:
            plan.context.append(shape)
    for code in inside:
        if code in scene.places:
            lat, lon = scene.places[code]
            x, y = pixels(np.array([[lon, lat]]))[0]
        elif code in mains:
            x, y = pixels(mains[code]).mean(axis=0)
        else:
            continue
        plan.spots[code] = (round(float(x), 1), round(float(y), 1))
        if code not in plan.shapes:
            plan.small.add(code)
    for feature in _features("contested.json").values():
        about, geometry = feature["properties"], feature["geometry"]
        if about["issue"] not in scene.contested:
            continue
        if geometry["type"] == "Point":
            at = np.array([geometry["coordinates"]], dtype=float)
            if not _within(at, center):
                continue
            x, y = pixels(at)[0]
            if 0 <= x <= WIDTH and 0 <= y <= height:
                spot = {"type": "Point", "coordinates": [round(float(x), 1), round(float(y), 1)]}
                plan.contested.append((about["issue"], about["label"], spot))
        else:
            shape, _ = _shape(geometry, pixels, center, (WIDTH, height))
            if shape is not None:
                plan.contested.append((about["issue"], about["label"], shape))
    return plan


def _main(geometry: Mapping[str, Any]) -> Points:
    return max((polygon[0] for polygon in _rings(geometry)), key=_area)


def _body(geometry: Mapping[str, Any]) -> list[Points]:
    """Return the largest ring and those of some size that lie within 50 degrees of it."""
    rings = [polygon[0] for polygon in _rings(geometry)]
    main = max(rings, key=_area)
    middle = main.mean(axis=0)
    return [
        ring
        for ring in rings
        if _area(ring) >= 0.02 * _area(main) and np.abs(ring.mean(axis=0) - middle).max() < 50
    ]


def _center(points: Points) -> Spot:
    """Return the middle of the points' box, in degrees."""
    low, high = points.min(axis=0), points.max(axis=0)
    return float(low[0] + high[0]) / 2, float(low[1] + high[1]) / 2


def _shape(
    geometry: Mapping[str, Any], pixels: Any, center: Spot, frame: tuple[int, int]
) -> tuple[dict[str, Any] | None, float]:
    """Return what of a geometry falls into the frame, and its area in square pixels."""
    polygons, total = [], 0.0
    for polygon in _rings(geometry):
        if not _within(polygon[0], center):
            continue
        outer = pixels(polygon[0])
        if (outer.max(axis=0) < 0).any() or (outer.min(axis=0) > frame).any():
            continue
        total += _area(outer)
        rings = [_thin(pixels(ring)) for ring in polygon]
        if len(rings[0]) >= 4:
            polygons.append([ring for ring in rings if len(ring) >= 4])
    if not polygons:
        return None, total
    return {"type": "MultiPolygon", "coordinates": polygons}, total


def _thin(ring: Points) -> list[list[float]]:
    """Round to tenths of a pixel and leave out points that lie on the one before."""
    kept: list[list[float]] = []
    for x, y in ring.round(1).tolist():
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) >= 1.0:
            kept.append([x, y])
    if len(kept) > 2 and kept[0] != kept[-1]:
        kept.append(kept[0])
    return kept


# Other states ---------------------------------------------------------------------------


def _scattered(inside: Sequence[str], scene: Scene) -> Atlas:
    """Put every state at its capital, the box stretched to the frame."""
    points = np.array([[scene.places[code][1], scene.places[code][0]] for code in inside])
    # Degrees of longitude shrink away from the equator.
    points[:, 0] *= np.cos(np.radians(points[:, 1].mean()))
    points[:, 1] *= -1
    low, size = points.min(axis=0), np.ptp(points, axis=0)
    span = np.maximum(size, 1e-9)
    height = int(np.clip(WIDTH * span[1] / span[0], 320, 520))
    margin = np.array([110.0, 50.0])
    spots = margin + (points - low) / span * (np.array([WIDTH, height]) - 2 * margin)
    plan = Atlas(WIDTH, height)
    plan.spots = {code: (float(x), float(y)) for code, (x, y) in zip(inside, spots, strict=True)}
    plan.small = set(inside)
    return plan


def _ring(inside: Sequence[str], scene: Scene) -> Atlas:
    """Put the states on a ring, camp by camp."""
    camps = scene.camps(tuple(inside))
    order = sorted(inside, key=lambda code: (camps[code], code))
    height = 520
    angle = 2 * np.pi * np.arange(len(order)) / max(len(order), 1)
    plan = Atlas(WIDTH, height)
    for code, a in zip(order, angle, strict=True):
        plan.spots[code] = (WIDTH / 2 + 300 * np.sin(a), height / 2 - 200 * np.cos(a))
    plan.small = set(inside)
    return plan


# Labels ---------------------------------------------------------------------------------


Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge, in pixels."""
LETTER, LINE = 7.8, 14.0
"""Pixels that a letter and a line of a label take, with the widest of the usual fonts."""


@dataclass(frozen=True, slots=True)
class Label:
    """A text beside a spot; `align` is ``"left"``, ``"right"`` or ``"center"``."""

    text: str
    x: float
    y: float
    align: str


def labels(
    wanted: Sequence[tuple[str, str]],
    spots: Mapping[str, Spot],
    frame: tuple[float, float],
    avoid: Collection[Spot] = (),
    gap: float = 9.0,
    on: Collection[str] = (),
    taken: Collection[Box] = (),
) -> list[Label]:
    """Place (code, text) beside their spots so that none covers another; the first come first.

    None covers a spot of `avoid` or a box that is `taken` by other writing, either.
    Those in `on` may stand upon their spot, as the name of a state upon its shape. A label for
    which there is no room is left out; what it says stands in the ranking.
    """
    busy: list[Box] = [*taken, *((x - 5, y - 5, x + 5, y + 5) for x, y in avoid)]
    placed: list[Label] = []
    for code, text in wanted:
        if code not in spots:
            continue
        x, y = spots[code]
        long = LETTER * len(text)
        for align, dx, dy in (
            *((("center", 0.0, 0.0),) if code in on else ()),
            ("left", gap, 0.0),
            ("right", -gap, 0.0),
            ("center", 0.0, -gap - 5),
            ("center", 0.0, gap + 5),
            ("left", gap - 1, -13.0),
            ("left", gap - 1, 13.0),
            ("right", 1 - gap, -13.0),
            ("right", 1 - gap, 13.0),
            ("center", 0.0, -gap - 17),
            ("center", 0.0, gap + 17),
            ("left", gap + 9, 0.0),
            ("right", -gap - 9, 0.0),
        ):
            left = x + dx - {"left": 0.0, "right": long, "center": long / 2}[align]
            box = (left, y + dy - LINE / 2, left + long, y + dy + LINE / 2)
            if box[0] < 2 or box[2] > frame[0] - 2 or box[1] < 2 or box[3] > frame[1] - 2:
                continue
            if any(_overlap(box, other) for other in busy):
                continue
            busy.append(box)
            placed.append(Label(text, x + dx, y + dy, align))
            break
    return placed


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
