"""Frames that the parser misreads are parsed again, and only those."""

from __future__ import annotations

import pytest

pytest.importorskip("spacy")

from detente.evidence.testimony.grammar.gazetteer import Gazetteer
from detente.evidence.testimony.grammar.language import parse
from detente.evidence.testimony.rereading import misread_frames, reread
from detente.evidence.testimony.text_reader import read_text

DEBRIS = "debris from a missile severed a power line"


def speakers(text: str, words: str) -> list[tuple[str, ...]]:
    """Return the chains, the author apart, of the claims whose span holds some words."""
    claims = read_text(text, names=Gazetteer({}), speaker="Author").claims
    return [c.speaker_chain[1:] for c in claims if words in c.text_span]


@pytest.mark.parametrize(
    ("frame", "who"),
    [
        ("Two officials repeatedly maintained that", "Two officials"),
        ("A military spokesman has anticipated that", "military spokesman"),
        ("The institute assessed that", "institute"),
        ("The ministry argued during an interview with a Swiss newspaper that", "ministry"),
        ("A military spokesman insisted with a straight face that", "military spokesman"),
        ("The institute insisted", "institute"),
        ("Anton Weiss, a senior adviser, acknowledged", "Weiss"),
    ],
)
def test_frame_that_parser_takes_for_something_else(frame: str, who: str) -> None:
    """Whatever the verb, and whatever stands between it and its clause, its subject answers."""
    assert [(who,)] == speakers(f"{frame} {DEBRIS}.", "severed a power line")


@pytest.mark.parametrize(
    "text",
    [
        "He maintained that position for a year.",
        "The pact that the two ministers signed was never published.",
        "Venn spoke so softly that the judge asked her to repeat herself.",
        "They rejected an offer to the West, one that Venn called final.",
        "Reports that the dam had burst were untrue.",
    ],
)
def test_other_clauses_are_left_as_they_are(text: str) -> None:
    """A clause that describes a noun, or a consequence, is nobody's words."""
    assert [[]] == [misread_frames(doc) for doc in parse([text])]


def test_words_and_places_are_those_of_the_text() -> None:
    """A second parse changes the tree alone: neither a word, nor a lemma, nor a place."""
    text = f"The ministry argued during an interview with a paper that {DEBRIS}. It was late."
    before = parse([text])
    written = [(w.text, w.low, w.idx) for w in before[0].words]
    after = reread(before)[0]
    assert written == [(w.text, w.low, w.idx) for w in after.words]
    assert (text, ["argue"]) == (after.text, [w.lemma for w in after.words if w.text == "argued"])
    assert list(range(len(after.words))) == [w.i for w in after.words]
    assert ["The", "It"] == [s.text.split()[0] for s in after.sents]


def test_inserted_frame_that_parser_takes_for_a_relative_clause() -> None:
    """Behind a comma no clause describes a noun without *who* or *which*: it is a frame."""
    text = "The convoy, Foreign Minister Anton Weiss reported, had turned back near the river."
    assert [("Weiss",)] == speakers(text, "turned back")


def test_passive_within_a_speaker_s_words_is_another_s() -> None:
    """Who says that he was assured names somebody else, whose name he keeps."""
    text = "Holders said they had been assured as late as August that the cash was in hand."
    assert [("Holders", "assured (unnamed)")] == speakers(text, "cash was in hand")
