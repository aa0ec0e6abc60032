"""One claim, and the columns in which claims are written."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from detente.errors import DataError, Fault, UsageError

COLUMNS = (
    "claim_id", "paragraph", "start", "end", "text_span", "mode", "speaker_chain", "hedge",
    "polarity", "stance", "claim_type", "claim", "actors", "matched_id", "match", "note",
    "source", "confidence",
)  # fmt: skip
"""Columns of a file of claims, in order."""

LINK = " > "
"""What parts two speakers of a chain, the outermost first."""
LISTED = ";"
"""What parts two hedges, or two actors."""
UNNAMED = "(unnamed)"
"""What stands behind a link of the chain that names nobody."""
UNCERTAIN = "speaker uncertain"
"""How the note of a claim begins whose speaker the reader does not know for sure."""
MAX_WORDS = 15
"""Most words of a span; a longer claim is cut."""
SHOWN = 120
"""Most characters of a text that a fault shows."""

SAID_ON = "said on "
"""What the note of a claim has before the day on which its speaker made it."""
_SAID_ON = re.compile(SAID_ON + r"(\d{4}-\d{2}-\d{2})")
_DATED = re.compile(r"(?:^| )(\d{4}-\d{2}-\d{2})$")

WORDS = {
    "mode": ("quoted", "paraphrased", "mixed", "asserted"),
    "polarity": ("affirmed", "negated"),
    "stance": (
        "asserts", "denies", "doubts", "regrets", "threatens", "offers", "forecasts", "no_comment",
    ),
    "claim_type": ("event", "attribution", "threat", "offer", "forecast", "evaluation"),
    "confidence": ("high", "medium", "low"),
}  # fmt: skip
"""The words that a column admits."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An assertion with its chain of speakers and its place in a text.

    Attributes
    ----------
    claim_id : str
        Its number in the text.
    paragraph : int
        Number of the non-empty line in which it begins, from 1.
    start, end : int
        Offsets in code points into the text as decoded; the end is exclusive.
    text_span : str
        The text between them, at most 15 words.
    mode : str
        ``quoted``, ``paraphrased``, ``mixed`` or ``asserted``.
    speaker_chain : tuple of str
        Who says that who says it, outermost first; the author is always first.
    hedge : tuple of str
        The literal words that weaken or strengthen it.
    polarity, stance, claim_type : str
        Whether it is negated, what the innermost speaker does with it, what sort it is.
    claim : str
        The claim in words that stand alone.
    actors : tuple of str
        Codes of those whom it concerns.
    matched_id, match : str
        Incident or signal on record that bears on it, and how closely.
    note, source, confidence : str
        What a reader should know, the document, and how far to trust the reading.
    """

    claim_id: str
    paragraph: int
    start: int
    end: int
    text_span: str
    mode: str
    speaker_chain: tuple[str, ...]
    hedge: tuple[str, ...] = ()
    polarity: str = "affirmed"
    stance: str = "asserts"
    claim_type: str = "evaluation"
    claim: str = ""
    actors: tuple[str, ...] = ()
    matched_id: str = ""
    match: str = "none"
    note: str = ""
    source: str = ""
    confidence: str = "high"

    @property
    def shown(self) -> str:
        """Its span as a person reads it: without the markup of a web page."""
        marked = "<" in self.text_span or "&" in self.text_span
        return self.claim if marked and self.claim else self.text_span

    @property
    def reported(self) -> bool:
        """Whether somebody other than the author answers for it."""
        return len(self.speaker_chain) > 1

    @property
    def since(self) -> str:
        """Day from which it is on record, as far as the text tells it; empty if it does not."""
        said = _SAID_ON.search(self.note)
        if said:
            return said.group(1)
        dated = _DATED.search(self.source)
        return dated.group(1) if dated else ""

    @property
    def speaker_certain(self) -> bool:
        """Whether the reader knows who answers for it."""
        return not self.note.startswith(UNCERTAIN)

    def row(self) -> dict[str, str]:
        """Return the claim as the cells of a row."""
        cells = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, tuple):
                value = (LINK if field.name == "speaker_chain" else LISTED).join(value)
            cells[field.name] = str(value)
        return cells


def _parts(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark) if part.strip())


def _offset(column: str, cell: str) -> int:
    try:
        return int(cell)
    except ValueError:
        raise ValueError(f"{column} '{cell}' is not a whole number") from None


def from_row(cells: dict[str, str]) -> Claim:
    """Return the claim that a row holds.

    Raises
    ------
    ValueError
        If an offset is not a whole number, or a word is not one of its column.
    """
    for column, words in WORDS.items():
        if cells[column] not in words:
            raise ValueError(f"{column} '{cells[column]}' is not one of {', '.join(words)}")
    start, end = (_offset(column, cells[column]) for column in ("start", "end"))
    if not 0 <= start < end:
        raise ValueError(f"the span {start} to {end} is empty or begins before the text")
    chain = _parts(cells["speaker_chain"], LINK.strip())
    if not chain:
        raise ValueError("speaker_chain is empty; the author is always its first link")
    return Claim(
        **{
            **{column: cells[column] for column in COLUMNS},
            "paragraph": _offset("paragraph", cells["paragraph"] or "0"),
            "start": start,
            "end": end,
            "speaker_chain": chain,
            "hedge": _parts(cells["hedge"], LISTED),
            "actors": _parts(cells["actors"], LISTED),
        }  # type: ignore[arg-type]
    )


def read_claims(path: str | Path) -> list[Claim]:
    """Read a file of claims.

    Raises
    ------
    UsageError
        If there is no such file, or it is not text.
    DataError
        If a column is missing or a cell cannot be read; lists every fault.
    """
    path = Path(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    # Spreadsheets write UTF-16 with a mark ("Unicode text").
    marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = raw.decode("utf-16" if marked else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}, line {line}: cannot be read as a file of claims: not UTF-8; "
            "save it as CSV in UTF-8"
        ) from None
    return parse_claims(text, path.name)


def parse_claims(text: str, name: str) -> list[Claim]:
    """Return the claims of a CSV text; `name` is that of its file, for faults."""
    reader = csv.DictReader(io.StringIO(text, newline=""))
    missing = [column for column in COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        problem = f"has no column {', '.join(missing)}"
        raise DataError([Fault(name, 1, "", problem, f"The columns are {', '.join(COLUMNS)}")])
    claims, faults = [], []
    for number, cells in enumerate(reader, start=2):
        try:
            claims.append(from_row({column: cells.get(column) or "" for column in COLUMNS}))
        except ValueError as error:
            faults.append(Fault(name, number, "", str(error)))
    if faults:
        raise DataError(faults)
    return claims


def as_csv(claims: Iterable[Claim]) -> str:
    """Return claims as a CSV text with a header row."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(claim.row() for claim in claims)
    return text.getvalue()


def spans_hold(claims: Sequence[Claim], text: str) -> list[str]:
    """Return one sentence for every claim whose span is not what the text has there."""
    return [
        f"{claim.claim_id}: {_there(claim, text)}"
        for claim in claims
        if text[claim.start : claim.end] != claim.text_span
    ]


def _there(claim: Claim, text: str) -> str:
    if claim.end > len(text):
        return (
            f"ends at {claim.end}, but the text has {len(text)} characters; offsets count code "
            "points of the file as decoded"
        )
    found = text[claim.start : claim.end]
    shown = found if len(found) <= SHOWN else found[: SHOWN - 1] + "…"
    return f"the text has {shown!r} there, not {claim.text_span!r}"
