"""Changes that the user names are answered one by one, with what other choices would change."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import detente as dt
from detente.architecture.mapping import THRESHOLD
from detente.auditing.change_verdict import change_verdict
from detente.auditing.named_changes import disagreement
from detente.testing import build

CODES = ("AAA", "BBB", "CCC", "DDD")
SENTENCES = (
    "AAA and BBB commit to mutual defense",
    "CCC disarms by 50 %",
    "DDD arms by 30 %",
    "AAA and CCC reconcile",
)


CASES = st.tuples(
    st.lists(st.floats(0.5, 9), min_size=4, max_size=4),
    st.integers(2, 5),
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4, unique=True),
)
"""Strengths of four states, how bitter a quarrel is, and some changes."""


def quarrel(strength: list[float], intensity: int) -> dt.Architecture:
    """A small architecture with two quarrels."""
    return build(
        dict(zip(CODES, strength, strict=True)),
        rivals=[("AAA", "CCC", 4), ("BBB", "DDD", intensity)],
    )


@given(CASES)
@settings(max_examples=25)
def test_terminal_and_document_say_what_the_verdicts_say(case):
    """Every verdict stands word for word on the terminal and in the JSON, with what is close."""
    strength, intensity, sentences = case
    g = quarrel(strength, intensity)
    result = dt.audit(g, sentences, lens="contest", draws=0)
    shown = " ".join(repr(result).split())
    rows = result.to_dict()["lenses"][0]["changes"]
    for k, row in enumerate(rows):
        verdict = change_verdict(result, k)
        assert f"{verdict.in_words()}." == row["verdict"]
        assert verdict.why_close() == row["why_close"]
        assert " ".join(f"{verdict.in_words()}. {verdict.why_close()}".split()) in shown


@given(CASES)
@settings(max_examples=25)
def test_what_another_choice_would_change_is_what_an_audit_under_it_finds(case):
    """Gainers, losers and consent of each alternative are those of an audit with that choice."""
    strength, intensity, sentences = case
    g = quarrel(strength, intensity)
    result = dt.audit(g, sentences, lens="contest", draws=0)
    assume("alternative" in result.data.dims)
    for name in result.data["alternative"].values.astype(str):
        level = float(re.fullmatch(r"rivals from intensity (\d)", name)[1])
        other = g.under(g.mapping.update({THRESHOLD: level}))
        again = dt.audit(other, sentences, lens="contest", draws=0, alternatives=False)
        there = result.data.sel(lens="contest", alternative=name)
        verdicts = [change_verdict(again, k) for k in range(len(sentences))]
        assert [len(v.gains) for v in verdicts] == there["alternative_gainers"].values.tolist()
        assert [len(v.losses) for v in verdicts] == there["alternative_losers"].values.tolist()
        assert sum(v.wanted for v in verdicts) == int(there["alternative_wanted"])


def test_one_change_shows_what_another_measure_would_change():
    """For a single change the other choices are listed, with how many gain and lose under each."""
    result = dt.audit("eurasia-2024", "UKR joins NATO", draws=0)
    text = repr(result)

    assert "If a choice were made otherwise" in text
    for measure in ("gross domestic product", "military expenditure"):
        other = result.data.sel(lens="coalition", alternative=f"capability measured by {measure}")
        counts = [int(other[f"alternative_{key}"].values[0]) for key in ("gainers", "losers")]
        assert re.search(rf"{measure} +\+{counts[0]} / -{counts[1]} ", text)


def test_several_changes_stand_side_by_side():
    """The columns have the deltas of every change, a row a state that one of them moves."""
    sentences = ["MIR joins PACT", "NOL joins LEAGUE"]
    result = dt.audit("two-blocs", sentences, draws=0, lens="contest")
    table = repr(result).partition("Side by side")[2].partition("nobody else")[0]
    tolerance = float(result.data["tolerance"].sel(lens="contest"))
    for i, code in enumerate(result.data["state"].values):
        deltas = [float(result.deltas(sentence).values[i]) for sentence in sentences]
        for delta in deltas:
            if abs(delta) > tolerance:
                assert f"{delta:+.3g}" in re.search(rf".*\({code}\)", table)[0]
    assert "Nothing is tested" not in repr(result)


def test_many_named_changes_are_told_together():
    """Beyond a dozen the verdicts are counted, and no column is cut."""
    g = build(dict.fromkeys(CODES, 1.0), rivals=[("AAA", "CCC", 4)])
    result = dt.audit(g, [f"AAA arms by {k} %" for k in range(5, 70, 5)], lens="contest", draws=0)

    assert "Side by side" not in repr(result)
    assert "verdict" not in result.to_dict()["lenses"][0]["changes"][0]


def test_a_saved_answer_shows_the_same(tmp_path):
    """What other choices would change is kept with the result."""
    result = dt.audit("two-blocs", "MIR joins PACT", draws=3)
    again = dt.open(result.save(tmp_path / "r.nc"))

    assert repr(result) == repr(again)
    assert np.array_equal(
        result.data["alternative_gainers"].values, again.data["alternative_gainers"].values
    )


@pytest.mark.parametrize("count", [1, 2])
def test_the_page_has_the_table_of_other_choices(count, tmp_path):
    """The page of one change, or of several, has how many states gain and lose otherwise."""
    sentences = ["MIR joins PACT", "NOL joins LEAGUE"][:count]
    path = dt.audit("two-blocs", sentences, draws=0).report(tmp_path / "x.html")

    assert "States more secure" in path.read_text(encoding="utf-8")


def test_lenses_that_say_the_opposite_of_a_state_come_first():
    """On whom the lenses disagree most is said before any of them, on terminal and in words."""
    result = dt.audit("eurasia-2024", "UKR joins NATO", lens="all", draws=0, alternatives=False)
    said = " ".join(str(result).split())
    parted = disagreement(result)
    signs = {
        np.sign(float(result.deltas("UKR joins NATO", lens).sel(state="RUS")))
        for lens in result.lenses
    }

    assert {1.0, -1.0} <= signs
    assert "Russia (RUS) is less secure under “who comes to whose side”" in parted
    assert said.index(parted) < said.index("UKR joins NATO: under the lens")
    assert result.reading.startswith(parted)
    assert "" == disagreement(dt.audit("two-blocs", "MIR joins LEAGUE", draws=0))
