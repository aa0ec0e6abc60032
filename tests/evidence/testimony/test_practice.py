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
    """Eight texts to tune on and eight to score on; of the second set seven; 21 of the third."""
    names = [{name for name, _, _ in practice_texts(half)} for half in HALVES]

    assert [8, 8, 7, 7, 21] == [len(half) for half in names]
    assert 51 == len(set.union(*names))


def test_a_half_that_is_not_there():
    """Only two halves are known."""
    with pytest.raises(ValueError, match="tuning, held_out"):
        practice_texts("third")


FLOORS = {
    "span_partial": 0.87,
    "chain_end_to_end": 0.70,
    "negated_f1": 0.75,
    "reported_recall": 0.70,
    "all_right": 0.62,
}


@pytest.mark.parametrize("half", ["held_out", "second_held_out"])
def test_the_reader_on_texts_that_it_was_not_tuned_on(reader, half):
    """On the held-out halves every measure is above its aim, and few claims change hands."""
    names = practice_names()
    read = []
    for _, text, gold in practice_texts(half):
        claims = reader(text, names=names, speaker=gold[0].speaker_chain[0]).claims
        read.append((gold, claims, text))
    scores = {name: value for name, (value, _, _) in score_many(read, draws=10).items()}

    below = {name: scores[name] for name, floor in FLOORS.items() if scores[name] < floor}
    assert {} == below
    assert scores["laundered"] <= 0.08
    assert scores["planted"] <= 0.20
