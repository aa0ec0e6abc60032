"""The lines of a text: headline, byline, dateline, turns of a transcript, and what is no text."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

_BYLINE = re.compile(
    r"^\s*(?:opinion\s*[|:/–-]\s*)?(?:by|from|author:|written by)\s+"
    r"(?P<name>[A-Z][\w.’'-]+(?:\s+(?:[a-z]{2,3}\s+)?[A-Z][\w.’'-]+){0,3})(?P<rest>.{0,80})$",
    re.I,
)
_STAFF = re.compile(
    r"^(?:by (?:an?|our|the) .{0,60}\b(?:reporters?|correspondents?|staff|editors?|bureau)\b|"
    r"(?:senior )?staff (?:reporter|writer|correspondent)|"
    r"[a-z]\w+ [a-z]\w+ (?:writes|reports) from [a-z]|"
    r"(?:brief|analysis|report|reporting|commentary|column|essay|text|words|story) by [A-Z])",
    re.I,
)
_NAMES = re.compile(
    r"[A-Z][a-z\w.’'-]+(?: [A-Z][\w.’'-]*)? [A-Z][\w’'-]+"
    r"(?: and [A-Z][\w.’'-]+(?: [A-Z][\w.’'-]*)? [A-Z][\w’'-]+)?"
    r"(?:, (?:The )?[A-Z][\w’'-]*(?: [A-Z][\w’'-]*){0,3})?"
)
"""A line of names and nothing else: who wrote it, and for whom."""
_NAME = re.compile(r"[A-Z][\w.’'-]*(?:\s+(?:[a-z]{1,3}\s+)?[A-Z][\w.’'-]*){0,4}")
_DATELINE = re.compile(
    r"^(?:[A-Z][A-Z .’'/-]{2,40}(?:,\s*[A-Z][\w. ]{1,25})?(?:,\s*[\w. ]{2,20})?"
    r"|[A-Z][\w .’'-]{2,30},\s+\d{1,2}\s+\w+(?:\s+\d{4})?)\s*"
    r"(?:\([^)]{1,40}\))?\s*[–—:-]{1,2}\s+(?=\S)"
)
_NUMBER = re.compile(r"^\s*(?:\(?\d{1,3}[.)/](?:\d{1,3})?(?!\d)|\(?[a-z][.)]|[•*▪–—-])\s+")
_TURN = re.compile(
    r"^(?P<name>(?:[A-Z][\w.’'-]*|of|the|for|van|von|de|al|bin|and|@\w+|Q|A)"
    r"(?:[ ,]+(?:[A-Z@(][\w.’')-]*|of|the|for|van|von|de|al|bin|and)){0,7})\s*:\s+(?=\S)"
)
_HANDLE = re.compile(r"^(?P<name>(?:[A-Z][\w.’'-]+\s+){0,4}\(?@\w{2,30}\)?)\s*(?:[·:|-].*|\d.*)?$")
_NO_TEXT = re.compile(
    r"^\s*(?:read more|originally posted|originally published|source:|share (?:this|on)|"
    r"follow us|subscribe|sign up|advertisement|related:|see also|photo(?:\s+by)?:?|image:|credit:|"
    r"\(?(?:reporting|editing|writing|additional reporting) by|copyright|©|all rights reserved|"
    r"click here|updated:?|published:?|last (?:updated|modified)|\[?end(?:s|ed)?\]?\.?$|###|"
    r"\* \* \*|"
    r"https?://\S+\s*$|the views expressed|this article (?:was|is|first)|thread:?\s*$|"
    r"for (?:immediate release|more information)|contact:|tags?:|\(?ends\)?$)",
    re.I,
)
_ENDING = re.compile(r"[.!?:;…][\"'”’»)\]]*\s*$")
_LEADING = " \t\u00a0\ufeff\u200b\u200e\u200f\u202a\u202b\u2066\u2067\u2068"
"""Blanks and marks that nobody sees, at the beginning of a line."""
SHORT_WORD = 3
"""Most letters of a word that a headline may leave without a capital."""
FEWEST_WORDS = 3
"""Fewest longer words by which a headline tells that it is written so."""
TITLED = 0.8
"""Least share of longer words with a capital in a headline written so throughout."""
LONGEST_BLOCK = 40_000
"""Most characters of a paragraph that is read in one go."""
WRAPPED = range(40, 110)
"""Lengths of a line that may have been broken by an editor rather than by its author."""


@dataclass(slots=True)
class TextBlock:
    """A stretch of text that is read together.

    Attributes
    ----------
    number : int
        Number of its first non-empty line, from 1.
    start, end : int
        Its place in the text, after a dateline or the label of a turn.
    kind : str
        ``headline``, ``body``, ``turn``, ``byline`` or ``none``.
    speaker : str
        Who speaks in it, in a transcript.
    lines : list of (int, int)
        Start and number of each line.
    """

    number: int
    start: int
    end: int
    kind: str = "body"
    speaker: str = ""
    lines: list[tuple[int, int]] | None = None


def _lines(text: str) -> list[tuple[int, int, int]]:
    """Return start, end and number of every non-empty line."""
    lines: list[tuple[int, int, int]] = []
    at = 0
    for line in text.splitlines(keepends=True):
        body = line.strip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
        if body.strip(_LEADING):
            lead = len(body) - len(body.lstrip(_LEADING))
            lines.append((at + lead, at + len(body.rstrip()), len(lines) + 1))
        at += len(line)
    return lines


def sentence_case(text: str, names: frozenset[str]) -> str:
    """Return a headline in the case of a sentence, of the same length.

    Words that the text itself writes with a capital within its sentences keep it.
    """
    words = list(re.finditer(r"[^\W\d_][\w’'.-]*", text))
    letters = list(text)
    for word in words[1:]:
        bare = re.sub(r"['’]s?$", "", word.group())
        if bare in names or bare.isupper() or "." in bare or any(c.isupper() for c in bare[1:]):
            continue
        letters[word.start()] = letters[word.start()].lower()
    return "".join(letters)


def is_titled(text: str) -> bool:
    """Say whether most words begin with a capital: a parser takes all of them for names."""
    words = re.findall(r"[^\W\d_][\w’'.-]*", text)
    long = [word for word in words[1:] if len(word) > SHORT_WORD]
    capitals = sum(word[0].isupper() for word in long)
    return len(long) >= FEWEST_WORDS and capitals >= TITLED * len(long)


def names_within(text: str) -> frozenset[str]:
    """Return the words that a text writes with a capital within its sentences."""
    within = re.findall(r"(?<=[a-z,;] )[A-Z][\w-]*(?: [A-Z][\w-]*)*", text[:LONGEST_BLOCK])
    return frozenset(word for run in within for word in run.split())


def paragraphs(text: str) -> tuple[list[TextBlock], str]:
    """Return the paragraphs of a text, and its author if a byline names one."""
    blocks = _joined(text, _lines(text))
    labels = sum(bool(_TURN.match(text[b.start : b.end])) for b in blocks)
    transcript = labels >= 3 or labels > len(blocks) / 2
    author = ""
    turn = ""
    for index, block in enumerate(blocks):
        body = text[block.start : block.end]
        if index <= 3 and len(body) < 120 and _STAFF.match(body):
            block.kind = "byline"
            continue
        byline = _BYLINE.match(body) if index <= 3 and len(body) < 120 else None
        handle = _HANDLE.match(body) if len(body) < 90 else None
        named = byline is not None and byline["name"][0].isupper()
        if byline and named and not body.rstrip().endswith("."):
            block.kind = "byline"
            author = author or byline["name"].rstrip(",.:")
            continue
        if index in {1, 2} and len(body) < 80 and not author and _NAMES.fullmatch(body):
            block.kind = "byline"
            author = re.split(r",| and ", body)[0].strip()
            continue
        if handle:
            block.kind = "byline"
            author = author or re.sub(r"\s*\(?@\w+\)?$", "", handle["name"]) or handle["name"]
            continue
        if _NO_TEXT.match(body) or not re.search(r"[^\W\d_]{2}", body):
            block.kind = "none"
            continue
        if index == 0 and len(body) < 200:
            block.kind = "headline"
        label = _TURN.match(body) if transcript else None
        if label:
            turn = label["name"].strip()
            block.start += label.end()
        if transcript and turn:
            block.kind, block.speaker = "turn", turn
        if block.kind == "body":
            for pattern in (_DATELINE, _NUMBER):
                lead = pattern.match(text[block.start : block.end])
                if lead:
                    block.start += lead.end()
    return blocks, author


def bounded(text: str, blocks: list[TextBlock]) -> list[TextBlock]:
    """Cut paragraphs that are longer than `LONGEST_BLOCK`, behind a sentence where there is one."""
    parts = []
    for block in blocks:
        start = block.start
        while block.end - start > LONGEST_BLOCK:
            limit = start + LONGEST_BLOCK
            ends = [text.rfind(mark, start, limit) for mark in (". ", "? ", "! ", ".\u00a0")]
            stop = max(ends) + 1
            if stop <= start:
                stop = max(text.rfind(" ", start, limit), text.rfind("\n", start, limit))
            stop = stop if stop > start else limit
            parts.append(
                TextBlock(block.number, start, stop, block.kind, block.speaker, block.lines)
            )
            start = stop
            while start < block.end and text[start].isspace():
                start += 1
        if start < block.end:
            block.start = start
            parts.append(block)
    return parts


def _joined(text: str, lines: list[tuple[int, int, int]]) -> list[TextBlock]:
    """Join lines that an editor broke: long, without an end, with no empty line between."""
    blocks: list[TextBlock] = []
    gaps = [
        text[b[0]].islower()
        for a, b in itertools.pairwise(lines)
        if a[1] - a[0] in WRAPPED and text.count("\n", a[1], b[0]) == 1
    ]
    # Where many lines begin in lower case an editor broke them; elsewhere a line is whole.
    wrapped = sum(gaps) > 0.3 * len(gaps)
    for start, end, number in lines:
        last = blocks[-1] if blocks else None
        if last is not None and last.lines is not None:
            gap = text[last.end : start]
            tail_start = last.lines[-1][0]
            broken = last.end - tail_start in WRAPPED and gap.count("\n") == 1
            unended = not _ENDING.search(text[tail_start : last.end])
            continues = text[start].islower() or (wrapped and unended and text[start].isalnum())
            marked = _NUMBER.match(text[start:end]) or _TURN.match(text[start:end])
            if broken and continues and not marked and number > 2:
                last.end = end
                last.lines.append((start, number))
                continue
        blocks.append(TextBlock(number, start, end, lines=[(start, number)]))
    return blocks
