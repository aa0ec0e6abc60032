"""``detente read``, ``review``, ``claims`` and ``why``: who says so."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from detente.cli.options import (
    PAGES,
    command_line,
    emit_rows,
    format_option,
    progress,
    writable,
)
from detente.files import write_whole


@click.command()
@click.argument("article", type=click.Path(path_type=Path))
@click.option("--speaker", metavar="NAME", default="", help="The author; by default the byline's.")
@click.option("--date", metavar="YYYY-MM-DD", default="", help="Day of the text.")
@click.option(
    "--scenario",
    metavar="S",
    help="Look for this scenario's names, and propose matches with its incidents and signals.",
)
@click.option(
    "--out",
    "target",
    type=click.Path(path_type=Path),
    metavar="CLAIMS.csv",
    help="Write the claims to this file, for detente review.",
)
@click.option("--report", type=click.Path(path_type=Path), help="Write a page for reading them.")
@click.option(
    "--endpoint",
    is_flag=True,
    help="Read through the language model named in DETENTE_ENDPOINT instead.",
)
@format_option
def read(
    article: Path,
    speaker: str,
    date: str,
    scenario: str | None,
    target: Path | None,
    report: Path | None,
    endpoint: bool,
    style: str,
) -> None:
    """Read ARTICLE into claims: who says that who says what, how surely, and where it stands.

    ARTICLE is plain text or HTML. What comes out is a proposal; nothing of it is a fact, and
    nothing enters a scenario before somebody has read it: detente review. Needs the extra
    'text'; no network, unless --endpoint asks for one.
    """
    from detente.evidence.resolve import load
    from detente.evidence.testimony.opening import require_file
    from detente.evidence.testimony.reading import as_text
    from detente.evidence.testimony.reading import read as read_claims

    writable(target, "--out", (".csv",))
    writable(report, "--report", PAGES)
    require_file(article)
    g = load(scenario) if scenario else None
    with progress() as step:
        result = read_claims(
            article, g, speaker=speaker, date=date, endpoint=endpoint, progress=step
        )
    for remark in json.loads(result.data.attrs.get("remarks", "[]")):
        click.echo(remark, err=True)
    if target is not None:
        text = as_text(result)
        write_whole(target, lambda path: path.write_text(text, encoding="utf-8", newline=""))
        click.echo(result.reading)
        click.echo(f"claims: {target}; go through them with: detente review {target}", err=True)
    elif style == "json":
        click.echo(json.dumps(result.to_dict(), indent=1, ensure_ascii=False))
    elif style == "csv":
        click.echo(as_text(result), nl=False)
    else:
        click.echo(repr(result))
    if report is not None:
        result.report(report, command=command_line())
        click.echo(f"page: {report}", err=True)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Enter the accepted claims into this scenario package, once all are read.",
)
@click.option("--document", default="", metavar="TEXT", help="How the document is cited.")
@click.option("--source", default="", metavar="NAME", help="Its identifier in sources.csv.")
@click.option("--back", is_flag=True, help="First take back the last decision in the file.")
def review(file: Path, into: Path | None, document: str, source: str, back: bool) -> None:
    """Go through the claims in FILE one by one: accept, reject, correct, or leave for later.

    Decisions are kept beside FILE after every key; call it again to go on. The accepted rows
    stand in FILE's name with the ending .patch.csv. A claim whose speaker is uncertain is never
    accepted together with others. Exit code 1 if claims are left unread.
    """
    from detente.evidence.testimony.reviewing import enter, open_review, run_review, write_patch

    opened = open_review(file)
    if back:
        opened.reopen_last()
    if opened.open_claims:
        run_review(opened, _key, lambda prompt: str(click.prompt(prompt, default="",
                   show_default=False)), click.echo)  # fmt: skip
    patch = write_patch(opened, document=document, source=source)
    accepted, unread = len(opened.accepted()), len(opened.open_claims)
    click.echo(
        f"{accepted} accepted, {len(opened.decided) - accepted} rejected, {unread} unread; "
        f"patch: {patch}"
    )
    if into is not None:
        count = enter(opened, into, document=document, source=source)
        click.echo(f"{count} claims entered into {into}, as claims and not as facts")
    if unread:
        raise SystemExit(1)


def _key() -> str:
    """Return the next key; from a pipe, the next letter."""
    if sys.stdin.isatty():
        return click.getchar()
    letter = sys.stdin.read(1)
    while letter and letter.isspace():
        letter = sys.stdin.read(1)
    return letter


@click.command()
@click.argument("scenario")
@click.option("--who", default="", metavar="X", help="What this speaker answers for.")
@click.option("--about", default="", metavar="Y", help="What concerns this actor.")
@click.option("--event", default="", metavar="ID", help="What is about this incident or signal.")
@click.option("--denied", is_flag=True, help="What somebody denies, with what is denied.")
@click.option("--matters", is_flag=True, help="Per event: who asserts, denies, keeps silent.")
@click.option("--single", is_flag=True, help="The events that rest on one source alone.")
@click.option("--parted", is_flag=True, help="Where a row of a table and its claims part.")
@click.option("--report", type=click.Path(path_type=Path), help="Write it as a page.")
@format_option
def claims(
    scenario: str,
    who: str,
    about: str,
    event: str,
    denied: bool,
    matters: bool,
    single: bool,
    parted: bool,
    report: Path | None,
    style: str,
) -> None:
    """List who asserts and who denies what, according to SCENARIO.

    Every statement keeps its speaker. How many there are is a choice of what was recorded, no
    weight of truth.
    """
    from detente.evidence import resolve
    from detente.evidence.testimony import asking

    writable(report, "--report", PAGES)
    result = asking.claims(resolve.load(scenario), who=who, about=about, event=event, denied=denied)
    if report is not None:
        result.report(report, command=command_line())
        click.echo(f"page: {report}", err=True)
    for chosen, view in ((matters, asking.matters), (single, asking.single_source),
                         (parted, asking.parted)):  # fmt: skip
        if chosen:
            frame = view(result)
            emit_rows(frame.to_dicts(), style, columns=frame.columns)
            return
    if style == "json":
        click.echo(json.dumps(result.to_dict(), indent=1, ensure_ascii=False))
    elif style == "csv":
        frame = result.table()
        emit_rows(frame.to_dicts(), "csv", columns=frame.columns)
    else:
        click.echo(repr(result))


@click.command()
@click.argument("scenario")
@click.argument("table")
@click.argument("row")
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table",
              show_default=True, help="How it is printed.")  # fmt: skip
def why(scenario: str, table: str, row: str, style: str) -> None:
    """Say why ROW stands in TABLE of SCENARIO: its source, who asserts it, who denies it.

    ROW is the row's key, such as i20240623_1 for an incident; a key of several columns is
    joined by '/', and its first columns alone stand for all rows that begin so.
    """
    from detente.evidence.resolve import load
    from detente.evidence.testimony.reasons import grounds

    rows: Any = grounds(load(scenario), table, row)
    if style == "json":
        click.echo(
            json.dumps([r.as_dict() for r in rows], indent=1, ensure_ascii=False, default=str)
        )
    else:
        click.echo("\n\n".join(r.as_text() for r in rows))
