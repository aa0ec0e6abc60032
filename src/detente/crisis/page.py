"""Pages of a crisis: the record, a simulation, and the answers to the questions."""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.crisis import page_charts as charts
from detente.crisis import record, story
from detente.crisis.settings import parameters
from detente.crisis.text import CAUTION, percent
from detente.report.embed import Figure, bundle, figure
from detente.report.page import put

if TYPE_CHECKING:
    from detente.architecture.ledger import Pair
    from detente.architecture.value import Architecture
    from detente.crisis.answer import Answer
    from detente.crisis.result import Simulation

RECORD_LIMITS = (
    "Nothing here decides between claimants, and no claim is the default.",
    "Events were chosen for their escalations. Their number is no conduct, no rate and no share "
    "of responsibility.",
    "Silence is counted from the last use on record: what is not public is not on record.",
)
MODEL_LIMITS = (
    "No probability here is a forecast: nearly every parameter is assumed. Compare, and vary.",
    "Treaties have no geography in the model: an ally counts anywhere.",
    "Nobody decides in it: there are no aims, no plans and no deterrence.",
    "What an act does to resolve, budgets and people is not in it.",
)


def section(
    heading: str, texts: Sequence[str], figures: Sequence[Figure | None] = (), *,
    caption: str = "", columns: Sequence[str] = (), rows: Sequence[Sequence[Any]] = (),
) -> dict[str, Any]:  # fmt: skip
    """Return one section of a page."""
    return {
        "heading": heading,
        "texts": list(texts),
        "figures": [f for f in figures if f is not None],
        "caption": caption,
        "columns": list(columns),
        "rows": [[str(cell) for cell in row] for row in rows],
    }


def write_record(
    g: Architecture,
    path: str | os.PathLike[str],
    *,
    dyad: Pair | None = None,
    claimant: str | None = None,
    command: str = "",
) -> Path:
    """Write the record of a crisis as a page: timeline, attributions, channels, one story."""
    rows = record.incidents(g, dyad, claimant)
    sections = [
        section(
            "What is on record",
            ["Where incidents stand on the ladder. Point at one to read it."],
            [figure("timeline", lambda: charts.timeline(g, dyad, claimant))],
            caption=f"All {rows.height} incidents",
            columns=["Date", "Incident", "Initiator", "Target", "Rung", "Killed", "Parties (by)"],
            rows=[
                [
                    r["date"].isoformat(), r["description"],
                    f"{r['initiator']} ({r['initiator_status']})", r["target"], r["hostility"],
                    story.losses(r["fatalities_low"], r["fatalities_high"]), r["held_parties"],
                ]
                for r in rows.iter_rows(named=True)
            ],
        ),
        section(
            "Who is a party, according to whom",
            ["A row is who speaks; a column is who is held to have had a part."],
            [figure("attributions", lambda: charts.attribution_matrix(g, claimant))],
        ),
        section(
            "Who still talks",
            [],
            [figure("silence", lambda: charts.silence(g, dyad))],
            caption="All channels on record",
            columns=["Between", "Channel", "Last use", "Days", "Standing", "What"],
            rows=[
                ["-".join(c.pair), c.channel, c.last_use or "none", c.silence or "", c.standing,
                 c.note]
                for c in record.channels(g, dyad)
            ],
        ),
    ]  # fmt: skip
    told = story.most_contested(g, dyad)
    if told is not None:
        versions = [
            [v.claimant, " ".join(story.said(v)), story.consequence(v)]
            for v in record.versions(g, told)
        ]
        texts = [story.headline(g, told), *(story.sentence(d) for d in record.differences(g, told))]
        sections.append(
            section(
                "One incident as each side tells it", texts,
                caption="Versions, and what follows under each",
                columns=["According to", "What was done", "Then"], rows=versions,
            )
        )  # fmt: skip
    scope = "" if dyad is None else f" between {dyad[0]} and {dyad[1]}"
    return _write(
        path, "The record of a crisis", g.title,
        f"{rows.height} incidents{scope} up to {g.date:%d %B %Y}, with who is held to be a party "
        "and by whom.",
        "A claim stays a claim, a denial and a silence are recorded like an assertion.",
        sections, RECORD_LIMITS, command, _facts(g.name, g.digest),
    )  # fmt: skip


def write_simulation(run: Simulation, path: str | os.PathLike[str], *, command: str = "") -> Path:
    """Write a simulation as a page: the fan of rungs, the dyads, who is drawn in."""
    a, settings = run.data.attrs, run.settings
    dyads, states = run.dyads(), run.states()
    war = percent(run.data["any_war"], run.data["any_war_error"])
    sections = [
        section(
            "How far it could climb",
            ["Each picture is a dyad: how many replicas stand on which rung as time goes by."],
            [figure("fan", lambda: charts.fan(run))],
            caption="All dyads",
            columns=["Dyad", "Start", "Reaches force", "Reaches war", "Between peace and war"],
            rows=[
                [r["dyad"], r["start"], percent(r["force"], r["force_error"]),
                 percent(r["war"], r["war_error"]), percent(r["between"], r["between_error"])]
                for r in dyads.iter_rows(named=True)
            ],
        ),
        section(
            "Who is drawn in",
            ["A war that begins from an incident calls the allies of both sides."],
            [figure("drawn", lambda: charts.drawn_in(run))],
            caption="All states",
            columns=["State", "In a new war", "Drawn in by an ally's war"],
            rows=[
                [r["state"], percent(r["at_war"], r["at_war_error"]),
                 percent(r["drawn_in"], r["drawn_in_error"])]
                for r in states.iter_rows(named=True)
            ],
        ),
    ]  # fmt: skip
    facts = [
        *_facts(a["scenario"], a["digest"]),
        ("Seed", a["seed"]),
        ("Replicas", f"{a['replicas']:,}"),
        ("Branching ratio", f"{settings['branching_ratio']:.3g}"),
    ]
    return _write(
        path, "A crisis, simulated", settings["scenario"]["title"],
        f"Within {a['days']:g} days some dyad newly reaches war in {war} of {a['replicas']:,} "
        "replicas.",
        CAUTION, sections, MODEL_LIMITS, command, facts,
        {name: p["value"] for name, p in settings["parameters"].items()},
    )  # fmt: skip


def write_answer(found: Answer, path: str | os.PathLike[str], *, command: str = "") -> Path:
    """Write the answer to a question as a page."""
    question = str(found.data.attrs["question"])
    kicker, heading, draw = {
        "committor": ("War before calm", "Where the ridge is", charts.committor_map),
        "intervene": ("Single acts", "What each act does", charts.ranked),
        "no_return": ("Points of no return", "Paths to war", charts.returns),
    }[question]
    lines = str(found.data.attrs["reading"]).splitlines()
    settings = found.settings
    facts = [
        *_facts(found.data.attrs["scenario"], found.data.attrs["digest"]),
        *((name.replace("_", " ").capitalize(), settings[name]) for name in ("seed", "replicas")),
        ("Branching ratio", f"{settings['branching_ratio']:.3g}"),
    ]
    sections = [
        section(
            heading, [line.strip() for line in lines[1:]], [figure("answer", lambda: draw(found))]
        )
    ]
    return _write(
        path, kicker, str(found.data.attrs["scenario"]), lines[0], CAUTION, sections,
        MODEL_LIMITS, command, facts, settings["parameters"],
    )  # fmt: skip


def _facts(name: str, digest: str) -> list[tuple[str, Any]]:
    return [("Scenario", name), ("Scenario hash", digest), ("detente", version("detente"))]


def _write(
    path: str | os.PathLike[str], kicker: str, title: str, lead: str, holds: str,
    sections: Sequence[dict[str, Any]], limits: Sequence[str], command: str,
    facts: Sequence[tuple[str, Any]], given: dict[str, float] | None = None,
) -> Path:  # fmt: skip
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("detente.crisis", "template"),
                jinja2.PackageLoader("detente.report", "template"),
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = [
        {"name": p.name, "value": f"{given[p.name]:g}", "unit": p.unit, "meaning": p.meaning,
         "source": p.source}
        for p in parameters()
        if given is not None
    ]  # fmt: skip
    text = environment.get_template("crisis.html").render(
        kicker=kicker, title=title, lead=lead, holds=holds, sections=sections, limits=limits,
        command=command, facts=facts, parameters=shown, version=version("detente"),
        bundle=bundle(),
    )  # fmt: skip
    return put(text, path)
