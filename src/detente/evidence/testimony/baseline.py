"""What regular expressions alone would read: the baseline beside which the reader is scored.

A claim is a sentence. It is reported where a verb of saying stands beside a name in capitals; it
is negated where it has *not*, *no* or *never*; it is a forecast where it has *will*.
"""

from __future__ import annotations

import re

from detente.evidence.testimony.claim import MAX_WORDS, Claim
from detente.evidence.testimony.grammar.features import hedges
from detente.evidence.testimony.grammar.gazetteer import Gazetteer
from detente.evidence.testimony.grammar.layout import paragraphs

_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?!\s|$)[^.!?\n]*)*[.!?]?[”\"’']*")
_SAID = r"(?:said|says|told|stated|claimed|argued|insisted|warned|added|denied|announced|explained)"
_NAME = r"(?P<name>[A-Z][\w'’.-]*(?:\s+[A-Z][\w'’.-]*){0,4})"
_BEFORE = re.compile(rf"{_NAME}\s+(?:\w+ly\s+)?{_SAID}\b(?:\s+that)?[,:]?\s+(?P<content>.+)", re.S)
_OTHER = _NAME.replace("<name>", "<other>")
_AFTER = re.compile(rf"(?P<content>.+?)[,”\"]+\s*(?:{_NAME}\s+{_SAID}|{_SAID}\s+{_OTHER})", re.S)
_NOT = re.compile(r"\b(?:not|no|never|nobody|none)\b|n['’]t\b", re.I)


def read_by_pattern(text: str, names: Gazetteer, author: str = "author") -> list[Claim]:
    """Return a claim a sentence, with the speaker that a pattern finds."""
    claims: list[Claim] = []
    for block in paragraphs(text)[0]:
        if block.kind in {"byline", "none"}:
            continue
        for match in _SENTENCE.finditer(text, block.start, block.end):
            start, end = match.span()
            chain: tuple[str, ...] = (author,)
            speech = _BEFORE.match(text[start:end].lstrip()) or _AFTER.match(text[start:end])
            if speech is not None:
                groups = speech.groupdict()
                chain = (author, groups.get("name") or groups.get("other") or "")
                at = text.index(groups["content"].strip(), start)
                start, end = at, at + len(groups["content"].strip())
            words = list(re.finditer(r"\S+", text[start:end]))
            if len(words) < 2:
                continue
            last = words[min(len(words), MAX_WORDS) - 1]
            start, end = start + words[0].start(), start + last.end()
            span = text[start:end]
            future = bool(re.search(r"\bwill\b", span))
            claims.append(
                Claim(
                    claim_id=f"b{len(claims) + 1:03d}",
                    paragraph=block.number,
                    start=start,
                    end=end,
                    text_span=span,
                    mode="quoted" if span[:1] in '“"‘' else "paraphrased" if speech else "asserted",
                    speaker_chain=chain,
                    hedge=tuple(hedges(span)),
                    polarity="negated" if _NOT.search(span) else "affirmed",
                    stance="forecasts" if future else "asserts",
                    claim_type="forecast" if future else "evaluation",
                    claim=span,
                    actors=tuple(names.codes_in(span)),
                )
            )
    return claims
