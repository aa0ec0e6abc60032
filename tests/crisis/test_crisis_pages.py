"""The pages of a crisis: they stand alone, name every claimant and escape what they show."""

from __future__ import annotations

import re

import polars as pl
import pytest
from click.testing import CliRunner

import detente as dt
from detente.cli.crisis import crisis
from detente.crisis.committor import committor
from detente.crisis.intervene import intervene
from detente.crisis.no_return import no_return
from detente.crisis.page import write_answer, write_record, write_simulation
from detente.crisis.run import simulate
from detente.testing import build as architecture

PAIR = architecture(
    {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0},
    rivals=[("AAA", "BBB", 3)],
    allies=[("BBB", "CCC")],
)
AT = {"AAA-BBB": 3}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Every kind of page, as text."""
    folder = tmp_path_factory.mktemp("pages")
    g = dt.load("eurasia-2024")
    hot = {"rise.4": 0.5, "rate.rivalry": 10.0}
    answers = {
        "committor": committor(PAIR, start=AT, replicas=200, map_replicas=50),
        "intervene": intervene(PAIR, ["hotline AAA-BBB"], start=AT, replicas=500),
        "no_return": no_return(
            PAIR, ["hotline AAA-BBB"], start=AT, parameters=hot, paths=2, replicas=100
        ),
    }
    out = {
        "record": write_record(g, folder / "record.html", dyad=("RUS", "USA"), command="detente x"),
        "simulation": write_simulation(
            simulate(PAIR, start=AT, replicas=500, parameters=hot), folder / "run.html"
        ),
    }
    out |= {name: write_answer(a, folder / f"{name}.html") for name, a in answers.items()}
    return {name: path.read_text(encoding="utf-8") for name, path in out.items()}


KINDS = ["record", "simulation", "committor", "intervene", "no_return"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_asks_the_network_for_nothing(pages, kind):
    """No element of the page names an address outside of it."""
    outside = re.sub(r"<script[^>]*>.*?</script>", "", pages[kind], flags=re.S)
    found = re.findall(r'(?:src|href)="([^"]*)"', outside)

    assert "<script src" not in pages[kind]
    assert found
    assert all(x.startswith(("#", "data:")) for x in found)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_a_picture_and_says_what_it_does_not_say(pages, kind):
    """Each page shows a chart that stands without scripts, and its limits."""
    assert '<div class="chart"' in pages[kind]
    assert "<svg" in pages[kind]
    assert "What this does not say" in pages[kind]


def test_the_record_names_every_claimant_of_its_story(pages):
    """The strike is told under the name of each claimant."""
    section = pages["record"].split("One incident as each side tells it")[1]

    assert all(f'<th scope="row">{who}</th>' in section for who in ("RUS", "USA", "UKR", "UN"))


def test_the_simulation_lists_assumed_parameters_as_assumed(pages):
    """A reader finds every parameter with its source."""
    assert "excitation.own" in pages["simulation"]
    assert "assumed: no branching ratio" in pages["simulation"]


def test_what_a_file_says_is_text_and_never_markup(tmp_path):
    """A description with markup in it is shown as it stands."""
    g = dt.load("eurasia-2024")
    evil = g.tables["incidents"].with_columns(description=pl.lit("<script>alert(1)</script>"))
    path = write_record(g.with_tables("a test", incidents=evil), tmp_path / "x.html")
    text = path.read_text(encoding="utf-8")

    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_scenario_without_a_record_makes_a_page_without_pictures(tmp_path):
    """Nothing on record is no error."""
    text = write_record(dt.load("two-blocs"), tmp_path / "x.html").read_text(encoding="utf-8")

    assert "0 incidents" in text
    assert '<div class="chart"' not in text


def test_the_command_line_writes_pages(tmp_path):
    """``--report`` writes the page of any question, with the command that makes it again."""
    path = tmp_path / "x.html"
    out = CliRunner().invoke(
        crisis, ["simulate", "two-blocs", "--replicas", "200", "--report", str(path)]
    )
    shown = CliRunner().invoke(crisis, ["show", "two-blocs", "--report", str(path)])

    assert (0, 0) == (out.exit_code, shown.exit_code)
    assert path.exists()


def test_codes_are_explained_on_every_page(pages):
    """Who does not know a code finds its name, and what a rung is, at the top."""
    top = pages["record"].split("<main")[0]

    assert "<li>RUS: " in top
    assert all("2 threat of force" in pages[kind].split("<main")[0] for kind in KINDS)


def test_the_lead_of_an_answer_is_its_finding(pages):
    """The first sentence of each page says the result with its error."""
    leads = {kind: re.search(r'class="lead">(.*?)</p>', pages[kind])[1] for kind in KINDS}

    assert re.search(r"in \d+\.\d+ ± \d+\.\d+ % of courses", leads["committor"])
    assert re.search(r"In 100 % of 500 simulated courses", leads["simulation"])
    assert "hotline AAA-BBB" in leads["intervene"] or "None of these acts" in leads["intervene"]
    assert re.search(r"On (\d|none) of 2 sampled paths", leads["no_return"])


def test_two_lines_of_one_name_are_not_added_up():
    """The silence of a channel is that of its latest use, however many lines share its name."""
    from detente.crisis import page_charts, record

    g = dt.load("eurasia-2024")
    (rows,) = page_charts.silence(g, ("RUS", "USA")).to_dict()["datasets"].values()
    shown = {row["channel"]: row["days"] for row in rows}
    least = {}
    for c in record.channels(g, ("RUS", "USA")):
        if c.silence is not None:
            name = f"RUS-USA: {c.channel}"
            least[name] = min(c.silence, least.get(name, c.silence))

    assert len(rows) == len(shown)
    assert least == shown


def test_pairs_that_cannot_be_told_apart_are_named_together():
    """No pair is said to lead where the difference is within its error."""
    from detente.crisis import page_charts

    twins = architecture(
        {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0, "DDD": 1.0},
        rivals=[("AAA", "BBB", 3), ("CCC", "DDD", 3)],
    )
    hot = {"rise.4": 0.5, "rate.rivalry": 10.0}
    chart = page_charts.fan(simulate(twins, replicas=300, parameters=hot))

    assert "reach war most often: each in about" in chart.to_dict()["title"]["text"]
