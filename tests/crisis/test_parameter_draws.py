"""What assumed parameters make of a chance: intervals over draws, and relative statements first."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente as dt
from detente.crisis.model.settings import parameters
from detente.crisis.questions.intervene import relative as acts_against_nothing
from detente.crisis.run.draws_text import chances, times_as
from detente.crisis.run.parameter_draws import (
    draw_parameters,
    drawn_parameters,
    over_draws,
    quantiles,
    replicas_of_a_draw,
)
from detente.crisis.run.simulation import QUANTITIES, SimulatedDraw

QUICK = {"replicas": 400, "draws": 6}


@pytest.fixture(scope="module")
def run():
    """Return a small simulation with draws."""
    return dt.simulate("two-blocs", start={"LOM-VES": 4}, **QUICK)


def test_first_draws_are_those_of_a_longer_list():
    """Six draws are the first six of sixty, parameter by parameter."""
    names, few = draw_parameters(3, 6)
    again, many = draw_parameters(3, 60)

    assert names == again
    np.testing.assert_array_equal(few, many[:6])


@given(st.integers(0, 10_000))
def test_every_draw_lies_in_the_declared_range(seed):
    """No draw leaves the range that the table of parameters declares."""
    ranges = {p.name: p for p in parameters()}
    names, values = draw_parameters(seed, 5)

    assert all(
        ranges[name].low <= value <= ranges[name].high + 1e-12
        for name, column in zip(names, values.T, strict=True)
        for value in column
    )


def test_what_the_user_sets_and_what_holds_by_definition_is_not_drawn():
    """A parameter that is set is held at every draw; a definition is no assumption."""
    names = {p.name for p in drawn_parameters({"rise.4": 0.03})}

    assert "rise.4" not in names
    assert "entry.rung" not in names
    assert "rise.3" in names


def test_an_old_name_holds_the_parameter_that_took_its_place():
    """What is set under a name of an earlier version is held under that of this one."""
    with pytest.warns(FutureWarning):
        answer = dt.simulate("two-blocs", parameters={"quiet.1": 100.0}, **QUICK)

    assert answer.settings["held"] == ["stay.1"]


def test_same_bits_for_any_number_of_threads():
    """The draws of a simulation do not depend on how many threads ask."""
    one, three = (dt.simulate("two-blocs", threads=n, **QUICK) for n in (1, 3))

    for name in QUANTITIES:
        np.testing.assert_array_equal(one.data[f"{name}_draws"], three.data[f"{name}_draws"])


def test_a_draw_is_the_simulation_at_its_parameters(run):
    """What stands in a draw is what a simulation with those parameters answers."""
    names = run.data["drawn_parameter"].values.tolist()
    drawn = dict(zip(names, run.data["drawn"].values[2].tolist(), strict=True))
    again = dt.simulate(
        "two-blocs", start={"LOM-VES": 4}, parameters=drawn, draws=0,
        replicas=replicas_of_a_draw(400, 8),
    )  # fmt: skip

    assert float(again.data["any_war"]) == float(run.data["any_war_draws"][2])


def test_a_run_in_a_folder_goes_on_with_its_draws(tmp_path):
    """A run that is kept in a folder is the same when it is asked again, draws and all."""
    first, again = (dt.simulate("two-blocs", out=tmp_path / "run", **QUICK) for _ in range(2))

    assert first.data["war_draws"].equals(again.data["war_draws"])
    assert (tmp_path / "run" / "draws").is_dir()


def test_terminal_page_and_json_give_one_interval(run, tmp_path):
    """The interval over drawn parameters is the same in text, page, JSON and table."""
    low, high = (float(run.data[f"any_war_drawn_{end}"]) for end in ("low", "high"))
    words = f"{chances(low, high)} over drawn parameters"
    document = json.loads(json.dumps(run.to_dict()))
    page = run.report(tmp_path / "page.html").read_text("utf-8")

    assert words in repr(run)
    assert words in page
    assert (low, high) == (document["any_war_drawn_low"], document["any_war_drawn_high"])
    assert {"war_drawn_low", "war_drawn_high"} <= set(run.table().columns)
    assert document["reading"] == repr(run).splitlines()


def test_relative_statements_come_before_chances(run):
    """The first thing said compares; a chance and its Monte Carlo error, named apart, follow."""
    lines = repr(run).splitlines()

    assert "as likely as war on" in lines[1]
    said = next(k for k, line in enumerate(lines) if "newly reaches war in" in line)
    assert said > 1
    assert "Monte Carlo error" in lines[said]
    assert "parameters are assumed" in lines[said + 1]


def test_the_page_says_what_was_assumed_in_its_lead(run, tmp_path):
    """What was assumed stands in the same paragraph, and so in the same type, as the number."""
    page = run.report(tmp_path / "page.html").read_text("utf-8")
    start = page.index('class="lead"')
    lead = page[start : page.index("</p>", start)]

    assert "over drawn parameters" in lead
    assert "parameters are assumed" in lead
    assert "±" not in lead


def test_without_draws_the_text_says_so():
    """Without draws no interval is claimed, and the text says what is missing."""
    answer = dt.simulate("two-blocs", replicas=400, draws=0)

    assert "they were not drawn" in repr(answer)
    assert "any_war_draws" not in answer.data


def test_committor_and_simulate_say_what_differs_for_one_dyad():
    """The committor of a dyad gives what simulate answers for it, and says what parts the two."""
    start = {"LOM-VES": 3}
    answer = dt.committor("two-blocs", dyads="LOM-VES", start=start, map_replicas=0,
                          replicas=600, draws=4)  # fmt: skip
    simulated = dt.simulate("two-blocs", start=start, replicas=600, draws=0, method="events")

    expected = float(simulated.data["reached"].sel(dyad="LOM-VES", rung=5))
    assert expected == float(answer.data["within"])
    assert "simulate" in answer.reading
    assert "the first calm" in answer.reading
    assert "committor" in repr(simulated)


def test_acts_are_told_against_doing_nothing_at_every_draw():
    """How likely a war is with an act as without it is asked at each draw, by common chance."""
    answer = dt.intervene("two-blocs", ["hotline LOM-VES", "LOM shows restraint"],
                          start={"LOM-VES": 4}, replicas=600, draws=5)  # fmt: skip
    lines = acts_against_nothing(answer)

    assert 2 == len(lines)
    assert all("over drawn parameters" in line and "of 5 draws" in line for line in lines)
    assert answer.reading.splitlines()[0] == lines[0]
    assert (5, 2) == answer.data["war_draws"].shape


def test_a_rare_war_has_an_interval_over_draws():
    """The probability of a rare war has its interval over draws, and its error named apart."""
    answer = dt.rare("two-blocs", "LOM-VES", start={"LOM-VES": 3}, paths=20, repetitions=3,
                     draws=4)  # fmt: skip

    assert (4,) == answer.data["probability_draws"].shape
    assert "over drawn parameters" in answer.reading
    assert "Monte Carlo error" in answer.reading


class Exploding:
    """A question that has no answer at some draws."""

    def __init__(self, of, lost):
        self.of, self.lost = of, lost

    def __call__(self, address):
        """Answer with the number of the draw, or with nothing."""
        k = address["draw"]
        return {"any_war": np.array(np.nan if k in self.lost else k / 10)}


def test_draws_without_an_answer_are_counted_and_left_out(run):
    """An interval is over the draws that have an answer, and how many had none is kept."""
    asked = SimulatedDraw(_drawable(), "events")
    over = over_draws(Exploding(asked.of, {0, 3}), 5, {}, {"any_war": ((), "probability", "war")})

    assert 2 == over.settings["draws_undefined"]
    assert (0.11, 0.38) == pytest.approx(
        (over.variables["any_war_drawn_low"][1], over.variables["any_war_drawn_high"][1])
    )


def _drawable():
    from detente.crisis.run.parameter_draws import Drawable

    return Drawable(dt.load("two-blocs"), (), (), 10.0, 250, 1)


def test_quantiles_are_undefined_where_no_draw_has_an_answer():
    """Without an answer at any draw there is no interval, and no warning."""
    over = np.array([[np.nan, 0.1], [np.nan, 0.3]])
    low, high = quantiles(over)

    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert (0.11, 0.29) == pytest.approx((low[1], high[1]))


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.5, "half as likely as"), (2.0, "twice as likely as"), (1.02, "about as likely as"),
        (0.73, "0.73 times as likely as"), (float("nan"), "not comparably likely to"),
    ],
)  # fmt: skip
def test_ratios_in_words(ratio, words):
    """Half, twice and about the same are said in words."""
    assert words == times_as(ratio)
