"""``detente offers`` and ``detente settle``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.options import (
    PAGES,
    emit_rows,
    format_option,
    print_table,
    reading_options,
    writable,
)
from detente.cli.workforce import work_options

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.runs import Workforce

conflict_option = click.option(
    "--conflict", metavar="NAME", help="Which conflict; may be left out where there is only one."
)


@click.command()
@click.argument("scenario")
@conflict_option
@reading_options
@format_option
def offers(
    scenario: str, conflict: str | None, how: Callable[[str], Architecture], style: str
) -> None:
    """Put the offers of a conflict side by side, in the words of their own texts, by date.

    Issues run from one side's stated maximum (0) to the other's (1); neither end is better.
    """
    from detente.settlement.questions.offer_table import offer_rows, party_rows

    g = how(scenario)
    rows = offer_rows(g, conflict)
    if style != "table":
        emit_rows(rows, style)
        return
    for offer in dict.fromkeys(row["offer"] for row in rows):
        own = [row for row in rows if row["offer"] == offer]
        first = own[0]
        click.echo(f"{offer}  {first['date']}  by {first['proponent']}  ({first['status']})")
        print_table(
            [
                [
                    row["issue"],
                    row["words"],
                    _span(row["low"], row["position"], row["high"]),
                    row["basis"],
                    row["range"],
                    row["confidence"],
                ]
                for row in own
            ],
            ["issue", "words", "position", "basis", "range", "confidence"],
        )
        click.echo(f"  silent on: {first['silent']}" if first["silent"] else "  silent on nothing")
        click.echo(f"  source: {first['source']}")
        click.echo()
    parties = party_rows(g, conflict)
    click.echo("Parties")
    print_table([list(row.values()) for row in parties], list(parties[0]))
    click.echo(
        "Positions on 0 to 1, ideals, saliences and influence are analyst judgement; ranges "
        "marked 'rule' follow from the confidence of the row."
    )


@click.command()
@click.argument("scenario")
@conflict_option
@click.option(
    "--without", "absent", metavar="ACTOR|each",
    help="Compare with and without this party or bloc, such as 'supporters of UKR'; 'each' leaves "
    "out one after the other.",
)  # fmt: skip
@click.option(
    "--without-draws", "absent_draws", type=click.IntRange(0), default=0, show_default=True,
    help="Draws behind the ranges of --without; up to a second each.",
)  # fmt: skip
@click.option(
    "--silence", type=click.Choice(["open", "status_quo", "stated"]), default="open",
    show_default=True, help="What an offer's silence on an issue is taken for.",
)  # fmt: skip
@click.option(
    "--war", type=click.Choice(["disagreement", "outside"]), default="disagreement",
    show_default=True, help="How war enters the bargain.",
)  # fmt: skip
@click.option(
    "--fighting", "fighting", multiple=True, metavar="LENS|PARTY=LOW:HIGH",
    help="What fighting on is worth: a lens, or a typed range of a party; repeatable.",
)  # fmt: skip
@click.option(
    "--mood", "mood", multiple=True, metavar="crisis|PARTY=LOW:HIGH",
    help="What public mood asks for beyond fighting on: by the crisis room's mood, or a typed "
    "range of the way from fighting on to all the party wants; repeatable. Off if left out.",
)  # fmt: skip
@click.option(
    "--draws", type=click.IntRange(1), default=10_000, show_default=True,
    help="Draws of positions, ideals, saliences and the status quo from their ranges.",
)  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the draws.")
@click.option(
    "--report", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.html",
    help="Write the answer as a page.",
)  # fmt: skip
@click.option(
    "--save",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Save the result: .nc, .zarr, .json or .csv.",
)
@work_options(pieces=True, all_cores=True)
@reading_options
@format_option
def settle(
    scenario: str,
    conflict: str | None,
    absent: str | None,
    absent_draws: int,
    silence: str,
    war: str,
    fighting: Sequence[str],
    mood: Sequence[str],
    draws: int,
    seed: int,
    report: Path | None,
    save: Path | None,
    work: Workforce,
    how: Callable[[str], Architecture],
    style: str,
) -> None:
    """Hold every offer against fighting on, for every party, and find what all could accept."""
    from detente.settlement.questions.settling import settle as ask

    writable(report, "--report", PAGES)
    result = ask(
        how(scenario),
        conflict,
        silence=silence,
        war=war,
        fighting=named_or_ranges("--fighting", "one lens", fighting),
        mood=named_or_ranges("--mood", "'crisis'", mood),
        draws=draws,
        seed=seed,
        work=work,
    )
    if absent is not None:
        from detente.settlement.questions.absence import without

        actor = None if absent == "each" else absent
        result = without(result, actor, draws=absent_draws, work=work)
    if style == "json":
        click.echo(json.dumps(result.to_dict(), indent=1, ensure_ascii=False))
    elif style == "csv":
        emit_rows(table_of(result), style)
    else:
        click.echo(repr(result))
    if save is not None:
        click.echo(f"result: {result.save(save)}", err=True)
    if report is not None:
        click.echo(f"page: {result.report(report)}", err=True)


def table_of(result: Any) -> list[dict[str, Any]]:
    """Return the main table of a result of either question."""
    if result.question == "without":
        from detente.settlement.questions.absence_text import rows

        return rows(result)
    from detente.settlement.questions.settling_text import rows as offer_party_rows

    return offer_party_rows(result, [str(party) for party in result.data["party"].values])


def named_or_ranges(option: str, name: str, typed: Sequence[str]) -> Any:
    """Return what an option says, as typed: nothing, one name, or ranges of parties."""
    from detente.errors import UsageError

    if not typed:
        return None
    if len(typed) == 1 and "=" not in typed[0]:
        return typed[0]
    ranges = {}
    for text in typed:
        party, equals, span = text.partition("=")
        low, colon, high = span.partition(":")
        try:
            if not equals or not colon:
                raise ValueError
            ranges[party.strip()] = (float(low), float(high))
        except ValueError:
            raise UsageError(
                f"{option}: '{text}' should be {name}, or read PARTY=LOW:HIGH"
            ) from None
    return ranges


def _span(low: float | None, middle: float | None, high: float | None) -> str:
    return "" if middle is None else f"{middle:.2f} ({low:.2f} to {high:.2f})"
