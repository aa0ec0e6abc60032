"""What several commands share: options that choose a scenario and how it is read, and output."""

from __future__ import annotations

import csv
import functools
import io
import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.errors import UsageError

if TYPE_CHECKING:
    from detente.architecture.value import Architecture

PAGES = (".html", ".htm")
"""What the file of a page may end in."""
FORMATS = ("table", "json", "csv")


class Folder(click.Path):
    """A folder that is named: nothing at all would be the one that one stands in."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        """Return the path."""
        if not value:
            self.fail("the name of the folder is empty", param, ctx)
        return super().convert(value, param, ctx)


format_option = click.option(
    "--format", "style", type=click.Choice(FORMATS), default="table", show_default=True,
    help="How the result is printed.",
)  # fmt: skip


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say how a scenario is read; the command gets ``how``."""
    options = [
        click.option("--date", "date", metavar="YYYY-MM-DD", help="Look at it on another date."),
        click.option("--measure", metavar="NAME", help="Measure of capability, such as gdp."),
        click.option(
            "--weight", "weights", multiple=True, metavar="ORG=W",
            help="Weight of an organisation (EU=0) or a member (EU/AUT=1) as an alliance, 0 to 1.",
        ),
        click.option(
            "--include", "include", multiple=True, metavar="STRENGTH",
            help="Count commitments left out by default: signed_not_in_force, disputed.",
        ),
        click.option("--threshold", type=float, help="Least intensity that makes rivals, 1 to 5."),
        click.option(
            "--map", "mapping", multiple=True, metavar="NAME=VALUE",
            help="Any parameter of the mapping, such as weight.kind.guarantee=1.",
        ),
    ]  # fmt: skip

    @functools.wraps(command)
    def wrapped(
        *args: Any,
        date: str | None,
        measure: str | None,
        weights: Sequence[str],
        include: Sequence[str],
        threshold: float | None,
        mapping: Sequence[str],
        **kwargs: Any,
    ) -> Any:
        def how(scenario: str) -> Architecture:
            return read(scenario, date, measure, weights, include, threshold, mapping)

        return command(*args, how=how, **kwargs)

    for option in reversed(options):
        wrapped = option(wrapped)
    return wrapped


def read(
    scenario: str,
    date: str | None = None,
    measure: str | None = None,
    weights: Sequence[str] = (),
    include: Sequence[str] = (),
    threshold: float | None = None,
    mapping: Sequence[str] = (),
) -> Architecture:
    """Load a scenario, or the architecture of a year, and read it as the options say."""
    import datetime as dt

    from detente.architecture.mapping import THRESHOLD
    from detente.errors import UnknownName
    from detente.evidence.resolve import load

    g = load(scenario)
    rule = g.mapping.update(numbers(mapping, "--map"))
    if threshold is not None:
        rule = rule.update({THRESHOLD: threshold})
    strengths = [n.removeprefix("weight.strength.") for n in rule.values if ".strength." in n]
    for strength in include:
        if strength not in strengths:
            hint = f"Strengths: {', '.join(strengths)}."
            raise UnknownName("strength of commitment", strength, strengths, hint)
        rule = rule.include(strength)
    g = g.under(rule.weigh(numbers(weights, "--weight")))
    if measure is not None:
        g = g.measured_by(measure)
    if date is not None:
        try:
            g = g.on(dt.date.fromisoformat(date))
        except ValueError:
            raise UsageError(f"--date: '{date}' is not a date; write it as 2024-06-30") from None
    return g


def numbers(pairs: Sequence[str], option: str) -> dict[str, float]:
    """Return ``NAME=VALUE`` arguments as a dict of numbers."""
    values = {}
    for text in pairs:
        name, equals, value = text.partition("=")
        try:
            if not equals:
                raise ValueError
            values[name.strip()] = float(value)
        except ValueError:
            raise UsageError(f"{option}: '{text}' should read NAME=NUMBER") from None
    return values


def lens_parameters(path: Path) -> dict[str, float]:
    """Return the parameters of a file of ``detente calibrate coalition``, by ``lens.name``.

    Raises
    ------
    UsageError
        If the file holds no parameters of a lens.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        values = document["parameters"]
        return {f"{document['lens']}.{name}": float(value) for name, value in values.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UsageError(
            f"{path}: holds no parameters of a lens. Wanted: "
            '{"lens": "coalition", "parameters": {"defend": 0.1}}, or what '
            "'detente calibrate coalition --out' wrote"
        ) from None


def emit_rows(rows: Sequence[dict[str, Any]], style: str, *, columns: Sequence[str] = ()) -> None:
    """Print rows as a table, as JSON or as CSV."""
    if style == "json":
        click.echo(json.dumps(list(rows), indent=1, ensure_ascii=False, default=str))
        return
    names = list(columns) or (list(rows[0]) if rows else [])
    if style == "csv":
        stream = io.StringIO()
        writer = csv.DictWriter(stream, names, extrasaction="ignore", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        click.echo(stream.getvalue(), nl=False)
        return
    print_table([[_cell(row.get(name)) for name in names] for row in rows], names)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def print_table(rows: Sequence[Sequence[str]], header: Sequence[str]) -> None:
    """Print a table as wide as the terminal, without losing anything when piped."""
    if sys.stdout is None:  # closed by who called: there is nobody to read it
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in header:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        # Cells come from files: square brackets are text here, never markup.
        table.add_row(*[cell.replace("[", "\\[") for cell in row])
    Console(width=None if sys.stdout.isatty() else 160, highlight=False).print(table)


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None] | None]:
    """Show progress on the terminal while something takes long; nothing when it is not one."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as bar:
        tasks: dict[str, Any] = {}

        def step(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield step


def writable(target: Path | None, option: str, kinds: Collection[str]) -> None:
    """Refuse before the work rather than after it."""
    if target is None:
        return
    if target.suffix.lower() not in kinds:
        raise click.UsageError(f"{option}: '{target}' should end in {' or '.join(sorted(kinds))}")
    if not target.resolve().parent.is_dir():
        raise click.UsageError(f"{target}: the folder {target.resolve().parent} does not exist")
    if not os.access(target.resolve().parent, os.W_OK):
        raise click.UsageError(f"{target}: nothing can be written in {target.resolve().parent}")


def command_line() -> str:
    """Return the command as it was typed, for a page that says how to make it again."""
    import shlex

    return shlex.join(["detente", *sys.argv[1:]])


def years_of(text: str) -> tuple[int, int]:
    """Return the first and last year of a span that can be worked on, or of a single year."""
    from detente.evidence.panel.arrays import check_span

    first, dash, last = text.partition("-")
    last = last if dash else first
    if not (first.isdigit() and last.isdigit()):
        raise click.BadParameter(f"'{text}' is no year and no span of years such as 1816-1989")
    check_span(int(first), int(last))
    return int(first), int(last)
