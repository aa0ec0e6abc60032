"""The page of the long view: two centuries of measures, with great wars and settlements marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from typing import Any

import polars as pl

from detente.auditing.long_view import measures, rankings
from detente.auditing.long_view.rankings import CAPABILITY
from detente.reporting.history import charts
from detente.reporting.history.charts import INDEX, LABELS, TIED, named, when
from detente.reporting.page.embed import Download, download
from detente.reporting.page.model import (
    Again,
    Block,
    Chart,
    Head,
    Heading,
    Link,
    Page,
    Points,
    Section,
    Strong,
    Table,
)

SAYS = "This command makes the same numbers again, for any number of processes:"
INDIVISIBLE = (
    "Security is indivisible where no state can gain by a change of alliances or rivalries at the "
    "expense of another. For each year every single change is tried that those who would have to "
    "decide it could make: a new alliance, an end to one, joining or leaving an organisation, the "
    "end of a rivalry. The index is the share of the changes that they would want which harm "
    "nobody else. What harms whom is the verdict of a lens: a published model, of which there are "
    "several, and they disagree."
)


def page(table: pl.DataFrame, *, command: str = "", ranks: rankings.Ranks | None = None) -> Page:
    """Return the page of a series made by `detente.auditing.long_view.measures.series`.

    Parameters
    ----------
    table : polars.DataFrame
        The series.
    command : str
        The command that makes it again.
    ranks : Ranks, optional
        Where each lens ranked each state, for the sections on wars and on disagreement.
    """
    table = table.sort("year")
    first, last = int(table["year"][0]), int(table["year"][-1])
    lenses = [name.removeprefix(INDEX) for name in measures.index_columns(table)]
    wars = measures.before_wars(table)
    alike, pairs = rankings.agreement(ranks) if ranks else (pl.DataFrame(),) * 2
    return Page(
        title=f"Security architectures, {first} to {last}",
        kicker="The long view",
        lead=headline(table, lenses),
        opening=(INDIVISIBLE,),
        holds=_holds(table, lenses),
        sections=(
            _years(table, lenses, first, last),
            _before_wars(table, wars, ranks),
            _disagreement(table, lenses, alike, pairs),
            _lenses(lenses, ranks, first, last),
        ),
        again=Again(
            command,
            (("Years", f"{first} to {last}"), ("detente", version("detente"))),
            files=(
                download(
                    "years",
                    "every measure of every year; expected disputes are of the year after",
                    table,
                ),
                *(
                    [download("before-wars", "years before great wars", wars)]
                    if wars.height
                    else []
                ),
                *(
                    [download("pairs", "rank correlations by pair of lenses", pairs)]
                    if pairs.height
                    else []
                ),
            ),
            prefix="long-view",
            says=SAYS,
        ),
    )


def _holds(table: pl.DataFrame, lenses: Sequence[str]) -> str:
    text = (
        "Each year is the interstate system on its first of July: alliances in force on the day, "
        "rivalries and capabilities of the year. "
    )
    if not any(name.endswith("_low") for name in table.columns):
        return text + "Point estimates: no parameters were drawn."
    beyond = outside(table, lenses)
    text += (
        "Indices are medians over draws of each lens’s uncertain parameters, with bands of 90 % of "
        "the draws. The point estimate at a lens’s default parameters stands beside them in the "
        "table of all years"
    )
    if beyond:
        text += (
            f"; it lies outside the band in {beyond}, since a default may stand at the end of the "
            "range that is drawn from"
        )
    return f"{text}."


def _years(table: pl.DataFrame, lenses: Sequence[str], first: int, last: int) -> Section:
    """Return the figures over the years."""
    bounds = [c for c in table.columns if c.startswith(INDEX)]
    return Section(
        "measures",
        "Year by year",
        (
            (
                "Grey bands are great wars, dashed lines great settlements; ",
                Link("all are listed below", "marked"),
                ".",
            )
            if charts.events(first, last)
            else None,
            _chart(
                "indices",
                partial(charts.indices, table, lenses),
                table.select("year", *bounds),
                "indices",
            ),
            *(
                _chart(
                    name,
                    partial(charts.one, table, name),
                    table.select("year", name),
                    LABELS[name].lower(),
                )
                for name in LABELS
                if table[name].null_count() < table.height
            ),
            _chart(
                "observed",
                partial(charts.observed, table),
                charts.beside(table),
                "disputes that began and disputes to be expected, in the year they are of",
            ),
        ),
    )


def _chart(name: str, draw: Callable[..., Any], data: pl.DataFrame, what: str) -> Chart | None:
    chart: Chart | None = Chart.drawn(name, draw, data=_taken(name, what, data))
    return chart


def _taken(name: str, what: str, data: pl.DataFrame) -> Download:
    return download(f"long-view-{name}", what, data)


def _before_wars(table: pl.DataFrame, wars: pl.DataFrame, ranks: rankings.Ranks | None) -> Section:
    by_state = rankings.before_wars(ranks) if ranks else pl.DataFrame()
    blocks: list[Block | None] = []
    if by_state.height:
        blocks += [
            Heading("State by state: all inter-state wars"),
            "Each lens ranks the states of a year by security. Where did it rank those that were "
            "about to enter a war? An association is not a cause: states that can reach many "
            "others fight more, whatever a model says of their security.",
            _chart(
                "before-wars-by-lens",
                partial(charts.before, by_state),
                by_state,
                "ranks of states before wars, by lens",
            ),
            Table(
                "Mean rank, 0 the least secure state of the year, 1 the most secure one",
                ("Lens", *_difference_heads("a war", "State-years before", "Other state-years")),
                tuple(
                    (
                        named(row["lens"]) + (" (no lens)" if row["lens"] == CAPABILITY else ""),
                        *_difference_cells(row),
                    )
                    for row in by_state.to_dicts()
                ),
            ),
        ]
    if wars.height:
        lenses = [name.removeprefix(INDEX) for name in measures.index_columns(table)]
        labels = LABELS | {
            measures.shown_index(table, x): f"Index under {named(x)}" for x in lenses
        }
        blocks += [
            Heading("Year by year: wars between major powers"),
            "Years in whose next three years two major powers entered a war against one another, "
            "and all other years. Intervals are 95 %, by blocks of ten years. An association is "
            "not a warning sign: such wars are few.",
            Table(
                "Means before great wars and in other years",
                ("Measure", *_difference_heads("a war", "Years before", "Other years")),
                tuple((labels[row["measure"]], *_difference_cells(row)) for row in wars.to_dicts()),
            ),
        ]
    if not blocks:
        blocks = [
            "No list of inter-state wars is in the data folder for these years, or no war between "
            "major powers lies in them."
        ]
    return Section("wars", "Before wars, and at other times", tuple(blocks), short="Before wars")


def _difference_heads(what: str, before: str, other: str) -> tuple[Head | str, ...]:
    return (
        Head(f"Before {what}", number=True),
        Head("Other", number=True),
        Head("Difference", number=True),
        "Interval",
        Head(before, number=True),
        Head(other, number=True),
    )


def _difference_cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        f"{row['before']:.3f}",
        f"{row['other']:.3f}",
        f"{row['difference']:+.3f}",
        f"{row['low']:+.3f} to {row['high']:+.3f}",
        str(row["years_before"]),
        str(row["years_other"]),
    )


def _disagreement(
    table: pl.DataFrame, lenses: Sequence[str], alike: pl.DataFrame, pairs: pl.DataFrame
) -> Section:
    blocks: list[Block | None] = []
    if alike.height and alike["mean"].null_count() < alike.height:
        ordered = pairs.sort("correlation", descending=True).to_dicts() if pairs.height else []
        blocks += [
            Heading("On who is secure"),
            _chart(
                "agreement",
                partial(charts.spread, alike, table),
                alike,
                "rank correlations of every year",
            ),
            Table(
                "Mean rank correlation of two lenses",
                ("Lens", "Other lens", Head("Correlation", number=True),
                 Head("Years", number=True)),
                tuple(
                    (named(row["one"]), named(row["other"]), f"{row['correlation']:+.2f}",
                     str(row["years"]))
                    for row in ordered
                ),
            ),
        ]  # fmt: skip
    furthest, as_far = apart(table, lenses)
    if furthest:
        more = f"; in {as_far} more they lie as far apart as in the last of these" if as_far else ""
        blocks += [
            Heading("On how indivisible security was"),
            f"Where the indices lie furthest apart: up to ten years{more}.",
            Table(
                "Years of greatest disagreement",
                (Head("Year"), *(Head(named(name), number=True) for name in lenses),
                 Head("Apart", number=True)),
                tuple(
                    (str(row["year"]), *(f"{row[name]:.2f}" for name in lenses),
                     f"{row['spread']:.2f}")
                    for row in furthest
                ),
            ),
        ]  # fmt: skip
    else:
        blocks.append("The series has the index of one lens only.")
    return Section("apart", "Where the lenses disagree", tuple(blocks))


def _lenses(lenses: Sequence[str], ranks: rankings.Ranks | None, first: int, last: int) -> Section:
    from detente.lenses import find

    every = [find(name) for name in (ranks.rank if ranks else lenses) if name != CAPABILITY]
    events = charts.events(first, last)
    marked = tuple(f"{_span(event)}: {event['event']}" for event in events)
    return Section(
        "lenses",
        "The lenses, and the marks",
        (
            Heading("The lenses"),
            Points(
                tuple(
                    (Strong(named(lens.name)), f" ({lens.status}): {lens.title}. {lens.citation}")
                    for lens in every
                )
            ),
            Heading("What is marked", id="marked") if marked else None,
            Points(marked) if marked else None,
        ),
    )


def _span(event: dict[str, Any]) -> str:
    """Return the years of an event; `last_year` is the one behind it."""
    first, last = event["first_year"], event["last_year"] - 1
    return f"{first}–{last}" if last > first else str(first)


def headline(table: pl.DataFrame, lenses: Sequence[str]) -> str:
    """Say in one sentence when security was least and most indivisible."""
    parts = []
    for name in lenses:
        column = measures.shown_index(table, name)
        answered = table.drop_nulls(column).sort(column, "year")
        if answered.height == 1:
            row = answered.row(0, named=True)
            parts.append(f"under the lens {named(name)} the index of {row['year']} is "
                        f"{row[column]:.2f}")  # fmt: skip
        elif answered.height:
            low, high = float(answered[column][0]), float(answered[column][-1])
            least, most = when(table, column, low), when(table, column, high)
            parts.append(
                f"under the lens {named(name)} security was equally indivisible {least} "
                f"(index {low:.2f})"
                if least.startswith("in all")
                else f"under the lens {named(name)} security was least indivisible {least} "
                f"(index {low:.2f}) and most {most} ({high:.2f})"
            )
    words = "; ".join(parts) or "no lens has an answer for these years"
    return f"{words[0].upper()}{words[1:]}."


def outside(table: pl.DataFrame, lenses: Sequence[str]) -> str:
    """Say in how many years a point estimate lies outside its band; empty if in none."""
    parts = []
    for name in lenses:
        point, low, high = (pl.col(f"{INDEX}{name}{end}") for end in ("", "_low", "_high"))
        if f"{INDEX}{name}_low" in table.columns:
            years = table.filter((point < low) | (point > high)).height
            if years:
                parts.append(f"{years} of {table.height} years under {named(name)}")
    return " and ".join(parts)


def apart(table: pl.DataFrame, lenses: Sequence[str]) -> tuple[list[dict[str, Any]], int]:
    """Return the ten years in which the lenses' indices lie furthest apart.

    The number beside them is of further years in which they lie as far apart as in the last.
    """
    if len(lenses) < 2:
        return [], 0
    columns = [pl.col(measures.shown_index(table, name)).alias(name) for name in lenses]
    rows = table.select("year", *columns)
    spread = pl.max_horizontal(lenses) - pl.min_horizontal(lenses)
    rows = rows.with_columns(spread=spread).drop_nulls("spread")
    rows = rows.sort("spread", "year", descending=[True, False])
    shown, rest = rows.head(10), rows.slice(10)
    alike = rest.filter(pl.col("spread") >= shown["spread"][-1] - TIED) if rest.height else rest
    return shown.to_dicts(), alike.height
