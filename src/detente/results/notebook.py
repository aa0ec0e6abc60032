"""A result in a notebook: the answer, the first rows of its table, where it comes from."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.results.result import Result

ROWS = 10
COLUMNS = 8


def html_of(result: Result) -> str:
    """Return a result as HTML that needs nothing else."""
    attrs = result.data.attrs
    table = result.table()
    head = table.head(ROWS)
    columns = head.columns[:COLUMNS]
    rows = [[_cell(row[name]) for name in columns] for row in head.iter_rows(named=True)]
    more = table.height - head.height
    source = "; ".join(f"{name} {value}" for name, value in result.provenance.items() if value)
    paragraphs = [line for line in result.reading.split("\n") if line.strip()]
    return "".join(
        [
            "<div>",
            f"<h4>{escape(str(attrs.get('title', result.question)))}</h4>",
            *(f"<p style='white-space:pre-wrap'>{escape(line)}</p>" for line in paragraphs),
            "<table><thead><tr>",
            *(f"<th>{escape(name.replace('_', ' '))}</th>" for name in columns),
            "</tr></thead><tbody>",
            *("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows),
            "</tbody></table>",
            f"<p>and {more:,} more rows</p>" if more > 0 else "",
            f"<p><small>dt.{escape(result.question)}: {escape(source)}</small></p>",
            "</div>",
        ]
    )


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return escape(str(value))
