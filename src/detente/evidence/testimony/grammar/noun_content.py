"""Verbs of reporting whose content is no clause: condemned it, offered help, said nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.evidence.testimony.grammar.attribution import Attribution, ChainLink, subject_of
from detente.evidence.testimony.grammar.clauses import Clause
from detente.evidence.testimony.grammar.features import is_silence
from detente.evidence.testimony.grammar.frames import (
    MINDED,
    content_of,
    entry_of,
    is_hearsay,
    is_nobody_s,
    said_by_noun,
    says_so,
    sort_of,
)
from detente.evidence.testimony.grammar.lexicon import (
    CONTENT_NOUNS,
    DEMUR,
    DOCUMENTS,
    NOUN_CONTENT,
    ROLES,
    SAYING,
    UNMOVED,
    Verb,
    verbs,
    words_of,
)
from detente.evidence.testimony.grammar.pieces import TextPiece
from detente.evidence.testimony.grammar.tokens import is_infinitive, lemma

if TYPE_CHECKING:
    from detente.evidence.testimony.parsed import Token

_CALLED = words_of(
    "colleague boss friend ally office line hotline house home "
    "election meeting session vote police strike ambassador counterpart number halt truce summit "
    "referendum conference witness minister president ceasefire"
)
_BACKING = words_of("evidence proof explanation reason detail comment apology figure document")
_ANYBODY = words_of("anyone anybody someone whoever")
_JEERING = words_of(
    "fret worry scoff sneer rail laugh balk fume rage grumble complain bristle moan grouse carp "
    "whine gripe mutter snap thunder joke quip gloat boast crow"
)
_UPON = {
    **dict.fromkeys(_JEERING, words_of("at against about over")),
    "argue": words_of("for against"),
    "talk": words_of("of about"),
    "confess": words_of("to"),
    "own": words_of("to"),
    "insist": words_of("on upon"),
    "write": words_of("of"),
    "agree": words_of("with"),
    "disagree": words_of("with"),
}
"""Verbs of saying whose noun stands behind a preposition."""
_CALLS = words_of("call email message request letter inquiry question")
_RUMOURED = words_of(
    "rumour rumor allege speculate whisper expect anticipate fear predict forecast"
)
_ADVISING = words_of("advise counsel lobby lecture")
_LEADING_UP = words_of("go rush hasten seek try take move continue begin start proceed")
"""Verbs that lead up to one of saying; who wants or plans to say has not yet said."""
_AGREEING = words_of("agree disagree concur dissent demur")
_HELD = words_of("view position line opinion verdict conclusion claim argument assessment belief")
_ISSUED = words_of("issue release publish send circulate make put")
_CONCRETE = words_of(
    "pact offer deal contract proposal plan bid request treaty truce draft motion bill compromise "
    "ceasefire application candidate"
)
"""What may be rejected without a word that it is false."""
_SPURNING = words_of("reject spurn rebuff dismiss veto")
_FEELING = {
    **dict.fromkeys(
        words_of("critical scathing dismissive contemptuous disdainful wary"), "asserts"
    ),
    **dict.fromkeys(words_of("sceptical skeptical doubtful unconvinced"), "doubts"),
    **dict.fromkeys(words_of("optimistic pessimistic hopeful confident fearful"), "forecasts"),
}
"""Adjectives for what somebody makes of something: scathing about, confident of."""
_UNCONTESTED = words_of("contest dispute challenge")
_TOLD = words_of("time difference story truth lie tale joke untruth")


def own_link(
    attribution: Attribution, clause: Clause, piece: TextPiece, words: str
) -> ChainLink | None:
    """Return the link of a verb of reporting whose content is no clause: condemned it."""
    head = clause.head
    if is_silence(words):
        noun = _silent(clause)
        if noun is not None:
            speaker = attribution.people.speaker(noun, piece)
            return None if speaker.author else ChainLink(speaker, head, None)
        return None
    if DEMUR.search(words):
        demurring = attribution.speaker_of(head, piece)
        return None if demurring is None else ChainLink(demurring, head, Verb("deny", "denies"))
    viewed = _whose_view(head)
    if viewed is not None:
        return ChainLink(attribution.people.speaker(viewed, piece), head, verbs()["say"])
    document = next((c for c in head.children if c.dep_ == "dobj" and lemma(c) in DOCUMENTS), None)
    if document is not None and lemma(head) in _ISSUED:
        telling = [c for c in document.children if c.dep_ == "acl" and c.tag_ == "VBG"]
        telling = [
            c for c in telling
            if sort_of(c) in {"judge", "deny", "demand", "accuse"} and not content_of(c)
        ]  # fmt: skip
        issuer = attribution.speaker_of(head, piece) if telling else None
        if issuer is not None:
            return ChainLink(issuer, head, entry_of(telling[0]))
    if says_so(head) and any(c.dep_ == "nsubjpass" for c in head.children):
        return ChainLink(attribution.hearsay_speaker(head), head, None)
    if UNMOVED.search(words):
        unmoved = attribution.speaker_of(head, piece)
        return None if unmoved is None else ChainLink(unmoved, head, Verb("doubt", "doubts"))
    feeling = _felt(head)
    if feeling:
        feeler = attribution.speaker_of(head, piece)
        return None if feeler is None else ChainLink(feeler, head, Verb("judge", feeling))
    inner = _saying_below(head)
    if inner is not None:
        speaking = attribution.speaker_of(inner, piece)
        return None if speaking is None else ChainLink(speaking, inner, entry_of(inner))
    placed = _seen_in(head)
    if placed is not None:
        return ChainLink(attribution.people.speaker(placed, piece), head, entry_of(head))
    sort = sort_of(head)
    if lemma(head) in _AGREEING and not any(
        c.dep_ in {"xcomp", "ccomp", "prep", "dobj", "auxpass", "nsubjpass"} for c in head.children
    ):
        agreeing = attribution.speaker_of(head, piece)
        return None if agreeing is None else ChainLink(agreeing, head, entry_of(head))
    if lemma(head) in MINDED and any(c.dep_ == "neg" for c in head.children):
        minded = attribution.speaker_of(head, piece)
        if minded is not None and sort == "think" and lemma(head) not in {"worry", "concern"}:
            return ChainLink(minded, head, Verb("doubt", "doubts"))
    if sort == "commit" and any(
        c.dep_ == "dobj"
        and lemma(c) in _BACKING
        and any(d.text.casefold() == "no" for d in c.lefts)
        for c in head.children
    ):
        return None
    if lemma(head) == "agree" and any(c.dep_ == "xcomp" for c in head.children):
        return None
    if any(c.dep_ == "nsubj" and c.text.casefold() in _ANYBODY for c in head.children):
        return None
    if lemma(head) == "tell" and any(c.dep_ == "dobj" and lemma(c) in _TOLD for c in head.children):
        return None
    held = next((c for c in head.children if c.dep_ == "oprd"), None)
    if lemma(head) == "hold" and held is not None and lemma(held) in {"responsible", "accountable"}:
        holder = attribution.speaker_of(head, piece)
        return None if holder is None else ChainLink(holder, head, verbs()["blame"])
    if lemma(head) == "look" and {"ahead", "forward"} & {c.text for c in head.children}:
        looking = attribution.speaker_of(head, piece)
        return None if looking is None else ChainLink(looking, head, verbs()["expect"])
    subjects = [c for c in head.children if c.dep_ == "nsubj"]
    if sort == "say" and len(subjects) == 2 and subjects[0].i < head.i < subjects[1].i:
        # A headline: X to do Y, says Z.
        headlined = attribution.people.speaker(subjects[1], piece)
        return ChainLink(headlined, head, entry_of(head))
    if is_nobody_s(head) or (sort == "say" and _is_unsaid(head)):
        return None
    if sort == "deny" and any(
        c.dep_ == "dobj" and lemma(c) in _CONCRETE and lemma(head) in _SPURNING
        for c in head.children
    ):
        return None
    if lemma(head) in _UNCONTESTED and any(c.dep_ == "neg" for c in head.children):
        return None
    if (
        lemma(head) == "ask"
        and head.tag_ == "VBN"
        and not any(c.dep_ == "aux" and lemma(c) == "have" for c in head.children)
    ):
        return None
    if head.pos_ != "VERB" or (sort not in SAYING and not is_hearsay(head)):
        return None
    rumoured = lemma(head) in _RUMOURED and any(
        c.dep_ == "nsubjpass" and c.pos_ in {"NOUN", "PROPN"} for c in head.children
    )
    if rumoured and not any(c.dep_ == "agent" for c in head.children):
        return ChainLink(attribution.hearsay_speaker(head), head, None)
    if (
        is_hearsay(head)
        and any(c.dep_ == "xcomp" for c in head.children)
        and (lemma(head) not in {"know", "consider", "suppose"})
    ):
        return ChainLink(attribution.hearsay_speaker(head), head, None)
    if _is_supposed(head):
        return None
    auxiliaries = {c.text.casefold() for c in head.children if c.dep_ == "aux"}
    if sort == "judge" and auxiliaries & {"will", "shall", "would", "'ll"}:
        return None
    extended = any(c.dep_ in {"xcomp", "ccomp"} for c in head.children)
    if sort in {"say", "think"} and not extended and not _holds_noun(head):
        return None
    if lemma(head) == "speak" and not any(
        c.text.casefold() in {"of", "about", "against"} for c in head.children
    ):
        return None
    passive = any(c.dep_ in {"auxpass", "nsubjpass"} for c in head.children)
    named = any(c.dep_ == "agent" for c in head.children)
    if passive and not named and sort != "accuse":
        return None
    objects = any(
        c.dep_
        in {"xcomp", "dobj", "prep", "pcomp", "ccomp", "dative", "oprd", "nsubjpass", "advcl"}
        for c in head.children
    )
    if not objects and not says_so(head) and lemma(head) != "cry":
        return None
    if lemma(head) in _ADVISING and not any(
        c.dep_ in {"xcomp", "ccomp"} or c.text == "against" for c in head.children
    ):
        # Who advises the council: what somebody does for a living.
        return None
    if lemma(head) == "call" and not _calls_names(head):
        return None
    if lemma(head) in {"charge", "offer", "fault", "hold"} and sort == "think":
        return None
    reporter = attribution.speaker_of(head, piece)
    if reporter is None or reporter.author:
        return None
    return ChainLink(reporter, head, entry_of(head))


def _saying_below(head: Token) -> Token | None:
    """Return the verb of saying that another only leads up to: took care to deny it."""
    if lemma(head) not in _LEADING_UP:
        return None
    for child in head.children:
        if child.dep_ in {"xcomp", "advcl"} and child.tag_ == "VB" and child.i > head.i and (
            sort_of(child) in {"deny", "judge", "accuse", "doubt"}
            or (sort_of(child) == "say" and _holds_noun(child))
        ):  # fmt: skip
            return child if is_infinitive(child) else None
    return None


def _felt(head: Token) -> str:
    """Return the stance of whoever feels something about something, empty if nobody does."""
    if lemma(head) not in {"be", "remain", "seem"}:
        return ""
    for child in head.children:
        if child.dep_ == "acomp" and lemma(child) in _FEELING:
            about = any(c.text in {"about", "of", "towards"} for c in child.children)
            return _FEELING[lemma(child)] if about else ""
    return ""


def _whose_view(head: Token) -> Token | None:
    """Return who holds what was said before: that is the view of three engineers."""
    pointing = any(
        c.dep_ == "nsubj" and c.text.casefold() in {"that", "this", "such", "it"}
        for c in head.children
    )
    if lemma(head) != "be" or not pointing or any(c.dep_ == "neg" for c in head.children):
        return None
    for view in head.children:
        if view.dep_ == "attr" and lemma(view) in _HELD:
            for child in view.children:
                if child.text in {"of", "in", "among"}:
                    return next((c for c in child.children if c.dep_ == "pobj"), None)
                if child.dep_ == "poss" and child.text.casefold() not in {"my", "our"}:
                    return child
    return None


def _seen_in(head: Token) -> Token | None:
    """Return the place where something is seen so: is seen in the capital as theatre."""
    if sort_of(head) != "judge" or not any(c.dep_ == "auxpass" for c in head.children):
        return None
    if any(c.dep_ == "agent" for c in head.children):
        return None
    for child in head.children:
        if child.dep_ == "prep" and child.text == "in":
            for noun in child.children:
                if noun.dep_ == "pobj" and noun.pos_ == "PROPN":
                    return noun
    return None


def _is_supposed(head: Token) -> bool:
    """Say whether a verb of saying tells but what somebody may say: they can deny it."""
    auxiliaries = {c.text.casefold() for c in head.children if c.dep_ == "aux"}
    negated = any(c.dep_ == "neg" for c in head.children)
    if auxiliaries & {"will", "shall", "'ll"}:
        return True
    return bool(auxiliaries & {"can", "may", "might", "should", "must"}) and not negated


def _is_unsaid(head: Token) -> bool:
    """Say whether somebody did not say that it is so: what is not said is the author's."""
    return any(c.dep_ == "neg" for c in head.children) and any(
        c.dep_ == "ccomp" for c in head.children
    )


def _holds_noun(head: Token) -> bool:
    """Say whether a verb of saying has a noun for what is said: argued against the treaty."""
    low = lemma(head)
    if low in NOUN_CONTENT or said_by_noun(head) is not None:
        return True
    upon = _UPON.get(low, frozenset({"against"}))
    if says_so(head):
        return True
    if any(c.dep_ in {"oprd", "acomp"} for c in head.children):
        return True  # Pronounced it dead.
    for child in head.children:
        if child.dep_ == "prep" and child.text.casefold() in upon:
            return True
        if child.dep_ in {"dobj", "nsubjpass"} and lemma(child) in CONTENT_NOUNS - DOCUMENTS:
            return True
    return False


def _silent(clause: Clause) -> Token | None:
    """Return the noun for whoever says nothing."""
    called = any(lemma(c) in _CALLS for c in clause.head.children if c.dep_[:5] == "nsubj")
    for token in clause.tokens:
        if (
            token.dep_ == "pobj" and token.pos_ in {"PROPN", "NOUN"}
            and token.head.text in ({"from", "to"} if called else {"from"})
        ):  # fmt: skip
            return token
    subject = subject_of(clause.head)
    if subject is not None and subject.dep_ != "expl":
        return subject
    return None


def _calls_names(head: Token) -> bool:
    """Say whether ``call`` judges: calls it theft, calls for help; not: calls an election."""
    for child in head.children:
        upon = child.dep_ in {"prep", "prt"} and child.text in {"for", "on"}
        if child.dep_ in {"oprd", "attr", "ccomp", "xcomp"} or (upon and child.i == head.i + 1):
            return True
    for child in head.children:
        if child.dep_ == "dobj":
            # Called their colleagues on Monday: no more than a telephone call.
            judged = any(c.dep_ in {"amod", "acl", "relcl"} and c.i > child.i
                         for c in child.children)  # fmt: skip
            person = lemma(child) in _CALLED | ROLES or child.ent_type_ == "PERSON"
            dated = any(c.dep_ in {"npadvmod", "prep"} for c in head.children)
            return judged or not (person or dated)
    return False
