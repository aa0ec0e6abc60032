"""Drawing a result: what its room looks like is found by name, and loaded only then.

The rooms of results come before the report and know nothing of it. The page of a question of the
room ``x`` is the module ``detente.reporting.x.question``, unless the question names another.
"""

from __future__ import annotations

import importlib
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import ResultError, UsageError
from detente.face import module_of
from detente.results.rooms import of_room

if TYPE_CHECKING:
    from detente.results.result import Result

PAGES = (".html", ".htm")


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
    target = Path(path)
    if target.suffix.lower() not in PAGES:
        raise UsageError(f"{target.name}: a page ends in .html; results are saved by save()")
    if not target.resolve().parent.is_dir():
        raise ResultError(f"{target}: the folder {target.resolve().parent} does not exist")
    kept = {
        "command": result.data.attrs.get("command", ""),
        "architecture": result.architecture,
    }
    page = _named(result.question, "PAGE", "page")
    written = _call(page, (result,), {"path": target}, context, kept)
    if isinstance(written, Path):
        return written
    put = importlib.import_module("detente.reporting.page.render").write
    return Path(put(written, target))


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
    drawn = _named(result.question, "CHART", "chart")(result, *args, **options)
    if drawn is None:
        raise UsageError("there is nothing to draw in this result")
    return drawn


def _named(question: str, constant: str, function: str) -> Callable[..., Any]:
    """Return the function that draws, as the question names it or by the name of the question."""
    where = of_room(question, constant, "")
    if not where:
        room = [*module_of(question).split("."), ""][1]
        where = f"detente.reporting.{room}.{question}:{function}"
    module, _, name = where.partition(":")
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    except (ModuleNotFoundError, AttributeError) as error:
        if isinstance(error, ModuleNotFoundError) and not str(error.name).startswith("detente"):
            raise
        raise ResultError(f"results of dt.{question} have no {function} yet") from error
    return found


def _call(
    page: Callable[..., Any],
    args: tuple[Any, ...],
    path: dict[str, Any],
    context: dict[str, Any],
    kept: dict[str, Any],
) -> Any:
    """Call a page with what was given, and with what the result keeps where the page takes it."""
    takes = inspect.signature(page).parameters
    every = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in takes.values())
    unknown = [name for name in context if name not in takes and not every]
    if unknown:
        raise UsageError(f"this page takes no {', '.join(unknown)}")
    extra = {k: v for k, v in {**kept, **path}.items() if k in takes and k not in context}
    return page(*args, **extra, **context)
