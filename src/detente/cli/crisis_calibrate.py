"""``detente calibrate crisis``: parameters of the model of escalation from data."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.options import format_option
from detente.cli.workforce import work_options

if TYPE_CHECKING:
    from detente.architecture.promises import Pair
    from detente.crisis.calibration.dispute_rates import Calibration
    from detente.crisis.calibration.events import Events
    from detente.crisis.calibration.excitation import Excitation
    from detente.runs import Workforce

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("crisis")
@click.argument("disputes", required=False, type=FILE)
@click.option(
    "--until",
    type=int,
    default=1979,
    show_default=True,
    help="Last year of the disputes that are fitted.",
)
@click.option(
    "--later",
    type=(int, int),
    default=(1980, 1989),
    show_default=True,
    help="First and last year of those that are held out.",
)
@click.option(
    "--events",
    "files",
    type=FILE,
    multiple=True,
    metavar="FILE",
    help="Fit background, excitation and memory to this event file instead: a GDELT "
    "2.0 export, ICEWS, or UCDP GED; repeatable.",
)
@click.option(
    "--dyad",
    "dyads",
    multiple=True,
    metavar="AAA-BBB",
    help="Events of these two, such as IND-PAK; repeatable.",
)
@click.option("--scenario", help="Events of the rivalries of this scenario.")
@click.option(
    "--rung",
    type=click.IntRange(1, 4),
    default=2,
    show_default=True,
    help="An event counts from this rung on: 2 threat, 3 display, 4 use of force.",
)
@click.option(
    "--from",
    "first",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="First day; by default that of the first event.",
)
@click.option(
    "--to",
    "last",
    type=DAY,
    metavar="YYYY-MM-DD",
    help="Last day; by default that of the last event.",
)
@click.option(
    "--stood",
    type=click.IntRange(0, 5),
    default=1,
    show_default=True,
    help="Rung on which the dyads stood meanwhile; their background is that of it.",
)
@click.option("--each", is_flag=True, help="Fit every dyad by itself as well.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Seed of the samples behind the intervals.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Write the parameters, for: detente crisis simulate --parameters FILE.json",
)
@work_options(pieces=True)
@format_option
def calibrate(
    disputes: Path | None,
    until: int,
    later: tuple[int, int],
    files: Sequence[Path],
    dyads: Sequence[str],
    scenario: str | None,
    rung: int,
    first: dt.datetime | None,
    last: dt.datetime | None,
    stood: int,
    each: bool,
    seed: int,
    out: Path | None,
    work: Workforce,
    style: str,
) -> None:
    """Fit parameters of the model of escalation to disputes or to events.

    DISPUTES is a table of Militarized Interstate Disputes with columns styear, mindur, maxdur
    and hostlev, by default that of the data folder: rates of climbing and falling are fitted to
    the disputes up to a year and held to later ones. With --events, background, excitation and
    memory are fitted to what happened between dyads.
    """
    if out is not None and not out.resolve().parent.is_dir():
        raise click.UsageError(f"{out}: the folder does not exist")
    if files:
        if disputes is not None:
            raise click.UsageError(
                "either a table of disputes or --events, not both; a further event file is "
                f"--events {disputes}"
            )
        _only_disputes("until", "later")
        fitted, parameters, source = _events(
            files, dyads, scenario, rung, first, last, stood, each, seed, work
        )
        rows = fitted["each"] if each else [fitted["pooled"]]
    else:
        fitted, parameters, source, rows = _disputes(disputes, until, later, work)
    if style == "json":
        click.echo(json.dumps({**source, "parameters": parameters}, indent=1, ensure_ascii=False))
    elif style == "csv":
        from detente.cli.options import emit_rows

        emit_rows(rows, "csv", columns=list(dict.fromkeys(name for row in rows for name in row)))
    else:
        click.echo(fitted["text"])
        settings = " ".join(f"--set {name}={value:.6g}" for name, value in parameters.items())
        click.echo(f"\nAs parameters of the model: {settings}")
        if caution := source.get("caution"):
            click.echo(caution)
    if out is not None:
        from detente.crisis.model.parameter_file import write_parameters

        write_parameters(out, parameters, source)
        click.echo(f"parameters: {out}", err=True)


def _only_disputes(*names: str) -> None:
    """Refuse options that say something of disputes only."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(
                f"--{name} is for a table of disputes; the window of events is --from and --to"
            )


def _disputes(
    path: Path | None, until: int, later: tuple[int, int], work: Workforce
) -> tuple[dict[str, Any], dict[str, float], dict[str, Any], list[dict[str, Any]]]:
    """Fit disputes and return the text, the parameters, everything, and the rows of a table."""
    from detente.crisis.calibration.dispute_rates import calibrate as fit
    from detente.crisis.calibration.dispute_tables import kept_disputes, read_disputes

    file = kept_disputes() if path is None else path
    calibration: Calibration = fit(read_disputes(file), until=until, later=later, work=work)
    document = {"disputes": file.name, **calibration.to_dict()}
    return (
        {"text": repr(calibration)},
        calibration.parameters(),
        document,
        calibration.table.to_dicts(),
    )


def _events(
    files: Sequence[Path], dyads: Sequence[str], scenario: str | None, rung: int,
    first: dt.datetime | None, last: dt.datetime | None, stood: int, each: bool, seed: int,
    work: Workforce,
) -> tuple[dict[str, Any], dict[str, float], dict[str, Any]]:  # fmt: skip
    """Fit events and return text and rows, the parameters, and everything."""
    from detente.crisis.calibration.events import read_events
    from detente.crisis.calibration.excitation import fit_events

    events = read_events(files)
    # At once, so that it is said as well where there is too little for a fit.
    click.echo(repr(events), err=True)
    named = _named(events, dyads)
    which = named + _of(scenario) or None
    window: dict[str, Any] = {
        "first": first.date() if first else None,
        "last": last.date() if last else None,
    }
    pooled = fit_events(events, dyads=which, rung=rung, seed=seed, work=work, **window)
    text = [repr(pooled)]
    rows = []
    if each:
        for dyad in pooled.dyads:
            rows.append(_alone(events, dyad, rung, seed, window, work))
        text += ["", "Each dyad by itself:", *(_line(row) for row in rows)]
    document = {"events": [file.name for file in files], **pooled.to_dict()}
    if each:
        document["each"] = rows
    content = {"text": "\n".join(text), "each": rows, "pooled": _row("all", pooled)}
    return content, pooled.parameters(stood=stood), document


def _named(events: Events, dyads: Sequence[str]) -> list[Pair]:
    """Read the dyads that were named; say of which states no event is in the files.

    A state may have had none, so that its dyads count as quiet; a code that is nobody's is a slip,
    which the fit refuses.
    """
    from detente.architecture.promises import pair
    from detente.crisis.calibration.events import codes
    from detente.crisis.model.arguments import split_dyad

    pairs = [pair(*split_dyad(text)) for text in dyads]
    quiet = set(codes().values()) - events.sides()
    for code in dict.fromkeys(code for dyad in pairs for code in dyad if code in quiet):
        click.echo(
            f"Nobody of the code {code} is in the event files: its dyads count as quiet.", err=True
        )
    return pairs


def _of(scenario: str | None) -> list[Pair]:
    """Return the dyads of a scenario between which incidents come of themselves."""
    if scenario is None:
        return []
    from detente.crisis.calibration.events import codes
    from detente.crisis.model.escalation import build
    from detente.evidence.resolve import load

    states = set(codes().values())
    model = build(load(scenario))
    rivals = [d for d, rate in zip(model.dyads, model.background, strict=True) if rate > 0]
    if others := ["-".join(d) for d in rivals if not states.issuperset(d)]:
        text = f"Left out, since event files have no code for a side: {', '.join(others)}."
        click.echo(text, err=True)
    return [d for d in rivals if states.issuperset(d)]


def _alone(
    events: Events, dyad: Pair, rung: int, seed: int, window: dict[str, Any], work: Workforce
) -> dict[str, Any]:
    from detente.crisis.calibration.excitation import fit_events
    from detente.errors import Undefined, UsageError

    try:
        fitted = fit_events(events, dyads=[dyad], rung=rung, seed=seed, work=work, **window)
    except (Undefined, UsageError) as error:
        return {"dyad": "-".join(dyad), "no_fit": str(error).split(": ")[0]}
    return _row("-".join(dyad), fitted)


def _row(name: str, fit: Excitation) -> dict[str, Any]:
    return {
        "dyad": name,
        "incident_days": fit.incident_days,
        **{
            f"{what}{end}": value[k]
            for what, value in (
                ("background_a_year", fit.mean),
                ("branching_ratio", fit.branching),
                ("memory_days", fit.memory),
            )
            for k, end in enumerate(("", "_low", "_high"))
        },
    }


def _line(row: dict[str, Any]) -> str:
    if "no_fit" in row:
        return f"  {row['dyad']:<10} no fit: {row['no_fit']}"
    cells = [
        f"{row[what]:.3g} ({row[f'{what}_low']:.2g} to {row[f'{what}_high']:.2g})"
        for what in ("background_a_year", "branching_ratio", "memory_days")
    ]
    return (
        f"  {row['dyad']:<10} background {cells[0]} a year, excitation {cells[1]}, memory "
        f"{cells[2]} days"
    )
