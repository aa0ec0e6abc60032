"""How it looks: pages and charts of every result, and the map.

A page is a value, `detente.reporting.page.model.Page`, built by the module that is called as the
question of the result; `report` finds it, and one renderer turns it into a file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.reporting.by_question import chart_of, page_of, report

__all__ = ["chart_of", "page_of", "report"]


def __getattr__(name: str) -> Any:
    # Pages need templates and charts; they are loaded when one is written.
    if name in __all__:
        from detente.reporting import by_question

        return getattr(by_question, name)
    raise AttributeError(f"module 'detente.reporting' has no attribute {name!r}")
