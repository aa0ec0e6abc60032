"""``detente crisis parameters`` and ``ladder``: what the model is made of, as tables."""

from __future__ import annotations

from typing import Any

import click

from detente.cli.options import emit_rows, format_option

MAPS = {
    "mid": ("mid_actions", "MID action codes"),
    "cameo": ("cameo_rungs", "CAMEO codes; the longest prefix decides"),
    "goldstein": ("goldstein_cuts", "Goldstein scores, up to which a rung counts"),
    "kahn": ("kahn", "Kahn's rungs, with the threshold above each group"),
}
"""Other scales by name: their table, and what it holds."""


@click.command()
@format_option
def parameters(style: str) -> None:
    """List the parameters of the model: default, range, unit, meaning, source.

    The range is where a value is held to be plausible; another is taken up to the limits.
    """
    from detente.crisis.model.settings import parameters as known

    rows: list[dict[str, Any]] = [
        {
            "parameter": p.name,
            "default": p.default,
            "range": f"{p.low:g} to {p.high:g}",
            "limits": f"{p.minimum:g} to {p.maximum:g}",
            "unit": p.unit,
            "meaning": p.meaning,
            "source": p.source,
        }
        for p in known()
    ]
    emit_rows(rows, style)


@click.command()
@click.option("--map", "scale", type=click.Choice(sorted(MAPS)),
              help="Where another scale stands on the ladder.")  # fmt: skip
@format_option
def ladder(scale: str | None, style: str) -> None:
    """Show the standard ladder, or where another scale stands on it."""
    from detente.crisis.record.ladder import BETWEENNESS, STANDARD, WAR, table

    if scale is not None:
        name, words = MAPS[scale]
        if style == "table":
            click.echo(f"{words}, on the ladder of {STANDARD.name} (0 to {WAR})\n")
        emit_rows(list(table(name)), style)
        return
    parts = {**dict.fromkeys(BETWEENNESS, "between peace and war"), WAR: "war"}
    rows = [
        {"rung": k, "name": name, "part": parts.get(k, "peace")}
        for k, name in enumerate(STANDARD.rungs)
    ]
    if style == "table":
        click.echo(f"{STANDARD.name}: {STANDARD.source}\n")
    emit_rows(rows, style)
