"""The headline of single acts is derived from all of them, and said the same everywhere."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detente.crisis.model.settings import parameters
from detente.crisis.questions.act_effects import CLEAR, WORDS, effects_of, headline
from detente.reporting.crisis import intervene as page_of
from detente.results import Result, build

NUMBERS = st.floats(-0.5, 0.5).map(lambda x: round(x, 3))
ERRORS = st.floats(0.0, 0.3).map(lambda x: round(x, 3))


@st.composite
def answers(draw: st.DrawFn) -> Result:
    """An answer of random acts, ranked by the estimate as `intervene` ranks them."""
    count = draw(st.integers(1, 6))
    outcome = draw(st.sampled_from(sorted(WORDS)))
    variables = {}
    for name in WORDS:
        prefix = "" if name == "war" else f"{name}_"
        untouched = "nothing" if name == "war" else f"nothing_{name}"
        change = np.array(draw(st.lists(NUMBERS, min_size=count, max_size=count)))
        if name == outcome:
            change = np.sort(change)
        error = np.array(draw(st.lists(ERRORS, min_size=count, max_size=count)))
        variables |= {
            name: (("act",), np.clip(0.5 + change, 0, 1), "", name),
            f"{prefix}difference": (("act",), change, "", name),
            f"{prefix}difference_error": (("act",), error, "", name),
            untouched: ((), 0.5, "", name),
            f"{untouched}_error": ((), 0.01, "", name),
        }
        if name == outcome:
            variables |= {
                "behind": (("act",), change - change[0], "", "behind"),
                "behind_error": (("act",), np.where(np.arange(count), error, 0.0), "", "behind"),
            }
    acts = [f"act {'abcdef'[k]}" for k in range(count)]
    return build(
        "intervene",
        variables=variables,
        coordinates={"act": acts, "idle": ("act", [""] * count)},
        settings={"outcome": outcome, "days": 365, "replicas": 100, "branching_ratio": 0.1,
                  "seed": 1, "parameters": {p.name: p.default for p in parameters()}},
        names={}, scenario="none", digest="0" * 16, title="A test",
    )  # fmt: skip


def clearly(result: Result, outcome: str, sign: int) -> set[str]:
    """The acts whose row in the table differs from nothing in a direction, read independently."""
    prefix = "" if outcome == "war" else f"{outcome}_"
    change, error = (
        result.data[f"{prefix}{name}"].values for name in ("difference", "difference_error")
    )
    acts = result.data["act"].values.astype(str)
    return set(acts[(sign * change > 0) & (np.abs(change) > CLEAR * error)].tolist())


@given(answers())
def test_the_headline_agrees_with_every_row(result):
    """Nothing is said to lower nothing while a row does, and whatever lowers it is named."""
    outcome = result.settings["outcome"]
    lowers = clearly(result, outcome, -1)
    text = headline(result)
    first = text.split(".")[0]

    assert ("None of these acts lowers" in text) == (not lowers)
    if len(lowers) <= 4:
        assert lowers <= set(re.findall(r"act \w", first))
    for act in clearly(result, outcome, 1):
        assert act in first.rpartition(";")[2] or "more raise" in first


@given(answers())
def test_an_act_that_lowers_another_outcome_is_not_passed_over(result):
    """Acts that lower an outcome by which they are not ranked are named all the same."""
    outcome = result.settings["outcome"]
    for other in WORDS:
        some = clearly(result, other, -1) - clearly(result, outcome, -1)
        if other != outcome and some:
            assert re.search(rf"lowers? {WORDS[other]}\.", headline(result))


@given(answers())
def test_the_page_says_what_the_answer_says(result):
    """The lead of the page begins with the headline, names of acts in quotation marks."""
    acts = [f"“{act}”" for act in result.data["act"].values]
    page = page_of.page(result)

    assert headline(result, acts) in str(page.lead)


@given(answers())
def test_leaders_lower_for_certain(result):
    """No act leads that is not told from doing nothing."""
    effects = effects_of(result)

    assert set(effects.leaders) <= set(effects.lowering)
    assert bool(effects.leaders) == bool(effects.lowering)
