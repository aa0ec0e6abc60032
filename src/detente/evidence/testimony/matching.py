"""Which incident or signal on record a claim may bear on: proposed, with the reason, never decided.

A match says that such an event is on record. It never says that the content is true.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from detente.evidence.testimony.claim import Claim
from detente.evidence.testimony.grammar.lexicon import words_of

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

LEAST = 0.35
"""Least share of a claim's telling words that an event must have."""
NEAR = 21
"""Days within which an event counts as near the day of a text."""
_COMMON = words_of(
    "about after again against all also and any are before being between both but could did does "
    "during each for from had has have her his into its more most not now off one only other our "
    "out over said says she should some such than that the their them then there these they this "
    "those through under until very was were what when where which while who will with would "
    "first last week month year new"
)


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An incident or signal with the words that tell it from others."""

    code: str
    date: dt.date
    actors: frozenset[str]
    words: frozenset[str]


def _words(text: str) -> frozenset[str]:
    words = re.findall(r"[^\W\d_]{3,}", text.casefold())
    return frozenset(_stem(word) for word in words if word not in _COMMON)


def _stem(word: str) -> str:
    for ending in ("ing", "ies", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


def recorded_events(g: Architecture) -> list[RecordedEvent]:
    """Return the incidents and signals of a scenario."""
    events = []
    rows = g.tables["incidents"].select(
        "incident", "date", "initiator", "target", "location", "kind", "description"
    )
    for code, date, initiator, target, *texts in rows.iter_rows():
        text = " ".join(part.replace("_", " ") for part in texts if part)
        events.append(
            RecordedEvent(code, date, frozenset({initiator, target}) - {"UNK"}, _words(text))
        )
    rows = g.tables["signals"].select(
        "signal", "date", "sender", "receiver", "channel", "kind", "title", "summary"
    )
    for code, date, sender, receiver, *texts in rows.iter_rows():
        text = " ".join(part.replace("_", " ") for part in texts if part)
        actors = frozenset((*sender.split(";"), *receiver.split(";")))
        events.append(RecordedEvent(code, date, actors, _words(text)))
    return events


def proposed(claims: Sequence[Claim], g: Architecture, day: str = "") -> tuple[Claim, ...]:
    """Propose for each claim the event on record that it may bear on.

    An event is proposed if it shares an actor with the claim, and of the words that tell events
    apart at least `LEAST` of the claim's; rarer words weigh more, and so does a day near that of
    the text. The note says which words are shared.
    """
    events = recorded_events(g)
    frequency = Counter(word for event in events for word in event.words)
    weight = {word: math.log(1 + len(events) / count) for word, count in frequency.items()}
    date = dt.date.fromisoformat(day) if day else None
    by_word: dict[str, list[int]] = {}
    for k, event in enumerate(events):
        for word in event.words:
            by_word.setdefault(word, []).append(k)
    matched = []
    for claim in claims:
        shared = Counter(k for word in _words(claim.claim) for k in by_word.get(word, ()))
        near = [events[k] for k in sorted(k for k, count in shared.items() if count >= 2)]
        matched.append(_matched(claim, near, weight, date))
    return tuple(matched)


def _matched(
    claim: Claim, events: Sequence[RecordedEvent], weight: dict[str, float], date: dt.date | None
) -> Claim:
    words = _words(claim.claim)
    telling = sum(weight.get(word, 1.0) for word in words)
    best: tuple[float, RecordedEvent, frozenset[str]] | None = None
    for event in events:
        common = words & event.words
        if len(common) < 2 or not event.actors & set(claim.actors):
            continue
        share = sum(weight[word] for word in common) / telling
        if date is not None:
            apart = (date - event.date).days
            if apart < -1:
                continue
            share += 0.15 if apart <= NEAR else 0.0
        if share >= LEAST and (best is None or share > best[0]):
            best = (share, event, common)
    if best is None:
        return claim
    reason = f"proposed: shares {', '.join(sorted(best[2]))}"
    note = "; ".join(part for part in (claim.note, reason) if part)
    return replace(claim, matched_id=best[1].code, match="partial", note=note)
