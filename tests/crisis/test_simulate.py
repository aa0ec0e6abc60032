"""``simulate``: the labelled result, its folder, and what does not change it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from small import ALLIES_COME

import detente as dt
from detente.cli.crisis import crisis
from detente.crisis.model.escalation import build
from detente.crisis.questions.trajectories import trajectories
from detente.crisis.record.ladder import kahn, user_ladder
from detente.crisis.run.simulation import simulate
from detente.crisis.run.text import WAR_SIZES, summary
from detente.errors import ResultError, UnknownName, UsageError
from detente.results.building import variables_of
from detente.results.uncertainty import percent
from detente.testing import build as architecture

SMALL = {"days": 200, "replicas": 3000, "seed": 5}
TRIANGLE = architecture(
    {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0, "DDD": 2.0},
    rivals=[("AAA", "BBB", 4), ("AAA", "DDD", 3)],
    allies=[("BBB", "CCC"), ("AAA", "DDD")],
)


def test_the_result_is_the_same_for_any_number_of_threads():
    """One, two or five threads: the same to the last bit."""
    one, two, five = (simulate(TRIANGLE, threads=k, **SMALL).data for k in (1, 2, 5))

    assert one.identical(two)
    assert one.identical(five)


def test_another_seed_is_another_chance():
    """Two seeds differ, and agree within their errors."""
    a, b = (simulate(TRIANGLE, days=200, replicas=20_000, seed=k).data for k in (1, 2))
    gap = np.abs(a["reached"] - b["reached"])

    assert not a["reached"].equals(b["reached"])
    assert bool((gap <= 5 * np.hypot(a["reached_error"], b["reached_error"]) + 1e-9).all())


def test_every_variable_is_described():
    """Every variable of the result is in the table of variables, with its dimensions."""
    data = simulate(TRIANGLE, draws=0, **SMALL).data

    assert set(variables_of("detente.crisis.run")) == set(data.data_vars)
    assert all(
        variables_of("detente.crisis.run")[str(n)][0] == v.dims for n, v in data.data_vars.items()
    )


def test_probabilities_are_consistent():
    """A higher rung is reached no more often; shares of time and rungs add up to one."""
    data = simulate(TRIANGLE, **SMALL).data

    assert (np.diff(data["reached"].values, axis=1) <= 0).all()
    np.testing.assert_allclose(data["share_of_time"].sum("rung"), 1.0)
    np.testing.assert_allclose(data["on_rung"].sum("rung"), 1.0)
    assert 1.0 == pytest.approx(float(data["wars"].sum()))
    between = data["share_of_time"].values[:, 2:5].sum(axis=1)
    np.testing.assert_allclose(between, data["between"].values)


def test_a_result_is_seen_on_another_ladder():
    """A rung of one's own is reached when the standard rung below it is."""
    run = simulate(TRIANGLE, **SMALL)
    mine = run.on(user_ladder("three", {"peace": 0, "crisis": 3, "war": 5}))
    reached = run.data["reached"].values

    assert ["dyad", "peace", "crisis", "war"] == mine.columns
    assert reached[:, 3].tolist() == mine["crisis"].to_list()
    assert 1 + 44 == run.on(kahn()).width


def test_first_passage_quantiles_rise():
    """Where a rung is reached its quantiles rise and lie within the horizon."""
    found = simulate(TRIANGLE, **SMALL).data["first_passage"].values
    known = found[np.isfinite(found).all(axis=2)]

    assert (np.diff(known, axis=1) >= 0).all()
    assert known.min() > 0
    assert known.max() <= 200


def test_an_ally_of_both_sides_is_drawn_in_by_neither():
    """EEE is allied with both of two rivals, FFF with one of them: only FFF can be drawn in."""
    g = architecture(
        dict.fromkeys(("AAA", "BBB", "EEE", "FFF"), 1.0),
        rivals=[("AAA", "BBB", 4)],
        allies=[("AAA", "EEE"), ("BBB", "EEE"), ("BBB", "FFF")],
    )
    run = simulate(g, parameters={**ALLIES_COME, "rise.4": 0.5}, **SMALL)
    drawn = {s for s, p in run.states().select("state", "drawn_in").iter_rows() if p > 0}

    assert {"FFF"} == drawn


def test_nobody_is_drawn_in_where_nobody_turns_out():
    """With a turnout of 0 wars stay between the two who began them."""
    run = simulate(TRIANGLE, parameters={"turnout": 0.0, "rise.4": 0.5}, **SMALL)

    assert 0.0 == float(run.data["drawn_in"].sum())


def test_a_branching_ratio_of_one_is_refused_with_an_explanation():
    """The refusal says what would happen and what to lower."""
    with pytest.raises(UsageError, match=r"grows without end.*excitation\.own"):
        simulate(TRIANGLE, parameters={"excitation.own": 1.0})


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"days": 0}, UsageError),
        ({"replicas": 0}, UsageError),
        ({"parameters": {"nonsense": 1}}, UnknownName),
        ({"parameters": {"rise.1": 2.0}}, UsageError),
        ({"start": {"AAA-BBB": 6}}, UsageError),
        ({"start": {"CCC-DDD": 1}}, UnknownName),
    ],
)
def test_wrong_arguments_are_refused(wrong, error):
    """An argument that makes no sense is refused before anything is run."""
    with pytest.raises(error):
        simulate(TRIANGLE, **wrong)


def test_an_architecture_without_rivals_has_nothing_to_simulate():
    """Where nobody is hostile there is no dyad at risk."""
    with pytest.raises(UsageError, match="no rivalry"):
        simulate(architecture({"AAA": 1.0, "BBB": 1.0}))


@pytest.mark.parametrize("name", ["r.nc", "r.zarr"])
def test_a_saved_result_opens_again(tmp_path, name):
    """What is read back is what was written."""
    run = simulate(TRIANGLE, **SMALL)
    again = dt.open(run.save(tmp_path / name))

    assert run.dyads().equals(again.dyads())
    assert run.settings == again.settings
    assert repr(run) == repr(again)


def test_other_formats_and_faults_of_saving(tmp_path):
    """JSON and CSV are written; anything else is refused."""
    run = simulate(TRIANGLE, **SMALL)
    document = json.loads(run.save(tmp_path / "r.json").read_text())

    assert len(run.dyads()) == len(document["dyads"])
    assert "dyad" in run.save(tmp_path / "r.csv").read_text().splitlines()[0]
    with pytest.raises(ResultError):
        run.save(tmp_path / "r.xlsx")
    with pytest.raises(ResultError):
        dt.open(tmp_path / "nothing.nc")


def test_where_the_dyads_of_eurasia_stand():
    """Wars that go on stand on rung 5, threats and displays of the window between, others low."""
    model = build(dt.load("eurasia-2024"))
    at = dict(zip(model.names, model.rung, strict=True))

    assert (5, 3, 1) == (at["RUS-UKR"], at["RUS-USA"], at["BLR-POL"])
    assert all(model.reason)


def test_a_fresh_channel_lowers_the_chance_of_misreading():
    """RUS and USA spoke five days before the date; CHN and TWN have no channel."""
    model = build(dt.load("eurasia-2024"))
    factor = dict(zip(model.names, model.misread, strict=True))

    assert pytest.approx(1 - 0.3 * np.exp(-5 / 90)) == factor["RUS-USA"]
    assert 1.0 == factor["CHN-TWN"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["simulate", "two-blocs", "--replicas", "500"],
        ["simulate", "two-blocs", "--replicas", "500", "--format", "json"],
        ["simulate", "two-blocs", "--replicas", "500", "--format", "csv"],
        ["committor", "two-blocs", "--replicas", "200"],
        ["committor", "two-blocs", "--replicas", "200", "--format", "csv"],
        ["intervene", "two-blocs", "--replicas", "200", "--act", "hotline {}"],
        ["intervene", "two-blocs", "--replicas", "200", "--act", "hotline {}", "--format", "csv"],
        ["no-return", "two-blocs", "--replicas", "100", "--act", "hotline {}", "--paths", "1",
         "--set", "rise.4=0.5", "--set", "rate.rivalry=20", "--format", "json"],
    ],
)  # fmt: skip
def test_every_question_can_be_asked_on_the_command_line(arguments):
    """Each command answers in each format."""
    dyad = build(dt.load("two-blocs")).names[0]
    arguments = [a.format(dyad) for a in arguments]
    if arguments[0] in ("committor", "no-return"):
        arguments += ["--dyad", dyad, "--start", f"{dyad}=3"]
    out = CliRunner().invoke(crisis, arguments, catch_exceptions=False)

    assert 0 == out.exit_code
    if "json" in arguments:
        assert json.loads(out.output)
    elif "csv" in arguments:
        assert out.output.count("\n") > 1


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["--start", "AAA-BBB=2.7"], "a rung is a whole number"),
        (["--save", "a.txt"], "--save: 'a.txt' should end in .json or .nc or .zarr"),
        (["--save", "nowhere/a.nc"], "nowhere does not exist"),
        (["--report", "nowhere/a.html"], "nowhere does not exist"),
    ],
)
def test_what_could_not_be_kept_is_refused_before_the_work(option, words):
    """Wrong use is told at once, not after the simulation."""
    out = CliRunner().invoke(crisis, ["simulate", "two-blocs", *option])

    assert 2 == out.exit_code
    assert words in out.output


def test_none_of_the_replicas_has_no_error():
    """A share of none or all is printed without an error that would be zero."""
    assert ("0 %", "100 %") == (percent(0.0, 0.0), percent(1.0, 0.0))
    assert "38.4 ± 0.1 %" == percent(0.384, 0.001)


def test_trajectories_are_the_replicas_of_the_simulation():
    """Added up, the first 40 trajectories are the first 40 replicas."""
    given = {"days": 300, "seed": 9, "parameters": {"rise.4": 0.5, "rate.rivalry": 9.0}}
    run = simulate(TRIANGLE, replicas=40, **given).data
    events = trajectories(TRIANGLE, range(40), **given)
    incidents = events.filter(events["kind"].is_in(["incident", "rise"])).height
    entered = events.filter(events["kind"] == "entry").unique(["replica", "state"]).height

    assert pytest.approx(float(run["incidents"]) * 40) == incidents
    assert pytest.approx(float(run["drawn_in"].sum()) * 40) == entered
    assert entered > 0


def test_a_negative_replica_is_refused():
    """Replicas are numbered from 0."""
    with pytest.raises(UsageError):
        trajectories(TRIANGLE, [-1])


def test_the_room_is_light_until_it_is_asked():
    """Importing the questions loads neither xarray nor numba nor altair."""
    code = (
        "import sys, detente.cli.crisis, detente.crisis.run.simulation\n"
        "from detente.crisis.questions import committor, intervene, no_return, rare\n"
        "print(sorted({'xarray', 'numba', 'altair', 'scipy', 'pandas'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == out.stdout.strip()


def test_no_figure_of_another_scenario_stands_in_the_summary():
    """What is said of the size of wars has no number in it, and names a page that has them."""
    page = re.search(r"docs/\S+\.md", WAR_SIZES)[0]

    assert WAR_SIZES in summary(simulate(TRIANGLE, **SMALL))
    assert not re.search(r"\d|\b(two|three|four)\b|eurasia", WAR_SIZES)
    assert "war_sizes.py" in (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
