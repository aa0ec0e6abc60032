"""A paragraph cut into pieces that a parser can take: frames, quotations, parentheses.

A piece is a plain copy of a part of the text, in which every character knows its place in the
text: blanks are joined, marks that nobody sees are left out, and a full quotation is replaced
by a word that stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from detente.evidence.testimony.grammar.lexicon import LANGUAGE

if TYPE_CHECKING:
    from detente.evidence.testimony.grammar.people import Speaker
    from detente.evidence.testimony.parsed import ParsedText

PLACEHOLDER = "This"
"""The word that stands for a full quotation in its frame."""
LONGEST = 20_000
"""Most characters of one piece."""

MOST_WORDS = 500
"""Most words of a sentence that is read in one go; the rules walk its tree up and down."""
NEAR = 100
"""Words before that limit among which a comma is looked for, to cut behind."""
CUT = "cut"
"""The mark of a piece that goes on a sentence which was cut for its length."""
LONGEST_FRAME = 80
"""Most characters of the words that part a quotation in two."""
DEEPEST = 6
"""Most quotations within quotations that are told apart."""

_UNSEEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067"
                    "\u2068\u2069\ufeff\u00ad")  # fmt: skip
_PAIRS = {"“": "”", "„": "”", "«": "»", "‘": "’", '"': '"', "'": "'", "‚": "’"}
_SAID = re.compile(
    r"\b(?:said|says|say|told|tell\w*|ask\w*|add\w*|wrote|writes?|stat\w+|declar\w+|insist\w*|"
    r"argu\w+|warn\w*|repl\w+|answer\w*|read\w*|remark\w*|comment\w*|announc\w+|continu\w+|"
    r"conclud\w+|not\w+|observ\w+|quip\w*|post\w*|tweet\w*|claim\w*|explain\w*|stress\w*|"
    r"respond\w*|complain\w*|demand\w*|call\w*|shout\w*|vow\w*|pledg\w+|assert\w*)\b[^\w]*$",
    re.I,
)


_APPOSED = re.compile(
    r"(,\s(?:an? |the same )?(?:charges?|claims?|accusations?|allegations?|assertions?|"
    r"suggestions?|moves?|decisions?|steps?|notions?|views?|reports?|ideas?|interpretations?|"
    r"contentions?)) (that |which )?"
    r"(?:(?!to\b|of\b|that\b|which\b|in\b|for\b)[\w.’'-]+ ){1,5}?"
    r"(?:has |have |had )?(?:\w+ly )?"
    r"(?:den(?:y|ies|ied)|reject(?:s|ed)?|dismiss(?:es|ed)?|disput(?:es?|ed)|"
    r"call(?:s|ed)?|described?|describes|condemn(?:s|ed)?|denounced?|denounces|repudiate[sd]?|"
    r"refute[sd]?|welcome[sd]?|criticis\w+|contest(?:s|ed)?|said|says?)\b"
)
"""Words behind a comma that tell what somebody makes of the words before it."""


@dataclass(slots=True)
class Quote:
    """Words in quotation marks: the marks' own places, and what is between them."""

    start: int
    end: int
    inner_start: int
    inner_end: int
    full: bool = False
    chain: tuple[Speaker, ...] | None = None
    certain: bool = True


@dataclass(slots=True)
class TextPiece:
    """A part of a paragraph as it is parsed.

    Attributes
    ----------
    kind : str
        ``frame``, ``quote`` or ``aside``.
    text : str
        What is parsed.
    places : list of int
        Place in the whole text of every character of `text`.
    begins, ends : int
        Place of its first character and behind its last.
    quote : Quote or None
        The full quotation that it is.
    held : dict of int to Quote
        Full quotations in a frame, by the place in `text` of the word that stands for each.
    joined : bool
        Whether it goes on the sentence of the piece before it.
    mark : str
        The mark that parts it from the piece before it.
    """

    kind: str
    text: str = ""
    places: list[int] = field(default_factory=list)
    quote: Quote | None = None
    held: dict[int, Quote] = field(default_factory=dict)
    joined: bool = False
    mark: str = ""

    @property
    def begins(self) -> int:
        """Place of its first character in the whole text."""
        return self.places[0]

    @property
    def ends(self) -> int:
        """Place behind its last character in the whole text."""
        return self.places[-1] + 1

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the whole text of a stretch of the piece."""
        return self.places[start], self.places[end - 1] + 1


def quotes_in(text: str, start: int, end: int) -> list[Quote]:
    """Return the outermost quotations between two places, in order."""
    quotes: list[Quote] = []
    at = start
    while at < end:
        mark = text[at]
        close = _PAIRS.get(mark)
        if close is None or not _opens(text, at, start, mark):
            at += 1
            continue
        until = _closing(text, at, end, mark, close)
        if until is None:
            if mark in "“„«" or (mark == '"' and at == start):
                until = end
            else:
                at += 1
                continue
        stop = min(until + 1, end)
        if until > at + 1:
            quotes.append(Quote(at, stop, at + 1, until))
        at = stop
    return quotes


def _opens(text: str, at: int, start: int, mark: str) -> bool:
    if mark not in "\"'‘":
        return True
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if mark == "‘":
        return not before.isalnum()
    return (before.isspace() or before in "([{—–-:;,/") and not after.isspace()


def _closing(text: str, at: int, end: int, mark: str, close: str) -> int | None:
    depth = 0
    single = close in "’'"
    until = at + 1
    limit = min(end, at + 1500) if single else end
    while until < limit:
        letter = text[until]
        if letter == mark and mark != close:
            depth += 1
        elif letter == close or (mark == "„" and letter == "“"):
            if single:
                after = text[until + 1] if until + 1 < len(text) else " "
                if after.isalnum() or text[until - 1].isspace():
                    until += 1
                    continue
            if depth == 0:
                return until
            depth -= 1
        until += 1
    return None


def _goes_on_after(text: str, quote: Quote, start: int, earlier: Quote | None) -> bool:
    """Say whether a quotation goes on with one that its speaker parts: “S,” she said, “and T.”"""
    if earlier is None or not earlier.full:
        return False
    between = text[earlier.end : quote.start].strip(" \u00a0\t")
    if len(between) > LONGEST_FRAME or between[-1:] not in {",", ";", "–", "—"}:
        return False
    return bool(_SAID.search(between)) or bool(re.search(r"\bsa(?:id|ys)\b", between))


def _is_full(text: str, quote: Quote, start: int, earlier: Quote | None = None) -> bool:
    """Say whether a quotation stands on its own, beside its frame and not within it."""
    inner = text[quote.inner_start : quote.inner_end].strip(" \u00a0")
    if not inner:
        return False
    if len(inner.split()) >= 3 and _goes_on_after(text, quote, start, earlier):
        return True
    lead = inner.lstrip("….[( \u00a0")
    before = text[max(start, quote.start - 60) : quote.start].rstrip(" \u00a0\t")
    manner = re.search(r"(\w+) of$", before)
    if manner and manner.group(1).casefold() in LANGUAGE and len(inner.split()) >= 4:
        return True
    if not lead or not (lead[0].isupper() or lead[0].isdigit() or inner[0] in "…["):
        return False
    words = inner.split()
    ended = inner[-1] in ".,!?…"
    if len(words) < 3 and not ended:
        return False
    before = text[start : quote.start].rstrip(" \u00a0\t")
    if not before or before[-1] in '.?!:,;–—-…\n)”"’':
        return len(words) >= 4 or ended or not before or before[-1] in ":–—"
    return bool(_SAID.search(before)) and len(words) >= 3


_FRAMED = re.compile(
    r"\s*(?:(?:or )?(?:so|at least),? )?(?:according to [^,;:()]{3,60}|"
    r"(?:as )?(?:[\w.’'-]+ ){1,5}?(?:says?|said|insists?|insisted|claims?|claimed|argues?|argued|"
    r"adds?|added|writes?|wrote|tells? us|told us|admits?|admitted|was quoted as saying|"
    r"put it|puts it)|"
    r"(?:says?|said|writes?|wrote|insists?) (?:[\w.’'-]+ ?){1,5})\s*$",
)
"""Words that only say who speaks."""
_RUN = re.compile(r"[\w.]+(?: [\w.]+){0,15}")
"""Words that are copied as they stand: no rule begins or ends anything at one of them."""


class _Builder:
    """Copies characters into pieces."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces: list[TextPiece] = []
        self.piece = TextPiece("frame")
        self.letters: list[str] = []

    def run(self, start: int, end: int) -> int:
        """Copy a run of plain characters; returns behind the last, or `start` if there is none.

        A piece that might grow too long is left to be copied character by character.
        """
        run = _RUN.match(self.text, start, end)
        if run is None or len(self.letters) + run.end() - start > LONGEST:
            return start
        self.letters.extend(run.group())
        self.piece.places.extend(range(start, run.end()))
        return run.end()

    def put(self, letter: str, place: int) -> None:
        if letter in _UNSEEN:
            return
        if letter.isspace():
            letter = " "
            if not self.letters or self.letters[-1] == " ":
                return
        elif letter in "’ʼ":
            letter = "'"
        self.letters.append(letter)
        self.piece.places.append(place)

    def word(self, word: str, place: int) -> int:
        if self.letters and self.letters[-1] != " ":
            self.put(" ", place)
        at = len(self.letters)
        for letter in word:
            self.put(letter, place)
        return at

    def frame(self, text: str, at: int, inner: tuple[int, int], stop: int) -> None:
        """Put words that only say who speaks between commas, whatever stood around them."""
        while self.letters and self.letters[-1] == " ":
            self.letters.pop()
            self.piece.places.pop()
        self.put(",", at)
        self.put(" ", at)
        for place in range(*inner):
            self.put(text[place], place)
        self.put(",", stop - 1)
        self.put(" ", stop - 1)

    def cut(self, mark: str = "", *, kind: str = "frame", joined: bool = False) -> None:
        piece = self.piece
        while self.letters and self.letters[-1] == " ":
            self.letters.pop()
            piece.places.pop()
        piece.text = "".join(self.letters)
        self.letters = []
        if re.search(r"\w", piece.text):
            self.pieces.append(piece)
        elif not mark:
            mark = piece.mark
        self.piece = TextPiece(kind, joined=joined, mark=mark)


def cut_into_pieces(
    text: str, start: int, end: int, level: int = 0
) -> tuple[list[TextPiece], list[Quote]]:
    """Cut a paragraph into pieces.

    Parameters
    ----------
    text : str
        The whole text.
    start, end : int
        The paragraph's place in it.
    level : int
        In how many quotations it stands; deeper ones than `DEEPEST` are not told apart.

    Returns
    -------
    pieces : list of TextPiece
        In the order in which they begin; an aside or quotation comes after its frame.
    quotes : list of Quote
        All quotations, also those that are words only.
    """
    quotes = quotes_in(text, start, end) if level < DEEPEST else []
    builder = _Builder(text)
    later: list[TextPiece] = []
    opening = {quote.start: quote for quote in quotes}
    closing = {quote.inner_end for quote in quotes}
    asides = _asides(text, start, end, quotes)
    at = start
    earlier: Quote | None = None
    while at < end:
        plain = builder.run(at, end)
        if plain > at:
            at = plain
            continue
        quote = opening.get(at)
        if quote is not None:
            quote.full = _is_full(text, quote, start, earlier)
            earlier = quote
            if quote.full:
                builder.piece.held[builder.word(PLACEHOLDER, quote.start)] = quote
                _after_quote(text, quote, end, builder)
                later.extend(_plain(text, quote, level + 1))
                at = quote.end
                continue
            at = quote.inner_start
            continue
        if at in closing and text[at] in "”»’\"'":
            at += 1
            continue
        if at in asides:
            stop, inner_start, inner_end = asides[at]
            if _is_frame_aside(text[inner_start:inner_end]):
                builder.frame(text, at, (inner_start, inner_end), stop)
                at = stop
                continue
            later.extend(_aside(text, inner_start, inner_end))
            at = stop
            continue
        closing_frame = _closing_frame(text, at, end)
        if closing_frame and builder.letters:
            while builder.letters[-1] == " ":
                builder.letters.pop()
                builder.piece.places.pop()
            builder.put(",", at)
            at += 1
            continue
        if _parts_sentences(text, at, start, end):
            builder.cut(text[at], joined=True)
            at += 1
            continue
        if text[at] == "," and _APPOSED.match(text, at, end):
            # A charge that she denies: a clause of its own, which no parser takes for one.
            builder.cut(",", joined=True)
            noun = _APPOSED.match(text, at, end)
            at += 1
            if noun is not None and not noun[2]:
                for place in range(at, noun.end(1)):
                    builder.put(text[place], place)
                at = noun.end(1)
                builder.word("that", at)
            continue
        builder.put(text[at], at)
        if text[at] in ".?!" and at + 1 < end and len(builder.letters) > LONGEST:
            builder.cut()
        at += 1
    builder.cut()
    every = [*builder.pieces, *later]
    every = [part for piece in every for part in _bounded(piece)]
    return sorted(every, key=lambda piece: (piece.begins, piece.kind != "frame")), quotes


def _after_quote(text: str, quote: Quote, end: int, builder: _Builder) -> None:
    """Put the mark that ends a quotation into its frame, where the frame needs one."""
    inner = text[quote.inner_start : quote.inner_end].rstrip()
    rest = text[quote.end : min(end, quote.end + 80)]
    follows = rest.lstrip(" \u00a0")
    if follows[:1] in {",", ".", ";", ":", "?", "!"} and follows:
        return
    goes_on = bool(re.match(r"(?:[\w.'’-]+\s+){0,7}?[\w'’-]*", follows)) and bool(
        re.match(r"[^.;:!?]{0,70}?" + _SAID.pattern.removesuffix(r"[^\w]*$"), follows, re.I)
    )
    last = inner[-1:] or ","
    ended = last == "." and follows[:1].isupper()
    mark = "," if last == "," or (goes_on and not ended) or follows[:1].islower() else "."
    builder.put(mark, quote.end - 1)
    builder.put(" ", quote.end - 1)


def _parts_sentences(text: str, at: int, start: int, end: int) -> bool:
    letter = text[at]
    before = text[at - 1] if at > start else " "
    after = text[at + 1] if at + 1 < end else " "
    if letter == ";":
        return True
    if letter == ":":
        return after.isspace() and not before.isspace()
    if letter in "–—":
        return (before.isspace() and after.isspace()) or letter == "—"
    return letter == "-" and before.isspace() and after.isspace()


def _asides(
    text: str, start: int, end: int, quotes: list[Quote]
) -> dict[int, tuple[int, int, int]]:
    """Return the end, and the inner start and end, of what stands in brackets or dashes."""
    whole = [(quote.start, quote.end) for quote in quotes if _is_full(text, quote, start)]

    def quoted(at: int) -> bool:
        return any(a <= at < b for a, b in whole)

    asides = {}
    for match in re.finditer(r"\(([^()]{1,400})\)|\[([^\[\]]{1,200})\]", text[start:end]):
        group = 1 if match.group(1) is not None else 2
        at = start + match.start()
        if not quoted(at):
            asides[at] = (start + match.end(), start + match.start(group), start + match.end(group))
    dash = re.compile(
        r"(?<=[\w,”’\"'»)\u00a0 ])(?:\s[–—-]\s|\s?—\s?)([^–—.?!;:]{3,160}?)"
        r"(?:\s[–—-]\s|\s?—\s?)(?=[a-z])"
    )
    for match in dash.finditer(text, start, end):
        at = match.start()
        if not quoted(at) and not any(a < match.end() and at < b[0] for a, b in asides.items()):
            asides[at] = (match.end() - 1, match.start(1), match.end(1))
    return asides


def _plain(text: str, quote: Quote, level: int) -> list[TextPiece]:
    inner, _ = cut_into_pieces(text, quote.inner_start, quote.inner_end, level)
    for piece in inner:
        if piece.kind == "frame":
            piece.kind = "quote"
            piece.quote = quote
        elif piece.quote is None:
            piece.quote = quote
    return inner


def _closing_frame(text: str, at: int, end: int) -> bool:
    """Say whether a dash parts but the words that say who speaks: P – at least according to Q."""
    if text[at] not in "–—-" or at + 1 >= end or not (text[at + 1].isspace() or text[at] == "—"):
        return False
    stop = re.search(r"[.;!?]", text[at + 1 : min(end, at + 90)])
    rest = text[at + 1 : at + 1 + stop.start()] if stop else text[at + 1 : min(end, at + 90)]
    whole = stop is not None or at + 90 >= end
    return whole and _is_frame_aside(rest) and "according to" in rest


def _is_frame_aside(text: str) -> bool:
    """Say whether words in brackets or between dashes only say who speaks: (Venn says)."""
    return bool(_FRAMED.match(text))


def _aside(text: str, start: int, end: int) -> list[TextPiece]:
    if len(text[start:end].split()) < 2:
        return []
    builder = _Builder(text)
    builder.piece.kind = "aside"
    for at in range(start, end):
        if text[at] == ";":
            builder.cut(";", kind="aside", joined=True)
            continue
        builder.put(text[at], at)
    builder.cut()
    return builder.pieces


def _bounded(piece: TextPiece) -> list[TextPiece]:
    """Cut a piece that is too long for the parser at blanks."""
    places = []
    at = 0
    while len(piece.text) > 2 * LONGEST and len(piece.text) - at > LONGEST:
        blank = piece.text.rfind(" ", at, at + LONGEST)
        at = blank + 1 if blank > at else at + LONGEST
        places.append(at)
    return cut_at(piece, places) if places else [piece]


def overlong(doc: ParsedText) -> list[int]:
    """Return the places in a parsed piece at which its overlong sentences are to be cut."""
    places = []
    for sentence in doc.sents:
        at = sentence.start
        while sentence.end - at > MOST_WORDS:
            limit = at + MOST_WORDS
            commas = (i for i in range(limit - 1, limit - NEAR, -1) if doc[i].text in {",", ";"})
            at = next(commas, limit - 1) + 1
            places.append(doc[at].idx)
    return places


def cut_at(piece: TextPiece, places: Sequence[int]) -> list[TextPiece]:
    """Cut a piece at some places; every part but the first goes on a sentence."""
    parts = []
    for start, end in pairwise([0, *places, len(piece.text)]):
        part = TextPiece(piece.kind, piece.text[start:end], piece.places[start:end], piece.quote)
        part.held = {at - start: quote for at, quote in piece.held.items() if start <= at < end}
        part.joined, part.mark = (True, CUT) if start else (piece.joined, piece.mark)
        parts.append(part)
    return parts
