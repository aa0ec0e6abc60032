"""What a clause does: hedges, negation, stance and type."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from detente.evidence.testimony.branching import quickened
from detente.evidence.testimony.grammar.clauses import Clause
from detente.evidence.testimony.grammar.frames import sort_of_alone
from detente.evidence.testimony.grammar.lexicon import (
    ATTRIBUTION,
    OFFERS,
    RESPONSIBILITY,
    SILENCE,
    THREATS,
    hedge_pattern,
    words_of,
)
from detente.evidence.testimony.grammar.tokens import lemma

if TYPE_CHECKING:
    from detente.evidence.testimony.parsed import Token

ASKED_AGAIN = 1000
"""Most stretches of text whose answer is kept: several rules ask the same of one clause."""
_SILENT = quickened(SILENCE)
_NO = words_of("no none nobody nothing neither nor never nowhere not n't cannot")
_STEPS = words_of("longer only just merely less more sooner doubt")
_FALSE = re.compile(
    r"^\W*(?:absurd|nonsense|untrue|rubbish|ridiculous|baseless|lies|pure fantasy|a lie)\b|"
    r"\bnot in accordance with the facts|\bno truth (?:in|to)\b|\bno basis in\b|"
    r"\b(?:(?:is|are|was|were)(?: simply| entirely| completely| just)? "
    r"(?:false|untrue|mistaken|wrong|nonsense|baseless|a lie|lies|fabricated|groundless|"
    r"unfounded|absurd|ridiculous|preposterous|laughable|slander\w*|(?:(?:a|an|pure|sheer|utter|"
    r"complete|total|another|such) )+(?:\w+ )?(?:lie|fiction|fairy tale|fairytale|hoax|fabrication|"
    r"slander|smear|rubbish|nonsense|falsehood|invention|myth|provocation)))\b",
    re.I,
)
_CALLED_FALSE = re.compile(
    r"\b(?:false|untrue|nonsense|baseless|absurd|groundless|unfounded|ridiculous|fabricated|"
    r"grossly inaccurate|misleading|exaggerated|fabrications?|preposterous|laughable|"
    r"propaganda|theatre|an? (?:idle )?(?:boast|bluff|novel|"
    r"joke|stunt|fantasy|fairy ?tale|smear)|(?:an?|pure|sheer|utter) (?:lie|fiction|hoax|slander|"
    r"invention|provocation|myth)|lies)\b",
    re.I,
)
_HARD = re.compile(
    r"\b(?:hard|difficult|impossible) to (?:believe|credit)|far from (?:certain|clear|sure)\b", re.I
)
_MADE_LIGHT = re.compile(
    r"\b(?:call|brand|describ|label|term|dub|denounc|mock|deride?|ridicul|dismiss)\w* "
    r"(?:(?:the|such|those|these|that|this|his|her|its|their|any|all|as \w+ the) (?:[\w-]+ )?)?"
    r"(?:(?:allegation|accusation|claim|charge|rumou?r|suggestion|insinuation|report|story|account)s?|talk|speculation)\b",
    re.I,
)
_CALLED_IT = re.compile(
    r"\b(?:call|brand|label|term|dub|pronounce|declare|consider)\w* (?:it|this|that|these|them|all)"
    r"\b",
    re.I,
)
_SCOFFED = re.compile(
    r"\b(?:scoff|sneer|laugh|balk|jeer)\w* (?:\w+ly )?at (?:it|this|that|these|such|the "
    r"(?:idea|claim|notion|suggestion|charge|allegation|accusation|report|thought))\b",
    re.I,
)
_CREDITED = re.compile(
    r"\b(?:true|credible|serious|accurate|plausible|fair|right|correct|justified|convincing|"
    r"legitimate|important|grave|worrying|disturbing|alarming|troubling)\b",
    re.I,
)
_REGRET = re.compile(r"\b(?:regret\w*|sorry|apolog\w+|condolences|sorrow|remorse)\b", re.I)
_DOUBT = re.compile(
    r"\b(?:(?<!no )(?<!little )(?<!without )doubt\w*|"
    r"sceptic\w*|skeptic\w*|unconvinced|question(?:s|ed|ing)? whether|not sure|"
    r"unclear|uncertain)\b",
    re.I,
)
_FUTURE = re.compile(
    r"(?:\b(?:will|shall|won['’]t)|['’]ll)\b|\b(?:is|are|was|were|am|not) (?:not )?going to\b|"
    r"\b(?:is|are|was|were) (?:\w+ly )?(?:set|due|bound|likely|unlikely|about|expected|"
    r"destined|poised|intended|meant) to\b|\bplan(?:s|ned|ning)? to\b|\bintend(?:s|ed)? to\b",
    re.I,
)
_POSSIBLE = re.compile(r"\b(?:could|may|might)\b", re.I)
_WOULD = re.compile(r"\b(?:would|['’]d)\b(?!\s+be\b)", re.I)
_WOULD_ONLY = re.compile(r"^(?:would|['’]d)$", re.I)
_HARM = words_of(
    "attack strike kill invade bomb cut block close seize respond punish sink shoot target "
    "withdraw suspend expel avenge boycott sue retaliate destroy crush leave quit veto fight"
)
"""What somebody may vow to do to others."""
_READY = re.compile(
    r"\b(?:(?:is|are|am|was|were|['’]m|['’]re|be|stands?|remains?) (?:now |still |fully )?"
    r"(?:ready|prepared|willing) to (?!attack|strike|use|fight|go|kill|defend|die|act|respond|fire|"
    r"leave|pull|walk|close|cut|impose|suspend|quit|fail|lose|suffer|believe|retaliate|burst|fall|"
    r"collapse|erupt|explode)\w+)\b",
    re.I,
)
_LIKELY = re.compile(r" (?:voters?|candidates?|suspects?|targets?|successors?|buyers?)\b", re.I)
_STATIVE = words_of(
    "be have seem appear remain need want like prefer mean matter depend belong own include "
    "contain consist exist deserve lack involve constitute represent reflect feel know believe "
    "think understand hope fear suffer stand lie risk resemble"
)
_NO_BLAME = re.compile(
    r"\b(?:(?:short of|trad\w+|without|not|no|n['’]t|never|neither) (?:\w+ ){0,2}blam\w+)", re.I
)


def hedges(text: str) -> list[str]:
    """Return the words of a text that weaken or strengthen a claim, each once."""
    return list(_hedges(text))


@lru_cache(ASKED_AGAIN)
def _hedges(text: str) -> tuple[str, ...]:
    words = [
        " ".join(match.group().split())
        for match in hedge_pattern().finditer(text)
        if not _is_no_hedge(match, text)
    ]
    return tuple({word.casefold(): word for word in words}.values())


def _is_no_hedge(match: re.Match[str], text: str) -> bool:
    """Say whether words that look like a hedge are none: the month of May, a change of course."""
    before = text[: match.start()]
    if before.casefold().endswith("what "):
        return True
    if match.group().casefold() == "likely" and _LIKELY.match(text[match.end() :]):
        return True
    if match.group() == "May":
        return bool(before.strip(" \"“‘'"))
    return match.group().casefold() == "of course" and bool(
        re.search(r"\b(?:a|the|change|changes|matter) $", before)
    )


def is_negated(clause: Clause) -> bool:
    """Say whether the predicate of a clause is negated.

    ``no longer`` and ``not only`` do not negate; ``no`` before the subject, the object or what
    there is does.
    """
    head = clause.head
    inside = {token.i for token in clause.tokens}
    carriers = {head.i}
    asks = sort_of_alone(head) in {"demand", "commit", "say"}
    for child in head.children:
        if child.dep_ == "xcomp" and asks:
            continue  # Asked not to be named: what is asked for is a negation, not that it is.
        if child.dep_ in {"xcomp", "aux", "auxpass", "acomp", "attr", "advmod", "oprd"}:
            carriers.add(child.i)
        if child.dep_ in {"nsubj", "nsubjpass", "dobj", "attr", "agent", "pobj"}:
            carriers.add(child.i)
    for token in clause.tokens:
        low = token.text.casefold()
        if low not in _NO or token.i not in inside:
            continue
        if (
            low == "no"
            and token.nbor(1).text.casefold() in {"time", "circumstances", "way"}
            and (token.i <= clause.tokens[0].i + 1)
        ):
            return True  # At no time did it come closer.
        following = token.nbor(1).text.casefold() if token.i + 1 < len(token.doc) else ""
        if following in _STEPS:
            continue
        if low == "never" and any(t.text.casefold() in {"again", "same"} for t in clause.tokens):
            continue
        if low == "nor" and token.i == clause.tokens[0].i:
            return True
        if token.head.i in carriers or token.i in carriers or token == head:
            return True
    before = clause.tokens[0].i - 1
    if before >= 0:
        previous = clause.head.doc[before].text.casefold()
        if previous in {"nor", "neither"}:
            return True
    return False


def denies(text: str) -> bool:
    """Say whether a text calls a claim false."""
    return bool(_FALSE.search(text)) or bool(re.match(r"\W*no,\s", text, re.I))


def calls_false(text: str) -> bool:
    """Say whether words call what they are about false: called it absurd."""
    return bool(_CALLED_FALSE.search(text))


def rejects_claim(text: str) -> bool:
    """Say whether somebody makes light of what was claimed: called the allegation theatre."""
    pointing = _CALLED_IT.search(text)
    if pointing is not None and _CALLED_FALSE.search(text[pointing.end() :]):
        return True
    if _SCOFFED.search(text):
        return True
    match = _MADE_LIGHT.search(text)
    return match is not None and not _CREDITED.search(text[match.end() :])


@lru_cache(ASKED_AGAIN)
def is_silence(text: str) -> bool:
    """Say whether a text says that somebody said nothing."""
    return bool(_SILENT.search(text))


def stance(
    clause: Clause, text: str, verb_stances: Sequence[str], *, reported: bool, own: bool = False
) -> str:
    """Return what the innermost speaker does with a clause."""
    if is_silence(text):
        return "no_comment"
    innermost = verb_stances[-1] if verb_stances else "asserts"
    if (
        own
        and innermost == "forecasts"
        and (
            lemma(clause.head) not in {"warn", "caution"}
            or any(c.text in {"of", "about"} for c in clause.head.children)
        )
    ):
        return "forecasts"
    if innermost in {"denies", "doubts", "regrets"}:
        return innermost
    future = is_future(clause, text)
    if innermost == "threatens":
        return "threatens"
    if _READY.search(text) and not _violent(clause):
        return "offers"
    if innermost == "commits" and not own and not future and _told(clause):
        # She swears that it was so: a promise of nothing.
        return "asserts"
    if innermost == "commits":
        return "threatens" if THREATS.search(text) or _violent(clause) else "offers"
    if innermost == "offers":
        return "regrets" if _REGRET.search(text) else "offers"
    if _HARD.search(text):
        return "doubts"
    if _REGRET.search(text) and reported and not future and _head_in(clause, text, _REGRET):
        return "regrets"
    if denies(text):
        return "denies"
    if _DOUBT.search(text) and _head_in(clause, text, _DOUBT) and not is_negated(clause):
        return "doubts"
    would = reported and _head_in(clause, text, _WOULD_ONLY)
    if reported and THREATS.search(text) and (future or would or innermost == "forecasts"):
        return "threatens"
    offering = lemma(clause.head) in {"offer", "propose"} and not is_negated(clause)
    passive = any(c.dep_ == "nsubjpass" for c in clause.head.children)
    if OFFERS.search(text) or (reported and offering and not passive):
        return "offers"
    if future:
        return "forecasts"
    if _head_in(clause, text, _WOULD_ONLY) and verb_stances and not _copular(clause):
        return "forecasts"
    return "asserts"


def _told(clause: Clause) -> bool:
    """Say whether a clause tells what is or was so, in a tense and without a modal."""
    marks = [clause.head, *(c for c in clause.head.children if c.dep_ in {"aux", "auxpass"})]
    tags = {token.tag_ for token in marks}
    return "MD" not in tags and bool(tags & {"VBD", "VBZ", "VBP"})


def _copular(clause: Clause) -> bool:
    return lemma(clause.head) == "be" or any(
        c.dep_ == "aux" and c.text.casefold() == "have" for c in clause.head.children
    )


def _head_in(clause: Clause, text: str, pattern: re.Pattern[str]) -> bool:
    words = {clause.head.text, *(c.text for c in clause.head.children)}
    return any(pattern.search(word) for word in words)


def _violent(clause: Clause) -> bool:
    done = {lemma(clause.head), *(lemma(c) for c in clause.head.children if c.dep_ == "xcomp")}
    return not done.isdisjoint(_HARM)


def is_future(clause: Clause, text: str) -> bool:
    """Say whether a clause speaks of what is to come."""
    auxiliaries = {c.text.casefold() for c in clause.head.children if c.dep_ == "aux"}
    if auxiliaries & {"will", "shall", "'ll", "wo"}:
        return True
    if (
        auxiliaries & {"could", "may", "might"}
        and lemma(clause.head) != "be"
        and not (clause.head.tag_ == "VBG" and "be" in auxiliaries)
        and not ("could" in auxiliaries and any(c.dep_ == "neg" for c in clause.head.children))
        and " as well " not in text
        and not any(
            c.text.casefold() in {"have", "has"} and c.dep_ == "aux" for c in clause.head.children
        )
    ):
        return True
    words = " ".join(t.text for t in clause.tokens)
    match = _FUTURE.search(words)
    if match is None:
        return False
    return lemma(clause.head) in {
        "go", "plan", "intend", "set", "expect", "mean", "be", "bind", "destine", "poise",
    } or bool(auxiliaries & {"will", "shall"})  # fmt: skip


def claim_type(
    clause: Clause,
    text: str,
    held: str,
    sorts: Sequence[str],
    *,
    own: bool = False,
    headline: bool = False,
) -> str:
    """Return what sort of claim a clause is, from its stance, its verb and its tense.

    A headline tells in the present what happened.
    """
    if held == "threatens":
        return "threat"
    if held == "offers":
        return "offer"
    if held == "forecasts":
        return "forecast"
    if held == "no_comment":
        return "event"
    if held in {"regrets", "doubts"}:
        return "evaluation"
    head = clause.head
    if sorts and sorts[-1] == "accuse":
        return "attribution"
    if sorts and own and sorts[-1] == "judge":
        return "evaluation"
    if sorts and own and sorts[-1] == "demand":
        return "event"
    if own and sorts and sorts[-1] == "deny" and not RESPONSIBILITY.search(text):
        doing = any(c.dep_ in {"xcomp", "pcomp"} and c.tag_ == "VBG" for c in head.children)
        return "attribution" if doing else "evaluation"
    if RESPONSIBILITY.search(text) and not _NO_BLAME.search(text):
        return "attribution"
    if headline and head.tag_ in {"VBZ", "VBP"} and head.pos_ == "VERB":
        return "event" if lemma(head) not in _STATIVE else "evaluation"
    if _was_there(head):
        return "event"
    if _by_whom(head) or (re.search(r"-(?:supplied|made|backed|funded)\b", text)):
        return "attribution"
    if lemma(head) in ATTRIBUTION and head.pos_ == "VERB" and _has_agent(head) and sorts:
        return "attribution"
    if is_dynamic(head):
        return "event"
    return "evaluation"


def _was_there(head: Token) -> bool:
    """Say whether a clause tells what there was, or where it was."""
    if lemma(head) != "be" or head.text.casefold() not in {"was", "were", "been"}:
        return False
    if any(c.dep_ in {"acomp", "csubj"} for c in head.children):
        return False
    there = any(c.dep_ == "expl" and c.text.casefold() == "there" for c in head.children)
    named = any(c.dep_ == "attr" for c in head.children)
    where = {"prep": {"in", "at", "within", "on", "near"}, "advmod": {"there", "here"}}
    placed = any(c.text.casefold() in where.get(c.dep_, ()) for c in head.children)
    return there or (placed and not named)


def _by_whom(head: Token) -> bool:
    return any(c.dep_ == "agent" for c in head.children) and lemma(head) in ATTRIBUTION


def _has_agent(head: Token) -> bool:
    return any(c.dep_ in {"nsubj", "nsubjpass", "agent"} for c in head.children)


def is_dynamic(head: Token) -> bool:
    """Say whether a verb tells what happened."""
    if head.pos_ not in {"VERB", "AUX"}:
        return False
    if lemma(head) in _STATIVE and head.text.casefold() not in {"lied", "suffered"}:
        return False
    if any(c.dep_ in {"aux"} and c.tag_ == "MD" for c in head.children):
        # He might have done it: about what happened, if unsurely.
        auxiliaries = {c.text.casefold() for c in head.children if c.dep_ == "aux"}
        happened = bool(auxiliaries & {"might", "may", "could", "must"}) and "have" in auxiliaries
        return head.tag_ == "VBN" and happened
    going_on = {"is", "are", "am", "'s", "'re", "was", "were"}
    if head.tag_ == "VBG" and any(
        c.dep_ == "aux" and c.text.casefold() in going_on for c in head.children
    ):
        return False
    past = head.tag_ == "VBD" or any(
        c.dep_ in {"aux", "auxpass"} and c.text.casefold() in {"was", "were", "had", "has", "have",
                                                                "did", "been"}
        for c in head.children
    )  # fmt: skip
    return past or head.tag_ in {"VBG", "VBN"}
