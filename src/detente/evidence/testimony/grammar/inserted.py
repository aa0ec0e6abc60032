"""Words between commas that only say who speaks, where a parser takes them for something else.

*Unless the patrols stop, warn shipowners, the strait could close*: the verb stands before its
subject. Such words are cut out, and the sentence is parsed again without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.evidence.testimony.grammar.frames import sort_of_alone
from detente.evidence.testimony.grammar.lexicon import ROLES, words_of
from detente.evidence.testimony.grammar.people import INSTITUTIONS, People
from detente.evidence.testimony.grammar.pieces import TextPiece
from detente.evidence.testimony.grammar.tokens import lemma

if TYPE_CHECKING:
    from detente.evidence.testimony.grammar.parsed import Span, Token

_NOMINAL = frozenset({"DET", "ADJ", "NOUN", "PROPN", "NUM", "PART"})
_AGENTS = words_of(
    "source witness survivor villager family company group agency newspaper paper embassy "
    "people person shipowner resident friend neighbour relative mother father son daughter "
    "brother sister wife husband driver pilot critic ally"
)
_ENDINGS = ("er", "or", "ist", "ian", "ant", "man", "woman", "crat")
MOST = 14
"""Most words of such an insertion."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """Words that only say who speaks: the verb, and first and last token with their comma."""

    verb: Token
    first: Token
    last: Token


def insertion_in(sentence: Span, people: People) -> Insertion | None:
    """Return words between commas in which a verb of saying stands before its subject."""
    tokens = list(sentence)
    for k, comma in enumerate(tokens[:-2]):
        verb = tokens[k + 1]
        if comma.text != "," or sort_of_alone(verb) not in {"say", "think"}:
            continue
        if not verb.tag_.startswith("VB") or verb.tag_ in {"VBG"}:
            continue
        if any(c.dep_ == "nsubj" for c in verb.children) and verb.dep_ != "conj":
            continue
        run: list[Token] = []
        stop = k + 2
        while stop < len(tokens) and stop - k <= MOST:
            token = tokens[stop]
            within = token.text in {"of", "and", "'s", "-"} and run
            apposed = token.text == "," and stop + 1 < len(tokens) and (
                tokens[stop + 1].pos_ == "PROPN" and run and run[-1].pos_ == "NOUN"
            )  # fmt: skip
            if not (token.pos_ in _NOMINAL or within or apposed):
                break
            run.append(token)
            stop += 1
        ended = stop >= len(tokens) or tokens[stop].text in {",", ".", ";"}
        if not run or not ended or not _speaks(run, people):
            continue
        if k < 2 or not any(t.pos_ in {"VERB", "AUX"} for t in (*tokens[:k], *tokens[stop:])):
            continue
        return Insertion(verb, comma, run[-1])
    return None


def _speaks(run: list[Token], people: People) -> bool:
    nouns = [t for t in run if t.pos_ in {"NOUN", "PROPN"}]
    if not nouns:
        return False
    for noun in nouns:
        low = lemma(noun)
        if low in ROLES | INSTITUTIONS | _AGENTS or low.endswith(_ENDINGS):
            return True
        if noun.text in people.persons or people.names.codes_in(noun.text):
            return True
    return False


def without(piece: TextPiece, sentence: Span, insertion: Insertion) -> tuple[TextPiece, TextPiece]:
    """Return the sentence without an insertion, and the insertion in the order of a clause."""
    start, end = sentence.start_char, sentence.end_char
    first = insertion.first.idx
    last = insertion.last.idx + len(insertion.last)
    kept = TextPiece(piece.kind, quote=piece.quote, joined=piece.joined, mark=piece.mark)
    kept.text = piece.text[start:first] + piece.text[last:end]
    kept.places = piece.places[start:first] + piece.places[last:end]
    for at, quote in piece.held.items():
        if start <= at < first:
            kept.held[at - start] = quote
        elif last <= at < end:
            kept.held[at - start - (last - first)] = quote
    verb = insertion.verb
    behind = verb.idx + len(verb) + 1
    turned = TextPiece("frame")
    turned.text = f"{piece.text[behind:last]} {verb.text}"
    turned.places = [
        *piece.places[behind:last],
        piece.places[last - 1],
        *piece.places[verb.idx : verb.idx + len(verb)],
    ]
    return kept, turned
