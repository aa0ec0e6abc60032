"""The page of points of no return: from where on no act of a list helps."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.reporting.crisis import page_charts as charts
from detente.reporting.crisis.chart_parts import named
from detente.reporting.crisis.page_parts import answer_page, folded
from detente.reporting.page.model import Chart, Page, Points, Section
from detente.results.uncertainty import percent

if TYPE_CHECKING:
    from detente.results.result import Result


def chart(answer: Result) -> Any:
    """Return the sampled paths with the points of no return on them."""
    return charts.returns(answer)


def page(answer: Result, *, command: str = "") -> Page:
    """Return the page of points of no return."""
    data = answer.data
    some, every = int(np.isfinite(data["day"].values).sum()), len(data["path"])
    rows = [
        [k + 1, f"{float(data['war_day'][k]):.0f}",
         f"{float(data['day'][k]):.0f}" if np.isfinite(data["day"].values[k]) else "none",
         percent(data["highest"].values[k], data["highest_error"].values[k]),
         f"{float(data['highest_day'][k]):.0f}",
         named(str(data["best"].values[k]), answer.names) or "none was needed"]
        for k in range(every)
    ]  # fmt: skip
    paths = Section(
        "paths",
        "Paths to war",
        (
            "Such a point is the earliest state from which war before calm is likelier than not "
            "whatever is done: without an act, and under every single act of the list.",
            *(named(line, answer.names) for line in str(data.attrs["reading"]).splitlines()),
            Chart.drawn("answer", partial(charts.returns, answer)),
            folded(
                "All paths",
                ("Path", "Day of the war", "Point of no return, day",
                 "Highest chance of war before calm, if nothing is done", "On day",
                 "The act that helps most where acts were tried"),
                rows,
            ),
        ),
    )  # fmt: skip
    acts = Section("acts", "The acts of the list", (Points(tuple(charts.acts_in_words(answer))),))
    lead = f"On {charts.of_the_paths(some, every)} a point from which no act of the list helps."
    return answer_page(answer, "Points of no return", lead, [paths, acts], command)
