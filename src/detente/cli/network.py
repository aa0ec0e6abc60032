"""``detente export``: ties as a network for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli.options import writable


@click.command()
@click.argument("scenarios", nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="A .graphml file, or a .csv file with one edge a row.",
)
def export(scenarios: tuple[str, ...], out: Path) -> None:
    """Write the ties of SCENARIOS as a network for Gephi, igraph, NetworkX or R.

    Each may be a scenario, a package, or a year or a day since 1816. Every promise and every
    rivalry that holds on the date is an edge with its kind, strength, sign and year.
    """
    from detente.architecture.network import ENDINGS, edges
    from detente.architecture.network import export as write
    from detente.evidence.resolve import load

    writable(out, "--out", ENDINGS)
    architectures = [load(name) for name in scenarios]
    write(architectures, out)
    click.echo(f"{out}: {sum(len(edges(g)) for g in architectures):,} edges")
