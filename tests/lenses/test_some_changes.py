"""Some changes are answered by array operations, many by kernels: both as evaluating anew says."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import detente as dt
from detente import lenses
from detente.architecture.system import Moves
from detente.errors import Undefined
from detente.lenses import some_changes
from detente.lenses.protocol import Lens, reduce_deltas
from detente.testing import moves, systems

BY_ARRAYS = ("coalition", "contest", "hazard", "war_stability")
FIGURES = ("least", "most", "desire", "gain", "loss", "pays")


@pytest.mark.parametrize("most", [-1, some_changes.SOME], ids=["kernel", "arrays"])
@pytest.mark.parametrize("name", BY_ARRAYS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_either_way_gives_what_evaluating_anew_gives(name, most, data):
    """Deltas and verdicts of a dozen changes of ties, by the kernel and with nothing compiled."""
    system = data.draw(systems())
    lens = lenses.find(name)
    changes, values = data.draw(moves(system)), lens.values()
    try:
        expected = Lens.deltas(lens, system, changes, values)
    except Undefined:
        return

    with mock.patch.object(some_changes, "SOME", most):
        deltas = lens.deltas(system, changes, values)
        screen = lens.screen(system, changes, values, 1e-6)

    np.testing.assert_allclose(expected, deltas, rtol=1e-8, atol=1e-11)
    plain = reduce_deltas(expected, changes, 1e-6)
    for figure in FIGURES:
        np.testing.assert_allclose(
            getattr(plain, figure), getattr(screen, figure), rtol=1e-7, atol=1e-10, err_msg=figure
        )


def test_twins_and_idle_changes_are_told():
    """Changes to the same ties have one number, in any order of edits; those of none the last."""
    system = dt.load("two-blocs").system
    edits = [
        [(0, 1, 1.0, 0.0), (1, 2, 0.5, 0.0)],
        [(2, 1, 0.5, 0.0), (1, 0, 1.0, 0.0)],
        [],
        [(0, 1, float(system.allies[0, 1]), float(system.rivals[0, 1]))],
        [(0, 2, 0.25, 0.0)],
    ]
    changes = Moves.build(edits, [[0]] * 5)

    after = some_changes.after_each(system, changes)

    assert [0, 0, 2, 2, 1] == after.number.tolist()
    np.testing.assert_array_equal(system.allies, after.allies[2])
    assert 0.25 == after.allies[1, 2, 0] == after.allies[1, 0, 2]
