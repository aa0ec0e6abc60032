"""``detente backtest``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detente.cli.workforce import work_options

if TYPE_CHECKING:
    from detente.architecture.system import Floats
    from detente.evidence.forecast.backtest import Backtest
    from detente.evidence.panel.table_arrays import Dyads
    from detente.runs import Workforce


def _years(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    if not (first.isdigit() and last.isdigit()):
        raise click.BadParameter(f"'{text}' is no span of years such as 1816-1989")
    return int(first), int(last)


LISTS = {True: "--rivalry-lists", False: "--no-rivalry-lists"}


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
@click.option(
    "--beginners",
    is_flag=True,
    help="Score who begins against whom, ordered pairs, by the lens coalition: rolling origins.",
)
@click.option(
    "--rivalry-lists/--no-rivalry-lists",
    "listed",
    default=True,
    help="With --beginners: whether rivals are those of Thompson's list too.",
)
@click.option(
    "--own",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A table of yours by state and year or by pair and year, whose numbers of the year before "
    "are covariates; may be given again.",
)
@click.option("--draws", default=500, show_default=True, help="Bootstrap draws, by pair.")
@click.option("--seed", default=1, show_default=True, help="Seed of the bootstrap.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("backtest"),
    show_default=True,
    help="Folder for predictions and scores; what an earlier run left there is replaced. Draws are "
    "kept there until all are done: the same command goes on with a run that was stopped.",
)
@work_options()
def backtest(
    disputes: Path | None,
    train: str,
    test: str,
    unit: str,
    relevant: bool,
    rolling: bool,
    lenses: bool,
    beginners: bool,
    listed: bool,
    own: tuple[Path, ...],
    draws: int,
    seed: int,
    out: Path,
    work: Workforce,
) -> None:
    """Fit on past years, predict later ones, and score the predictions against them.

    The fit knows the training years alone. A test year is predicted from what the years before
    it had shown, earlier test years among them. The folder --out gets predictions.csv (year,
    ccode1, ccode2, probability, and more), scores.csv, calibration.csv and scores.json.
    """
    from detente.evidence.forecast import backtest as room

    pieces = out / "pieces"
    work = replace(work, folder=pieces)
    if beginners:
        _begin(listed, draws, seed, out, work)
        _done(pieces)
        return
    years, span = _years(train), _years(test)
    measure = _by_lenses if lenses else None
    if rolling:
        results = room.rolling(
            disputes, relevant_only=relevant, draws=draws, seed=seed, measure=measure, own=own,
            work=work, tell=_tell,
        )  # fmt: skip
        for origin, tried in results.items():
            tried.write(out / f"to-{origin}")
            _show(tried)
        _done(pieces)
        click.echo(f"predictions, scores and calibration of each are in {out}")
        return
    tried = room.backtest(
        disputes,
        years,
        span,
        relevant_only=relevant,
        draws=draws,
        seed=seed,
        measure=measure,
        own=own,
        work=work,
        tell=_tell,
    )
    tried.write(out)
    _done(pieces)
    _show(tried)
    click.echo(f"predictions, scores and calibration are in {out}")


def _done(pieces: Path) -> None:
    """Remove the pieces of draws that have become scores."""
    import shutil

    shutil.rmtree(pieces, ignore_errors=True)


def _begin(listed: bool, draws: int, seed: int, out: Path, work: Workforce) -> None:
    """Score who begins against whom from rolling origins, print it and write it."""
    import json

    import polars as pl

    from detente.auditing.long_view import beginners
    from detente.files import write_whole

    predictions, table = [], []
    for origin, rows in beginners.rolling(listed=listed):
        predictions.append(beginners.frame(rows))
        for pairs, relevant, within in (
            ("relevant pairs", True, False),
            ("relevant pairs with a rivalry", True, True),
            ("all pairs", False, False),
        ):
            scored = beginners.scored(
                rows, relevant=relevant, within=within, draws=draws, seed=seed,
                work=work.under(f"to-{origin}").under(pairs.replace(" ", "-")),
            )  # fmt: skip
            for name, by in scored.items():
                values = by["dispute"].values
                table.append(
                    {
                        "origin": origin, "pairs": pairs, "predictor": name,
                        "auc": values["auc"], "average_precision": values["average_precision"],
                        **{
                            f"{measure}_{side}_by_{cluster}": getattr(scores, side)[measure]
                            for cluster, scores in by.items()
                            for measure in ("auc", "average_precision")
                            for side in ("low", "high")
                        },
                        "rows": by["dispute"].rows, "begun": by["dispute"].onsets,
                    }
                )  # fmt: skip
                spans = [
                    f"  [{scores.low['auc']:.3f}, {scores.high['auc']:.3f}] by {cluster}"
                    for cluster, scores in by.items()
                ]
                between = "".join(spans) if draws else ""
                click.echo(
                    f"after {origin}  {pairs:30}{name:28}AUC {values['auc']:.3f}{between}"
                    f"  avg. precision {values['average_precision']:.3f}"
                )
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / "predictions.csv", pl.concat(predictions).write_csv)
    write_whole(out / "scores.csv", pl.DataFrame(table).write_csv)
    about = {
        "command": f"detente backtest --beginners {LISTS[listed]} --draws {draws} --seed {seed}",
        "latent": beginners.LATENT,
        "predictors": beginners.PREDICTORS,
    }
    write_whole(
        out / "scores.json",
        lambda path: path.write_text(
            json.dumps({**about, "scores": pl.DataFrame(table).fill_nan(None).to_dicts()}, indent=1)
            + "\n",
            encoding="utf-8",
        ),
    )
    click.echo(f"predictions and scores are in {out}")


def _by_lenses(disputes: Dyads, last: int) -> dict[str, Floats]:
    """Return what every lens says of every state and year."""
    from detente.auditing.long_view import lens_measures
    from detente.lenses import names

    return lens_measures.security(names(), last, disputes=disputes)


def _show(found: Backtest) -> None:
    about = found.about
    pairs = "politically relevant pairs" if about["politically_relevant_only"] else "all pairs"
    click.echo(
        f"trained {about['train'][0]}-{about['train'][1]}, tested {about['test'][0]}-"
        f"{about['test'][1]}, {pairs}: {about['rows']['test']:,} rows, "
        f"{about['onsets']['test']:,} onsets"
    )
    click.echo(f"onset model: {about['model']}")
    table = [["", "AUC", "avg. precision", "Brier", "log score", "exp./obs."]]
    for name, scores in found.scores.items():
        cells = []
        for measure, value in scores.values.items():
            digits = 5 if measure in ("brier", "log_score") else 3
            low, high = scores.low[measure], scores.high[measure]
            span = f" [{low:.{digits}f}, {high:.{digits}f}]" if low == low else ""
            cells.append(f"{value:.{digits}f}{span}")
        table.append([name, *cells])
    widths = [max(len(row[k]) for row in table) for k in range(len(table[0]))]
    for name, *cells in table:
        sized = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        click.echo("  ".join([f"{name:{widths[0]}}", *sized]))
    click.echo(
        "The fit knows the training years alone; covariates and the running calibration of a test "
        "year know the disputes of earlier test years."
    )
