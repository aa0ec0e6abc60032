"""Turning a page into one HTML file: the only place where HTML is made."""

from __future__ import annotations

import os
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from markupsafe import Markup

from detente.files import write_whole
from detente.reporting.page import model
from detente.reporting.page.embed import bundle, picture, script_json, specification

LONG = 13
"""From so many rows on a table has a field that filters it."""
MANY = 7
"""From so many columns on a table is set in small print on paper."""
NAMED_ONCE = range(20, 1_000_000)
"""Numbers of rows of a table that names its columns once for narrow screens, not in each cell."""
NAMES = 12
"""Most columns of such a table."""
BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as it stands in the file.

    Attributes
    ----------
    title, subtitle : str
        The finding; the measure and its unit.
    spec, narrow : Markup
        The chart as JSON for the script, and the same for a narrow screen (may be empty).
    svg : Markup
        The chart as a picture, for readers without scripts and for print.
    """

    title: str
    subtitle: str
    spec: Markup
    narrow: Markup
    svg: Markup


def write(page: model.Page, path: str | os.PathLike[str]) -> Path:
    """Write a page as one HTML file, whole or not at all; returns its path.

    Raises
    ------
    ResultError
        If the file cannot be written.
    """
    text = render(page)
    return write_whole(path, lambda temporary: temporary.write_text(text, encoding="utf-8"))


def render(page: model.Page) -> str:
    """Return a page as text; every text of it is escaped."""
    charts = page.charts()
    names = [chart.name for chart in charts]
    if len(set(names)) < len(names):
        raise ValueError(f"two charts of one page have the same name: {sorted(names)}")
    text: str = _environment().get_template("page.html").render(
        page=page,
        sections=[section for section in page.sections if section is not None],
        version=version("detente"),
        bundle=bundle() if charts else "",
    )  # fmt: skip
    return text


@cache
def _environment() -> Any:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("detente.reporting.page", "template"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.globals.update(
        pictured=pictured, LONG=LONG, MANY=MANY, NAMED_ONCE=NAMED_ONCE, NAMES=NAMES
    )
    environment.filters.update(
        kind=_kind, parts=model.parts, cell=_cell, upper_first=_upper, in_css=_in_css
    )
    return environment


def _in_css(text: str) -> str:
    """Return a text as the inside of a string of CSS in single quotes."""
    return "".join(c if c.isalnum() or c in " -–.,()%" else f"\\{ord(c):06x}" for c in text)


def visible(value: Any) -> Any:
    """Show characters that a reader cannot see, and that could turn a line round, by their code.

    Everything that the templates print passes here; JSON and pictures are marked as safe.
    """
    if type(value) is not str or value.isprintable():
        return value
    return "".join(
        f"\\u{ord(c):04x}" if c in BIDI or (unicodedata.category(c) == "Cc" and c not in "\n\t")
        else c
        for c in value
    )  # fmt: skip


def pictured(chart: model.Chart) -> Picture:
    """Return a chart as JSON and as a picture."""
    title, subtitle, spec = specification(chart.drawing)
    narrow = script_json(specification(chart.narrow)[2]) if chart.narrow is not None else Markup("")
    return Picture(title, subtitle, script_json(spec), narrow, picture(chart.name, spec))


def _kind(block: Any) -> str:
    """Return the name of the macro that sets a block."""
    return "text" if isinstance(block, str | tuple) else type(block).__name__.lower()


def _cell(cell: Any) -> model.Cell:
    return cell if isinstance(cell, model.Cell) else model.Cell(cell)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
