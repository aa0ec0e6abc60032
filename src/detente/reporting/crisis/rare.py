"""The page of a rare war: its chance, or the bound that it lies below."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.crisis.questions.rare import beside_in_words, interval_of_rare
from detente.crisis.run.draws_text import assumed_in_words, drawn
from detente.reporting.crisis import page_charts as charts
from detente.reporting.crisis.chart_parts import named
from detente.reporting.crisis.page_parts import answer_page, folded
from detente.reporting.page.model import Chart, Page, Section
from detente.words import listed

if TYPE_CHECKING:
    from detente.results.result import Result


def chart(answer: Result) -> Any:
    """Return the estimate of every repetition."""
    return charts.repetitions(answer)


def page(answer: Result, *, command: str = "") -> Page:
    """Return the page of a rare war."""
    data, names = answer.data, answer.names
    dyads = [named(str(name), names) for name in data["dyad"].values]
    within = f"within {answer.settings['days']:g} days"
    whom = dyads[0] if len(dyads) == 1 else f"any of {listed(dyads)}"
    chance, error = float(data["probability"]), float(data["probability_error"])
    met = np.isfinite(error)
    over = f" ({interval_of_rare(answer)})" if drawn(answer) else f" ± {error:.2g}"
    lead = (
        f"War on {whom} begins {within} with probability {chance:.3g}{over}: "
        f"about {one_in(chance)}."
        if met
        else f"War on {whom} begins {within} with a probability below {float(data['bound']):.2g}: "
        "no course met it, however driven."
    )
    beside = beside_in_words(answer, partial(named, names=names))
    lead = " ".join(text for text in (beside, lead, assumed_in_words(answer)) if text)
    section = Section(
        "sure",
        "How sure the estimate is",
        (
            "A war may be so rare that no plain simulation meets it. Here courses are driven "
            "towards it: those that come nearest to war are taken up again where they stood, those "
            "that fall behind are dropped, and each such step is paid for in the probability, so "
            "that the estimate has no bias (adaptive multilevel splitting).",
            *(named(line, names) for line in str(data.attrs["reading"]).splitlines()),
            Chart.drawn("answer", partial(charts.repetitions, answer)) if met else None,
            folded(
                "All repetitions",
                ("Repetition", "Estimate"),
                [[k + 1, f"{value:.3g}"] for k, value in enumerate(data["estimate"].values)],
                opened=not met,
            ),
        ),
    )
    return answer_page(answer, "A rare war", lead, [section], command)


def one_in(chance: float) -> str:
    """Return a probability as one in so many, to two digits."""
    many = 1 / chance
    digits = max(0, int(np.floor(np.log10(many))) - 1)
    return f"one in {round(many, -digits):,.0f}"
