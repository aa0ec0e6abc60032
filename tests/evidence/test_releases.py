"""Each release is read in the form in which its makers publish it; the files are made here."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import polars as pl
import pytest

from detente.errors import DataError
from detente.evidence.datasets import file_opening, recognition, store, workbooks


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """Write a file as it stands and return its path."""
    path.write_bytes(text.encode(encoding))
    return path


def workbook(sheets: dict[str, list[list[object]]]) -> bytes:
    """Return a minimal .xlsx file with these sheets."""

    def cell(value: object) -> str:
        if isinstance(value, int | float):
            return f"<c><v>{value}</v></c>"
        return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'

    spread = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        parts = ["xl/workbook.xml", *(f"xl/worksheets/sheet{k}.xml" for k in range(len(sheets)))]
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        archive.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            + '<Default Extension="rels" ContentType="application/xml"/>'
            + "".join(
                f'<Override PartName="/{part}" ContentType="{kind}.'
                f'{"sheet.main" if not k else "worksheet"}+xml"/>'
                for k, part in enumerate(parts)
            )
            + "</Types>",
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r" '
            f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{spread}" xmlns:r="{office}"><sheets>'
            + "".join(
                f'<sheet name="{escape(name)}" sheetId="{k + 1}" r:id="s{k}"/>'
                for k, name in enumerate(sheets)
            )
            + "</sheets></workbook>",
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">'
            + "".join(
                f'<Relationship Id="s{k}" Type="{office}/worksheet" '
                f'Target="worksheets/sheet{k}.xml"/>'
                for k in range(len(sheets))
            )
            + "</Relationships>",
        )
        for k, rows in enumerate(sheets.values()):
            lines = "".join("<row>" + "".join(map(cell, row)) + "</row>" for row in rows)
            archive.writestr(
                f"xl/worksheets/sheet{k}.xml",
                f'<worksheet xmlns="{spread}"><sheetData>{lines}</sheetData></worksheet>',
            )
    return out.getvalue()


def sipri(measure: float) -> list[list[object]]:
    """Return a sheet as SIPRI lays it out: words, a header, regions, countries."""
    return [
        ["Military expenditure by country, 1990-1992"],
        ["Figures in red are estimates"],
        [""],
        ["Country", "", "Notes", 1990, 1991, 1992],
        ["Africa"],
        ["North Africa"],
        ["Algeria", "", "1, 2", measure, 2 * measure, ". ."],
        ["Europe"],
        ["Germany", "", "", measure, measure, "xxx"],
        ["Russia", "", "", 0, 0, measure],
        ["Atlantis", "", "", "...", 3 * measure, ""],
    ]


def test_a_workbook_of_military_spending_is_read_as_released(tmp_path):
    """Sheets become rows of countries by years; unknown cells stay away, codes are of the year."""
    path = tmp_path / "milex.xlsx"
    sheets = {
        "Front page": [["Contents"]],
        "Constant (2024) US$": sipri(8.0),
        "Current US$": sipri(4.0),
        "Share of GDP": sipri(0.01),
    }
    path.write_bytes(workbook(sheets))
    found = recognition.read(path, whole=False)
    rows = found.frame.select(
        "country", "iso3", "ccode", "year", "milex_constant", "milex_current", "milex_share"
    ).rows()

    assert (found.layout.source, found.version.split(",")[0]) == ("sipri", "prices of 2024")
    assert [
        ("Algeria", "DZA", 615, 1990, 8.0, 4.0, 0.01),
        ("Algeria", "DZA", 615, 1991, 16.0, 8.0, 0.02),
        ("Germany", "DEU", 260, 1990, 8.0, 4.0, 0.01),
        ("Germany", "DEU", 255, 1991, 8.0, 4.0, 0.01),
        ("Russia", "RUS", 365, 1992, 8.0, 4.0, 0.01),
        ("Atlantis", None, None, 1991, 24.0, 12.0, 0.03),
    ] == rows
    with pytest.raises(DataError, match="7,000 or more"):
        recognition.read(path)


def test_the_tidy_spending_and_the_workbook_agree(shared, tmp_path):
    """Laid out as SIPRI does, the figures at hand come back cell for cell."""
    tidy = recognition.read(shared / "sipri_milex_country_years.csv.gz").frame
    years = list(range(1949, 2025))
    sheets: dict[str, list[list[object]]] = {}
    names = {
        "Constant (2023) US$": "milex_constant",
        "Current US$": "milex_current",
        "Share of GDP": "milex_share",
    }
    for sheet, column in names.items():
        by = {(c, y): v for c, y, v in tidy.select("country", "year", column).iter_rows()}
        lines = [
            [c, "", "", *(". ." if by.get((c, y)) is None else by[c, y] for y in years)]
            for c in tidy["country"].unique(maintain_order=True)
        ]
        sheets[sheet] = [["Words"], ["Country", "", "Notes", *years], *lines]
    path = tmp_path / "milex.xlsx"
    path.write_bytes(workbook(sheets))
    found = recognition.read(path)
    order = ["country", "year"]

    assert found.version == "prices of 2023, release of 8,839 rows"
    assert tidy.sort(order).equals(found.frame.select(tidy.columns).sort(order))


POLITY = "p5,cyear,ccode,scode,country,year,flag,fragment,democ,autoc,polity,polity2,durable,xrreg"


def test_polity_is_read_from_its_spreadsheet(tmp_path):
    """Polity 5 is published as one sheet: whole numbers stay whole, gaps stay gaps."""
    path = tmp_path / "p5.xlsx"
    row = [0, 7001800, 700, "AFG", "Afghanistan", 1800, 0, "", 1, 7, -6, -6, "", 3]
    path.write_bytes(workbook({"p5v2018": [POLITY.split(","), row]}))
    frame = recognition.read(path, whole=False).frame

    assert frame.select("ccode", "year", "polity2", "durable").rows() == [(700, 1800, -6, None)]


def test_spreadsheets_that_are_no_table_are_told_apart(tmp_path, monkeypatch):
    """A sheet of words, a damaged workbook and an absent extra each say what they are."""
    words, broken = tmp_path / "words.xlsx", tmp_path / "broken.xlsx"
    words.write_bytes(workbook({"One": [["hello"], ["world"]]}))
    with pytest.raises(recognition.NotATable, match="header in its first line"):
        recognition.read(words)
    whole = workbook({"One": [["a", "b", "c"], [1, 2, 3]]})
    broken.write_bytes(workbooks.OLD + whole[:200])
    with pytest.raises(DataError, match="spreadsheet is damaged"):
        recognition.read(broken)

    def absent(data: bytes) -> pl.DataFrame:
        raise workbooks.NoReader("Install the extra")

    monkeypatch.setattr(workbooks, "read", absent)
    with pytest.raises(DataError, match=r"is a spreadsheet\. Install the extra"):
        recognition.read(words)


def test_a_wide_table_is_read_in_part(tmp_path):
    """Of V-Dem's thousands of columns those that are wanted are read, in any order."""
    extra = [f"v2x_{k}" for k in range(400)]
    head = [*extra[:200], "country_id", "year", "COWcode", *extra[200:], "v2x_polyarchy"]
    values = ["1"] * 200 + ["3", "1900", "70"] + ["2"] * 200 + ["0.25"]
    path = write(tmp_path / "V-Dem.csv", ",".join(head) + "\n" + ",".join(values) + "\n")

    assert file_opening.open_file(path).width == 4
    frame = recognition.read(path, whole=False).frame
    assert frame.select("ccode", "year", "polyarchy").rows() == [(70, 1900, 0.25)]
    with pytest.raises(DataError, match="20,000 or more"):
        recognition.read(path)


def test_a_wide_table_of_something_else_is_refused(tmp_path):
    """A wide table in which nothing is wanted is of no known layout."""
    head = ",".join(f"column{k}" for k in range(300))
    path = write(tmp_path / "x.csv", f"{head}\n{head}\n")

    with pytest.raises(recognition.Unrecognised):
        recognition.read(path)


@pytest.mark.parametrize("version", [",5.1", ""])
def test_directed_obligations_are_read_with_and_without_a_version(tmp_path, version):
    """ATOP's directed dyad-years, the states at the end of the line as in release 5.1."""
    head = "ddyad,year,atopally,defense,offense,neutral,nonagg,consul,shareob,stateA,stateB"
    head += ",version\n" if version else "\n"
    body = f"2020,1945,1,1,0,0,0,1,1,2,20{version}\n2020,1930,0,0,0,0,0,0,0,2,20{version}\n"
    found = recognition.read(write(tmp_path / "ddyr.csv", head + body), whole=False)

    assert found.layout.name == "atop-directed-original"
    assert found.frame.rows() == [(2, 20, 1945, 1, 0, 0, 0, 1)]


@pytest.mark.parametrize("version", ["4.01", "5.1"])
def test_treaties_and_members_are_read_as_released(shared, tmp_path, version):
    """ATOP's files of alliances and of members: both releases, all columns kept as text."""
    members = gzip.decompress((shared / "original/atop4_01_member_level.csv.gz").read_bytes())
    treaties = (shared / "original/atop4_01_alliance_level.csv").read_bytes()
    out = {}
    for name, data in (("m", members), ("a", treaties)):
        text = data.decode("cp1252")
        if version == "5.1":
            text = text.replace(",4.01", ",5.1").replace("new4,rev4,", "new5,rev5,")
        out[name] = recognition.read(write(tmp_path / f"{name}.csv", text))

    assert {"atop-members-original", "atop-treaties-original"} == {
        found.layout.name for found in out.values()
    }
    assert all(found.version.startswith(version) for found in out.values())
    assert {"moent", "organ1"} <= set(out["m"].frame.columns)
    assert "organ1" in out["a"].frame.columns


def test_an_old_release_of_treaties_is_refused(tmp_path):
    """ATOP before 4.01 is too old to be used."""
    head = "stateA,stateB,year,atopally,defense,offense,neutral,nonagg,consul,version\n"
    path = write(tmp_path / "a.csv", head + "2,20,1945,1,1,0,0,0,1,3.0\n")

    with pytest.raises(DataError, match="too old"):
        recognition.read(path)


def test_contiguity_is_read_in_each_of_its_forms(tmp_path):
    """Spells by month, as released with bare carriage returns, and directed dyad-years."""
    spells = "dyad,statelno,statelab,statehno,statehab,conttype,begin,end,notes,version\n"
    spells += "".join(
        f'{k},{2 + k},"A",950,"B",1,192003,201612,"begins, ends",3.2\n' for k in range(870)
    )
    years = "dyad,state1no,state1ab,state2no,state2ab,year,conttype,version\n"
    years += "2020,2,USA,20,CAN,1920,1,3.2\n20002,20,CAN,2,USA,1920,1,3.2\n"
    one = recognition.read(write(tmp_path / "contdir.csv", spells.replace("\n", "\r")))
    two = recognition.read(write(tmp_path / "contdird.csv", years), whole=False)

    assert (one.version.split(",")[0], one.frame.height) == ("3.2", 1740)
    assert (one.first_year, one.last_year) == (1920, 2016)
    assert [str(day) for day in two.frame.row(0)[3:]] == ["1920-01-01", "1920-12-31"]
    assert two.frame.height == 2
    with pytest.raises(DataError, match="cut off"):
        recognition.read(tmp_path / "contdird.csv")


MIDA = (
    "dispnum,stday,stmon,styear,endday,endmon,endyear,outcome,settle,fatality,fatalpre,maxdur,"
    "mindur,hiact,hostlev,recip,numa,numb,version\n"
)
MIDB = (
    "dispnum,stabb,ccode,stday,stmon,styear,endday,endmon,endyear,sidea,revstate,fatality,"
    "fatalpre,hiact,hostlev,orig,version\n"
)


@pytest.mark.parametrize(
    ("version", "source"), [("5", "cow-mid"), ("gml-2.2.1", "gml"), ("gml-2.2.2", "gml")]
)
def test_disputes_and_their_participants_are_told_by_maker(tmp_path, version, source):
    """Both makers use the same columns: the version says whose the file is."""
    mida = MIDA + f"2,-9,7,1902,24,1,1903,6,1,0,0,208,178,7,3,0,1,1,{version}\n"
    midb = MIDB + f"2,USA,2,-9,7,1902,24,1,1903,1,1,0,0,7,3,1,{version}\n"
    one = recognition.read(write(tmp_path / "a.csv", mida), whole=False)
    two = recognition.read(write(tmp_path / "b.csv", midb), whole=False)

    assert {source} == {one.layout.source, two.layout.source}
    assert ("disputes", "dispute_participants") == (one.layout.table, two.layout.table)
    assert (1902, 3) == one.frame.select("start_year", "hostility").row(0)
    assert (2, 1902, 1) == two.frame.select("ccode", "start_year", "side_a").row(0)


@pytest.mark.parametrize("version", ["4.01", "gml-2.03"])
def test_older_disputes_are_refused(tmp_path, version):
    """Releases before MID 5 and GML 2.2 say that they are too old."""
    path = write(
        tmp_path / "a.csv", MIDA + f"2,1,7,1902,24,1,1903,6,1,0,0,2,1,7,3,0,1,1,{version}\n"
    )

    with pytest.raises(DataError, match="too old"):
        recognition.read(path)


def test_wars_with_bare_carriage_returns_are_read(tmp_path):
    """The list of inter-state wars: its codes for unknown and not applicable are missing."""
    head = (
        "WarNum,WarName,WarType,ccode,StateName,Side,StartMonth1,StartDay1,StartYear1,EndMonth1,"
        "EndDay1,EndYear1,TransFrom,WhereFought,Initiator,Outcome,TransTo,BatDeath,Version\n"
    )
    body = "1,Made War,1,2,AAA,1,4,7,1823,11,13,1823,503,2,1,1,-8,-9,4\n"
    path = write(tmp_path / "w.csv", (head + body).replace("\n", "\r"))
    frame = recognition.read(path, whole=False).frame

    assert (1, 1823, None) == frame.select("warnum", "start_year", "deaths").row(0)
    with pytest.raises(DataError, match="294 or more"):
        recognition.read(path)


def test_tables_of_the_r_package_are_read_under_its_names(tmp_path):
    """Tables written from {peacesciencer} keep their column names; NA is missing."""
    alliances = (
        "ccode1,ccode2,year,atop_defense,atop_offense,atop_neutral,atop_nonagg,atop_consul\n"
    )
    rivals = "tssr_id,rivalry,ccode1,ccode2,start,end,positional,spatial,ideological,"
    rivals += "interventionary,principal,aprin\n1,A-B,220,300,1494,1918,1,NA,NA,NA,NA,NA\n"
    files = {
        "obligations": alliances + "2,20,1945,1,0,0,0,1\n",
        "contiguity": "ccode1,ccode2,conttype,stdate,enddate\n2,20,1,1920-01-01,2016-12-01\n",
        "rivalries_tss": rivals,
        "rivalries_td": "rivalryno,rivalryname,ccode1,ccode2,styear,endyear,region,type1,type2\n"
        "1,A-B,220,300,1494,1918,European GPs,spatial,NA\n",
    }
    for table, text in files.items():
        found = recognition.read(write(tmp_path / f"{table}.csv", text), whole=False)
        assert (table, 1) == (found.layout.table, found.frame.height)
        if table == "rivalries_tss":
            assert (1, 0) == found.frame.select("positional", "spatial").row(0)
        with pytest.raises(DataError, match="or more"):
            recognition.read(tmp_path / f"{table}.csv")


@pytest.mark.parametrize(
    ("head", "row"),
    [
        ("Entity,Code,Year,Number of nuclear warheads", "Russia,RUS,1950,5"),
        ("Entity,Year,Stockpiled nuclear warheads", "Russia,1950,5"),
        ("Entity,Year,Nuclear weapons inventory by country (FAS)", "Russia,1950,5"),
    ],
)
def test_inventories_of_warheads_are_read_under_any_of_their_names(tmp_path, head, row):
    """The column of figures is found by what it speaks of, the state by its name."""
    found = recognition.read(write(tmp_path / "n.csv", f"{head}\n{row}\n"), whole=False)

    assert [("Russia", 365, 1950, 5)] == found.frame.select(
        "country", "ccode", "year", "warheads"
    ).rows()


def test_a_short_list_of_events_is_refused(shared, tmp_path):
    """UCDP's events: a piece of the release is told from the whole."""
    text = (shared / "original/ucdp_ged_23.1_sample_1989.csv").read_text().splitlines()
    path = write(tmp_path / "ged.csv", "\n".join(text[:6]) + "\n")

    with pytest.raises(DataError, match="50,000 or more"):
        recognition.read(path)


@pytest.mark.parametrize("form", ["by dyad", "by member", "as tools make it"])
def test_alliances_that_are_left_out_say_why(form, tmp_path):
    """The COW formal alliances are refused with the reason and with what to use instead."""
    heads = {
        "by dyad": "version4id,ccode1,ccode2,defense,neutrality,nonaggression,entente,year",
        "by member": "version4id,ccode,state_name,all_st_year,ss_type,mem_st_year,left_censor,x",
        "as tools make it": "ccode1,ccode2,year,cow_defense,cow_neutral,cow_nonagg,cow_entente,x",
    }
    head = heads[form] + "\n"
    path = write(tmp_path / "alliance.csv", head + "1,2,20,1,0,0,1,1940\n")

    with pytest.raises(DataError, match=r"atopdata\.org"):
        recognition.read(path)


def test_a_zip_file_of_several_tables_is_searched(tmp_path, empty):
    """As released: tables in folders, zip files within, and papers that are left alone."""
    false = "ccode1,ccode2,year\n" + "".join(f"2,{20 + k},1900\n" for k in range(60))
    majors = "stateabb,ccode,styear,stmonth,stday,endyear,endmonth,endday,version\n" + "".join(
        f"XXX,{code},1816,1,1,2016,12,31,2016\n" for code in range(727, 741)
    )
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("sub/majors.csv", majors)
    path = tmp_path / "release.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.pdf", b"%PDF")
        archive.writestr("data/false.csv", false)
        archive.writestr("data/other.csv", "apples,pears\n1,2\n")
        archive.writestr("majors.zip", inner.getvalue())
        archive.writestr("__MACOSX/data/false.csv", "x")
    outcomes = store.add([path])

    assert {"false_dyads", "majors"} == {entry.table for entry in store.entries()}
    assert [False, True, False] == [outcome.passed_over for outcome in outcomes]
    assert [path / "false.csv", path / "other.csv", path / "majors.csv"] == [
        outcome.path for outcome in outcomes
    ]
    (tmp_path / "cut.zip").write_bytes(path.read_bytes()[:300])
    (refused,) = store.add([tmp_path / "cut.zip"])
    assert "damaged or cut off" in str(refused.error)


def test_texts_in_the_western_code_page_are_read(tmp_path):
    """Names with accents in an older encoding come out as they were written."""
    head = "ccode,statename,capital,start_date,end_date,lat,lon\n"
    path = write(tmp_path / "c.csv", head + "140,Brasil,Brasília,1960-01-01,2016-12-31,-16,-48\n",
                 "cp1252")  # fmt: skip

    assert ["Brasília"] == recognition.read(path, whole=False).frame["capital"].to_list()
