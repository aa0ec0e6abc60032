"""Event files that a user brings: read as they are published, and placed on the ladder."""

from __future__ import annotations

import datetime as dt

import pytest
from click.testing import CliRunner

from detente.cli.evidence import calibrate
from detente.crisis.calibration.events import WARNINGS, read_events
from detente.errors import DataError

ICEWS = (
    "Event ID", "Event Date", "Source Name", "Source Sectors", "Source Country", "Event Text",
    "CAMEO Code", "Intensity", "Target Name", "Target Sectors", "Target Country", "Story ID",
    "Sentence Number", "Publisher", "City", "District", "Province", "Country", "Latitude",
    "Longitude",
)  # fmt: skip
GED = (
    "id", "relid", "year", "active_year", "code_status", "type_of_violence", "conflict_dset_id",
    "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name",
    "side_a_dset_id", "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b",
    "number_of_sources", "source_article", "source_office", "source_date", "source_headline",
    "source_original", "where_prec", "where_coordinates", "where_description", "adm_1", "adm_2",
    "latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region",
    "event_clarity", "date_prec", "date_start", "date_end", "deaths_a", "deaths_b",
    "deaths_civilians", "deaths_unknown", "best", "high", "low", "gwnoa", "gwnob",
)  # fmt: skip


def icews(path, rows):
    """Write a file as ICEWS has it from (day, source, target, code)."""
    lines = ["\t".join(ICEWS)]
    for number, (day, source, target, code) in enumerate(rows):
        given = {"Event ID": str(number + 1), "Event Date": day, "Source Country": source}
        given |= {"Target Country": target, "CAMEO Code": code, "Intensity": "-1.0"}
        lines.append("\t".join(given.get(name, "x") for name in ICEWS))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def gdelt(path, rows):
    """Write a file as GDELT 2.0 has it from (day, actor, actor, code): 61 columns, no header."""
    lines = []
    for number, (day, one, two, code) in enumerate(rows):
        cells = [""] * 61
        cells[0], cells[1], cells[7], cells[17] = str(number + 1), day, one, two
        cells[26], cells[30] = code, "-5.0"
        lines.append("\t".join(cells))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def ged(path, rows):
    """Write a file as UCDP GED has it from dicts of some columns."""
    lines = [",".join(GED)]
    for number, row in enumerate(rows):
        given = {"id": str(number + 1), "year": row["date_start"][:4], "best": "3", "latitude": "1"}
        given |= {"longitude": "1", "type_of_violence": "1"} | row
        lines.append(",".join(given.get(name, "") for name in GED))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def rows_of(events):
    """Return what counts of a table of events."""
    return list(events.table.select("day", "source", "target", "code", "rung").iter_rows())


def test_icews_names_become_codes_and_codes_become_rungs(tmp_path):
    """Names of countries are ours, also where ICEWS writes them its way; zeros are kept."""
    path = icews(
        tmp_path / "e.tab",
        [
            ("1988-03-02", "Russian Federation", "United States", "138"),
            ("1988-03-01", "Cote d'Ivoire", "Ghana", "043"),
            ("1988-03-01", "France", "France", "190"),
            ("1988-03-01", "NA", "Ghana", "190"),
            ("1988-03-03", "Atlantis", "Ghana", "190"),
        ],
    )
    events = read_events([path])

    assert [
        (dt.date(1988, 3, 1), "CIV", "GHA", "043", 0),
        (dt.date(1988, 3, 2), "RUS", "USA", "138", 2),
    ] == rows_of(events)
    assert [1, 1, 1] == list(events.left_out.values())
    assert (WARNINGS["icews_events"],) == events.warnings


def test_gdelt_has_no_header_and_regions_are_left_out(tmp_path):
    """The columns are known by their place; an actor without a state is no side of a dyad."""
    path = gdelt(
        tmp_path / "20151027.export.CSV",
        [
            ("20151027", "ROM", "HUN", "190"),
            ("20151027", "EUR", "HUN", "190"),
            ("20151027", "", "HUN", "190"),
            ("20151028", "IND", "PAK", "0231"),
            ("20151028", "IND", "PAK", "---"),
        ],
    )
    events = read_events([path])

    assert [
        (dt.date(2015, 10, 27), "ROU", "HUN", "190", 4),
        (dt.date(2015, 10, 28), "IND", "PAK", "0231", 0),
    ] == rows_of(events)
    assert 3 == sum(events.left_out.values())


def test_ucdp_events_stand_on_the_use_of_force(tmp_path):
    """States by their Gleditsch-Ward number, others by name; vague dates are left out."""
    path = ged(
        tmp_path / "ged.csv",
        [
            {"date_start": "1989-05-10", "date_end": "1989-05-16", "gwnoa": "540", "side_b": "U"},
            {"date_start": "1989-05-01", "date_end": "1989-05-31", "gwnoa": "540", "side_b": "U"},
            {"date_start": "1989-06-01", "date_end": "1989-06-01", "gwnoa": "750", "gwnob": "770"},
            {"date_start": "1989-06-02", "date_end": "1989-06-02", "type_of_violence": "3"},
        ],
    )  # fmt: skip
    events = read_events([path])

    assert [
        (dt.date(1989, 5, 10), "AGO", "U", None, 4),
        (dt.date(1989, 6, 1), "IND", "PAK", None, 4),
    ] == rows_of(events)
    assert 2 == sum(events.left_out.values())


def test_several_events_of_a_dyad_on_one_day_count_once(tmp_path):
    """Either way round, and from the rung that is asked for."""
    path = icews(
        tmp_path / "e.tab",
        [
            ("1988-03-01", "India", "Pakistan", "190"),
            ("1988-03-01", "Pakistan", "India", "138"),
            ("1988-03-05", "Pakistan", "India", "138"),
            ("1988-03-09", "Pakistan", "India", "010"),
        ],
    )
    events = read_events([path])

    assert {("IND", "PAK"): [dt.date(1988, 3, 1), dt.date(1988, 3, 5)]} == events.days(2)
    assert {("IND", "PAK"): [dt.date(1988, 3, 1)]} == events.days(4)


def test_files_of_several_kinds_are_read_together(tmp_path):
    """Their rows are put in order, and each kind has its warning."""
    one = icews(tmp_path / "e.tab", [("1988-03-05", "India", "Pakistan", "190")])
    rows = [("19880301", "IND", "PAK", "190"), ("19880301", "IND", "", "190")]
    two = gdelt(tmp_path / "e.csv", rows)
    events = read_events([one, two])

    assert ["e.csv", "e.tab"] == events.table["file"].to_list()
    assert 2 == len(events.warnings)


def test_a_file_without_events_is_refused(tmp_path):
    """A table of another kind, or none, is named with what would be right."""
    path = tmp_path / "states.csv"
    path.write_text("a,b,c\n1,2,3\n")

    with pytest.raises(DataError):
        read_events([path])


def test_the_files_of_the_field_are_read(shared_data):
    """One sample of each, as released: dyads of states on rungs of the ladder."""
    folder = shared_data / "original"
    paths = [
        folder / "gdelt2_20151027220000.export.CSV.gz",
        folder / "icews_events.2018.sample.tab.gz",
        folder / "ucdp_ged_23.1_sample_1989.csv",
    ]
    events = read_events(paths)
    counts = dict(events.table.group_by("file").len().iter_rows())

    assert {path.name for path in paths} == set(counts)
    assert {0, 1, 2, 3, 4} >= set(events.table["rung"].unique())
    assert ("AGO", "UNITA") in events.days(4)
    assert 3 == len(events.warnings)


def test_json_is_answered_with_the_event_files_that_are_read(tmp_path):
    """A file of something else says what would be right."""
    path = tmp_path / "lad.json"
    path.write_text("{}", encoding="utf-8")

    with pytest.raises(
        DataError, match=r"is JSON, and no event file\. .*GDELT 2\.0 exports, ICEWS"
    ):
        read_events([path])


def test_a_table_of_something_else_is_answered_with_the_event_files_too(tmp_path):
    """So is a table whose columns nobody knows."""
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    with pytest.raises(DataError, match=r"Event files that are read: GDELT"):
        read_events([path])


def test_a_dyad_of_a_code_that_nobody_has_is_refused(tmp_path):
    """A state without an event makes its dyads quiet, which is said; a slip is refused."""
    days = [f"2015{month:02}{day:02}" for month in range(1, 11) for day in (1, 2, 9, 17, 25)]
    path = gdelt(tmp_path / "x.export.CSV", [(day, "IND", "PAK", "190") for day in days])
    runner, arguments = CliRunner(), ["crisis", "--events", str(path), "--dyad"]
    slip = runner.invoke(calibrate, [*arguments, "XXX-PAK"])
    quiet = runner.invoke(calibrate, [*arguments, "IND-PAK", "--dyad", "FRA-PAK"])

    assert "Nobody of the code XXX is in the event files" in str(slip.exception)
    assert "Nobody of the code FRA is in the event files: its dyads count as quiet" in quiet.stderr
    assert 0 == quiet.exit_code
