"""One verdict of one change, derived once, and said to be close where a little would turn it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente as dt
from detente.auditing.change_verdict import ChangeVerdict, change_verdict
from detente.auditing.verdicts import opposed
from detente.reporting import page_of
from detente.reporting.page.render import render
from detente.testing import build


@pytest.fixture(scope="module")
def audit():
    """Two changes among three states, with draws."""
    g = build({"AAA": 3, "BBB": 2, "CCC": 4}, rivals=[("AAA", "CCC", 4), ("BBB", "CCC", 4)])
    return dt.audit(g, ["AAA and BBB commit to mutual defense", "CCC disarms by 50 %"], draws=20)


def test_the_verdict_is_that_of_the_arrays(audit):
    """Gains, losses and consent are those of the deltas, with the tolerance of the audit."""
    for k, change in enumerate(audit.data["change"].values.astype(str)):
        verdict = change_verdict(audit, k)
        deltas = dict(zip(audit.data["state"].values, audit.deltas(change).values, strict=True))

        assert {c for c, x in deltas.items() if x > verdict.tolerance} == {
            code for code, _, _ in verdict.gains
        }
        assert {c for c, x in deltas.items() if x < -verdict.tolerance} == {
            code for code, _, _ in verdict.losses
        }
        deciders = [deltas[code] for code in verdict.deciding]
        tol = verdict.tolerance
        assert verdict.wanted == (min(deciders) >= -tol and max(deciders) > tol)
        assert verdict.wanted == bool(audit.data["wanted"].values[0, k])
        assert verdict.witness == (verdict.wanted and verdict.harmful)
        assert verdict == change_verdict(audit, change)


def test_headline_terminal_and_table_say_the_same(audit):
    """What is counted in words over the changes is what each verdict says."""
    verdicts = [change_verdict(audit, k) for k in (0, 1)]
    wanted = sum(v.wanted for v in verdicts)

    assert (
        f"Of 2 changes under the lens “who comes to whose side” (coalition), {wanted} is"
        in audit.headline()
    )
    for k, verdict in enumerate(verdicts):
        alone = dt.audit(audit.architecture, str(audit.data["change"].values[k]), draws=20)
        assert verdict.in_words() in alone.headline()
        assert verdict.word() in repr(alone)


SURE = ChangeVerdict("A change", "a lens", "units", 1.0, True, ("AAA", "BBB"))


@given(
    least=st.floats(-3, 3),
    wanted=st.floats(0, 1) | st.none(),
    harmful=st.floats(0, 1) | st.none(),
    lose=st.booleans(),
)
def test_a_verdict_is_close_only_for_a_reason_that_is_told(least, wanted, harmful, lose):
    """Close is short of the tolerance by less than half, or against most of the draws."""
    verdict = replace(
        SURE,
        short=(("AAA", least, None),) if least <= 1 else (),
        losses=(("CCC", -2.0, None),) if lose else (),
        wanted=least > 1,
        share_wanted=wanted,
        share_harmful=harmful,
    )
    by_gain = 0.5 < least <= 1
    by_draws = (wanted is not None and (least > 1) != (wanted >= 0.5)) or (
        harmful is not None and lose != (harmful >= 0.5)
    )

    assert (by_gain or by_draws) == verdict.close
    assert verdict.close == bool(verdict.why_close())
    assert by_gain == ("short of the tolerance" in verdict.why_close())
    assert by_draws == ("% of draws" in verdict.why_close())


def test_a_change_without_an_answer_has_no_verdict():
    """Nothing is claimed of it, and it is never close."""
    verdict = replace(SURE, defined=False)

    assert "there is no answer" in verdict.in_words()
    assert verdict.word() == "no answer"
    assert not verdict.close


def test_the_state_that_would_not_gain_is_named_with_its_gain_and_the_tolerance():
    """Who does not gain, by how much, against what: in one sentence, by name."""
    verdict = replace(SURE, short=(("AAA", 0.75, None),))

    assert ("This is close: Aland gains 0.75, short of the tolerance of 1.") == verdict.why_close(
        {"AAA": "Aland"}.__getitem__
    )


@given(
    delta=st.floats(-3, 3, allow_nan=False),
    won=st.floats(0, 1),
    lost=st.floats(0, 1),
)
def test_opposed_is_a_sign_at_the_defaults_against_half_of_the_draws(delta, won, lost):
    """A gain that half of the draws call a loss is opposed; what is neither somewhere is not."""
    lost = min(lost, 1 - won)
    says = bool(opposed(np.array([delta]), 1.0, np.array([won]), np.array([lost]))[0])
    gain, loss = delta > 1, delta < -1

    assert ((gain and lost >= 0.5 and won < 0.5) or (loss and won >= 0.5 and lost < 0.5)) == says
    assert not (says and opposed(np.array([-delta]), 1.0, np.array([won]), np.array([lost]))[0])


def test_a_sign_that_most_draws_turn_is_said_wherever_the_verdict_is_said():
    """Headline, terminal, plain data and page name the state, its loss and how many draws gain."""
    audit = dt.audit("eurasia-2024", "UKR joins EU", lens="contest", draws=40, alternatives=False)
    verdict = change_verdict(audit)
    data = audit.data.sel(lens="contest")
    deltas, tol = audit.deltas("UKR joins EU").values, float(data["tolerance"])
    won, lost = data["share_helps"].values[0], data["share_harms"].values[0]
    turned = ((deltas > tol) & (lost >= 0.5)) | ((deltas < -tol) & (won >= 0.5))
    codes = set(audit.data["state"].values[turned].astype(str))
    told = audit.to_dict()["lenses"][0]["changes"][0]

    assert codes == {code for code, _, _ in verdict.opposed} == set(told["opposed"])
    assert codes
    said = verdict.in_draws()
    assert told["in_draws"] == said
    assert said in audit.headline()
    assert said in " ".join(repr(audit).split())
    assert "the opposite of most draws" in " ".join(render(page_of(audit)).split())
