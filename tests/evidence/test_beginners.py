"""Who begins against whom: what is known beforehand, what is scored, what is written."""

from __future__ import annotations

import made_up_data
import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from detente.auditing.long_view import beginners
from detente.cli.backtest import backtest


@pytest.fixture(scope="module")
def made_up_folder(tmp_path_factory):
    """A data folder of fourteen invented states."""
    return made_up_data.write(tmp_path_factory.mktemp("made-up") / "data")


@pytest.fixture
def made_up(made_up_folder, monkeypatch):
    """That folder in use."""
    monkeypatch.setenv("DETENTE_DATA", str(made_up_folder))


@pytest.fixture
def rows(made_up):
    """Thirty years of the made-up states."""
    return beginners.beginnings(1956, 1985)


def test_every_row_knows_the_year_before_alone(rows, made_up):
    """Fewer years make the same rows: nothing of a later year enters."""
    some = beginners.beginnings(1956, 1970)
    early = rows.where(rows.year <= 1970)

    np.testing.assert_array_equal(early.ccode1, some.ccode1)
    np.testing.assert_array_equal(early.begun, some.begun)
    for name, forecast in some.predicted.items():
        np.testing.assert_array_equal(early.predicted[name], forecast, err_msg=name)


def test_the_latent_rate_is_of_pairs_without_a_rivalry_alone(rows):
    """Among rivals both say the same; elsewhere one says nothing and the other little."""
    with_latent, without = (
        rows.predicted[name] for name in ("coalition", "coalition, no latent rate")
    )

    np.testing.assert_array_equal(with_latent[rows.rivals], without[rows.rivals])
    assert (without[~rows.rivals] == 0).all()
    assert 0 < with_latent[~rows.rivals].max() <= beginners.LATENT * 0.1
    assert (rows.predicted["coalition"] <= rows.predicted["coalition, rate alone"] + 1e-15).all()


def test_without_the_lists_a_pair_needs_a_past(rows, made_up):
    """Rivals of the list without any hostility are none when the list is left out."""
    unlisted = beginners.beginnings(1956, 1985, listed=False)

    assert unlisted.rivals.sum() < rows.rivals.sum()
    assert not (unlisted.rivals & ~rows.rivals).any()


def test_the_command_writes_what_it_prints(made_up, tmp_path, monkeypatch):
    """One line a predictor, kind of pair and origin; predictions and scores beside it."""
    monkeypatch.setattr(beginners.rolling, "__kwdefaults__", {
        **beginners.rolling.__kwdefaults__, "origins": (1970,), "span": 15,
    })  # fmt: skip
    run = CliRunner().invoke(backtest, ["--beginners", "--draws", "3", "--out", str(tmp_path)])

    assert 0 == run.exit_code, run.output
    scores = pl.read_csv(tmp_path / "scores.csv")
    assert {*beginners.PREDICTORS, "hazard, fitted before"} == set(scores["predictor"])
    assert scores.height == run.output.count("after 1970")
    assert scores["auc_low_by_state"].is_between(0, 1).all()
    written = pl.read_csv(tmp_path / "predictions.csv")
    assert set(range(1971, 1986)) == set(written["year"])
