"""The parts of the documentation that are made from the product itself.

A page holds each between the lines ``<!-- generated: NAME -->`` and ``<!-- end: NAME -->``, so that
whoever reads the checkout reads it too. ``python scripts/generate_docs.py`` makes them anew, and a
test holds them to what the product says now.
"""

from __future__ import annotations

import copy
import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import click

MARK = re.compile(
    r"^<!-- generated: (?P<name>[a-z-]+) -->$(?:.*?^<!-- end: (?P=name) -->$)?", re.M | re.S
)
HERE = Path(__file__).resolve().parent.parent


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(
        "| " + " | ".join(c.replace("|", "\\|") for c in line) + " |" for line in lines
    )


def schema() -> str:
    """Return the tables of a scenario package, without the title of the page."""
    from detente.architecture.package.schema import markdown

    return markdown().partition("\n")[2]


def mapping() -> str:
    """Return the parameters that turn commitments and rivalries into allies and rivals."""
    from detente.architecture.package.schema import parameters

    return table(
        ["parameter", "default", "range", "unit", "meaning", "source"],
        [
            [f"`{p.parameter}`", f"{p.default:g}", f"{p.minimum:g} to {p.maximum:g}", p.unit,
             p.meaning, p.source]
            for p in parameters()
        ],
    )  # fmt: skip


def variables() -> str:
    """Return the variables of the dataset that an audit returns."""
    from detente.results.building import variables_of

    return table(
        ["variable", "dimensions", "unit", "meaning"],
        [
            [f"`{name}`", ", ".join(dimensions), unit, meaning]
            for name, (dimensions, unit, meaning) in variables_of("detente.auditing").items()
        ],
    )


def feasible() -> str:
    """Return the rule that says which changes an audit tries."""
    from detente.auditing import RULE

    return table(["kind", "what is tried"], [[f"`{kind}`", text] for kind, text in RULE.items()])


def readings() -> str:
    """Return the three readings of the principle as the verdicts apply them."""
    from detente.auditing.verdicts import READING_MEANING

    return table(
        ["reading", "a wanted change is"], [[f"*{k}*", v] for k, v in READING_MEANING.items()]
    )


def sentences() -> str:
    """Return an example of every sentence that describes a change."""
    from detente.architecture.sentences import forms

    return "\n".join(f"- `{form}`" for form in forms())


def lenses() -> str:
    """Return the lenses with what they see and where they come from."""
    from detente import lenses as room

    found = [room.find(name) for name in room.names()]
    return table(
        ["lens", "what it sees", "unit", "numbers", "citation"],
        [[f"`{one.key}`", one.title, one.unit, one.status, one.citation] for one in found],
    )


def contents() -> str:
    """Return the lists of the pages of the rooms: all that there are."""
    out = []
    for folder in ("lenses", "evidence", "transition", "crisis", "settlement", "testimony"):
        pages = sorted(f"{folder}/{page.stem}" for page in (HERE / folder).glob("*.md"))
        if pages:
            out += ["```{toctree}", ":hidden:", f":caption: {folder.title()}", *pages, "```", ""]
    return "\n".join(out)


def json_keys() -> list[dict[str, str]]:
    """Return the documented keys of an audit as JSON, as rows of path, type, unit, meaning."""
    text = (HERE / "reference" / "audit-json.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(), strict=True))


def json() -> str:
    """Return the documented keys of an audit as a table."""
    rows = [[f"`{r['path']}`", r["type"], r["unit"], r["meaning"]] for r in json_keys()]
    return table(["key", "type", "unit", "meaning"], rows)


def every_command() -> Iterator[tuple[str, click.Context]]:
    """Yield every command and command of a group, in the order of the alphabet."""
    from detente.cli import cli

    yield from _commands(cli, click.Context(cli, info_name="detente", **cli.context_settings))


def _commands(group: click.Group, context: click.Context) -> Iterator[tuple[str, click.Context]]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        # Click keeps the help option of a command as the first call made it, which may have had
        # another parent: a copy without it makes it anew.
        command = copy.copy(command)
        if hasattr(command, "_help_option"):
            command._help_option = None
        own = click.Context(
            command, parent=context, info_name=name, terminal_width=100, **command.context_settings
        )
        yield own.command_path, own
        if isinstance(command, click.Group):
            yield from _commands(command, own)


def command_line() -> str:
    """Return the help of every command."""
    out = []
    for path, context in every_command():
        out += [f"## {path}", "", "```text", context.get_help(), "```", ""]
    return "\n".join(out)


def python_rooms() -> str:
    """Return the public names that no section of the page has, by room."""
    import detente

    page = (HERE / "reference" / "python.md").read_text(encoding="utf-8")
    written = MARK.sub("", page)
    by_room: dict[str, list[str]] = {}
    for name in detente.__all__:
        item = getattr(detente, name)
        module = getattr(item, "__module__", "")
        room = module.split(".")[1] if module.startswith("detente.") else ""
        named = f"{module}.{getattr(item, '__name__', '')}"
        if room and room not in ("architecture", "audit", "lenses") and named not in written:
            kind = "class" if isinstance(item, type) else "function"
            entry = f".. auto{kind}:: {named}"
            by_room.setdefault(room, []).append(entry + "\n   :members:" * (kind == "class"))
    return "\n\n".join(
        "\n".join([f"## {room.title()}", "", "```{eval-rst}", *entries, "```"])
        for room, entries in sorted(by_room.items())
    )


@cache
def published() -> str:
    """Return the table of published numbers, recomputed; its own heading is the page's."""
    from detente.reproduce import markdown

    return markdown().partition("\n")[2]


def errors() -> str:
    """Return the tree of errors as its module draws it."""
    import detente.errors

    tree = (detente.errors.__doc__ or "").partition("::\n")[2]
    return "```text\n" + "\n".join(line[4:] for line in tree.strip("\n").splitlines()) + "\n```"


PARTS: dict[str, Callable[[], str]] = {
    "command-line": command_line,
    "contents": contents,
    "errors": errors,
    "feasible": feasible,
    "json": json,
    "lenses": lenses,
    "mapping": mapping,
    "python-rooms": python_rooms,
    "readings": readings,
    "schema": schema,
    "sentences": sentences,
    "variables": variables,
    "published": published,
}


def filled(text: str) -> str:
    """Return the text of a page with every generated part made anew in its place."""

    def part(match: re.Match[str]) -> str:
        name = match["name"]
        body = PARTS[name]().strip("\n")
        return f"<!-- generated: {name} -->\n\n{body}\n\n<!-- end: {name} -->"

    return MARK.sub(part, text)


def pages() -> list[Path]:
    """Return the pages that hold a generated part."""
    every = (page for page in HERE.rglob("*.md") if "_build" not in page.parts)
    return sorted(page for page in every if MARK.search(page.read_text(encoding="utf-8")))
