"""Names inside their states: each lies in its shape, none covers another."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import detente as dt
from detente.reporting.map.atlas import LETTER, LINE, atlas
from detente.reporting.map.context import scene_of
from detente.reporting.map.names_inside import contains, names_inside

SQUARE = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])


@given(x=st.floats(-5, 15), y=st.floats(-5, 15))
def test_a_point_lies_in_a_square_if_both_its_coordinates_do(x, y):
    """The crossing rule says what comparing the edges says."""
    assume({x, y}.isdisjoint({0.0, 10.0}))
    expected = 0 < x < 10 and 0 < y < 10

    assert [expected] == contains(SQUARE, np.array([[x, y]])).tolist()


@pytest.fixture(scope="module")
def placed():
    """The names of Eurasia inside its states."""
    g = dt.load("eurasia-2024")
    around = scene_of(g)
    plan = atlas(list(g.system.codes), around, 2024)
    taken = [(300.0, 200.0, 420.0, 260.0)]
    labels, named, boxes = names_inside(
        plan, {code: around.names.full(code) for code in plan.shapes}, taken
    )
    return plan, around, labels, named, boxes


def test_large_states_bear_their_names(placed):
    """Whoever has room is named within itself, a long name in two lines."""
    _, _, labels, named, _ = placed

    assert {"RUS", "CHN", "IND", "KAZ", "MNG", "IRN"} <= named
    assert len(named) <= len(labels)


def test_no_name_covers_another_or_what_was_there(placed):
    """The boxes of all writing are apart from each other and from those that were taken."""
    for a, b in combinations(placed[-1], 2):
        assert a[0] >= b[2] or b[0] >= a[2] or a[1] >= b[3] or b[1] >= a[3]


def test_every_name_lies_in_its_shape(placed):
    """The corners of a name and its middle lie inside the outline of its state."""
    plan, around, labels, named, _ = placed
    lines = {code: around.names.full(code) for code in named}
    rings = [
        np.asarray(polygon[0], dtype=float)
        for code in named
        for polygon in plan.shapes[code]["coordinates"]
    ]

    assert len(lines) == len(named)
    for label in labels:
        half = LETTER * len(label.text) / 2
        corners = np.array(
            [
                (label.x + dx * half, label.y + dy * LINE / 2)
                for dx in (-0.99, 0, 0.99)
                for dy in (-0.49, 0, 0.49)
            ]
        )
        assert any(contains(ring, corners).all() for ring in rings), label.text
