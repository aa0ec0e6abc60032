"""Writing the page of what the models see in an architecture, with a picture each."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.architecture.describe import remarks
from detente.reporting.audit.page import fill, put
from detente.reporting.map.context import Scene, scene_of
from detente.reporting.page.embed import Download, Figure, bundle, download, figure
from detente.reporting.page.words import exact, listed, number, plural
from detente.reporting.portraits import charts
from detente.reporting.portraits.charts import Sight

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.auditing.portraits import Seen


def write_portraits(
    g: Architecture, seen: Sequence[Seen], path: str | os.PathLike[str], *, command: str = ""
) -> Path:
    """Write what the lenses see in an architecture as one self-contained HTML page.

    The page works with the network cut off; with scripts off it still shows texts, tables and
    pictures.

    Parameters
    ----------
    g : Architecture
        What was looked at.
    seen : sequence of Seen
        The portraits, as `detente.auditing.portraits.portraits` gives them.
    path : path
        Of the file; it is replaced whole or not at all.
    command : str
        The command line that made the page, for the section "Again".

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    ResultError
        If the file cannot be written.
    """
    return put(fill("portraits.html", content(g, seen, command)), path)


def content(g: Architecture, seen: Sequence[Seen], command: str) -> dict[str, Any]:
    """Return everything that the template shows."""
    around = scene_of(g)
    sections = [_section(k, g, one, around) for k, one in enumerate(seen, 1)]
    answered = [one for one in sections if one["answered"]]
    return {
        "title": g.title,
        "region": g.region,
        "date": g.date.isoformat(),
        "remarks": remarks(g),
        "name": g.name,
        "digest": g.digest,
        "description": g.description,
        "changed": [around.names.sentence(text) for text in g.changes],
        "states": len(g.system.codes),
        "measure": around.measure,
        "sections": sections,
        "answered": answered,
        "missing": [around.names.full(code) for code in g.without_capability],
        "downloads": _downloads(g, seen, around),
        "command": command or _command(g, seen),
        "version": version("detente"),
        "bundle": bundle(),
        "plural": plural,
    }


def _command(g: Architecture, seen: Sequence[Seen]) -> str:
    """Return a command line that makes the same page, where none was handed in."""
    parts = ["detente", "show", g.name]
    for one in seen:
        parts += ["--lens", one.lens.name]
    return shlex.join([*parts, "--report", f"{g.name}.html"])


def _section(k: int, g: Architecture, one: Seen, around: Scene) -> dict[str, Any]:
    lens = one.lens
    about = lens.describe()
    known = lens.values()
    out: dict[str, Any] = {
        "id": f"lens-{k}",
        "lens": lens.name,
        "about": about,
        "answered": one.portrait is not None,
        "reason": around.names.sentence(one.reason),
        "heading": _upper(one.portrait.subject if one.portrait else lens.title),
        "parameters": listed(
            [
                f"{p.name} {number(known[p.name], 3)} ({p.unit})"
                if known[p.name] != float("inf")
                else f"{p.name} without bound"
                for p in lens.parameters
                if not p.name.startswith("fit_")
            ]
        ),
        "figures": [],
        "pictures": [],
        "camps": [],
        "rows": [],
    }
    if one.portrait is None:
        return out
    sight = Sight(lens.key, lens.name, one.portrait, tuple(g.system.codes), around.names)
    out |= {
        "finding": _upper(around.names.sentence(one.portrait.finding)),
        "unit": one.portrait.value_unit,
        "value_meaning": one.portrait.value_meaning,
        "figures": _figures(one),
        "pictures": _pictures(k, g, sight),
        "camps": charts.camp_list(sight, g),
        "rows": charts.value_rows(sight),
    }
    return out


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _pictures(k: int, g: Architecture, sight: Sight) -> list[Figure]:
    """Return the pictures of a portrait, what stands first being what it is about."""
    capability = dict(zip(g.system.codes, g.system.capability.tolist(), strict=True))
    kinds = {
        "camps": partial(charts.camps, sight, capability),
        "balance": partial(charts.balanced, sight),
        "links": partial(charts.links, sight),
        "values": partial(charts.bars, sight),
    }
    made = [figure(f"{kind}-{k}", make, narrow=True) for kind, make in kinds.items()]
    return [one for one in made if one is not None]


def _figures(one: Seen) -> list[str]:
    """Return the numbers of the whole system as phrases."""
    assert one.portrait is not None
    figures = dict(one.portrait.figures)
    least, most = "frustration index, at least", "frustration index, at most"
    if least in figures and figures.get(least) == figures.get(most):
        figures = {"frustration index": figures.pop(least), **figures}
        del figures[most]
    return [f"{name.replace('_', ' ')}: {exact(value)}" for name, value in figures.items()]


def _downloads(g: Architecture, seen: Sequence[Seen], around: Scene) -> list[Download]:
    import polars as pl

    tables: dict[str, list[dict[str, Any]]] = {"values": [], "links": [], "groups": []}
    whole: list[dict[str, Any]] = []
    for one in seen:
        p, lens = one.portrait, one.lens.name
        if p is None:
            continue
        for code, x in zip(g.system.codes, p.value.tolist(), strict=True):
            tables["values"].append(
                {
                    "lens": lens,
                    "state": code,
                    "name": around.names.short(code),
                    "value": x,
                    "unit": p.value_unit,
                }
            )
        for a, b, x in p.links:
            tables["links"].append(
                {"lens": lens, "from": a, "to": b, "strength": x, "meaning": p.link_meaning}
            )
        for k, group in enumerate(p.groups, 1):
            tables["groups"] += [{"lens": lens, "group": k, "state": code} for code in group]
        whole += [
            {"lens": lens, "figure": name, "value": float(x)} for name, x in p.figures.items()
        ]
    told = {
        "values": "the value of every state under every lens",
        "links": "who does what to whom",
        "groups": "the camps and their members",
        "figures": "numbers of the whole system",
    }
    return [
        download(name, told[name], pl.DataFrame(rows).pipe(_shorter))
        for name, rows in {**tables, "figures": whole}.items()
        if rows
    ]


def _shorter(table: Any) -> Any:
    """Round to nine significant digits, as in the page of an audit."""
    import polars as pl

    return table.with_columns(pl.col(pl.Float64).round_sig_figs(9))
