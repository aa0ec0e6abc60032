"""``datapackage.json``: what a package says of itself, read with care and written from the schema.

It is a Frictionless Data Package (version 1 of the specification, frictionlessdata.io). What
only detente needs stands in the object ``detente``: the number of the schema, the as-of date
and the region.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detente.architecture.package import schema
from detente.architecture.package.cell_parsing import CODE, NAME, PARTY
from detente.architecture.package.container import DESCRIPTOR, MEGABYTE
from detente.architecture.package.fault_list import Findings, show
from detente.architecture.package.schema import Field, TableSchema
from detente.errors import UNSEEN, suggest

MAX_SIZE = 5 * MEGABYTE
SLUG = r"[a-z0-9][a-z0-9._-]*"
_JSON_WORDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
    type(None): "null",
}
_EXAMPLE = '"detente": {"schema": 2, "date": "2024-06-30", "region": "Eurasia"}'


@dataclass(frozen=True)
class About:
    """What a package says of itself."""

    name: str
    title: str
    description: str
    version: str
    date: dt.date
    region: str
    raw: dict[str, Any]


class _Twice(ValueError):
    """An object of the JSON has a member twice."""


def read(
    data: bytes, csv_files: Iterable[str], unread: Iterable[str], findings: Findings
) -> About | None:
    """Read ``datapackage.json`` and report every fault in it.

    Parameters
    ----------
    data : bytes
        The file.
    csv_files : iterable of str
        Names of the CSV files that lie beside it.
    unread : iterable of str
        Names of files beside it that could not be read, and are faults already.
    findings : Findings
        Where faults go.

    Returns
    -------
    About or None
        None if something in it is wrong.
    """
    before = len(findings.faults)
    raw = _load(data, findings)
    if raw is None:
        return None
    name = _text(raw, "name", findings, required=True)
    if name and not re.fullmatch(SLUG, name):
        _fault(
            findings,
            "name",
            f"{show(name)} is not a name.",
            "Use a-z, 0-9 and - . _ , for instance eurasia-2024.",
        )
    title = _text(raw, "title", findings, required=True)
    description = _text(raw, "description", findings)
    version = _text(raw, "version", findings)
    _licenses(raw, findings)
    _resources(raw, sorted(csv_files), set(unread), findings)
    date, region = _own(raw, findings)
    if len(findings.faults) > before or date is None:
        return None
    return About(name, title, description, version, date, region, raw)


def _fault(findings: Findings, column: str, problem: str, remedy: str = "") -> None:
    findings.add(DESCRIPTOR, None, column, problem, remedy)


def _load(data: bytes, findings: Findings) -> dict[str, Any] | None:
    if len(data) > MAX_SIZE:
        _fault(findings, "", f"the file has more than {MAX_SIZE // MEGABYTE} MB.")
        return None
    try:
        raw = json.loads(
            data.decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_finite,
        )
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        findings.add(DESCRIPTOR, line, "", "the file is not UTF-8.", "Save it as UTF-8.")
        return None
    except json.JSONDecodeError as error:
        findings.add(
            DESCRIPTOR,
            error.lineno,
            "",
            f"the JSON is broken at line {error.lineno}, character {error.colno}: {error.msg}.",
            "Look for a missing or superfluous comma, quotation mark or bracket just before it.",
        )
        return None
    except RecursionError:
        _fault(findings, "", "the JSON is nested too deeply.")
        return None
    except ValueError as error:  # a member twice, NaN, or a number of thousands of digits
        _fault(findings, "", f"the JSON cannot be used: {error}.")
        return None
    if re.search("[\ud800-\udfff]", json.dumps(raw, ensure_ascii=False)):
        _fault(findings, "", "a text has half a character in it.", "Type the letter itself.")
        return None
    for place, text in _texts(raw, ""):
        match = UNSEEN.search(text.replace("\r", ""))
        if match:
            _fault(
                findings,
                place,
                f"{show(text)} has a control character in it (U+{ord(match[0]):04X}).",
                "Delete the character.",
            )
            return None
    if not isinstance(raw, dict):
        _fault(
            findings,
            "",
            f"the file holds {_JSON_WORDS[type(raw)]}, not an object.",
            "It begins with { and ends with }.",
        )
        return None
    return raw


def _texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text of the JSON, names of members as well, with the member that it is in."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield place, name
            yield from _texts(inner, place or name)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, place)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{show(text)} is too large for a number")
    return number


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Twice(f"{show(twice)} is there twice in one object")
    return members


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is not JSON")


def _text(
    holder: Mapping[str, Any],
    member: str,
    findings: Findings,
    *,
    place: str = "",
    required: bool = False,
) -> str:
    """Return a member that should be a text; empty if it is not there or not a text."""
    value = holder.get(member)
    if isinstance(value, str):
        if required and not value.strip():
            _fault(findings, place + member, "the text is empty.", "Fill it in.")
        return value
    if member in holder:
        _fault(
            findings,
            place + member,
            f"is {_JSON_WORDS[type(value)]}, not a text.",
            "Put it in quotation marks.",
        )
    elif required:
        _fault(
            findings,
            place + member,
            "is missing.",
            suggest(member, holder, limit=0) or f'Add "{member}": "...".',
        )
    return ""


def _licenses(raw: Mapping[str, Any], findings: Findings) -> None:
    licenses = raw.get("licenses", [])
    if not isinstance(licenses, list) or not all(
        isinstance(item, dict) and (isinstance(item.get("name") or item.get("path"), str))
        for item in licenses
    ):
        _fault(
            findings,
            "licenses",
            "is not a list of objects with a name or a path.",
            'For instance "licenses": [{"name": "CC-BY-4.0"}].',
        )


def _resources(
    raw: Mapping[str, Any], csv_files: list[str], unread: set[str], findings: Findings
) -> None:
    resources = raw.get("resources")
    if not isinstance(resources, list) or not resources:
        _fault(
            findings,
            "resources",
            "is missing or empty." if not resources else "is not a list.",
            'One object per CSV file: {"name": "states", "path": "states.csv"}.',
        )
        return
    paths = [entry.get("path") for entry in resources if isinstance(entry, dict)]
    unlisted = [file for file in csv_files if file not in paths]
    listed: dict[str, int] = {}
    names: set[str] = set()
    for number, resource in enumerate(resources, start=1):
        place = f"resources, number {number}, "
        if not isinstance(resource, dict):
            _fault(
                findings, place.rstrip(", "), f"is {_JSON_WORDS[type(resource)]}, not an object."
            )
            continue
        name = _text(resource, "name", findings, place=place, required=True)
        path = _text(resource, "path", findings, place=place, required=True)
        if name and name in names:
            _fault(findings, place + "name", f"{show(name)} is there twice.", "Names differ.")
        names.add(name)
        _form(resource, place, findings)
        if not path:
            continue
        if path in listed:
            _fault(
                findings,
                place + "path",
                f"{show(path)} is listed twice, first as number {listed[path]}.",
                "Delete one of the two.",
            )
            continue
        listed[path] = number
        if not path.casefold().endswith(".csv"):
            _fault(findings, place + "path", f"{show(path)} is not a CSV file.", "Leave it out.")
        elif path not in csv_files and path not in unread:
            _fault(findings, place + "path", *_absent(path, unlisted))
        elif name and _differs(name, path):
            _fault(
                findings,
                place + "name",
                f"{show(name)} does not fit the file {path}.",
                f'Write "name": "{path.removesuffix(".csv")}".',
            )
    for file in unlisted:
        if file.removesuffix(".csv") in schema.by_name():
            _fault(
                findings,
                "resources",
                f"the file {file} is in the package and not listed.",
                f'Add {{"name": "{file.removesuffix(".csv")}", "path": "{file}"}}.',
            )


def _absent(path: str, unlisted: Iterable[str]) -> tuple[str, str]:
    """Say why the file of a resource is not there."""
    parts = re.split(r"[/\\]", path)
    if "://" in path:
        return f"{show(path)} is an address.", "Put the file into the package."
    if ".." in parts or parts[0] == "" or ":" in parts[0]:
        return f"{show(path)} points out of the folder.", "Put the file into the package."
    if len(parts) > 1:
        return f"{show(path)} lies in a subfolder.", f"Put the file beside {DESCRIPTOR}."
    guess = suggest(path, unlisted, limit=0)
    return f"{show(path)} is not in the package.", guess or "Add the file or delete the entry."


def _differs(name: str, path: str) -> bool:
    """Tell whether a resource has another name than its file; - and _ count as the same."""
    table = path.removesuffix(".csv")
    return table in schema.by_name() and name.replace("-", "_") != table


def _form(resource: Mapping[str, Any], place: str, findings: Findings) -> None:
    """Refuse a resource that says its file is not UTF-8 with commas."""
    encoding = resource.get("encoding", "utf-8")
    if not isinstance(encoding, str) or encoding.casefold() not in ("utf-8", "utf8", "utf-8-sig"):
        _fault(findings, place + "encoding", f"{show(str(encoding))} is not UTF-8.", "Use UTF-8.")
    dialect = resource.get("dialect", {})
    if isinstance(dialect, dict):
        inner = dialect.get("csv")  # where version 5 of the frictionless library puts it
        mark = (inner if isinstance(inner, dict) else dialect).get("delimiter", ",")
        if mark != ",":
            _fault(
                findings,
                place + "dialect",
                f"the delimiter {show(str(mark))} is not a comma.",
                "Save the table with commas.",
            )


def _own(raw: Mapping[str, Any], findings: Findings) -> tuple[dt.date | None, str]:
    own = raw.get("detente")
    if not isinstance(own, dict):
        _fault(
            findings,
            "detente",
            "is missing." if "detente" not in raw else "is not an object.",
            f"Add {_EXAMPLE}.",
        )
        return None, ""
    for member in own:
        if member not in ("schema", "date", "region"):
            _fault(
                findings,
                "detente",
                f"{show(member)} is not known.",
                suggest(member, ("schema", "date", "region")),
            )
    number = own.get("schema")
    if type(number) is not int or number < 1:
        _fault(
            findings,
            "detente, schema",
            "is missing or not a whole number.",
            f'Write "schema": {schema.VERSION}.',
        )
    elif number > schema.VERSION:
        _fault(
            findings,
            "detente, schema",
            f"the package is made for schema {number}; this version reads {schema.VERSION}.",
            "Use a newer version of detente.",
        )
    region = _text(own, "region", findings, place="detente, ")
    text = _text(own, "date", findings, place="detente, ", required=True)
    if not text.strip():
        return None, region
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            raise ValueError
        return dt.date.fromisoformat(text), region
    except ValueError:
        _fault(
            findings,
            "detente, date",
            f"{show(text)} is not a day in the form YYYY-MM-DD.",
            "It is the day on which everything in the package holds, for instance 2024-06-30.",
        )
        return None, region


_FRICTIONLESS = {"integer": "integer", "number": "number", "date": "date"}
_PATTERNS = {
    "code": CODE,
    "state": CODE,
    "organisation": CODE,
    "actor": CODE,
    "actors": f"{CODE}(;{CODE})*",
    "states": f"{CODE}(;{CODE})*",
    "name": NAME,
    "source": NAME,
    "sources": f"{NAME}(;{NAME})*",
    "parties": f"{PARTY}(;{PARTY})*",
}


def _field(field: Field) -> dict[str, Any]:
    kind = _FRICTIONLESS.get(field.type, "string")
    constraints: dict[str, Any] = {}
    if field.required:
        constraints["required"] = True
    if field.values:
        constraints["enum"] = list(field.values)
    for name, bound in (("minimum", field.minimum), ("maximum", field.maximum)):
        if bound is not None:
            constraints[name] = int(bound) if bound == int(bound) else bound
    pattern = NAME if field.type.startswith("ref:") else _PATTERNS.get(field.type)
    if pattern:
        constraints["pattern"] = pattern
    entry: dict[str, Any] = {"name": field.name, "type": kind, "description": field.meaning}
    if constraints:
        entry["constraints"] = constraints
    return entry


def resource(table: TableSchema, columns: Iterable[str], present: Iterable[str]) -> dict[str, Any]:
    """Return the entry of a table in ``datapackage.json``.

    Parameters
    ----------
    table : TableSchema
        The table.
    columns : iterable of str
        Columns of its file, in their order there.
    present : iterable of str
        Names of the tables that the package has.
    """
    columns = list(columns)
    tables = set(present)
    layout: dict[str, Any] = {
        "fields": [_field(table.field(name)) for name in columns],
        "missingValues": [""],
    }
    if set(table.key) <= set(columns):
        layout["primaryKey"] = list(table.key)
    links = [
        {
            "fields": field.name,
            "reference": {"resource": field.target[0], "fields": field.target[1]},
        }
        for field in table.fields
        if field.name in columns and field.target and field.target[0] in tables
    ]
    if links:
        layout["foreignKeys"] = links
    return {
        "name": table.name,
        "path": table.file,
        "profile": "tabular-data-resource",
        "description": table.meaning,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": layout,
    }


def render(raw: Mapping[str, Any]) -> bytes:
    """Return ``datapackage.json`` as bytes, members in their order."""
    return (json.dumps(raw, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
