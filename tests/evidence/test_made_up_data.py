"""History, panel, hazard, backtest and long view on data that anybody can make.

What is drawn is known here, so that the answers can be told in advance: rivals begin disputes at
0.12 a year and direction, other pairs at 0.004.
"""

from __future__ import annotations

import made_up_data as made_up
import numpy as np
import polars as pl
import pytest

import detente as dt
from detente.auditing.long_view import measures
from detente.evidence.forecast import hazard
from detente.evidence.forecast.backtest import backtest
from detente.evidence.panel import arrays


@pytest.fixture(scope="module")
def made_up_folder(tmp_path_factory):
    """A data folder of fourteen invented states."""
    return made_up.write(tmp_path_factory.mktemp("made-up") / "data")


@pytest.fixture(autouse=True)
def in_use(made_up_folder, monkeypatch):
    """Every test here reads that folder."""
    monkeypatch.setenv("DETENTE_DATA", str(made_up_folder))


def test_a_year_is_the_architecture_that_was_made_up():
    """States, alliances and rivalries of a year are those of the tables, pair by pair."""
    system = dt.history(1970).system
    place = {code: k for k, code in enumerate(made_up.CODES)}

    def pairs(matrix):
        return {tuple(pair) for pair in np.argwhere(np.triu(matrix > 0))}

    assert tuple(made_up.NAMES) == system.codes
    assert {(place[a], place[b]) for a, b in made_up.ALLIES} == pairs(system.allies)
    assert {(place[a], place[b]) for a, b in made_up.RIVALS} == pairs(system.rivals)
    assert 14 == int((system.contiguity == 1).sum() / 2)


def test_the_panel_has_every_directed_pair_in_every_year():
    """Rows are pairs times years; disputes are where they were drawn and nowhere else."""
    panel = dt.panel(1960, 1969, add=["contiguity", "disputes"])
    drawn = made_up.tables()["disputes_directed"].filter(pl.col("year").is_between(1960, 1969))
    begun = panel.filter(pl.col("initiated") == 1)

    assert 14 * 13 * 10 == panel.height
    assert (
        drawn.filter(pl.col("side_a1") == 1)
        .select("ccode1", "ccode2", "year")
        .sort(pl.all())
        .rows()
        == begun.select("ccode1", "ccode2", "year").sort(pl.all()).rows()
    )


def test_the_dense_arrays_do_not_depend_on_the_span():
    """A year is the same whether it is built alone or among others."""
    groups = ["contiguity", "alliances", "rivalry", "disputes"]
    alone, among = arrays.dense(1975, 1975, groups), arrays.dense(1970, 1980, groups)

    for name, values in alone.dyads.items():
        np.testing.assert_array_equal(values[0], among.dyads[name][5])


def test_the_hazard_finds_that_rivals_begin_disputes():
    """Fitted anew on ties alone, the chance of rivals is far above that of others."""
    rows = hazard.training_rows(1951, 1989)
    fitted = hazard.fit(rows, ())
    covariates = rows.columns(fitted.names)
    chance = fitted.probability(covariates)
    rival = covariates[:, fitted.names.index("rivals")] > 0

    assert 14 * 13 * 39 == len(rows.initiated)
    assert chance.sum() == pytest.approx(rows.initiated.sum())
    assert chance[rival].mean() == pytest.approx(rows.initiated[rival].mean(), rel=0.05)
    assert chance[rival].mean() > 10 * chance[~rival].mean()


def test_the_backtest_ranks_rivals_first():
    """Out of sample the model tells rivals from others, and its chances add up."""
    scores = backtest(None, (1951, 1975), (1976, 1989), draws=0).table()
    values = {(p, m): v for p, m, v in scores.select("predictor", "measure", "value").rows()}
    model = scores["predictor"][0]

    assert values[model, "auc"] > 0.75
    assert 0.5 < values[model, "expected_over_observed"] < 2.0


def test_the_long_view_measures_years_of_their_own(tmp_path):
    """A year's row says what was made up, whatever other years stand beside it."""
    table = measures.series([1960, 1961], tmp_path, lenses=["contest"], draws=2, processes=1)

    assert [14, 14] == table["states"].to_list()
    assert [5, 5] == table["alliances"].to_list()
    assert [6, 6] == table["rivalries"].to_list()
    assert table["index_contest"].is_not_null().all()
