"""The page: structure, escaping, what stands in it and that it needs no network."""

from __future__ import annotations

import base64
import gzip
import io
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from taken_apart import Page
from written import write

import detente as dt
from detente.errors import ResultError
from detente.reporting.audit import charts, findings
from detente.reporting.map.context import scene
from detente.reporting.page.embed import script_json

SECTIONS = ["secure", "rank", "pays", "witnesses", "readings", "sure", "inputs", "again"]
OF_ONE = [
    "change",
    "change-map",
    "deciding",
    "readings",
    "sure",
    "secure",
    "rank",
    "inputs",
    "again",
]
KINDS = ["all", "none", "one", "lenses", "bare"]


def sections(kind: str) -> list[str]:
    """The sections of a page: of one change, or of all."""
    return OF_ONE if kind == "one" else SECTIONS


def table(page: Page, name: str) -> pl.DataFrame:
    """Return a table that the page offers for download."""
    found = next(key for key in page.downloads if re.search(rf"-{name}\.csv(\.gz)?$", key))
    raw = base64.b64decode(page.downloads[found].partition(",")[2])
    return pl.read_csv(io.BytesIO(gzip.decompress(raw) if found.endswith(".gz") else raw))


@pytest.mark.parametrize("kind", KINDS)
def test_every_section_is_there_in_its_order(pages: dict[str, Page], kind: str) -> None:
    """A reader finds the sections in the order of their numbers, and a way to each at the top."""
    page = pages[kind]

    numbers = [text.split()[0] for tag, text in page.headings if tag == "h2"]
    present = re.findall(r'<section id="([\w-]+)">', page.text)
    ways = re.findall(r'<li><a href="#([\w-]+)">', page.text.split("<main")[0])
    assert sections(kind) == present == ways
    assert [str(n) for n in range(1, len(present) + 1)] == numbers


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_asked_of_the_network(pages: dict[str, Page], kind: str) -> None:
    """Every address in the page is a place in it or carries its data itself."""
    page = pages[kind]
    styles = "".join(re.findall(r"(?s)<style>(.*?)</style>", page.text))

    assert [a for a in page.addresses if not a.startswith(("#", "data:"))] == []
    assert "url(" not in styles
    assert "@import" not in styles
    assert "default-src 'none'" in page.text


@pytest.mark.parametrize("kind", KINDS)
def test_no_chart_names_an_address(pages: dict[str, Page], kind: str) -> None:
    """The charts carry their data: none has a url to load from, and no scheme's address."""
    text = str(pages[kind].charts())

    assert "http" not in text
    assert "'url':" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_heading_levels_are_never_skipped(pages: dict[str, Page], kind: str) -> None:
    """A listener can walk the headings: one first level, and no jump downwards."""
    levels = [int(tag[1]) for tag, _ in pages[kind].headings]

    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))


@pytest.mark.parametrize("kind", KINDS)
def test_every_table_has_one_caption(pages: dict[str, Page], kind: str) -> None:
    """A table says what it shows, in which unit, under which lens."""
    assert pages[kind].tables
    assert [["caption"]] * len(pages[kind].tables) == pages[kind].tables


@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_has_a_picture_for_readers_without_scripts(
    pages: dict[str, Page], kind: str
) -> None:
    """With scripts off every chart is still there as a picture, and says what it is."""
    page = pages[kind]
    pictures = re.findall(r'data-chart="([\w-]+)"><svg', page.text)
    wide = {key for key in page.charts() if key.startswith("spec-")}

    assert {f"spec-{name}" for name in pictures} == wide
    assert all(spec["description"] for spec in page.charts().values())


def test_the_headline_is_that_of_the_audit(
    pages: dict[str, Page], audits: dict[str, dt.Result]
) -> None:
    """The first sentence is the audit's own verdict, word by word."""
    assert audits["all"].headline() in pages["all"].words()
    assert audits["none"].headline() in pages["none"].words()


def test_the_states_to_download_are_those_of_the_audit(
    pages: dict[str, Page], audits: dict[str, dt.Result]
) -> None:
    """The table of states has the audit's numbers, to nine digits."""
    expected = audits["all"].states()
    actual = table(pages["all"], "states")

    assert expected["state"].to_list() == actual["state"].to_list()
    for column in ("security", "low", "high", "capability", "paid"):
        np.testing.assert_allclose(actual[column], expected[column], rtol=1e-8, atol=1e-15)


def test_the_changes_to_download_are_those_of_the_audit(
    pages: dict[str, Page], audits: dict[str, dt.Result]
) -> None:
    """The table of changes has every change with the audit's verdicts."""
    expected = audits["all"].changes()
    actual = table(pages["all"], "changes")

    assert expected["change"].to_list() == actual["change"].to_list()
    assert expected["witness"].to_list() == actual["witness"].to_list()
    np.testing.assert_allclose(actual["loss"], expected["loss"], rtol=1e-8, atol=1e-15)


def test_downloads_cover_every_lens(pages: dict[str, Page], audits: dict[str, dt.Result]) -> None:
    """With several lenses each table says under which lens a row holds."""
    for name in ("states", "changes", "readings", "draws"):
        assert set(audits["lenses"].lenses) == set(table(pages["lenses"], name)["lens"])


def test_the_matrix_to_download_has_the_largest_harm_of_each_state(
    pages: dict[str, Page], audits: dict[str, dt.Result]
) -> None:
    """The largest that a state pays to anybody is what the ranking says of it."""
    paid = table(pages["all"], "pays").group_by("payer").agg(pl.col("harm").max())
    expected = dict(audits["all"].states().select("state", "paid").iter_rows())

    for payer, harm in paid.iter_rows():
        assert harm == pytest.approx(expected[payer], rel=1e-7)


def test_large_tables_are_compressed_and_come_out_whole() -> None:
    """A table above the limit is embedded as gzip, and unpacks to the same rows."""
    from detente.reporting.page import embed

    many = pl.DataFrame({"n": list(range(40_000))})
    made = embed.download("many", "numbers", many)
    raw = gzip.decompress(base64.b64decode(made.href.partition(",")[2]))

    assert made.compressed
    assert many.equals(pl.read_csv(io.BytesIO(raw)))


EVIL = "</script><img src=x onerror=alert(1)>\u2028'\"&"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """The page of a scenario whose names and texts try to break out of the page."""
    g = dt.load("two-blocs")
    states = g.tables["states"].with_columns(pl.col("name") + EVIL)
    organisations = g.tables["organisations"].with_columns(pl.col("name") + EVIL)
    bad = replace(
        g.with_tables(EVIL, states=states, organisations=organisations),
        title="Two" + EVIL,
        description=EVIL,
        region=EVIL,
        name='a"b><i>',
    )
    path = tmp_path_factory.mktemp("hostile") / "page.html"
    write(dt.audit(bad, draws=5), path, command=f"detente {EVIL}", architecture=bad)
    return Page(path.read_text(encoding="utf-8"))


def test_names_from_a_scenario_stay_text(hostile: Page) -> None:
    """Markup in a name is shown, never run: no element comes from the scenario."""
    outside = re.sub(r"(?s)<script\b.*?</script>", "", hostile.text)

    assert "<img" not in outside
    assert "<i>" not in outside
    assert " ".join(("Two" + EVIL).split()) in hostile.words()


def test_names_from_a_scenario_cannot_end_a_script(hostile: Page) -> None:
    """The JSON of every chart is whole although names in it try to close its element."""
    labels = str(hostile.charts()["spec-ranking"])

    assert "<img src=x onerror=alert(1)>" in labels
    assert all("<" not in text for about, text in hostile.scripts if about.get("type"))


def test_json_in_a_script_reads_back() -> None:
    """What is escaped for a script element is the same value when it is read."""
    import json

    assert [EVIL, {"a": 1.5}] == json.loads(script_json([EVIL, {"a": 1.5}]))


def test_states_are_named_with_their_codes(pages: dict[str, Page]) -> None:
    """The ranking and the witnesses name states, with the code in brackets."""
    words = pages["all"].words()

    assert "Miran (MIR) joins Harbor League (LEAGUE)" in words
    assert "Vesk (VES)" in str(pages["all"].charts()["spec-ranking"])


def test_a_page_about_one_change_leads_with_who_gains_and_loses(pages: dict[str, Page]) -> None:
    """Where one change was given, its gains and losses come before the sections."""
    page = pages["one"]
    second = [text for tag, text in page.headings if tag == "h2"]

    assert second[0] == "1 Who gains, who pays"
    assert "change" in page.ids
    assert {"spec-bars-0", "spec-change-map-0"} <= set(page.charts())


def test_one_change_shows_every_state_that_moves(
    pages: dict[str, Page], audits: dict[str, dt.Result]
) -> None:
    """In a small scenario the chart has each state beyond the tolerance, with the audit's delta."""
    audit = audits["one"]
    deltas = audit.deltas("MIR joins LEAGUE")
    moved = {
        str(code): float(d)
        for code, d in zip(deltas["state"].values, deltas.values, strict=True)
        if abs(d) > float(audit.data["tolerance"].sel(lens="war_stability"))
    }
    spec = pages["one"].charts()["spec-bars-0"]
    rows = str(spec)

    assert moved
    for code, delta in moved.items():
        assert f"({code})" in rows
        assert str(float(f"{delta:.6g}")) in rows


def test_a_page_about_a_few_changes_has_figures_and_readings_for_each(tmp_path: Path) -> None:
    """Two changes given: each has its three figures, its chart and its row in the readings."""
    audit = dt.audit("two-blocs", ["MIR joins LEAGUE", "HAR and UPL reconcile"], draws=20)
    page = Page(write(audit, tmp_path / "page.html").read_text(encoding="utf-8"))
    words = page.words()

    assert {"spec-bars-0", "spec-bars-1"} <= set(page.charts())
    assert words.count("zero-sumness, 0 to 1, point estimate") == 2
    assert words.count("Harrow (HAR) and Upland (UPL) reconcile") >= 3
    assert "how many of the 2 changes would be wanted" in words


def test_the_matrix_tells_which_change_contributes_most(
    pages: dict[str, Page], audits: dict[str, dt.Result]
) -> None:
    """The change named for a cell is, among the gainer's wanted ones, the payer's worst."""
    from detente.reporting.audit.findings import contributions

    audit = audits["all"]
    lens = audit.lenses[0]
    one = audit.data.sel(lens=lens)
    most = contributions(audit, lens)
    payer, gainer, _ = next(audit.pays().iter_rows())
    mine = audit.data["initiator"].sel(state=gainer).values & one["wanted"].values
    shares = one["delta"].sel(state=payer).values
    worst = int(np.argmin(np.where(mine, shares, np.inf)))

    assert shares[worst] < 0
    assert str(audit.data["change"].values[worst]) == most[payer, gainer]
    assert "By which change" in str(pages["all"].charts()["spec-matrix"])


def test_lenses_are_compared_and_refusals_told(pages: dict[str, Page]) -> None:
    """With several lenses the page has their comparison and names each."""
    words = pages["lenses"].words()

    assert "under every lens" in words
    assert "not wanted" in words
    assert "spec-lenses" in pages["lenses"].charts()


def test_a_lens_that_refuses_is_listed_with_its_reason(tmp_path: Path) -> None:
    """A lens that was asked for and has no answer does not vanish."""
    audit = dt.audit(
        "europe-1936",
        lens=["war_stability", "contest"],
        parameters={"contest.gamma": 0.5},
        draws=0,
        alternatives=False,
    )
    page = Page(write(audit, tmp_path / "page.html").read_text(encoding="utf-8"))

    assert f"contest : {audit.refusals['contest']}" in page.words()


def test_each_loser_is_said_to_lose_only_if_each_does(
    audits: dict[str, dt.Result], tmp_path: Path
) -> None:
    """A share of draws is told of each state only where it is that of all, unnamed ones too."""
    audit = dt.Result(audits["all"].data.copy(deep=True))
    lens = audit.lenses[0]
    one = audit.data.sel(lens=lens)
    change = str(audit.witnesses()["change"][0])
    losers = one["state"].values[one["harms"].sel(change=change).values]
    audit.data["share_harms"].loc[{"change": change}] = 0.75
    around = scene(audit)
    agreed = findings.witnesses(audit, lens, around)[0]["losses"]
    audit.data["share_harms"].loc[{"change": change, "state": losers[-1]}] = 0.5
    apart = findings.witnesses(audit, lens, around)[0]["losses"]

    assert len(losers) > 1
    assert "each in 75 % of draws" in agreed
    assert "each" not in apart
    assert "(in 75 % of draws)" in apart


def test_without_draws_the_page_says_so(pages: dict[str, Page]) -> None:
    """Point estimates are called point estimates, and no histogram is shown."""
    assert "no draws were made" in pages["bare"].words()
    assert "spec-draws" not in pages["bare"].charts()


def test_a_point_estimate_outside_its_interval_is_pointed_out(
    audits: dict[str, dt.Result], tmp_path: Path
) -> None:
    """Where the draws all differ from the point estimate, the reader is told which to trust."""
    audit = dt.Result(audits["all"].data.copy(deep=True))
    audit.data["wanted_draw"][:] = 3

    page = Page(write(audit, tmp_path / "page.html").read_text(encoding="utf-8"))

    assert "[3 throughout, which does not hold the point estimate]" in page.words()


def test_a_default_at_the_end_of_its_range_is_named_on_the_page(tmp_path: Path) -> None:
    """The page says which parameter puts the point estimates outside, and shows the medians."""
    audit = dt.audit("two-blocs", lens="contest", draws=40, alternatives=False)
    page = Page(write(audit, tmp_path / "page.html").read_text(encoding="utf-8"))
    shown = table(page, "states")

    assert "made with cost_exponent = 0, the lower end of the range drawn from, 0 to 0.5" in (
        page.words()
    )
    assert "Median of draws" in page.words()
    np.testing.assert_allclose(shown["median"], audit.states()["median"], rtol=1e-8)


def test_assumed_parameters_are_marked(pages: dict[str, Page]) -> None:
    """A value without a published source bears the mark, and only at the word."""
    assert '<b class="assumed">assumed</b>' in pages["all"].text


def test_the_page_tells_how_to_make_it_again(
    pages: dict[str, Page], audits: dict[str, dt.Result]
) -> None:
    """Command, seed, version and the scenario's hash stand at the end."""
    words, settings = pages["all"].words(), audits["all"].settings

    for text in ("detente audit all", settings["scenario"]["digest"], settings["detente"]):
        assert text in words


def test_a_command_is_made_up_from_the_settings_where_none_is_given(
    audits: dict[str, dt.Result], tmp_path: Path
) -> None:
    """A page from Python has the command line that would make the same numbers."""
    page = Page(write(audits["one"], tmp_path / "page.html").read_text(encoding="utf-8"))

    assert (
        "detente audit two-blocs --change 'MIR joins LEAGUE' --lens war_stability "
        "--lens contest --draws 40 --seed 0"
    ) in page.words()


def test_a_saved_result_makes_the_same_page(
    audits: dict[str, dt.Result], paths: dict[str, Path], tmp_path: Path
) -> None:
    """Opened again from its file, a result has the same page, map and ties included."""
    saved = dt.open(audits["all"].save(tmp_path / "result.nc"))
    again = write(saved, tmp_path / "page.html", command="detente audit all")

    assert paths["all"].read_text(encoding="utf-8") == again.read_text(encoding="utf-8")


def test_the_map_of_a_changed_scenario_draws_the_ties_it_was_audited_with() -> None:
    """Where the architecture is not at hand, the ties come from the audit itself."""
    g = dt.load("two-blocs").apply(dt.join("MIR", "LEAGUE"))
    seen = scene(dt.audit(g, draws=0, alternatives=False))

    assert seen.known
    assert any({"MIR", "HAR"} == {t.first, t.second} for t in seen.ties if t.kind == "alliance")


def test_a_file_that_cannot_be_written_is_a_plain_error(
    audits: dict[str, dt.Result], tmp_path: Path
) -> None:
    """A folder that is not there is told in words, and nothing is left behind."""
    with pytest.raises(ResultError, match="does not exist"):
        write(audits["all"], tmp_path / "nowhere" / "page.html")

    assert list(tmp_path.iterdir()) == []


def test_the_page_of_eurasia_stays_small(tmp_path: Path) -> None:
    """Thousands of changes, a map and every source fit into three and a half megabytes."""
    path = write(dt.audit("eurasia-2024", draws=20, kinds=["commit"]), tmp_path / "page.html")

    assert path.stat().st_size < 3_500_000


def test_the_ranking_is_the_plot_of_an_audit(audits: dict[str, dt.Result]) -> None:
    """What an audit plots is the ranking of the page, title and unit included."""
    drawn = charts.ranking(audits["all"], audits["all"].lenses[0]).to_dict()

    assert drawn["title"]["text"] == audits["all"].plot().to_dict()["title"]["text"]
    unit = audits["all"].settings["lenses"][audits["all"].lenses[0]]["unit"]
    assert unit in drawn["title"]["subtitle"]


def test_importing_the_room_loads_no_chart_library() -> None:
    """The room opens without altair, xarray or the JavaScript bundle."""
    code = (
        "import sys, detente.reporting; "
        "print([m for m in ('altair', 'xarray', 'vl_convert', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
