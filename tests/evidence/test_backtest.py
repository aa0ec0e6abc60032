"""The backtest looks at nothing that came later, drops no row, and beats the plain logit."""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.cli.backtest import backtest as command
from detente.errors import DataError, MissingData, UsageError
from detente.evidence.datasets import store
from detente.evidence.forecast import backtest, onset
from detente.evidence.forecast.scores import score
from detente.evidence.panel import arrays
from detente.evidence.panel.arrays import Arrays
from detente.evidence.panel.covariates import described, design
from detente.evidence.panel.systems import GROUPS, systems
from detente.lenses import names

YEARS, STATES = 12, 5


def small_world(seed: int) -> Arrays:
    """Five states over twelve years, with values at random and gaps in them."""
    rng = np.random.default_rng(seed)
    member = np.ones((YEARS, STATES), np.uint8)
    member[:4, 4] = 0
    shape = (YEARS, STATES, STATES)

    def pairs(high: int, share: float) -> np.ndarray:
        some = np.triu(rng.uniform(size=shape) < share, 1) * rng.integers(1, high + 1, shape)
        return (some + some.transpose(0, 2, 1)).astype(np.uint8)

    def gappy(scale: float) -> np.ndarray:
        values = rng.uniform(0, scale, (YEARS, STATES))
        values[rng.uniform(size=values.shape) < 0.2] = np.nan
        return values

    onset_now = pairs(1, 0.2)
    peace = rng.integers(0, 5, shape).astype(np.int16)
    place = rng.uniform(500, 9000, (STATES, STATES))
    return Arrays(
        first=1816,
        codes=np.array([2, 20, 200, 220, 900]),
        member=member,
        dropped=np.empty(0, np.int64),
        dyads={
            "contiguity": pairs(5, 0.4),
            "alliances": pairs(31, 0.3),
            "rivalry": pairs(1, 0.3),
            "disputes": onset_now * np.uint8(19) | pairs(1, 0.1) * np.uint8(2),
            "peace_years": peace,
        },
        states={
            "major": (rng.uniform(size=(YEARS, STATES)) < 0.4).astype(np.uint8),
            "cinc": gappy(0.3),
            "milper": gappy(100),
            "tpop": gappy(1000) + 1,
            "euds": gappy(2) - 1,
            "capital": np.tile(np.arange(STATES), (YEARS, 1)),
        },
        capital_distance=place + place.T,
    )


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999), year=st.integers(1819, 1826))
def test_nothing_looks_ahead(seed, year):
    """What happens in a year and after changes no covariate of that year or of an earlier one."""
    made, other = small_world(seed), small_world(seed)
    strange, t = small_world(seed + 1000), year - 1816
    for group in ("disputes", "alliances", "rivalry"):
        other.dyads[group][t:] = strange.dyads[group][t:]
    for name in ("milper", "tpop", "euds"):
        other.states[name][t:] = strange.states[name][t:]
    other.dyads["peace_years"][t + 1 :] = strange.dyads["peace_years"][t + 1 :]
    ours, theirs = design(made, 1817, 1827), design(other, 1817, 1827)

    def until(rows):
        keep = rows.year <= year
        keys = zip(rows.year[keep], rows.ccode1[keep], rows.ccode2[keep], strict=True)
        return dict(zip(keys, rows.values[keep].tolist(), strict=True))

    before, after = until(ours), until(theirs)
    shared = before.keys() & after.keys()  # rows of the year itself may differ by its disputes
    assert {key: before[key] for key in shared} == {key: after[key] for key in shared}
    assert {key for key in before if key[0] < year} == {key for key in after if key[0] < year}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 999))
def test_no_row_is_dropped_and_no_value_is_missing(seed):
    """All pairs are there but those with a dispute under way and no new onset."""
    made = small_world(seed)
    rows = design(made, 1817, 1827)
    expected = {
        (1816 + t, made.codes[i], made.codes[j])
        for t in range(1, YEARS)
        for i in range(STATES)
        for j in range(i + 1, STATES)
        if made.member[t, i] and made.member[t, j] and (made.dyads["disputes"][t, i, j] & 3) != 2
    }

    assert set(zip(rows.year, rows.ccode1, rows.ccode2, strict=True)) == expected
    assert len(rows) == len(expected)
    assert not np.isnan(rows.values).any()


def test_history_by_hand():
    """An onset weighs half after its half-life; others' onsets make a state active."""
    made = small_world(5)
    made.dyads["disputes"][:] = 0
    made.dyads["disputes"][2, 0, 1] = made.dyads["disputes"][2, 1, 0] = 3
    rows = design(made, 1817, 1827)
    found = {
        (y, a, b): dict(zip(rows.names, v, strict=True))
        for y, a, b, v in zip(rows.year, rows.ccode1, rows.ccode2, rows.values, strict=True)
    }

    assert found[1818, 2, 20]["onsets_1"] == 0
    assert found[1819, 2, 20]["onsets_1"] == pytest.approx(np.log(2))
    assert found[1820, 2, 20]["onsets_1"] == pytest.approx(np.log(1.5))
    assert found[1822, 2, 20]["onsets_3"] == pytest.approx(np.log(1.5))
    assert found[1819, 2, 20]["originators_5"] == 0  # nobody was there from the first day
    assert found[1819, 2, 20]["active_1_high"] == 0
    assert found[1819, 2, 200]["active_1_high"] == pytest.approx(np.log(2))
    assert (found[1819, 2, 20]["ongoing"], found[1820, 2, 20]["ongoing"]) == (1, 0)


def test_the_running_calibration_knows_only_earlier_years():
    """The first test year is not shifted; later ones move towards what was seen."""
    rows = design(small_world(3), 1817, 1827)
    test = rows.where(rows.year >= 1822)
    train = rows.where(rows.year < 1822)
    model = onset.fit(train, 1821)
    linear = model.linear(test) - 3.0  # far too few are expected
    shifted = onset.running_calibration(model, linear, test) - linear

    assert set(shifted[test.year == 1822]) == {0.0}
    assert (shifted[test.year == 1827] > 0).all()


def test_every_covariate_is_described_once():
    """The registry names all covariates, each with a group and a meaning."""
    names = [item.name for item in described()]

    assert len(set(names)) == len(names)
    assert all(item.meaning and item.group for item in described())


def test_years_must_not_overlap(empty):
    """A test year that was fitted on is no test."""
    with pytest.raises(UsageError, match="must come after"):
        backtest.backtest(None, (1816, 1960), (1960, 1970))


def test_a_file_that_ends_too_early_is_refused(data, shared):
    """Years without known disputes cannot be scored."""
    with pytest.raises(MissingData, match="1989"):
        backtest.backtest(None, (1816, 1979), (1980, 1995))
    with pytest.raises(DataError, match="not disputes by directed dyad-year"):
        backtest.backtest(shared / "nmc_v7.csv.gz", (1816, 1979), (1980, 1989))


def test_every_origin_beats_the_plain_logit(data):
    """On politically relevant pairs the model ranks and scores better in all four decades."""
    for found in backtest.rolling(None, relevant_only=True).values():
        ours, plain = found.scores[backtest.MODEL].values, found.scores[backtest.PLAIN].values
        assert ours["auc"] > plain["auc"] + 0.02
        assert ours["average_precision"] > plain["average_precision"] + 0.05
        assert ours["log_score"] < plain["log_score"]
        assert ours["expected_over_observed"] == pytest.approx(1, abs=0.15)


def test_a_file_of_test_years_alone_joins_the_data_folder(data, shared, tmp_path):
    """Disputes of the test years in a file of their own give the same predictions."""
    whole = pl.read_csv(shared / "mid_gml_directed_dyad_years_pre1990.csv.gz", infer_schema=False)
    late = tmp_path / "late.csv"
    whole.filter(pl.col("year").cast(int) >= 1985).drop("right_censored_1989").write_csv(late)
    split = backtest.backtest(late, (1940, 1984), (1985, 1989), relevant_only=True, draws=0)
    stored = backtest.backtest(None, (1940, 1984), (1985, 1989), relevant_only=True, draws=0)

    assert split.frame().equals(stored.frame())
    assert split.about["disputes"][1] == "late.csv, 1985-1989"


def test_the_command_writes_predictions_and_scores(data, shared, tmp_path):
    """predictions.csv has every pair with ccode1 < ccode2, but for disputes under way."""
    out = tmp_path / "out"
    file = shared / "mid_gml_directed_dyad_years_pre1990.csv.gz"
    arguments = ["--disputes", str(file), "--train", "1978-1984", "--test", "1985-1989"]
    result = CliRunner().invoke(command, [*arguments, "--draws", "20", "--out", str(out)])
    assert result.exit_code == 0, result.output

    table = pl.read_csv(out / "predictions.csv")
    made = arrays.dense(1985, 1989, ["disputes"])
    both = made.member[:, :, None] & made.member[:, None, :]
    continuing = (made.dyads["disputes"] & 3) == 2
    expected = int((np.triu(both, 1) * ~continuing).sum())
    scores = json.loads((out / "scores.json").read_text())
    onsets = store.table("disputes_directed", source="gml").filter(
        pl.col("year") >= 1985, pl.col("onset") == 1, pl.col("ccode1") < pl.col("ccode2")
    )
    assert table.columns == list(backtest.COLUMNS)
    assert table.columns[:4] == ["year", "ccode1", "ccode2", "probability"]
    assert table.height == expected
    assert (table["ccode1"] < table["ccode2"]).all()
    for column in ("probability", "probability_frozen"):
        assert table[column].is_between(0, 1, closed="none").all()
    first_year = table.filter(pl.col("year") == 1985)
    assert first_year["probability"].equals(first_year["probability_frozen"], check_names=False)
    assert scores["onsets"]["test"] == onsets.height
    predictors = {
        backtest.MODEL,
        backtest.UNCALIBRATED,
        backtest.PLAIN,
        backtest.LAST_YEAR,
        backtest.BASE_RATE,
        *(f"lens {name} alone" for name in names()),
    }
    assert set(scores["scores"]) == predictors
    assert pl.read_csv(out / "calibration.csv").height == 10 * len(predictors)


def test_a_measure_that_knows_the_outcome_predicts_it():
    """Ranks of the year before are looked up by state: a telling measure separates the pairs."""
    made = small_world(11)
    made.dyads["disputes"][:] = 0
    for t in range(1, YEARS):  # the two states with the lowest measure of the year before dispute
        low = sorted(range(4), key=lambda s: (s + t - 1) % 4)[:2]
        made.dyads["disputes"][t, low[0], low[1]] = made.dyads["disputes"][t, low[1], low[0]] = 3
    measure = np.array([[(s + t) % 4 for s in range(4)] + [np.nan] for t in range(YEARS)], float)
    rows = design(made, 1817, 1827)
    train, test = rows.where(rows.year < 1823), rows.where(rows.year >= 1823)
    found = onset.measure_logit(train, test, measure, made.codes)

    assert score(found, test.onset, test.dyad, draws=0).values["auc"] > 0.9


def test_measures_of_lenses_are_those_of_history(data):
    """The system of a year out of the dense arrays is that of the year's architecture."""
    from detente.evidence.history import history
    from detente.lenses import find

    (_, system, here), *_ = systems(made := arrays.dense(1890, 1890, GROUPS))
    g = history(1890)
    numbers = dict(g.tables["states"].select("state", "cow_code").iter_rows())
    lens = find("contest")
    ours = dict(zip(made.codes[here], lens.security(system, lens.values()), strict=True))
    theirs = {
        numbers[code]: value
        for code, value in zip(g.system.codes, lens.security(g.system, lens.values()), strict=True)
    }

    assert ours == pytest.approx(theirs)
