"""Who joins whom and how often rivals begin: counts by hand, clusters, and the stored figures."""

from __future__ import annotations

import datetime as dt
import json
import math

import polars as pl
import pytest
from click.testing import CliRunner

from detente.cli.evidence import calibrate as command
from detente.evidence.datasets import store
from detente.evidence.forecast import third_states
from detente.evidence.forecast.third_states import beginning, clustered, gradient, joining
from detente.lenses.coalition.parameter_table import parameters


@pytest.fixture
def small_world(monkeypatch):
    """Five states, one war of 1 on 2 in 1950, joined by 3 (2's ally, 1's rival) and not by 4."""
    tables = {
        "disputes": pl.DataFrame({"dispnum": [7], "start_year": [1950], "hostility": [5]}),
        "dispute_participants": pl.DataFrame(
            {"dispnum": [7] * 3, "ccode": [1, 2, 3], "side_a": [1, 0, 0], "orig": [1, 1, 0]}
        ),
        "disputes_directed": pl.DataFrame(
            {
                "ccode1": [1, 2],
                "ccode2": [2, 1],
                "year": [1950, 1950],
                "hostility1": [5, 4],
                "hostility2": [4, 5],
                "onset": [1, 1],
                "side_a1": [1, 0],
                "orig1": [1, 1],
            }
        ),
        "obligations": pl.DataFrame(
            {"ccode1": [3, 4, 5], "ccode2": [2, 2, 1], "year": [1949] * 3, "defense": [1] * 3}
        ),
        "rivalries_tss": pl.DataFrame(
            {
                "ccode1": [1, 1],
                "ccode2": [2, 3],
                "start_year": [1940, 1945],
                "end_year": [None, 1949],
            }
        ),
        "states": pl.DataFrame(
            {
                "ccode": [1, 2, 3, 4, 5],
                "start_date": [dt.date(1900, 1, 1)] * 5,
                "end_date": [dt.date(2016, 1, 1)] * 5,
            }
        ),
    }
    monkeypatch.setattr(store, "table", lambda name: tables[name])
    monkeypatch.setattr(store, "find", lambda name: None)
    return tables


def test_who_joins_by_hand(small_world):
    """3 joined with a rivalry of its own, 4 had none and did not, 5 did not follow."""
    rows = {
        row["name"]: (row["count"], row["cases"])
        for row in joining(1946, 1989)
        if row["level"] == "war"
    }

    assert (1, 1) == rows["defend_quarrel"]
    assert (0, 1) == rows["defend"]
    assert (0, 1) == rows["follow"]
    assert (0, 0) == rows["parallel"]


def test_who_begins_by_hand(small_world):
    """Of the years of the rivals 1-2 and 1-3, each way, one saw a use of force begin."""
    rows = [row for row in beginning(1946, 1960) if row["level"] == "force"]

    assert 1 == sum(row["count"] for row in rows)
    before = {row["intensity"]: row["cases"] for row in rows}
    # 1-2: 1946-50 without a past, 1951-60 after the war; 1-3: 1946-50.
    assert {1: 2 * (5 + 5), 5: 2 * 10} == before


def test_intervals_are_wider_where_cases_come_in_clusters():
    """The same count in few clusters is less certain; in clusters of one it is the binomial's."""
    alone = clustered([(1, 1)] * 20 + [(0, 1)] * 80)
    together = clustered([(10, 10), (10, 10), *[(0, 10)] * 8])

    assert alone.value == together.value == 0.2
    assert together.high - together.low > 2 * (alone.high - alone.low)
    assert 0.2 + 1.96 * math.sqrt(0.16 / 99) == pytest.approx(alone.high, abs=1e-3)
    nobody = clustered([(0, 5)] * 10)
    assert (0.0, 0.0) == (nobody.value, nobody.low)
    assert 0.3 == pytest.approx(nobody.high, abs=0.01)
    assert math.isnan(clustered([]).value)


def test_the_gradient_is_that_of_exact_rates():
    """Rates that follow the law give back its two numbers."""
    rates = [(v, round(1e9 * 0.1 * (v / 5) ** 1.5), 10**9) for v in (1, 2, 3, 4, 5)]

    assert (0.1, 1.5) == pytest.approx(gradient(rates), rel=1e-6)


def test_the_stored_figures_lie_in_the_ranges_that_the_lens_draws_from():
    """Each measured share of wars lies in its range, and most defaults are the measured ones."""
    measured = third_states.about()["parameters"]
    ranges = {p.name: p for p in parameters()}

    for name, value in measured.items():
        assert ranges[name].low <= value <= ranges[name].high, name
    for name in ("defend", "defend_quarrel", "follow", "follow_quarrel"):
        assert measured[name] == pytest.approx(ranges[name].default, rel=0.06)


def test_the_command_prints_and_writes(small_world, tmp_path, monkeypatch):
    """Text, JSON and a file of parameters that an audit takes."""
    monkeypatch.setattr("detente.evidence.panel.arrays.check_span", lambda first, last: None)
    out = tmp_path / "shares.json"
    run = CliRunner().invoke(
        command, ["coalition", "--years", "1946-1989", "--format", "json", "--out", str(out)]
    )

    assert 0 == run.exit_code, run.output
    document = json.loads(out.read_text(encoding="utf-8"))
    assert "coalition" == document["lens"]
    assert 1.0 == document["parameters"]["defend_quarrel"]
    shown = CliRunner().invoke(command, ["coalition", "--years", "1946-1989"])
    assert "Who joins whom" in shown.output
    assert (
        "table,level"
        in CliRunner()
        .invoke(command, ["coalition", "--years", "1946-1989", "--format", "csv"])
        .output
    )


def test_no_interval_of_a_share_leaves_the_unit():
    """Two clusters that differ give an interval as wide as a share can be, and no wider."""
    share = third_states.clustered([(9, 10), (0, 1)])

    assert 0.0 <= share.low <= share.value <= share.high <= 1.0
    assert all(row["high"] is None or row["high"] <= 1.0 for row in third_states.about()["joining"])
