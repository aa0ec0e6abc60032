"""The page of ``dt.compare``: proposals side by side, each in the same form."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.reporting.page.embed import download
from detente.reporting.page.model import (
    Cell,
    Chart,
    Details,
    Head,
    Page,
    Paragraph,
    Part,
    Points,
    Section,
    Small,
    Table,
    Text,
)
from detente.reporting.transition import charts
from detente.reporting.transition.parts import again, call, explained, limits, several, state
from detente.words import listed, share, signed

if TYPE_CHECKING:
    from detente.reporting.explained import Explained
    from detente.results import Result


def chart(result: Result) -> Any:
    """Return states by proposals under the first lens."""
    return charts.proposals(result, str(result.data["lens"].values[0]))


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of architectures side by side."""
    lenses = [str(lens) for lens in result.data["lens"].values]
    numbers = explained(result)
    first = _table(result, lenses[0], numbers)
    return Page(
        title=f"{result.data.sizes['proposal']} architectures side by side",
        kicker=f"Comparison · {result.data.attrs.get('title', '')}",
        lead=result.reading,
        opening=(first,),
        holds=f"{result.settings['draws']} draws of each lens's parameters; no proposal is "
        "recommended, and the order is that of the dates of the texts.",
        sections=(
            *(_lens(result, lens, numbers, first=k == 0) for k, lens in enumerate(lenses)),
            _cases(result),
            _blind(result, lenses),
            limits("What a proposal's words oblige to is read in two ways where both are told."),
        ),
        again=again(
            result,
            command,
            call(result).replace("(g", f"(g, {list(result.settings['proposals'])!r}", 1),
            download("proposals", "every proposal and lens", result.proposals()),
            download("states", "what each gives to each state", result.states()),
        ),
        foot="A proposal is a proposal: what its text says, as edits that a reader may dispute.",
        explained=numbers.listed(),
    )


def _table(result: Result, lens: str, numbers: Explained) -> Table:
    data = result.data.sel(lens=lens)
    rows: list[tuple[Text | Cell, ...]] = []
    for name in data["proposal"].values.tolist():
        about, row = result.settings["proposals"][name], data.sel(proposal=name)
        seen, edits = int(row["seen"]), int(row["edits"])
        why = numbers.by_source.mark("proposals", name.partition(":")[0])
        head = ((name, Small(about["date"] or "no date"), *why), f"{seen} of {edits}")
        if not np.isfinite(row["delta"].values).all():
            rows.append((*head, "not seen", "not seen", "no result", "–", "–", "–"))
            continue
        agreed = about["consent"][lens]
        weak = float(row["share_weak"])
        left, camps = int(row["witnesses_left"]), int(row["sides_changed"])
        rows.append(
            (
                *head,
                _moved(result, row, lens, numbers, gains=True),
                _moved(result, row, lens, numbers, gains=False),
                Cell(several(result, agreed["refuse"], 3), len(agreed["refuse"])),
                Cell("–" if np.isnan(weak) else share(weak), 0.0 if np.isnan(weak) else weak),
                Cell(str(left), left),
                Cell(_camps(result, row, camps), camps),
            )
        )
    before = result.settings["tension_before"]
    return Table(
        f"Each proposal under {lens}, by date. As things stand {int(data['witnesses_before'])} "
        "changes on the table are wanted at somebody's expense, and "
        f"{_ties(*before)} would have to go to leave two camps without strain.",
        (
            "Proposal",
            "Edits seen",
            "More secure, most of all",
            "Less secure, most of all",
            "Of those who decide, would refuse",
            Head("All consent and one gains, in draws", number=True),
            Head("On the table and at somebody's expense", number=True),
            "Ties in strain between two camps, and states that change side",
        ),
        tuple(rows),
        filter=None,
    )


def _ties(low: int, high: int) -> str:
    return f"{low} ties" if low == high else f"{low} to {high} ties"


def _camps(result: Result, row: Any, moved: int) -> str:
    low, high = int(row["tension_low"]), int(row["tension_high"])
    codes = result.settings["proposals"][str(row["proposal"].values)]["sides_changed"]
    return f"{_ties(low, high)}; " + (several(result, codes, 3) if moved else "none moves")


def _moved(result: Result, row: Any, lens: str, numbers: Explained, *, gains: bool) -> Cell:
    """Return who gains or pays most, each number with its explanation."""
    deltas, codes, level = row["delta"].values, row["state"].values, float(row["tolerance"])
    order = np.argsort(-deltas if gains else deltas, kind="stable")
    moved = [k for k in order if (deltas[k] > level if gains else deltas[k] < -level)]
    if not moved:
        return Cell("nobody", 0.0)
    parts: list[Part] = []
    for k in moved[:3]:
        code, delta = str(codes[k]), float(deltas[k])
        name = str(row["proposal"].values)
        parts += [", " if parts else "", f"{code} "]
        parts.append(numbers.delta(signed(delta), code, lens, name))
    if len(moved) > 3:
        parts.append(Small(f"and {len(moved) - 3} more"))
    return Cell(tuple(parts), float(len(moved)))


def _lens(result: Result, lens: str, numbers: Explained, *, first: bool) -> Section:
    about = result.settings["lenses"][lens]
    return Section(
        f"lens-{lens.replace('_', '-').replace(':', '-')}",
        f"Under {lens}",
        (
            Chart.drawn(
                f"proposals-{lens.replace(':', '-')}", partial(charts.proposals, result, lens)
            ),
            None if first else _table(result, lens, numbers),
            Paragraph(f"Unit: {about['unit']}. {about['meaning'].rstrip('.')}.", "note"),
            _consents(result, lens),
            _states(result, lens, numbers) if first else None,
        ),
    )


def _consents(result: Result, lens: str) -> Details | None:
    """Return who of those who decide would agree, in the order of what they gain."""
    data = result.data.sel(lens=lens)
    rows = []
    for name in data["proposal"].values.tolist():
        agreed = result.settings["proposals"][name]["consent"][lens]
        row = data.sel(proposal=name)
        if not agreed["decide"] or agreed["weak"] is None:
            continue
        often = [
            Cell("–" if np.isnan(x) else share(x), 0.0 if np.isnan(x) else x)
            for x in (float(row["share_weak"]), float(row["share_strong"]))
        ]
        rows.append(
            (
                name,
                Cell(str(len(agreed["decide"])), len(agreed["decide"])),
                _often(result, row, agreed["gain"], "share_more"),
                Cell(str(len(agreed["agree"])), len(agreed["agree"])),
                _often(result, row, agreed["refuse"], "share_less"),
                *often,
            )
        )
    if not rows:
        return None
    drawn = bool(result.settings["draws"])
    often_words = "; in brackets the share of draws in which it is so" if drawn else ""
    return Details(
        "Who would consent, in what order",
        (
            Table(
                f"Those who decide, under {lens}: who gains first, who refuses most{often_words}",
                (
                    "Proposal",
                    Head("Decide", number=True),
                    "Gain, the most first",
                    Head("Neither", number=True),
                    "Refuse, the most first",
                    Head("Nobody loses, somebody gains", number=True),
                    Head("All gain", number=True),
                ),
                tuple(rows),
                filter=None,
            ),
        ),
    )


def _often(result: Result, row: Any, codes: list[str], name: str) -> str:
    if not codes:
        return "nobody"
    shares = row[name].sel(state=codes).values
    drawn = bool(result.settings["draws"])
    told = [
        f"{code} ({share(float(part))})" if drawn and np.isfinite(part) else code
        for code, part in zip(codes, shares, strict=True)
    ]
    return listed(told, 8)


def _states(result: Result, lens: str, numbers: Explained) -> Details | None:
    """Return what each proposal gives to each state, every number with its explanation."""
    data = result.data.sel(lens=lens)
    deltas, level = data["delta"].values, float(data["tolerance"])
    names = [str(name) for name in data["proposal"].values]
    known = np.isfinite(deltas).any(axis=1)
    columns = [k for k in range(len(names)) if known[k]]
    moved = np.flatnonzero((np.abs(np.nan_to_num(deltas)) > level).any(axis=0))
    if not len(moved):
        return None
    rows = []
    for s in moved:
        code = str(data["state"].values[s])
        cells: list[Text | Cell] = [state(result, code)]
        for k in columns:
            delta = float(deltas[k, s])
            if not abs(delta) > level:
                cells.append(Cell("·", 0.0, "quiet"))
            else:
                text = numbers.delta(signed(delta), code, lens, names[k])
                cells.append(Cell(text, delta, "gain" if delta > 0 else "loss"))
        rows.append(tuple(cells))
    return Details(
        f"All {len(moved)} states that some proposal moves, as a table",
        (
            Table(
                f"Change of security, {result.settings['lenses'][lens]['unit']} under {lens}; "
                "point estimate. · within the tolerance",
                ("State", *(Head(names[k], number=True) for k in columns)),
                tuple(rows),
                filter="Filter the states",
            ),
        ),
    )


def _cases(result: Result) -> Section:
    rows = []
    for name, about in result.settings["proposals"].items():
        if (
            about["reading"] != "wide"
            or name.replace(":wide", ":text") not in result.settings["proposals"]
        ):
            rows.append((about["title"], about["date"], about["case_for"], about["case_against"]))
    return Section(
        "cases",
        "The proponents' case and the critics'",
        (Table("By date, in our words", ("Proposal", "Date", "For", "Against"), tuple(rows)),),
    )


def _blind(result: Result, lenses: list[str]) -> Section:
    blocks = []
    for name, about in result.settings["proposals"].items():
        lines = []
        for lens in lenses:
            dark = about["unseen"][lens]
            if dark:
                lines.append(f"{lens} does not see: {'; '.join(dark)}")
        if lines:
            blocks.append(Details(name, (Points(tuple(lines)),)))
    return Section(
        "unseen",
        "What the lenses do not see",
        ("An edit that a lens does not see has no result under it.", *blocks),
    )
