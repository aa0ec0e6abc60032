"""Putting charts, data and scripts into a page that asks the network for nothing."""

from __future__ import annotations

import base64
import gzip
import json
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    import polars as pl

LARGE = 150_000
"""Bytes above which a table is embedded compressed."""


def script_json(value: Any) -> Markup:
    """Return a value as JSON that cannot end the script element in which it stands."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return Markup(text)


def specification(chart: Any) -> tuple[str, str, dict[str, Any]]:
    """Return title, subtitle and specification; the page shows the titles as text."""
    spec: dict[str, Any] = chart.to_dict()
    title = spec.pop("title")
    # The scheme's address would be the only one in the page, and nothing reads it.
    spec.pop("$schema", None)
    spec.pop("usermeta", None)
    return title["text"], title["subtitle"], spec


def _version() -> str:
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])


def picture(name: str, spec: dict[str, Any]) -> Markup:
    """Return a chart as an SVG picture whose ids begin with its name."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(spec, vl_version=_version())
    # Vega numbers its clips and gradients through the life of the process. The page counts them
    # figure by figure: the same result makes the same page, and live charts share no id with it.
    seen: dict[str, str] = {}

    def own(found: re.Match[str]) -> str:
        number = seen.setdefault(found[3], str(len(seen)))
        return f"{found[1]}{name}-{found[2]}{number}"

    return Markup(re.sub(r'(id="|url\(#)(clip|gradient_)(\d+)', own, svg))  # Vega escapes texts


@cache
def bundle() -> Markup:
    """Return Vega, Vega-Lite and Vega-Embed as one script, safe inside a script element."""
    import vl_convert

    text: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", _version())
    return Markup(text.replace("</script", "<\\/script").replace("<!--", "<\\!--"))


@dataclass(frozen=True, slots=True)
class Download:
    """A table that the reader can take along.

    Attributes
    ----------
    name : str
        File name.
    what : str
        What it holds.
    rows : int
        Number of rows.
    href : str
        A data URI.
    compressed : bool
        Whether it is gzip; the script unpacks it on the way.
    """

    name: str
    what: str
    rows: int
    href: str
    compressed: bool


def download(name: str, what: str, table: pl.DataFrame) -> Download:
    """Return a table as a file in the page: CSV, compressed where it is large."""
    raw = table.write_csv().encode()
    if len(raw) > LARGE:
        # Without a time stamp the same table makes the same bytes.
        packed = base64.b64encode(gzip.compress(raw, mtime=0)).decode()
        href = f"data:application/gzip;base64,{packed}"
        return Download(f"{name}.csv.gz", what, table.height, href, True)
    packed = base64.b64encode(raw).decode()
    href = f"data:text/csv;charset=utf-8;base64,{packed}"
    return Download(f"{name}.csv", what, table.height, href, False)
