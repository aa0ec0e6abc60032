"""Lenses beside one another: where they agree, where they split, and what parts them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import detente as dt
from detente.auditing.agreement import ranks
from detente.auditing.portraits import as_rows, portraits, text
from detente.lenses import names
from detente.testing import build

LENSES = ["coalition", "arms_race", "balance", "contest", "hazard", "landscape", "war_stability"]


@pytest.fixture(scope="module")
def audited():
    """Two blocs under lenses whose verdicts the tests below know."""
    return dt.audit("two-blocs", lens=LENSES, draws=20)


def test_a_lens_agrees_with_itself_and_comparison_is_symmetric(audited):
    """Rank correlation is one on the diagonal, and no order of the lenses matters."""
    found = audited.agreement()
    known = ~np.isnan(np.diag(found.rank_correlation))

    np.testing.assert_allclose(1.0, np.diag(found.rank_correlation)[known])
    np.testing.assert_allclose(found.rank_correlation, found.rank_correlation.T)
    np.testing.assert_allclose(1.0, np.nan_to_num(np.diag(found.same_sign), nan=1.0))
    np.testing.assert_allclose(found.opposite_sign, found.opposite_sign.T)


def test_rank_correlation_is_spearmans(audited):
    """The number is the one SciPy gives, once rounding is no difference of rank."""
    from scipy.stats import spearmanr

    one, two = (audited.data["security"].sel(lens=x).values for x in ("war_stability", "contest"))
    found = audited.agreement()
    a, b = found.lenses.index("war_stability"), found.lenses.index("contest")

    one, two = np.round(one, 12), np.round(two, 12)
    assert spearmanr(one, two).statistic == pytest.approx(found.rank_correlation[a, b])


def test_every_change_is_unanimous_split_or_denied(audited):
    """Witnesses under all lenses, under some and under none add up to all changes."""
    found = audited.agreement()
    witness = audited.data["witness"].values

    none = int((~witness.any(axis=0)).sum())
    assert witness.shape[1] == len(found.unanimous()) + found.split().height + none


def test_a_split_names_the_lenses_on_either_side(audited):
    """Who is for and who against is what the verdicts say."""
    data = audited.data
    for row in audited.agreement().split().iter_rows(named=True):
        yes = [x for x in row["for"].split(", ") if x]
        says = data["witness"].sel(change=row["change"])
        assert {str(x) for x in data["lens"].values[says.values]} == set(yes)


def test_a_split_is_traced_to_an_assumption_that_parts_the_sides(audited):
    """An assumption is named when all on one side make it and nobody on the other does."""
    found = audited.agreement()

    assert ["distance: counts against ignored"] == [
        words for words in found.along(["coalition"], ["contest"]) if "distance" in words
    ]
    assert [] == found.along(["contest"], ["contest"])


def test_the_terminal_says_what_parts_the_lenses(audited):
    """Who sees witnesses that others do not, and what each side assumes, stand in one sentence."""
    shown = " ".join(str(audited).split())

    assert (
        "are witnesses under “contest for a prize” (contest) and “who could beat whom” "
        "(war_stability) and not under “who comes to whose side” (coalition)"
    ) in shown
    assert "a rival: contests a prize" in shown
    assert "under “balance of ties” (balance) all states are equally secure" in shown


@given(st.lists(st.sampled_from([0.0, 1 / 3, 1 / 3 + 1e-14, -2.5, 1e3]), min_size=1, max_size=12))
def test_equals_but_for_rounding_share_a_rank(values):
    """Ranks are those of SciPy on rounded numbers."""
    from scipy.stats import rankdata

    assert rankdata(np.round(values, 12)).tolist() == ranks(np.array(values)).tolist()


def test_signs_of_one_change_come_with_their_share_of_draws(audited):
    """For each state and lens a sign, and how often it holds."""
    table = audited.agreement().signs("MIR joins PACT")

    assert set(table["war_stability"]) <= {"-", "0", "+"}
    assert table.filter(table["state"] == "MIR")["war_stability"].to_list() == ["+"]
    assert ((0 <= table["war_stability_share"]) & (table["war_stability_share"] <= 1)).all()


def test_the_summary_of_several_lenses_says_whether_they_agree(audited):
    """The terminal tells the correlation and the number of unanimous witnesses."""
    assert "Do the lenses agree?" in repr(audited)
    assert f"{len(audited.agreement().unanimous()):,} changes are witnesses" in repr(audited)


def test_every_lens_has_a_portrait_of_one_system():
    """Each lens says in a sentence what it sees, with a finite number a state."""
    g = dt.load("two-blocs")
    found = portraits(g)

    assert names() == [one.lens.key for one in found]
    for one in found:
        assert one.portrait.finding
        assert len(g.system.codes) == len(one.portrait.value)
        assert np.isfinite(one.portrait.value).all()
        assert {a for a, _, _ in one.portrait.links} <= set(g.system.codes)
    assert all(one.lens.name in text(g, found) for one in found)
    assert [one.lens.name for one in found] == [row["lens"] for row in as_rows(g, found)]


def test_a_portrait_that_cannot_be_says_why():
    """A lens without an answer stands in the list with its reason."""
    g = build(dict.fromkeys([f"S{k:02d}" for k in range(20)], 1.0),
              rivals=[("S00", f"S{k:02d}", 5) for k in range(1, 20)])  # fmt: skip
    (one,) = portraits(g, "contest")

    assert one.portrait is None
    assert "S00" in one.reason
    assert "has no answer here" in text(g, [one])
    assert as_rows(g, [one])[0]["reason"] == one.reason


def test_the_two_blocs_are_the_camps():
    """The landscape sees the two alliances of the teaching case on opposite sides."""
    g = dt.load("two-blocs")
    (one,) = portraits(g, "landscape")
    camps = [set(group) for group in one.portrait.groups]

    for organisation in ("PACT", "LEAGUE"):
        assert any(set(g.members[organisation]) <= camp for camp in camps)
