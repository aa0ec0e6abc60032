"""``datapackage.json``: what it must say, and what is said when it does not."""

import json

import pytest
from starter import STARTER, faults, only

from detente.architecture.package import descriptor, schema

ABOUT = json.loads(STARTER["datapackage.json"])


def with_about(**members):
    """Return the starting package with members of datapackage.json replaced; None deletes."""
    about = {k: v for k, v in {**ABOUT, **members}.items() if v is not None}
    return {**STARTER, "datapackage.json": json.dumps(about).encode()}


def with_own(**members):
    """Return the starting package with members of the object detente replaced."""
    own = {k: v for k, v in {**ABOUT["detente"], **members}.items() if v is not None}
    return with_about(detente=own)


def with_resource(number, **members):
    """Return the starting package with members of one resource replaced, counted from 1."""
    resources = [dict(entry) for entry in ABOUT["resources"]]
    changed = {**resources[number - 1], **members}
    resources[number - 1] = {k: v for k, v in changed.items() if v is not None}
    return with_about(resources=resources)


BROKEN = {
    "no name": (with_about(name=None), "name", "is missing", ""),
    "misspelt title": (with_about(title=None, titel="T"), "title", "missing", "mean 'titel'"),
    "empty title": (with_about(title=" "), "title", "is empty", "Fill it in"),
    "title of a number": (with_about(title=7), "title", "is a number, not a text", "quotation"),
    "no slug": (with_about(name="My Scenario"), "name", "'My Scenario'", "a-z"),
    "version": (with_about(version=1.0), "version", "is a number", "quotation marks"),
    "description": (with_about(description=["a"]), "description", "is a list", "quotation"),
    "licenses": (with_about(licenses="MIT"), "licenses", "not a list of objects", "CC-BY-4.0"),
    "a license": (with_about(licenses=[{"name": 1}]), "licenses", "not a list of objects", ""),
    "no own part": (with_about(detente=None), "detente", "is missing", '"date": "2024-06-30"'),
    "own part": (with_about(detente="2024"), "detente", "not an object", '"schema": 2'),
    "own typo": (with_own(regions="X"), "detente", "'regions' is not known", "mean 'region'"),
    "no schema": (with_own(schema=None), "detente, schema", "is missing", '"schema": 2'),
    "schema text": (with_own(schema="1"), "detente, schema", "not a whole number", ""),
    "schema true": (with_own(schema=True), "detente, schema", "not a whole number", ""),
    "later schema": (with_own(schema=3), "detente, schema", "is made for schema 3", "newer"),
    "no date": (with_own(date=None), "detente, date", "is missing", ""),
    "date of a number": (with_own(date=2024), "detente, date", "is a number", "quotation"),
    "impossible date": (with_own(date="2024-02-30"), "detente, date", "not a day", "holds"),
    "compact date": (with_own(date="20240630"), "detente, date", "not a day", "2024-06-30"),
    "region": (with_own(region=3), "detente, region", "is a number", ""),
    "no resources": (with_about(resources=[]), "resources", "missing or empty", "states.csv"),
    "resources": (with_about(resources={"a": 1}), "resources", "not a list", "One object per"),
    "resource without a name": (
        with_resource(2, name=None), "resources, number 2, name", "is missing", "",
    ),
    "paths": (
        with_resource(2, path=["measures.csv"]), "resources, number 2, path", "is a list", "",
    ),
    "wrong name": (
        with_resource(2, name="measure"), "resources, number 2, name", "does not fit", "measures",
    ),
    "encoding": (
        with_resource(2, encoding="latin-1"), "resources, number 2, encoding", "not UTF-8", "",
    ),
    "delimiter": (
        with_resource(2, dialect={"delimiter": ";"}), "resources, number 2, dialect", "';'", "",
    ),
    "delimiter of the library": (
        with_resource(2, dialect={"csv": {"delimiter": "|"}}),
        "resources, number 2, dialect", "'|'", "with commas",
    ),
    "twice": (
        with_about(resources=[*ABOUT["resources"], {"name": "again", "path": "states.csv"}]),
        "resources, number 10, path", "listed twice, first as number 1", "Delete",
    ),
    "double name": (
        with_about(resources=[*ABOUT["resources"], {"name": "states", "path": "states.csv"}]),
        "resources, number 10, name", "there twice", "",
    ),
    "no table": (
        with_about(resources=[*ABOUT["resources"], {"name": "readme", "path": "README.md"}]),
        "resources, number 10, path", "not a CSV file", "Leave it out",
    ),
    "absent": (
        with_about(resources=[*ABOUT["resources"], {"name": "offers", "path": "offers.csv"}]),
        "resources, number 10, path", "'offers.csv' is not in the package", "Add the file",
    ),
    "text for a resource": (
        with_about(resources=[*ABOUT["resources"], "offers"]), "resources, number 10",
        "is a text, not an object", "",
    ),
    "not listed": (
        with_about(resources=ABOUT["resources"][:-1]), "resources",
        "sources.csv is in the package and not listed", '"path": "sources.csv"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_each_wrong_member_is_named_with_its_remedy(case):
    """A wrong, missing or misspelt member of datapackage.json is a fault of that member."""
    files, column, problem, remedy = case
    fault = faults(files)[0]

    assert ("datapackage.json", column) == (fault.file, fault.column)
    assert problem in fault.problem
    assert remedy in fault.remedy


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("https://example.org/states.csv", "is an address"),
        ("../states.csv", "points out of the folder"),
        ("/data/states.csv", "points out of the folder"),
        ("C:\\states.csv", "points out of the folder"),
        ("data/states.csv", "lies in a subfolder"),
        ("State.csv", "is not in the package"),
    ],
)
def test_a_path_leads_to_a_file_beside_it(path, problem):
    """Addresses, other folders and subfolders are refused, each with its own word."""
    found = faults(with_resource(1, path=path))

    assert ["resources, number 1, path", "resources"] == [fault.column for fault in found]
    assert problem in found[0].problem  # the other one: states.csv is then not listed


@pytest.mark.parametrize(
    ("data", "row", "problem"),
    [
        (b'{"name": "a",\n  "title" "b"}', 2, "broken at line 2, character 11"),
        (b"", 1, "broken at line 1, character 1"),
        (b"[]", None, "holds a list, not an object"),
        (b"null", None, "holds null, not an object"),
        (b'{"name": "a", "name": "b"}', None, "'name' is there twice"),
        (b'{"name": NaN}', None, "NaN is not JSON"),
        (b'{"name": ' + b"9" * 5000 + b"}", None, "cannot be used"),
        (b'{"name": "\\ud800"}', None, "half a character"),
        (b'{\n"name": "\xe4"}', 2, "is not UTF-8"),
        (b"[" * 100_000, None, "nested too deeply"),
    ],
)
def test_json_that_cannot_be_read_is_one_fault_with_its_line(data, row, problem):
    """Broken JSON is located by line and character; odd JSON is refused in words."""
    fault = only({**STARTER, "datapackage.json": data})

    assert ("datapackage.json", row) == (fault.file, fault.row)
    assert problem in fault.problem


def test_a_huge_descriptor_is_not_read(monkeypatch):
    """The descriptor has a limit of its own."""
    monkeypatch.setattr(descriptor, "MAX_SIZE", 100)

    assert "more than 0 MB" in only(STARTER).problem


def test_a_missing_descriptor_is_one_fault():
    """Without datapackage.json the tables are still checked, and a near name is told."""
    files = {k: v for k, v in STARTER.items() if k != "datapackage.json"}

    assert "the file is missing." == only(files).problem
    files["datapackge.json"] = STARTER["datapackage.json"]
    assert "the file is missing. Did you mean 'datapackge.json'?" == only(files).problem


@pytest.mark.parametrize(
    "members",
    [
        {"keywords": ["x"], "contributors": [{"title": "Y"}]},
        {"description": None, "version": None, "licenses": None},
        {"resources": [{"name": e["name"], "path": e["path"]} for e in ABOUT["resources"]]},
        {"detente": {"schema": 1, "date": "2024-06-30"}},
    ],
)
def test_what_the_standard_leaves_open_stays_open(members):
    """Further members are fine, and so is leaving out what is not needed."""
    assert [] == faults(with_about(**members))


def test_the_entry_of_a_table_says_what_the_schema_says():
    """Types, ranges, words, key and references of the schema are those of the entry."""
    table = schema.table("capabilities")
    entry = descriptor.resource(table, table.columns, ["states", "measures", "capabilities"])
    fields = {field["name"]: field for field in entry["schema"]["fields"]}

    assert ["state", "measure", "year"] == entry["schema"]["primaryKey"]
    assert {"minimum": 0, "required": True} == fields["value"]["constraints"]
    assert "integer" == fields["year"]["type"]
    assert ["high", "medium", "low"] == fields["confidence"]["constraints"]["enum"]
    assert ["states", "measures"] == [
        link["reference"]["resource"] for link in entry["schema"]["foreignKeys"]
    ]
