"""What is on the table, for a terminal and as a table."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from detente.auditing.table_answers import (
    MARKS,
    MEANING,
    OPPOSED,
    VERDICTS,
    headline,
    leading,
    rows,
)
from detente.lenses.naming import in_words
from detente.words import listed, share

if TYPE_CHECKING:
    import polars as pl

    from detente.results import Result

WIDTH = 100
SHORT = 3
"""Letters of a model's name that head its column."""
MOST_STATES = 3


def lines(result: Result, most: int = 20) -> list[str]:
    """Return what is on the table for a terminal of 100 columns, `most` rows of it.

    The sentence first, then a row a change with a mark for every model, who pays and who blocks.
    """
    told = rows(result)
    if not told:
        return []
    lenses = _lenses(told)
    heads = " ".join(f"{_short(lens):>{SHORT}}" for lens in lenses)
    text = [*textwrap.wrap(headline(result), WIDTH), ""]
    text += [f"On the table{'':<30} {heads}  pays; decides it and loses"]
    for row in told[:most]:
        text.append(_line(row, lenses))
    if len(told) > most:
        text.append(f"  and {len(told) - most:,} more: --on-the-table, or --format csv")
    meaning = meanings(result)
    columns = ", ".join(f"{_short(lens)} {in_words(lens)}" for lens in lenses)
    naming = (
        "Named are those who pay, or lose, under the most models; + how many others do under any."
    )
    return [
        *text,
        "",
        *textwrap.wrap(f"{meaning}. {naming}{turned(told)}", WIDTH),
        *textwrap.wrap(f"{columns}.", WIDTH),
    ]


def meanings(result: Result) -> str:
    """Return what the marks mean, with draws or without."""
    said = dict(MEANING)
    if not result.settings.get("table_draws"):
        said |= {"pays": "a state that does not decide is less secure by the point estimate"}
        said |= {"nobody": "none is"}
        del said["may pay"]
    return "; ".join(f"{MARKS[name]} {words}" for name, words in said.items())


def turned(told: Sequence[Mapping[str, Any]]) -> str:
    """Return what the mark of opposed signs means, as a sentence; empty if no item bears it."""
    lenses = dict.fromkeys(lens for row in told for lens in row["opposed"])
    if not lenses:
        return ""
    return (
        f" {OPPOSED} the default parameters say of some state the opposite of most draws, which "
        f"count here; so under {listed([in_words(lens) for lens in lenses])}."
    )


def _lenses(told: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(lens for row in told for lens in row["lenses"]))


def _short(lens: str) -> str:
    return lens[:SHORT]


def _line(row: Mapping[str, Any], lenses: Sequence[str]) -> str:
    title = textwrap.shorten(str(row["title"]), 40, placeholder=" ...")
    if row["verdict"] == "unseen":
        why = textwrap.shorten(
            row["reason"] or "no model sees what it edits", 34, placeholder=" ..."
        )
        return (
            f"  {title:<40} " + " ".join(f"{MARKS['unseen']:>{SHORT}}" for _ in lenses) + f"  {why}"
        )
    marks = " ".join(f"{row['lenses'][lens]['mark']:>{SHORT}}" for lens in lenses)
    who = _codes(row, "pays") or "nobody"
    if row["blocks"]:
        who += f"; {_codes(row, 'blocks')}"
    doubts = [word for word, on in (("close", row["close"]), (OPPOSED, row["opposed"])) if on]
    doubt = f" ({', '.join(doubts)})" if doubts else ""
    return f"  {title:<40} {marks}  {who}{doubt}"


def _codes(row: Mapping[str, Any], key: str) -> str:
    """Return those whom most models name, and how many others some model names."""
    named = leading(row, key)[0][:MOST_STATES]
    more = len(row[key]) - len(named)
    return " ".join(named) + (f" +{more}" if more else "")


def frame(result: Result) -> pl.DataFrame:
    """Return what is on the table with its answers: one row an item and model."""
    import polars as pl

    records: list[dict[str, Any]] = []
    for row in rows(result):
        about = {key: row.get(key) for key in ("item", "title", "change", "asked_by", "since")}
        about |= {"standing": row.get("standing"), "verdict": VERDICTS[row["verdict"]]}
        answers = row["lenses"] or {"": {}}
        for lens, answer in answers.items():
            records.append(
                {
                    **about,
                    "lens": lens or None,
                    "mark": answer.get("mark", MARKS["unseen"]),
                    "share_pays": answer.get("share"),
                    "share_wanted": answer.get("wanted"),
                    "pays": " ".join(answer.get("pays", ())),
                    "gains": " ".join(answer.get("gains", ())),
                    "blocks": " ".join(answer.get("blocks", ())),
                    "close": answer.get("close"),
                    "opposed": " ".join(answer.get("opposed", ())),
                    "reason": row["reason"] or None,
                    "source": row.get("source"),
                    "confidence": row.get("confidence"),
                }
            )
    return pl.DataFrame(records, infer_schema_length=None)


def documents(result: Result) -> list[dict[str, Any]]:
    """Return the same as plain data, for JSON: the signs of single states are left out."""
    plain = []
    for row in rows(result):
        answers = {
            lens: {key: value for key, value in answer.items() if key != "signs"}
            for lens, answer in row["lenses"].items()
        }
        plain.append({**row, "lenses": answers, "verdict": VERDICTS[row["verdict"]]})
    return plain


def sentence(row: Mapping[str, Any]) -> str:
    """Return the answer to one item in words."""
    if row["verdict"] == "unseen":
        return f"{row['title']}: no model sees it, because {row['reason'] or 'of what it edits'}."
    paying = {lens: a for lens, a in row["lenses"].items() if a["pays"]}
    if not paying:
        return f"{row['title']}: nobody who does not decide it is less secure under any model."
    said = [
        f"{listed(list(answer['pays']), 3)} under {in_words(lens)} "
        f"({share(answer['share'])} of draws)"
        for lens, answer in paying.items()
    ]
    return f"{row['title']}: less secure are {listed(said)}."
