"""The hazard lens: its covariates by hand, its fit recomputed, its fast way held to the plain."""

from __future__ import annotations

import datetime
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import detente as dt
from detente.architecture.system import Moves, System
from detente.cli.evidence import calibrate as command
from detente.errors import MissingData
from detente.evidence.forecast import hazard
from detente.evidence.panel import arrays
from detente.evidence.panel.systems import GROUPS, systems
from detente.lenses import find
from detente.lenses.hazard import coefficients
from detente.lenses.protocol import Lens
from detente.testing import systems as drawn_systems

LENS = find("hazard")


def four_states() -> System:
    """A is allied with B and a rival of C; C is allied with D; all 1,000 km apart."""
    allies, rivals = np.zeros((4, 4)), np.zeros((4, 4))
    for i, j in ((0, 1), (2, 3)):
        allies[i, j] = allies[j, i] = 1.0
    rivals[0, 2] = rivals[2, 0] = 1.0
    distance = np.full((4, 4), 1000.0)
    np.fill_diagonal(distance, 0.0)
    return System(("A", "B", "C", "D"), allies, rivals, np.array([4.0, 2.0, 3.0, 1.0]), distance)


def test_covariates_by_hand():
    """Shares, coalitions, rivals and friends of rivals of four states, counted on paper."""
    s = four_states()
    x = dict(
        zip(
            hazard.names(()),
            hazard.pair_covariates(s),
            strict=True,
        )
    )

    assert x["ln_distance"][0, 2] == 0
    assert x["ln_power"][0, 2] == pytest.approx(math.log(0.4))
    assert x["ln_target_power"][0, 2] == pytest.approx(math.log(0.3))
    assert x["coalition_balance"][0, 2] == pytest.approx(math.log(0.6 / 0.4))
    assert x["coalition_balance"][0, 1] == pytest.approx(math.log(0.4 / 0.2))
    assert (x["rivals"][0, 2], x["allied"][0, 1], x["allied"][0, 2]) == (1, 1, 0)
    # A's rival C has the ally D; B has the ally A whose rival is C
    assert x["ally_of_rival"][0, 3] == pytest.approx(math.log(2))
    assert x["ally_of_rival"][1, 2] == pytest.approx(math.log(2))
    assert x["other_rivals"][0, 2] == 0
    assert x["other_rivals"][0, 1] == pytest.approx(math.log(2))
    assert x["target_other_rivals"][1, 0] == pytest.approx(math.log(2))


def test_covariates_of_known_facts_by_hand():
    """Borders, the lower democracy score, and faded disputes of the two and with others."""
    s = four_states()
    kind, past = np.zeros((4, 4)), np.zeros((4, 4))
    for i, j, type_, disputes in ((0, 2, 1, 1.0), (0, 1, 4, 0.25), (1, 2, 5, 0.0)):
        kind[i, j] = kind[j, i] = type_
        past[i, j] = past[j, i] = disputes
    known = replace(s, contiguity=kind, regime=np.array([0.2, np.nan, 0.8, 0.5]), disputes=past)
    facts = known.facts
    x = dict(zip(hazard.names(facts), hazard.pair_covariates(known, facts), strict=True))

    assert facts == ("contiguity", "regime", "disputes")
    assert s.facts == ()
    assert (x["land_border"][0, 2], x["land_border"][0, 1], x["land_border"][3, 0]) == (1, 0, 0)
    assert (x["water_near"][0, 1], x["water_far"][1, 2], x["water_far"][0, 1]) == (1, 1, 0)
    # the score of B is not known: the mean of the others stands in
    assert x["democracy_low"][1, 2] == pytest.approx(0.5)
    assert x["democracy_low"][2, 0] == pytest.approx(0.2)
    assert x["past_disputes"][0, 1] == pytest.approx(math.log(1.25))
    assert x["active"][0, 2] == pytest.approx(math.log(1.25))
    assert x["target_active"][1, 0] == pytest.approx(math.log(2.0))
    assert x["active"][1, 0] == 0


def test_every_combination_of_facts_has_a_fit_and_moves_the_hazard():
    """What is known of borders and the past changes who is seen to be in danger, and by a fit."""
    s, values = four_states(), LENS.values()
    near = np.zeros((4, 4))
    near[0, 2] = near[2, 0] = 1
    full = {"contiguity": near, "regime": np.full(4, 0.5), "disputes": near}
    for facts in hazard.COMBINATIONS:
        case = replace(s, **{name: full[name] for name in facts})
        loss = LENS.losses(case, values)
        fit = dict(
            zip(["intercept", *hazard.names(facts)], hazard.stored(facts).coefficients, strict=True)
        )
        own = {"land_border": 1.0, "democracy_low": 0.5, "past_disputes": math.log(2)}
        eta = (
            fit["intercept"]
            + fit["ln_power"] * math.log(0.4)
            + fit["ln_target_power"] * math.log(0.3)
            + fit["coalition_balance"] * math.log(1.5)
            + fit["rivals"]
            + sum(fit.get(name, 0.0) * value for name, value in own.items())
        )
        assert loss[0, 2] == pytest.approx(0.6 / (1 + math.exp(-eta)))


def test_a_year_says_what_is_known_of_it(data):
    """Borders, regimes and past disputes of 1914; no disputes where the list ends too early."""
    early, late = dt.history(1914), dt.history(2000)

    assert early.system.facts == ("contiguity", "regime", "disputes")
    assert late.system.facts == ("contiguity", "regime")
    at = {code: k for k, code in enumerate(early.system.codes)}
    pair = at["FRA"], at["DEU"]
    assert early.system.contiguity[pair] == 1
    years = early.tables["disputes"].filter(
        (pl.col("state_a") == "DEU") & (pl.col("state_b") == "FRA")
    )["year"]
    assert years.max() < 1914
    assert early.system.disputes[pair] == pytest.approx((0.5 ** ((1913 - years) / 5)).sum())


def test_systems_out_of_arrays_are_those_of_history(data):
    """Both ways to the system of a year give the same contiguity and regimes, and disputes too."""
    made = arrays.dense(1816, 1905, GROUPS)
    _, system, _ = list(systems(made))[-1]
    g = dt.history(datetime.date(1906, 1, 1))
    numbers = dict(g.tables["states"].select("state", "cow_code").iter_rows())
    places = {code: k for k, code in enumerate(system.codes)}
    mine = [k for k, code in enumerate(g.system.codes) if str(numbers[code]) in places]
    theirs = [places[str(numbers[g.system.codes[k]])] for k in mine]
    one, other = g.system.take(mine), system.take(theirs)

    assert len(mine) > 40
    # what lies more than sixty years back has faded to a four-thousandth each
    assert one.disputes == pytest.approx(other.disputes, abs=8 * 0.5**12)


def test_security_is_the_sum_of_expected_losses():
    """One pair's loss is the fitted probability times the chance to be the weaker side."""
    s, values = four_states(), LENS.values()
    fit = dict(zip(["intercept", *hazard.names(())], hazard.stored().coefficients, strict=True))
    eta = (
        fit["intercept"]
        + fit["ln_power"] * math.log(0.4)
        + fit["ln_target_power"] * math.log(0.3)
        + fit["coalition_balance"] * math.log(1.5)
        + fit["rivals"]
    )
    expected = 1 / (1 + math.exp(-eta)) * 0.6
    loss = LENS.losses(s, values)

    assert loss[0, 2] == pytest.approx(expected)
    assert LENS.security(s, values) == pytest.approx(-loss.sum(axis=0))


def test_a_state_without_capability_starts_nothing():
    """A powerless state brings no hazard to others."""
    s = four_states()
    weak = replace(s, capability=np.array([0.0, 2.0, 3.0, 1.0]))

    assert LENS.losses(weak, LENS.values())[0].tolist() == [0, 0, 0, 0]


def test_reconciling_rivals_makes_both_safer():
    """In the fit rivalry goes with disputes: ending one lowers both states' hazard."""
    s = four_states()
    moves = Moves.build([[(0, 2, 0.0, 0.0)]], [[0, 2]])
    delta = LENS.deltas(s, moves, LENS.values())[0]

    assert delta[0] > 0
    assert delta[2] > 0


@settings(max_examples=25, deadline=None)
@given(system=drawn_systems(), data=st.data())
def test_what_is_kept_for_one_system_is_not_used_for_another(system, data):
    """The same changes of another system, and another draw, are worked out anew."""
    moves = Moves.build([[(0, 1, 1.0, 0.0)], [(0, 1, 0.0, 1.0)]], [[0, 1], [0]])
    quantile = data.draw(st.floats(0.01, 0.99))
    values = LENS.values({"fit_01": quantile, "fit_05": 1 - quantile, "decisiveness": 1.7})
    other = replace(system, capability=system.capability[::-1].copy())
    for case in (system, other, system):
        np.testing.assert_allclose(
            LENS.deltas(case, moves, values), Lens.deltas(LENS, case, moves, values), atol=1e-10
        )


def test_large_systems_are_worked_out_in_parts(monkeypatch):
    """Whether the pairs are kept, or made anew a few at a time, the deltas are the same."""
    from detente.lenses import hazard as module

    s, values = four_states(), LENS.values()
    moves = Moves.build(
        [[(0, 2, 0.0, 0.0)], [(0, 3, 1.0, 0.0), (1, 3, 1.0, 0.0)], [], [(1, 2, 0.0, 1.0)]],
        [[0, 2], [3], [], [1]],
    )
    kept = LENS.deltas(s, moves, values)
    monkeypatch.setattr(module.updates, "MOST_KEPT", 0)
    monkeypatch.setattr(module.updates, "CHUNK", 4)

    assert LENS.deltas(s, moves, values).tolist() == kept.tolist()
    assert kept == pytest.approx(Lens.deltas(LENS, s, moves, values), abs=1e-12)


def test_the_draws_have_the_covariance_of_the_fit():
    """Coefficients drawn by way of independent directions vary as the fit says."""
    rng = np.random.default_rng(4)
    uniform = rng.uniform(size=(20_000, len(LENS.parameters)))
    uniform[:, 1:] = np.clip(uniform[:, 1:], 0.0, 1.0 - 1e-12)
    for facts in ((), ("contiguity", "regime", "disputes")):
        drawn = np.array([coefficients(facts, v) for v in LENS.draws(uniform)])
        expected = np.sqrt(np.diag(hazard.stored(facts).covariance))

        assert drawn.mean(axis=0) == pytest.approx(hazard.stored(facts).coefficients, abs=0.02)
        # the range of a draw leaves out a thousandth at either end
        assert drawn.std(axis=0) == pytest.approx(expected, rel=0.04)


def test_the_stored_fit_is_what_the_command_gives(data, tmp_path):
    """The figures in the package are recomputed from the data by the command stored with them."""
    stored = hazard.about()
    arguments = stored["command"].split()[2:]
    result = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path / "fit.json")])
    found = json.loads((tmp_path / "fit.json").read_text())

    assert result.exit_code == 0, result.output
    for facts in hazard.COMBINATIONS:
        kept, again = stored["fits"]["+".join(facts)], found["fits"]["+".join(facts)]
        assert kept["names"] == again["names"] == ["intercept", *hazard.names(facts)]
        assert again["coefficients"] == pytest.approx(kept["coefficients"], rel=1e-6)
        assert np.array(again["covariance"]) == pytest.approx(
            np.array(kept["covariance"]), rel=1e-4, abs=1e-10
        )
    assert {k: found[k] for k in ("rows", "initiations", "pairs", "years", "sources")} == {
        k: stored[k] for k in ("rows", "initiations", "pairs", "years", "sources")
    }


def test_the_fit_ranks_initiations_out_of_sample(data):
    """Fitted to 1979, the architecture alone ranks who begins disputes in the 1980s."""
    found = {
        facts: scores.values for facts, _, scores in hazard.out_of_sample(1816, origins=(1979,))
    }
    alone, whole = found[()], found["contiguity", "regime", "disputes"]

    assert alone["auc"] > 0.94
    assert alone["average_precision"] > 0.05
    assert whole["auc"] > alone["auc"]
    assert whole["average_precision"] > 1.5 * alone["average_precision"]
    assert min(found, key=lambda facts: found[facts]["log_score"])[-1] == "disputes"


def test_security_is_called_what_it_is():
    """Meaning and unit both say that disputes are weighted by the chance to be the weaker side."""
    lens = find("hazard")

    for said in (lens.meaning, lens.unit):
        assert "disputes" in said
        assert "year" in said
        assert "weighted by the chance" in said
        assert "weaker side" in said


def test_the_limits_tell_of_lag_and_drift():
    """The lens's cautions say that it speaks of the next year, and the drift that the page has."""
    told = " ".join(find("hazard").limits)
    page = Path(__file__).parents[2] / "docs" / "lenses" / "hazard.md"
    rows = re.findall(r"\| ([\d.]+) / [\d.]+ / ([\d.]+) / [\d.]+ \|\n", page.read_text("utf-8"))
    to_1949, to_1969 = np.array(rows, float).T

    assert len(hazard.COMBINATIONS) == len(rows)
    for year, ratio in ((1949, to_1949), (1969, to_1969)):
        assert f"to {year} " in told
        assert f"{ratio.min():.1f} to {ratio.max():.1f} times as many" in told
    assert "architecture of the year before" in told


def test_years_without_disputes_cannot_be_fitted(data):
    """The fit refuses years that the disputes do not cover."""
    with pytest.raises(MissingData, match="1989"):
        hazard.calibrate(1816, 2000)
