"""Rates from disputes: recovered where they are known, and held to later disputes."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from detente.cli.crisis import crisis
from detente.crisis.calibrate import between, calibrate, fit, read_disputes
from detente.crisis.model import build
from detente.errors import DataError, UsageError
from detente.testing import build as architecture

TRUE = np.array([0.27, 0.06, 0.03, 0.03, 0.24, 0.27, 0.01])


def disputes(n, seed=1, year=1900):
    """Draw disputes from the chain with the rates `TRUE`."""
    random = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        rung, highest, t = 2, 2, 0.0
        while rung >= 2:
            up = TRUE[rung - 2] if rung < 5 else 0.0
            down = TRUE[3 + rung - 2]
            t += random.exponential(1 / (up + down))
            rung += 1 if random.random() * (up + down) < up else -1
            highest = max(highest, rung)
        days = int(np.ceil(t))
        rows.append((year + random.integers(0, 90), days, days, highest))
    return pl.DataFrame(
        rows, schema={"year": pl.Int64, "least": pl.Int64, "most": pl.Int64, "highest": pl.Int64},
        orient="row",
    )  # fmt: skip


def test_rates_behind_many_disputes_are_recovered():
    """Fitted to 6,000 disputes of a chain whose pace is even, the rates are near the true ones."""
    assert pytest.approx(TRUE, rel=0.25) == fit(disputes(6000))


def test_the_fit_meets_its_moments():
    """The shares of the sample are those of the fitted chain."""
    sample = disputes(800, seed=4)
    rates = fit(sample)
    share = between(rates, np.zeros(1), np.array([1e7]))[0]
    found = [(sample["highest"] == k).mean() for k in range(2, 6)]

    assert pytest.approx(found, abs=1e-6) == share


def test_a_true_model_holds_for_later_disputes():
    """Where later disputes come from the same chain most quantities lie within the intervals."""
    found = calibrate(disputes(1500, seed=2), until=1960, later=(1961, 1990))

    assert found.table["within"].sum() >= 6
    assert found.interval["up.2"][0] < found.up[2] < found.interval["up.2"][1]


def test_the_parameters_give_the_fitted_rates():
    """A model with the parameters climbs and falls at the fitted rates, all incidents counted."""
    found = calibrate(disputes(1500, seed=2), until=1960, later=(1961, 1990))
    pair = architecture({"AAA": 1.0, "BBB": 1.0}, rivals=[("AAA", "BBB", 3)])
    m = build(pair, found.parameters()).rules()
    incidents = m.background[0] * m.heat / (1 - m.offspring[0])

    for k in (2, 3, 4):
        assert pytest.approx(found.up[k]) == incidents[k] * m.rise[k]
        assert pytest.approx(found.down[k]) == m.fall[k]


def test_disputes_of_the_field_to_1979_against_those_of_the_next_decade(shared_data):
    """The fitted shares hold exactly; the later decade's do not, as the page on it says."""
    sample = read_disputes(shared_data / "mid_gml_disputes_pre1990.csv")
    found = calibrate(sample)
    rows = {row["quantity"]: row for row in found.table.iter_rows(named=True)}
    force, war = rows["share that reaches the use of force"], rows["share that reaches war"]

    assert (1297, 316) == (found.used, found.held_out)
    assert pytest.approx(force["fitted"], abs=1e-6) == force["model"]
    assert pytest.approx(war["fitted"], abs=1e-6) == war["model"]
    assert not force["within"]
    assert not war["within"]
    assert (
        pytest.approx(rows["days, median (all)"]["fitted"], rel=0.2)
        == (rows["days, median (all)"]["model"])
    )


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


def test_the_command_fits_a_file(tmp_path):
    """``detente crisis calibrate`` prints the rates and the parameters that have them."""
    path = tmp_path / "disputes.csv"
    disputes(1500, seed=2).rename(
        {"year": "styear", "least": "mindur", "most": "maxdur", "highest": "hostlev"}
    ).write_csv(path)
    command = ["calibrate", str(path), "--until", "1960", "--later", "1961", "1990"]
    text = CliRunner().invoke(crisis, command)
    document = json.loads(CliRunner().invoke(crisis, [*command, "--format", "json"]).output)

    assert "--set quiet.2=" in text.output
    assert {"up", "down", "interval", "parameters", "check"} == set(document)
