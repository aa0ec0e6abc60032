"""The pages of a crisis: they stand alone, name every claimant and escape what they show."""

from __future__ import annotations

import itertools
import json
import re

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import detente as dt
from detente.cli.crisis import crisis
from detente.crisis.kernel.alliance_entries import called
from detente.crisis.questions.committor import committor
from detente.crisis.questions.intervene import intervene
from detente.crisis.questions.no_return import no_return
from detente.crisis.questions.rare import interval_of_rare, rare
from detente.crisis.record import record, story
from detente.crisis.run.simulation import simulate
from detente.reporting.crisis import entry_network_chart, page_charts, record_charts
from detente.reporting.crisis import no_return as no_return_page
from detente.reporting.crisis import record as record_page
from detente.reporting.crisis.chart_parts import (
    contrast,
    full,
    ink_on,
    leaders,
    mixed,
    named,
    wrapped,
)
from detente.reporting.crisis.rare import one_in
from detente.reporting.page.render import write
from detente.testing import build as architecture

PAIR = architecture(
    {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0},
    rivals=[("AAA", "BBB", 3)],
    allies=[("BBB", "CCC")],
)
AT = {"AAA-BBB": 3}


def write_record(g, path, **context):
    """The page of a record in a file."""
    return write(record_page.page(g, **context), path)


def write_simulation(run, path, **context):
    """The page of a simulation in a file."""
    return run.report(path, **context)


def write_answer(answer, path, **context):
    """The page of an answer in a file."""
    return answer.report(path, **context)


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
        "rare": rare(PAIR, "AAA-BBB", days=60, paths=50, repetitions=4, start=AT),
    }
    out = {
        "record": write_record(g, folder / "record.html", dyad=("RUS", "USA"), command="detente x"),
        "simulation": write_simulation(
            simulate(PAIR, start=AT, replicas=500, parameters=hot), folder / "run.html"
        ),
    }
    out |= {name: write_answer(a, folder / f"{name}.html") for name, a in answers.items()}
    return {name: path.read_text(encoding="utf-8") for name, path in out.items()}


KINDS = ["record", "simulation", "committor", "intervene", "no_return", "rare"]


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
    section = pages["record"].split("</span> One incident as each side tells it")[1]

    assert all(
        f'<th scope="row">{who}</th>' in section
        for who in ("Russia (RUS)", "United States (USA)", "Ukraine (UKR)", "United Nations (UN)")
    )


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
    """The lead of each page says the result with its interval over drawn parameters."""
    leads = {kind: re.search(r'class="lead">(.*?)</p>', pages[kind])[1] for kind in KINDS}

    assert re.search(r"in \d+\.\d+ % \(.* over drawn parameters\) of c", leads["committor"])
    assert re.search(r"go to war in 100 % of replicas \(.* over drawn", leads["simulation"])
    assert "(AAA-BBB)" in leads["intervene"] or "None of these acts" in leads["intervene"]
    assert re.search(r"On (\d|none) of the 2 sampled paths", leads["no_return"])


def inline(spec):
    """Return the rows of the data of a chart whose layers share them."""
    (rows,) = spec["datasets"].values()
    return rows


def test_every_channel_has_a_bar_of_its_own():
    """The chart has one row a channel with a use on record, with its days since then."""
    g = dt.load("eurasia-2024")
    pair = ("RUS", "USA")
    rows = inline(record_charts.silence(g, pair).to_dict())
    expected = [c.silence for c in record.channels(g, pair) if c.silence is not None]

    assert expected == [row["days"] for row in rows]
    assert any("chiefs of staff" in row["channel"].replace("\n", " ") for row in rows)


def test_the_longest_silence_is_never_left_out():
    """Where channels are many both ends are shown, and the row between counts the others."""
    g = dt.load("eurasia-2024")
    rows = inline(record_charts.silence(g, None).to_dict())
    days = [c.silence for c in record.channels(g) if c.silence is not None]
    between = next(row["channel"] for row in rows if row["days"] is None)

    assert max(days) == rows[0]["days"]
    assert min(days) == rows[-1]["days"]
    assert f"… {len(days) - len(rows) + 1} channels between …" == between


def test_the_matrix_shows_who_only_leaves_open():
    """A claimant that neither asserts nor denies has its cell, in which a silence is a silence."""
    chart = record_charts.attribution_matrix(dt.load("eurasia-2024"), ("RUS", "USA"), None)
    cells = [row for row in inline(chart.to_dict()) if "United Nations" in row["claimant"]]

    assert ["open 1; disputed"] == [row["words"] for row in cells]


def test_the_page_of_the_record_lists_signals_and_figures(pages):
    """Signals stand with their date and sides, figures of killed with who gives them."""
    signals = pages["record"].split("</span> What was signalled")[1]
    losses = pages["record"].split("</span> Who gives which number of killed")[1]

    assert "All 34 signals on record" in signals
    assert "Austin-Belousov call" in signals
    assert "4 (first 5), incl. 2 children" in losses


def test_the_page_of_the_record_has_every_role_of_a_charge(pages):
    """Each pair of speaker and actor has a column for every role of the chain."""
    heads = pages["record"].split("role by role</caption>")[1].split("</thead>")[0]

    assert all(f">{story.verb(role)}</th>" in heads for role in record.CHAIN)


def test_pairs_that_cannot_be_told_apart_are_named_together():
    """No pair is said to lead where the difference is within its error."""
    twins = architecture(
        {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0, "DDD": 1.0},
        rivals=[("AAA", "BBB", 3), ("CCC", "DDD", 3)],
    )
    hot = {"rise.4": 0.5, "rate.rivalry": 10.0}
    chart = page_charts.fan(simulate(twins, replicas=300, parameters=hot))

    assert "reach war most often: each in about" in chart.to_dict()["title"]["text"]


@pytest.fixture(scope="module")
def web():
    """A run in which many allies are called, by two sides with many allies each."""
    camps = {"A": [f"A{k:02}" for k in range(12)], "B": [f"B{k:02}" for k in range(12)]}
    allies = [(camp[0], other) for camp in camps.values() for other in camp[1:]]
    everybody = {code: 1.0 for camp in camps.values() for code in camp}
    g = architecture(everybody, rivals=[("A00", "B00", 3)], allies=allies)
    return simulate(g, replicas=400, parameters={"rise.4": 0.5, "rate.rivalry": 10.0})


def test_entries_are_summed_before_sides_are_chosen(web):
    """What each side's allies do adds up to all entries of the run, however many rows it has."""
    entries = web.entries()
    expected = {}
    for row in entries.iter_rows(named=True):
        expected[row["enters"]] = expected.get(row["enters"], 0.0) + row["probability"]
    found = {}
    for c in called(web):
        for code, often in c.enters.items():
            found[code] = found.get(code, 0.0) + often

    assert 20 < entries.height
    assert expected == pytest.approx(found)


def test_each_entry_is_against_the_foe_whom_the_caller_fights(web):
    """The allies of each of two rivals enter against the other one."""
    against = {c.side: list(c.against) for c in called(web)}

    assert ["B00"] == against["A00"]
    assert ["A00"] == against["B00"]


@pytest.mark.parametrize("narrow", [False, True])
def test_the_network_has_a_line_for_every_ally_that_is_shown(web, narrow):
    """Each caller's lines are its own entries, and its most frequent ally has a place."""
    chart = entry_network_chart.web(web, narrow=narrow).to_dict()
    lines = next(rows for rows in chart["datasets"].values() if "often" in rows[0])
    sums = {c.side: c for c in called(web)}
    callers = list(sums)[
        : (entry_network_chart.MOST_NARROW if narrow else entry_network_chart.MOST)[0]
    ]
    shown = {(line["from"], line["to"]): line["often"] for line in lines if line["x"] == 1}

    for side in callers[:3]:
        ally, often = next(iter(sums[side].enters.items()))
        assert shown[full(side, web.names), full(ally, web.names)] == pytest.approx(
            100 * often, rel=1e-5
        )
    whole = sum(c.total for c in sums.values())
    first = sums[callers[0]].total / whole
    assert (f"{first:.0%}" in chart["title"]["text"]) == (first >= entry_network_chart.HALF)


def test_the_title_of_who_is_drawn_in_is_that_of_all_entries(web):
    """The side with the most entries is named with the number of all its allies."""
    first = called(web)[0]
    chart = page_charts.drawn_in(web).to_dict()

    assert f"{first.side}: of 11 allies" in chart["title"]["text"]


@pytest.mark.parametrize("narrow", [False, True])
def test_no_side_that_calls_loses_its_row(web, narrow):
    """Both sides of a war that call their allies have a row with a number on every screen."""
    rows = inline(page_charts.drawn_in(web, narrow=narrow).to_dict())

    assert {"A00", "B00"} <= {row["for"].split(":")[0] for row in rows}


def test_a_call_says_what_the_picture_leaves_out():
    """With more foes than columns the subtitle counts those that are not shown."""
    foes = {f"F{k:02}": 1.0 for k in range(14)}
    g = architecture(
        {"AAA": 1.0, "BBB": 1.0, **foes},
        rivals=[("AAA", foe, 4) for foe in foes],
        allies=[("AAA", "BBB")],
    )
    values = {"rise.4": 0.5, "rate.rivalry": 20.0, "defend": 0.5, "follow": 0.5, "parallel": 0.0}
    run = simulate(g, replicas=300, parameters=values)
    subtitle = page_charts.drawn_in(run).to_dict()["title"]["subtitle"]

    assert "and 4 foes" in subtitle


def test_acts_that_cannot_be_told_apart_are_named_together():
    """Two acts whose effects differ by less than twice their joint error share the title."""
    twins = architecture(
        {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0, "DDD": 1.0},
        rivals=[("AAA", "BBB", 4), ("CCC", "DDD", 4)],
    )
    found = intervene(
        twins,
        ["AAA shows restraint", "CCC shows restraint"],
        start={"AAA-BBB": 4, "CCC-DDD": 4},
        parameters={"rise.4": 0.05},
        days=100,
        replicas=4000,
    )
    title = page_charts.ranked(found).to_dict()["title"]["text"]

    assert "(AAA) shows restraint" in title
    assert "(CCC) shows restraint" in title
    assert "cannot be told apart" in title


@pytest.mark.parametrize(
    ("values", "errors", "expected"),
    [
        ([-5.70, -5.63, -1.0], [0.17, 0.17, 0.1], [0, 1]),
        ([-5.70, -5.00, -1.0], [0.17, 0.17, 0.1], [0]),
        ([1.0, 1.0], [0.0, 0.0], [0, 1]),
    ],
)
def test_two_are_told_apart_beyond_twice_their_joint_error(values, errors, expected):
    """The leaders are the first and all that are within two joint errors of it."""
    assert expected == leaders(values, errors)


def test_ink_on_any_color_can_be_read():
    """Numbers on the scale of the committor have a contrast of at least 4.5 to 1."""
    colors = [mixed(k / 200, page_charts.WAR_SCALE) for k in range(201)]

    assert all(contrast(ink_on(color), color) >= 4.5 for color in colors)


def test_the_map_marks_the_present_and_names_the_rungs():
    """The axes say what the rungs are, and where the pair stands is marked."""
    found = committor(PAIR, start=AT, replicas=200, map_replicas=50)
    chart = page_charts.committor_map(found).to_dict()

    assert [3] == found.data["present"].values.tolist()
    assert "3 display" in json.dumps(chart)
    assert "dashed: where they stand" in chart["title"]["subtitle"]


def test_a_map_without_a_crossing_says_so():
    """Where no cell reaches one half there is no line, and the subtitle says it."""
    found = committor(PAIR, start=AT, replicas=200, map_replicas=50, parameters={"rise.4": 0.01})

    assert (
        "no cell reaches one half"
        in page_charts.committor_map(found).to_dict()["title"]["subtitle"]
    )


def test_the_ridge_runs_between_the_cells_that_one_half_parts():
    """Each border between a cell below one half and one beyond it is drawn once."""
    table = np.array([[0.1, 0.2], [0.3, 0.9]])

    assert [
        {"x": -0.5 + 1, "x2": 1.5, "y": 0.5, "y2": 0.5},
        {"x": 0.5, "x2": 0.5, "y": 0.5, "y2": 1.5},
    ] == sorted(page_charts.ridge(table), key=lambda r: r["x2"], reverse=True)


def test_wars_at_the_start_are_named_beside_the_pictures(tmp_path):
    """A pair at war from the start has no picture, and the page says which it is."""
    g = architecture(
        {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0}, rivals=[("AAA", "BBB", 5), ("AAA", "CCC", 3)]
    )
    page = write_simulation(simulate(g, replicas=200), tmp_path / "x.html")

    assert "At war from the start, and so in none of the pictures: Aaa – Bbb (AAA-BBB)" in (
        page.read_text(encoding="utf-8")
    )


def test_sentences_have_names_before_their_codes():
    """A dyad reads as a pair of names, and what is no code stays as it is."""
    names = {"RUS": "Russia", "USA": "United States", "NATO": "NATO"}

    assert "hotline Russia – United States (RUS-USA)" == named("hotline RUS-USA", names)
    assert "Russia (RUS) joins NATO" == named("RUS joins NATO", names)
    assert "X_RUS shows restraint" == named("X_RUS shows restraint", names)


def test_labels_wrap_and_are_never_cut():
    """A long act stands on several lines, each within the width."""
    text = wrapped("ceasefire Russia – Ukraine (RUS-UKR) with separation", 24)

    assert all(len(line) <= 24 for line in text.split("\n"))
    assert "ceasefire Russia – Ukraine (RUS-UKR) with separation" == text.replace("\n", " ")


def test_the_page_of_a_rare_war_has_the_chance_or_the_bound(tmp_path):
    """The estimate with its error leads; where no course meets a war the bound does, unpictured."""
    some = rare(PAIR, "AAA-BBB", days=60, paths=50, repetitions=4, start=AT)
    none = rare(PAIR, "AAA-BBB", days=60, paths=50, repetitions=4, parameters={"rise.4": 0.0})
    pages = [
        write_answer(found, tmp_path / f"{k}.html").read_text(encoding="utf-8")
        for k, found in enumerate((some, none))
    ]
    chance, interval = float(some.data["probability"]), interval_of_rare(some)

    assert chance > 0
    assert f"with probability {chance:.3g} ({interval}): about {one_in(chance)}" in pages[0]
    assert f"with a probability below {float(none.data['bound']):.2g}" in pages[1]
    assert [True, False] == ["independent repetitions, and their mean" in page for page in pages]


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.5, "one in 2"),
        (0.000788, "one in 1,300"),
        (1.0, "one in 1"),
        (3.3e-8, "one in 30,000,000"),
    ],
)
def test_a_chance_is_one_in_so_many(chance, words):
    """To two digits, whatever the size."""
    assert words == one_in(chance)


@pytest.mark.parametrize("narrow", [False, True])
def test_labels_of_the_network_do_not_touch(web, narrow):
    """Long names take several lines, and every label has room for its own."""
    long = dict.fromkeys(web.names, "Democratic Republic of Somewhere")
    attrs = {**web.data.attrs, "names": json.dumps(long)}
    chart = entry_network_chart.web(type(web)(web.data.assign_attrs(attrs)), narrow=narrow)
    shown = chart.to_dict()
    labels = next(rows for rows in shown["datasets"].values() if "column" in rows[0])
    line = (10 if narrow else 12) + entry_network_chart.LEADING
    for x in (0, 1, 2):
        spans = sorted(
            (row["y"] - line / 2, row["y"] + line * (row["text"].count("|") + 0.5))
            for row in labels
            if row["x"] == x
        )
        assert len(spans) > 1
        assert all(above[1] < below[0] for above, below in itertools.pairwise(spans))
    first = shown["layer"][0]
    low, high = first["encoding"]["y"]["scale"]["domain"]
    assert low - high == pytest.approx(shown["height"])


def test_labels_of_an_axis_keep_apart():
    """Where two labels would touch, every second one is left out."""
    chart = record_charts.timeline(dt.load("eurasia-2024"), ("RUS", "USA"), None).to_dict()

    assert chart["encoding"]["x"]["axis"]["labelSeparation"] >= 5


@pytest.mark.parametrize(
    ("rise", "heading"), [(0.01, "How the rungs move"), (0.5, "Where the ridge")]
)
def test_the_section_of_the_map_is_called_what_it_shows(tmp_path, rise, heading):
    """There is a ridge only where some cell lies beyond one half and another does not."""
    found = committor(PAIR, start=AT, replicas=200, map_replicas=100, parameters={"rise.4": rise})

    assert heading in write_answer(found, tmp_path / "x.html").read_text(encoding="utf-8")


def test_a_dyad_that_stands_on_force_does_not_reach_it(tmp_path):
    """Its chance would be one, and says nothing: the text and the page say that it stands there."""
    run = simulate(PAIR, start={"AAA-BBB": 4}, replicas=100)
    page = write_simulation(run, tmp_path / "x.html").read_text(encoding="utf-8")

    assert "stands there" in repr(run)
    assert re.search(r"<td[^>]*>stands there</td>", page)
    assert "stands there" not in repr(simulate(PAIR, start=AT, replicas=100))


def test_the_page_of_points_of_no_return_has_names():
    """What it says in words has names before its codes, as all pages of answers do."""
    both = architecture(
        {"AAA": 1.0, "BBB": 1.0, "CCC": 1.0}, rivals=[("AAA", "BBB", 3), ("AAA", "CCC", 5)]
    )
    hot = {"rise.4": 0.5, "rate.rivalry": 10.0}
    found = no_return(both, "AAA shows restraint", start=AT, parameters=hot, paths=1, replicas=50)
    texts = [block for block in no_return_page.page(found).sections[0].blocks if block]

    assert any(
        "do not count here: Aaa – Ccc (AAA-CCC)" in text for text in texts if isinstance(text, str)
    )


def test_the_page_of_the_record_gives_a_figure_to_who_begins_it(tmp_path):
    """The first figure of the record has its claimant in its words."""
    page = write_record(dt.load("eurasia-2024"), tmp_path / "x.html").read_text(encoding="utf-8")
    row = page.split("United Nations (UN) verified 11,000+")[0].rsplit("<tr", 1)[1]

    assert "United Nations (UN)" in row
