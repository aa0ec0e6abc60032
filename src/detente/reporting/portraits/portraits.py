"""The page of what the models see in an architecture, with a picture each."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from detente.architecture.describe import remarks
from detente.lenses.naming import in_words
from detente.reporting.map.context import Scene, scene_of
from detente.reporting.page.embed import Download, download
from detente.reporting.page.model import (
    Again,
    Block,
    Card,
    Cards,
    Cell,
    Chart,
    Code,
    Details,
    Head,
    Link,
    Page,
    Paragraph,
    Points,
    Section,
    Strong,
    Table,
)
from detente.reporting.portraits import charts
from detente.reporting.portraits.charts import Sight
from detente.words import exact, listed, number, plural

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.auditing.portraits import Seen


def page(g: Architecture, seen: Sequence[Seen], *, command: str = "") -> Page:
    """Return the page of what the lenses see in an architecture.

    Parameters
    ----------
    g : Architecture
        What was looked at.
    seen : sequence of Seen
        The portraits, as `detente.auditing.portraits.portraits` gives them.
    command : str
        The command line that made the page, for the section "Again".
    """
    around = scene_of(g)
    states = len(g.system.codes)
    sections = [_section(k, g, sight, around) for k, sight in enumerate(seen, 1)]
    changed = "; ".join(around.names.sentence(text) for text in g.changes)
    missing = ", ".join(around.names.full(code) for code in g.without_capability)
    return Page(
        title=g.title,
        kicker="What models see in a security architecture"
        + (f" · {g.region}" if g.region else ""),
        lead=f"{plural(len(seen), 'model')} look at the same {plural(states, 'state')}, each with "
        "a question of its own, before any change."
        if len(seen) > 1
        else "",
        remarks=tuple(remarks(g)),
        opening=(
            f"After: {changed}." if changed else None,
            Points(tuple(_glance(k, sight, around) for k, sight in enumerate(seen, 1)), "glance"),
        ),
        holds=(
            "Point estimates at each lens’s default parameters; nothing is drawn here. How sure a "
            "finding is, and what changes would do, is told by ",
            Code("detente audit"),
            ".",
        ),
        sections=tuple(sections),
        again=Again(
            command or _command(g, seen),
            (
                ("Scenario", f"{g.name}, {g.date.isoformat()}"),
                ("Scenario hash", Code(g.digest)),
                ("detente", version("detente")),
            ),
            files=tuple(_downloads(g, seen, around)),
            prefix=g.name,
            blocks=(
                g.description or None,
                (
                    "Capability is measured by ",
                    Strong(around.measure),
                    ", as each state’s share of the total."
                    + (
                        f" No figure of capability, and so in no lens: {missing}."
                        if missing
                        else ""
                    ),
                ),
            ),
            says="This command makes the same page again:",
        ),
        foot="What a model sees holds for its lens and its inputs only.",
    )


def _command(g: Architecture, seen: Sequence[Seen]) -> str:
    """Return a command line that makes the same page, where none was handed in."""
    parts = ["detente", "show", g.name]
    for sight in seen:
        parts += ["--lens", sight.lens.name]
    return shlex.join([*parts, "--report", f"{g.name}.html"])


def _heading(one: Seen) -> str:
    return _upper(one.portrait.subject if one.portrait else one.lens.title)


def _glance(k: int, one: Seen, around: Scene) -> tuple[Any, ...]:
    words = (
        _upper(around.names.sentence(one.portrait.finding)) if one.portrait else "No answer here"
    )
    return (Link(f"{_heading(one)}:", f"lens-{k}"), f" {words} ({one.lens.name})")


def _section(k: int, g: Architecture, one: Seen, around: Scene) -> Section:
    """Return what one lens sees: its finding, its pictures, its numbers, its limits."""
    lens, about = one.lens, one.lens.describe()
    limits = Details(
        f"What the lens {in_words(lens.name)} cannot see, and where it comes from",
        (
            Points(tuple(about["limits"])),
            Paragraph(f"({about['status']}) {about['citation']}", "note"),
        ),
    )
    blocks: list[Block | None] = [
        f"The lens {in_words(lens.name)} has no answer here: {around.names.sentence(one.reason)}"
    ]
    if one.portrait is not None:
        sight = Sight(lens.key, lens.name, one.portrait, tuple(g.system.codes), around.names)
        pictures = _pictures(k, g, sight)
        figures, parameters = _figures(one), _parameters(one)
        title = f"{about['title'][:1].lower()}{about['title'][1:]}"
        blocks = [
            (
                Strong(f"{_upper(around.names.sentence(one.portrait.finding))}."),
                f" Seen through the lens {in_words(lens.name)}: {title}.",
            ),
            *pictures[:1],
            _camps(sight, g),
            *pictures[1:],
            None if pictures else "All states are alike under this lens: there is nothing to draw.",
            Paragraph(f"Of the whole system: {'; '.join(figures)}.", "note") if figures else None,
            Paragraph(f"Parameters at their defaults: {parameters}.", "note")
            if parameters
            else None,
            _states(sight, one),
        ]
    return Section(f"lens-{k}", _heading(one), (*blocks, limits))


def _parameters(one: Seen) -> str:
    chosen = one.lens.values()
    return listed(
        [
            f"{p.name} {number(chosen[p.name], 3)} ({p.unit})"
            if chosen[p.name] != float("inf")
            else f"{p.name} without bound"
            for p in one.lens.parameters
            if not p.name.startswith("fit_")
        ]
    )


def _camps(sight: Sight, g: Architecture) -> Cards | None:
    """Return the camps that a lens sees, a card each."""
    camps = charts.camp_list(sight, g)
    if not camps:
        return None
    return Cards(
        tuple(
            Card(
                camp["name"],
                texts=(
                    Paragraph(
                        f"{camp['count']}, {camp['percent']} of capability. "
                        f"Rivalries: {camp['rivalries']}.",
                        "note",
                    ),
                    " · ".join(camp["states"]),
                ),
            )
            for camp in camps
        )
    )


def _states(sight: Sight, one: Seen) -> Details:
    """Return the value of every state as a table."""
    assert one.portrait is not None
    rows = charts.value_rows(sight)
    return Details(
        f"All {len(rows)} states as a table",
        (
            Table(
                f"{_upper(one.portrait.value_meaning)}, in {one.portrait.value_unit}, under the "
                f"lens {in_words(one.lens.name)}; point estimate.",
                ("State", Head("Value", number=True)),
                tuple((row["name"], Cell(row["text"], row["value"])) for row in rows),
                filter="Filter the states",
            ),
        ),
    )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pictures(k: int, g: Architecture, sight: Sight) -> list[Chart]:
    """Return the pictures of a portrait, what stands first being what it is about."""
    capability = dict(zip(g.system.codes, g.system.capability.tolist(), strict=True))
    kinds = {
        "camps": partial(charts.camps, sight, capability),
        "balance": partial(charts.balanced, sight),
        "links": partial(charts.links, sight),
        "values": partial(charts.bars, sight),
    }
    drawn = [Chart.drawn(f"{kind}-{k}", draw) for kind, draw in kinds.items()]
    return [picture for picture in drawn if picture is not None]


def _figures(one: Seen) -> list[str]:
    """Return the numbers of the whole system as phrases."""
    assert one.portrait is not None
    figures = dict(one.portrait.figures)
    least, most = "frustration index, at least", "frustration index, at most"
    if least in figures and figures.get(least) == figures.get(most):
        figures = {"frustration index": figures.pop(least), **figures}
        del figures[most]
    return [f"{name.replace('_', ' ')}: {exact(value)}" for name, value in figures.items()]


def _downloads(g: Architecture, seen: Sequence[Seen], around: Scene) -> list[Download]:
    import polars as pl

    tables: dict[str, list[dict[str, Any]]] = {"values": [], "links": [], "groups": []}
    whole: list[dict[str, Any]] = []
    for sight in seen:
        p, lens = sight.portrait, sight.lens.name
        if p is None:
            continue
        for code, x in zip(g.system.codes, p.value.tolist(), strict=True):
            tables["values"].append(
                {
                    "lens": lens,
                    "state": code,
                    "name": around.names.short(code),
                    "value": x,
                    "unit": p.value_unit,
                }
            )
        for a, b, x in p.links:
            tables["links"].append(
                {"lens": lens, "from": a, "to": b, "strength": x, "meaning": p.link_meaning}
            )
        for k, group in enumerate(p.groups, 1):
            tables["groups"] += [{"lens": lens, "group": k, "state": code} for code in group]
        whole += [
            {"lens": lens, "figure": name, "value": float(x)} for name, x in p.figures.items()
        ]
    meanings = {
        "values": "the value of every state under every lens",
        "links": "who does what to whom",
        "groups": "the camps and their members",
        "figures": "numbers of the whole system",
    }
    return [
        download(name, meanings[name], pl.DataFrame(rows).pipe(_shorter))
        for name, rows in {**tables, "figures": whole}.items()
        if rows
    ]


def _shorter(table: Any) -> Any:
    """Round to nine significant digits, as in the page of an audit."""
    import polars as pl

    return table.with_columns(pl.col(pl.Float64).round_sig_figs(9))
