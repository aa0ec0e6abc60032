"""A verb of saying that the parser did not take for one, parsed again as *said*.

The small model knows *said that* and *says that* nearly always; of rarer verbs it takes *that* for
a determiner (*maintained that debris severed the line*), the verb for a noun, or the clause for one
that describes the last noun before it (*argued in an interview with a paper that*). Where the words
look like a frame and the parse has none, the piece is parsed once more with a form of *say* in the
verb's place. The new parse is kept only if the clause now hangs on that verb; the words stay
what they are, and so do all places.
"""

from __future__ import annotations

from collections.abc import Sequence

from detente.evidence.testimony.grammar.frames import (
    content_noun_of,
    content_of,
    reporting_verb_of,
    sort_of_alone,
)
from detente.evidence.testimony.grammar.language import parse
from detente.evidence.testimony.grammar.lexicon import CONTENT_NOUNS, words_of
from detente.evidence.testimony.grammar.tokens import SUBJECTS, lemma
from detente.evidence.testimony.parsed import ParsedText, Token, regrown

FARTHEST = 14
"""Most words between a verb and the *that* of its clause."""
_FRAMING = frozenset({"say", "think", "deny", "doubt", "demand", "commit"})
_BARE = frozenset({"say", "think"})
_NOMINAL = frozenset({"DET", "ADJ", "NOUN", "PROPN", "NUM", "PRON"})
_FINITE = frozenset({"VBD", "VBZ", "VBP", "MD"})
_STOPS = words_of(
    "; : . ? ! “ ” ( ) — – and but or nor which who whom whose that if because while so such "
    "one those all something anything everything nothing"
)
_TELLING = words_of("tell assure inform remind warn promise advise")
_PASSIVE = words_of("is are was were be been being")
_WHEN = words_of(
    "monday tuesday wednesday thursday friday saturday sunday yesterday today last this late to "
    "early earlier again once twice"
)


def misread_frames(doc: ParsedText) -> list[tuple[int, int]]:
    """Return verbs that look like the frame of a clause which the parse gives to none.

    Returns
    -------
    list of (int, int)
        Number of the verb and of the *that* of its clause, or of the finite verb of a clause
        without one, in order.
    """
    frames: list[tuple[int, int]] = []
    words = doc.words
    for word in words:
        found: tuple[int, int] | None = None
        if word.low == "that":
            found = _before_that(word)
        elif word.tag_ in _FINITE and word.pos_ == "VERB" and sort_of_alone(word) in _BARE:
            found = _before_bare(word)
        if found is not None and (not frames or found[0] > frames[-1][0]):
            frames.append(found)
    return frames


def _before_that(that: Token) -> tuple[int, int] | None:
    words = that.doc.words
    if not that.i or that.i + 2 >= len(words):
        return None
    following = words[that.i + 1]
    if following.tag_ in _FINITE or following.low in {"'s", "’s"}:
        return None  # A ship that sank.
    if that.dep_ == "mark" and (
        reporting_verb_of(that.head) is not None or content_noun_of(that.head) is not None
    ):
        return None
    verb = _frame_of(that)
    if verb is None or (that.dep_ == "mark" and that.head.dep_ == "ccomp"
                        and that.head.head is verb):  # fmt: skip
        return None
    finite = any(w.tag_ in _FINITE for w in words[that.i + 1 : that.sent.end + 1])
    return (verb.i, that.i) if finite else None


def _before_bare(verb: Token) -> tuple[int, int] | None:
    """Return a verb with the finite verb of a clause without *that* behind it: insisted it sank."""
    words = verb.doc.words
    behind = words[verb.i + 1 : verb.sent.end]
    if not behind or behind[0].pos_ not in _NOMINAL or content_of(verb):
        return None
    for word in behind[:FARTHEST]:
        if word.low in _STOPS or word.low == "," or word.tag_ in {"TO", "VBN", "VB"}:
            return None
        if word.tag_ in _FINITE:
            return (verb.i, word.i)
    return None


def _frame_of(that: Token) -> Token | None:
    """Return the verb of saying before a *that*, with nothing but adverbials between."""
    words = that.doc.words
    for i in range(that.i - 1, max(-1, that.i - FARTHEST - 1), -1):
        word = words[i]
        if word.low in _STOPS:
            return None
        if sort_of_alone(word) in _FRAMING and (
            word.pos_ == "VERB" or (i == that.i - 1 and lemma(word) not in CONTENT_NOUNS)
        ):
            behind = words[i + 1]
            adverbial = (
                behind is that
                or behind.pos_ in {"ADP", "ADV"}
                or (behind.low == "," and words[that.i - 1].low == "," and that.i > i + 2)
                or behind.low in _WHEN
                or (lemma(word) in _TELLING and behind.pos_ in _NOMINAL)
            )
            subject = i > 0 and words[i - 1].low not in {"to", "the", "a", "an"}
            return word if adverbial and subject else None
        if word.tag_ in _FINITE or (word.tag_ == "VB" and words[i - 1].low == "to"):
            return None
    return None


def _plain(verb: Token) -> str:
    low = verb.low
    before = verb.doc.words[verb.i - 1].low
    if verb.tag_ == "VBN" and before in _PASSIVE:
        return "told"
    if low.endswith("ing"):
        return "saying"
    if verb.tag_ in {"VBZ", "NNS"} and low.endswith("s"):
        return "says"
    if verb.tag_ in {"VBD", "VBN"} or low.endswith("ed"):
        return "said"
    return "say"


def reread(docs: Sequence[ParsedText]) -> list[ParsedText]:
    """Return parses in which frames that were misread are mended where another parse can."""
    mended = list(docs)
    asked = [(k, found) for k, doc in enumerate(docs) if (found := misread_frames(doc))]
    again: list[tuple[int, int, int]] = []
    for (k, found), doc in zip(asked, parse([_said(docs[k], f) for k, f in asked]), strict=True):
        if len(doc.words) != len(docs[k].words):
            continue
        if any(_is_framed(doc.words[at], doc.words[verb]) for verb, at in found):
            mended[k] = _with_words(doc, docs[k])
        elif len(found) == 1 and docs[k].words[found[0][1]].low == "that":
            again.append((k, *found[0]))
    shorter = parse([_said(docs[k], [(verb, that)], cut=True) for k, verb, that in again])
    for (k, verb, that), doc in zip(again, shorter, strict=True):
        if len(doc.words) == len(docs[k].words) - (that - verb - 1) and _is_framed(
            doc.words[verb + 1], doc.words[verb]
        ):
            mended[k] = _grafted(doc, docs[k], verb, that)
    return mended


def _said(doc: ParsedText, found: Sequence[tuple[int, int]], *, cut: bool = False) -> str:
    """Return a text with a form of *say* in the place of some verbs, and nothing behind it."""
    text = doc.text
    for verb, that in reversed(found):
        word = doc.words[verb]
        behind = text[doc.words[that].idx - 1 :] if cut else text[word.idx + len(word) :]
        text = text[: word.idx] + _plain(word) + behind
    return text


def _is_framed(place: Token, verb: Token) -> bool:
    """Say whether the clause that begins at *that*, or has this verb, hangs on a verb of saying."""
    head = place.head if place.dep_ in {"mark", "aux", "auxpass"} else place
    if (place.low == "that") != (place.dep_ == "mark") or reporting_verb_of(head) is not verb:
        return False
    return any(c.dep_ in SUBJECTS for c in _bearer(verb).children)


def _bearer(verb: Token) -> Token:
    """Return the verb that has the subject of a joined or subordinate one."""
    while verb.dep_ in {"conj", "xcomp", "advcl", "acl", "relcl", "pcomp"} and not any(
        c.dep_ in SUBJECTS for c in verb.children
    ):
        if verb.dep_ in {"acl", "relcl"} or verb.head is verb:
            return verb
        verb = verb.head
    return verb


def _with_words(doc: ParsedText, original: ParsedText) -> ParsedText:
    """Write the words and places of the text as it is into its second parse."""
    for word, before in zip(doc.words, original.words, strict=True):
        _as_written(word, before)
    return regrown(original.text, doc.words, [sentence.start for sentence in doc.sents])


def _grafted(doc: ParsedText, original: ParsedText, verb: int, that: int) -> ParsedText:
    """Put the words that a parse did without back, under the verb behind which they stand."""
    between = original.words[verb + 1 : that]
    here = set(map(id, between))
    for word in between:
        if word.head is word or id(word.head) not in here:
            word.head = doc.words[verb]
            if word.dep_ not in {"prep", "advmod", "npadvmod", "punct", "dobj", "dative"}:
                word.dep_ = "prep" if word.pos_ == "ADP" else "advmod"
    words = [*doc.words[: verb + 1], *between, *doc.words[verb + 1 :]]
    for word, before in zip(words, original.words, strict=True):
        if word is not before:
            _as_written(word, before)
    longer = len(between)
    firsts = [s.start if s.start <= verb else s.start + longer for s in doc.sents]
    return regrown(original.text, words, firsts)


def _as_written(word: Token, before: Token) -> None:
    word.idx = before.idx
    if word.text != before.text:
        word.text, word.low, word.lemma = before.text, before.low, before.lemma
