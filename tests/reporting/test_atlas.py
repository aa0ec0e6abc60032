"""The layout of the map: projection, labels, camps, the crowded part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente as dt
from detente.reporting.map import chart
from detente.reporting.map.atlas import LETTER, LINE, Atlas, _lambert, atlas, crowded, labels
from detente.reporting.map.context import DrawnTie, Scene, scene
from detente.reporting.page import palette
from detente.words import Names


@given(
    st.floats(-180, 180),
    st.floats(-80, 80),
    st.floats(-60, 60),
    st.floats(-50, 60),
)
def test_the_projection_keeps_areas(lon0: float, lat0: float, east: float, north: float) -> None:
    """A small square of the globe has the same area on the map, wherever it lies."""
    lat = float(np.clip(lat0 + north, -85, 85))
    step = 0.01
    corners = np.array(
        [[lon0 + east + dx * step, lat + dy * step] for dx, dy in ((0, 0), (1, 0), (0, 1))]
    )
    origin, a, b = _lambert(corners, (lon0, lat0))
    u, v = a - origin, b - origin
    actual = abs(u[0] * v[1] - u[1] * v[0])
    side = np.radians(step)

    assert actual == pytest.approx(side * side * np.cos(np.radians(lat + step / 2)), rel=1e-2)


def test_the_center_of_the_projection_is_the_origin() -> None:
    """The point at the centre lies at zero, north of it is up."""
    at = _lambert(np.array([[75.0, 40.0], [75.0, 41.0]]), (75.0, 40.0))

    np.testing.assert_allclose(at[0], [0, 0], atol=1e-12)
    assert at[1, 1] < 0


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 500)), max_size=40))
def test_labels_never_cover_one_another_and_stay_in_the_frame(
    places: list[tuple[int, int]],
) -> None:
    """However close the spots, no two labels overlap and none is cut by the edge."""
    spots = {f"S{k}": (float(x), float(y)) for k, (x, y) in enumerate(places)}
    placed = labels([(code, f"State {code}") for code in spots], spots, (900, 500))
    boxes = []
    for label in placed:
        long = LETTER * len(label.text)
        left = label.x - {"left": 0.0, "right": long, "center": long / 2}[label.align]
        boxes.append((left, label.y - LINE / 2, left + long, label.y + LINE / 2))

    for k, a in enumerate(boxes):
        assert a[0] >= 0
        assert a[1] >= 0
        assert a[2] <= 900
        assert a[3] <= 500
        for b in boxes[:k]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_the_first_label_is_always_placed_where_there_is_room() -> None:
    """The least secure come first, so that they are named if anybody is."""
    spots = {"A": (400.0, 200.0), "B": (401.0, 201.0)}
    placed = labels([("A", "Aldia"), ("B", "Brenmark")], spots, (900, 500))

    assert placed[0].text == "Aldia"
    assert (placed[0].x, placed[0].y) == (409.0, 200.0)


def test_a_label_leaves_free_what_is_taken() -> None:
    """The name of a state moves aside for the name of an organisation at its spot."""
    box = (405.0, 195.0, 460.0, 205.0)
    placed = labels([("A", "Aldia")], {"A": (400.0, 200.0)}, (900, 500), taken=[box])

    assert "right" == placed[0].align


def test_the_name_of_an_organisation_covers_no_state_and_no_other_name() -> None:
    """Long names in a crowd stand clear of dots, of one another and of the frame's edge."""
    spots = {f"S{k}": (60.0 + 35 * (k % 5), 60.0 + 30 * (k // 5)) for k in range(20)}
    plan = Atlas(900, 500, spots=spots, small=set(spots))
    codes = ("UNITED_NATIONS_1942", "CHAPULTEPEC", "RIO_PACT")
    ties = tuple(DrawnTie("organisation", code, state, "") for code in codes for state in spots)
    boxes = chart._hub_boxes(plan, Scene(Names({}, {}), frozenset(), (), ties))
    dots = [(x - 11, y - 11, x + 11, y + 11) for x, y in spots.values()]

    assert 3 == len(boxes)
    for k, a in enumerate(boxes):
        assert 0 <= a[0] < a[2] <= 900
        for b in [*boxes[:k], *dots]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


@pytest.fixture(scope="module")
def eurasia() -> tuple[Scene, Atlas]:
    """The scene and the layout of the map of Eurasia."""
    g = dt.load("eurasia-2024")
    seen = scene(dt.audit(g, "UKR joins NATO", draws=0, alternatives=False))
    return seen, atlas(g.system.codes, seen, 2024)


def test_every_state_has_its_place(eurasia: tuple[Scene, Atlas]) -> None:
    """States of the region lie in the frame, external actors in the rail, none is lost."""
    seen, plan = eurasia

    assert set(dt.load("eurasia-2024").codes) == set(plan.spots)
    assert set(seen.external) == set(plan.rail)
    for code, (x, y) in plan.spots.items():
        assert 0 <= y <= plan.height
        assert (x > plan.width) == (code in plan.rail)
    assert all(
        code in plan.shapes or code in plan.small for code in plan.spots if code not in plan.rail
    )


def test_contested_areas_belong_to_nobodys_shape_and_name_their_claimants(
    eurasia: tuple[Scene, Atlas],
) -> None:
    """Each contested matter on the map has the positions of all who claim it, with names."""
    seen, plan = eurasia

    assert {"crimea", "kosovo", "taiwan", "kashmir"} <= {issue for issue, _, _ in plan.contested}
    assert any(text.startswith("Ukraine (UKR): ") for text in seen.contested["crimea"])
    assert any(text.startswith("Russia (RUS): ") for text in seen.contested["crimea"])


def test_the_crowded_part_holds_a_third_of_the_states(eurasia: tuple[Scene, Atlas]) -> None:
    """The detail is where the states lie closest, and enlarging it keeps their order."""
    seen, plan = eurasia
    window = crowded(plan)
    assert window is not None
    inside = [
        code
        for code, (x, y) in plan.spots.items()
        if window[0] <= x <= window[2] and window[1] <= y <= window[3]
    ]
    close = atlas(dt.load("eurasia-2024").system.codes, seen, 2024, window)

    assert len(inside) >= 0.3 * len(plan.spots)
    assert {"DEU", "POL", "UKR"} <= set(inside)
    assert close.spots["PRT"][0] < close.spots["DEU"][0] < close.spots["UKR"][0]
    assert close.rail == []


@pytest.mark.parametrize("name", ["two-blocs", "europe-1936"])
def test_invented_and_historic_states_are_points(name: str) -> None:
    """Today's shapes are not lent to states that are not today's."""
    g = dt.load(name)
    seen = scene(dt.audit(g, draws=0, alternatives=False))
    plan = atlas(g.system.codes, seen, g.date.year)

    assert not plan.geographic
    assert plan.small == set(g.codes)
    assert crowded(plan) is None


def test_states_without_a_place_stand_on_a_ring() -> None:
    """Where no capital is known, every state still has a spot of its own."""
    seen = Scene(Names({}, {}), frozenset(), ())
    plan = atlas(("A", "B", "C", "D"), seen, 2024)

    assert len(set(plan.spots.values())) == 4


def test_camps_are_what_alliances_join_directly_or_through_others() -> None:
    """A rivalry joins nobody, an organisation joins its members, a treaty joins camps."""
    ties = (
        DrawnTie("organisation", "PACT", "A", ""),
        DrawnTie("organisation", "PACT", "B", ""),
        DrawnTie("treaty", "B", "C", ""),
        DrawnTie("rivalry", "C", "D", ""),
    )
    camps = Scene(Names({}, {}), frozenset(), (), ties).camps(("A", "B", "C", "D"))

    assert {"A": 0, "B": 0, "C": 0, "D": 1} == camps


def test_dark_is_less_secure_everywhere() -> None:
    """The scale falls in lightness from the most to the least secure fifth."""
    bounds = palette.edges([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])

    def light(color: str) -> float:
        red, green, blue = (int(color[k : k + 2], 16) for k in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    shades = [light(palette.shade(x, bounds)) for x in (0.1, 0.25, 0.35, 0.45, 0.6)]
    assert shades == sorted(shades)
    assert len(set(shades)) == 5


def test_a_result_without_its_ties_still_has_a_map(tmp_path: object) -> None:
    """A saved result of a changed scenario knows no ties: the map has none and the page says so."""
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    g = dt.load("two-blocs").apply(dt.join("MIR", "LEAGUE"))
    audit = dt.audit(g, draws=0, alternatives=False)
    saved = dt.open(audit.save(tmp_path / "result.nc"))
    seen = scene(saved)

    assert not seen.known
    assert seen.ties == ()
    assert chart.world(saved, saved.lenses[0]) is not None


def test_states_as_low_as_those_named_are_counted():
    """Of many states that stand alike none is singled out without a word on the others."""
    flat = {"A": 0.0, "B": 0.0, "C": 0.0, "D": 0.0, "E": 0.0, "F": 1.0}
    steep = {"A": 3.0, "B": 1.0, "C": 2.0, "D": 4.0, "E": float("nan")}

    assert chart.least_secure(flat, flat, str) == "A, B, C and 2 others as low as the last"
    assert chart.least_secure(steep, steep, str) == "B, C and A"
