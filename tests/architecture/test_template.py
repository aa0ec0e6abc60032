"""The starting package: fine as it is, explained, and dated as asked."""

import datetime as dt
import json

import pytest

from detente.architecture.package import schema, tables, template
from detente.architecture.package.check import check
from detente.architecture.value import Architecture
from detente.auditing.run import audit
from detente.errors import UsageError

DAY = dt.date(2024, 6, 30)


@pytest.mark.parametrize("name", ["fresh", "fresh.zip"])
def test_a_new_package_has_no_fault(tmp_path, name):
    """What a beginner gets passes the check, as a folder and zipped."""
    place = template.new(tmp_path / name, date=DAY)

    assert [] == check(place)


@pytest.mark.parametrize("day", [template.EARLIEST, dt.date(1914, 6, 28), template.LATEST])
def test_a_new_package_holds_on_its_date(tmp_path, day):
    """For any admitted date every row is in force and every figure is known."""
    read = tables.read(template.new(tmp_path / "fresh", date=day))
    system = Architecture.from_package(read).system

    assert day == read.date
    assert ("AAA", "BBB", "CCC", "DDD") == system.codes
    assert 2.0 == system.allies.sum()
    assert 2.0 == system.rivals.sum()
    assert pytest.approx([10 / 27, 4 / 27, 8 / 27, 5 / 27]) == system.capability.tolist()


def test_a_new_package_can_be_audited(tmp_path):
    """The first audit of a beginner finds a change that somebody wants."""
    place = template.new(tmp_path / "fresh", date=DAY)
    result = audit(Architecture.from_package(tables.read(place)), draws=2)

    assert "CCC and DDD commit to mutual defense" in str(result)
    assert result.data["wanted"].any()


def test_every_table_of_a_new_package_shows_all_its_columns(tmp_path):
    """The header rows tell what could be filled in."""
    place = template.new(tmp_path / "fresh", date=DAY)

    for file in place.glob("*.csv"):
        header = file.read_text(encoding="utf-8").splitlines()[0]
        assert ",".join(schema.table(file.stem).columns) == header


def test_the_readme_explains_every_table(tmp_path):
    """Every table of the schema is named, as here or as one that can be added."""
    text = (template.new(tmp_path / "fresh", date=DAY) / "README.md").read_text(encoding="utf-8")

    assert [] == [t.name for t in schema.tables() if f"`{t.name}.csv`: {t.meaning}" not in text]


@pytest.mark.parametrize(
    ("folder", "title", "name", "heading"),
    [
        ("Gulf Crisis 1990", None, "gulf-crisis-1990", "Gulf crisis 1990"),
        ("b", "Ein Fall für alle", "b", "Ein Fall für alle"),
        ("Ω", None, "scenario", "Scenario"),
        ("west.zip", None, "west", "West"),
    ],
)
def test_name_and_title_come_from_the_place_or_the_caller(tmp_path, folder, title, name, heading):
    """The name is a plain one made of the folder's, the title is kept as it was given."""
    read = tables.read(template.new(tmp_path / folder, title=title, date=DAY))

    assert (name, heading) == (read.name, read.title)


def test_nothing_is_overwritten(tmp_path):
    """A place that is taken is refused and stays as it was."""
    place = template.new(tmp_path / "fresh", title="First", date=DAY)

    with pytest.raises(UsageError, match="already there"):
        template.new(place, title="Second", date=DAY)
    assert "First" == json.loads((place / "datapackage.json").read_text())["title"]


@pytest.mark.parametrize("day", [dt.date(1599, 12, 31), dt.date(2101, 1, 1)])
def test_a_date_far_off_is_refused(tmp_path, day):
    """The schema holds figures from 1500 to 2100, so the date must lie well inside."""
    with pytest.raises(UsageError, match="does not lie between"):
        template.new(tmp_path / "fresh", date=day)


def test_without_a_date_it_is_today(tmp_path):
    """The date is written into the package, so that it stays what it was."""
    before = dt.date.today()
    read = tables.read(template.new(tmp_path / "fresh"))

    assert before <= read.date <= dt.date.today()
