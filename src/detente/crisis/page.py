"""Pages of a crisis: the record, a simulation, and the answers to the questions."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis import page_charts as charts
from detente.crisis import record, story
from detente.crisis.ladder import STANDARD
from detente.crisis.settings import parameters
from detente.crisis.text import CAUTION, names_of, pair_name, percent
from detente.report.embed import Figure, bundle, figure
from detente.report.page import put
from detente.report.words import MINUS

if TYPE_CHECKING:
    import polars as pl

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
    "The number after ± is the error of the simulation alone. It says nothing of the parameters.",
    "Treaties have no geography in the model: an ally counts anywhere.",
    "Nobody decides in it: there are no aims, no plans and no deterrence.",
    "What an act does to resolve, budgets and people is not in it.",
)
LADDER = (
    "Rung",
    "How hostile two sides are, from 0 to 5: "
    + ", ".join(f"{k} {name}" for k, name in enumerate(STANDARD.rungs))
    + ". Rungs 0 and 1 are peace, 5 is war, and 2 to 4 are neither.",
)
RECORD_WORDS = (
    LADDER,
    (
        "Party",
        "Somebody who is held to have fired, ordered, programmed, given data, supplied, trained "
        "or hosted: always according to somebody.",
    ),
    ("Channel", "A line or a talk between two sides. Silence is the time since its last use."),
)
MODEL_WORDS = (
    LADDER,
    (
        "Course",
        "One way in which the crisis could go on in the model, drawn by chance. A share of the "
        "courses is a probability in the model.",
    ),
    ("±", "Standard error: drawn again, the share would move by about that much."),
    ("Calm", "All pairs of the crisis are on rung 1 or below, unless the command says otherwise."),
)


def section(
    heading: str, texts: Sequence[str], figures: Sequence[Figure | None] = (), *,
    points: Sequence[str] = (), caption: str = "", columns: Sequence[str] = (),
    rows: Sequence[Sequence[Any]] = (), unfolded: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return one section of a page: texts, a list of points, figures, and a table."""
    return {
        "heading": heading,
        "texts": list(texts),
        "points": list(points),
        "open": unfolded or not any(figures),
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
            [
                "Each dot is an incident, the higher the more hostile. The list below the picture "
                "has them all, with who is held to be a party by whom."
            ],
            [
                figure(
                    "timeline",
                    lambda narrow=False: charts.timeline(g, dyad, claimant, narrow=narrow),
                    narrow=True,
                )
            ],
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
            [
                "A row is who speaks; a column is who is held to have had a part. A dark square is "
                "a charge that is made often; a minus counts denials."
            ],
            [
                figure(
                    "attributions",
                    lambda narrow=False: charts.attribution_matrix(
                        g, dyad, claimant, narrow=narrow
                    ),
                    narrow=True,
                )
            ],
        ),
        section(
            "Who still talks",
            ["A short bar is a line that was used lately, a long one a line that is silent."],
            [
                figure(
                    "silence",
                    lambda narrow=False: charts.silence(g, dyad, narrow=narrow),
                    narrow=True,
                )
            ],
            caption="All channels on record",
            columns=["Between", "Channel", "Last use", "Days", "Standing", "What"],
            rows=[
                ["-".join(c.pair), c.channel, c.last_use or "none", c.silence or "", c.standing,
                 c.note]
                for c in record.channels(g, dyad)
            ],
        ),
    ]  # fmt: skip
    told = story.most_contested(g, dyad, claimant)
    if told is not None:
        versions = [
            [v.claimant, " ".join(story.said(v)), story.consequence(v)]
            for v in record.versions(g, told)
            if claimant in (None, v.claimant)
        ]
        differ = [story.sentence(d) for d in record.differences(g, told) if claimant is None]
        texts = [story.headline(g, told), *(["Where the claimants differ:"] if differ else [])]
        teller = "each side" if claimant is None else claimant
        sections.append(
            section(
                f"One incident as {teller} tells it", texts, points=differ,
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
        sections, RECORD_LIMITS, command, _facts(g.name, g.digest), RECORD_WORDS,
        _named(g, rows, dyad),
    )  # fmt: skip


def _named(g: Architecture, rows: pl.DataFrame, dyad: Pair | None) -> dict[str, str]:
    """Return the names of everybody whose code is on the page of the record."""
    codes = {*rows["initiator"], *rows["target"]}
    for channel in record.channels(g, dyad):
        codes |= set(channel.pair)
    said = g.tables["attributions"]
    said = said.filter(said["incident"].is_in(rows["incident"].to_list()))
    return names_of(g, codes | {*said["claimant"], *said["actor"]})


def write_simulation(run: Simulation, path: str | os.PathLike[str], *, command: str = "") -> Path:
    """Write a simulation as a page: the fan of rungs, the dyads, who is drawn in."""
    a, settings, names = run.data.attrs, run.settings, run.names
    dyads, states = run.dyads(), run.states()
    war = percent(run.data["any_war"], run.data["any_war_error"])
    sections = [
        section(
            "How far it could climb",
            ["Each picture is a pair of sides. The darker, the more hostile: on every day the "
             "height of a colour is the share of courses that stand on that rung."],
            [figure("fan", lambda narrow=False: charts.fan(run, narrow=narrow), narrow=True)],
            caption=f"All {dyads.height} pairs",
            columns=["Pair", "Start", "Reaches force", "Reaches war", "Between peace and war"],
            rows=[
                [f"{pair_name(r['dyad'], names)} ({r['dyad']})", r["start"],
                 percent(r["force"], r["force_error"]), percent(r["war"], r["war_error"]),
                 percent(r["between"], r["between_error"])]
                for r in dyads.iter_rows(named=True)
            ],
        ),
        section(
            "Who is drawn in",
            ["A war that begins from an incident calls the allies of both sides; whether one comes "
             "is a matter of chance, with the reliability of alliances."],
            [figure("drawn", lambda: charts.drawn_in(run))],
            caption=f"All {states.height} sides",
            columns=["State or actor", "In a new war", "Drawn in by an ally's war"],
            rows=[
                [f"{names.get(r['state'], '')} ({r['state']})".lstrip(),
                 percent(r["at_war"], r["at_war_error"]),
                 percent(r["drawn_in"], r["drawn_in_error"])]
                for r in states.iter_rows(named=True)
            ],
        ),
    ]  # fmt: skip
    facts = [
        *_facts(a["scenario"], a["digest"]),
        ("Seed", a["seed"]),
        ("Courses", f"{a['replicas']:,} (replicas)"),
        ("Branching ratio", f"{settings['branching_ratio']:.3g}"),
    ]
    return _write(
        path, "A crisis, simulated", settings["scenario"]["title"],
        f"In {war} of {a['replicas']:,} simulated courses of {a['days']:g} days, two sides go to "
        "war that are not at war at the start.",
        CAUTION, sections, MODEL_LIMITS, command, facts, MODEL_WORDS, names,
        {name: p["value"] for name, p in settings["parameters"].items()},
    )  # fmt: skip


def write_answer(found: Answer, path: str | os.PathLike[str], *, command: str = "") -> Path:
    """Write the answer to a question as a page."""
    a, settings = found.data.attrs, found.settings
    kicker, make = {
        "committor": ("War before calm", _committor),
        "intervene": ("Single acts", _intervene),
        "no_return": ("Points of no return", _no_return),
    }[str(a["question"])]
    lead, sections = make(found)
    facts = [
        *_facts(a["scenario"], a["digest"]),
        ("Seed", settings["seed"]),
        ("Courses", f"{settings['replicas']:,} (replicas)"),
        ("Branching ratio", f"{settings['branching_ratio']:.3g}"),
    ]
    return _write(
        path, kicker, str(a["title"]), lead, CAUTION, sections, MODEL_LIMITS, command, facts,
        MODEL_WORDS, found.names, settings["parameters"],
    )  # fmt: skip


def _committor(found: Answer) -> tuple[str, list[dict[str, Any]]]:
    data, names = found.data, found.names
    dyads = [pair_name(str(name), names) for name in data["dyad"].values]
    war = percent(data["committor"], data["committor_error"])
    whom = dyads[0] if len(dyads) == 1 else f"any of the {len(dyads)} pairs of the crisis"
    days, undecided = found.settings["days"], 100 * float(data["undecided"])
    texts = [
        f"Calm is that {'it is' if len(dyads) == 1 else 'all of them are'} on rung "
        f"{found.settings['calm']} or below. Within {days:g} days {undecided:.1f} % of the courses "
        "have reached neither.",
        "A value near one half is a pivotal juncture: a small act can decide.",
    ]
    if len(dyads) > 1:
        texts.append(f"The pairs: {', '.join(dyads)}.")
    picture = figure("answer", lambda: charts.committor_map(found))
    lead = f"War on {whom} comes before calm in {war} of courses."
    return lead, [section("Where the ridge is", texts, [picture])]


def _intervene(found: Answer) -> tuple[str, list[dict[str, Any]]]:
    data = found.data
    acts = [str(act) for act in data["act"].values]
    mean, error = data["difference"].values, data["difference_error"].values
    rows = [
        [act, percent(data["war"].values[k], data["war_error"].values[k]),
         f"{signed_points(mean[k])} ± {100 * error[k]:.2f}",
         "yes" if abs(mean[k]) > 2 * error[k] else "no"]
        for k, act in enumerate(acts)
    ]  # fmt: skip
    untouched = percent(data["nothing"], data["nothing_error"])
    helps = mean[0] < -2 * error[0]
    lead = (
        f"Of these acts “{acts[0]}” lowers the chance of a new war most: by "
        f"{-100 * mean[0]:.1f} ± {100 * error[0]:.1f} points, from {untouched} within "
        f"{found.settings['days']:g} days."
        if helps
        else "None of these acts lowers the chance of a new war by more than could be chance; "
        f"without them it is {untouched} within {found.settings['days']:g} days."
    )
    texts = [
        "All acts see the same chance, so that differences are known better than the chances "
        "themselves. Left of the line is fewer wars.",
    ]
    picture = figure(
        "answer", lambda narrow=False: charts.ranked(found, narrow=narrow), narrow=True
    )
    return lead, [
        section(
            "What each act does", texts, [picture], caption="All acts", rows=rows, unfolded=True,
            columns=["Act", "Chance of a new war", "Change, points", "More than chance"],
        )
    ]  # fmt: skip


def signed_points(change: float) -> str:
    """Return a change of a probability in percentage points, with a sign that is a minus."""
    return f"{100 * change:+.2f}".replace("-", MINUS)


def _no_return(found: Answer) -> tuple[str, list[dict[str, Any]]]:
    data = found.data
    some, all_of_them = int(np.isfinite(data["day"].values).sum()), len(data["path"])
    lines = str(data.attrs["reading"]).splitlines()
    lead = (
        f"On {some or 'none'} of {all_of_them} sampled paths to war there is a point from which no "
        "act of the list helps."
    )
    texts = [
        "An act helps if, taken there, it brings the chance of war before calm below a half.",
        *lines,
    ]
    acts = [str(act) for act in data["act"].values]
    picture = figure("answer", lambda: charts.returns(found))
    rows = [
        [k + 1, f"{float(data['war_day'][k]):.0f}",
         f"{float(data['day'][k]):.0f}" if np.isfinite(data["day"].values[k]) else "none",
         str(data["best"].values[k]), f"{float(data['committor'][k]):.0%}"]
        for k in range(all_of_them)
    ]  # fmt: skip
    return lead, [
        section(
            "Paths to war", texts, [picture], caption="All paths", rows=rows,
            columns=["Path", "Day of the war", "Point of no return, day",
                     "The act that helps most there, or last", "War before calm under it"],
        ),
        section("The acts of the list", [], points=acts),
    ]  # fmt: skip


def _facts(name: str, digest: str) -> list[tuple[str, Any]]:
    return [("Scenario", name), ("Scenario hash", digest), ("detente", version("detente"))]


def _write(
    path: str | os.PathLike[str], kicker: str, title: str, lead: str, holds: str,
    sections: Sequence[dict[str, Any]], limits: Sequence[str], command: str,
    facts: Sequence[tuple[str, Any]], words: Sequence[tuple[str, str]], names: Mapping[str, str],
    given: dict[str, float] | None = None,
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
        words=words, codes=sorted((k, v) for k, v in names.items() if k != v),
        command=command, facts=facts, parameters=shown, version=version("detente"),
        bundle=bundle(),
    )  # fmt: skip
    return put(text, path)
