"""Long texts and long sentences: the time grows with the words, and no speaker is lost in a cut."""

from __future__ import annotations

import sys

import pytest

from detente.evidence.testimony.claim import spans_hold
from detente.evidence.testimony.grammar import people, pieces
from detente.evidence.testimony.grammar.gazetteer import Gazetteer

NAMES = Gazetteer({"Queria": ("QUE",), "Halvern": ("HAL",)})
ENDLESS = {
    "and": ("Halvern said that ", "the bridge had collapsed and ", "it rained."),
    "that": ("", "Halvern said that ", "it rained."),
    "he": ("", "She said that he said that ", "it rained."),
    "which": ("", "The minister, who saw the man, ", "left."),
    "names": ("", "Anna Holt and Bert Kohl and ", "left."),
    "quotes": ("", "“It rained,” Halvern said, “and the bridge fell,” she added, ", "."),
}


def _steps(read, text: str) -> int:
    """Count the calls within the reader: what time is made of, whatever the machine."""
    count = 0

    def called(frame, event, _):
        nonlocal count
        count += event == "call" and "testimony" in frame.f_code.co_filename

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        read(text, names=NAMES, speaker="A")
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize("kind", ENDLESS)
def test_the_work_on_an_endless_sentence_grows_with_its_words(reader, kind, monkeypatch):
    """Four times the words take about four times the steps, however they hang together."""
    monkeypatch.setattr(pieces, "MOST_WORDS", 100)
    monkeypatch.setattr(people, "FAR", 200)
    lead, part, end = ENDLESS[kind]
    words = len(part.split())
    short, long = (
        _steps(reader, lead + part * (count // words) + end) for count in (250, 1000)
    )  # fmt: skip

    assert long < 6 * short


@pytest.mark.parametrize("kind", ["and", "that", "he"])
def test_no_claim_of_a_cut_sentence_becomes_the_author_s_own_for_sure(reader, kind, monkeypatch):
    """Behind a cut the speaker before it stands, and is uncertain."""
    monkeypatch.setattr(pieces, "MOST_WORDS", 150)
    lead, part, end = ENDLESS[kind]
    text = lead + part * (600 // len(part.split())) + end
    reading = reader(text, names=NAMES, speaker="A")

    assert [] == spans_hold(reading.claims, text)
    assert [] == [c for c in reading.claims if c.speaker_certain and len(c.speaker_chain) == 1]
    assert {c.speaker_certain for c in reading.claims if c.start > 1000} == {False}


def test_a_sentence_within_the_bound_is_read_in_one(reader, monkeypatch):
    """The bound cuts what is longer than it, and nothing else."""
    text = "Halvern said that the bridge, " + "which was old, " * 60 + "had collapsed."
    whole = reader(text, names=NAMES, speaker="A").claims
    monkeypatch.setattr(pieces, "MOST_WORDS", 10_000)

    assert reader(text, names=NAMES, speaker="A").claims == whole


def test_a_parse_copied_is_the_parse(reader):
    """Words, tree and sentences of the copy are those of spaCy, word for word."""
    from detente.evidence.testimony.grammar.language import model, parse

    text = (
        "“No,” the minister's aide -- Anna Holt -- said; she hadn't, as was claimed, left (yet). "
        "Halvern, whose navy the paper praised, and Queria agreed that nothing had changed. 😀 "
        "What a view   it was!"
    )
    theirs, ours = model()(text), parse([text])[0]

    def seen(doc, low):
        return [
            (
                t.i, t.idx, t.text, low(t), t.pos_, t.tag_, t.dep_, t.ent_type_, t.head.i,
                [c.i for c in t.children], [c.i for c in t.subtree], [c.i for c in t.conjuncts],
                t.left_edge.i, t.is_alpha, t.is_punct, t.is_space, t.sent.root.i,
                (t.sent.text, t.sent.start_char, t.sent.end_char),
            )
            for t in doc
        ]  # fmt: skip

    assert ours.text == text
    assert seen(theirs, lambda t: t.lemma_.casefold()) == seen(ours, lambda t: t.lemma)
    assert [t.letters for t in ours] == [sum(c.is_alpha for c in t.subtree) for t in theirs]
