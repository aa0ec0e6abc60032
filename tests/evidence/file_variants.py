"""Small files of every layout, and what programs make of them: for tests of the readers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from detente.evidence.datasets import registry
from detente.evidence.datasets.registry import Layout

ROWS = 3
TEXTS = {"code": "190", "type": "ASSAULT", "kind": "1", "compiler": "c"}
STATES = {
    "actor1": "IND", "actor2": "PAK", "source_country": "India", "target_country": "Pakistan",
}  # fmt: skip
LIKE = {"warhead|nuclear weapons (inventory|stockpile)|nuclear_weapons_stockpile": "warheads held"}


def columns(layout: Layout, *, optional: bool = False) -> list[str]:
    """Return the columns of a file of a layout: those that it must have, or all that are known."""
    names = [name for name in layout.columns if optional or name not in layout.optional]
    names += [LIKE[pattern] for pattern in layout.like.values()]
    names += [name for name in (*layout.also, *layout.translated.values()) if name not in names]
    for parts in layout.dates.values():
        names += [part for part in parts if part not in names]
    for spell in layout.spells:
        names += [part for part in spell if part not in names]
    if layout.version_column and layout.version_column[0] not in names:
        names.append(layout.version_column[0])
    if layout.keep_if:
        names.append(layout.keep_if)
    names += [name for name in layout.exactly if name not in names]
    return list(dict.fromkeys(names))


def cell(layout: Layout, column: str, row: int) -> str:
    """Return a value that a column of a layout may have."""
    if layout.version_column and column == layout.version_column[0]:
        return next(iter(layout.version_column[1]), f"{layout.version_prefix}99")
    if column == layout.keep_if:
        return "1"
    if column == "Event Text":
        return "Fight with small arms and light weapons"
    if any(column in spell for spell in layout.spells):
        return str(1900 + row)
    ours = layout.columns.get(column)
    if ours == "code" and "code" in registry.tables()[layout.table].key:
        return f"19{row}"
    if ours is None:
        if column in ("begin", "end"):
            return f"{1900 + row}01"
        return "1900" if "year" in column else "1"
    spec = registry.tables()[layout.table].columns[ours]
    if spec.type == "date":
        return f"1988-03-{13 + row:02d}"
    if spec.type == "text":
        if layout.table == "polecat_events" and ours in STATES:
            return {"source_country": "IND", "target_country": "PAK"}[ours]
        return STATES.get(ours) or TEXTS.get(ours) or f"x{row}"
    if ours == "day":
        return f"198803{13 + row:02d}"
    if ours == "ccode2":
        return str(50 + row)
    low = 1900 if "year" in ours else max(spec.minimum or 0, 0)
    high = spec.maximum if spec.maximum is not None else low + 100
    return str(int(min(low + row, high)))


def rows(layout: Layout, names: list[str]) -> Iterator[list[str]]:
    """Yield the rows of a small file."""
    for row in range(ROWS):
        yield [cell(layout, name, row) for name in names]


def write(path: Path, header: list[str], body: list[list[str]], separator: str = ",") -> Path:
    """Write a table as text."""
    lines = [separator.join(line) for line in (*([header] if header else []), *body)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def flat_layouts() -> list[Layout]:
    """Return the layouts whose files are plain tables."""
    return [layout for layout in registry.layouts().values() if layout.format == "table"]
