"""The reader: an article into claims, each with its speakers, and never into facts.

A text is cut into paragraphs and pieces (`layout`, `pieces`), each piece is parsed
(`language`), its clauses are found (`clauses`) with the speakers above them (`attribution`),
and each clause becomes a claim. Nothing that is read is executed, followed or believed: words
that ask for something are words.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

from detente.errors import UsageError
from detente.evidence.resolve import architecture_of
from detente.evidence.testimony.claim import COLUMNS, LINK, Claim, as_csv, from_row
from detente.evidence.testimony.grammar.gazetteer import gazetteer
from detente.evidence.testimony.grammar.layout import paragraphs
from detente.evidence.testimony.opening import open_text
from detente.evidence.testimony.text_reader import (
    NOBODY,
    Progress,
    TextReading,
    numbered,
    read_text,
)
from detente.words import plural

if TYPE_CHECKING:
    import polars as pl

    from detente.architecture.value import Architecture
    from detente.results.result import Result


VIEWS = ("claims", "as_text")
FORMAT = 1
MEANINGS = {
    "paragraph": "number of the non-empty line",
    "start": "offset of the first character, in code points",
    "end": "offset behind the last character",
    "text_span": "the text between them",
    "mode": "quoted, paraphrased, mixed or asserted",
    "speaker_chain": "who says that who says it, outermost first",
    "hedge": "words that weaken or strengthen it",
    "polarity": "affirmed or negated",
    "stance": "what the innermost speaker does with it",
    "claim_type": "what sort of claim it is",
    "claim": "the claim in words",
    "actors": "codes of those whom it concerns",
    "matched_id": "incident or signal on record that may bear on it",
    "match": "how closely: proposed, never decided",
    "note": "what a reader should know",
    "source": "the document",
    "confidence": "how far to trust the reading",
}
"""Columns of a claim and what they mean."""


def read(
    path_or_text: str | Path,
    g: Architecture | str | None = None,
    *,
    speaker: str = "",
    date: str | dt.date = "",
    endpoint: bool = False,
    progress: Progress | None = None,
) -> Result:
    """Read a text into claims, each with who says so; nothing of it becomes a fact.

    Parameters
    ----------
    path_or_text : str or Path
        A file, or the text itself. Plain text and HTML are read.
    g : Architecture, str or path, optional
        The scenario whose states and actors are looked for, and whose incidents and signals
        are proposed as matches; without one, the states of the world.
    speaker : str
        The author; by default the byline's.
    date : str or datetime.date
        Day of the text; matches near it are preferred.
    endpoint : bool
        Read through the language model whose address is in the environment, instead of by the
        grammar; see `detente.evidence.testimony.endpoint`. Off unless asked for.
    progress : callable, optional
        Called with a unit, how much is read, and how much there is, as a long text is read.

    Returns
    -------
    Result
        One claim an entry of the dimension ``claim``; ``result.claims()`` has them as objects,
        ``result.table()`` as a frame in the columns of a file of claims. It is a proposal:
        `detente review` takes it through them one by one.

    Raises
    ------
    UsageError
        If the text cannot be opened, the date is no date, the author's name would be a chain of
        speakers, or the extra ``text`` is not there.

    Examples
    --------
    >>> import detente as dt
    >>> result = dt.read("Queria said on Monday that it had reopened the channel.")
    >>> result.claims()[0].speaker_chain
    ('author', 'Queria')
    """
    import numpy as np

    from detente.evidence.testimony.matching import proposed
    from detente.results.building import build

    day = _day(date)
    if LINK.strip() in speaker:
        link = LINK.strip()
        raise UsageError(
            f"speaker: '{speaker}' has '{link}', which parts speakers; name the author"
        )
    g = None if g is None else architecture_of(g)
    through = _read_through if endpoint else read_text
    reading = through(path_or_text, g, speaker=speaker, date=day, progress=progress)
    claims = proposed(reading.claims, g, day) if g is not None else reading.claims
    rows = [claim.row() for claim in claims]
    whole = {"paragraph", "start", "end"}
    variables = {
        name: (
            ("entry",),
            np.array([int(row[name]) if name in whole else row[name] for row in rows],
                     dtype=np.int64 if name in whole else object),
            "",
            meaning,
        )
        for name, meaning in MEANINGS.items()
    }  # fmt: skip
    reported = sum(claim.reported for claim in claims)
    unsure = sum(not claim.speaker_certain for claim in claims)
    return build(
        "read",
        variables=variables,
        coordinates={"entry": np.array([row["claim_id"] for row in rows], dtype=str)},
        reading=(
            f"{plural(len(claims), 'claim')}: {len(claims) - reported} of {reading.author}, "
            f"{reported} of others; the speaker of {unsure} is uncertain. None of them is a fact."
        ),
        architecture=g,
        settings={
            "speaker": speaker,
            "date": day,
            "author": reading.author,
            "endpoint": endpoint,
        },
        live=reading,
        remarks=list(reading.remarks),
    )


def _read_through(
    path_or_text: str | Path,
    g: Architecture | None,
    *,
    speaker: str,
    date: str,
    progress: Progress | None = None,
) -> TextReading:
    """Read a text through an endpoint; the claims are numbered as those of the grammar."""
    from detente.evidence.testimony.endpoint import read_through

    opened = open_text(path_or_text)
    author = speaker or paragraphs(opened.visible)[1] or NOBODY
    read_claims, remarks = read_through(opened, gazetteer(g), author, progress=progress)
    return TextReading(
        claims=tuple(numbered(read_claims)),
        text=opened.text,
        author=author,
        source=opened.source,
        date=date,
        remarks=(*opened.remarks, *remarks),
    )


def _day(date: str | dt.date) -> str:
    if not date:
        return ""
    try:
        return dt.date.fromisoformat(str(date)).isoformat()
    except ValueError:
        raise UsageError(f"date: '{date}' is not a date; write it as 2024-06-30") from None


def claims(result: Result) -> tuple[Claim, ...]:
    """Return the claims of a result of `read`."""
    data = result.data
    cells = {name: data[name].values.tolist() for name in MEANINGS}
    return tuple(
        from_row({"claim_id": str(entry), **{name: str(cells[name][k]) for name in MEANINGS}})
        for k, entry in enumerate(data["entry"].values.tolist())
    )


def as_text(result: Result) -> str:
    """Return the claims of a result as the text of a CSV file."""
    return as_csv(claims(result))


def table(result: Result) -> pl.DataFrame:
    """Return the claims as a frame, in the columns of a file of claims."""
    import polars as pl

    rows = [claim.row() for claim in claims(result)]
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String)).with_columns(
        pl.col("paragraph", "start", "end").cast(pl.Int64)
    )


def to_dict(result: Result) -> dict[str, object]:
    """Return the claims as plain data."""
    return {
        "question": "read",
        "reading": result.reading,
        "settings": result.settings,
        "claims": [claim.row() for claim in claims(result)],
    }


def text(result: Result) -> str:
    """Return the claims for a terminal: who, how, what."""
    lines = []
    for claim in claims(result):
        who = LINK.join(claim.speaker_chain)
        marks = [claim.mode, claim.stance, claim.claim_type]
        marks += ["negated"] if claim.polarity == "negated" else []
        marks += [f"hedged: {', '.join(claim.hedge)}"] if claim.hedge else []
        marks += [claim.note] if claim.note else []
        lines += [f"{claim.claim_id}  {who}", f"     {claim.shown}", f"     {'; '.join(marks)}"]
        if claim.matched_id:
            lines.append(f"     may bear on {claim.matched_id}")
    return "\n".join([*lines, result.reading])
