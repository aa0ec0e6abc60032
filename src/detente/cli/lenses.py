"""``detente lenses``."""

from __future__ import annotations

import json
import textwrap
from typing import Any

import click

from detente.cli.options import emit_rows, format_option


@click.command()
@click.argument("lens", required=False)
@format_option
def lenses(lens: str | None, style: str) -> None:
    """List the models with citation, parameters, ranges and what they cannot say.

    With LENS only that one.
    """
    from detente import lenses as room

    chosen = [room.find(name) for name in ([lens] if lens else room.names())]
    described = [
        {
            **model.describe(),
            "no_numbers": model.no_numbers,
            "readings": {r: model.reading_notes.get(r, "") for r in model.readings},
        }
        for model in chosen
    ]
    if style == "json":
        click.echo(json.dumps(described, indent=1, ensure_ascii=False))
    elif style == "csv":
        rows = [
            {"lens": model["key"], **p, "source": p["source"]}
            for model in described
            for p in model["parameters"]
        ]
        emit_rows(rows, "csv")
    else:
        click.echo("\n\n".join(_text(model) for model in described))


def _text(lens: dict[str, Any]) -> str:
    from detente.lenses.protocol import gathered

    lines = [f"{lens['key']}: {lens['title']}", *_wrap(lens["citation"]), *_wrap(lens["meaning"])]
    lines += _wrap(
        f"Unit: {lens['unit']}. Numbers: {lens['status']}. {lens['no_numbers']}".rstrip()
    )
    if lens["readings"]:
        lines += _wrap(
            "Readings: "
            + "; ".join(f"{r} ({note})" if note else r for r, note in lens["readings"].items())
            + f". Choose with --lens {lens['key']}:READING"
        )
    for p in gathered(lens["parameters"]):
        drawn = f"drawn from {p['low']:g} to {p['high']:g}" if p["uncertain"] else "not drawn"
        default = "off" if p["default"] is None else f"{p['default']:g}"
        lines += _wrap(
            f"{p['name']} = {default} {p['unit']}, {drawn}: {p['meaning']} [{p['source']}]"
        )
    return "\n".join([*lines, *(line for limit in lens["limits"] for line in _wrap(f"- {limit}"))])


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, 98, initial_indent="  ", subsequent_indent="    ")
