"""Work out which states of ``eurasia-2024`` are contiguous, from Natural Earth's polygons.

Usage (needs shapely, which detente does not)::

    python scripts/build_contiguity.py natural_earth_50m_countries.geojson.gz

Writes ``contiguity.csv`` of the scenario. The types are those of the Correlates of War Project
(Stinnett and others 2002): 1 a land or river border, else the shortest straight line over water
with no land on it, up to 12, 24, 150 and 400 statute miles. Distances are those between the
outlines of 1:50 million, good to a few kilometres; borders are drawn as that map draws them.
Nothing is fetched here, and the same input gives the same rows.
"""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from shapely.geometry import LineString, box, shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union
from shapely.strtree import STRtree

ROOT = Path(__file__).resolve().parent.parent
SCENARIO = ROOT / "src/detente/scenarios/eurasia-2024"
RADIUS_KM, MILE_KM = 6371.0088, 1.609344
BOUNDS = (12, 24, 150, 400)  # miles of types 2 to 5
TOUCHING = 1.5  # km: outlines that share a border lie closer
FINE, COARSE = 0.02, 0.15  # degrees between points of an outline
LAND = 0.03  # degrees of land that a line over water may cut off at its ends
MOST_LINES, MOST_A_POINT = 1500, 4  # lines of sight tried for a pair, and from one point
HOMELAND = {"FRA": box(-6, 41, 10, 52)}
"""Where a state's homeland lies, if its polygons have dependencies of COW's as well."""

Points = NDArray[np.float64]


def outline(area: BaseGeometry, step: float) -> Points:
    """Return points along the outline of an area, longitude and latitude, `step` apart."""
    rows = []
    for part in getattr(area, "geoms", [area]):
        ring = np.array(part.exterior.coords)
        for p, q in itertools.pairwise(ring):
            count = max(1, int(np.hypot(*(q - p)) / step))
            rows.append(p + (q - p) * np.arange(count)[:, None] / count)
    return np.vstack(rows)


def thinned(points: Points, step: float) -> Points:
    """Leave out points that lie closer than `step` to the last one kept."""
    kept = [0]
    for k in range(1, len(points)):
        if np.hypot(*(points[k] - points[kept[-1]])) >= step:
            kept.append(k)
    return points[kept]


def on_sphere(points: Points) -> Points:
    """Return points as unit vectors."""
    lon, lat = np.radians(points.T)
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])


def kilometres(chord: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the distance on the sphere of unit vectors that are a chord apart."""
    out: NDArray[np.float64] = 2 * RADIUS_KM * np.arcsin(np.clip(chord / 2, 0, 1))
    return out


class World:
    """The polygons of all countries, and lines of sight between those of a scenario."""

    def __init__(self, path: Path, codes: list[str]) -> None:
        parts: dict[str, list[BaseGeometry]] = {}
        for feature in json.loads(gzip.decompress(path.read_bytes()))["features"]:
            parts.setdefault(feature["properties"]["iso3"], []).append(shape(feature["geometry"]))
        areas = {code: unary_union(some) for code, some in parts.items()}
        for code, home in HOMELAND.items():
            areas[code] = areas[code].intersection(home)
        self.land = list(areas.values())
        self.tree = STRtree(self.land)
        self.coarse = {c: thinned(outline(areas[c], COARSE), 0.9 * COARSE) for c in codes}
        self.near = {c: cKDTree(on_sphere(outline(areas[c], FINE))) for c in codes}
        self.fine = {c: outline(areas[c], FINE) for c in codes}

    def clear(self, p: Points, q: Points) -> bool:
        """Say whether a straight line lies over water."""
        if abs(p[0] - q[0]) > 180:  # over the date line, where polygons are cut
            return True
        line = LineString([p, q])
        return sum(self.land[k].intersection(line).length for k in self.tree.query(line)) < LAND

    def gap(self, a: str, b: str) -> float | None:
        """Return the kilometres between two states, over water only; None if too far."""
        most = BOUNDS[-1] * MILE_KM
        chord, nearest = self.near[b].query(
            on_sphere(self.fine[a]), distance_upper_bound=2 * np.sin(most / RADIUS_KM / 2)
        )
        k = int(np.argmin(chord))
        if not np.isfinite(chord[k]):
            return None
        gap = float(kilometres(chord[k]))
        if gap < TOUCHING or self.clear(self.fine[a][k], self.fine[b][nearest[k]]):
            return gap
        one, two = self.coarse[a], self.coarse[b]
        apart = kilometres(np.linalg.norm(on_sphere(one)[:, None] - on_sphere(two)[None], axis=2))
        where = np.argwhere(apart <= most)
        used: Counter[tuple[str, int]] = Counter()
        tried = 0
        for i, j in where[np.argsort(apart[tuple(where.T)], kind="stable")]:
            if max(used[a, i], used[b, j]) >= MOST_A_POINT:
                continue
            used[a, i] += 1
            used[b, j] += 1
            tried += 1
            if self.clear(one[i], two[j]):
                return float(apart[i, j])
            if tried == MOST_LINES:
                break
        return None


def kind(gap: float) -> int:
    """Return the type of contiguity of two states so many kilometres apart."""
    return 1 if gap < TOUCHING else 2 + sum(gap > miles * MILE_KM for miles in BOUNDS)


def main() -> None:
    """Write the table."""
    with (SCENARIO / "states.csv").open(encoding="utf-8", newline="") as stream:
        codes = sorted(row["state"] for row in csv.DictReader(stream))
    world = World(Path(sys.argv[1]), codes)
    with (SCENARIO / "contiguity.csv").open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(
            ["state_a", "state_b", "type", "start", "end", "note", "source", "confidence"]
        )
        for a, b in itertools.combinations(codes, 2):
            gap = world.gap(a, b)
            if gap is not None:
                sure = "high" if gap < TOUCHING else "medium"
                note = "" if gap < TOUCHING else f"about {gap:.0f} km"
                table.writerow([a, b, kind(gap), "", "", note, "natural-earth-4", sure])


if __name__ == "__main__":
    main()
