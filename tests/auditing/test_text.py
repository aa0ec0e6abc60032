"""What an audit says in words."""

from __future__ import annotations

import numpy as np
import pytest

import detente as dt
from detente.auditing.text import number, outside_interval
from detente.reporting import page_of
from detente.testing import build
from detente.words import fraction, share

DEFAULT = "“who comes to whose side” (coalition)"
"""The default lens in words."""


def case():
    """Three states: A and B could ally against C, their common rival."""
    return build({"AAA": 3, "BBB": 2, "CCC": 4}, rivals=[("AAA", "CCC", 4), ("BBB", "CCC", 4)])


def test_the_headline_of_a_divisible_case_counts_the_witnesses():
    """The alliance harms the common rival; its peace with the stronger of the two harms nobody."""
    result = dt.audit(case(), draws=0, alternatives=False)

    assert (
        f"Security is not indivisible here under the lens {DEFAULT}: 1 of the 3 changes that "
        "those who decide would want leaves somebody else less secure."
    ) == result.headline()


def test_the_headline_of_an_indivisible_case_says_that_nobody_pays():
    """Peace within either of two pairs of rivals: both gain, and nobody loses a helper."""
    rivals = [("AAA", "BBB", 4), ("CCC", "DDD", 5)]
    g = build({"AAA": 1, "BBB": 2, "CCC": 3, "DDD": 4}, rivals=rivals)
    result = dt.audit(g, kinds=["reconcile"], draws=0, alternatives=False)

    assert (
        f"Security is indivisible here under the lens {DEFAULT}: 2 of 2 changes are wanted by "
        "those who decide, and none leaves anybody less secure."
    ) == result.headline()


def test_where_nothing_is_wanted_nothing_is_tested():
    """Members who would only lose by leaving: the headline claims nothing."""
    g = build({"AAA": 1, "BBB": 2}, organisations={"PACT": ["AAA", "BBB"]})
    result = dt.audit(g, draws=0, alternatives=False)

    assert result.headline().startswith("Nothing is tested")
    assert np.isnan(float(result.data["index"][0]))


def test_a_single_change_is_told_by_gains_losses_and_consent():
    """How many gain, how many lose, and who of those who decide would not gain."""
    one = dt.audit(case(), "AAA and BBB commit to mutual defense", draws=20)

    assert (
        f"AAA and BBB commit to mutual defense: under the lens {DEFAULT} 2 states are more "
        "secure and 1 state is less secure by more than the tolerance; all 2 that decide it gain."
    ) == one.headline()
    assert "* Aaa (AAA)  gains in 100 % of draws" in repr(one)
    assert "  Ccc (CCC)  loses in " in repr(one)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("AAA disarms by 50 %", "the state that decides it does not gain"),
        ("AAA arms by 50 %", "who decides it gains"),
        ("AAA and CCC commit to mutual defense", "more secure"),
    ],
)
def test_consent_is_told_for_one_and_for_several(sentence, words):
    """The sentence fits the number of those who decide."""
    assert words in dt.audit(case(), sentence, draws=0).headline()


def test_a_change_without_an_answer_is_told_as_such():
    """After the change the contest has no equilibrium: nothing is claimed of it."""
    states = {f"S{k:02d}": 1.0 for k in range(14)}
    g = build(states, rivals=[("S00", f"S{k:02d}", 5) for k in range(1, 12)])
    fixed = {"beta": 0.1, "gamma": 0.085}
    result = dt.audit(g, "S00 and S13 become rivals at intensity 5", lens="contest", draws=0,
                      parameters=fixed)  # fmt: skip

    assert "there is no answer after this change" in result.headline()
    assert "no answer after this change" in repr(result)
    assert np.isnan(float(result.data["zero_sumness"][0, 0]))
    with_others = dt.audit(
        g, ["S00 and S13 become rivals at intensity 5", "S12 and S13 ally"], lens="contest",
        draws=0, parameters=fixed,
    )  # fmt: skip
    assert "1 changes after which the lens has no answer are left open" in repr(with_others)


def test_shares_are_never_rounded_to_certainty():
    """What holds in nearly all draws does not hold in all."""
    assert ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"] == [
        share(x) for x in (0.0, 0.001, 0.5, 0.999, 1.0)
    ]
    assert ["0.00", "< 0.01", "0.50", "> 0.99", "1.00"] == [
        fraction(x) for x in (0.0, 0.001, 0.5, 0.999, 1.0)
    ]


def test_numbers_have_three_digits_and_a_sign():
    """Small and large numbers are readable beside each other."""
    assert ["+0.0123", "-1.23e-05", "-"] == [
        number(x).strip() for x in (0.012345, -0.000012345, None)
    ]
    assert 1 == len({len(number(x)) for x in (0.012345, -0.000012345, None, 0.0)})


def test_a_default_at_the_end_of_its_range_is_named():
    """Point estimates outside the intervals are explained by the parameter that puts them there."""
    contest = dt.audit("two-blocs", lens="contest", draws=40, alternatives=False)
    one = contest.data.sel(lens="contest")
    below = one["security"].values < one["security_low"].values
    above = one["security"].values > one["security_high"].values
    said = outside_interval(contest, "contest")

    assert said.startswith(f"{(below | above).sum()} of {len(below)} point estimates lie outside")
    assert "cost_exponent = 0, the lower end of the range drawn from, 0 to 0.5" in said
    assert said in " ".join(repr(contest).split())


def test_a_default_that_is_not_drawn_is_not_blamed():
    """With the parameter fixed nothing lies at the end of a range, and the medians are close."""
    fixed = dt.audit(
        "two-blocs", lens="contest", draws=40, alternatives=False, parameters={"cost_exponent": 0.0}
    )

    assert "cost_exponent" not in outside_interval(fixed, "contest")


def test_the_median_is_that_of_the_draws():
    """The medians of the table and of the index are those of the draws themselves."""
    result = dt.audit("two-blocs", draws=31, alternatives=False)
    draws = result.data.sel(lens="coalition")
    said = result.to_dict()["lenses"][0]

    assert np.isnan(draws["index_draw"].values).all()
    assert said["index_median"] is None
    np.testing.assert_allclose(
        result.data["security_median"].values[0], np.median(draws["security_draw"].values, axis=0)
    )


def test_a_rivalry_that_a_pact_hides_from_a_lens_is_in_its_headline():
    """Allies who use force against each other are nothing to a lens of signs, which it says."""
    g = build(
        {"AAA": 3, "BBB": 2, "CCC": 4, "DDD": 1},
        allies=[("AAA", "BBB")],
        rivals=[("AAA", "BBB", 4), ("BBB", "CCC", 4)],
    )
    result = dt.audit(g, lens=["contest", "coalition"], draws=0, alternatives=False)

    hidden = "It does not see the rivalry of AAA-BBB, who are allies too."
    assert result.headline("contest").endswith(hidden)
    assert hidden not in result.headline("coalition")


def test_a_witness_that_hangs_on_an_assumption_is_called_conditional():
    """Peace that costs an ally its enemy's enemy does so only if such allies come oftener."""
    g = build(
        {"AAA": 3.0, "BBB": 3.0, "CCC": 2.0},
        rivals=[("AAA", "BBB", 4), ("BBB", "CCC", 4)],
        allies=[("AAA", "CCC")],
    )
    peace = dt.audit(g, dt.reconcile("AAA", "BBB"), lens="coalition", draws=0, alternatives=False)
    notes = peace.settings["notes"]["AAA and BBB reconcile"]

    assert bool(peace.data["witness"].item())
    assert any("quarrel of their own" in note and "nobody would be less" in note for note in notes)
    assert f"Conditional under the lens {DEFAULT}" in str(peace)
    assert [{"change": "AAA and BBB reconcile", "notes": notes}] == peace.to_dict()["notes"]
    page = str(page_of(peace, architecture=g))
    assert all(note in page for note in notes)


def test_counts_without_an_assumption_are_those_of_an_audit_without_it():
    """What is said beside the default is what an audit with the parameter set otherwise says."""
    plain = dt.audit("two-blocs", lens="coalition", draws=0, alternatives=False)
    free = dt.audit(
        "two-blocs", lens="coalition", draws=0, alternatives=False, parameters={"burden": 0.0}
    )
    said = {row["without"]: row for row in plain.settings["switches"]["coalition"]}
    row = said["helping cost nothing"]

    assert int(free.data["wanted_count"][0]) == row["wanted"]
    assert int(free.data["witness_count"][0]) == row["witnesses"]
    assert f"if helping cost nothing: {row['wanted']} wanted" in str(plain)
