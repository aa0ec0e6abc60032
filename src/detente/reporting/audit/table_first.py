"""The first screen of an audit: what is on the table, a row each with a mark for every model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.auditing import table_answers
from detente.auditing.table_answers import MARKS, leading, worst
from detente.auditing.table_text import documents, meanings, turned
from detente.lenses.naming import in_words
from detente.reporting.map.context import Scene, scene
from detente.reporting.page.embed import Download, download
from detente.reporting.page.model import Cell, Code, Details, Head, Paragraph, Small, Strong, Table
from detente.words import Names, listed, share

if TYPE_CHECKING:
    from detente.reporting.page.model import Block
    from detente.results import Result

FIRST = 12
"""Rows on the first screen; all others stand behind a fold."""
MOST_STATES = 3
NARROW = "\N{NO-BREAK SPACE}"
RANK = {MARKS["pays"]: 4, MARKS["may pay"]: 3, MARKS["nobody"]: 2, MARKS["undefined"]: 1}


def headline(audit: Result, around: Any = None) -> str:
    """Return what the models agree on, in a sentence; empty if nothing is on the table."""
    return table_answers.headline(audit, codes=True)


def on_the_table(audit: Result, around: Scene | None = None) -> tuple[Block | None, ...]:
    """Return the table of what somebody has asked for, with what its marks mean."""
    told = documents(audit)
    if not told:
        return ()
    around = around or scene(audit)
    lenses = list(dict.fromkeys(lens for row in told for lens in row["lenses"]))
    marks = meanings(audit)
    draws = audit.settings.get("table_draws", 0)
    return (
        _table(
            "What is on the table, and who pays under which model", told[:FIRST], lenses, around
        ),
        Paragraph(
            f"{marks}. In {draws:,} draws of each model's uncertain parameters.{turned(told)}"
            if draws
            else f"{marks}. By the point estimate.",
            "note",
        ),
        Details(
            f"All {len(told):,} that somebody has asked for, with who asks and where it stands",
            (_table("Everything on the table", told, lenses, around, whole=True),),
        )
        if len(told) > FIRST
        else None,
        Paragraph(("Each can be looked at by itself: ", Code(_command(audit, told)), "."), "note"),
    )


def table_files(audit: Result) -> tuple[Download, ...]:
    """Return what is on the table as a file to take along, if there is anything."""
    if not audit.settings.get("on_the_table"):
        return ()
    what = "what is on the table, with the answer of every model"
    return (download("on-the-table", what, audit.on_the_table()),)


def _command(audit: Result, told: list[dict[str, Any]]) -> str:
    labels = [row["label"] for row in told if row["label"]]
    name = audit.settings["scenario"]["name"]
    return f'detente audit {name} --lens all --change "{labels[0] if labels else "..."}"'


def _table(
    caption: str,
    told: list[dict[str, Any]],
    lenses: list[str],
    around: Scene,
    *,
    whole: bool = False,
) -> Table:
    heads: list[Head | str] = ["Change, and who asks"]
    heads += [Head(_title(lens)) for lens in lenses]
    heads += ["Who pays, under how many models", "Who decides it and loses"]
    if whole:
        heads += ["Where it stands"]
    return Table(
        caption,
        tuple(heads),
        tuple(_row(row, lenses, around, whole=whole) for row in told),
        name="on-the-table" if whole else "asked-for",
    )


def _title(lens: str) -> str:
    words = in_words(lens).replace("_", " ")
    return words.replace("“", "").replace("”", "")


def _row(row: dict[str, Any], lenses: list[str], around: Scene, *, whole: bool) -> tuple[Any, ...]:
    unseen = row["verdict"] == table_answers.VERDICTS["unseen"]
    states = Names(around.names.states, {})
    asking = f"asked for by {', '.join((row['asked_by'] or 'nobody named').split(';'))}"
    cells: list[Any] = [(Strong(states.sentence(row["title"])), Small(asking))]
    for lens in lenses:
        cells.append(_mark(row, lens, around))
    cells.append(
        f"not seen: {row['reason'] or 'no model reads what it edits'}"
        if unseen
        else _states(row, "pays", around) or "nobody"
    )
    cells.append(_states(row, "blocks", around) or "–")
    if whole:
        since = f"since {row['since']}; " if row.get("since") else ""
        words = f"{since}{row['status']} ({row['source']}, {row['confidence']})"
        item = str(row.get("item") or "")
        cells.append(Cell((words, *around.explained.by_source.mark("on_the_table", item))))
    return tuple(cells)


def _mark(row: dict[str, Any], lens: str, around: Scene) -> Cell:
    """Return the mark of one model with the state that pays most, and how close it is.

    It opens what the change does to that state under the model.
    """
    answer, change = row["lenses"].get(lens), row["change"] or ""
    if answer is None:
        return Cell(MARKS["unseen"], 0.0)
    mark = answer["mark"]
    payer, as_much = worst(row, lens)
    text = NARROW.join(part for part in (mark, payer) if part)
    if as_much:
        text += f" +{as_much}"
    if mark in (MARKS["pays"], MARKS["may pay"]):
        text += " " + share(answer["shares"][payer]).replace(" ", NARROW)
    if answer["close"]:
        text += " close"
    if answer["opposed"]:
        text += f" {table_answers.OPPOSED}"
    shown = around.explained.delta(text, payer, lens, change) if payer and change else text
    return Cell(shown, float(RANK.get(mark, 0)))


def _states(row: dict[str, Any], key: str, around: Scene) -> str:
    """Return those whom most models name, under how many, and how many others any names."""
    named, models = leading(row, key)
    if not named:
        return ""
    text = listed([around.names.full(code) for code in named], MOST_STATES)
    text += f" under {models}" if len(row["lenses"]) > 1 else ""
    others = len(row[key]) - len(named)
    return f"{text}; {others:,} more under fewer" if others else text
