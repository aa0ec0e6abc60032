"""Points of no return: on a chain that can be solved, and what is said where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from small import ALONE, PAIR, generator
from theory import exact

from detente.cli.crisis import crisis
from detente.crisis.model.acts import restrain
from detente.crisis.model.escalation import build
from detente.crisis.questions.no_return import Estimate, no_return
from detente.errors import Undefined, UsageError


def chain(values, act=None):
    """Return war before calm by rung for the single dyad, without an act or under one."""
    model = build(PAIR, values)
    return exact.committor(generator(model if act is None else act.act(model)), [0, 1], [5])


@settings(max_examples=12, deadline=None)
@given(
    rise=st.tuples(*[st.floats(0.1, 0.9)] * 3),
    rate=st.sampled_from([1.0, 4.0, 12.0]),
    restraint=st.sampled_from([0.3, 0.7, 1.0]),
)
def test_the_point_on_a_single_dyad_is_the_lowest_rung_where_nothing_helps(rise, rate, restraint):
    """The point is the first rung at which the chain is above a half without and with the act."""
    values = {
        **ALONE, "rate.rivalry": rate, "restraint": restraint,
        **{f"rise.{k}": p for k, p in zip((2, 3, 4), rise, strict=True)},
    }  # fmt: skip
    lowest = np.minimum(chain(values), chain(values, restrain("AAA")))[2:5]
    assume((np.abs(lowest - 0.5) > 0.1).all() and lowest[0] > 0.005)
    hopeless = np.flatnonzero(lowest > 0.5) + 2
    expected = int(hopeless[0]) if len(hopeless) else -1
    found = no_return(
        PAIR, restrain("AAA"), start={"AAA-BBB": 2}, parameters=values, paths=4, replicas=1000,
        days=36_500,
    ).data  # fmt: skip

    assert {expected} == set(found["rung"].values.tolist())
    assert (expected == -1) == bool(np.isnan(found["day"].values).all())


def test_the_committor_along_a_path_is_that_of_the_chain():
    """What stands at each turn is the chain's value at some rung, within its error."""
    values = {**ALONE, "rise.4": 0.3, "rise.3": 0.4, "rate.rivalry": 4.0}
    found = no_return(
        PAIR, "AAA stops supplying BBB", start={"AAA-BBB": 2}, parameters=values, paths=3,
        replicas=2000, days=36_500,
    ).data  # fmt: skip
    q = chain(values)
    high = found["highest_rung"].values

    assert (
        np.abs(found["highest"].values - q[high]) < 4 * np.maximum(found["highest_error"], 0.01)
    ).all()
    assert "probability" == found["untouched"].attrs["units"]
    assert (found["untouched"].isel(turn=0).notnull()).all()


def test_war_by_surprise_is_said_in_words():
    """Where no state reaches a half the reading says so, how high it was and what makes war."""
    values = {**ALONE, "rise.4": 0.05}
    found = no_return(
        PAIR, [restrain("AAA")], start={"AAA-BBB": 3}, parameters=values, paths=3, replicas=100
    )
    reading = found.data.attrs["reading"]

    assert "on none of these paths did any state before the war reach a half" in reading
    assert "rise.4 = 0.05 an incident" in reading
    assert "some act of the list brings" not in reading
    assert (found.data["highest"] < 0.5).all()


def test_an_act_that_helps_is_named_only_where_it_was_needed():
    """Where war is likelier than calm without the act and not with it, the act is named."""
    values = {**ALONE, "rise.4": 0.5, "restraint": 0.0, "rate.rivalry": 5.0}
    found = no_return(
        PAIR, [restrain("AAA")], start={"AAA-BBB": 3}, parameters=values, paths=3, replicas=200
    )

    assert "some act of the list brings its chance below a half" in found.data.attrs["reading"]
    assert ["AAA shows restraint"] * 3 == found.data["best"].values.tolist()


def test_an_estimate_is_on_a_side_only_beyond_three_standard_errors():
    """Ten of ten is on a side, nine of nine is not, and half of any number never is."""
    assert (1, 0, -1, 0) == tuple(
        Estimate(*counts).side for counts in ((10, 10), (9, 9), (0, 10), (500, 1000))
    )
    assert np.isnan(Estimate(0, 0).value)


def test_no_path_to_war_is_no_answer():
    """Where no path leads to war there is nothing to find, which is no wrong use."""
    calm = {**ALONE, "rise.4": 0.0}
    with pytest.raises(Undefined, match="no path of 2,000") as caught:
        no_return(PAIR, ["hotline AAA-BBB"], start={"AAA-BBB": 3}, parameters=calm)
    out = CliRunner().invoke(
        crisis, ["no-return", "two-blocs", "--act", "hotline HAR-UPL", "--paths", "0"]
    )

    assert (1, 2) == (caught.value.exit_code, out.exit_code)


def test_progress_is_told_path_by_path():
    """Who waits is told how many paths are done."""
    seen = []
    no_return(
        PAIR, ["hotline AAA-BBB"], start={"AAA-BBB": 3}, paths=2, replicas=20,
        parameters={"rise.4": 0.5}, progress=lambda *step: seen.append(step),
    )  # fmt: skip

    assert [("paths to war", k, 2) for k in range(3)] == seen


def test_dyads_at_war_are_refused():
    """A dyad that is at war cannot newly reach it."""
    with pytest.raises(UsageError, match="AAA-BBB is at war at the start"):
        no_return(PAIR, ["hotline AAA-BBB"], dyads="AAA-BBB", start={"AAA-BBB": 5})
