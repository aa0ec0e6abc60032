"""Who answers for a clause above which the tree has nobody: what its words alone tell.

Read only where the rules over the parse name no speaker: a frame between commas that hangs on
another word, and a headline, whose verbs a parser takes for nouns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from detente.evidence.testimony.claim import UNNAMED, Claim
from detente.evidence.testimony.grammar.attribution import Attribution, ChainLink, subject_of
from detente.evidence.testimony.grammar.clauses import Clause
from detente.evidence.testimony.grammar.frames import content_of, sort_of_alone
from detente.evidence.testimony.grammar.layout import TextBlock
from detente.evidence.testimony.grammar.lexicon import SAYING, Verb, verbs, words_of
from detente.evidence.testimony.grammar.people import Speaker
from detente.evidence.testimony.grammar.pieces import TextPiece
from detente.evidence.testimony.grammar.tokens import lemma

if TYPE_CHECKING:
    from detente.evidence.testimony.parsed import Span, Token

LONGEST = 14
"""Most words of a frame between commas."""
_NOMINAL = frozenset({"DET", "ADJ", "NOUN", "PROPN", "NUM", "PART"})
_WITHIN = words_of("of and in for 's ’s -")
_TOLD = words_of("me us reporters journalists lawmakers")
_HEARING = words_of("hear gather")
"""What others said to whoever is the subject."""
_SEEING = words_of("sees see")
"""In a headline: expects."""


def overlooked(
    attribution: Attribution, clause: Clause, piece: TextPiece, block: TextBlock
) -> list[ChainLink]:
    """Return the link of whoever answers for a clause without links, or none."""
    words = clause.head.doc.words[clause.first.i : clause.last.i + 1]
    headline = block.kind == "headline"
    if headline and (clause.kind != "main" or piece.text.rstrip().endswith(".")):
        return []  # A sentence in full is parsed as one.
    find = headlined_link if headline else set_off_link
    link = find(attribution, words, piece)
    return [link] if link is not None else []


def set_off_link(
    attribution: Attribution, tokens: Sequence[Token], piece: TextPiece
) -> ChainLink | None:
    """Return who says a clause by a frame between commas within it: the partner, they told me, was.

    The frame has a subject and a verb of saying without content; it may begin with *as*.
    """
    commas = [k for k, t in enumerate(tokens) if t.text in {",", "–", "—"}]
    if not commas:
        return None
    for left, right in zip(commas, [*commas[1:], len(tokens)], strict=True):
        frame = [t for t in tokens[left + 1 : right] if not t.is_punct]
        if not 2 <= len(frame) <= LONGEST:
            continue
        speaker = _framing(frame)
        if speaker is not None:
            subject, verb = speaker
            if any(c.dep_ in {"auxpass", "nsubjpass"} for c in verb.children):
                continue
            if verb.lemma in _HEARING:
                return ChainLink(Speaker(f"{verb.low} {UNNAMED}"), verb, None)
            named = attribution.people.speaker(subject, piece)
            if named.name and not named.author:
                return ChainLink(named, verb, None)
    return None


def _framing(frame: Sequence[Token]) -> tuple[Token, Token] | None:
    """Return subject and verb of a frame, if the words are no more than that."""
    verb = next((t for t in reversed(frame) if _says(t)), None)
    if verb is None or verb.pos_ != "VERB" or content_of(verb):
        return None
    behind = [t for t in frame if t.i > verb.i]
    told = lemma(verb) == "tell" and bool(behind) and behind[0].low in _TOLD
    if any(t.pos_ in {"NOUN", "VERB", "AUX", "ADJ", "PRON"} for t in behind) and not told:
        return None
    as_said = frame[0].low == "as"
    if verb.tag_ == "VBG":
        # As the admiral never tired of saying.
        above = next((t for t in frame if t.dep_ == "advcl"), None)
        if not as_said or above is None:
            return None
        subject = subject_of(above)
    elif verb.tag_ in {"VBD", "VBZ", "VBP"}:
        subject = next((c for c in verb.children if c.dep_ == "nsubj"), None)
    else:
        # As he likes to say; it has often said.
        subject = subject_of(verb)
    if subject is None or subject not in frame or subject.tag_ in {"WP", "WDT", "EX"}:
        return None
    if verb.lemma in _HEARING:
        return (subject, verb) if subject.pos_ == "PRON" else None
    if subject.low in {"i", "we", "you", "one", "it", "this", "that"}:
        return None
    before = [t for t in frame if t.i < subject.left_edge.i]
    return (subject, verb) if not before or as_said or before[0].pos_ == "ADV" else None


def _says(word: Token) -> bool:
    goes_on = word.lemma == "go" and word.i + 1 < len(word.doc) and word.nbor(1).low == "on"
    return goes_on or word.lemma in _HEARING or sort_of_alone(word) in {"say", "think"}


def rejoins(
    links: Mapping[int, ChainLink], claims: Sequence[Claim], sentence: Span, author: Speaker
) -> bool:
    """Say whether a sentence only tells that somebody will not have what was said: laughs at it.

    What comes next is the reason, and the same speaker's, though he is uncertain; but an author who
    speaks of himself by name gives his own.
    """
    if not links or not claims or claims[-1].stance != "denies":
        return False
    link = list(links.values())[-1]
    if link.entry is None or link.entry.sort not in {"deny", "judge"}:
        return False
    name = link.speaker.name.casefold()
    himself = name in author.name.casefold() or bool({*link.speaker.codes} & {*author.codes})
    return not himself and not any(content_of(t) for t in sentence)


def headlined_link(
    attribution: Attribution, tokens: Sequence[Token], piece: TextPiece
) -> ChainLink | None:
    """Return who speaks in a headline by the order of its words: Union Slams Offer, X Says Y."""
    words = [t for t in tokens if not t.is_space]
    for k, word in enumerate(words):
        entry = _headline_verb(word) if k else None
        if entry is not None and k + 1 < len(words) and not words[k + 1].is_punct:
            return _headlined(attribution, words[k - 1], entry, piece)
        if word.pos_ not in _NOMINAL and word.low not in _WITHIN:
            break
    if len(words) > 3 and words[-1].is_punct:
        words = words[:-1]
    entry = _headline_verb(words[-1]) if words else None
    commas = [k for k, t in enumerate(words) if t.text == ","]
    if entry is not None and entry.sort in {"say", "think"} and commas:
        run = words[commas[-1] + 1 : -1]
        if run and all(t.pos_ in _NOMINAL or t.low in _WITHIN for t in run):
            return _headlined(attribution, run[-1], entry, piece)
    return None


def _headlined(
    attribution: Attribution, noun: Token, entry: Verb, piece: TextPiece
) -> ChainLink | None:
    if noun.pos_ not in {"NOUN", "PROPN"}:
        return None
    speaker = attribution.people.speaker(noun, piece)
    return ChainLink(speaker, None, entry) if speaker.name else None


def _headline_verb(word: Token) -> Verb | None:
    """Return the entry of a verb of saying in the form of a headline, whatever its tag."""
    low = word.low
    if low in _SEEING:
        return verbs()["expect"]
    if not low.endswith("s") or low.endswith("ss") or (word.pos_ == "PROPN" and len(low) < 4):
        return None
    stems = [low[:-1], low[:-2], low[:-3] + "y"]
    entry = next((verbs()[s] for s in stems if s in verbs()), None)
    noun = word.tag_ == "NNS" and low in _NOUNS
    return entry if entry is not None and entry.sort in SAYING and not noun else None


_NOUNS = words_of(
    "claims reports charges demands fears hopes doubts threats offers questions comments remarks "
    "notes calls protests estimates forecasts warnings worries boasts pledges promises vows "
    "requests appeals writes reasons judges states labels brands terms posts accounts answers "
    "objects projects blames bets details signals marks records"
)
"""Forms that are nouns as well: a tagger that takes them for nouns is believed."""
