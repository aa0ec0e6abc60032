"""The page of one state: its ties and who says so, its security, what would help or hurt it."""

from __future__ import annotations

from collections import Counter
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.describe import remarks
from detente.architecture.state_ties import ties_of
from detente.auditing.verdicts import side, side_in_draws
from detente.lenses.naming import in_words, short_words
from detente.reporting.explained import Explained
from detente.reporting.grounded import Grounded
from detente.reporting.page.embed import download
from detente.reporting.page.model import (
    Again,
    Block,
    Cell,
    Code,
    Details,
    Head,
    Heading,
    KeyNumber,
    KeyNumbers,
    Page,
    Paragraph,
    Part,
    Points,
    Section,
    Small,
    Strong,
    Table,
    Text,
)
from detente.words import between, exact, listed, number, plural, share, signed

if TYPE_CHECKING:
    import xarray as xr

    from detente.architecture.value import Architecture
    from detente.results.result import Result

ALONE = ("rivalry", "membership")
"""Kinds of tie that the first screen counts apart."""
QUARRELS = 6
"""How many rivals the first screen names."""
Row = dict[str, Any]


def page(g: Architecture, state: str, *, audit: Result | None = None, command: str = "") -> Page:
    """Return the page of one state.

    Parameters
    ----------
    g : Architecture
        Where the state is.
    state : str
        Its code.
    audit : Result, optional
        An audit of the same architecture, under as many lenses as the page shall speak of; what
        is on the table is taken from it. Without one the page has the ties alone.
    command : str
        The command line, for the section "Again".
    """
    ties = ties_of(g, state)
    full = f"{g.names[state]} ({state})"
    table = _on_the_table(audit, state) if audit is not None else []
    at = {} if audit is None else {n: a["values"] for n, a in audit.settings["lenses"].items()}
    numbers = Explained(g, at)
    secure = _security(audit, state, full, numbers)
    hoped = _hoped_and_feared(audit, table, state, full, numbers)
    return Page(
        title=full,
        kicker=f"One state · {g.title}",
        lead=_lead(g, ties, full, table),
        remarks=tuple(remarks(g)),
        opening=(_numbers(ties, audit, state, table),),
        holds="What counts and what is in force is said of "
        f"{g.date.day} {g.date:%B %Y}. Every row names its source; a claim keeps its speaker.",
        sections=(
            secure,
            hoped,
            _ties(g, ties, full, numbers),
            _figures(g, state, numbers.grounded),
            _contested(g, state, numbers.grounded),
        ),
        again=Again(
            command,
            (
                ("Scenario", f"{g.name}, {g.date.isoformat()}"),
                ("Scenario hash", Code(g.digest)),
                *(
                    (
                        ("Seed", str(audit.settings["seed"])),
                        ("Draws", f"{audit.settings['draws']:,}"),
                    )
                    if audit is not None
                    else ()
                ),
                ("detente", version("detente")),
            ),
            files=_files(ties, table),
            prefix=f"{g.name}-{state}",
            says="This command makes the same page again:",
        ),
        explained=numbers.listed(),
    )  # fmt: skip


def _lead(g: Architecture, ties: list[Row], full: str, table: list[Row]) -> str:
    """Return how many ties of which kind it has, and what on the table would move it."""
    kinds = Counter(
        "other standing in an organisation" if _outside(tie) else tie["kind"]
        for tie in ties
        if tie["in_force"]
    )
    counted = listed([f"{many:,} of {kind}" for kind, many in kinds.most_common()], 5)
    text = f"{full} has {plural(sum(kinds.values()), 'tie')} in force: {counted}."
    helps = sum(any(x["side"] > 0 for x in row["lenses"].values()) for row in table)
    hurts = sum(any(x["side"] < 0 for x in row["lenses"].values()) for row in table)
    drawn = any(x["drawn"] for row in table for x in row["lenses"].values())
    if table:
        text += (
            f" Of {plural(len(table), 'change')} on the table that some model can try, "
            f"{helps or 'none'} would make it "
            f"more secure and {hurts or 'none'} less secure under at least one model"
            f"{', in half of its draws or more' if drawn else ''}."
        )
    return text


def _numbers(
    ties: list[Row], audit: Result | None, state: str, table: list[Row]
) -> KeyNumbers | None:
    rivals = [tie for tie in ties if tie["kind"] == "rivalry" and tie["in_force"]]
    rivals.sort(key=lambda tie: -tie["intensity"])
    named = listed([f"{tie['name']} ({tie['with']}), {tie['intensity']}" for tie in rivals], 3)
    standing = [tie for tie in ties if tie["kind"] == "membership" and tie["in_force"]]
    clubs = [tie["with"] for tie in standing if not _outside(tie)]
    others = [f"{tie['what']} of {tie['with']}" for tie in standing if _outside(tie)]
    besides = f"; no member, but: {listed(others, 6)}" if others else ""
    numbers = [
        KeyNumber(
            f"{len(rivals)}",
            "rivalries, with their intensity on a scale to 5",
            named or "none on record",
        ),
        KeyNumber(f"{len(clubs)}", "memberships", (listed(clubs, 6) or "none") + besides),
    ]
    if audit is not None and state in audit.data["state"].values:
        numbers.insert(0, _rank(audit, state))
    return KeyNumbers(tuple(numbers))


def _outside(tie: Row) -> bool:
    """Say whether a tie to an organisation is another than that of a member."""
    return bool(tie["kind"] == "membership" and tie["what"].partition(";")[0] != "member")


def _place(security: xr.DataArray, own: float) -> tuple[str, int]:
    """Return the place of a state from the least secure, in words and as a number.

    States that are as secure as it share its place.
    """
    first = int((security.values < own).sum()) + 1
    last = int((security.values <= own).sum())
    words = f"{first}" if last <= first else f"{first} to {last}"
    return f"{words} of {security.size}", first


def _rank(audit: Result, state: str) -> KeyNumber:
    lens = audit.lenses[0]
    security = audit.data["security"].sel(lens=lens)
    own = float(security.sel(state=state))
    return KeyNumber(
        _place(security, own)[0],
        f"by security under the lens {in_words(lens)}, 1 the least secure",
        f"{number(own)} ({audit.settings['lenses'][lens]['unit']})",
        _interval(audit, lens, state),
    )


def _interval(audit: Result, lens: str, state: str) -> str:
    if "security_low" not in audit.data:
        return ""
    at = audit.data.sel(lens=lens, state=state)
    text = between(float(at["security_low"]), float(at["security_high"]), 3)
    return f"{text}, 5 % to 95 % of draws" if text else ""


def _security(audit: Result | None, state: str, full: str, numbers: Explained) -> Section | None:
    """Return its security under each lens, with what that means and what went into it."""
    if audit is None:
        return None
    if state not in audit.data["state"].values:
        text = f"{full} has no figure of capability, and so no security under any lens."
        return Section("secure", "How secure it is", (text,))
    at = audit.data.sel(state=state)
    rows: list[tuple[Text | Cell, ...]] = []
    for lens in audit.lenses:
        about = audit.settings["lenses"][lens]
        security = audit.data["security"].sel(lens=lens)
        mine = float(security.sel(state=state))
        rows.append(
            (
                (short_words(lens), Small(lens)),
                Cell(numbers.security(number(mine), state, lens), mine),
                _interval(audit, lens, state),
                Cell(*_place(security, mine)),
                (about["meaning"], Small(f"unit: {about['unit']}")),
            )
        )
    own, allied, rival = (
        100 * float(at[name]) for name in ("capability", "allied_capability", "rival_capability")
    )
    return Section(
        "secure",
        "How secure it is",
        (
            (
                "It brings to bear ",
                Strong(f"{own:.2f} %"),
                f" of all capability, its allies {allied:.2f} %, its rivals {rival:.2f} %.",
            ),
            Table(
                f"Security of {full} under each lens; higher is safer. Units differ between "
                "lenses, places do not.",
                (
                    "Lens",
                    Head("Security", number=True),
                    "Interval",
                    Head("Place, 1 least secure", number=True),
                    "What it says",
                ),
                tuple(rows),
            ),
        ),
    )  # fmt: skip


def _on_the_table(audit: Result, state: str) -> list[Row]:
    """Return what every lens says that each change on the table gives to the state."""
    data = audit.data
    if "table_delta" not in data or state not in data["state"].values:
        return []
    items = {item.get("label"): item for item in audit.settings.get("on_the_table", [])}
    rows = []
    for change in data["table_change"].values.astype(str):
        at = data.sel(table_change=change)
        lenses: dict[str, Row] = {}
        for lens in data["table_lens"].values.astype(str):
            lenses[lens] = _answer(at.sel(table_lens=lens), state)
        item = items.get(change, {})
        rows.append(
            {
                "change": change,
                "title": item.get("title") or change,
                "sentence": item.get("change") or change,
                "asked_by": item.get("asked_by") or "",
                "status": item.get("status") or "",
                "lenses": lenses,
            }
        )
    return rows


def _answer(at: Any, state: str) -> Row:
    """Return what one lens gives to the state by one change.

    The side is -1, 0 or 1: that of half of the draws or more, or of the point estimate without
    draws; it moves if either says so.
    """
    seen = bool(at["table_seen"]) if "table_seen" in at else True
    delta = float(at["table_delta"].sel(state=state))
    if not seen or not np.isfinite(delta):
        words = "no answer" if seen else "not seen"
        nothing = {"side": 0, "point": 0, "moves": False, "drawn": False, "sure": ""}
        return {**nothing, "text": words, "delta": None}
    tolerance = float(at["table_tolerance"]) if "table_tolerance" in at else 0.0
    point = often = int(side(np.asarray(delta), tolerance))
    drawn, sure = "table_share_helps" in at, ""
    if drawn:
        won, lost = (at[f"table_share_{key}"].sel(state=state).values for key in ("helps", "harms"))
        often = int(side_in_draws(won, lost))
        sure = _in_draws(point, often, float(won), float(lost))
    moves = bool(point or often)
    return {
        "side": often,
        "point": point,
        "moves": moves,
        "drawn": drawn,
        "text": signed(delta) if moves else "·",
        "delta": delta,
        "sure": sure,
    }


def _in_draws(point: int, often: int, won: float, lost: float) -> str:
    """Return in which share of draws the point estimate is so, and the opposite if oftener."""
    word, most = ("more", won) if won > lost else ("less", lost)
    if not point:
        return f"{word} secure in {share(most)} of draws" if often else ""
    own = won if point > 0 else lost
    also = f", {word} secure in {share(most)}" if most > own else ""
    return f"{share(own)} of draws{also}"


def _hoped_and_feared(
    audit: Result | None, table: list[Row], state: str, full: str, numbers: Explained
) -> Section | None:
    if audit is None or not table:
        return None
    lenses = list(table[0]["lenses"])

    def weight(row: Row) -> tuple[int, float]:
        sides = [answer["side"] for answer in row["lenses"].values()]
        return (sum(sides), float(sum(abs(side) for side in sides)))

    moving = [row for row in table if any(a["moves"] for a in row["lenses"].values())]
    still = [row["title"] for row in table if row not in moving]
    moving.sort(key=lambda row: (weight(row)[0], -weight(row)[1], row["title"]))
    return Section(
        "table",
        "What on the table would help or hurt it",
        (
            f"Each change by itself, under every model. A number is the change of security of "
            f"{full} in the model’s own unit; · is within the tolerance. What hurts it under most "
            "models stands first.",
            Table(
                f"What the changes on the table give to {full}; point estimate, below it the share "
                "of draws that say so",
                ("Change", "Who asks", *(lens.replace("_", " ") for lens in lenses)),
                tuple(
                    (
                        (row["title"], Small(row["status"])) if row["status"] else row["title"],
                        row["asked_by"].replace(";", ", "),
                        *(
                            _side(row["lenses"][lens], state, lens, row["sentence"], numbers)
                            for lens in lenses
                        ),
                    )
                    for row in moving
                ),
                filter="Filter the changes",
            )
            if moving
            else "Nothing on the table moves it under any model.",
            Details(
                f"{plural(len(still), 'change')} that move it under no model",
                (Points(tuple(still)),),
            )
            if still
            else None,
        ),
        short="What is on the table",
    )


def _side(answer: Row, state: str, lens: str, change: str, numbers: Explained) -> Cell:
    kind = {1: "gain", -1: "loss"}.get(answer["point"], "quiet")
    sure = (Small(answer["sure"]),) if answer["sure"] else ()
    text = answer["text"]
    shown = numbers.delta(text, state, lens, change) if answer["moves"] else text
    return Cell((shown, *sure), answer["delta"] or 0.0, kind)


def _ties(g: Architecture, ties: list[Row], full: str, numbers: Explained) -> Section:
    """Return every tie, a table a kind, the kinds with rivals first."""
    kinds = Counter(tie["kind"] for tie in ties)
    order = sorted(kinds, key=lambda kind: (kind not in ALONE, -kinds[kind], kind))
    blocks: list[Block | None] = [
        f"{plural(len(ties), 'row')} of the scenario tie {full} to others, of "
        f"{plural(len(kinds), 'kind')}. “Counts as” is what they make of a pair for the lenses "
        "that see allies and rivals alone."
    ]
    for kind in order:
        rows = [tie for tie in ties if tie["kind"] == kind]
        blocks += [
            Heading(f"{kind[:1].upper()}{kind[1:]}: {len(rows)}"),
            _tie_table(rows, kind, numbers.grounded),
        ]
    return Section("ties", "Its ties, and who says so", tuple(blocks), short="Its ties")


def _tie_table(rows: list[Row], kind: str, grounded: Grounded) -> Table:
    return Table(
        f"Every row of kind {kind}",
        ("With", "What", "Strength", "Since", "Counts as", "Source", "Confidence"),
        tuple(
            (
                f"{row['name']} ({row['with']})" if row["name"] != row["with"] else row["with"],
                (row["what"], Small(row["note"])) if row["note"] else row["what"],
                _strength(row),
                _span(row),
                row["counts_as"] or "",
                (
                    row["source"],
                    *((Small(row["address"]),) if row["address"] else ()),
                    *_mark(grounded, row),
                ),
                row["confidence"] or "",
            )
            for row in rows
        ),
        filter="Filter the ties",
    )


def _mark(grounded: Grounded, tie: Row) -> tuple[Part, ...]:
    """Return the mark of a tie's row, whichever table it stands in."""
    tables = {"membership": "memberships", "rivalry": "rivalries", "presence": "presence"}
    first = tables.get(tie["kind"], "commitments")
    for table in (first, "arms_control"):
        mark = grounded.mark(table, tie["through"])
        if mark:
            return mark
    return ()


def _strength(row: Row) -> str:
    if row["intensity"] is not None:
        return f"intensity {row['intensity']} of 5"
    if row["personnel"]:
        return f"{row['personnel']} persons"
    return (row["strength"] or "").replace("_", " ")


def _span(row: Row) -> str:
    since = row["start"] or "not known"
    until = f" until {row['end']}" if row["end"] else ""
    return f"{since}{until}" + ("" if row["in_force"] else " (not in force)")


def _figures(g: Architecture, state: str, grounded: Grounded) -> Section | None:
    """Return the figures of the state with their sources, the latest of each measure."""
    frame = g.tables["capabilities"]
    figures = frame.filter(frame["state"] == state).sort("measure", "year")
    if not figures.height:
        return None
    measures = {row["measure"]: row for row in g.tables["measures"].iter_rows(named=True)}
    cited = dict(g.tables["sources"].select("source", "citation").iter_rows())
    latest = {row["measure"]: row for row in figures.iter_rows(named=True)}
    return Section(
        "figures",
        "What it can bring to bear",
        (
            Table(
                f"The latest figure of each measure; the audit uses {g.measure}",
                ("Measure", Head("Value", number=True), "Unit", Head("Year", number=True), "Source",
                 "Confidence"),
                tuple(
                    (
                        measures[name]["name"],
                        Cell(exact(row["value"]), row["value"]),
                        measures[name]["unit"],
                        str(row["year"]),
                        (
                            cited.get(row["source"]) or row["source"],
                            *grounded.mark("capabilities", f"{state}/{name}/{row['year']}"),
                        ),
                        row["confidence"] or "",
                    )
                    for name, row in latest.items()
                ),
            ),
        ),
        short="Its figures",
    )  # fmt: skip


def _contested(g: Architecture, state: str, grounded: Grounded) -> Section | None:
    """Return the contested matters in which the state is a claimant, with all that claim."""
    frame = g.tables["contested"]
    issues = frame.filter(frame["claimant"] == state)["issue"].unique().to_list()
    rows = frame.filter(frame["issue"].is_in(issues)).sort("issue", "claimant")
    if not rows.height:
        return None
    cited = dict(g.tables["sources"].select("source", "citation").iter_rows())
    names = dict(g.names) | dict(g.tables["actors"].select("actor", "name").iter_rows())
    return Section(
        "contested",
        "What it contests",
        (
            Paragraph("Each claimant in its own terms; none of them is the default.", "note"),
            Table(
                "Contested matters of which it is a claimant, once for each claimant",
                ("Matter", "Claimant", "Position", "In control", "Source"),
                tuple(
                    (
                        row["name"],
                        f"{names.get(row['claimant'], row['claimant'])} ({row['claimant']})",
                        row["position"],
                        row["controls"],
                        (
                            cited.get(row["source"]) or row["source"],
                            *grounded.mark(
                                "contested", f"{row['issue']}/{row['claimant']}/{row['name']}"
                            ),
                        ),
                    )
                    for row in rows.iter_rows(named=True)
                ),
            ),
        ),
    )


def _files(ties: list[Row], table: list[Row]) -> tuple[Any, ...]:
    import polars as pl

    files = [
        download("ties", "every tie with its source", pl.DataFrame(ties, infer_schema_length=None))
    ]
    answers = [
        {"change": row["change"], "lens": lens, "delta": a["delta"], "verdict": a["text"]}
        for row in table
        for lens, a in row["lenses"].items()
    ]
    if answers:
        files.append(
            download(
                "on-the-table",
                "what each change on the table gives to the state, by lens",
                pl.DataFrame(answers, infer_schema_length=None),
            )
        )
    return tuple(files)
