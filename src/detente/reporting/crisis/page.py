"""Pages of a crisis: a simulation, and the answers to the questions; what every page shares."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.kernel.alliance_entries import Called, called
from detente.crisis.model.model_arrays import FORCE, TOP
from detente.crisis.model.settings import parameters
from detente.crisis.record.ladder import STANDARD
from detente.crisis.run.text import CAUTION, THERE, of_replicas, percent
from detente.reporting.audit.page import put
from detente.reporting.crisis import page_charts as charts
from detente.reporting.crisis.chart_parts import full, named, names_of_rungs
from detente.reporting.crisis.entry_network_chart import web
from detente.reporting.page.embed import Figure, bundle, figure
from detente.reporting.page.words import listed, plural

if TYPE_CHECKING:
    from detente.architecture.system import Floats
    from detente.crisis.questions.answer import Answer
    from detente.crisis.run.result import Simulation

MODEL_LIMITS = (
    "No probability here is a forecast: nearly every parameter is assumed. Compare, and vary.",
    "The number after ± is the error of the simulation alone. It says nothing of the parameters.",
    "Treaties have no geography in the model: an ally counts anywhere.",
    "Nobody decides in it: there are no aims, no plans and no deterrence.",
    "What an act does to resolve, budgets and people is not in it.",
    "A rung is a rung: how a war goes, whom it kills and with which weapons is not in it.",
    "Where the sides stand at the start rests on a list of events that was chosen for its "
    "escalations, and on the days before the date that count (start.window).",
    "Two rivalries of a scenario may stand for one war. The model counts them as two.",
)
LADDER = (
    "Rung",
    "How hostile two sides are, from 0 to 5: "
    + ", ".join(f"{k} {name}" for k, name in enumerate(STANDARD.rungs))
    + ". Rungs 0 and 1 are peace, 5 is war, and 2 to 4 are neither.",
)
CALLS_TOLD = 5
"""How many sides that call allies are told in words."""
FOES_TOLD = 3
MODEL_WORDS = (
    LADDER,
    (
        "Course",
        "One way in which the crisis could go on in the model, drawn by chance. A share of the "
        "courses is a probability in the model.",
    ),
    ("Force", "Rung 4, the use of force, or war."),
    (
        "Between peace and war",
        "The share of the time, over all courses, that a pair spends on rungs 2 to 4.",
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


def write_simulation(run: Simulation, path: str | os.PathLike[str], *, command: str = "") -> Path:
    """Write a simulation as a page: the fan of rungs, the dyads, who is drawn in."""
    a, settings, names = run.data.attrs, run.settings, run.names
    dyads, states = run.dyads(), run.states()
    war = percent(run.data["any_war"], run.data["any_war_error"])
    standing = [named(dyad, names) for dyad in charts.standing_wars(run)]
    calls = called(run)
    sections = [
        section(
            "How far it could climb",
            ["Each picture is a pair of sides. The darker, the more hostile: on every day the "
             "height of a color is the share of courses that stand on that rung.",
             _in_a_hundred(run),
             *([f"At war from the start, and so in none of the pictures: {listed(standing)}. The "
                "table below has them too."]
               if standing else [])],
            [figure("fan", lambda narrow=False: charts.fan(run, narrow=narrow), narrow=True)],
            caption=f"All {dyads.height} pairs",
            columns=["Pair", "Start", "Reaches force", "Reaches war", "Between peace and war"],
            rows=[
                [named(r["dyad"], names), r["start"],
                 THERE if r["start"] >= FORCE else percent(r["force"], r["force_error"]),
                 THERE if r["start"] >= TOP else percent(r["war"], r["war_error"]),
                 percent(r["between"], r["between_error"])]
                for r in dyads.iter_rows(named=True)
            ],
        ),
        section(
            "Who calls allies into a war",
            ["A war that begins from an incident calls the allies of both sides; whether one comes "
             "is a matter of chance, with the reliability of alliances."],
            [figure("web", lambda narrow=False: web(run, narrow=narrow), narrow=True),
             figure("drawn", lambda narrow=False: charts.drawn_in(run, narrow=narrow),
                    narrow=True)],
            points=[_call_in_words(c, names) for c in calls[:CALLS_TOLD]],
            caption=f"All {len(calls)} sides that call, with who enters for them",
            columns=["Called by", "Allies", "Entries in 100 courses, all allies",
                     "Who enters, in 100 courses", "Against, in 100 courses at most"],
            rows=[
                [full(c.side, names), len(c.enters), f"{100 * c.total:.3g}",
                 _each(c.enters, names),
                 _each({foe: often for foe, (_, often, _) in c.against.items()}, names)]
                for c in calls
            ],
        ),
        section(
            "Who is drawn in",
            ["How often each side is in a war that was not one at the start, and how often an "
             "ally’s war brought it there. An ally may be called into several wars of one course: "
             "here the course counts once, in the section above each entry counts."],
            caption=f"All {states.height} sides",
            columns=["State or actor", "In a new war", "Drawn in by an ally’s war"],
            rows=[
                [full(r["state"], names), percent(r["at_war"], r["at_war_error"]),
                 percent(r["drawn_in"], r["drawn_in_error"])]
                for r in states.iter_rows(named=True)
            ],
        ),
    ]  # fmt: skip
    facts = [
        *facts_of(a["scenario"], a["digest"]),
        ("Seed", a["seed"]),
        ("Courses", f"{a['replicas']:,} (replicas)"),
        ("Simulated", run.way),
        ("Branching ratio", f"{settings['branching_ratio']:.3g}"),
    ]
    return write(
        path, "A crisis, simulated", settings["scenario"]["title"],
        f"In {war} of {a['replicas']:,} simulated courses of {a['days']:g} days, two sides go to "
        "war that are not at war at the start.",
        CAUTION, sections, MODEL_LIMITS, command, facts, MODEL_WORDS, names,
        {name: p["value"] for name, p in settings["parameters"].items()},
    )  # fmt: skip


def _in_a_hundred(run: Simulation) -> str:
    """Return the finding in whole courses of a hundred, and when the wars begin."""
    some = round(100 * float(run.data["any_war"]))
    text = (
        f"In words: of 100 courses, about {some} see a new war within "
        f"{run.data.attrs['days']:g} days, and {100 - some} see none."
    )
    half = float(run.data["first_war"].sel(quantile=0.5))
    return f"{text} Half of the first wars have begun by day {half:.0f}." if half > 0 else text


def _call_in_words(c: Called, names: Mapping[str, str]) -> str:
    allies = [full(code, names) for code in c.enters]
    foes = [
        f"{full(foe, names)}, at most {100 * often:.2g} ± {100 * error:.1g}"
        for foe, (_, often, error) in list(c.against.items())[:FOES_TOLD]
    ]
    more = len(c.against) - len(foes)
    return (
        f"Called by {full(c.side, names)}: {plural(len(allies), 'ally', 'allies')} "
        f"({listed(allies, 6)}), each at most about {100 * max(c.enters.values()):.2g} times in "
        f"100 courses. Against {'; '.join(foes)}" + (f"; and against {more} more." if more else ".")
    )


def _each(often: Mapping[str, float], names: Mapping[str, str]) -> str:
    return "; ".join(f"{full(code, names)} {100 * p:.2g}" for code, p in often.items())


def write_answer(found: Answer, path: str | os.PathLike[str], *, command: str = "") -> Path:
    """Write the answer to a question as a page."""
    a, settings = found.data.attrs, found.settings
    kicker, make = {
        "committor": ("War before calm", _committor),
        "intervene": ("Single acts", _intervene),
        "no_return": ("Points of no return", _no_return),
        "rare": ("A rare war", _rare),
    }[str(a["question"])]
    lead, sections = make(found)
    courses = (
        f"{settings['replicas']:,} (replicas)"
        if "replicas" in settings
        else f"{settings['repetitions']:,} repetitions of {settings['paths']:,} paths"
    )
    facts = [
        *facts_of(a["scenario"], a["digest"]),
        ("Seed", settings["seed"]),
        ("Courses", courses),
        ("Branching ratio", f"{settings['branching_ratio']:.3g}"),
    ]
    return write(
        path, kicker, str(a["title"]), lead, CAUTION, sections, MODEL_LIMITS, command, facts,
        MODEL_WORDS, found.names, settings["parameters"],
    )  # fmt: skip


def _committor(found: Answer) -> tuple[str, list[dict[str, Any]]]:
    data, names = found.data, found.names
    dyads = [named(str(name), names) for name in data["dyad"].values]
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
    picture = figure(
        "answer", lambda narrow=False: charts.committor_map(found, narrow=narrow), narrow=True
    )
    lead = f"War on {whom} comes before calm in {war} of courses."
    hottest = [named(str(name), names) for name in data["hottest"].values]
    rows = [
        [*(names_of_rungs()[k] for k in place),
         percent(data["map"].values[place], data["map_error"].values[place])]
        for place in np.ndindex(data["map"].shape)
        if np.isfinite(data["map"].values[place])
    ]  # fmt: skip
    return lead, [
        section(
            _of_the_map(data["map"].values), texts, [picture], caption="All cells of the map",
            rows=rows, columns=[*(f"Rung of {name}" for name in hottest), "War before calm"],
        )
    ]  # fmt: skip


def _of_the_map(table: Floats) -> str:
    """Return the heading over the map: what it shows."""
    if not np.isfinite(table).any():
        return "War before calm"
    if charts.ridge(np.atleast_2d(table)):
        return "Where the ridge is"
    return "How the rungs move the chance"


def _intervene(found: Answer) -> tuple[str, list[dict[str, Any]]]:
    data = found.data
    acts = charts.acts_in_words(found)
    ranking = charts.Ranking.of(found)
    rows = [
        [act, of_replicas(data["war"].values[k], found.settings["replicas"]),
         *(charts.Ranking.of(found, outcome).change(k) for outcome in charts.OUTCOMES),
         str(data["idle"].values[k]) or "yes"]
        for k, act in enumerate(acts)
    ]  # fmt: skip
    within = f"within {found.settings['days']:g} days"
    untouched = of_replicas(data["nothing"], found.settings["replicas"])
    best = charts.best_in_words(found)
    by = "the first by" if len(ranking.leaders) > 1 else "by"
    lead = (
        f"Of these acts {best}: {by} {ranking.size(0)} {within}."
        if best
        else f"None of these acts lowers {ranking.words} {within} by more than could be chance."
    )
    texts = [
        f"If nothing is done a new war begins in {untouched} of the courses; "
        f"{_mean(data, 'nothing_wars')} pairs newly reach war and {_mean(data, 'nothing_states')} "
        "states are newly at war, on average.",
        "All acts see the same chance, so that differences are known better than the chances "
        "themselves. Two acts are told apart where they differ by more than twice the standard "
        "error of their difference.",
        "Wars that stand at the start call no ally unless they fall and rise again, and allies "
        "join a war once it has begun: joining or leaving an alliance shows in the number of wars "
        "and of states more than in the chance of the first.",
    ]
    picture = figure(
        "answer", lambda narrow=False: charts.ranked(found, narrow=narrow), narrow=True
    )
    return lead, [
        section(
            "What each act does", texts, [picture], caption="All acts; in brackets what is not "
            "told from nothing", rows=rows, unfolded=True,
            columns=["Act", "Chance of a new war", "Its change, points", "Change of wars",
                     "Change of states newly at war", "Does it touch anything in the model?"],
        )
    ]  # fmt: skip


def _mean(data: Any, name: str) -> str:
    return f"{float(data[name]):.2f} ± {float(data[f'{name}_error']):.2f}"


def _no_return(found: Answer) -> tuple[str, list[dict[str, Any]]]:
    data = found.data
    some, all_of_them = int(np.isfinite(data["day"].values).sum()), len(data["path"])
    lead = (
        f"On {charts.of_the_paths(some, all_of_them)} a point from which no act of the list helps."
    )
    texts = [
        "Such a point is the earliest state from which war before calm is likelier than not "
        "whatever is done: without an act, and under every single act of the list.",
        *(named(line, found.names) for line in str(data.attrs["reading"]).splitlines()),
    ]
    acts = charts.acts_in_words(found)
    picture = figure(
        "answer", lambda narrow=False: charts.returns(found, narrow=narrow), narrow=True
    )
    rows = [
        [k + 1, f"{float(data['war_day'][k]):.0f}",
         f"{float(data['day'][k]):.0f}" if np.isfinite(data["day"].values[k]) else "none",
         percent(data["highest"].values[k], data["highest_error"].values[k]),
         f"{float(data['highest_day'][k]):.0f}",
         named(str(data["best"].values[k]), found.names) or "none was needed"]
        for k in range(all_of_them)
    ]  # fmt: skip
    return lead, [
        section(
            "Paths to war", texts, [picture], caption="All paths", rows=rows,
            columns=["Path", "Day of the war", "Point of no return, day",
                     "Highest chance of war before calm, if nothing is done", "On day",
                     "The act that helps most where acts were tried"],
        ),
        section("The acts of the list", [], points=acts),
    ]  # fmt: skip


def _rare(found: Answer) -> tuple[str, list[dict[str, Any]]]:
    data, names = found.data, found.names
    dyads = [named(str(name), names) for name in data["dyad"].values]
    within = f"within {found.settings['days']:g} days"
    whom = dyads[0] if len(dyads) == 1 else f"any of {listed(dyads)}"
    chance, error = float(data["probability"]), float(data["probability_error"])
    met = np.isfinite(error)
    lead = (
        f"War on {whom} begins {within} with probability {chance:.3g} ± {error:.2g}: "
        f"about {one_in(chance)}."
        if met
        else f"War on {whom} begins {within} with a probability below {float(data['bound']):.2g}: "
        "no course met it, however driven."
    )
    texts = [
        "A war may be so rare that no plain simulation meets it. Here courses are driven towards "
        "it: those that come nearest to war are taken up again where they stood, those that fall "
        "behind are dropped, and each such step is paid for in the probability, so that the "
        "estimate has no bias (adaptive multilevel splitting).",
        *(named(line, names) for line in str(data.attrs["reading"]).splitlines()),
    ]
    picture = (
        figure("answer", lambda narrow=False: charts.repetitions(found, narrow=narrow), narrow=True)
        if met
        else None
    )
    return lead, [
        section(
            "How sure the estimate is", texts, [picture],
            caption="All repetitions", columns=["Repetition", "Estimate"],
            rows=[[k + 1, f"{value:.3g}"] for k, value in enumerate(data["estimate"].values)],
        )
    ]  # fmt: skip


def one_in(chance: float) -> str:
    """Return a probability as one in so many, to two digits."""
    many = 1 / chance
    digits = max(0, int(np.floor(np.log10(many))) - 1)
    return f"one in {round(many, -digits):,.0f}"


def facts_of(name: str, digest: str) -> list[tuple[str, Any]]:
    """Return what says of which scenario a page is, and who made it."""
    return [("Scenario", name), ("Scenario hash", digest), ("detente", version("detente"))]


def write(
    path: str | os.PathLike[str], kicker: str, title: str, lead: str, holds: str,
    sections: Sequence[dict[str, Any]], limits: Sequence[str], command: str,
    facts: Sequence[tuple[str, Any]], words: Sequence[tuple[str, str]], names: Mapping[str, str],
    given: dict[str, float] | None = None,
) -> Path:  # fmt: skip
    """Write a page from its parts; every text is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("detente.reporting.page", "template"),
                jinja2.PackageLoader("detente.reporting.page", "template"),
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
