"""``detente calibrate coalition``: the measured parameters of the lens coalition."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from detente.cli.options import emit_rows, format_option, years_of


@click.command("coalition")
@click.option("--years", default="1816-1989", show_default=True, help="Years of the disputes.")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE.json",
    help="Write the parameters, for: detente audit SCENARIO --parameters FILE.json",
)
@format_option
def calibrate(years: str, out: Path | None, style: str) -> None:
    """Count who joins whom, and how often rivals begin, in the data folder.

    Shares of third states that joined a dispute, by what they had promised, by a rivalry of
    their own, by era and by the level that the dispute reached, with intervals clustered by
    dispute; and how often one of two rivals began a use of force, by the highest hostility of
    the ten years before, with intervals clustered by pair. The parameters are the shares of
    disputes that reached war, and rate and gradient of the years from 1946 on.
    """
    from detente.evidence.forecast import third_states
    from detente.files import write_whole

    if out is not None and not out.resolve().parent.is_dir():
        raise click.UsageError(f"{out}: the folder does not exist")
    counted = third_states.calibrate(*years_of(years))
    text = third_states.as_json(counted)
    rows = [{"table": name, **row} for name in ("joining", "beginning") for row in counted[name]]
    if style == "json":
        click.echo(text)
    elif style == "csv":
        emit_rows(rows, "csv", columns=list(dict.fromkeys(name for row in rows for name in row)))
    else:
        _print(counted)
    if out is not None:
        write_whole(out, lambda path: path.write_text(text + "\n", encoding="utf-8"))
        click.echo(f"parameters: {out}", err=True)


def _print(counted: dict[str, Any]) -> None:
    first, last = counted["years"]
    click.echo(f"Who joins whom, disputes of {first}-{last} (95 %, clustered by dispute)")
    for row in counted["joining"]:
        if (row["from"], row["to"]) == (first, last) and row["name"] in counted["parameters"]:
            click.echo(
                f"  {row['level']:6}{row['name']:16}{_share(row):28}"
                f"{row['count']:>5,} of {row['cases']:>6,}  {row['what']}; {row['pact']}; "
                f"rivalry {row['quarrel']}"
            )
    click.echo("How often one of two rivals begins a use of force against the other, a year")
    for row in counted["beginning"]:
        if row["level"] == "force":
            click.echo(
                f"  {row['from']}-{row['to']}  intensity {row['intensity']}  {_share(row):28}"
                f"{row['count']:>5,} of {row['cases']:>6,}"
            )
    parameters = " ".join(f"--set {k}={v:.4g}" for k, v in counted["parameters"].items())
    click.echo(f"As parameters: {parameters}")
    click.echo(json.dumps({"sources": counted["sources"]}))


def _share(row: dict[str, Any]) -> str:
    return f"{row['share']:.4f} [{row['low']:.4f} to {row['high']:.4f}]"
