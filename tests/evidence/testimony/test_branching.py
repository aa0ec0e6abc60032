"""Patterns sorted by their first letter match what they matched before."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.evidence.testimony.branching import quickened
from detente.evidence.testimony.grammar.lexicon import DEMUR, OFFERS, SILENCE, THREATS
from detente.evidence.testimony.practice import practice_texts

PATTERNS = {
    "ordered": re.compile(r"\b(?:as is|as|is|(?:no|not) one|n['’]t|a?bout|\w+ly|[Aa]ll)\b", re.I),
    "by case": re.compile(r"(?<!\w)(?:May|may be|ma)(?!\w)"),
    "parts": re.compile(r"^\W*lies|\b(?:is|as) a lie|(?<!no )doubt", re.I),
    "brackets": re.compile(r"\b(?:a[|)]b|\(a|[^a]b|a\|b|(?:a|b)?c)"),
}


def _spans(pattern: re.Pattern[str], text: str) -> list[tuple[int, int]]:
    return [match.span() for match in pattern.finditer(text)]


@pytest.mark.parametrize("kind", PATTERNS)
@given(
    st.lists(
        st.sampled_from(
            [
                "as",
                "is",
                "no",
                "one",
                "not",
                "n't",
                "n’t",
                "about",
                "bout",
                "surely",
                "All",
                "May",
                "may",
                "be",
                "ma",
                "lies",
                "a",
                "lie",
                "doubt",
                "a|b",
                "a)b",
                "(a",
                "cb",
                "c",
                "ac",
                ",",
                ".",
                "\n",
                "AS",
                "IS",
            ]
        )
    )
)
def test_any_words_match_as_before(kind, words):
    """Same places, same lengths, whatever the words and their case."""
    text = " ".join(words)

    assert _spans(PATTERNS[kind], text) == _spans(quickened(PATTERNS[kind]), text)


@pytest.mark.parametrize("pattern", [SILENCE, THREATS, OFFERS, DEMUR])
def test_the_project_s_own_patterns_match_as_before(pattern):
    """The patterns of the grammar, over every practice text of the tuning half."""
    texts = [text for _, text, _ in practice_texts("tuning")]

    assert [_spans(pattern, t) for t in texts] == [_spans(quickened(pattern), t) for t in texts]
