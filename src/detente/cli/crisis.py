"""``detente crisis``: the record of a crisis, and the questions asked of its model."""

from __future__ import annotations

import functools
import json
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.crisis_reference import ladder, parameters
from detente.cli.options import (
    PAGES,
    Folder,
    command_line,
    emit_rows,
    format_option,
    numbers,
    progress,
    reading_options,
    writable,
)
from detente.errors import UsageError, interrupted

if TYPE_CHECKING:
    from detente.architecture.value import Architecture


SUFFIXES = (".zarr", ".nc", ".json")
"""What the answer to any question can be saved as."""


@click.group()
def crisis() -> None:
    """The record of a crisis, and what could become of it.

    It forecasts no policy and recommends none.
    """


crisis.add_command(parameters)
crisis.add_command(ladder)


@crisis.command()
@click.argument("scenario")
@click.option("--dyad", metavar="AAA-BBB", help="Only these two, such as RUS-USA.")
@click.option("--claimant", metavar="AAA", help="Only what this claimant says.")
@click.option("--incident", metavar="ID",
              help="Tell this incident, version by version; CSV: a row a claim.")  # fmt: skip
@click.option("--last", type=click.IntRange(min=1), default=12, show_default=True,
              help="Rows of each list; JSON and CSV have all.")  # fmt: skip
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.html",
              help="Write the record as a page.")  # fmt: skip
@format_option
@reading_options
def show(
    scenario: str,
    dyad: str | None,
    claimant: str | None,
    incident: str | None,
    last: int,
    report: Path | None,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """Show the record of SCENARIO: incidents on the ladder, who is a party according to whom,
    signals, channels and their silence, and one incident told version by version.
    """  # fmt: skip
    from detente.cli import crisis_show as shown
    from detente.crisis.record import record

    writable(report, "--report", PAGES)
    g: Architecture = how(scenario)
    which = None if dyad is None else record.read_dyad(g, dyad)
    who = None if claimant is None else record.read_claimant(g, claimant)
    if incident is not None:
        record.incident_of(g, incident)
    if report is not None:
        from detente.reporting.crisis.record import page
        from detente.reporting.page.render import write

        write(page(g, dyad=which, claimant=who, incident=incident, command=command_line()), report)
        click.echo(f"page: {report}", err=True)
    if style == "csv":
        click.echo(shown.as_csv(g, which, who, incident), nl=False)
    elif style == "json":
        document = shown.document(g, which, who, incident)
        click.echo(json.dumps(document, indent=1, ensure_ascii=False, default=str))
    else:
        shown.as_text(g, which, who, incident, last)


def model_options(
    replicas: int | None, days: float, draws: int | None = None
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that adds what all questions to the model share; some take no replicas."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        options = [
            click.option("--days", type=click.FloatRange(min=0, min_open=True), default=days,
                         show_default=True, help="Horizon."),
            click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True,
                         help="Seed: the same seed gives the same result to the last bit."),
            click.option("--set", "parameters", multiple=True, metavar="NAME=VALUE",
                         help="Another value of a parameter, such as defend=0.2."),
            click.option("--parameters", "given_file", metavar="FILE.json",
                         type=click.Path(exists=True, dir_okay=False, path_type=Path),
                         help="Values of parameters, such as 'detente calibrate crisis --out' "
                         "writes; --set goes before."),
            click.option("--start", "rungs", multiple=True, metavar="AAA-BBB=RUNG",
                         help="Where a dyad stands at the start, instead of by the record."),
            click.option("--threads", type=click.IntRange(min=1),
                         help="Threads; the result does not depend on it."),
            click.option("--save", type=click.Path(path_type=Path), metavar="FILE",
                         help="Save the result: .zarr, .nc or .json."),
        ]  # fmt: skip
        if replicas is not None:
            options.insert(
                1,
                click.option("--replicas", type=click.IntRange(min=1), default=replicas,
                             show_default=True, help="Replicas."),
            )  # fmt: skip

        if draws is not None:
            options.insert(
                2,
                click.option("--draws", type=click.IntRange(min=0), default=draws,
                             show_default=True,
                             help="Draws of the assumed parameters from their ranges, for the "
                             "interval of every chance; 0: none."),
            )  # fmt: skip

        @functools.wraps(command)
        def wrapped(
            *args: Any,
            days: float,
            seed: int,
            parameters: Sequence[str],
            given_file: Path | None,
            rungs: Sequence[str],
            threads: int | None,
            save: Path | None,
            **kwargs: Any,
        ) -> Any:
            _can_be_written(save, kwargs.get("report"))
            values: dict[str, float] = {}
            if given_file is not None:
                from detente.crisis.model.parameter_file import read_caution, read_parameters

                values = read_parameters(given_file)
                if caution := read_caution(given_file):
                    click.echo(f"{given_file}: {caution}", err=True)
            values |= numbers(parameters, "--set")
            with warnings.catch_warnings(record=True) as notes:
                warnings.simplefilter("always")
                values = _replaced(values)
            for note in notes:
                click.echo(str(note.message), err=True)
            options = {
                "days": days,
                **({} if replicas is None else {"replicas": kwargs.pop("replicas")}),
                **({} if draws is None else {"draws": kwargs.pop("draws")}),
                "seed": seed,
                "parameters": values,
                "start": _rungs(rungs),
                "threads": threads,
            }
            return command(*args, given=options, save=save, **kwargs)

        for option in reversed(options):
            wrapped = option(wrapped)
        return wrapped

    return decorate


def _can_be_written(save: Path | None, report: Path | None) -> None:
    """Refuse before the work what could not be kept after it."""
    writable(report, "--report", PAGES)
    writable(save, "--save", SUFFIXES)


def _replaced(values: dict[str, float]) -> dict[str, float]:
    from detente.crisis.model.settings import replaced

    return replaced(values)


def _rungs(pairs: Sequence[str]) -> dict[str, int]:
    from detente.crisis.model.arguments import twice

    rungs: dict[str, int] = {}
    for text in pairs:
        ((name, value),) = numbers([text], "--start").items()
        if not value.is_integer():
            raise click.UsageError(f"--start {name}={value:g}: a rung is a whole number, 0 to 5")
        if name in rungs:
            raise UsageError(twice(f"{name}={rungs[name]}", text))
        rungs[name] = int(value)
    return rungs


report_option = click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.html",
    help="Write the answer as a page.",
)  # fmt: skip
dyads_option = click.option(
    "--dyad", "dyads", multiple=True, metavar="AAA-BBB", help="A dyad of the crisis; repeatable."
)
acts_option = click.option(
    "--act", "acts", multiple=True, required=True, metavar="SENTENCE",
    help="What could be done: 'hotline RUS-USA', 'ceasefire RUS-UKR with separation', 'USA stops "
    "supplying UKR', 'RUS shows restraint', 'RUS retaliates against USA' (a dyad has no direction: "
    "either way round is the same), 'USA guarantees UKR', 'RUS is believed' (its account of who is "
    "a party is taken for true), or any change such as 'UKR joins NATO'; repeatable.",
)  # fmt: skip


@crisis.command()
@click.argument("scenario")
@click.option(
    "--out",
    type=Folder(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Keep the run here as it goes, with result.zarr at the end; the same command "
    "goes on with a run that was stopped.",
)
@click.option(
    "--cluster",
    metavar="tcp://HOST:PORT",
    help="Run on the workers of this Dask scheduler; the result is the same.",
)
@click.option(
    "--method",
    type=click.Choice(["auto", "events", "days"]),
    default="auto",
    show_default=True,
    help="Event by event, exact; by days, faster where incidents are many; or whichever is faster.",
)
@click.option("--ladder", "scale", metavar="FILE.json",
              type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="See the result on a ladder of your own: rungs from the lowest, each with its "
              "rung on the standard one.")  # fmt: skip
@model_options(replicas=100_000, days=365, draws=32)
@report_option
@format_option
@reading_options
def simulate(
    scenario: str,
    out: Path | None,
    cluster: str | None,
    method: str,
    scale: Path | None,
    given: dict[str, Any],
    report: Path | None,
    save: Path | None,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """How far could the crisis of SCENARIO climb, and who could be drawn in?"""
    from detente.crisis.record.ladder import read_ladder
    from detente.crisis.run.simulation import simulate as run

    own_ladder = None if scale is None else read_ladder(scale)
    try:
        with progress() as step:
            result = run(
                how(scenario), out=out, cluster=cluster, method=method, progress=step, **given
            )
    except BaseException as error:
        if out is not None and interrupted(error):
            click.echo(f"{out}: what was finished is kept; the same command goes on.", err=True)
        raise
    if out is not None:
        click.echo(f"saved: {out / 'result.zarr'}", err=True)
    on_mine = [] if own_ladder is None else result.on(own_ladder).to_dicts()
    if style == "json":
        _json(result.to_dict() | ({} if own_ladder is None else {"ladder": on_mine}))
    elif style == "csv":
        shown = result.dyads() if own_ladder is None else result.on(own_ladder)
        click.echo(shown.write_csv(), nl=False)
    else:
        click.echo(repr(result))
        if own_ladder is not None:
            _on_ladder(own_ladder.name, result.dyads()["dyad"].to_list(), on_mine)
    _save(result, save)
    if report is not None:
        result.report(report, command=command_line())
        click.echo(f"page: {report}", err=True)


def _on_ladder(name: str, order: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    """Print the chance of reaching each rung of the user's ladder, the dyads in an order."""
    of = {row["dyad"]: row for row in rows}
    click.echo(f"\nChance of reaching each rung of {name}")
    emit_rows([of[dyad] for dyad in order[:12]], "table")


@crisis.command()
@click.argument("scenario")
@dyads_option
@model_options(replicas=10_000, days=3650, draws=32)
@report_option
@format_option
@reading_options
def committor(
    scenario: str,
    dyads: Sequence[str],
    given: dict[str, Any],
    report: Path | None,
    save: Path | None,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """How likely is war before calm in SCENARIO, and how does that depend on the rungs?"""
    from detente.crisis.questions.committor import committor as ask

    _emit(ask(how(scenario), dyads=dyads, **given), style, save, report, _map_rows)


@crisis.command()
@click.argument("scenario")
@acts_option
@dyads_option
@click.option("--outcome", type=click.Choice(["war", "wars", "states"]), default="war",
              show_default=True,
              help="What the acts are ranked by: the chance of a new war, the number of new wars, "
              "or that of states newly at war.")  # fmt: skip
@model_options(replicas=20_000, days=365, draws=16)
@report_option
@format_option
@reading_options
def intervene(
    scenario: str,
    acts: Sequence[str],
    dyads: Sequence[str],
    outcome: str,
    given: dict[str, Any],
    report: Path | None,
    save: Path | None,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """Which single act moves the chance of a new war in SCENARIO most?"""
    from detente.crisis.questions.intervene import intervene as ask

    answer = ask(how(scenario), acts, dyads=dyads, outcome=outcome, **given)
    _emit(answer, style, save, report, _column_rows("act"))


@crisis.command("no-return")
@click.argument("scenario")
@acts_option
@dyads_option
@click.option("--paths", type=click.IntRange(min=1), default=10, show_default=True,
              help="Paths to war that are looked at.")  # fmt: skip
@model_options(replicas=400, days=3650)
@report_option
@format_option
@reading_options
def no_return(
    scenario: str,
    acts: Sequence[str],
    dyads: Sequence[str],
    paths: int,
    given: dict[str, Any],
    report: Path | None,
    save: Path | None,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """From which state on sampled paths to war does none of the acts help any more?"""
    from detente.crisis.questions.no_return import no_return as ask

    with progress() as step:
        answer = ask(how(scenario), acts, dyads=dyads, paths=paths, progress=step, **given)
    _emit(answer, style, save, report, _column_rows("path"))


@crisis.command()
@click.argument("scenario")
@click.option("--dyad", "dyads", multiple=True, required=True, metavar="AAA-BBB",
              help="A dyad whose war is meant; repeatable.")  # fmt: skip
@click.option("--paths", type=click.IntRange(min=2), default=200, show_default=True,
              help="Paths a repetition.")  # fmt: skip
@click.option("--repetitions", type=click.IntRange(min=2), default=20, show_default=True,
              help="Independent repetitions, which give the error.")  # fmt: skip
@model_options(replicas=None, days=365, draws=32)
@report_option
@format_option
@reading_options
def rare(
    scenario: str,
    dyads: Sequence[str],
    paths: int,
    repetitions: int,
    given: dict[str, Any],
    report: Path | None,
    save: Path | None,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """How likely is a war in SCENARIO that is too rare to be met by simulation?

    War on any of the dyads counts. By adaptive multilevel splitting, without bias.
    """
    from detente.crisis.questions.rare import rare as ask

    with progress() as step:
        answer = ask(
            how(scenario), dyads, paths=paths, repetitions=repetitions, progress=step, **given
        )
    _emit(answer, style, save, report, _column_rows("repetition"))


def _emit(
    found: Any,
    style: str,
    save: Path | None,
    report: Path | None,
    rows: Callable[[Any], list[dict[str, Any]]],
) -> None:
    if style == "json":
        _json(found.to_dict())
    elif style == "csv":
        emit_rows(rows(found.data), "csv")
    else:
        click.echo(repr(found))
    _save(found, save)
    if report is not None:
        found.report(report, command=command_line())
        click.echo(f"page: {report}", err=True)


def _map_rows(data: Any) -> list[dict[str, Any]]:
    """Return the committor from the present state and over the map, a row each."""
    import numpy as np

    rows = [
        {
            "rungs": "present",
            "committor": float(data["committor"]),
            "error": float(data["committor_error"]),
        }
    ]
    names = list(data["hottest"].values)
    for place in np.ndindex(data["map"].shape):
        rungs = " ".join(f"{name}={k}" for name, k in zip(names, place, strict=True))
        value, error = float(data["map"].values[place]), float(data["map_error"].values[place])
        rows.append({"rungs": rungs, "committor": value, "error": error})
    return rows


def _column_rows(dimension: str) -> Callable[[Any], list[dict[str, Any]]]:
    def rows(data: Any) -> list[dict[str, Any]]:
        names = [name for name, v in data.data_vars.items() if v.dims == (dimension,)]
        return [
            {
                dimension: value.item(),
                **{name: float(data[name].values[k]) for name in names},
            }
            for k, value in enumerate(data[dimension].values)
        ]

    return rows


def _json(document: dict[str, Any]) -> None:
    click.echo(json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False))


def _save(result: Any, save: Path | None) -> None:
    if save is not None:
        result.save(save)
        click.echo(f"saved: {save}", err=True)
