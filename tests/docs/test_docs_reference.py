"""The reference says what the product does: every command, key, variable, name and error."""

from __future__ import annotations

import inspect
import re

import polars
import pytest
from doc_blocks import PAGES, ROOT, parts

import detente
import detente.errors

DOCS = ROOT / "docs"


def reference(name):
    """A page of the reference as it is built."""
    return parts.filled((DOCS / "reference" / name).read_text(encoding="utf-8"))


def test_every_command_is_in_the_reference_with_its_options():
    """The page on the command line has the help of every command, options included."""
    page = reference("command-line.md")
    for path, context in parts.every_command():
        assert f"## {path}\n" in page
        for parameter in context.command.params:
            for option in getattr(parameter, "opts", []):
                if option.startswith("--"):
                    assert option in page, (path, option)


def test_every_command_is_shown_at_work():
    """Every command appears in a page that somebody wrote, not only in the reference."""
    written = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    found = [path for path, _ in parts.every_command() if path.count(" ") == 1]
    lost = [path for path in found if not re.search(rf"\b{re.escape(path)}\b", written)]

    assert lost == []


def test_every_generated_part_is_used_and_known():
    """Pages ask for parts that exist, and no part is made for nothing."""
    asked = {
        found["name"] for page in PAGES for found in parts.MARK.finditer(page.read_text("utf-8"))
    }

    assert asked == set(parts.PARTS)


@pytest.mark.parametrize("page", parts.pages(), ids=lambda page: page.stem)
def test_generated_parts_say_what_the_product_says(page):
    """What a page keeps of the product is what it says now: python scripts/generate_docs.py."""
    text = page.read_text(encoding="utf-8")

    assert parts.filled(text) == text


def test_every_public_name_is_in_the_reference():
    """The page on Python documents every name of ``detente.__all__`` and every error."""
    page = reference("python.md")
    documented = set(re.findall(r"^\.\. auto\w+:: [\w.]*?(\w+)$", page, re.M))
    errors = {
        name
        for name, item in inspect.getmembers(detente.errors, inspect.isclass)
        if item.__module__ == "detente.errors"
    }

    assert set(detente.__all__) - documented == set()
    assert errors - documented == set()


def paths(value, at=""):
    """Yield the path of every key of plain data; ``[]`` stands for every item of a list."""
    if isinstance(value, dict):
        for key, item in value.items():
            here = f"{at}.{key}" if at else key
            yield here, item
            yield from paths(item, here)
    elif isinstance(value, list):
        for item in value:
            yield from paths(item, f"{at}[]")


TYPES = {
    "text": str, "number": (int, float), "whole number": int, "yes or no": bool,
    "list": list, "object": dict,
}  # fmt: skip


@pytest.fixture(scope="module")
def result():
    """An audit that fills every key: draws, other choices, several lenses, one that refuses."""
    g = detente.load("two-blocs")
    columns = g.tables["on_the_table"].schema
    shared = {
        **dict.fromkeys(columns),
        "asked_by": "HAR",
        "since": g.date,
        "standing": "asked",
        "status": "asked for",
        "source": "assumed",
        "confidence": "high",
    }
    asked = [
        {**shared, "item": "join", "title": "MIR joins PACT", "change": "MIR joins PACT"},
        {**shared, "item": "limit", "title": "A limit", "note": "no lens sees it"},
    ]
    g = g.with_tables("", on_the_table=polars.DataFrame(asked, schema=columns))
    return detente.audit(g, lens=["war_stability", "contest", "arms_race", "coalition"], draws=8)


@pytest.fixture(scope="module")
def document(result):
    """The documents of an audit of all changes and of one named change."""
    named = detente.audit(
        "two-blocs", ["MIR joins PACT", "HAR and NOL pledge consultation"], draws=0
    )
    return [*paths(result.to_dict()), *paths(named.to_dict())]


def documented():
    """The documented keys by path; names of the user's own stand in angle brackets."""
    return {row["path"]: row for row in parts.json_keys()}


def pattern(path):
    """A documented path as an expression that matches the paths of a result."""
    escaped = re.escape(path).replace(re.escape("[]"), r"\[\]")
    return re.compile(re.sub(r"<[^>]+>", r"[^\[\]]+", escaped))


def test_every_key_of_the_json_is_documented_with_its_type(document):
    """What `to_dict` returns is what the page says, key for key, with the types that it says."""
    known = [(pattern(path), row) for path, row in documented().items()]
    for path, value in document:
        rows = [row for expression, row in known if expression.fullmatch(path)]
        assert rows, f"{path} is not documented"
        # A name of the user's own may have dots: the deepest path that fits is meant.
        said = max(rows, key=lambda row: row["path"].count("."))["type"]
        kind = said.removesuffix(" or null")
        if value is None:
            assert said.endswith(" or null"), path
        else:
            assert isinstance(value, TYPES[kind]), path


def test_every_documented_key_of_the_json_is_there(document):
    """No key is documented that a result does not have."""
    found = {path for path, _ in document}
    lost = [
        path
        for path in documented()
        if "<" not in path and not any(pattern(path).fullmatch(one) for one in found)
    ]

    assert lost == []


def test_every_variable_of_a_result_is_documented(result):
    """The dataset has no variable that the page on results does not list."""
    page = parts.filled((DOCS / "how-to" / "read-a-result.md").read_text(encoding="utf-8"))

    assert [name for name in result.data.data_vars if f"| `{name}` |" not in page] == []


PLACE = re.compile(r"`((?:src|scripts|tests|benchmarks|docs|detente)/[\w./-]+)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page):
    """A path in the documentation leads to a file of the checkout or of the package."""
    missing = [
        place
        for place in PLACE.findall(page.read_text(encoding="utf-8"))
        if not (ROOT / place).exists() and not (ROOT / "src" / place).exists()
    ]

    assert [] == missing
