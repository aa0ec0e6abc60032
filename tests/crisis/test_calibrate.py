"""Rates from disputes: recovered where they are known, and held to later disputes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from detente.cli import cli
from detente.crisis.calibration.dispute_chain import EDGES, Chain, cells, count, fit, likelihood
from detente.crisis.calibration.dispute_rates import calibrate
from detente.crisis.calibration.dispute_tables import read_disputes
from detente.crisis.model.escalation import build
from detente.errors import DataError, MissingData, UsageError
from detente.testing import build as architecture

TRUE = Chain((0.9, 0.2, 0.1), 0.3, 0.8, 0.01)


def disputes(n, seed=1, year=1900):
    """Draw disputes, step by step, from the chain `TRUE`."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        pace = TRUE.pace * np.exp(TRUE.spread * random.standard_normal())
        rung, highest, t = 2, 2, 0.0
        while rung >= 2:
            up = pace * TRUE.rises[rung - 2] if rung < 5 else 0.0
            down = pace * (1 - TRUE.rises[rung - 2]) if rung < 5 else TRUE.end
            t += random.exponential(1 / (up + down))
            rung += 1 if random.random() * (up + down) < up else -1
            highest = max(highest, rung)
        days = int(np.ceil(t))
        rows.append((year + random.integers(0, 90), days, days, highest))
    return pl.DataFrame(
        rows, schema={"year": pl.Int64, "least": pl.Int64, "most": pl.Int64, "highest": pl.Int64},
        orient="row",
    )  # fmt: skip


def counted(sample):
    """Return a sample in the cells of the likelihood."""
    return count(sample["highest"].to_numpy(), sample["most"].to_numpy(), np.ones(sample.height))


@pytest.fixture(scope="module")
def found():
    """A calibration to disputes of an unchanging chain."""
    return calibrate(disputes(1500, seed=2), until=1960, later=(1961, 1970), resamples=10)


@pytest.fixture(scope="module")
def field(shared_data):
    """The disputes of the field, and the calibration to those up to 1979."""
    sample = read_disputes(shared_data / "mid_gml_disputes_pre1990.csv")
    return sample, calibrate(sample, resamples=2)


def test_the_chain_behind_many_disputes_is_recovered():
    """Fitted to 6,000 disputes, chances, pace, spread and the end of war are near the true ones."""
    chain = fit(counted(disputes(6000)))

    assert pytest.approx(TRUE.rises, rel=0.15) == chain.rises
    assert pytest.approx((TRUE.pace, TRUE.spread), rel=0.15) == (chain.pace, chain.spread)
    assert pytest.approx(TRUE.end, rel=0.25) == chain.end


def test_the_fit_meets_the_shares_exactly():
    """The shares by highest rung are those of the sample."""
    sample = disputes(800, seed=4)
    shares = [(sample["highest"] == k).mean() for k in range(2, 6)]

    assert pytest.approx(shares, abs=1e-5) == fit(counted(sample)).reach()


def test_durations_of_one_pace_are_those_of_the_matrix_exponential():
    """The chance of having ended by a day agrees with the exponential of the generator."""
    from scipy.linalg import expm

    from detente.crisis.calibration.dispute_chain import generators

    chain, ends = generators(TRUE.rises, np.array([0.3]), 0.01)
    whole = np.zeros((11, 11))
    whole[:10, :10], whole[:10, 10] = chain[0], ends[0]
    edges = np.array([0.0, 5.0, 50.0, 500.0])
    upto = [expm(whole * day)[0, 10] for day in edges]

    assert pytest.approx(np.diff(upto)) == cells(TRUE.rises, np.array([0.3]), 0.01, edges).sum(
        axis=1
    )


def test_every_dispute_ends_in_some_cell():
    """The cells of the likelihood hold all durations."""
    assert pytest.approx(1.0, abs=1e-6) == TRUE.cells(EDGES).sum()


def test_a_true_model_holds_for_later_disputes(found):
    """Where later disputes come from the same chain nearly all quantities lie within."""
    assert found.table["within"].sum() >= 7
    low, high = found.interval["up.3"]
    assert low < found.up[3] < high


def test_intervals_with_earlier_errors_are_no_narrower_than_chance(found):
    """What earlier forecasts went astray is added to chance."""
    table = found.table

    assert found.forecasts >= 3
    assert (table["low"] <= table["chance_low"]).all()
    assert (table["high"] >= table["chance_high"]).all()


def test_the_parameters_give_the_fitted_rates(found):
    """A model with the parameters climbs and falls at the fitted rates, all incidents counted."""
    pair = architecture({"AAA": 1.0, "BBB": 1.0}, rivals=[("AAA", "BBB", 3)])
    m = build(pair, found.parameters()).rules()
    incidents = m.background[0] * m.heat / (1 - m.offspring[0])

    for k in (2, 3, 4):
        assert pytest.approx(found.up[k]) == incidents[k] * m.rise[k]
        assert pytest.approx(found.down[k]) == m.fall[k]


def test_disputes_of_the_field_to_1979_against_those_of_the_next_decade(field):
    """All of 1980-1989 lies within the stated intervals, the shares within those by chance."""
    _, found = field
    table = found.table

    assert (1297, 316, 20.0, 11) == (
        found.used, found.held_out, found.half_life, found.forecasts
    )  # fmt: skip
    assert table["within"].all()
    shares = table.head(2)
    assert shares["later"].is_between(shares["chance_low"], shares["chance_high"]).all()
    # By chance alone the durations would be too short: decades differ by more.
    median = table.row(by_predicate=pl.col("quantity") == "days, median (all)", named=True)
    assert pytest.approx((7.0, 20.0)) == (median["later"], median["model"])
    assert median["later"] < median["chance_low"]


def test_nothing_of_the_later_disputes_goes_into_the_fit(field):
    """With other disputes after 1979 the model, its half-life and its intervals are the same."""
    sample, one = field
    other = sample.with_columns(
        most=pl.when(pl.col("year") >= 1980).then(1).otherwise(pl.col("most"))
    )
    two = calibrate(other, resamples=2)

    assert (one.chain, one.half_life) == (two.chain, two.half_life)
    durations = pl.col("quantity").str.starts_with("days") & pl.col("quantity").str.contains("all")
    columns = ["model", "low", "high"]
    assert one.table.filter(durations)[columns].equals(two.table.filter(durations)[columns])


def test_a_table_without_the_columns_is_refused(tmp_path):
    """Every missing column is named at once."""
    path = tmp_path / "x.csv"
    path.write_text("styear,foo\n1900,1\n")

    with pytest.raises(DataError) as error:
        read_disputes(path)
    assert 3 == len(error.value.faults)


def test_disputes_that_are_not_over_are_left_out(tmp_path):
    """A row without a duration or a highest level is no excursion yet."""
    path = tmp_path / "x.csv"
    path.write_text("styear,mindur,maxdur,hostlev\n1900,3,5,4\n1989,-9,-9,-9\n")

    assert [(1900, 3, 5, 4)] == read_disputes(path).rows()


def test_too_few_disputes_are_refused():
    """A handful of disputes carries no fit."""
    with pytest.raises(UsageError, match="too few"):
        calibrate(disputes(30))


def test_disputes_held_out_must_come_later():
    """Years that are fitted cannot be held out."""
    with pytest.raises(UsageError, match="should begin after"):
        calibrate(disputes(100), until=1979, later=(1970, 1989))


def test_the_command_fits_a_file(tmp_path, monkeypatch):
    """``detente calibrate crisis`` prints the rates and writes parameters for a simulation."""
    from detente.crisis.calibration import dispute_rates as room

    monkeypatch.setattr(room.calibrate, "__kwdefaults__",
                        {**room.calibrate.__kwdefaults__, "resamples": 2})  # fmt: skip
    path, out = tmp_path / "disputes.csv", tmp_path / "p.json"
    disputes(1500, seed=2).rename(
        {"year": "styear", "least": "mindur", "most": "maxdur", "highest": "hostlev"}
    ).write_csv(path)
    command = ["calibrate", "crisis", str(path), "--until", "1960", "--later", "1961", "1990"]
    text = CliRunner().invoke(cli, [*command, "--out", str(out)])
    document = json.loads(CliRunner().invoke(cli, [*command, "--format", "json"]).stdout)

    assert "--set stay.2=" in text.stdout
    assert {"up", "down", "interval", "parameters", "check"} <= set(document)
    assert document["parameters"] == json.loads(out.read_text())["parameters"]
    used = CliRunner().invoke(
        cli, ["crisis", "simulate", "two-blocs", "--replicas", "10", "--parameters", str(out)]
    )
    for words in (text.stdout, document["caution"], used.stderr):
        assert "rates of a typical short dispute" in words


def test_a_rate_beyond_what_the_model_admits_is_named(found):
    """Fast disputes have rates that the model has no value for: which, and what they would be."""
    fast = replace(found, up={2: 1e4, 3: 0.1, 4: 1e-3}, down={2: 0.1, 3: 50.0, 4: 0.1, 5: 0.01})

    assert {"heat.2", "stay.3"} == set(fast.clipped())
    assert pytest.approx(0.02) == fast.clipped()["stay.3"]
    assert (1000.0, 1.0) == (fast.parameters()["heat.2"], fast.parameters()["stay.3"])
    assert "stay.3 (0.02 by the rates)" in fast.caution


def test_without_a_file_the_data_folder_is_asked(tmp_path, monkeypatch):
    """Where the data folder has no disputes, the error says who publishes them."""
    monkeypatch.setenv("DETENTE_DATA", str(tmp_path))
    out = CliRunner().invoke(cli, ["calibrate", "crisis"])

    assert isinstance(out.exception, MissingData)
    assert "detente data add" in str(out.exception)


def test_a_search_that_begins_where_every_war_ends_in_a_day_finds_the_peak():
    """The likelihood has a second, lower peak at the bound: what is found rests on no start."""
    table = disputes(2000)
    counts = count(table["highest"].to_numpy(), table["most"].to_numpy(), np.ones(table.height))
    best = fit(counts)

    again = fit(counts, Chain(best.rises, 1.0, 2.0, 1.0))

    assert likelihood(best, counts) == pytest.approx(likelihood(again, counts), abs=0.01)
