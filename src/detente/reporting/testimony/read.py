"""The page for reading the claims of a text, before any of them is accepted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from detente.evidence.testimony.claim import LINK, Claim
from detente.evidence.testimony.reading import claims as claims_of
from detente.reporting.page.embed import download
from detente.reporting.page.model import (
    Again,
    Cell,
    Code,
    KeyNumber,
    KeyNumbers,
    Page,
    Points,
    Section,
    Small,
    Table,
    Tag,
    Text,
)
from detente.reporting.testimony.wording import MODES, SORTS, STANCES, named, names_in

if TYPE_CHECKING:
    from detente.results.result import Result

LIMITS = (
    "A claim is what somebody said, or what the reader took it for. None of this is a fact.",
    "A match says that such an event is on record, never that the claim is true.",
    "The reader is wrong about some of them; where it was not sure who speaks, it says so.",
    "How often something is claimed is no weight of truth.",
)


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of the claims of a text."""
    claims = claims_of(result)
    reported = [claim for claim in claims if claim.reported]
    unsure = [claim for claim in claims if not claim.speaker_certain]
    denied = [claim for claim in claims if claim.stance == "denies"]
    author = str(result.settings.get("author", ""))
    attrs = result.data.attrs
    return Page(
        title=f"Who says so: {author}" if author else "Who says so",
        kicker="The claims of a text",
        lead=result.reading,
        opening=(
            KeyNumbers(
                (
                    KeyNumber(str(len(claims)), "claims"),
                    KeyNumber(str(len(reported)), "of others than the author"),
                    KeyNumber(str(len(denied)), "denials"),
                    KeyNumber(str(len(unsure)), "of an uncertain speaker"),
                )
            ),
        ),
        sections=(
            Section("speakers", "Who speaks", (_speakers(claims),)),
            Section(
                "claims",
                "Every claim, in the order of the text",
                (
                    (
                        "Go through them with ",
                        Code("detente review CLAIMS.csv"),
                        ": accept, reject, or correct who speaks. Nothing enters a scenario "
                        "unread.",
                    ),
                    _table(claims, names_in(result)),
                ),
            ),
            Section("not-said", "What this does not say", (Points(LIMITS),)),
        ),
        again=Again(
            command or str(attrs.get("command", "")) or "dt.read(path, g)",
            (
                ("Author", author),
                ("Scenario", str(attrs.get("scenario", "none"))),
                ("Version", str(attrs.get("detente", ""))),
            ),
            files=(download("claims", "every claim, for detente review", result.table()),),
            prefix="read",
        ),
    )


def _speakers(claims: tuple[Claim, ...]) -> Table:
    counts = Counter(claim.speaker_chain[-1] for claim in claims)
    through = {claim.speaker_chain[-1]: claim.speaker_chain[:-1] for claim in claims}
    return Table(
        "Innermost speakers, with the number of their claims",
        ("Speaker", "Through", "Claims"),
        tuple(
            (name, LINK.join(through[name]) or "the text itself", Cell(str(count), count))
            for name, count in counts.most_common()
        ),
    )


def _table(claims: tuple[Claim, ...], names: dict[str, str]) -> Table:
    return Table(
        "Claims, with who answers for each",
        ("Claim", "Who says so", "How", "About"),
        tuple(_cells(claim, names) for claim in claims),
        anchors=tuple(claim.claim_id for claim in claims),
    )


def _cells(claim: Claim, names: dict[str, str]) -> tuple[Text | Cell, ...]:
    who: list[Tag | str] = [LINK.join(claim.speaker_chain)]
    if not claim.speaker_certain:
        who += [" ", Tag("speaker uncertain", "loss")]
    how = [MODES[claim.mode], STANCES[claim.stance], SORTS[claim.claim_type]]
    how += ["negated"] if claim.polarity == "negated" else []
    notes = [f"hedge: {', '.join(claim.hedge)}"] if claim.hedge else []
    notes += [claim.note] if claim.note else []
    about = named(";".join(claim.actors), names)
    if claim.matched_id:
        about = f"{about}; may bear on {claim.matched_id}".strip("; ")
    return (
        (f"{claim.claim_id}  {claim.shown}", Small(f"line {claim.paragraph}")),
        tuple(who),
        (", ".join(how), Small("; ".join(notes))) if notes else ", ".join(how),
        about,
    )
