"""Writing the page: one HTML file that carries everything it shows."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.auditing.text import outside_interval, seen_besides
from detente.files import write_whole
from detente.reporting.audit import charts, drivers, findings, inputs
from detente.reporting.map import chart
from detente.reporting.map.atlas import BOUNDARY_POLICY, atlas
from detente.reporting.map.context import Scene, scene
from detente.reporting.page import palette
from detente.reporting.page.embed import Figure, bundle, figure
from detente.reporting.page.words import between, number, plural

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.auditing.result import Audit
    from detente.auditing.sensitivity import Sensitivity

PAID_ROWS = 15
"""How many pairs the list of who pays for whom has."""
TABLE_ROWS = 400
"""How many witnesses the filterable table has; all are in the download."""
FACTS = (
    (
        "tie",
        "What makes allies and rivals",
        "Organisations, their members, commitments and rivalries that count on the date",
        ("Who", "What", "Counts with", "In force"),
    ),
    (
        "figure",
        "Each state’s own figure of capability",
        "The figures of capability in use",
        ("State", "Measure", "Value", "Year"),
    ),
    (
        "contested",
        "Contested matters, once for each claimant",
        "Positions in the claimants’ own terms; they make no tie and decide nothing here",
        ("Claimant", "Matter and position", "Control", "On"),
    ),
)
"""Which facts stand in which table: group, title, caption, heads."""


def write(
    audit: Audit,
    path: str | os.PathLike[str],
    *,
    command: str = "",
    architecture: Architecture | None = None,
    sensitivity: Sequence[Sensitivity] = (),
) -> Path:
    """Write an audit as one self-contained HTML page.

    The page works with the network cut off; with scripts off it still shows texts, tables and
    pictures.

    Parameters
    ----------
    audit : Audit
        The result.
    path : path
        Of the file; it is replaced whole or not at all.
    command : str
        The command line that made the result, for the section "Again".
    architecture : Architecture, optional
        What was audited: the map's ties and the claims to contested areas come from it. A
        bundled scenario is found by itself.
    sensitivity : sequence of Sensitivity
        As `Audit.sensitivity` gives it, for the section "How sure".

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    ResultError
        If the file cannot be written.
    """
    text = render(audit, command=command, architecture=architecture, sensitivity=sensitivity)
    return put(text, path)


def put(text: str, path: str | os.PathLike[str]) -> Path:
    """Write a file whole or not at all; returns its path.

    Raises
    ------
    ResultError
        If it cannot be written.
    """
    return write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def render(
    audit: Audit,
    *,
    command: str = "",
    architecture: Architecture | None = None,
    sensitivity: Sequence[Sensitivity] = (),
) -> str:
    """Return the page as text."""
    return fill("audit.html", content(audit, command, architecture, sensitivity))


def fill(template: str, shown: dict[str, Any]) -> str:
    """Return a template with what it shows; every text is escaped."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("detente.reporting.page", "template"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(shown)


def content(
    audit: Audit,
    command: str,
    architecture: Architecture | None,
    sensitivity: Sequence[Sensitivity] = (),
) -> dict[str, Any]:
    """Return everything that the template shows."""
    around = scene(audit, architecture)
    lens = audit.lenses[0]
    settings = audit.settings
    stated = settings["scenario"]
    single = findings.given(audit)
    most = {
        pair: around.names.sentence(change)
        for pair, change in findings.contributions(audit, lens).items()
    }
    return {
        "settings": settings,
        "stated": stated,
        "lens": lens,
        "about": settings["lenses"][lens],
        "besides": [
            f"The lens {name} {said}"
            for name in audit.lenses
            if (said := seen_besides(settings["lenses"][name].get("facts", {})))
        ],
        "audit_lenses": [settings["lenses"][name] for name in audit.lenses],
        "headline": around.names.sentence(audit.headline(lens)),
        "remarks": stated.get("remarks", []),
        "outside": outside_interval(audit, lens),
        "measure": around.measure or stated["measure"],
        "changed": [around.names.sentence(text) for text in stated["changes"]],
        "figures": findings.figures(audit, lens, around),
        "single": single,
        "changes": _changes(audit, lens, around) if single else [],
        "map": figure("map", lambda: chart.world(audit, lens, around)),
        "detail": figure("detail", lambda: chart.world(audit, lens, around, detail=True)),
        "map_notes": _map_notes(audit, around),
        "legend": _legend(audit, lens),
        "ranking": figure("ranking", lambda **k: charts.ranking(audit, lens, **k), narrow=True),
        "states": _states(audit, lens, around),
        "matrix": _matrix(audit, lens, around, most),
        "paid": _paid(audit, lens, around, most),
        "witnesses": findings.witnesses(audit, lens, around),
        "witness_table": _witness_table(audit, lens, around),
        "witness_count": int(audit.data["witness"].sel(lens=lens).values.sum()),
        "readings": findings.readings(audit, lens, around),
        "draws": figure("draws", lambda **k: charts.draws(audit, **k), narrow=True)
        if "index_draw" in audit.data and _answered(audit) and not single
        else None,
        "sure": findings.draws_in_words(audit),
        "drivers": figure("drivers", lambda **k: drivers.chart(audit, **k), narrow=True)
        if not single
        else None,
        "driver_words": drivers.in_words(audit) if not single else [],
        "effects": [
            made
            for method in drivers.METHODS
            if (made := _effects(sensitivity, method)) is not None
        ],
        "effect_words": drivers.effects_in_words(sensitivity),
        "alternatives": figure(
            "alternatives", lambda **k: charts.alternatives(audit, lens, **k), narrow=True
        )
        if "alternative" in audit.data.dims and not single
        else None,
        "alternative_table": findings.otherwise(audit, lens) if single else [],
        "reading_table": findings.reading_table(audit, lens, around) if single else [],
        "alternative_reasons": settings["alternative_reasons"],
        "lens_chart": figure("lenses", lambda: charts.lenses(audit)),
        "agreement": findings.agreement(audit, around),
        "pairs": figure("pairs", lambda **k: charts.pairs(audit, **k), narrow=True),
        "parted": findings.parted(audit, around),
        "refusals": audit.refusals,
        "mapping": inputs.mapping(audit),
        "parameters": inputs.parameters(audit),
        "paper": inputs.paper(audit, around),
        "allied_rivals": inputs.allied_rivals(audit, around),
        "left_out": inputs.left_out(audit),
        "facts": [
            (title, caption, heads, found)
            for group, title, caption, heads in FACTS
            if (found := [fact for fact in around.facts if fact.group == group])
        ],
        "measured": next((f for f in around.facts if f.group == "measure"), None),
        "sources_in_words": around.sources_in_words,
        "missing": [around.names.full(code) for code in stated["without_capability"]],
        "tolerance": number(float(audit.data["tolerance"].sel(lens=lens)), 2),
        "downloads": inputs.downloads(audit, around, sensitivity),
        "command": command or _command(audit),
        "bundle": bundle(),
        "plural": plural,
    }


def _effects(sensitivity: Sequence[Sensitivity], method: str) -> Figure | None:
    return figure(
        f"effects-{method}",
        lambda **k: drivers.effects(sensitivity, method, **k),
        narrow=True,
    )


def _answered(audit: Audit) -> bool:
    return bool(np.isfinite(audit.data["index_draw"].values).any())


def _command(audit: Audit) -> str:
    """Return a command line that makes the same result, where none was handed in."""
    settings = audit.settings
    parts = ["detente", "audit", settings["scenario"]["name"]]
    if findings.given(audit):
        for change in audit.data["change"].values.astype(str):
            parts += ["--change", str(change)]
    for lens in settings["lenses"]:
        parts += ["--lens", lens]
    parts += ["--draws", str(settings["draws"]), "--seed", str(settings["seed"])]
    return shlex.join(parts)


def _changes(audit: Audit, lens: str, around: Scene) -> list[dict[str, Any]]:
    out = []
    for k, sentence in enumerate(audit.data["change"].values.astype(str)):
        out.append(
            {
                **findings.one_change(audit, lens, k, around),
                "figure": figure(
                    f"change-{k}",
                    lambda sentence=str(sentence), **o: charts.change(audit, sentence, lens, **o),
                    narrow=bool(audit.data["defined"].sel(lens=lens).values[k]),
                ),
            }
        )
    return out


def _matrix(
    audit: Audit, lens: str, around: Scene, most: dict[tuple[str, str], str]
) -> Figure | None:
    codes = tuple(str(code) for code in audit.data["state"].values)
    camps = around.camps(codes) if around.known else None
    return figure("matrix", lambda: charts.matrix(audit, lens, camps, most))


def _map_notes(audit: Audit, around: Scene) -> dict[str, Any]:
    year = int(audit.settings["scenario"]["date"][:4])
    codes = [str(code) for code in audit.data["state"].values]
    plan = atlas(codes, around, year)
    return {
        "geographic": plan.geographic,
        "policy": BOUNDARY_POLICY if plan.geographic else "",
        "contested": bool(plan.contested),
        "ties": around.known,
        "kinds": {tie.kind for tie in around.ties},
    }


def _legend(audit: Audit, lens: str) -> list[dict[str, str]]:
    bounds = palette.edges(audit.data["security"].sel(lens=lens).values.tolist())
    texts = [f"below {number(bounds[0], 2)}"]
    texts += [between(a, b) for a, b in pairwise(bounds)]
    texts.append(f"{number(bounds[-1], 2)} and above")
    return [
        {"color": color, "text": text} for color, text in zip(palette.SECURITY, texts, strict=True)
    ]


def _states(audit: Audit, lens: str, around: Scene) -> list[dict[str, Any]]:
    out = []
    for row in audit.states(lens).iter_rows(named=True):
        out.append(
            {
                "name": around.names.full(row["state"]),
                "security": row["security"],
                "text": number(row["security"]),
                "interval": between(row.get("low"), row.get("high"), 3),
                "median": number(row["median"]) if row.get("median") is not None else "",
                "own": f"{100 * row['capability']:.2f}",
                "allies": f"{100 * row['allied_capability']:.2f}",
                "rivals": f"{100 * row['rival_capability']:.2f}",
                "harmed_by": row.get("harmed_by"),
                "paid": number(row["paid"], 2),
                "paid_value": row["paid"],
            }
        )
    return out


def _paid(
    audit: Audit, lens: str, around: Scene, most: dict[tuple[str, str], str]
) -> list[dict[str, str]]:
    out = []
    for payer, gainer, harm in audit.pays(lens).head(PAID_ROWS).iter_rows():
        out.append(
            {
                "payer": around.names.full(payer),
                "beneficiary": around.names.full(gainer),
                "harm": number(harm, 2),
                "most": most.get((payer, gainer), ""),
            }
        )
    return out


def _witness_table(audit: Audit, lens: str, around: Scene) -> list[dict[str, Any]]:
    from detente.auditing.text import share

    data = audit.data
    one = data.sel(lens=lens)
    found = np.flatnonzero(one["witness"].values)
    found = found[np.argsort(-one["loss"].values[found], kind="stable")][:TABLE_ROWS]
    out = []
    for k in found:
        sure = float(one["share_witness"].values[k]) if "share_witness" in data else None
        out.append(
            {
                "change": around.names.sentence(str(data["change"].values[k])),
                "loss": number(float(one["loss"].values[k]), 2),
                "loss_value": float(one["loss"].values[k]),
                "harmed": int(one["harmed"].values[k]),
                "zero_sumness": number(float(one["zero_sumness"].values[k]), 2),
                "share": "" if sure is None else share(sure),
                "share_value": sure,
            }
        )
    return out
