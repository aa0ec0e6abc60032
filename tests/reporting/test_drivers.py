"""Which parameter drives the index: computed from the draws, told in words, shown with chance."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from taken_apart import Page
from written import write

import detente as dt
from detente.auditing.sensitivity import Sensitivity
from detente.lenses.naming import short_words
from detente.reporting.audit import charts, drivers
from detente.reporting.audit.agreement_charts import places


@pytest.fixture(scope="module")
def stability() -> dt.Result:
    """An audit under a lens whose two parameters are drawn."""
    return dt.audit("two-blocs", lens="war_stability", draws=40)


@pytest.fixture(scope="module")
def moved(stability: dt.Result) -> dt.Result:
    """An audit whose index follows one parameter in every draw, and falls with it."""
    audit = dt.Result(stability.data.copy(deep=True))
    drawn = audit.data["parameter_draw"].sel(parameter="war_stability.advantage").values
    audit.data["index_draw"][0] = 1 / (1 + drawn)
    return audit


def of(method: str, effect: list[float], error: list[float], undefined: int = 0) -> Sensitivity:
    """Return effects of two parameters, as a sample of them would give."""
    nothing = np.full(2, np.nan)
    return Sensitivity(
        "war_stability", method, ("advantage", "reach"), np.array(effect), np.array(error),
        nothing, 0.2, 512, undefined,
    )  # fmt: skip


def test_the_rank_correlation_is_spearmans() -> None:
    """For every lens the number is that of scipy's own function over the draws with an answer."""
    lenses = ["coalition", "war_stability", "contest"]
    audit = dt.audit("europe-1936", lens=lenses, draws=15, alternatives=False)
    compared = 0
    for lens in audit.lenses:
        index = audit.data["index_draw"].sel(lens=lens).values
        for one in drivers.drivers(audit, lens):
            if np.isnan(one.correlation):
                continue
            drawn = audit.data["parameter_draw"].sel(parameter=f"{lens}.{one.parameter}").values
            known = np.isfinite(index)
            expected = float(spearmanr(np.round(index[known], 12), drawn[known]).statistic)
            assert expected == pytest.approx(one.correlation, abs=1e-12)
            compared += 1

    assert compared > 3


def test_a_parameter_that_moves_the_index_is_named_with_its_direction(moved: dt.Result) -> None:
    """The parameter that the index falls with is told first, in words and in the title."""
    words = drivers.in_words(moved)
    chart = drivers.chart(moved).to_dict()

    assert "the index goes most with advantage" in words[0]
    assert "the greater it is, the lower the index tends to be" in words[0]
    assert "−1.0 over 40 draws" in words[0]
    assert chart["title"]["text"] == (
        "The parameter advantage moves the index most under the lens “who could beat whom” "
        "(war_stability)"
    )


def test_an_index_that_never_moves_is_told_so(stability: dt.Result) -> None:
    """No correlation is made up where the index is the same in every draw."""
    audit = dt.Result(stability.data.copy(deep=True))
    audit.data["index_draw"][:] = 0.5

    assert drivers.chart(audit) is None
    assert drivers.in_words(audit) == [
        "Under the lens “who could beat whom” (war_stability) the index is the same in every draw: "
        "within their ranges no parameter moves it."
    ]


def test_too_few_draws_say_nothing(stability: dt.Result) -> None:
    """Where hardly any draw has an answer the page does not rank parameters."""
    audit = dt.Result(stability.data.copy(deep=True))
    audit.data["index_draw"][0] = 0.5
    audit.data["index_draw"][0, drivers.FEWEST - 1 :] = np.nan

    assert "too few draws have an answer (9)" in drivers.in_words(audit)[0]
    assert all(np.isnan(d.correlation) for d in drivers.drivers(audit, "war_stability"))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_only_the_order_of_the_draws_counts(stability: dt.Result, seed: int) -> None:
    """Correlations do not depend on the scale of the index, only on the order of its draws."""
    audit = dt.Result(stability.data.copy(deep=True))
    index = np.random.default_rng(seed).random(audit.data.sizes["draw"])
    audit.data["index_draw"][0] = index
    plain = drivers.drivers(audit, "war_stability")
    audit.data["index_draw"][0] = index**3
    bent = drivers.drivers(audit, "war_stability")

    assert [d.parameter for d in plain] == [d.parameter for d in bent]
    np.testing.assert_allclose([d.correlation for d in plain], [d.correlation for d in bent])
    assert abs(plain[0].correlation) >= abs(plain[-1].correlation)


def test_chance_alone_rarely_leaves_the_grey_band(stability: dt.Result) -> None:
    """In 400 audits of pure noise about one in twenty has a parameter beyond the band."""
    audit = dt.Result(stability.data.copy(deep=True))
    rng = np.random.default_rng(7)
    found = 0
    for _ in range(400):
        audit.data["index_draw"][0] = rng.random(audit.data.sizes["draw"])
        found += any(d.beyond_chance for d in drivers.drivers(audit, "war_stability"))

    # Binomial with p = 0.05: 20 expected, standard deviation 4.4.
    assert 5 <= found <= 35


def test_effects_come_into_the_page_with_their_intervals(
    audits: dict[str, dt.Result], tmp_path: Path
) -> None:
    """Handed in, the effects are drawn, told and offered for download."""
    given_ = [of("sobol", [0.8, 0.3], [0.1, 0.4])]
    path = write(audits["all"], tmp_path / "page.html", sensitivity=given_)
    page = Page(path.read_text(encoding="utf-8"))
    name = next(key for key in page.downloads if key.endswith("-sensitivity.csv"))
    rows = pl.read_csv(io.BytesIO(base64.b64decode(page.downloads[name].partition(",")[2])))

    assert "The parameter advantage has a part in 80 % of the variance of the index" in page.words()
    assert "spec-effects-sobol" in page.charts()
    assert rows.select("parameter", "effect", "error").rows() == [
        ("advantage", 0.8, 0.1),
        ("reach", 0.3, 0.4),
    ]


def test_an_effect_that_may_be_nothing_is_not_a_headline() -> None:
    """Where every interval holds zero, no parameter is named as the one that matters."""
    given_ = [of("sobol", [0.4, 0.3], [0.5, 0.4])]

    assert drivers.effects(given_, "sobol").to_dict()["title"]["text"] == (
        "The sample is too small to tell any parameter's effect from nothing"
    )
    assert "too small to tell from nothing" in drivers.effects_in_words(given_)[0]


def test_methods_of_different_units_stand_apart() -> None:
    """Shares of variance and changes of the index never share an axis."""
    given_ = [of("morris", [0.2, 0.1], [0.05, 0.02], undefined=12)]

    assert drivers.effects(given_, "sobol") is None
    assert drivers.effects(given_, "morris").to_dict()["title"]["text"] == (
        "The parameter advantage alone changes the index by 0.20 on average, under the lens “who "
        "could beat whom” (war_stability)"
    )
    assert "12 of 512 points have no answer" in drivers.effects_in_words(given_)[0]


def test_parameters_are_told_on_the_page_and_offered(pages: dict[str, Page]) -> None:
    """The section How sure says which assumption moves the index, from the draws alone."""
    page = pages["all"]

    assert "Which assumption moves the index" in [text for _, text in page.headings]
    assert any(key.endswith("-drivers.csv") for key in page.downloads)
    assert "Which assumption moves the index" not in pages["bare"].words()


def test_the_matrix_of_lenses_has_the_agreement_of_the_audit(audits: dict[str, dt.Result]) -> None:
    """Every cell is the audit's own number, lenses in words; what cannot be compared is open."""
    audit = audits["lenses"]
    found = audit.agreement()
    spec = charts.pairs(audit).to_dict()
    ranks, signs = (spec["datasets"][panel["data"]["name"]] for panel in spec["hconcat"])
    place = {short_words(lens): k for k, lens in enumerate(found.lenses)}

    for rows, expected in ((ranks, found.rank_correlation), (signs, found.same_sign)):
        assert len(rows) == len(place) * (len(place) - 1)
        for row in rows:
            number = expected[place[row["one"]], place[row["other"]]]
            assert (row["value"] is None) == bool(np.isnan(number))
            if row["value"] is not None:
                assert row["value"] == pytest.approx(number, rel=1e-5)


def test_equal_states_share_a_place(audits: dict[str, dt.Result]) -> None:
    """A lens that sees all states alike does not order them by chance."""
    found = places(audits["lenses"], "balance")

    assert set(found.values()) == {(len(found) + 1) / 2}


def test_the_page_says_which_changes_part_the_lenses(
    pages: dict[str, Page], audits: dict[str, dt.Result]
) -> None:
    """Changes on which lenses differ are counted by who says yes, and add up."""
    from detente.reporting.audit.findings import parted
    from detente.reporting.map.context import scene

    audit = audits["lenses"]
    found = parted(audit, scene(audit))
    words = pages["lenses"].words()

    assert found is not None
    assert sum(row["count"] for row in found["rows"]) == audit.agreement().split().height
    assert "Where the lenses agree, and where they part" in words
    assert found["opposite"] in words
    assert all(text in words for row in found["rows"] for text in row["along"])


def test_parting_names_what_either_side_assumes(audits: dict[str, dt.Result]) -> None:
    """What one side assumes stands before what the others assume, and never on both sides."""
    from detente.reporting.audit.findings import _along

    audit = audits["lenses"]
    texts = _along(audit.agreement(), ["contest"], ["war_stability"])
    about = {key: audit.settings["lenses"][key]["assumptions"] for key in audit.lenses}

    assert f"an ally: {about['contest']['an ally']}; for the others: " in " ".join(texts)
    for text in texts:
        mine, _, theirs = text.partition("; for the others: ")
        name, _, mine = mine.partition(": ")
        assert (mine, theirs) == (about["contest"][name], about["war_stability"][name])
