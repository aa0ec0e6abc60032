"""The page of a simulation: how far it could climb, who calls allies, who is drawn in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from detente.crisis.kernel.alliance_entries import Called, called
from detente.crisis.model.model_arrays import FORCE, TOP
from detente.crisis.run.draws_text import assumed_in_words, monte_carlo_in_words
from detente.crisis.run.text import (
    OTHER_QUESTION,
    THERE,
    WAR_SIZES,
    any_war_in_words,
    in_brackets,
    relative,
)
from detente.reporting.crisis import page_charts as charts
from detente.reporting.crisis.chart_parts import full, named
from detente.reporting.crisis.entry_network_chart import web
from detente.reporting.crisis.page_parts import crisis_page, folded, terms_of
from detente.reporting.page.model import Chart, Page, Points, Section
from detente.words import listed, plural

if TYPE_CHECKING:
    from detente.results.result import Result

CALLS_TOLD = 5
"""How many sides that call allies are told in words."""
FOES_TOLD = 3


def chart(run: Result) -> Any:
    """Return the fan of rungs: a pair of sides a picture."""
    return charts.fan(run)


def page(run: Result, *, command: str = "") -> Page:
    """Return the page of a simulation."""
    attrs, settings = run.data.attrs, run.settings
    return crisis_page(
        title=settings["scenario"]["title"],
        kicker="A crisis, simulated",
        lead=" ".join(
            [
                *relative(run, partial(named, names=run.names)),
                f"Two sides that are not at war at the start go to war in {any_war_in_words(run)} "
                f"within {attrs['days']:g} days.",
                assumed_in_words(run),
            ]
        ),
        sections=(_climb(run), _calls(run), _drawn_in(run)),
        names=run.names,
        command=command,
        terms=[
            *terms_of(attrs["scenario"], attrs["digest"]),
            ("Seed", attrs["seed"]),
            ("Courses", f"{attrs['replicas']:,} (replicas)"),
            ("Simulated", run.way),
            ("Branching ratio", f"{settings['branching_ratio']:.3g}"),
        ],
        given={name: p["value"] for name, p in settings["parameters"].items()},
    )


def _climb(run: Result) -> Section:
    names, dyads = run.names, run.dyads()
    standing = [named(dyad, names) for dyad in charts.standing_wars(run)]
    return Section(
        "climb",
        "How far it could climb",
        (
            "Each picture is a pair of sides. The darker, the more hostile: on every day the "
            "height of a colour is the share of courses that stand on that rung.",
            _in_a_hundred(run),
            monte_carlo_in_words(run, "any_war", float(run.data["any_war_error"]))
            + " It is the error of the simulation alone, and says nothing of the parameters.",
            WAR_SIZES,
            OTHER_QUESTION,
            f"At war from the start, and so in none of the pictures: {listed(standing)}. The "
            "table below has them too."
            if standing
            else None,
            Chart.drawn("fan", partial(charts.fan, run)),
            folded(
                f"All {dyads.height} pairs",
                ("Pair", "Start", "Reaches force", "Reaches war", "Between peace and war"),
                [
                    [named(r["dyad"], names), r["start"],
                     THERE if r["start"] >= FORCE else in_brackets(r, "force"),
                     THERE if r["start"] >= TOP else in_brackets(r, "war"),
                     in_brackets(r, "between")]
                    for r in dyads.iter_rows(named=True)
                ],
            ),
        ),
    )  # fmt: skip


def _calls(run: Result) -> Section:
    names, calls = run.names, called(run)
    return Section(
        "calls",
        "Who calls allies into a war",
        (
            "When a war begins from an incident, third states enter it at once or not at all: "
            "allies of either side, and states with a quarrel of their own with the one that is "
            "attacked. How often each kind came is counted from disputes to 1989; either side is "
            "the attacker as often.",
            Points(tuple(_call_in_words(c, names) for c in calls[:CALLS_TOLD])) if calls else None,
            Chart.drawn("web", partial(web, run)),
            Chart.drawn("drawn", partial(charts.drawn_in, run)),
            folded(
                f"All {len(calls)} sides that call, with who enters for them",
                ("Called by", "Allies", "Entries in 100 courses, all allies",
                 "Who enters, in 100 courses", "Against, in 100 courses at most"),
                [
                    [full(c.side, names), len(c.enters), f"{100 * c.total:.3g}",
                     _each(c.enters, names),
                     _each({foe: often for foe, (_, often, _) in c.against.items()}, names)]
                    for c in calls
                ],
            ),
        ),
    )  # fmt: skip


def _drawn_in(run: Result) -> Section:
    names, states = run.names, run.states()
    return Section(
        "drawn-in",
        "Who is drawn in",
        (
            "How often each side is in a war that was not one at the start, and how often an "
            "ally’s war brought it there. An ally may be called into several wars of one course: "
            "here the course counts once, in the section above each entry counts.",
            folded(
                f"All {states.height} sides",
                ("State or actor", "In a new war", "Drawn in by an ally’s war"),
                [
                    [full(r["state"], names), in_brackets(r, "at_war"),
                     in_brackets(r, "drawn_in")]
                    for r in states.iter_rows(named=True)
                ],
                opened=True,
            ),
        ),
    )  # fmt: skip


def _in_a_hundred(run: Result) -> str:
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
