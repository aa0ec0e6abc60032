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
    from detente.evidence.testimony.parsed import Span, Token

_NOMINAL = frozenset({"DET", "ADJ", "NOUN", "PROPN", "NUM", "PART"})
_AGENTS = words_of(
    "source witness survivor villager family company group agency newspaper paper embassy "
    "people person shipowner resident friend neighbour relative mother father son daughter "
    "brother sister wife husband driver pilot critic ally"
)
_ENDINGS = ("er", "or", "ist", "ian", "ant", "man", "woman", "crat")
_ELSEWHERE = frozenset({"advcl", "nsubj", "npadvmod"})
"""How a parser hangs what stands before an insertion on the verb in it."""
_WITHIN = words_of("of in at for from with")
MOST = 14
"""Most words of such an insertion."""


@dataclass(frozen=True, slots=True)
class Insertion:
    """Words that only say who speaks: the verb, and first and last token with their comma.

    `subject` is the last word of the subject where it stands before its verb.
    """

    verb: Token
    first: Token
    last: Token
    subject: Token | None = None


def insertion_in(sentence: Span, people: People) -> Insertion | None:
    """Return words between commas in which a verb of saying stands before its subject."""
    tokens = list(sentence)
    for k, comma in enumerate(tokens[:-2]):
        if comma.text == "," and k:
            misread = _misread(tokens, k, people)
            if misread is not None:
                return misread
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
        others = any(t.pos_ in {"VERB", "AUX"} for t in (*tokens[:k], *tokens[stop:]))
        if not k or (not others and stop < len(tokens) - 1):
            continue
        return Insertion(verb, comma, run[-1])
    return None


def _misread(tokens: list[Token], k: int, people: People) -> Insertion | None:
    """Return words between commas in which a subject and its verb of saying stand as usual.

    Only where the parser takes other words of the sentence for what they govern.
    """
    stop = k + 1
    while (
        stop < len(tokens)
        and stop - k <= MOST
        and (
            tokens[stop].pos_ in _NOMINAL
            or tokens[stop].pos_ == "PRON"
            or (tokens[stop].text in _WITHIN and stop > k + 1)
        )
    ):
        stop += 1
    run = tokens[k + 1 : stop]
    if not run or stop >= len(tokens):
        return None
    if tokens[stop].low in {"has", "have", "had"} and stop + 1 < len(tokens):
        stop += 1
    verb = tokens[stop]
    goes_on = lemma(verb) == "go" and verb.nbor(1).low == "on"
    if not goes_on and lemma(verb) != "hear" and sort_of_alone(verb) not in {"say", "think"}:
        return None
    if verb.tag_ not in {"VBD", "VBZ", "VBP", "VBN"}:
        return None
    end = stop + 1
    while end < len(tokens) and end - k <= MOST and tokens[end].text not in {",", ".", ";"}:
        if tokens[end].pos_ in {"VERB", "AUX"} or tokens[end].dep_ == "mark":
            return None
        end += 1
    if end >= len(tokens) or tokens[end].text != "," or end + 2 >= len(tokens):
        return None
    outside = [
        c for c in verb.children
        if (c.i > tokens[end].i and c.tag_ != "VBG" and not c.is_punct)
        or (c.i < tokens[k].i and c.dep_ in _ELSEWHERE and verb.head != verb)
    ]  # fmt: skip
    pronoun = len(run) == 1 and run[0].pos_ == "PRON" and run[0].dep_ == "nsubj"
    if verb.head != verb and tokens[k].i < verb.head.i < tokens[end].i:
        return None
    # Behind a comma no clause describes a noun without *who* or *which*.
    relative = verb.dep_ == "relcl" and tokens[end] is tokens[stop + 1]
    if not (outside or relative) or not (pronoun or _speaks(run, people)):
        return None
    return Insertion(verb, tokens[k], tokens[end - 1], run[-1])


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
    if insertion.subject is not None:
        lead = first + 1
        while piece.text[lead] == " ":
            lead += 1
        turned = TextPiece("frame")
        turned.text = piece.text[lead : verb.idx + len(verb)]
        turned.places = piece.places[lead : verb.idx + len(verb)]
        return kept, turned
    behind = verb.idx + len(verb) + 1
    turned = TextPiece("frame")
    turned.text = f"{piece.text[behind:last]} {verb.text}"
    turned.places = [
        *piece.places[behind:last],
        piece.places[last - 1],
        *piece.places[verb.idx : verb.idx + len(verb)],
    ]
    return kept, turned
