"""The page of single acts: what each does to the chance of a new war."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from detente.crisis.questions.act_effects import headline
from detente.crisis.questions.intervene import relative, untouched_in_words
from detente.crisis.run.draws_text import assumed_in_words, monte_carlo_in_words
from detente.reporting.crisis import page_charts as charts
from detente.reporting.crisis.page_parts import answer_page, folded
from detente.reporting.page.model import Chart, Page, Points, Section
from detente.results.uncertainty import of_replicas

if TYPE_CHECKING:
    from detente.results.result import Result


def chart(answer: Result) -> Any:
    """Return the acts by what they do to the chance of a new war."""
    return charts.ranked(answer)


def page(answer: Result, *, command: str = "") -> Page:
    """Return the page of single acts, the most helpful first."""
    data = answer.data
    acts = charts.acts_in_words(answer)
    ranking = charts.Ranking.of(answer)
    rows = [
        [act, of_replicas(data["war"].values[k], answer.settings["replicas"]),
         *(charts.Ranking.of(answer, outcome).change(k) for outcome in charts.OUTCOMES),
         str(data["idle"].values[k]) or "yes"]
        for k, act in enumerate(acts)
    ]  # fmt: skip
    within = f"within {answer.settings['days']:g} days"
    untouched = untouched_in_words(answer)
    quoted = [f"“{act}”" for act in acts]
    lead = headline(answer, quoted)
    if ranking.leaders:
        first = ranking.leaders[0]
        by = "The first of them does so by" if len(ranking.leaders) > 1 else "It does so by"
        lead = f"{lead} {by} {ranking.size(first)} {within}, at the default parameters."
    lead = " ".join([*relative(answer, quoted)[:2], lead, assumed_in_words(answer)])
    section = Section(
        "acts",
        "What each act does",
        (
            f"If nothing is done a new war begins in {untouched} of the courses; "
            f"{_mean(data, 'nothing_wars')} pairs newly reach war and "
            f"{_mean(data, 'nothing_states')} states are newly at war, on average.",
            Points(tuple(relative(answer, quoted))),
            monte_carlo_in_words(answer, "nothing", float(data["nothing_error"])),
            "All acts see the same chance, so that differences are known better than the chances "
            "themselves. Two acts are told apart where they differ by more than twice the standard "
            "error of their difference.",
            "Wars that stand at the start call no ally unless they fall and rise again, and allies "
            "join a war once it has begun: joining or leaving an alliance shows in the number of "
            "wars and of states more than in the chance of the first.",
            Chart.drawn("answer", partial(charts.ranked, answer)),
            folded(
                "All acts; in brackets what is not told from nothing",
                ("Act", "Chance of a new war", "Its change, points", "Change of wars",
                 "Change of states newly at war", "Does it touch anything in the model?"),
                rows,
                opened=True,
            ),
        ),
    )  # fmt: skip
    return answer_page(answer, "Single acts", lead, [section], command)


def _mean(data: Any, name: str) -> str:
    return f"{float(data[name]):.2f} ± {float(data[f'{name}_error']):.2f}"
