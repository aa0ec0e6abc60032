"""From proposed claims to a patch: every claim is read by a person, and accepted or not.

Decisions are kept beside the file of claims after every key, so that a review can be left and
taken up again. The patch holds rows of the table ``claims`` and nothing else: accepting a claim
records that it was made, never that it is true.
"""

from __future__ import annotations

import contextlib
import csv
import datetime as dt
import hashlib
import io
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from detente.errors import DataError, Fault, UsageError
from detente.evidence.testimony.claim import LINK, LISTED, UNCERTAIN, Claim, read_claims

ACCEPTED, REJECTED = "accepted", "rejected"
DECISIONS = ("claim_id", "row", "decision", "speaker_chain")
"""Columns of the file of decisions; ``row`` is a digest of the claim that was read."""
KEYS = {
    "a": "accept",
    "r": "reject",
    "s": "leave for later",
    "p": "accept all of this paragraph whose speaker is certain",
    "c": "correct the chain of speakers, then accept",
    "b": "back",
    "q": "stop, and go on another time",
}
"""The keys of a review."""
CHECKED = "speaker checked by the reviewer"
"""What the note of a claim says whose uncertain speaker a person confirmed."""


@dataclass(slots=True)
class Review:
    """The claims of one file and what was decided of each.

    Attributes
    ----------
    path : Path
        The file of claims.
    claims : list of Claim
        As read from it.
    decided : dict of str to str
        ``accepted`` or ``rejected`` by claim.
    chains : dict of str to tuple of str
        Chains of speakers that the reviewer corrected.
    """

    path: Path
    claims: list[Claim]
    decided: dict[str, str] = field(default_factory=dict)
    chains: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def notes(self) -> Path:
        """The file that keeps the decisions."""
        return self.path.with_suffix(".review.csv")

    @property
    def patch(self) -> Path:
        """The file of the accepted rows."""
        return self.path.with_suffix(".patch.csv")

    @property
    def open_claims(self) -> list[Claim]:
        """The claims of which nothing was decided yet."""
        return [claim for claim in self.claims if claim.claim_id not in self.decided]

    def decide(self, claim: Claim, decision: str) -> None:
        """Keep a decision."""
        self.decided[claim.claim_id] = decision
        self._keep()

    def correct(self, claim: Claim, chain: Sequence[str]) -> None:
        """Keep a corrected chain, and accept the claim.

        Raises
        ------
        UsageError
            If the chain does not begin with the author.
        """
        if not chain or chain[0] != claim.speaker_chain[0]:
            raise UsageError(f"the chain begins with the author, {claim.speaker_chain[0]}")
        self.chains[claim.claim_id] = tuple(chain)
        self.decide(claim, ACCEPTED)

    def reopen(self, claim: Claim) -> None:
        """Take a decision back."""
        self.decided.pop(claim.claim_id, None)
        self.chains.pop(claim.claim_id, None)
        self._keep()

    def reopen_last(self) -> Claim:
        """Take back the decision on the last claim of the file that was decided.

        Raises
        ------
        UsageError
            If nothing was decided yet.
        """
        for claim in reversed(self.claims):
            if claim.claim_id in self.decided:
                self.reopen(claim)
                return claim
        raise UsageError("nothing was decided yet, so that there is nothing to take back")

    def accept_certain(self, paragraph: int) -> int:
        """Accept the open claims of a paragraph whose speaker is certain; returns how many."""
        certain = [c for c in self.open_claims if c.paragraph == paragraph and c.speaker_certain]
        for claim in certain:
            self.decided[claim.claim_id] = ACCEPTED
        self._keep()
        return len(certain)

    def accepted(self) -> list[Claim]:
        """Return the accepted claims, with the reviewer's corrections."""
        kept = []
        for claim in self.claims:
            if self.decided.get(claim.claim_id) != ACCEPTED:
                continue
            note = claim.note
            if not claim.speaker_certain:
                note = "; ".join([CHECKED, *note.removeprefix(UNCERTAIN).strip(":; ").split("; ")])
            chain = self.chains.get(claim.claim_id, claim.speaker_chain)
            kept.append(replace(claim, speaker_chain=chain, note=note.strip("; ")))
        return kept

    def _keep(self) -> None:
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(DECISIONS)
        for claim in self.claims:
            decision = self.decided.get(claim.claim_id)
            if decision is not None:
                chain = LINK.join(self.chains.get(claim.claim_id, ()))
                writer.writerow([claim.claim_id, _digest(claim), decision, chain])
        _write(self.notes, text.getvalue())


def open_review(path: str | Path) -> Review:
    """Open a file of claims with what was decided before.

    A decision on a claim that has changed since is not taken over.

    Raises
    ------
    UsageError, DataError
        If the file cannot be read as claims, or has no claim, or two of one number.
    """
    path = Path(path)
    claims = read_claims(path)
    seen: set[str] = set()
    twice = {c.claim_id for c in claims if c.claim_id in seen or seen.add(c.claim_id)}  # type: ignore[func-returns-value]
    if twice:
        problem = f"claim_id {', '.join(sorted(twice))} stands twice"
        raise DataError([Fault(path.name, None, "claim_id", problem, "Number each claim once")])
    review = Review(path, claims)
    if review.notes.is_file():
        by_id = {claim.claim_id: claim for claim in claims}
        with review.notes.open(encoding="utf-8", newline="") as stream:
            for row in csv.DictReader(stream):
                claim = by_id.get(row.get("claim_id") or "")
                if claim is None or row.get("row") != _digest(claim):
                    continue
                if row.get("decision") in {ACCEPTED, REJECTED}:
                    review.decided[claim.claim_id] = row["decision"]
                if row.get("speaker_chain"):
                    review.chains[claim.claim_id] = tuple(row["speaker_chain"].split(LINK))
    return review


def run_review(
    review: Review, key: Callable[[], str], ask: Callable[[str], str], show: Callable[[str], None]
) -> None:
    """Go through the open claims by keys, until all are decided or the reviewer stops.

    Parameters
    ----------
    review : Review
        What is reviewed.
    key : callable
        Returns the next key; empty or ``q`` stops.
    ask : callable
        Asks for a line of text.
    show : callable
        Shows lines.
    """
    at = 0
    show("; ".join(f"{letter} {meaning}" for letter, meaning in KEYS.items()))
    while at < len(review.claims):
        claim = review.claims[at]
        if claim.claim_id in review.decided:
            at += 1
            continue
        show(as_card(claim, len(review.open_claims), review.claims))
        pressed = key()
        if pressed == "a":
            review.decide(claim, ACCEPTED)
        elif pressed == "r":
            review.decide(claim, REJECTED)
        elif pressed == "p":
            count = review.accept_certain(claim.paragraph)
            left = [c for c in review.open_claims if c.paragraph == claim.paragraph]
            show(f"{count} accepted; {len(left)} of uncertain speakers are left to be read")
            if not count:
                at += 1
        elif pressed == "c":
            line = ask(f"chain, parted by '{LINK.strip()}' [{LINK.join(claim.speaker_chain)}]")
            chain = [part.strip() for part in line.split(LINK.strip()) if part.strip()]
            try:
                review.correct(claim, chain or claim.speaker_chain)
            except UsageError as error:
                show(str(error))
        elif pressed == "s":
            at += 1
        elif pressed == "b":
            at = max(0, at - 1)
            review.reopen(review.claims[at])
        elif pressed in {"", "q", "\x03", "\x04", "\x1b"}:
            return
        else:
            show("; ".join(f"{letter} {meaning}" for letter, meaning in KEYS.items()))


def as_card(claim: Claim, left: int, claims: Sequence[Claim] = ()) -> str:
    """Return one claim as the reviewer sees it, with the others of its paragraph."""
    marks = [claim.mode, claim.polarity, claim.stance, claim.claim_type]
    lines = [
        "",
        f"{claim.claim_id} (paragraph {claim.paragraph}, {left} left)",
        f"  {claim.shown}",
        f"  {LINK.join(claim.speaker_chain)}",
        f"  {', '.join(marks)}" + (f"; hedge: {', '.join(claim.hedge)}" if claim.hedge else ""),
    ]
    if claim.actors:
        lines.append(f"  about {', '.join(claim.actors)}")
    if claim.matched_id:
        lines.append(f"  may bear on {claim.matched_id}: on record, which is not to say true")
    if claim.note:
        lines.append(f"  note: {claim.note}")
    others = [c for c in claims if c.paragraph == claim.paragraph and c is not claim]
    if others:
        lines.append("  in the same paragraph:")
        lines += [
            f"    {c.claim_id} {LINK.join(c.speaker_chain[1:]) or 'the author'}: {c.shown}"
            f"{'' if c.speaker_certain else ' [speaker uncertain]'}"
            for c in others
        ]
    return "\n".join(lines)


def _digest(claim: Claim) -> str:
    return hashlib.sha256(repr(sorted(claim.row().items())).encode()).hexdigest()[:16]


def slug(text: str) -> str:
    """Return a text as an identifier."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")[:40] or "document"


def patch_rows(
    claims: Sequence[Claim], *, document: str = "", source: str = ""
) -> list[dict[str, object]]:
    """Return accepted claims as rows of the table ``claims``."""
    return [
        {
            "claim": f"{slug(source or claim.source)}.{claim.claim_id}",
            "document": document or claim.source or "document",
            "paragraph": claim.paragraph,
            "start": claim.start,
            "end": claim.end,
            "mode": claim.mode,
            "speaker_chain": LINK.join(claim.speaker_chain),
            "hedge": LISTED.join(claim.hedge) or None,
            "polarity": claim.polarity,
            "stance": claim.stance,
            "claim_type": claim.claim_type,
            "proposition": claim.claim or claim.text_span,
            "actors": LISTED.join(claim.actors) or None,
            "matched": claim.matched_id or None,
            "match": claim.match,
            "note": claim.note or None,
            "date": claim.since or None,
            "source": slug(source or claim.source),
            "confidence": claim.confidence,
        }
        for claim in claims
    ]


def write_patch(review: Review, *, document: str = "", source: str = "") -> Path:
    """Write the accepted rows beside the file of claims; returns where.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    rows = patch_rows(review.accepted(), document=document, source=source)
    text = io.StringIO()
    columns = list(rows[0]) if rows else ["claim"]
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    _write(review.patch, text.getvalue())
    return review.patch


def enter(review: Review, folder: str | Path, *, document: str = "", source: str = "") -> int:
    """Add the accepted claims to the table ``claims`` of a scenario package; returns how many.

    No other table changes, but for one row in ``sources``: the document that was read.

    Raises
    ------
    UsageError
        If a claim is still unread, or there is no package.
    DataError
        If a row would break the schema.
    """
    import polars as pl

    from detente.architecture.package.tables import read, write

    unread = len(review.open_claims)
    if unread:
        raise UsageError(f"{unread} claims are still unread; nothing enters a scenario unread")
    package = read(folder)
    codes = {
        *package.tables["states"]["state"],
        *package.tables["actors"]["actor"],
        *package.tables["organisations"]["organisation"],
    }
    rows = patch_rows(review.accepted(), document=document, source=source)
    for row in rows:
        named = [code for code in str(row["actors"] or "").split(LISTED) if code in codes]
        row["actors"] = LISTED.join(named) or None
        row["date"] = dt.date.fromisoformat(str(row["date"])) if row["date"] else None
    old = package.tables["claims"]
    twice = {str(row["claim"]) for row in rows} & set(old["claim"])
    if twice:
        raise UsageError(f"the scenario already has the claim {min(twice)}; it was entered before")
    if not rows:
        return 0
    sources = package.tables["sources"]
    key = str(rows[0]["source"])
    if key not in set(sources["source"]):
        cited = document or review.claims[0].source or key
        added = pl.DataFrame(
            [{"source": key, "citation": cited, "url": None, "seen": "yes"}], schema=sources.schema
        )
        sources = pl.concat([sources, added])
    claims = pl.concat([old, pl.DataFrame(rows, schema=old.schema)])
    write(package.replace_tables(claims=claims, sources=sources), folder, overwrite=True)
    return len(rows)


def _write(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror or error})") from None
    finally:
        # Where nothing can be written, nothing can be removed either: one complaint is enough.
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
