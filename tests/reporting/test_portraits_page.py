"""The page of what the lenses see: a section and a picture each, escaping, downloads."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from taken_apart import Page

import detente as dt
from detente.auditing.portraits import Seen, portraits
from detente.errors import ResultError
from detente.lenses import find
from detente.reporting.map.context import scene_of
from detente.reporting.page import render
from detente.reporting.portraits import charts
from detente.reporting.portraits.charts import Sight
from detente.reporting.portraits.portraits import page as portraits_page


def write_portraits(g, seen, path, *, command=""):
    """The page of what lenses see, in a file."""
    return render.write(portraits_page(g, seen, command=command), path)


EVIL = "</script><img src=x onerror=alert(1)>\u2028'\"&"
SCENARIOS = ["two-blocs", "europe-1936"]


def sight(g: dt.Architecture, one: Seen) -> Sight:
    """Return a portrait as its pictures take it."""
    assert one.portrait is not None
    codes = tuple(g.system.codes)
    return Sight(one.lens.key, one.lens.name, one.portrait, codes, scene_of(g).names)


def table(page: Page, name: str) -> pl.DataFrame:
    """Return a table that the page offers for download."""
    found = next(key for key in page.downloads if key.endswith(f"-{name}.csv"))
    return pl.read_csv(io.BytesIO(base64.b64decode(page.downloads[found].partition(",")[2])))


@pytest.fixture(scope="module")
def seen() -> dict[str, tuple[dt.Architecture, list[Seen]]]:
    """What every lens sees in two scenarios."""
    loaded = {name: dt.load(name) for name in SCENARIOS}
    return {name: (g, portraits(g)) for name, g in loaded.items()}


@pytest.fixture(scope="module")
def pages(seen, portrait_paths: dict[str, Path]) -> dict[str, Page]:
    """Their pages, taken apart."""
    return {name: Page(portrait_paths[name].read_text(encoding="utf-8")) for name in seen}


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_lens_has_a_section_with_its_finding_and_a_picture(pages, seen, name: str) -> None:
    """Each lens is a numbered section that tells its finding and shows at least one picture."""
    page, (g, found) = pages[name], seen[name]
    names = scene_of(g).names

    for k, one in enumerate(found, 1):
        finding = names.sentence(one.portrait.finding)
        assert f"lens-{k}" in page.ids
        assert f"{finding[:1].upper()}{finding[1:]}." in page.words()
        assert any(key.startswith("spec-") and key.endswith(f"-{k}") for key in page.charts())


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_page_of_portraits_keeps_the_rules_of_all_pages(pages, name: str) -> None:
    """No address outside, heading levels unbroken, captions, a picture beside every chart."""
    page = pages[name]
    levels = [int(tag[1]) for tag, _ in page.headings]
    drawn = {f"spec-{key}" for key in re.findall(r'data-chart="([\w-]+)"><svg', page.text)}

    assert [a for a in page.addresses if not a.startswith(("#", "data:"))] == []
    assert "http" not in str(page.charts())
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert [["caption"]] * len(page.tables) == page.tables
    assert drawn == {key for key in page.charts() if key.startswith("spec-")}
    assert all(spec["description"] for spec in page.charts().values())


def test_the_values_to_download_are_those_of_the_portraits(pages, seen) -> None:
    """Every state has its value under every lens, to nine digits."""
    g, found = seen["europe-1936"]
    rows = table(pages["europe-1936"], "values")

    for one in found:
        mine = rows.filter(pl.col("lens") == one.lens.name)
        assert list(g.system.codes) == mine["state"].to_list()
        np.testing.assert_allclose(mine["value"], one.portrait.value, rtol=1e-8, atol=1e-15)


def test_links_and_camps_to_download_are_those_of_the_portraits(pages, seen) -> None:
    """All links and all members of camps stand in the downloads."""
    _, found = seen["europe-1936"]
    links = table(pages["europe-1936"], "links").select("lens", "from", "to").rows()
    groups = table(pages["europe-1936"], "groups").select("group", "state").rows()
    camps = next(one.portrait.groups for one in found if one.lens.key == "landscape")

    assert links == [(s.lens.name, a, b) for s in found for a, b, _ in s.portrait.links]
    assert groups == [(k, code) for k, camp in enumerate(camps, 1) for code in camp]


def test_the_bars_of_links_start_with_the_strongest(seen) -> None:
    """The picture of who could overrun whom has the portrait's order and numbers."""
    g, found = seen["europe-1936"]
    one = next(s for s in found if s.lens.key == "war_stability")
    spec = charts.links(sight(g, one)).to_dict()
    rows = _rows(spec)

    strongest = one.portrait.links[: charts.MOST_LINKS]
    assert [float(f"{x:.6g}") for _, _, x in strongest] == [r["value"] for r in rows]
    assert rows[0]["label"] == "France (FRA) → Lithuania (LTU)"
    assert spec["title"]["text"] == (
        "Strongest: France (FRA) could lead a coalition that beats Lithuania (LTU)"
    )


def _rows(spec: dict) -> list[dict]:
    """Return the rows of the states, not that of the rule where the bars begin."""
    return next(rows for rows in spec["datasets"].values() if "says" in rows[0])


def test_camps_tell_weight_and_rivalries(seen) -> None:
    """Two camps of the two blocs: whole capability told, rivalries counted between them."""
    g, found = seen["two-blocs"]
    one = next(s for s in found if s.lens.key == "landscape")
    told = charts.camp_list(sight(g, one), g)
    place = {code: k for k, code in enumerate(g.system.codes)}
    first, second = ([place[c] for c in camp] for camp in one.portrait.groups)
    across = int((g.system.rivals[np.ix_(first, second)] > 0).sum())

    assert [camp["name"] for camp in told] == ["Camp 1", "Camp 2", "Apart"]
    assert told[0]["rivalries"] == f"{across} with Camp 2"
    assert told[2]["rivalries"] == "none"
    assert sum(float(camp["percent"].split()[0]) for camp in told) == pytest.approx(100, abs=0.2)


def test_states_that_are_alike_make_no_bars(seen) -> None:
    """Where a lens sees no difference the page draws the balance and no empty bars."""
    g, found = seen["two-blocs"]
    one = next(s for s in found if s.lens.key == "balance")

    assert charts.bars(sight(g, one)) is None
    assert charts.balanced(sight(g, one)).to_dict()["title"]["text"] == (
        "0 ties stand in the way of two camps; 100 % of triangles are balanced"
    )


def test_equal_links_are_not_ranked_by_chance(seen) -> None:
    """Where several relations are as strong as the first, the title says how many."""
    g, found = seen["two-blocs"]
    one = next(s for s in found if s.lens.key == "arms_race")
    even = replace(one.portrait, links=(("UPL", "HAR", 0.5), ("HAR", "UPL", 0.5)))
    made = charts.links(sight(g, replace(one, portrait=even))).to_dict()

    assert made["title"]["text"].endswith("(HAR), and 1 relation is as strong")


def test_a_lens_without_an_answer_says_why(tmp_path: Path) -> None:
    """A lens that sees nothing keeps its section, with the reason in words."""
    g = dt.load("two-blocs")
    found = [Seen(find("contest"), None, "MIR has too many enemies"), *portraits(g, "balance")]
    page = Page(write_portraits(g, found, tmp_path / "page.html").read_text(encoding="utf-8"))

    assert "(contest) has no answer here: Miran (MIR) has too many enemies" in page.words()
    assert {"lens-1", "lens-2"} <= page.ids


def test_names_of_a_scenario_stay_text_in_portraits(tmp_path: Path) -> None:
    """Markup in names is shown, never run, in texts, charts and the command."""
    g = dt.load("two-blocs")
    bad = replace(
        g.with_tables(EVIL, states=g.tables["states"].with_columns(pl.col("name") + EVIL)),
        title="Two" + EVIL,
        description=EVIL,
        region=EVIL,
    )
    path = write_portraits(bad, portraits(bad), tmp_path / "page.html", command=f"detente {EVIL}")
    page = Page(path.read_text(encoding="utf-8"))
    outside = re.sub(r"(?s)<script\b.*?</script>", "", page.text)

    assert "<img" not in outside
    assert " ".join(("Two" + EVIL).split()) in page.words()
    assert all("<" not in text for about, text in page.scripts if about.get("type"))


def test_the_page_of_portraits_tells_how_to_make_it_again(pages, seen) -> None:
    """The command names every lens; hash and version stand beside it."""
    g, found = seen["two-blocs"]
    words = pages["two-blocs"].words()

    lenses = " ".join(f"--lens {one.lens.name}" for one in found)
    assert f"detente show two-blocs {lenses} --report two-blocs.html" in words
    assert g.digest in words


def test_portraits_that_cannot_be_written_are_a_plain_error(seen, tmp_path: Path) -> None:
    """A folder that is not there is told in words, and nothing is left behind."""
    g, found = seen["two-blocs"]
    with pytest.raises(ResultError, match="cannot be written"):
        write_portraits(g, found[:1], tmp_path / "nowhere" / "page.html")

    assert list(tmp_path.iterdir()) == []
