"""The page of the committor: war before calm, from where it stands and over the rungs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.questions.committor import relative, turning, what_differs
from detente.crisis.run.draws_text import (
    assumed_in_words,
    monte_carlo_in_words,
    with_interval,
)
from detente.reporting.crisis import page_charts as charts
from detente.reporting.crisis.chart_parts import named, names_of_rungs
from detente.reporting.crisis.page_parts import answer_page, folded
from detente.reporting.page.model import Chart, Page, Section
from detente.results.uncertainty import percent

if TYPE_CHECKING:
    from detente.architecture.system import Floats
    from detente.results.result import Result


def chart(answer: Result) -> Any:
    """Return the map of the chance over the rungs of the two hottest pairs."""
    return charts.committor_map(answer)


def page(answer: Result, *, command: str = "") -> Page:
    """Return the page of a committor."""
    data, names = answer.data, answer.names
    dyads = [named(str(name), names) for name in data["dyad"].values]
    whom = dyads[0] if len(dyads) == 1 else f"any of the {len(dyads)} pairs of the crisis"
    days, undecided = answer.settings["days"], 100 * float(data["undecided"])
    hottest = [named(str(name), names) for name in data["hottest"].values]
    rows = [
        [
            *(names_of_rungs()[k] for k in place),
            percent(data["map"].values[place], data["map_error"].values[place]),
        ]
        for place in np.ndindex(data["map"].shape)
        if np.isfinite(data["map"].values[place])
    ]
    section = Section(
        "map",
        _of_the_map(data["map"].values),
        (
            f"Calm is that {'it is' if len(dyads) == 1 else 'all of them are'} on rung "
            f"{answer.settings['calm']} or below. Within {days:g} days {undecided:.1f} % of the "
            "courses have reached neither.",
            turning(float(data["committor"]), len(dyads)),
            what_differs(answer),
            monte_carlo_in_words(answer, "committor", float(data["committor_error"])),
            f"The pairs: {', '.join(dyads)}." if len(dyads) > 1 else None,
            Chart.drawn("answer", partial(charts.committor_map, answer)),
            folded(
                "All cells of the map",
                [*(f"Rung of {name}" for name in hottest), "War before calm"],
                rows,
            ),
        ),
    )
    war = with_interval(
        answer, "committor", float(data["committor"]), float(data["committor_error"])
    )
    lead = " ".join(
        [
            *relative(answer, partial(named, names=names)),
            f"War on {whom} comes before calm in {war} of courses.",
            assumed_in_words(answer),
        ]
    )
    return answer_page(answer, "War before calm", lead, [section], command)


def _of_the_map(table: Floats) -> str:
    """Return the heading over the map: what it shows."""
    if not np.isfinite(table).any():
        return "War before calm"
    if charts.ridge(np.atleast_2d(table)):
        return "Where the ridge is"
    return "How the rungs move the chance"
