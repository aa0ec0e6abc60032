"""``detente audit``."""

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
    format_option,
    lens_parameters,
    numbers,
    progress,
    reading_options,
    writable,
)

KINDS = (
    "commit withdraw join leave reconcile guarantee pledge neutral station withdraw_forces supply "  # noqa: SIM905
    "stop_supplying ease sharpen dissolve".split()
)
"""Kinds of feasible change, those tried by default first; a test holds them to the rule."""


@click.command()
@click.argument("scenario")
@click.option(
    "--lens",
    "lenses",
    multiple=True,
    metavar="LENS",
    default=("coalition",),
    show_default=True,
    help="Model to look through; repeat for several, 'all' for every one.",
)
@click.option(
    "--change",
    "changes",
    multiple=True,
    metavar="SENTENCE",
    help="Try this change instead of every feasible one, such as 'UKR joins NATO'; repeatable.",
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice(KINDS),
    help="Try only feasible changes of this kind; repeatable. The first five are the default.",
)
@click.option(
    "--on-the-table",
    is_flag=True,
    help="Answer only what somebody has asked for, with all rows; no hypothetical changes.",
)
@click.option(
    "--concerns",
    multiple=True,
    metavar="STATE",
    help="Only changes that edit a tie of this state, or that it asks for or decides; repeatable.",
)
@click.option(
    "--draws",
    type=click.IntRange(min=0),
    default=500,
    show_default=True,
    help="Draws of the lens's uncertain parameters; 0 for the point estimate alone.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the draws."
)
@click.option(
    "--set",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Fix a parameter of a lens, such as contest.beta=0.1; it is then not drawn.",
)
@click.option(
    "--parameters",
    "parameter_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Fix the lens parameters of a file, as 'detente calibrate coalition --out' writes it.",
)
@click.option(
    "--materiality",
    type=click.FloatRange(min=0),
    default=0.01,
    show_default=True,
    help="A want or a harm counts beyond this share of the interquartile range of security.",
)
@click.option(
    "--tolerance",
    type=float,
    default=None,
    help="What a delta must exceed to count, in the unit of lenses that declare one; drawn if "
    "left out.",
)
@click.option(
    "--threads", type=click.IntRange(min=1), help="Threads; the result does not depend on it."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder in which draws are kept as they are done: the same command goes on from there.",
)
@click.option(
    "--cluster",
    help="Address of a Dask scheduler, such as tcp://10.0.0.5:8786, whose workers do the draws.",
)
@click.option(
    "--alternatives/--no-alternatives",
    default=True,
    help="Whether to ask again under other codings, such as another measure of capability.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.html",
    help="Write the result as a page.",
)
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save the result: .nc, .json or .csv.",
)
@click.option(
    "--sensitivity",
    is_flag=True,
    help="Say which parameter drives the verdict (needs the extra detente[sensitivity]).",
)
@click.option("--fail-on-witness", is_flag=True, help="Exit with code 1 if security is divisible.")
@format_option
@reading_options
def audit(
    scenario: str,
    lenses: Sequence[str],
    changes: Sequence[str],
    kinds: Sequence[str],
    on_the_table: bool,
    concerns: Sequence[str],
    draws: int,
    seed: int,
    parameters: Sequence[str],
    parameter_file: Path | None,
    materiality: float,
    tolerance: float | None,
    threads: int | None,
    out: Path | None,
    cluster: str | None,
    alternatives: bool,
    report: Path | None,
    save: Path | None,
    sensitivity: bool,
    fail_on_witness: bool,
    style: str,
    how: Callable[[str], Any],
) -> None:
    """How secure is each state of SCENARIO, is security indivisible, and who pays for whom?

    SCENARIO is the name of a bundled scenario (detente scenarios), the path of a package, or a
    year or a day since 1816 (1914, 1914-07-28), from your data folder. What is on the table is
    answered first, under every model; then every feasible single change is tried.
    """  # fmt: skip
    from detente.auditing.run import audit as run

    writable(report, "--report", PAGES)
    writable(save, "--save", {".nc", ".json", ".csv"})
    g = how(scenario)
    with progress() as step:
        result = run(
            g,
            list(changes) or None,
            lens=list(lenses),
            draws=draws,
            seed=seed,
            materiality=materiality,
            tolerance=tolerance,
            parameters={
                **({} if parameter_file is None else lens_parameters(parameter_file)),
                **numbers(parameters, "--set"),
            },
            kinds=kinds or None,
            on_the_table=on_the_table or None,
            concerns=concerns,
            alternatives=alternatives,
            threads=threads,
            out=out,
            cluster=cluster,
            progress=step,
        )
    sensitivities = result.sensitivity(seed=seed) if sensitivity else []
    if style == "json":
        click.echo(json.dumps(result.to_dict(), indent=1, ensure_ascii=False, allow_nan=False))
    elif style == "csv":
        click.echo(_csv(result, table=on_the_table), nl=False)
    else:
        click.echo(repr(result))
        if sensitivities:
            click.echo("\nWhich parameter drives the indivisibility index")
            click.echo("\n".join(f"  {line}" for line in sensitivities))
    if save is not None:
        result.save(save)
        click.echo(f"saved: {save}", err=True)
    if report is not None:
        result.report(report, command=command_line(), architecture=g, sensitivity=sensitivities)
        click.echo(f"page: {report}", err=True)
    if fail_on_witness and any(result.witnesses(lens).height for lens in result.lenses):
        sys.exit(1)


def _csv(result: Any, *, table: bool) -> str:
    """Return the table of changes, all lenses one below the other, or what is on the table."""
    import polars as pl

    if table:
        return str(result.on_the_table().write_csv())

    frames = [
        result.changes(lens).select(pl.lit(lens).alias("lens"), pl.all()) for lens in result.lenses
    ]
    return str(pl.concat(frames).write_csv())
