"""``detente reproduce``."""

from __future__ import annotations

import shlex
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detente.cli.options import PAGES, emit_rows, format_option, print_table, writable

if TYPE_CHECKING:
    from detente.reproduce.run import Outcome


@click.command()
@click.option("--lens", "lenses", multiple=True, metavar="LENS", help="Only this lens; repeatable.")
@format_option
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.html",
    help="Also write the table as a page.",
)
def reproduce(lenses: tuple[str, ...], style: str, report: Path | None) -> None:
    """Recompute every published number that detente claims to reproduce.

    Prints the published value beside ours, with source, origin, tolerance and verdict. Numbers
    that differ stay in the table, with the reason. Exit code 1 only if a number that is claimed
    to reproduce does not.
    """
    from detente.reproduce import outcomes

    writable(report, "--report", PAGES)
    recomputed = outcomes(lenses)
    if style == "table":
        _print(recomputed)
    else:
        emit_rows([outcome.row() for outcome in recomputed], style)
    if report is not None:
        from detente.reproduce import write

        again = ["detente", "reproduce", *(x for lens in lenses for x in ("--lens", lens))]
        write(recomputed, report, command=shlex.join([*again, "--report", report.name]))
        click.echo(f"page: {report}", err=True)
    if not all(outcome.holds for outcome in recomputed):
        raise SystemExit(1)


def _print(found: tuple[Outcome, ...]) -> None:
    from detente.reproduce import document
    from detente.reproduce.cases import left_beside

    for lens, group in document.by_lens(found):
        click.echo(f"{lens}")
        print_table(
            [
                [
                    outcome.case.quantity,
                    f"{outcome.case.citation}: {outcome.case.place}",
                    f"[{outcome.case.origin}]",
                    outcome.case.published,
                    outcome.ours or "-",
                    document.difference(outcome),
                    outcome.case.tolerance,
                    document.verdict(outcome),
                ]
                for outcome in group
            ],
            ["quantity", "source and place", "origin", "published", "ours", "difference",
             "tolerance", "verdict"],
        )  # fmt: skip
        click.echo()
    notes: dict[str, list[str]] = {}
    for outcome in found:
        if document.notes(outcome):
            notes.setdefault(document.notes(outcome), []).append(outcome.case.quantity)
    click.echo("Notes, and where ours differ, why")
    for text, about in notes.items():
        _paragraph(f"{'; '.join(about)}. {text}")
    left_out = left_beside({outcome.case.lens for outcome in found})
    click.echo("\nNot in the table, and why")
    for missing in left_out:
        _paragraph(f"[{missing.origin}] {missing.citation}: {missing.quantity}. {missing.reason}")
    click.echo("\nOrigins and tolerances")
    for heading in ("Origin", "Tolerance"):
        for word, meaning in document.LEGEND[heading].items():
            _paragraph(f"{word}: {meaning}")
    click.echo()
    click.echo(textwrap.fill(document.summary(found), 98))


def _paragraph(text: str) -> None:
    click.echo(textwrap.fill(text, 98, initial_indent="  ", subsequent_indent="    "))
