"""The schema of the tables: complete, consistent and shown to readers."""

import csv
from importlib.resources import files

import pytest

from detente.architecture.package import schema
from detente.errors import UnknownName

FOLDER = files("detente.architecture.package").joinpath("schema")


def rows(name):
    """Return the rows of a CSV file of the schema, read independently of the module."""
    return list(csv.DictReader(FOLDER.joinpath(name).read_text(encoding="utf-8").splitlines()))


def test_every_row_of_the_field_list_is_a_column():
    """No row of fields.csv gets lost, and the columns keep their order."""
    expected = [(row["table"], row["field"], row["type"]) for row in rows("fields.csv")]
    actual = [(t.name, f.name, f.type) for t in schema.tables() for f in t.fields]

    assert sorted(expected) == sorted(actual)
    for table in schema.tables():
        assert [f for t, f, _ in expected if t == table.name] == list(table.columns)


def test_keys_are_columns_of_their_table():
    """A key names columns that the table has."""
    assert [] == [t.name for t in schema.tables() if not t.key or not set(t.key) <= {*t.columns}]


def test_no_column_is_there_twice():
    """The columns of a table have different names."""
    assert [] == [t.name for t in schema.tables() if len(set(t.columns)) < len(t.columns)]


def test_every_type_is_known_and_every_reference_leads_somewhere():
    """A column has a type of the list, or names a column of a table that exists."""
    for table in schema.tables():
        for field in table.fields:
            assert field.type in schema.TYPES or field.type.startswith("ref:")
            if field.target:
                name, column = field.target
                assert column in schema.table(name).columns


def test_choices_and_only_choices_list_their_words():
    """A choice has at least one word, other types have none."""
    wrong = [
        (t.name, f.name)
        for t in schema.tables()
        for f in t.fields
        if bool(f.values) != (f.type == "choice")
    ]

    assert [] == wrong


def test_facts_name_their_source():
    """Every table of facts has a required source; only the list of sources itself has none."""
    without = [
        t.name
        for t in schema.tables()
        if not any(f.type in ("source", "sources") and f.required for f in t.fields)
    ]

    assert ["sources"] == without


def test_the_required_tables_are_the_four_that_every_lens_needs():
    """States, measures, capabilities and sources are always there."""
    assert ["states", "measures", "capabilities", "sources"] == [
        t.name for t in schema.tables() if t.required
    ]


def test_defaults_of_parameters_lie_in_their_range():
    """A default is a value that the scenario could have set itself."""
    parameters = schema.parameters()

    assert len(rows("parameters.csv")) == len(parameters)
    assert [] == [p.parameter for p in parameters if not p.minimum <= p.default <= p.maximum]


def test_every_kind_and_strength_of_commitment_has_a_weight():
    """No word of commitments.csv or organisations.csv is left without a parameter."""
    names = {p.parameter for p in schema.parameters()}
    wanted = {
        *(f"weight.kind.{w}" for w in schema.table("commitments").field("kind").values),
        *(f"weight.strength.{w}" for w in schema.table("commitments").field("strength").values),
        *(f"weight.kind.{w}" for w in schema.table("organisations").field("commitment").values),
        *(f"weight.strength.{w}" for w in schema.table("organisations").field("strength").values),
    }

    assert set() == wanted - names


def test_an_unknown_table_or_column_is_answered_with_a_suggestion():
    """A misspelt name is refused and the likely one is named."""
    with pytest.raises(UnknownName, match="Did you mean 'commitments'"):
        schema.table("comitments")
    with pytest.raises(UnknownName, match="Did you mean 'promiser'"):
        schema.table("commitments").field("promisser")


def test_the_reference_page_shows_every_table_column_and_parameter():
    """What the schema has, the page has, in rows of equal width."""
    page = schema.markdown()

    for table in schema.tables():
        assert f"## {table.name}\n" in page
        for field in table.fields:
            assert f"| `{field.name}` |" in page
            assert field.meaning in page
    for parameter in schema.parameters():
        assert f"| `{parameter.parameter}` | {parameter.default:g} |" in page
    widths = {line.count("|") - line.count("\\|") for line in page.splitlines() if line[:1] == "|"}
    assert {7} == widths


def test_the_words_for_a_cell_name_the_place_of_a_reference():
    """A reader of the page learns where a value must be found."""
    field = schema.table("capabilities").field("measure")

    assert "value of the column measure in measures.csv" == field.words
