"""The commands of the evidence room: data, panel, history, calibrate."""

from __future__ import annotations

from pathlib import Path

import click

from detente.cli import coalition_calibrate, crisis_calibrate
from detente.cli.options import progress, writable, years_of


@click.group()
def data() -> None:
    """Keep the field's data sets in a folder of your own: add, list, cite."""


@data.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def add(files: tuple[Path, ...]) -> None:
    """Recognise FILES by their content, check them, and keep them in the data folder.

    A folder may be given for the files in it. Exit code 2 if a file that was named itself is no
    data set, 1 if one was refused for its content, or none could be used.
    """
    from detente.errors import grouped, visible
    from detente.evidence.datasets import store

    outcomes = store.add(files)
    for outcome in outcomes:
        name = visible(outcome.path.name)
        if outcome.entry:
            entry = outcome.entry
            click.echo(f"{name}: {entry.layout}, {entry.release}, {entry.covers}")
            if outcome.replaced:
                click.echo(f"  takes the place of {outcome.replaced.file[13:]}", err=True)
        elif outcome.error and not outcome.passed_over:
            click.echo(f"{name}: refused", err=True)
            for line in grouped(outcome.error.faults):
                click.echo(f"  {line}", err=True)
    over = [outcome.path for outcome in outcomes if outcome.passed_over]
    for parent in dict.fromkeys(path.parent for path in over):
        names = [path.name for path in over if path.parent == parent]
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        click.echo(
            f"passed over in {parent}, no data set that is known: {visible(shown)}", err=True
        )
    kept = sum(outcome.entry is not None for outcome in outcomes)
    refused = sum(outcome.entry is None and not outcome.passed_over for outcome in outcomes)
    click.echo(f"{kept} kept in {store.folder()}, {refused} refused, {len(over)} passed over")
    if any(outcome.no_data_set for outcome in outcomes):
        raise SystemExit(2)
    if refused or not kept:
        raise SystemExit(1)


@data.command("list")
def listing() -> None:
    """Show what the data folder holds, what is still wanted, and who publishes it."""
    from detente.evidence.datasets import registry, store

    held = store.entries()
    click.echo(f"data folder: {store.folder()}")
    used: set[str] = set()
    for entry in held:
        title = registry.sources()[entry.source].title
        click.echo(
            f"  {entry.table}: {title}, {entry.release}, {entry.covers}, sha256 {entry.sha256[:12]}"
            + ("" if entry.table in used else ", in use")
        )
        used.add(entry.table)
    if not held:
        click.echo("  nothing yet")
    missing = store.wanted()
    if missing:
        click.echo("wanted for panel and history:")
    for source in missing:
        click.echo(f"  {source.title} ({source.maker}): {source.home}")
    others = {entry.source for entry in held} | {source.name for source in missing}
    click.echo("can also be read:")
    for source in registry.sources().values():
        if source.name not in others:
            click.echo(f"  {source.title} ({source.maker}): {source.home}")


@data.command()
def cite() -> None:
    """Print the references of everything in the data folder, in BibTeX."""
    from detente.evidence.datasets import store

    click.echo(store.cite(), nl=False)


@data.command()
def columns() -> None:
    """Show the columns that a panel can have, with their sources and the years at hand."""
    from detente.evidence.panel.rows import describe

    group = ""
    for row in describe().iter_rows(named=True):
        if row["group"] != group:
            group = row["group"]
            years = (
                f"version {row['version']}, {row['first_year']}-{row['last_year']}"
                if row["version"]
                else f"not in the data folder (table {row['table']})"
            )
            click.echo(f"{group}: {row['source']}, {years}")
        click.echo(f"  {row['column']}: {row['meaning']} ({row['unit']}; absent: {row['absent']})")


@click.command()
@click.argument("first", type=int)
@click.argument("last", type=int)
@click.option("--unit", default="directed-dyad-year", show_default=True, help="What a row is.")
@click.option(
    "--add",
    "groups",
    multiple=True,
    help="A group of columns, of `detente data columns`, or all; may be given again.",
)
@click.option("--relevant", is_flag=True, help="Only politically relevant pairs.")
@click.option(
    "--own",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A table of yours by state and year or by pair and year; may be given again.",
)
@click.option(
    "--frame",
    default="cow",
    show_default=True,
    help="Whose states: cow (Correlates of War) or gw (Gleditsch and Ward).",
)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="A .parquet or .csv file."
)
def panel(
    first: int,
    last: int,
    unit: str,
    groups: tuple[str, ...],
    relevant: bool,
    own: tuple[Path, ...],
    frame: str,
    out: Path,
) -> None:
    """Write the table of states or pairs of states by year, FIRST to LAST."""
    from detente.evidence.panel.arrays import extension
    from detente.evidence.panel.own_tables import read_own
    from detente.evidence.panel.rows import panel as build
    from detente.files import write_as

    writable(out, "--out", (".parquet", ".csv"))
    tables = [read_own(path) for path in own]
    table = build(
        first, last, unit=unit, add=groups, relevant_only=relevant, own=tables, frame=frame
    )
    if extension(last):
        click.echo(extension(last), err=True)
    for item in tables:
        if item.unknown:
            click.echo(
                f"{item.name}: {item.unknown:,} rows of states that have no COW number in the year",
                err=True,
            )
    write_as(out, {".parquet": table.write_parquet, ".csv": table.write_csv})
    click.echo(f"{out}: {table.height:,} rows, {table.width} columns")


@click.group(invoke_without_command=True)
@click.option("--years", default="1816-1989", show_default=True, help="Years to fit on.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the fit to this file, as JSON.")
@click.option("--rolling", is_flag=True, help="Fit to 1949 .. 1979 and score the next ten years.")
@click.pass_context
def calibrate(context: click.Context, years: str, out: Path | None, rolling: bool) -> None:
    """Fit the lens `hazard` on the disputes in the data folder, and print the fit.

    There is a fit for every combination of what may be known of an architecture besides its
    ties: contiguity, regimes, past disputes. With --rolling none is printed, but how well each
    would have foretold who begins a dispute in years that it did not know.

    `detente calibrate crisis` fits the parameters of the model of escalation,
    `detente calibrate coalition` counts those of the lens coalition.
    """
    if context.invoked_subcommand is not None:
        return
    import json

    from detente.errors import UsageError
    from detente.evidence.forecast import hazard
    from detente.evidence.panel import table_arrays

    first, last = years_of(years)
    if rolling:
        click.echo(
            f"{'known':30}{'fitted to':>10}{'AUC':>8}{'avg. precision':>16}{'exp./obs.':>11}"
        )
        for facts, end, found_scores in hazard.out_of_sample(first):
            auc, precision, ratio = (
                found_scores.values[name]
                for name in ("auc", "average_precision", "expected_over_observed")
            )
            facts_known = "+".join(facts) or "ties alone"
            click.echo(f"{facts_known:30}{end:>10}{auc:8.3f}{precision:16.3f}{ratio:11.2f}")
        return
    if last == table_arrays.FIRST_YEAR:
        raise UsageError(
            f"the fit needs the year before each of its years, and nothing is known before "
            f"{table_arrays.FIRST_YEAR}: name a span such as 1816-1989"
        )
    fitted = hazard.calibrate(first, last)
    click.echo(
        f"{fitted['initiations']:,} initiations in {fitted['rows']:,} directed dyad-years, "
        f"{fitted['years'][0]}-{fitted['years'][1]}; errors clustered by {fitted['pairs']:,} pairs"
    )
    for facts, fit in fitted["fits"].items():
        click.echo(f"what is known besides ties, capability and distance: {facts or 'nothing'}")
        columns = zip(fit["names"], fit["coefficients"], fit["standard_errors"], strict=True)
        for name, value, error in columns:
            click.echo(f"  {name:24}{value:10.3f}  ({error:.3f})")
    if out:
        rows = [f" {json.dumps(key)}: {json.dumps(value)}" for key, value in fitted.items()]
        out.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
        click.echo(f"written to {out}")


calibrate.add_command(crisis_calibrate.calibrate)
calibrate.add_command(coalition_calibrate.calibrate)


@click.command()
@click.option(
    "--years",
    default="1816-2016",
    show_default=True,
    help="Years of the long view; one year alone, such as 1914, works as well.",
)
@click.option("--lens", "lenses", multiple=True, help="A lens for the index; may be given again.")
@click.option(
    "--draws",
    default=20,
    show_default=True,
    help="Draws of each lens's uncertain parameters a year, for the bands; 0 for none.",
)
@click.option("--processes", type=int, help="Number of processes; all cores if left out.")
@click.option(
    "--cluster",
    help="Address of a Dask scheduler, such as tcp://10.0.0.5:8786, whose workers do the work.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("long-view"),
    show_default=True,
    help="Folder of the page, its table, and the rows of years that are done.",
)
def history(
    years: str,
    lenses: tuple[str, ...],
    draws: int,
    processes: int | None,
    cluster: str | None,
    out: Path,
) -> None:
    """Measure every year's architecture and write the page of the long view.

    A run that was stopped goes on where it was.
    """
    from detente.auditing.long_view import measures, rankings
    from detente.files import write_whole
    from detente.lenses import find
    from detente.reporting.history.long_view import page
    from detente.reporting.page.render import write

    first, last = years_of(years)
    chosen = lenses or measures.DEFAULT_LENSES
    for lens in chosen:
        find(lens)

    with progress() as step:
        table = measures.series(
            range(first, last + 1),
            out,
            lenses=chosen,
            draws=draws,
            processes=processes,
            cluster=cluster,
            progress=(lambda done, whole: step("years", done, whole)) if step else None,
        )
    write_whole(out / "years.csv", table.write_csv)
    command = " ".join(
        [
            "detente history",
            f"--years {first}-{last}",
            *(f"--lens {lens}" for lens in chosen),
            f"--draws {draws}",
        ]
    )
    ranks = rankings.ranks(first, last)
    path = write(page(table, command=command, ranks=ranks), out / "index.html")
    click.echo(f"{path}: {table.height} year{'s' if table.height > 1 else ''}")
