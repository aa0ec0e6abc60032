"""The practice texts are what they claim to be, and the reader does on them what the docs say."""

from __future__ import annotations

import pytest

from detente.evidence.testimony.claim import MAX_WORDS, spans_hold
from detente.evidence.testimony.practice import HALVES, practice_names, practice_texts
from detente.evidence.testimony.score import score_many


@pytest.mark.parametrize("half", HALVES)
def test_every_span_stands_where_its_offsets_say(half):
    """Offsets are code points into the text; a span has at most fifteen words."""
    for _, text, gold in practice_texts(half):
        assert [] == spans_hold(gold, text)
        assert all(len(claim.text_span.split()) <= MAX_WORDS for claim in gold)


def test_no_text_is_in_two_halves():
    """Eight texts to tune on and as many to score on; then 7 and 7, 24 and 8, 6 and 6."""
    names = [{name for name, _, _ in practice_texts(half)} for half in HALVES]

    assert [8, 8, 7, 7, 24, 8, 6, 6] == [len(half) for half in names]
    assert 74 == len(set.union(*names))


def test_a_half_that_is_not_there():
    """Only two halves are known."""
    with pytest.raises(ValueError, match="tuning, held_out"):
        practice_texts("third")


AIMS = {
    "span_partial": 0.87,
    "chain_end_to_end": 0.70,
    "negated_f1": 0.75,
    "reported_recall": 0.70,
    "all_right": 0.62,
}
HELD_BACK = {
    "span_partial": 0.90,
    "chain_end_to_end": 0.70,
    "negated_f1": 0.80,
    "reported_recall": 0.83,
    "hedge_recall": 0.64,
    "actors_f1": 0.66,
    "all_right": 0.59,
}
"""A little below what was measured on texts that nobody who tuned the reader had seen; the aim
of 0.62 all right is missed there."""


def _scores(reader, half):
    names = practice_names(half)
    read = []
    for _, text, gold in practice_texts(half):
        claims = reader(text, names=names, speaker=gold[0].speaker_chain[0]).claims
        read.append((gold, claims, text))
    return {name: value for name, (value, _, _) in score_many(read, draws=10).items()}


def _below(scores, floors):
    return {name: scores[name] for name, floor in floors.items() if scores[name] < floor}


@pytest.mark.parametrize("half", ["held_out", "second_held_out", "third_tuning"])
def test_the_reader_on_texts_whose_errors_were_mended(reader, half):
    """Every measure is above its aim, and few claims change hands."""
    scores = _scores(reader, half)

    assert {} == _below(scores, AIMS)
    assert scores["laundered"] <= 0.08
    assert scores["planted"] <= 0.20


def test_the_reader_on_the_daily_assessments_that_were_held_back(reader):
    """On six more texts one reported claim in twenty-five becomes the author's."""
    scores = _scores(reader, "fourth_held_out")

    assert {} == _below(scores, HELD_BACK)
    assert scores["laundered"] <= 0.08
    assert scores["planted"] <= 0.20


def test_the_reader_on_texts_that_were_held_back(reader):
    """It does what the documentation says: one reported claim in nine becomes the author's."""
    scores = _scores(reader, "third_held_out")

    assert {} == _below(scores, HELD_BACK)
    assert scores["laundered"] <= 0.125
    assert scores["planted"] <= 0.125
