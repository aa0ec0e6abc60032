"""How it looks: charts, the map and the page that carries everything it shows.

``write`` makes one HTML file of an audit, ``write_portraits`` one of what the lenses see in an
architecture; both work with the network cut off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from detente.reporting.audit.page import write
    from detente.reporting.portraits.page import write_portraits

__all__ = ["write", "write_portraits"]


def __getattr__(name: str) -> Any:
    # The page needs the templates and the charts; they are loaded when one is written.
    if name == "write":
        from detente.reporting.audit.page import write

        return write
    if name == "write_portraits":
        from detente.reporting.portraits.page import write_portraits

        return write_portraits
    raise AttributeError(f"module 'detente.reporting' has no attribute {name!r}")
