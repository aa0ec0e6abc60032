"""How it looks: charts, the map and the page that carries everything it shows.

``write`` makes one HTML file that works with the network cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.report.page import write

__all__ = ["write"]


def __getattr__(name: str) -> Any:
    # The page needs the templates and the charts; they are loaded when one is written.
    if name == "write":
        from detente.report.page import write

        return write
    raise AttributeError(f"module 'detente.report' has no attribute {name!r}")
