"""``detente compare``, ``explain``, ``dependence``, ``collapse`` and ``plan``."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.options import (
    PAGES,
    command_line,
    format_option,
    numbers,
    reading_options,
    writable,
)

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.results import Result

Load = Callable[[str], "Architecture"]

lenses_option = click.option(
    "--lens", "lenses", multiple=True, metavar="LENS", default=("coalition",), show_default=True,
    help="Model to look through; repeat for several, 'all' for every one.",
)  # fmt: skip
lens_option = click.option(
    "--lens", metavar="LENS", default="coalition", show_default=True,
    help="Model to look through.",
)  # fmt: skip
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of all chance."
)
set_option = click.option(
    "--set", "parameters", multiple=True, metavar="NAME=VALUE",
    help="Fix a parameter of a lens, such as coalition.burden=0; it is then not drawn.",
)  # fmt: skip
report_option = click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.html",
    help="Write the result as a page.",
)  # fmt: skip
save_option = click.option(
    "--save", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Save the result: .nc, .zarr, .json or .csv.",
)  # fmt: skip


def draws_option(default: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option for the number of draws."""
    return click.option(
        "--draws", type=click.IntRange(min=0), default=default, show_default=True,
        help="Draws of the lens's uncertain parameters; 0 for the point estimate alone.",
    )  # fmt: skip


def shown(result: Result, style: str, report: Path | None, save: Path | None) -> None:
    """Print a result, write its page, save it."""
    if style == "json":
        click.echo(json.dumps(result.to_dict(), indent=1, ensure_ascii=False, allow_nan=False))
    elif style == "csv":
        click.echo(result.table().write_csv(), nl=False)
    else:
        click.echo(repr(result))
    if save is not None:
        result.save(save)
        click.echo(f"saved: {save}", err=True)
    if report is not None:
        result.report(report, command=command_line())
        click.echo(f"page: {report}", err=True)


def checked(report: Path | None, save: Path | None) -> None:
    """Refuse before the work rather than after it."""
    writable(report, "--report", PAGES)
    writable(save, "--save", {".nc", ".zarr", ".json", ".csv"})


@click.command()
@click.argument("scenario")
@click.argument("names", nargs=-1)
@lenses_option
@draws_option(100)
@seed_option
@set_option
@report_option
@save_option
@format_option
@reading_options
def compare(
    scenario: str, names: Sequence[str], lenses: Sequence[str], draws: int, seed: int,
    parameters: Sequence[str], report: Path | None, save: Path | None, style: str, how: Load,
) -> None:  # fmt: skip
    """Put proposals for SCENARIO side by side: who gains, who pays, who would consent.

    NAMES are bundled proposals (helsinki, or helsinki:text for one reading), sentences such as
    'AAA joins ORG', or paths of other packages; every bundled proposal if left out.
    """
    from detente.transition.comparison import compare as run

    checked(report, save)
    result = run(
        how(scenario), list(names) or None, lens=list(lenses), draws=draws, seed=seed,
        parameters=numbers(parameters, "--set"),
    )  # fmt: skip
    shown(result, style, report, save)


@click.command()
@click.argument("scenario")
@click.argument("state")
@click.option(
    "--change", metavar="CHANGE",
    help="Explain what this change gives to the state: a sentence or a proposal.",
)  # fmt: skip
@lens_option
@click.option(
    "--orders", type=click.IntRange(min=4), default=200, show_default=True,
    help="Orders sampled where there are many sources; an even number.",
)  # fmt: skip
@seed_option
@set_option
@report_option
@save_option
@format_option
@reading_options
def explain(
    scenario: str, state: str, change: str | None, lens: str, orders: int, seed: int,
    parameters: Sequence[str], report: Path | None, save: Path | None, style: str, how: Load,
) -> None:  # fmt: skip
    """Say why the security of STATE is what it is: the lens's own sum, and each source of ties."""
    from detente.transition.explanation import explain as run

    checked(report, save)
    result = run(
        how(scenario), state, change=change, lens=lens, orders=orders, seed=seed,
        parameters=numbers(parameters, "--set"),
    )  # fmt: skip
    shown(result, style, report, save)


@click.command()
@click.argument("scenario")
@click.argument("actor")
@lens_option
@draws_option(100)
@click.option(
    "--orders", type=click.IntRange(min=1), default=3, show_default=True,
    help="Orders in which those who lose reply.",
)  # fmt: skip
@seed_option
@set_option
@report_option
@save_option
@format_option
@reading_options
def dependence(
    scenario: str, actor: str, lens: str, draws: int, orders: int, seed: int,
    parameters: Sequence[str], report: Path | None, save: Path | None, style: str, how: Load,
) -> None:  # fmt: skip
    """Say what each state would lose without the commitments, forces and deliveries of ACTOR."""
    from detente.transition.dependences import dependence as run

    checked(report, save)
    result = run(
        how(scenario), actor, lens=lens, draws=draws, orders=orders, seed=seed,
        parameters=numbers(parameters, "--set"),
    )  # fmt: skip
    shown(result, style, report, save)


@click.command()
@click.argument("scenario")
@click.argument("organisation")
@click.option("--first", multiple=True, metavar="STATE", help="Who leaves first; repeatable.")
@click.option("--cost", type=float, help="Cost of membership, in the lens's unit.")
@click.option("--burden", type=float, help="Instead of a cost: what helping others costs.")
@lens_option
@draws_option(10)
@seed_option
@set_option
@report_option
@save_option
@format_option
@reading_options
def collapse(
    scenario: str, organisation: str, first: Sequence[str], cost: float | None,
    burden: float | None, lens: str, draws: int, seed: int, parameters: Sequence[str],
    report: Path | None, save: Path | None, style: str, how: Load,
) -> None:  # fmt: skip
    """Say who would stay in ORGANISATION as a function of what membership costs.

    ORGANISATION is the code of one, the code of a state (or 'every commitment of RUS') for
    everything that ties others to it, or the name of a commitment, such as a treaty. No lens
    sees arms control: about a regime of it the answer is that.
    """
    from detente.transition.collapsing import collapse as run

    checked(report, save)
    result = run(
        how(scenario), organisation, first=list(first), cost=cost, burden=burden, lens=lens,
        draws=draws, seed=seed, parameters=numbers(parameters, "--set"),
    )  # fmt: skip
    shown(result, style, report, save)


@click.command()
@click.argument("scenario")
@click.argument("target", required=False)
@click.option(
    "--menu", "menus", multiple=True, metavar="MENU", default=("measures",), show_default=True,
    help="What may be offered besides: measures, on_the_table, none, or a sentence; repeatable.",
)  # fmt: skip
@click.option(
    "--rule", type=click.Choice(["start", "step", "bounded", "compensated"]), default="start",
    show_default=True, help="Who must not fall below what.",
)  # fmt: skip
@click.option(
    "--consent", type=click.Choice(["none", "willing", "weak", "strong"]), default="none",
    show_default=True, help="Who must agree to each step.",
)  # fmt: skip
@click.option("--package", type=click.IntRange(min=1), help="Most edits in one step.")
@click.option("--budget", type=click.FloatRange(min=0), help="For the rule bounded, in tolerances.")
@click.option(
    "--share", type=click.FloatRange(min=0, max=1, min_open=True),
    help="A state loses if it does in this share of draws; at the point estimate if left out.",
)  # fmt: skip
@lenses_option
@draws_option(100)
@seed_option
@set_option
@report_option
@save_option
@format_option
@reading_options
def plan(
    scenario: str, target: str | None, menus: Sequence[str], rule: str, consent: str,
    package: int | None, budget: float | None, share: float | None, lenses: Sequence[str],
    draws: int, seed: int, parameters: Sequence[str], report: Path | None, save: Path | None,
    style: str, how: Load,
) -> None:  # fmt: skip
    """Plan a way from SCENARIO to TARGET on which nobody falls below the start.

    TARGET is a bundled proposal or a sentence; every bundled proposal if left out, a row each.
    """
    from detente.transition.planning import plan as run

    checked(report, save)
    result = run(
        how(scenario), target, menu=menus[0] if len(menus) == 1 else list(menus), rule=rule,
        consent=consent, package=package, lens=list(lenses), draws=draws, share=share, seed=seed,
        budget=float("inf") if budget is None else budget,
        parameters=numbers(parameters, "--set"),
    )  # fmt: skip
    shown(result, style, report, save)
