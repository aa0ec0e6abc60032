"""The hazard lens: its covariates by hand, its fit recomputed, its fast way held to the plain."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.architecture.system import Moves, System
from detente.cli.evidence import calibrate as command
from detente.errors import MissingData
from detente.evidence import hazard, logit
from detente.evidence.scores import score
from detente.lenses import find
from detente.lenses.protocol import Lens
from detente.testing import systems

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
            hazard.NAMES,
            hazard.pair_covariates(s.allies, s.rivals, s.capability, s.distance),
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


def test_security_is_the_sum_of_expected_losses():
    """One pair's loss is the fitted probability times the chance to be the weaker side."""
    s, values = four_states(), LENS.values()
    fit = dict(zip(["intercept", *hazard.NAMES], hazard.stored().coefficients, strict=True))
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
    weak = System(s.codes, s.allies, s.rivals, np.array([0.0, 2.0, 3.0, 1.0]), s.distance)

    assert LENS.losses(weak, LENS.values())[0].tolist() == [0, 0, 0, 0]


def test_reconciling_rivals_makes_both_safer():
    """In the fit rivalry goes with disputes: ending one lowers both states' hazard."""
    s = four_states()
    moves = Moves.build([[(0, 2, 0.0, 0.0)]], [[0, 2]])
    delta = LENS.deltas(s, moves, LENS.values())[0]

    assert delta[0] > 0
    assert delta[2] > 0


@settings(max_examples=25, deadline=None)
@given(system=systems(), data=st.data())
def test_what_is_kept_for_one_system_is_not_used_for_another(system, data):
    """The same changes of another system, and another draw, are worked out anew."""
    moves = Moves.build([[(0, 1, 1.0, 0.0)], [(0, 1, 0.0, 1.0)]], [[0, 1], [0]])
    quantile = data.draw(st.floats(0.01, 0.99))
    values = LENS.values({"fit_01": quantile, "fit_05": 1 - quantile, "decisiveness": 1.7})
    other = System(
        system.codes, system.allies, system.rivals, system.capability[::-1].copy(), system.distance
    )
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
    monkeypatch.setattr(module, "MOST_KEPT", 0)
    monkeypatch.setattr(module, "CHUNK", 4)

    assert LENS.deltas(s, moves, values).tolist() == kept.tolist()
    assert kept == pytest.approx(Lens.deltas(LENS, s, moves, values), abs=1e-12)


def test_the_draws_have_the_covariance_of_the_fit():
    """Coefficients drawn by way of independent directions vary as the fit says."""
    rng = np.random.default_rng(4)
    uniform = rng.uniform(size=(20_000, len(LENS.parameters)))
    uniform[:, 1:] = np.clip(uniform[:, 1:], 0.0, 1.0 - 1e-12)
    drawn = np.array([LENS._coefficients(v) for v in LENS.draws(uniform)])
    expected = np.sqrt(np.diag(hazard.stored().covariance))

    assert drawn.mean(axis=0) == pytest.approx(hazard.stored().coefficients, abs=0.02)
    # the range of a draw leaves out a thousandth at either end
    assert drawn.std(axis=0) == pytest.approx(expected, rel=0.04)


def test_the_stored_fit_is_what_the_command_gives(data, tmp_path):
    """The figures in the package are recomputed from the data by the command stored with them."""
    stored = hazard.stored()
    arguments = stored.about["command"].split()[2:]
    result = CliRunner().invoke(command, [*arguments, "--out", str(tmp_path / "fit.json")])
    found = json.loads((tmp_path / "fit.json").read_text())

    assert result.exit_code == 0, result.output
    assert found["coefficients"] == pytest.approx(stored.coefficients.tolist(), rel=1e-6)
    assert np.array(found["covariance"]) == pytest.approx(stored.covariance, rel=1e-4, abs=1e-10)
    assert {k: found[k] for k in ("rows", "initiations", "pairs", "years", "names")} == {
        k: stored.about[k] for k in ("rows", "initiations", "pairs", "years", "names")
    }


def test_the_fit_ranks_initiations_out_of_sample(data):
    """Fitted to 1979, the architecture alone ranks who begins disputes in the 1980s."""
    rows = hazard.training_rows(1816, 1989)
    past, test = rows.year <= 1979, rows.year >= 1980
    fitted = logit.fit(rows.values[past], rows.initiated[past], tuple(hazard.NAMES))
    found = score(
        fitted.probability(rows.values[test]), rows.initiated[test], rows.dyad[test], draws=0
    )

    assert found.values["auc"] > 0.94
    assert found.values["average_precision"] > 0.05


def test_years_without_disputes_cannot_be_fitted(data):
    """The fit refuses years that the disputes do not cover."""
    with pytest.raises(MissingData, match="1989"):
        hazard.calibrate(1816, 2000)
