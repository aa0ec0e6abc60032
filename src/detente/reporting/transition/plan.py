"""The page of ``dt.plan``: who would lose at a target, its largest harmless part, and the steps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from detente.reporting.page.embed import download
from detente.reporting.page.model import (
    Block,
    Cell,
    Chart,
    Head,
    Page,
    Paragraph,
    Part,
    Points,
    Section,
    Table,
)
from detente.reporting.transition import charts
from detente.reporting.transition.parts import again, call, explained, limits, several, state
from detente.transition.planning_views import bargain_size, goal_of
from detente.transition.planning_words import rule_words, status_words

if TYPE_CHECKING:
    from detente.reporting.explained import Explained
    from detente.results import Result


def chart(result: Result) -> Any:
    """Return the worst-off state on the way to the first target."""
    return charts.worst_off(result, str(result.data["target"].values[0]))


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of a plan, or of several."""
    names = [str(name) for name in result.data["target"].values]
    settings, numbers = result.settings, explained(result)
    targets = tuple(_target(result, name, k, numbers) for k, name in enumerate(names))
    return Page(
        title=f"The way to {_called(result, names[0])}"
        if len(names) == 1
        else f"Ways to {len(names)} targets",
        kicker=f"Plan · {result.data.attrs.get('title', '')}",
        lead=result.reading,
        opening=(_targets(result, numbers),),
        holds=f"Rule: {rule_words(settings, tolerance=True)}; "
        f"{settings['draws']} draws "
        f"of the parameters of {', '.join(settings['lenses'])}.",
        sections=(
            *targets,
            _menu(result, numbers),
            limits("A step that nobody loses by need not be wanted by anybody."),
        ),
        again=again(
            result,
            command,
            _call(result, names),
            download("targets", "every target", result.targets()),
            download("steps", "every step", result.steps()),
            download("losers", "who loses at each target", result.losers()),
            download("remedies", "what could compensate", result.remedies()),
        ),
        explained=numbers.listed(),
    )


def _targets(result: Result, numbers: Explained) -> Table:
    rows = []
    for row in result.targets().iter_rows(named=True):
        part = (
            f"{row['part_size']}"
            if row["part_size"] == row["part_upper"]
            else (f"{row['part_size']} to {row['part_upper']}")
        )
        status = status_words(row["status"], result.settings["rule"])
        status = status if row["moving"] else "no lens sees a change"
        rows.append(
            (
                (row["target"], *numbers.by_source.mark("proposals", row["target"].split(":")[0])),
                status,
                f"{row['seen']} of {row['edits']}",
                Cell(str(row["losers"]), row["losers"]),
                Cell(f"{part} of {row['moving']}", row["part_size"]),
                Cell(bargain_size(result, row["target"]), row["bargain_size"] or 0),
                _share(row["share_harmful"] if result.settings["draws"] else None),
            )
        )
    return Table(
        "Targets by the dates of their texts",
        (
            "Target",
            "Answer",
            "Edits seen",
            Head("Who lose", number=True),
            Head("Harmless part", number=True),
            Head("Bargain size, of the target or else of the part", number=True),
            Head("Somebody loses in", number=True),
        ),
        tuple(rows),
    )


def _target(result: Result, name: str, k: int, numbers: Explained) -> Section:
    about = result.settings["targets"][name]
    blocks: list[Block | str | None] = []
    if about["losers"]:
        blocks.append(
            Table(
                "Who is less secure at the target",
                ("State", "Lens", Head("Loses", number=True), Head("In draws", number=True)),
                tuple(
                    (
                        state(result, loser["state"]),
                        loser["lens"],
                        Cell(
                            numbers.delta(
                                f"{loser['loss']:.5f}", loser["state"], loser["lens"], name
                            ),
                            loser["loss"],
                        ),
                        Cell(
                            "–" if loser["share"] is None else f"{loser['share']:.0%}",
                            loser["share"] or 0.0,
                        ),
                    )
                    for loser in about["losers"]
                ),
            )
        )
        if about["left_out"]:
            done = _done(about["left_out"], about["left_out_rows"], numbers)
            blocks.append(Paragraph(("Harmless without: ", *done, "."), ""))
    goal = goal_of(about)
    if about["bargain"]:
        size = f"{bargain_size(result, name)}, " if about["steps"] else ""
        blocks.append(Paragraph(f"Bargain size of a way to {goal}: {size}{about['bargain']}.", ""))
    if about["steps"]:
        blocks.append(Chart.drawn(f"worst-{k}", partial(charts.worst_off, result, name)))
        blocks.append(
            Table(
                f"Steps to {goal}",
                (
                    Head("Step", number=True),
                    "What is done",
                    "Who decides",
                    "Who would lose by it",
                    Head(f"Consent ({result.settings['consent_reported']}) in", number=True),
                    Head("Somebody below the start in", number=True),
                ),
                tuple(
                    (
                        Cell(str(s), s),
                        _done(stage["do"], stage["rows"], numbers),
                        several(result, stage["decide"]),
                        several(result, stage["refuse"]),
                        _share(stage["share_consent"]),
                        _share(stage["share_harmed"]),
                    )
                    for s, stage in enumerate(about["steps"], 1)
                ),
            )
        )
    if about["remedies"]:
        blocks.append(_remedies(result, name))
    if not blocks:
        blocks.append("No lens that was asked sees an edit of it.")
    return Section(f"target-{k}", _called(result, name), tuple(blocks))


def _called(result: Result, name: str) -> str:
    """Return what a target is called, with its name in brackets where that is another."""
    title = result.settings["targets"][name]["title"]
    return name if title == name else f"{title} ({name})"


def _done(sentences: Sequence[str], rows: Sequence[str], numbers: Explained) -> tuple[Part, ...]:
    """Return what is done, each with the mark of the row of the proposal that says so."""
    parts: list[Part] = []
    for sentence, row in zip(sentences, rows, strict=True):
        parts += ["; " * bool(parts) + sentence, *numbers.by_source.mark("edits", row)]
    return tuple(parts)


def _share(share: float | None) -> Cell:
    """Return a share of draws; a dash where none were looked at."""
    return Cell("–" if share is None else f"{share:.0%}", share or 0.0)


def _remedies(result: Result, name: str) -> Table:
    return Table(
        "What the menu could do for those who lose",
        (
            "State",
            "Lens",
            "Best measure",
            Head("Gives", number=True),
            "Taken together",
            Head("Still lost then", number=True),
        ),
        tuple(
            (
                state(result, row["state"]),
                row["lens"],
                row["best"] or "nothing helps",
                Cell(f"{row['gives']:+.5f}" if row["best"] else "–", row["gives"]),
                row["taken"] or "–",
                Cell(f"{row['left']:.5f}", row["left"]),
            )
            for row in result.remedies(name).iter_rows(named=True)
        ),
    )


def _menu(result: Result, numbers: Explained) -> Section | None:
    measures = result.settings["measures"]
    if not measures:
        return None
    lines = tuple(
        (
            m["title"] + (f" (no edit: {m['reason']})" if m["reason"] else ""),
            *(part for row in m["rows"] for part in numbers.by_source.mark(*row)),
        )
        for m in measures
    )
    return Section("menu", "The menu of measures", (Points(lines),))


def _call(result: Result, names: list[str]) -> str:
    """Return the call in Python that plans the same again."""
    asked = result.settings
    usual = {"menu": "measures", "rule": "start", "consent": "none"}
    options = {name: asked[name] for name in (*usual, "package", "share", "budget")}
    if asked["menu"] == "given":
        options["menu"] = [m["name"] for m in asked["measures"]]
    given = {name: value for name, value in options.items() if value != usual.get(name)}
    if len(names) == 1:
        return call(result, names[0], **given)
    return call(result, target=names, **given)
