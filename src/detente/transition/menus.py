"""What may be offered on the way: a declared menu of measures, and never the whole world.

The menu decides what an answer can be. Rivals reconcile only if the menu says so, nobody allies
with everybody, and that a single state leaves something is no help: such answers are left out by
what is on the menu, which is printed with the result, and not by luck.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.resources import files
from typing import NamedTuple

from detente.architecture.changes import Change
from detente.architecture.edits.base import Edit
from detente.architecture.sentences import parse
from detente.architecture.value import Architecture
from detente.arguments import several
from detente.errors import DetenteError, UnknownName, UsageError

MENUS = ("measures", "on_the_table", "none")


class Measure(NamedTuple):
    """Something that could be offered.

    Attributes
    ----------
    name, title : str
        How it is called, in short and in words.
    change : Change or None
        What it changes; None where no edit can express it.
    source : str
        Which text has put it forward.
    reason : str
        Why it is no change here; empty if it is one.
    rows : tuple of (str, str)
        Table and row of the scenario that say so: its sources, or what is on the table.
    """

    name: str
    title: str
    change: Change | None
    source: str = ""
    reason: str = ""
    rows: tuple[tuple[str, str], ...] = ()


def measures_of(
    g: Architecture, menu: str | Change | Sequence[str | Change] | None
) -> list[Measure]:
    """Return the measures of a menu that was named, or given as changes and sentences.

    Raises
    ------
    UsageError
        If the menu is empty or a sentence of it cannot be done here.
    """
    if menu is None or menu == "none":
        return []
    if isinstance(menu, str) and " " not in menu.strip():
        if menu == "measures":
            return _bundled(g)
        if menu == "on_the_table":
            return _on_the_table(g)
        raise UnknownName("menu", menu, MENUS, "Or give changes, such as 'AAA joins ORG'.")
    parts = several("a menu", menu, str, Change)
    if not parts:
        raise UsageError("the menu is empty: leave it out, or name what may be offered")
    listed, faults = [], []
    for part in parts:
        try:
            change = (parse(part) if isinstance(part, str) else part).bound(g)
        except DetenteError as error:
            faults.append(f"{part}: {error}")
            continue
        listed.append(Measure(str(change), str(change), change))
    if faults:
        raise UsageError("\n".join(faults))
    return listed


def _bundled(g: Architecture) -> list[Measure]:
    """Return the single measures that some public text has put forward."""
    from detente.architecture.proposals import row_edit

    text = (files("detente.transition") / "measures.csv").read_text(encoding="utf-8")
    listed = []
    for row in csv.DictReader(text.splitlines()):
        cells = {key: value or None for key, value in row.items()}
        cells |= {"edit": row["measure"], "amount": None, "reading": "text", "note": None}
        rows = tuple(("sources", source) for source in row["source"].split(";"))
        try:
            edit = row_edit(g, cells)
            change, reason = (None if edit.reason else Change((edit,))), edit.reason
        except DetenteError as error:
            change, reason = None, str(error)
        listed.append(
            Measure(row["measure"], row["title"], change, row["put_forward_in"], reason, rows)
        )
    return listed


def _on_the_table(g: Architecture) -> list[Measure]:
    """Return the changes that somebody has asked for and that can be done here."""
    listed = []
    for row in g.tables["on_the_table"].iter_rows(named=True):
        change: Change | None = None
        reason = "no edit"
        if row["change"] is not None:
            try:
                change, reason = parse(row["change"]).bound(g), ""
            except DetenteError as error:
                reason = str(error)
        rows = (("on_the_table", row["item"]),)
        listed.append(Measure(row["item"], row["title"], change, row["source"], reason, rows))
    return listed


def compatible(offered: Sequence[Measure], edits: Sequence[Change]) -> list[Measure]:
    """Return the measures that neither repeat nor contradict the edits of a target.

    A state does not become neutral that joins an organisation or makes a pact in the target; what
    the target does already is no compensation for it.
    """
    done = [single for change in edits for edit in change.edits for single in singles(edit)]
    sentences = {edit.sentence() for edit in done}
    bound = {state for edit in done if edit.kind in ("join", "commit") for state in named(edit)}
    kept = []
    for measure in offered:
        own = [] if measure.change is None else [
            single for edit in measure.change.edits for single in singles(edit)
        ]  # fmt: skip
        repeats = bool(own) and all(edit.sentence() in sentences for edit in own)
        against = any(edit.kind == "neutral" and bound & set(named(edit)) for edit in own)
        if not repeats and not against:
            kept.append(measure)
    return kept


def singles(edit: Edit) -> tuple[Edit, ...]:
    """Return the single edits of one that may be a row of several."""
    return tuple(getattr(edit, "edits", ())) or (edit,)


def named(edit: Edit) -> tuple[str, ...]:
    """Return the states that bind themselves by an edit."""
    names = ("state", "promiser", "beneficiary") if edit.kind != "join" else ("state",)
    return tuple(getattr(edit, name) for name in names if hasattr(edit, name))
