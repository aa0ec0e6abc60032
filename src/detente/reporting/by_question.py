"""Finding the page of a result by the name of its question.

The page of a question stands in one module, ``detente.reporting.<room>.<question>``, with a
function ``page(result, **context) -> Page`` and, if the result has one picture that tells most,
``chart(result)``. Nothing else names the module: a new question needs its file and no more.
"""

from __future__ import annotations

import importlib
import inspect
import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from detente.errors import ResultError, UsageError

if TYPE_CHECKING:
    from detente.reporting.page.model import Page

SUFFIXES = (".html", ".htm")


def module_of(question: str) -> ModuleType:
    """Return the module with the page of a question.

    Raises
    ------
    ResultError
        If there is none.
    """
    import detente.reporting

    for folder in detente.reporting.__path__:
        for path in (
            sorted(Path(folder).glob(f"*/{question}.py")) if question.isidentifier() else ()
        ):
            return importlib.import_module(f"detente.reporting.{path.parent.name}.{question}")
    raise ResultError(
        f"there is no page for a result of the question {question!r}: a module "
        f"detente.reporting.<room>.{question} would have its function page(result)"
    )


def page_of(result: Any, **context: Any) -> Page:
    """Return the page of a result; `context` is what its page takes besides.

    Raises
    ------
    ResultError
        If there is no page for its question.
    UsageError
        If the page takes no argument of such a name.
    """
    module = module_of(result.question)
    takes = inspect.signature(module.page).parameters
    if not any(p.kind is p.VAR_KEYWORD for p in takes.values()):
        wrong = sorted(set(context) - set(list(takes)[1:]))
        if wrong:
            raise UsageError(
                f"the page of {result.question!r} takes no {', '.join(wrong)}; it takes "
                f"{', '.join(list(takes)[1:]) or 'nothing besides the result'}"
            )
    built: Page = module.page(result, **context)
    return built


def report(result: Any, path: str | os.PathLike[str], **context: Any) -> Path:
    """Write the page of a result as one HTML file that asks the network for nothing.

    Parameters
    ----------
    result : Result
        What a question returned.
    path : path
        Of the file, ``.html``; it is replaced whole or not at all.
    **context
        What the page of the question takes besides, such as ``command``, the command line that
        made the result, or ``architecture``.

    Returns
    -------
    Path
        The path written.

    Raises
    ------
    UsageError
        If the path is of another kind of file, or the page takes no such argument.
    ResultError
        If there is no page for the question, or the file cannot be written.
    """
    from detente.reporting.page import render

    if Path(path).suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"{os.fspath(path)}: a page is an HTML file; give it a name that ends in .html"
        )
    return render.write(page_of(result, **context), path)


def chart_of(result: Any, *args: Any, **options: Any) -> Any:
    """Return the picture of a result, an Altair chart; what may be chosen is the question's.

    Raises
    ------
    ResultError
        If the question has no picture.
    """
    module = module_of(result.question)
    draw = getattr(module, "chart", None)
    if draw is None:
        raise ResultError(f"a result of the question {result.question!r} has no picture")
    return draw(result, *args, **options)
