"""Drawing a result: what it looks like is found by name, and loaded only then.

The rooms of results come before the report and know nothing of it: it is asked by its name alone.
"""

from __future__ import annotations

import importlib
import inspect
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import ResultError, UsageError

if TYPE_CHECKING:
    from detente.results.result import Result

SUFFIXES = (".html", ".htm")
PAGES = "detente.reporting.by_question"
"""Where pages and pictures are found by the name of a question."""


def report(result: Result, path: str | os.PathLike[str], **context: Any) -> Path:
    """Write a result as one self-contained HTML page.

    Parameters
    ----------
    result : Result
        Any.
    path : path
        Of the page, ``.html``; it is replaced whole or not at all.
    **context
        What the page shows besides, such as ``command="detente audit …"``, how it was asked.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    UsageError
        If the path does not end in ``.html``.
    ResultError
        If the file cannot be written, or the question has no page.
    """
    _result(result)
    if not isinstance(path, str | os.PathLike):
        raise UsageError(f"a page needs the path of a file, not {path!r}")
    target = Path(path)
    if target.suffix.lower() not in SUFFIXES:
        raise UsageError(f"{target.name}: a page ends in .html; results are saved by save()")
    if not target.resolve().parent.is_dir():
        raise ResultError(f"{target}: the folder {target.resolve().parent} does not exist")
    draw = importlib.import_module(PAGES)
    kept = {"command": result.data.attrs.get("command", ""), "architecture": result.architecture}
    takes = inspect.signature(draw.module_of(result.question).page).parameters
    context = {name: kept[name] for name in kept if name in takes} | context
    return Path(draw.report(result, target, **context))


def plot(result: Result, *args: Any, **options: Any) -> Any:
    """Return the main picture of a result, as an Altair chart.

    Parameters
    ----------
    result : Result
        Any.
    *args, **options
        What is to be seen, such as ``lens="contest"`` of an audit.

    Raises
    ------
    UsageError
        If there is nothing to draw.
    """
    _result(result)
    drawn = importlib.import_module(PAGES).chart_of(result, *args, **options)
    if drawn is None:
        raise UsageError("there is nothing to draw in this result")
    return shown_offline(drawn)


def _result(value: Any) -> None:
    from detente.results.result import Result

    if not isinstance(value, Result):
        raise UsageError(f"a result is drawn, such as dt.audit returns, not {value!r}")


def shown_offline(chart: Any) -> Any:
    """Return a chart that a notebook shows as a picture of its own, without the network.

    Altair's own way is HTML that loads its scripts from a server. The chart stays what it is in
    every other way; a copy that its methods make of it is shown in Altair's way again.
    """

    def bundle(*_: Any, **__: Any) -> dict[str, str]:
        converter: Any = importlib.import_module("vl_convert")
        return {
            "image/svg+xml": converter.vegalite_to_svg(chart.to_dict()),
            "text/plain": f"<{type(chart).__name__}>",
        }

    if hasattr(chart, "_repr_mimebundle_"):
        # Altair keeps what is set on a chart as part of its specification, and not as an attribute.
        object.__setattr__(chart, "_repr_mimebundle_", bundle)
    return chart
