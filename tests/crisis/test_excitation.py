"""Background, excitation and memory from incident days: recovered, bounded and refused."""

from __future__ import annotations

import datetime as dt
import json
import math

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from test_events import icews
from theory import exact

from detente.cli import cli
from detente.crisis.calibration.events import COLUMNS, Events
from detente.crisis.calibration.excitation import SHORTEST, Sample, fit_events, intervals
from detente.crisis.calibration.excitation_kernel import draw_days, fit_backgrounds
from detente.crisis.model.parameter_file import read_parameters, write_parameters
from detente.errors import DataError, Undefined, UnknownName, UsageError

BEGIN = dt.date(1970, 1, 1)


def events_of(lists, *, until=None):
    """Return events of dyads AAA-BBB, AAC-BBC and so on from their incident days."""
    rows = [
        (BEGIN + dt.timedelta(days=int(day)), f"AA{chr(65 + k)}", f"BB{chr(66 + k)}", "190", 4, "f")
        for k, days in enumerate(lists)
        for day in days
    ]
    if until is not None:
        rows.append((BEGIN + dt.timedelta(days=until), "XXX", "YYY", "010", 0, "f"))
    rows.append((BEGIN, "XXX", "YYY", "010", 0, "f"))
    table = pl.DataFrame(rows, schema=COLUMNS, orient="row").sort("day")
    return Events(table, ("ucdp_events",), {})


def draw(background, n, memory, horizon, seed=1):
    """Return incident days drawn from the day-stepped process."""
    uniform = np.random.default_rng(seed).random((horizon, len(background)))
    days = draw_days(
        uniform, np.array(background), n, math.exp(-1 / memory), np.empty(len(background))
    )
    return [np.flatnonzero(column).tolist() for column in days.T]


def plain_likelihood(days, horizon, mu, n, q):
    """Return the log-likelihood of one dyad, day by day over all pairs of days."""
    total, happened = 0.0, set(days)
    for t in range(horizon):
        rate = mu + n * sum((1 - q) * q ** (t - s - 1) for s in days if s < t)
        total += math.log(1 - math.exp(-rate)) if t in happened else -rate
    return total


def test_incidents_before_the_window_condition_it():
    """The sum over pairs of days takes earlier incidents as causes and not as what is observed."""
    window, before, horizon, n, q = [[3, 4, 17], [], [9]], [[-30, -2, -1], [-4], []], 40, 0.4, 0.9
    sample = Sample.of(window, horizon, before)
    background = np.zeros(3)
    total = fit_backgrounds(
        sample.days, sample.ptr, horizon, n, q, np.empty(len(sample.days)), background
    )

    def plain(factor):
        likelihood = 0.0
        for days, old, mu in zip(window, before, background * factor, strict=True):
            happened = set(days)
            for t in range(horizon):
                rate = mu + n * sum((1 - q) * q ** (t - s - 1) for s in [*old, *days] if s < t)
                likelihood += math.log(-math.expm1(-rate)) if t in happened else -rate
        return likelihood

    assert before == sample.before()
    assert pytest.approx(plain(1.0)) == total
    assert 0.0 == background[1]
    assert plain(1.0) > max(plain(0.99), plain(1.01))


def test_a_window_after_a_burst_does_not_take_its_echo_for_background():
    """With what came before, the background is lower than without: the echo has a cause."""
    burst = list(range(0, 60, 2))
    lists = [[*burst, 64, 70, 80, 200 + 40 * k, 420] for k in range(5)]
    events = events_of(lists, until=1000)
    first = BEGIN + dt.timedelta(days=61)
    whole = fit_events(events, rung=4, first=first, resamples=10)
    later = Events(events.table.filter(pl.col("day") >= first), events.kinds, {})
    blind = fit_events(later, rung=4, first=first, resamples=10)

    assert whole.incident_days == blind.incident_days
    assert any("before the window raise the chances" in note for note in whole.notes)
    assert not any("before the window" in note for note in blind.notes)
    assert whole.mean[0] != blind.mean[0]


@pytest.mark.parametrize("day", [0, 1, 5, 40])
@pytest.mark.parametrize("n", [0.0, 0.3, 2.0])
def test_the_background_after_a_burst_is_the_likeliest_of_all(day, n):
    """Where what came before explains an incident, none is left for the background."""
    days, horizon, q = [*range(-61, 0, 2), day], 940, math.exp(-1 / 13.7)
    sample = Sample.of([[day]], horizon, [days[:-1]])
    background = np.zeros(1)
    fitted = fit_backgrounds(
        sample.days, sample.ptr, horizon, n, q, np.empty(len(days)), background
    )

    excited = n * sum((1 - q) * q ** (day - s - 1) for s in days[:-1])
    caused = n * sum(
        q ** (max(-s - 1, -1)) * (1 - q**horizon) if s < 0 else 1 - q ** (horizon - 1 - s)
        for s in days
    )

    def plain(mu):
        rate = mu + excited
        return math.log(-math.expm1(-rate)) + rate - mu * horizon - caused

    assert fitted == pytest.approx(plain(background[0]), rel=1e-9)
    for other in (background[0] + 1e-5, background[0] * 0.99, 1e-3, 1e-2):
        assert other + excited == 0 or plain(other) <= fitted + 1e-9


def test_the_kernel_is_the_plain_sum():
    """The likelihood at the fitted backgrounds is the sum over days, and their maximum."""
    lists, horizon, n, q = [[3, 4, 17, 60], [], [10, 11, 12]], 80, 0.4, 0.9
    sample = Sample.of(lists, horizon)
    background = np.zeros(3)
    found = fit_backgrounds(
        sample.days, sample.ptr, horizon, n, q, np.empty(len(sample.days)), background
    )

    def plain(factor):
        return sum(
            plain_likelihood(days, horizon, mu * factor, n, q)
            for days, mu in zip(lists, background, strict=True)
            if days
        )

    assert pytest.approx(plain(1.0)) == found
    assert 0.0 == background[1]
    assert plain(0.98) < found
    assert plain(1.02) < found


def test_the_process_behind_many_days_is_recovered():
    """Ten dyads over twenty years: the truth lies within each interval, and near."""
    lists = draw([0.01] * 10, 0.5, 20.0, 7305, seed=2)
    found = fit_events(events_of(lists, until=7304), rung=4, resamples=40)

    for truth, (middle, low, high) in (
        (0.01 * 365.25, found.mean), (0.5, found.branching), (20.0, found.memory),
    ):  # fmt: skip
        assert low < truth < high
        assert pytest.approx(truth, rel=0.25) == middle
    assert found.gain > 10


def test_intervals_do_not_count_a_bias_twice():
    """Where resamples lie below the estimate the interval reaches above it, within the limits."""
    spread = np.column_stack(
        [np.linspace(9.0, 11.0, 101), np.linspace(0.3, 0.5, 101), np.linspace(6.0, 12.0, 101)]
    )
    low, high = intervals((9.5, 0.45, 10.0), spread, 1000)
    below, above = intervals((9.5, 0.9, 10.0), spread * [1.0, 1.0, 0.001], 30)

    assert pytest.approx([19 - 10.9, 0.9 - 0.49, 100 / 11.7]) == low
    assert pytest.approx([19 - 9.1, 0.9 - 0.31, 100 / 6.3]) == high
    assert 1.0 == above[1]
    assert SHORTEST <= below[2] <= above[2] == 7.5


def test_an_interval_holds_the_estimate_and_has_a_width_at_zero():
    """Without excitation in the fit the upper end is that of the resamples."""
    spread = np.column_stack([np.full(20, 9.0), np.linspace(0, 0.2, 20), np.full(20, 3.0)])
    low, high = intervals((10.0, 0.0, 4.0), spread, 1000)

    assert 0.0 == low[1]
    assert pytest.approx(0.19) == high[1]
    assert low[0] <= 10.0 <= high[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_short_record_does_not_rule_out_the_branching_behind_it(seed):
    """Eight dyads over three years: estimates lie low, and the interval still reaches the truth."""
    lists = draw([8 / 365.25] * 8, 0.5, 15.0, 1096, seed=seed)
    found = fit_events(events_of(lists, until=1095), rung=4, resamples=50)

    assert found.branching[1] <= 0.5 <= found.branching[2]


def test_days_of_a_process_in_continuous_time_give_its_parameters():
    """Hawkes's process, thinned by Ogata and seen by days, is recovered while it is rare."""
    random = np.random.default_rng(3)
    lists = [
        sorted({int(t) for t in exact.thin(0.01, 0.5 / 20, 1 / 20, 7300.0, random)})
        for _ in range(10)
    ]
    (n, memory), _ = Sample.of(lists, 7300).likeliest()

    assert pytest.approx((0.5, 20.0), rel=0.2) == (n, memory)


def test_without_excitation_none_is_found():
    """Days that come by chance alone: a branching ratio near zero, and no gain to speak of."""
    found = fit_events(events_of(draw([0.02] * 5, 0.0, 10.0, 3000)), rung=4, resamples=20)

    assert found.branching[1] < 0.05
    assert found.branching[0] < 0.15
    assert found.gain < 4


def test_quiet_and_busy_dyads_do_not_pass_for_excitation():
    """Every dyad has a background of its own."""
    lists = draw([0.002, 0.1], 0.0, 10.0, 3000)
    found = fit_events(events_of(lists), rung=4, resamples=5)

    assert found.branching[0] < 0.15
    assert found.background[1] > 20 * found.background[0]


def test_a_branching_ratio_of_one_is_refused_with_an_explanation():
    """Incidents that become ever more frequent have no fit: the refusal says what to try."""
    days = sorted({int(2000 - 2000 * 0.97**k) for k in range(150)})
    with pytest.raises(Undefined, match=r"branching ratio is .*grows without end.*--from"):
        fit_events(events_of([days]), rung=4)


def test_a_named_dyad_without_an_incident_counts(tmp_path):
    """A dyad that was quiet all the time lowers the mean background."""
    events = events_of(draw([0.02], 0.3, 10.0, 2000))
    one = fit_events(events, dyads=[("AAA", "BBB")], rung=4, resamples=5)
    two = fit_events(events, dyads=[("BBB", "AAA"), ("DZA", "AND")], rung=4, resamples=5)

    assert pytest.approx(one.mean[0] / 2) == two.mean[0]
    assert one.branching[0] == two.branching[0]


def test_a_side_that_nobody_knows_is_refused():
    """A code without any event that is no state's counts as unknown, not as quiet."""
    events = events_of(draw([0.02], 0.3, 10.0, 2000))

    with pytest.raises(UnknownName, match=r"'CCC'.*no event at all"):
        fit_events(events, dyads=[("AAA", "BBB"), ("CCC", "AAA")], rung=4)


def test_options_that_say_nothing_of_events_are_refused(tmp_path):
    """The last year of the disputes beside event files, and a window that ends before it begins."""
    file = icews(tmp_path / "one.tab", [("2019-03-01", "India", "Pakistan", "190")])
    words = ["calibrate", "crisis", "--events", str(file)]
    until = CliRunner().invoke(cli, [*words, "--until", "1950"])
    window = CliRunner().invoke(cli, [*words, "--from", "2021-01-01", "--to", "2020-01-20"])

    assert 2 == until.exit_code
    assert "--until is for a table of disputes" in until.stderr
    assert "ends on 2020-01-20, before it begins on 2021-01-01" in str(window.exception)


def test_a_dyad_with_an_incident_on_nearly_every_day_is_left_out():
    """Nothing can be said of its rhythm, and a note says so."""
    events = events_of([list(range(1000)), *draw([0.05], 0.3, 10.0, 1000)])
    found = fit_events(events, rung=4, resamples=5)

    assert (("AAB", "BBC"),) == found.dyads
    assert any("AAA-BBB" in note for note in found.notes)


@pytest.mark.parametrize(
    ("lists", "given", "words"),
    [
        ([[1, 500]], {}, "too few for a fit"),
        ([[1, 5]], {}, "6 days from"),
        ([[1, 500]], {"rung": 5}, "never a war"),
        ([[1, 500]], {"rung": 0}, "between 1 and 4"),
    ],
)
def test_too_little_is_refused(lists, given, words):
    """Few incident days, a short window or a rung that no event has."""
    with pytest.raises(UsageError, match=words):
        fit_events(events_of(lists), **{"rung": 4, **given})


def test_the_window_can_be_named():
    """Only days in it count, and they set the rates."""
    events = events_of(draw([0.05], 0.0, 10.0, 3000))
    half = fit_events(events, rung=4, last=BEGIN + dt.timedelta(days=1499), resamples=5)

    assert (BEGIN, 1500) == (half.first, (half.last - half.first).days + 1)
    assert half.incident_days < 0.6 * fit_events(events, rung=4, resamples=5).incident_days


def test_the_parameters_are_those_of_the_model():
    """The background of the model is that on the lowest rung: the fitted one without the heat."""
    found = fit_events(events_of(draw([0.02] * 3, 0.3, 10.0, 3000)), rung=4, resamples=5)

    assert {
        "rate.rivalry": found.mean[0] / 6.0,
        "excitation.own": found.branching[0],
        "excitation.memory": found.memory[0],
    } == found.parameters(stood=2)
    assert found.mean[0] == found.parameters(stood=0)["rate.rivalry"]


def test_the_command_goes_from_files_to_a_simulation(tmp_path):
    """Two event files are fitted, the parameters kept, and a simulation takes them."""
    lists = draw([0.02, 0.02], 0.4, 10.0, 1500)
    sides = [("India", "Pakistan"), ("Greece", "Turkey")]
    rows = [((BEGIN + dt.timedelta(days=d)).isoformat(), *sides[k], "190")
            for k, days in enumerate(lists) for d in days]  # fmt: skip
    one = icews(tmp_path / "one.tab", rows[::2])
    two = icews(tmp_path / "two.tab", rows[1::2])
    out = tmp_path / "p.json"
    fitted = CliRunner().invoke(
        cli,
        ["calibrate", "crisis", "--events", str(one), "--events", str(two), "--each",
         "--dyad", "IND-PAK", "--dyad", "GRC-TUR", "--out", str(out)],
    )  # fmt: skip
    simulated = CliRunner().invoke(
        cli,
        ["crisis", "simulate", "two-blocs", "--replicas", "200", "--parameters", str(out),
         "--set", "turnout=0.7", "--format", "json"],
    )  # fmt: skip
    used = json.loads(simulated.stdout)["settings"]["parameters"]

    assert 0 == fitted.exit_code
    assert "ICEWS codes news by machine" in fitted.stdout
    assert fitted.stdout.count("memory") >= 3
    assert read_parameters(out)["excitation.own"] == used["excitation.own"]["value"]
    assert 0.7 == used["turnout"]["value"]


def test_files_of_parameters_are_checked(tmp_path):
    """A plain object of numbers is one as well; other names and other files are refused."""
    path = tmp_path / "p.json"
    path.write_text('{"excitation.own": 0.25}')

    assert {"excitation.own": 0.25} == read_parameters(path)
    write_parameters(path, {"excitation.own": 0.3}, {"events": []})
    assert {"excitation.own": 0.3} == read_parameters(path)
    for text, error in (
        ('{"nonsense": 1}', UnknownName), ('{"excitation.own": "x"}', DataError),
        ("[1]", DataError), ("{", DataError), ('{"rise.1": 2}', UsageError),
    ):  # fmt: skip
        path.write_text(text)
        with pytest.raises(error):
            read_parameters(path)
