"""One data set in the forms that programs and people give it is one table."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest
from file_variants import columns, flat_layouts, rows, write
from hypothesis import given
from hypothesis import strategies as st

from detente.crisis.calibration.events import READERS, read_events
from detente.errors import DataError
from detente.evidence.datasets import recognition, registry, store
from detente.evidence.datasets.missing_values import MARKS, NUMBER_MARKS, without_marks
from detente.evidence.datasets.written_dates import FORMS, parse

LAYOUTS = flat_layouts()
names_of = [layout.name for layout in LAYOUTS]


def read(path, **options):
    """Read a part of a file."""
    return recognition.read(path, whole=False, **options)


@pytest.mark.parametrize("layout", LAYOUTS, ids=names_of)
def test_a_file_of_no_more_than_the_wanted_columns_gives_every_column_of_its_table(
    layout, tmp_path
):
    """What code may use is what the table declares; a column that a file lacks is empty."""
    names = columns(layout)
    path = write(tmp_path / "f.csv", names, list(rows(layout, names)))
    reading = read(path, extras=False)

    assert layout.name == reading.layout.name
    assert list(registry.tables()[layout.table].columns) == reading.frame.columns


@pytest.mark.parametrize("layout", LAYOUTS, ids=names_of)
@pytest.mark.parametrize("change", [str.upper, str.lower, str.title, lambda name: f" {name} "])
def test_the_case_of_names_changes_nothing(layout, change, tmp_path):
    """Databases write names in capitals: every declared column is found all the same."""
    names = columns(layout, optional=True)
    body = list(rows(layout, names))
    plain = read(write(tmp_path / "a.csv", names, body), extras=False).frame
    changed = read(
        write(tmp_path / "b.csv", [change(name) for name in names], body), extras=False
    ).frame

    assert plain.equals(changed)


@pytest.mark.parametrize("layout", LAYOUTS, ids=names_of)
def test_what_stands_for_missing_is_missing_in_every_layout(layout, tmp_path):
    """NA, NaN, null and the others are what an empty cell is, whatever the column holds."""
    table = registry.tables()[layout.table]
    names = columns(layout, optional=True)
    marks = sorted(MARKS - {""})
    body = list(rows(layout, names))
    may = {
        theirs
        for theirs, ours in layout.columns.items()
        if ours not in table.key and ours not in ("start_date", "end_date")
    }
    frames = []
    for written in ([""], marks):
        cells = [
            [
                written[place % len(written)] if row == 1 and place and name in may else value
                for place, (name, value) in enumerate(zip(names, line, strict=True))
            ]
            for row, line in enumerate(body)
        ]
        frames.append(read(write(tmp_path / "f.csv", names, cells), extras=False).frame)

    assert frames[0].equals(frames[1])


@given(
    code=st.sampled_from([-9, -8, -7, -77, -88, -99]),
    decimals=st.integers(0, 6),
    spaces=st.sampled_from(["", " ", "  "]),
)
def test_a_number_for_missing_is_itself_however_it_is_written(code, decimals, spaces):
    """-9, -9.0 and -9.000 are one number; another number is not it."""
    text = f"{spaces}{code:.{decimals}f}{spaces}"
    column = without_marks(pl.Series([text, "5"]), codes=(str(code),))
    other = without_marks(pl.Series([text, "5"]), codes=(str(code + 1),))

    assert ([None, "5"], 0) == (column.to_list(), other.null_count())


@given(st.sampled_from(sorted(NUMBER_MARKS)), st.sampled_from([str.upper, str.lower, str.title]))
def test_a_mark_has_no_case(mark, change):
    """Na, NA and na are one mark."""
    assert [None] == without_marks(pl.Series([change(mark)])).to_list()


@pytest.mark.parametrize("kind", sorted(READERS))
def test_events_are_read_from_the_wanted_columns_alone(kind, tmp_path):
    """No reader of events uses a column that its layout does not declare."""
    for layout in (x for x in LAYOUTS if x.table == kind):
        names = columns(layout)
        events = read_events([write(tmp_path / "e.csv", names, list(rows(layout, names)))])

        assert 3 == events.table.height + sum(events.left_out.values())


def test_models_see_the_declared_columns_only(tmp_path, monkeypatch):
    """What a kept file has beside them is for its owner: code that used it would fail at once."""
    monkeypatch.setenv("DETENTE_DATA", str(tmp_path / "data"))
    line = ["9", "A", "5", "1", "S", "-8", "R", "0", "1818", "1818", "-8", "-8", "R", "1", "4"]
    store.add([write(tmp_path / "w.csv", [*INTRASTATE, "mine"], [[*line, "note"]])])

    assert list(registry.tables()["civil_wars"].columns) == store.table("civil_wars").columns


DAYS = st.dates(dt.date(1990, 1, 13), dt.date(2029, 12, 31))
WRITTEN = {
    "iso": "%Y-%m-%d", "slashes": "%Y/%m/%d", "together": "%Y%m%d", "points": "%d.%m.%Y",
    "named": "%d %B %Y", "short": "%d-%b-%Y", "named first": "%B %d, %Y",
    "with a time": "%Y-%m-%d 00:00:00.000", "with a clock": "%m/%d/%Y 12:00:00 AM",
}  # fmt: skip


@pytest.mark.parametrize("form", sorted(WRITTEN))
@given(days=st.lists(DAYS, min_size=1, max_size=5))
def test_a_date_is_read_in_every_form(form, days):
    """What spreadsheets and databases write, with or without a time."""
    days = [*days, dt.date(2017, 12, 31)]

    assert days == parse(pl.Series([day.strftime(WRITTEN[form]) for day in days])).days.to_list()


@pytest.mark.parametrize("month_first", [True, False])
@given(days=st.lists(DAYS, min_size=1, max_size=5))
def test_the_column_tells_whether_the_month_comes_first(month_first, days):
    """One day past the twelfth is enough for all dates of a column."""
    form = "%m/%d/%Y" if month_first else "%d/%m/%Y"
    days = [*days, dt.date(2017, 1, 31)]

    assert days == parse(pl.Series([day.strftime(form) for day in days])).days.to_list()


def test_dates_of_which_nothing_tells_the_order_are_refused_by_form(tmp_path):
    """3/4/2017 may be in March or in April: the makers' order is taken, or the form is named."""
    texts = pl.Series(["3/4/2017", "5/6/2017"])
    layout = registry.layouts()["capitals"]
    names = columns(layout)
    body = list(rows(layout, names))
    body[0][names.index("start_date")] = "3/4/2017"
    with pytest.raises(DataError) as caught:
        read(write(tmp_path / "f.csv", names, body))

    assert dt.date(2017, 3, 4) == parse(texts, month_first=True).days[0]
    assert dt.date(2017, 4, 3) == parse(texts, month_first=False).days[0]
    assert "3/4/2017" == parse(texts).open_order
    assert FORMS in str(caught.value)
    assert "write the year first" in str(caught.value)


def icews(tmp_path, name, change):
    """Write a file of ICEWS of 40 days, changed."""
    header = ["Event ID", "Event Date", "Source Country", "Event Text", "CAMEO Code", "Intensity",
              "Target Country"]  # fmt: skip
    kinds = [("Threaten", "130"), ("fight with small arms and light weapons", "193"),
             ("Make an appeal or request", "020"), ("Engage in negotiation", "046")]  # fmt: skip
    body = [
        [str(k + 1), dt.date(2017, 1, 1 + k % 28), "India", kinds[k % 4][0], kinds[k % 4][1], "-1",
         "Pakistan"]
        for k in range(40)
    ]  # fmt: skip
    table = [change(dict(zip(header, line, strict=True))) for line in body]
    lines = [[str(cell) for cell in line.values()] for line in table]
    return write(tmp_path / name, list(table[0]), lines, "\t")


CHANGES = {
    "usual": lambda row: row,
    "month first": lambda row: row | {"Event Date": f"{row['Event Date']:%m/%d/%Y}".lstrip("0")},
    "points": lambda row: row | {"Event Date": f"{row['Event Date']:%d.%m.%Y}"},
    "no code": lambda row: {k: v for k, v in row.items() if k != "CAMEO Code"},
    "both": lambda row: {
        k: f"{v:%m/%d/%Y}" if k == "Event Date" else v for k, v in row.items() if k != "CAMEO Code"
    },
    "zeros lost": lambda row: row | {"CAMEO Code": str(int(row["CAMEO Code"]))},
    "decimals": lambda row: row | {"CAMEO Code": f"{int(row['CAMEO Code'])}.0"},
    "no text": lambda row: {k: v for k, v in row.items() if k != "Event Text"},
}


@pytest.mark.parametrize("form", sorted(CHANGES))
def test_a_yearly_file_of_icews_is_read_in_each_of_its_forms(form, tmp_path):
    """The year of 2017 has dates with the month first and no codes: its texts give them."""
    usual = read_events([icews(tmp_path, "a.tab", CHANGES["usual"])]).table.drop("file")
    changed = read_events([icews(tmp_path, "b.tab", CHANGES[form])]).table.drop("file")

    assert 40 == usual.height
    assert usual.equals(changed)


def test_an_icews_file_without_text_and_code_is_refused_with_both(tmp_path):
    """Without a code and without the text that stands for it nothing tells what happened."""
    path = icews(
        tmp_path, "a.tab",
        lambda row: {k: v for k, v in row.items() if k not in ("CAMEO Code", "Event Text")},
    )  # fmt: skip
    with pytest.raises(DataError, match="ICEWS"):
        read_events([path])


GDELT = {1: "GLOBALEVENTID", 2: "SQLDATE", 8: "Actor1CountryCode", 18: "Actor2CountryCode",
         27: "EventCode", 31: "GoldsteinScale"}  # fmt: skip


@pytest.mark.parametrize(
    ("count", "header", "separator", "lost"),
    [(61, False, "\t", False), (58, False, "\t", False), (57, False, "\t", False),
     (61, True, ",", False), (61, True, "\t", True), (31, True, ";", False), (6, True, ",", True),
     (4, True, ",", False)],
)  # fmt: skip
def test_gdelt_is_read_in_each_of_its_forms(count, header, separator, lost, tmp_path):
    """With and without a header, chosen columns, version 1, codes without their zeros."""
    events = [(f"201601{k + 1:02d}", "IND", "PAK", code)
              for k, code in enumerate(["190", "0231", "043", "138", "057"] * 4)]  # fmt: skip
    places = list(GDELT) if count == 6 else [2, 8, 18, 27] if count == 4 else range(1, count + 1)
    body = []
    for number, (day, one, two, code) in enumerate(events):
        known = {1: str(number + 1), 2: day, 8: one, 18: two, 31: "-5.0",
                 27: code.lstrip("0") if lost else code}  # fmt: skip
        body.append([known.get(place, "") for place in places])
    names = [GDELT.get(place, f"c{place}") for place in places] if header else []
    table = read_events([write(tmp_path / "g.csv", names, body, separator)]).table

    assert [code for _, _, _, code in events] == table["code"].to_list()


def test_a_headless_table_of_another_width_says_which_are_read(tmp_path):
    """Figures in the first line are no names: the refusal says so, and shows no invented ones."""
    path = write(tmp_path / "g.csv", [], [[str(k) for k in range(40)]] * 3, "\t")
    with pytest.raises(DataError, match=r"has no header, and 40 columns.*49, 57, 58, 61"):
        read_events([path])


def test_a_candidate_release_of_georeferenced_events_without_a_header_is_read(tmp_path):
    """Forty-nine columns by their place."""
    layout = registry.layouts()["ucdp-events-original"]
    places = layout.headless[49]
    known = {"id": "7", "year": "2001", "type_of_violence": "1", "latitude": "1", "longitude": "1",
             "date_start": "2001-01-04 00:00:00.000", "date_end": "2001-01-04 00:00:00.000",
             "best": "3", "gwnoa": "750.0", "gwnob": "770"}  # fmt: skip
    line = [known.get(places.get(str(k + 1), ""), "") for k in range(49)]
    events = read_events([write(tmp_path / "c.csv", [], [line])])

    assert [("IND", "PAK")] == events.table.select("source", "target").rows()


def test_numbers_of_states_with_decimals_are_numbers_of_states(tmp_path):
    """A column with empty cells comes out of pandas as 750.0: the state is the same."""
    layout = registry.layouts()["ucdp-events-original"]
    names = columns(layout, optional=True)
    body = [list(line) for line in rows(layout, names)]
    for line in body:
        line[names.index("gwnoa")], line[names.index("gwnob")] = "750.0", "770.0"

    events = read_events([write(tmp_path / "c.csv", names, body)])

    assert {("IND", "PAK")} == set(events.table.select("source", "target").rows())


def test_polecat_is_placed_by_type_and_context(tmp_path):
    """A threat counts as one of force where its context is military."""
    names = ["Event ID", "Event Date", "Event Type", "Event Mode", "Contexts", "Actor Country",
             "Recipient Country"]  # fmt: skip
    body = [
        ["a", "2020-01-13", "THREATEN", "", "military;territory", "IND", "PAK"],
        ["b", "2020-01-14", "THREATEN", "", "economic", "IND", "PAK"],
        ["c", "2020-01-15", "ASSAULT", "heavy-weapons", "military", "IND", "PAK"],
        ["d", "2020-01-16", "MOBILIZE", "troops", "", "IND", "PAK"],
        ["e", "2020-01-17", "CONSULT", "meet", "", "IND", "None"],
    ]
    events = read_events([write(tmp_path / "p.txt", names, body, "\t")])

    assert [2, 1, 4, 3] == events.table["rung"].to_list()
    assert 1 == sum(events.left_out.values())


INTRASTATE = ["WarNum", "WarName", "WarType", "CcodeA", "SideA", "CcodeB", "SideB", "Intnl",
              "StartYear1", "EndYear1", "StartYear2", "EndYear2", "Initiator", "Outcome",
              "Version"]  # fmt: skip


@pytest.mark.parametrize("short", [False, True])
def test_wars_within_states_as_published_are_rows_by_war_and_year(short, tmp_path):
    """-8 stands for no second spell, -9 for an end that is not known, -7 for one not yet come."""
    names = [name.replace("Year", "Yr") if short else name for name in INTRASTATE]
    body = [
        [
            "900",
            "A",
            "5",
            "100",
            "S",
            "-8",
            "R",
            "0",
            "1818",
            "1820",
            "1825",
            "1825",
            "R",
            "1",
            "4.1",
        ],
        ["901", "B", "5", "200", "T", "-8", "Q", "0", "1930", "-7", "-8", "-8", "Q", "1", "4.1"],
        ["902", "C", "5", "200", "T", "-8", "P", "0", "1932", "-9", "-8", "-8", "P", "1", "4.1"],
    ]
    reading = recognition.read(write(tmp_path / "w.csv", names, body))
    years = reading.frame.group_by("warnum").agg(pl.col("year").sort()).sort("warnum")

    assert "cow-civil-wars" == reading.layout.source
    assert [[1818, 1819, 1820, 1825], [1930, 1931, 1932], [1932]] == years["year"].to_list()


def test_a_near_miss_names_both_sets_and_what_parts_them(tmp_path):
    """A sister data set of the same project is not taken for the one that is like it."""
    names = [name for name in INTRASTATE if name not in ("CcodeB", "StartYear1", "EndYear1")]
    names += ["StartYear", "EndYear", "Side"]
    body = [["1"] * len(names)] * 2
    with pytest.raises(recognition.NearMiss) as caught:
        recognition.read(write(tmp_path / "w.csv", names, body))

    assert "Intra-State" in str(caught.value)
    assert "Inter-State" in str(caught.value)
    assert "What parts the two" in str(caught.value)


def test_an_extract_is_told_which_columns_it_lacks(tmp_path):
    """Of a file without some of its columns each that is missing is named."""
    names = ["id", "year", "type_of_violence", "latitude", "longitude", "date_start", "gwnoa"]
    with pytest.raises(recognition.NearMiss) as caught:
        recognition.read(write(tmp_path / "g.csv", names, [["1"] * 7] * 2))

    assert all(f"'{name}'" in str(caught.value) for name in ("best", "date_end", "gwnob"))


@pytest.mark.parametrize("wrong", [1, 3, 4, 500])
def test_wrong_values_are_counted_and_the_first_are_named(wrong, tmp_path):
    """The number of cells is right however many there are, and not each is printed."""
    body = [["2", str(20 + k), "x" if k < wrong else "1900"] for k in range(600)]
    with pytest.raises(DataError) as caught:
        recognition.read(write(tmp_path / "f.csv", ["ccode1", "ccode2", "year"], body))
    lines = str(caught.value).splitlines()

    assert (wrong, f"{wrong:,} fault{'s' * (wrong > 1)}") == (caught.value.count, lines[0])
    assert min(wrong, 3) + (wrong > 3) == len(lines) - 1


@pytest.mark.parametrize("written", ["4.01", "4.0100002", "4.010", "4.01000022888184"])
def test_one_version_has_one_name(written):
    """Stata's short numbers make 4.0100002 of 4.01."""
    assert "4.01" == recognition.version_text(written)


def test_a_release_spelt_by_stata_is_not_preferred_to_a_later_one(tmp_path, empty):
    """4.0100002 is 4.01: the later release serves the table, whatever was added last."""
    layout = registry.layouts()["atop-directed-original"]
    names = [*columns(layout), "ddyad"]
    entries = []
    for version in ("5.1", "4.0100002"):
        body = [[*line, "1"] for line in rows(layout, names[:-1])]
        for line in body:
            line[names.index("version")] = version
        reading = read(write(tmp_path / f"{version}.csv", names, body))
        entries.append(store._keep(tmp_path / f"{version}.csv", reading))
    store._write_index(entries)

    assert ["5.1", "4.01"] == [entry.version.split(",")[0] for entry in store.entries()]


@pytest.mark.parametrize("layout", LAYOUTS, ids=names_of)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_the_encoding_of_a_file_changes_nothing(layout, encoding, tmp_path):
    """A spreadsheet's "Unicode text" is UTF-16: it is the table that UTF-8 is."""
    names = columns(layout)
    path = write(tmp_path / "f.csv", names, list(rows(layout, names)))
    plain = read(path).frame
    path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))

    assert plain.equals(read(path).frame)


@pytest.mark.parametrize("layout", LAYOUTS, ids=names_of)
def test_rows_with_a_name_that_the_header_has_no_cell_for_are_read(layout, tmp_path):
    """R's write.table puts the names of rows first and leaves them out of the header."""
    names = columns(layout)
    body = list(rows(layout, names))
    plain = read(write(tmp_path / "a.csv", names, body), extras=False).frame
    numbered = [[str(k + 1), *line] for k, line in enumerate(body)]

    assert plain.equals(read(write(tmp_path / "b.csv", names, numbered), extras=False).frame)


@pytest.mark.parametrize("layout", LAYOUTS, ids=names_of)
@pytest.mark.parametrize("name", ["", "Unnamed: 0", "index", "X", "...1"])
def test_the_numbers_of_rows_are_no_column(layout, name, tmp_path):
    """What pandas and R put before the columns says nothing, under each name that they give it."""
    names = columns(layout)
    body = list(rows(layout, names))
    plain = read(write(tmp_path / "a.csv", names, body)).frame
    numbered = [[str(k), *line] for k, line in enumerate(body)]

    assert plain.equals(read(write(tmp_path / "b.csv", [name, *names], numbered)).frame)
