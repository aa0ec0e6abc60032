"""The map has every state, marks every contested matter, and has no line across it."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from bundled_tables import ROOT, Tables

GEOMETRY = ROOT / "src" / "detente" / "reporting" / "map" / "geometry"
Feature = dict[str, Any]


@pytest.fixture(scope="module")
def shapes() -> dict[str, Feature]:
    """Return the shapes of states by code."""
    read = json.loads((GEOMETRY / "states.json").read_text(encoding="utf-8"))
    return {feature["id"]: feature for feature in read["features"]}


@pytest.fixture(scope="module")
def marks() -> list[Feature]:
    """Return polygons and markers of contested areas."""
    read = json.loads((GEOMETRY / "contested.json").read_text(encoding="utf-8"))
    features: list[Feature] = read["features"]
    return features


def inside(ring: list[list[float]], lon: float, lat: float) -> bool:
    """Return whether a place lies inside a ring (even-odd rule)."""
    crossings = 0
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
            crossings += 1
    return crossings % 2 == 1


def holders(shapes: dict[str, Feature], lon: float, lat: float) -> set[str]:
    """Return the codes of the states in whose shape a place lies."""
    return {
        code
        for code, feature in shapes.items()
        if any(inside(polygon[0], lon, lat) for polygon in feature["geometry"]["coordinates"])
    }


def test_every_state_of_the_scenario_has_a_shape(
    shapes: dict[str, Feature], eurasia: Tables
) -> None:
    """Codes, names and roles of the map are those of the scenario."""
    expected = {r["state"]: (r["name"], r["role"]) for r in eurasia["states"]}
    actual = {
        code: (f["properties"]["name"], f["properties"]["role"])
        for code, f in shapes.items()
        if f["properties"]["role"] != "context"
    }

    assert expected == actual


def test_no_capital_lies_in_another_state_unless_the_city_is_disputed(
    shapes: dict[str, Feature], eurasia: Tables
) -> None:
    """Shapes carry the right codes; only Jerusalem lies in a shape that is not its claimant's."""
    elsewhere = {
        r["state"]: holders(shapes, float(r["lon"]), float(r["lat"])) - {r["state"]}
        for r in eurasia["states"]
    }

    assert {"ISR": {"PSE"}} == {code: others for code, others in elsewhere.items() if others}


def test_rings_are_closed(shapes: dict[str, Feature], marks: list[Feature]) -> None:
    """Every ring ends where it began and encloses something."""
    polygons = [f for f in (*shapes.values(), *marks) if f["geometry"]["type"] == "MultiPolygon"]
    open_rings = [
        f["properties"]
        for f in polygons
        for polygon in f["geometry"]["coordinates"]
        for ring in polygon
        if ring[0] != ring[-1] or len(ring) < 4
    ]

    assert [] == open_rings


def test_no_polygon_smears_across_the_map(shapes: dict[str, Feature]) -> None:
    """No side of a polygon is long enough to be an artefact of the antimeridian."""
    longest = max(
        abs(a[0] - b[0])
        for f in shapes.values()
        for polygon in f["geometry"]["coordinates"]
        for ring in polygon
        for a, b in itertools.pairwise(ring)
    )

    assert longest < 30


def test_russia_is_one_piece_beyond_the_antimeridian(shapes: dict[str, Feature]) -> None:
    """Chukotka continues past 180 degrees instead of starting again at -180."""
    lons = [lon for polygon in shapes["RUS"]["geometry"]["coordinates"] for lon, _ in polygon[0]]

    assert min(lons) > 15
    assert 185 < max(lons) < 195


def test_every_contested_matter_is_marked(marks: list[Feature], eurasia: Tables) -> None:
    """Every issue of contested.csv has a marker, and no marker is without an issue."""
    issues = {r["issue"] for r in eurasia["contested"]}
    points = {f["properties"]["issue"] for f in marks if f["geometry"]["type"] == "Point"}

    assert issues == points
    assert {f["properties"]["issue"] for f in marks} <= issues


def test_crimea_belongs_to_no_shape(shapes: dict[str, Feature], marks: list[Feature]) -> None:
    """The peninsula is drawn as a contested area, in nobody's colour."""
    areas = [
        f["properties"]["issue"]
        for f in marks
        if f["geometry"]["type"] == "MultiPolygon"
        and any(inside(p[0], 34.1, 45.2) for p in f["geometry"]["coordinates"])
    ]

    assert set() == holders(shapes, 34.1, 45.2)
    assert ["crimea"] == areas


def test_the_map_stays_small() -> None:
    """The states' shapes fit into 250,000 bytes, so that a report can carry them."""
    assert (GEOMETRY / "states.json").stat().st_size < 250_000
