"""``detente backtest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from detente.evidence.backtest import Backtest


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdigit() and last.isdigit()):
        raise click.BadParameter(f"'{text}' is no span of years such as 1816-1989")
    return int(first), int(last)


def _tell(doing: str) -> None:
    """Say what is being done, beside the result and not in it."""
    click.echo(doing, err=True)


@click.command()
@click.option(
    "--disputes",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Disputes by directed dyad-year (GML's format); without it those of the data folder.",
)
@click.option("--train", default="1816-1989", show_default=True, help="Years to fit on.")
@click.option("--test", default="1990-2010", show_default=True, help="Years to predict.")
@click.option(
    "--unit", type=click.Choice(["dyad-year"]), default="dyad-year", help="What a row is."
)
@click.option("--relevant", is_flag=True, help="Only politically relevant pairs.")
@click.option("--rolling", is_flag=True, help="Train to 1949, 1959, 1969, 1979; test ten years.")
@click.option("--lenses/--no-lenses", default=True, help="Score each lens's measure alone too.")
@click.option("--draws", default=500, show_default=True, help="Bootstrap draws, by pair.")
@click.option("--seed", default=1, show_default=True, help="Seed of the bootstrap.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder for predictions and scores.")
def backtest(
    disputes: Path | None,
    train: str,
    test: str,
    unit: str,
    relevant: bool,
    rolling: bool,
    lenses: bool,
    draws: int,
    seed: int,
    out: Path | None,
) -> None:
    """Fit on past years, predict later ones, and score the predictions against them.

    The fit knows the training years alone. A test year is predicted from what the years before
    it had shown, earlier test years among them. FOLDER gets predictions.csv (year, ccode1,
    ccode2, probability, and more), scores.csv, calibration.csv and scores.json.
    """
    from detente.evidence import backtest as room

    years, span = _years(train), _years(test)
    if not rolling:
        room.check_years(years, span)
    measures = {}
    if lenses:
        from detente.evidence.hazard import ORIGINS
        from detente.lenses import names
        from detente.report import lens_measures

        # The last test year is predicted from the year before it.
        last = max(ORIGINS) + 9 if rolling else span[1] - 1
        _tell(f"security by each lens, 1816-{last}")
        measures = lens_measures.security(names(), last)
    if rolling:
        results = room.rolling(
            disputes, relevant_only=relevant, draws=draws, seed=seed, measures=measures, tell=_tell
        )
        for origin, found in results.items():
            if out:
                found.write(out / f"to-{origin}")
            _show(found)
        return
    found = room.backtest(
        disputes,
        years,
        span,
        relevant_only=relevant,
        draws=draws,
        seed=seed,
        measures=measures,
        tell=_tell,
    )
    if out:
        found.write(out)
    _show(found)
    if out:
        click.echo(f"predictions, scores and calibration are in {out}")


def _show(found: Backtest) -> None:
    about = found.about
    pairs = "politically relevant pairs" if about["politically_relevant_only"] else "all pairs"
    click.echo(
        f"trained {about['train'][0]}-{about['train'][1]}, tested {about['test'][0]}-"
        f"{about['test'][1]}, {pairs}: {about['rows']['test']:,} rows, "
        f"{about['onsets']['test']:,} onsets"
    )
    click.echo(f"onset model: {about['model']}")
    heads = ("AUC", "avg. precision", "Brier", "log score", "exp./obs.")
    click.echo(" " * 36 + "".join(f"{head:>24}" for head in heads))
    for name, scores in found.scores.items():
        cells = []
        for measure, value in scores.values.items():
            digits = 5 if measure in ("brier", "log_score") else 3
            low, high = scores.low[measure], scores.high[measure]
            span = f" [{low:.{digits}f}, {high:.{digits}f}]" if low == low else ""
            cells.append(f"{value:.{digits}f}{span}")
        click.echo(f"{name:36}" + "".join(f"{cell:>24}" for cell in cells))
    click.echo(
        "The fit knows the training years alone; covariates and the running calibration of a test "
        "year know the disputes of earlier test years."
    )
