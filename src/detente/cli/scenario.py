"""``detente check``, ``diff``, ``new``, ``scenarios``, ``show`` and ``states``."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from detente.cli.options import (
    PAGES,
    command_line,
    emit_rows,
    format_option,
    progress,
    read,
    reading_options,
    writable,
)
from detente.errors import grouped

MOST_FAULTS = 200
"""Faults printed as text; JSON and CSV print them all."""


@click.command()
@click.argument("path")
@click.option(
    "--upgrade",
    is_flag=True,
    help="Write a package of an older schema anew, if it has no fault; what it holds stays.",
)
@format_option
def check(path: str, upgrade: bool, style: str) -> None:
    """Report every fault of the package at PATH: file, row, column, what is wrong, what is right.

    Exits with 1 if there is one. The name of a bundled scenario works as well, and
    a year or a day since 1816.
    """
    from detente.evidence.resolve import check as find_faults

    if upgrade and not Path(path).exists():
        raise click.UsageError(f"--upgrade: there is no package at '{path}'")
    faults = find_faults(path)
    rows = [
        {"file": f.file, "row": f.row, "column": f.column, "problem": f.problem, "remedy": f.remedy}
        for f in faults
    ]
    if style != "table":
        emit_rows(rows, style, columns=["file", "row", "column", "problem", "remedy"])
    elif not faults:
        click.echo(f"{path}: no fault")
    else:
        lines = grouped(faults)
        for line in lines[:MOST_FAULTS]:
            click.echo(line)
        count = sum(1 + fault.more for fault in faults)
        if len(lines) > MOST_FAULTS or any(" more of this kind" in line for line in lines):
            click.echo("--format csv prints them all")
        click.echo(f"{path}: {count:,} fault{'s' if count > 1 else ''}")
    if faults:
        sys.exit(1)
    if upgrade:
        from detente.architecture.package.upgrade import upgrade as write_anew

        click.echo(str(write_anew(path)), err=style != "table")


@click.command()
@click.argument("before")
@click.argument("after")
@format_option
def diff(before: str, after: str, style: str) -> None:
    """Say what differs between the scenarios BEFORE and AFTER, row by row and tie by tie.

    Either may be a year or a day since 1816, from your data folder.

    Exits with 1 if something does.
    """
    from detente.architecture.difference import diff as compare

    differences = compare(read(before), read(after))
    rows = [
        {"table": d.table, "key": d.key, "column": d.column, "before": d.before, "after": d.after}
        for d in differences
    ]
    if style != "table":
        emit_rows(rows, style, columns=["table", "key", "column", "before", "after"])
    elif differences:
        click.echo("\n".join(str(d) for d in differences))
    else:
        click.echo("no difference")
    if differences:
        sys.exit(1)


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--title", help="Title of the scenario.")
@click.option("--date", "date", metavar="YYYY-MM-DD", help="Its date; today if left out.")
def new(path: Path, title: str | None, date: str | None) -> None:
    """Start a scenario package at PATH: small, complete, to be edited in a spreadsheet."""
    import datetime as dt

    from detente.architecture.package.template import new as start

    day = None
    if date is not None:
        try:
            day = dt.date.fromisoformat(date)
        except ValueError:
            raise click.UsageError(
                f"--date: '{date}' is not a date; write it as 2024-06-30"
            ) from None
    start(path, title=title, date=day)
    click.echo(f"started: {path}\nNext: detente check {path}; detente audit {path}")


@click.command()
@format_option
def scenarios(style: str) -> None:
    """List the scenarios that come with detente."""
    from detente.architecture.package.finding import bundled, load

    rows = []
    for name in bundled():
        g = load(name)
        rows.append(
            {"scenario": name, "date": g.date.isoformat(), "states": len(g.codes), "title": g.title}
        )
    emit_rows(rows, style)


@click.command()
@click.argument("scenario")
@format_option
@reading_options
def states(scenario: str, style: str, how: Callable[[str], Any]) -> None:
    """List the states of SCENARIO with their codes, roles and capability.

    SCENARIO may be a year or a day since 1816, from your data folder.
    """
    g = how(scenario)
    _remark(g)
    rows = [
        {
            "state": row["state"],
            "name": row["name"],
            "cow_code": row["cow_code"],
            "role": row["role"],
            "region": row["region"],
            g.measure: g.capability.get(row["state"]),
        }
        for row in g.tables["states"].sort("state").iter_rows(named=True)
    ]
    emit_rows(rows, style)


@click.command()
@click.argument("scenario")
@click.argument("state", required=False)
@click.option(
    "--lens",
    "lenses",
    multiple=True,
    metavar="LENS",
    help="Say what this model sees in it; repeat for several, 'all' for every one.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Write what the models see as a page, with a picture each.",
)
@format_option
@reading_options
def show(
    scenario: str,
    state: str | None,
    lenses: Sequence[str],
    report: Path | None,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """Describe SCENARIO: what is in it, what counts and what is left out, with sources.

    SCENARIO is the name of a bundled scenario, the path of a package, or a year or a day since
    1816 (1914, 1914-07-28), from your data folder.

    With STATE (a code or a name) every tie of that state, each with its source; --report then
    writes its page, with its security under the lenses and what on the table would help or hurt
    it. Without STATE --lens says what the models see in the scenario: camps, tension, who could be
    overrun by whom, who arms against whom, who fights and who rides free.
    """
    from detente.architecture.describe import overview

    writable(report, "--report", PAGES)
    g = how(scenario)
    if state is not None:
        _state(g, g.state(state), lenses, report, style)
    elif lenses or report:
        _portraits(g, lenses or ("all",), report, style)
    elif style == "json":
        click.echo(json.dumps(overview(g), indent=1, ensure_ascii=False, default=str))
    elif style == "csv":
        emit_rows([{"what": k, "value": _flat(v)} for k, v in overview(g).items()], "csv")
    else:
        for key, value in overview(g).items():
            click.echo(f"{key}: {_flat(value)}")


def _state(g: Any, state: str, lenses: Sequence[str], report: Path | None, style: str) -> None:
    """Show every tie of one state, and write its page."""
    from detente.architecture.state_ties import SHOWN, ties_of

    if lenses and report is None:
        raise click.UsageError(
            "what models see is told of the whole scenario; --lens of one state is for its page: "
            "give --report as well"
        )
    _remark(g)
    emit_rows(ties_of(g, state), style, columns=SHOWN if style == "table" else ())
    if report is not None:
        from detente.auditing.run import audit
        from detente.reporting.page.render import write
        from detente.reporting.state.state import page

        with progress() as step:
            answers = audit(g, lens=list(lenses) or "all", on_the_table=True, progress=step)
        write(page(g, state, audit=answers, command=command_line()), report)
        click.echo(f"page: {report}", err=True)


def _remark(g: Any) -> None:
    """Say on the side what a table has no room for: a day the scenario was not made for."""
    from detente.architecture.describe import remarks

    for remark in remarks(g):
        click.echo(remark, err=True)


def _portraits(g: Any, lenses: Sequence[str], report: Path | None, style: str) -> None:
    from detente.auditing.portraits import as_rows, portraits, text

    pictures = portraits(g, list(lenses))
    if style == "json":
        click.echo(json.dumps(as_rows(g, pictures), indent=1, ensure_ascii=False, allow_nan=False))
    elif style == "csv":
        emit_rows(
            [
                {"lens": row["lens"], "state": code, "value": value, "unit": row["value_unit"]}
                for row in as_rows(g, pictures)
                for code, value in row["values"].items()
            ],
            "csv",
        )
    else:
        click.echo(text(g, pictures))
    if report is not None:
        from detente.reporting.page.render import write
        from detente.reporting.portraits.portraits import page

        write(page(g, pictures, command=command_line()), report)
        click.echo(f"page: {report}", err=True)


def _flat(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{k}: {_flat(v)}" for k, v in value.items()) or "nothing"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(v) for v in value) or "none"
    return str(value)
