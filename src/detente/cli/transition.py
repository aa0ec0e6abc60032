"""``detente compare``, ``explain``, ``dependence``, ``collapse`` and ``plan``."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
from detente.cli.workforce import work_options

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.results import Result

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


@dataclass(frozen=True)
class SharedQuestion:
    """What every question of the room is asked with, and what becomes of the answer.

    Attributes
    ----------
    given : dict
        Arguments that all questions share, by name.
    load : callable
        From a scenario to its architecture.
    report, save : path or None
        Where the page goes, and the result.
    style : str
        How it is printed.
    """

    given: dict[str, Any]
    load: Callable[[str], Architecture]
    report: Path | None
    save: Path | None
    style: str

    def show(self, result: Result) -> None:
        """Print a result, save it, write its page."""
        if self.style == "json":
            text = json.dumps(result.to_dict(), indent=1, ensure_ascii=False, allow_nan=False)
            click.echo(text)
        elif self.style == "csv":
            click.echo(result.table().write_csv(), nl=False)
        else:
            click.echo(repr(result))
        if self.save is not None:
            result.save(self.save)
            click.echo(f"saved: {self.save}", err=True)
        if self.report is not None:
            result.report(self.report, command=command_line())
            click.echo(f"page: {self.report}", err=True)


def shared_options(*, draws: int | None = None, several: bool = False) -> Decorator:
    """Return what adds the options of every question; the command gets ``asked``, a
    `SharedQuestion`.

    Parameters
    ----------
    draws : int, optional
        How many draws there are if nothing is said; None: the question draws no parameters.
    several : bool
        Whether it is asked of several lenses at once.
    """
    lens = click.option(
        "--lens", multiple=several, metavar="LENS", show_default=True,
        default=("coalition",) if several else "coalition",
        help="Model to look through; repeat for several, 'all' for every one." if several
        else "Model to look through.",
    )  # fmt: skip
    drawing: list[Decorator] = [] if draws is None else [
        click.option(
            "--draws", type=click.IntRange(min=0), default=draws, show_default=True,
            help="Draws of the lens's uncertain parameters; 0 for the point estimate alone.",
        ),
        work_options(pieces=True),
    ]  # fmt: skip
    options: list[Decorator] = [
        lens,
        *drawing,
        click.option(
            "--seed", type=click.IntRange(min=0), default=0, show_default=True,
            help="Seed of all chance.",
        ),
        click.option(
            "--set", "parameters", multiple=True, metavar="NAME=VALUE",
            help="Fix a parameter of a lens, such as coalition.burden=0; it is then not drawn.",
        ),
        click.option(
            "--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.html",
            help="Write the result as a page.",
        ),
        click.option(
            "--save", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
            help="Save the result: .nc, .zarr, .json or .csv.",
        ),
        format_option,
        reading_options,
    ]  # fmt: skip

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def wrapped(
            *, lens: str | Sequence[str], seed: int, parameters: Sequence[str],
            report: Path | None, save: Path | None, style: str, how: Any, **own: Any,
        ) -> Any:  # fmt: skip
            # Refused before the work rather than after it.
            writable(report, "--report", PAGES)
            writable(save, "--save", {".nc", ".zarr", ".json", ".csv"})
            drawn = {} if draws is None else {name: own.pop(name) for name in ("draws", "work")}
            given = {
                "lens": list(lens) if several else lens,
                "seed": seed,
                "parameters": numbers(parameters, "--set"),
                **drawn,
            }
            return command(asked=SharedQuestion(given, how, report, save, style), **own)

        decorated: Callable[..., Any] = wrapped
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate


@click.command()
@click.argument("scenario")
@click.argument("names", nargs=-1)
@shared_options(draws=100, several=True)
def compare(scenario: str, names: Sequence[str], asked: SharedQuestion) -> None:
    """Put proposals for SCENARIO side by side: who gains, who pays, who would consent.

    NAMES are bundled proposals (helsinki, or helsinki:text for one reading), sentences such as
    'AAA joins ORG', or paths of other packages; every bundled proposal if left out.
    """
    from detente.transition.comparison import compare as run

    result = run(asked.load(scenario), list(names) or None, **asked.given)
    asked.show(result)


@click.command()
@click.argument("scenario")
@click.argument("state")
@click.option(
    "--change", metavar="CHANGE",
    help="Explain what this change gives to the state: a sentence or a proposal.",
)  # fmt: skip
@click.option(
    "--orders", type=click.IntRange(min=4), default=200, show_default=True,
    help="Orders sampled where there are many sources; an even number.",
)  # fmt: skip
@shared_options()
def explain(
    scenario: str, state: str, change: str | None, orders: int, asked: SharedQuestion
) -> None:
    """Say why the security of STATE is what it is: the lens's own sum, and each source of ties."""
    from detente.transition.explanation import explain as run

    result = run(asked.load(scenario), state, change=change, orders=orders, **asked.given)
    asked.show(result)


@click.command()
@click.argument("scenario")
@click.argument("actor")
@click.option(
    "--orders", type=click.IntRange(min=1), default=3, show_default=True,
    help="Orders in which those who lose reply.",
)  # fmt: skip
@shared_options(draws=100)
def dependence(scenario: str, actor: str, orders: int, asked: SharedQuestion) -> None:
    """Say what each state would lose without the commitments, forces and deliveries of ACTOR."""
    from detente.transition.dependences import dependence as run

    result = run(asked.load(scenario), actor, orders=orders, **asked.given)
    asked.show(result)


@click.command()
@click.argument("scenario")
@click.argument("organisation")
@click.option("--first", multiple=True, metavar="STATE", help="Who leaves first; repeatable.")
@click.option("--cost", type=float, help="Cost of membership, in the lens's unit.")
@click.option("--burden", type=float, help="Instead of a cost: what helping others costs.")
@shared_options(draws=10)
def collapse(
    scenario: str, organisation: str, first: Sequence[str], cost: float | None,
    burden: float | None, asked: SharedQuestion,
) -> None:  # fmt: skip
    """Say who would stay in ORGANISATION as a function of what membership costs.

    ORGANISATION is the code of one, the code of a state (or 'every commitment of RUS') for
    everything that ties others to it, or the name of a commitment, such as a treaty. No lens
    sees arms control: about a regime of it the answer is that.
    """
    from detente.transition.collapsing import collapse as run

    result = run(
        asked.load(scenario), organisation, first=list(first), cost=cost, burden=burden,
        **asked.given,
    )  # fmt: skip
    asked.show(result)


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
    help="Share of draws in which rule and consent must hold; the point estimate if left out.",
)  # fmt: skip
@shared_options(draws=100, several=True)
def plan(
    scenario: str, target: str | None, menus: Sequence[str], rule: str, consent: str,
    package: int | None, budget: float | None, share: float | None, asked: SharedQuestion,
) -> None:  # fmt: skip
    """Plan a way from SCENARIO to TARGET on which nobody falls below the start.

    TARGET is a bundled proposal or a sentence; every bundled proposal if left out, a row each.
    """
    from detente.transition.planning import plan as run

    result = run(
        asked.load(scenario), target, menu=menus[0] if len(menus) == 1 else list(menus), rule=rule,
        consent=consent, package=package, share=share,
        budget=float("inf") if budget is None else budget, **asked.given,
    )  # fmt: skip
    asked.show(result)
