"""What a clause is worth: a claim, a mere frame, a courtesy, or what goes on from before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from detente.evidence.testimony.claim import Claim
from detente.evidence.testimony.grammar.attribution import ChainLink, subject_of
from detente.evidence.testimony.grammar.clauses import Clause, is_counterfactual
from detente.evidence.testimony.grammar.features import hedges
from detente.evidence.testimony.grammar.frames import (
    called_false,
    content_noun_of,
    mistaken,
    reporting_verb_of,
    says_so,
    sort_of_alone,
)
from detente.evidence.testimony.grammar.layout import TextBlock
from detente.evidence.testimony.grammar.lexicon import DOCUMENTS, words_of
from detente.evidence.testimony.grammar.people import Speaker
from detente.evidence.testimony.grammar.pieces import TextPiece
from detente.evidence.testimony.grammar.tokens import lemma

if TYPE_CHECKING:
    from detente.evidence.testimony.parsed import Token

_HEADINGS = words_of(
    "briefing interview transcript letter debate remark speech record summary thread conference "
    "call minute question answer note conclusion address"
)
_THANKS = re.compile(
    r"(?:and )?(?:thank(?:s| you)|you(?:['’]re| are) welcome|good (?:morning|evening))", re.I
)
_ELLIPSIS = re.compile(
    r"(?!when|if|because|since|as|although|while|still|yet|once)"
    r"(?:[\w'’]+ ){1,3}?(?:(?:wo|ca|would|could|did|do|does|has|have|had|is|are|was|were)n['’]t"
    r"|(?:will|would|can|could|did|do|does|has|have|had|is|are|was|were) not|cannot"
    r"|never (?:has|have|had|did|will|was|were|is|are)(?: been)?)$",
    re.I,
)
"""A short answer that says no to what went before."""
LOOK_BACK = 4
"""Most claims before one that it may contradict."""
SHORT_ANSWER = 5
"""Most words of a clause that goes on denying."""
MOST_OF_THANKS = 6
"""Most words of a courtesy that says no more."""
_ANSWERING = words_of("agree disagree concur dissent demur")
"""Verbs that say something without more words."""
_COURTESY = re.compile(
    r"(?:thank(?:s| you)|good (?:morning|afternoon|evening)|welcome|ladies and gentlemen|"
    r"(?:i want|let me|i would like|i wish) (?:to be|to make|be|make) (?:it |this )?"
    r"(?:very |absolutely |perfectly )?(?:clear|plain|honest|frank))\b",
    re.I,
)


def backshifted(root: Token, *, past: bool) -> bool:
    """Say whether a main clause goes on in the tense of reported speech, with a subject.

    It has *would*; or, where what was reported before stood in the past perfect, so does it.
    """
    auxiliaries = {c.text.casefold() for c in root.children if c.dep_ in {"aux", "auxpass"}}
    would = "would" in auxiliaries
    conditional = any(c.dep_ == "advcl" for c in root.children)
    subject = next((c for c in root.children if c.dep_ in {"nsubj", "nsubjpass"}), None)
    perfect = "had" in auxiliaries and root.tag_ == "VBN"
    if perfect and subject is not None and subject.low in {"he", "she", "they", "it"}:
        return True  # They had spat on it: earlier than what was said, and told with it.
    pointing = words_of("that this it i we you such what neither nothing")
    if subject is None or conditional or subject.text.casefold() in pointing:
        return False
    refused = "would" in auxiliaries and any(c.dep_ == "neg" for c in root.children)
    if refused and subject.text.casefold() in {"he", "she"}:
        return False
    pronoun = subject.text.casefold() in {"he", "she", "they"}
    possible = pronoun and bool(auxiliaries & {"could", "might"})
    again = "had" in auxiliaries and root.tag_ == "VBN"
    return would or possible or (again and past)


def only_says(clause: Clause) -> bool:
    """Say whether a clause is but a subject and its verb of saying: it said, she went on."""
    head = clause.head
    if says_so(head) or lemma(head) in _ANSWERING:
        return False
    if sort_of_alone(head) not in {"say", "think"} and lemma(head) not in {"go", "continue"}:
        return False
    subject = any(c.dep_ == "nsubj" and c.pos_ in {"PRON", "PROPN", "NOUN"} for c in head.children)
    beside = {c.dep_ for c in head.children} - {"nsubj", "punct", "advmod", "prt", "aux", "mark"}
    short = sum(t.is_alpha for t in clause.tokens) <= 5
    on = lemma(head) != "go" or any(c.text.casefold() in {"on", "further"} for c in head.children)
    return subject and not beside and short and on


def consequence(clause: Clause) -> bool:
    """Say whether a clause is what would follow from what is not so."""
    return any(is_counterfactual(c) for c in clause.head.children)


def negated_frame(verb: Token) -> bool:
    """Say whether a verb of thinking is negated."""
    return any(c.dep_ == "neg" for c in verb.children)


def about_a_claim(clause: Clause) -> bool:
    """Say whether what a clause rejects is something that was claimed."""
    words = {
        c.text if lemma(c) == "talk" else lemma(c)
        for c in clause.head.children
        if c.dep_ in {"dobj", "nsubjpass", "conj"}
    }
    return bool(
        words & {"claim", "accusation", "allegation", "report", "charge", "suggestion", "assertion",
                 "rumour", "rumor", "criticism", "statement", "it", "that", "this", "notion",
                 "idea", "speculation", "account", "version", "talk", "theory", "insinuation",
                 "assumption", "narrative"}
    )  # fmt: skip


def headline_plan(clause: Clause, block: TextBlock) -> bool:
    """Say whether a headline tells what is to come: Harbour to Reopen in May."""
    head = clause.head
    return (
        block.kind == "headline" and clause.kind == "main" and head.tag_ == "VB"
        and any(c.dep_ == "aux" and c.text == "to" for c in head.children)
        and any(c.dep_ == "nsubj" for c in head.children)
    )  # fmt: skip


def has_condition(clause: Clause) -> bool:
    """Say whether a clause holds only if another does."""
    return any(
        c.dep_ == "advcl" and any(m.dep_ == "mark" and m.text.casefold() in {"if", "unless"}
                                  for m in c.children)
        for c in clause.head.children
    )  # fmt: skip


def worth_claiming(clause: Clause, words: str, piece: TextPiece, block: TextBlock) -> bool:
    """Say whether a clause says enough to be true or false."""
    count = len(re.findall(r"\w+", words))
    head = clause.head
    if count < 2 or (count <= MOST_OF_THANKS and _THANKS.match(words)):
        return False
    if head.pos_ in {"VERB", "AUX"} and (
        head.tag_ != "VB" or any(c.dep_ in {"aux", "nsubj"} for c in head.children)
    ):
        return count >= 3 or head.tag_ not in {"VBG", "VBN"} or clause.kind != "main"
    if piece.kind == "aside":
        leads = clause.tokens[0].text.casefold()
        return (
            (bool(hedges(words)) and count >= 3)
            or count >= 7
            or (count >= 4 and leads in {"after", "since", "before", "following", "despite"})
        )
    if lemma(head) in (DOCUMENTS | _HEADINGS if block.kind == "headline" else _HEADINGS):
        return False
    if _COURTESY.match(words):
        return False
    if block.kind == "headline" or piece.kind == "quote":
        return count >= 3
    return count >= 4 and (bool(piece.joined) or bool(hedges(words)) or count >= 6)


def behind_asides(clause: Clause) -> Token:
    """Return where a clause begins that is parted from its subject: the ship, which she saw, sank.

    That is behind what stands between commas, or the first word where nothing parts them.
    """
    head = clause.head
    subject = next((c for c in head.children if c.dep_ in {"nsubj", "nsubjpass"}), None)
    if subject is None or subject.i > head.i:
        return clause.first
    aside = next(
        (
            c for c in subject.children
            if c.dep_ in {"relcl", "acl", "appos"} and c.i > subject.i
            and c.left_edge.nbor(-1).text == ","
        ),
        None,
    )  # fmt: skip
    if aside is None:
        return clause.first
    end = max(t.i for t in aside.subtree)
    behind = [c for c in (*head.lefts, head) if c.i > end and not c.is_punct]
    return min(behind, key=lambda t: t.i, default=clause.first)


def holds_clause(noun: Token) -> bool:
    """Say whether a clause tells what a noun is about: the doubt that."""
    return any(c.dep_ in {"acl", "ccomp", "relcl"} for c in noun.children)


def points_back(clause: Clause) -> bool:
    """Say whether a clause takes up who was spoken of: by a pronoun, or without a subject."""
    subject = subject_of(clause.head)
    return subject is None or subject.pos_ == "PRON" or any(
        t.tag_ in {"PRP", "PRP$"} for t in clause.tokens
    )  # fmt: skip


def is_told_of(own: ChainLink, above: Sequence[ChainLink]) -> bool:
    """Say whether what somebody demands or thinks is but an event in what another says of it."""
    sort = own.entry.sort if own.entry is not None else ""
    return sort in {"think", "demand", "judge"} and bool(above) and above[-1].entry is not None


def denied_by(head: Token) -> Token | None:
    """Return the verb of the author that calls the content of a clause false, if any does."""
    verb = called_false(content_noun_of(head))
    if verb is None and (saying := reporting_verb_of(head)) is not None:
        verb = mistaken(saying)
    return verb


def speaks_for(outer: Speaker, inner: Speaker) -> bool:
    """Say whether one speaker stands for the same actors as the next within his words."""
    return bool(inner.codes) and set(inner.codes) <= set(outer.codes)


def contradicts(
    clause: Clause, words: str, chain: Sequence[Speaker], before: Sequence[Claim], block: TextBlock
) -> bool:
    """Say whether a negated clause answers what somebody else asserted just before.

    It is about the same thing: it has a noun of it, or says ``no such``; or it goes on denying in
    a few words. `before` holds the last claims, the nearest last.
    """
    nouns = {t.text.casefold().rstrip("s") for t in clause.tokens if t.pos_ == "NOUN"}
    speakers = tuple(s.name for s in chain)
    if not speakers:
        return False
    for k, other in enumerate(reversed(before)):
        if not 0 <= block.number - other.paragraph <= 1:
            return False
        if other.speaker_chain[1:] == speakers:
            short = len(words.split()) <= SHORT_ANSWER
            if not k and short and other.stance == "denies":
                return True
            continue
        if not other.reported or other.polarity == "negated":
            continue
        said = {w.casefold().rstrip("s") for w in re.findall(r"\w+", other.claim)}
        if "no such" in words or nouns & said:
            return True
    return False


def answered_by(
    words: str, chain: Sequence[Speaker], before: Sequence[Claim], block: TextBlock
) -> Claim | None:
    """Return the assertion of somebody else that a short answer contradicts: they have not."""
    if not _ELLIPSIS.match(words.strip()) or not before:
        return None
    last = before[-1]
    other = last.speaker_chain[1:] != tuple(s.name for s in chain)
    within = 0 <= block.number - last.paragraph <= 1
    return last if other and within and last.polarity == "affirmed" else None
