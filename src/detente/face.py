"""The public names, as the stub of the package (``__init__.pyi``) lists them.

The stub is the one source: type checkers read it, `detente` serves its names at run time, and a
`Result` finds by it the module of the function that made it.
"""

from __future__ import annotations

import ast
from importlib.resources import files

OLD_NAMES = {"Audit": "Result", "open_audit": "open", "open_simulation": "open"}
"""Names that 0.1 had and what stands for them; they warn, and go with 0.3."""


def _read_stub() -> dict[str, tuple[str, str]]:
    text = (files("detente") / "__init__.pyi").read_text(encoding="utf-8")
    return {
        alias.asname or alias.name: (str(node.module), alias.name)
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }


PUBLIC = _read_stub()
"""Module and name there of everything public, by its public name."""


def module_of(name: str) -> str:
    """Return the module that defines a public name; empty if there is no such name."""
    return PUBLIC[name][0] if name in PUBLIC else ""
