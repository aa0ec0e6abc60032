"""The long view: years measured, kept, resumed, compared and shown."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import detente as dt
from detente.architecture.system import System
from detente.auditing.long_view import measures, rankings
from detente.cli.evidence import history as command
from detente.errors import ResultError
from detente.evidence.datasets import store
from detente.evidence.forecast import hazard
from detente.evidence.history import TABLES, history
from detente.evidence.panel import arrays
from detente.reporting.history import charts, long_view
from detente.reporting.page import render
from detente.results.provenance import code_digest
from detente.runs.folder import RunFolder


def test_a_year_is_measured_as_its_audit_says(data):
    """The index of a year is that of auditing its architecture."""
    row = measures.measure(1830, ["contest"])
    g = history(1830)
    found = dt.audit(g, lens="contest", draws=0, alternatives=False).data

    assert row["index_contest"] == float(found["index"].values[0])
    assert row["index_contest"] == pytest.approx(1 - row["harmful_contest"] / row["wanted_contest"])
    assert row["states"] == g.system.size
    s = g.system
    for name, facts in measures.EXPECTED.items():
        assert row[name] == pytest.approx(hazard.probabilities(s, facts).sum())


def rows_kept(folder, years, **marked):
    """Keep rows as a run of one lens would, each with the same odd values instead of measures."""
    settings = {**measures.settings_of(["contest"], measures.DRAWS), "code": code_digest()}
    with RunFolder.opened(folder, settings) as kept:
        for year in years:
            row = {"year": year, **marked}
            content = np.frombuffer(json.dumps(row).encode(), dtype=np.uint8)
            kept.write(year, str(year), {"row": content})


def test_a_stopped_run_goes_on_where_it_was(data, tmp_path):
    """Rows that are there are kept, a damaged one is made again, and the table is the same."""
    years = range(1820, 1824)
    whole = measures.series(years, tmp_path / "a", lenses=["contest"], processes=2)
    rows_kept(tmp_path / "a", [1821], vulnerable=99.0)  # a mark: this row is taken as it is
    pieces = tmp_path / "a" / "pieces"
    (pieces / "001820.npz").unlink()
    (pieces / "001823.npz").write_bytes((pieces / "001823.npz").read_bytes()[:100])
    resumed = measures.series(years, tmp_path / "a", lenses=["contest"], processes=1)

    assert resumed.filter(pl.col("year") == 1821)["vulnerable"].to_list() == [99]
    others = pl.col("year") != 1821
    assert resumed.filter(others).equals(whole.filter(others))
    with pytest.raises(ResultError, match=r"another run: lenses is \['contest'\] there"):
        measures.series(years, tmp_path / "a", lenses=["hazard"])


def test_other_years_of_the_same_run_are_added(data, tmp_path):
    """A folder of some years goes on with others, and their rows are not made again."""
    rows_kept(tmp_path, [1820], vulnerable=99.0)
    both = measures.series([1820, 1821], tmp_path, lenses=["contest"], processes=1)

    assert [1820, 1821] == both["year"].to_list()
    assert 99 == both["vulnerable"][0]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of a process group are POSIX")
@pytest.mark.parametrize("lines", [0, 3])
def test_an_interrupt_ends_all_processes_without_a_traceback(data, tmp_path, lines):
    """Ctrl-C, as workers start or work, leaves one line, no process, and rows to go on with."""
    words = ["--years", "1816-1914", "--lens", "contest", "--draws", "0", "--processes", "2"]
    process = subprocess.Popen(
        [sys.executable, "-m", "detente", "history", *words, "--out", str(tmp_path)],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    pieces = tmp_path / "pieces"
    while process.poll() is None and not (
        pieces.exists() and len(list(pieces.glob("[0-9]*.npz"))) >= lines
    ):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    said = process.communicate()[1]

    assert (130, "interrupted; nothing was left half-written") == (process.returncode, said.strip())
    assert not list(pieces.glob(".*"))
    # What was a worker is gone; the process that watches over semaphores goes by itself.
    for _ in range(500):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("a process of the run is left")


def test_what_was_observed_is_null_outside_the_lists(data):
    """Disputes are counted to 1989; afterwards nothing is known here."""
    seen = measures.observed(1985, 1995)

    assert seen.filter(pl.col("year") == 1985)["onsets"][0] > 0
    assert seen.filter(pl.col("year") > 1989)["onsets"].null_count() == 6
    assert seen.filter(pl.col("year") > 1989)["war_onsets"].null_count() == 6
    assert measures.observed(1914, 1914)["great_war_onsets"][0] > 0


def test_wars_are_null_outside_the_list_of_wars(data, monkeypatch):
    """A list from 1823 to 1985 says nothing of 1822 nor of 1986, and their rows say null, not 0."""
    whole = arrays.dense

    def cut(*arguments, **options):
        made = whole(*arguments, **options)
        made.covers["wars"] = (1823, 1985)
        return made

    monkeypatch.setattr(arrays, "dense", cut)
    seen = measures.observed(1816, 1989)
    inside = pl.col("year").is_between(1823, 1985)

    for name in ("war_onsets", "great_war_onsets"):
        assert 7 + 4 == seen.filter(~inside)[name].null_count()
        assert 0 == seen.filter(inside)[name].null_count()
    assert (1823, 1985) == rankings.ranks(1980, 1989, ["balance"]).covers


def test_what_is_expected_stands_in_the_year_that_its_name_says():
    """A series has what the next year brings; beside what began stands what was expected of it."""
    table = pl.DataFrame(
        {
            "year": [1900, 1901, 1902],
            "initiations": [7, 8, 9],
            "expected_next_year": [1.0, 2.0, 3.0],
            "expected_next_year_past": [4.0, 5.0, None],
        }
    )
    wide = charts.beside(table)

    assert [None, 1.0, 2.0] == wide["expected_disputes"].to_list()
    assert [None, 4.0, 5.0] == wide["expected_disputes_past"].to_list()
    assert [7, 8, 9] == wide["initiations"].to_list()
    assert set(measures.EXPECTED) == set(charts.OF_NEXT)
    # One name never means two years.
    assert not set(wide.columns) & set(charts.OF_NEXT)


def test_years_before_wars_are_told_from_others():
    """A measure that is one higher before each war shows a difference of one."""
    years = np.arange(1820, 1920)
    war = (years % 25 == 0).astype(int)
    before = np.array([war[k + 1 : k + 4].any() for k in range(100)])
    table = pl.DataFrame(
        {
            "year": years,
            "great_war_onsets": war,
            "index_x": before + 0.5,
            "vulnerable": before * 0 + 3,
        }
    )
    found = {row["measure"]: row for row in measures.before_wars(table, draws=100).to_dicts()}

    assert found["index_x"]["difference"] == pytest.approx(1)
    assert found["index_x"]["years_before"] == int(before[:97].sum())
    assert (found["vulnerable"]["low"], found["vulnerable"]["high"]) == (0, 0)


def test_the_command_writes_page_and_table(data, tmp_path):
    """The page shows every measure, carries its data, and asks the network for nothing."""
    arguments = ["--years", "1910-1920", "--lens", "contest", "--out", str(tmp_path / "view")]
    arguments += ["--draws", "2"]
    result = CliRunner().invoke(command, [*arguments, "--processes", "1"])
    assert result.exit_code == 0, result.output

    page = (tmp_path / "view" / "index.html").read_text(encoding="utf-8")
    table = pl.read_csv(tmp_path / "view" / "years.csv")
    body = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert table["year"].to_list() == list(range(1910, 1921))
    assert "First World War" in page
    assert "detente history --years 1910-1920 --lens contest --draws 2" in page
    assert not re.findall(r'(?:src|href)="https?://', body)
    figures = ("indices", "observed", "before-wars-by-lens", "agreement", *charts.LABELS)
    for name in figures:
        assert f'id="spec-{name}"' in page
        assert f'id="narrow-{name}"' in page
        assert f'download="long-view-{name}.csv' in page
    assert 'download="long-view-years.csv' in page


def test_bounds_of_an_index_come_from_its_draws(data):
    """The band of a year is that of the draws of its audit; without draws there is none."""
    row = measures.measure(1830, ["contest"], draws=8)
    drawn = dt.audit(history(1830), lens="contest", draws=8, alternatives=False).data["index_draw"]
    bounds = [row[f"index_contest{end}"] for end in measures.BOUNDS]

    assert bounds == pytest.approx(np.nanpercentile(drawn.values, measures.BAND).tolist())
    assert measures.shown_index(pl.DataFrame([row]), "contest") == "index_contest_median"
    assert "index_contest_low" not in measures.measure(1830, ["contest"])
    assert ["index_contest"] == measures.index_columns(pl.DataFrame([row]))


def test_systems_of_rivalry_are_counted_apart():
    """Two regional rivalries are two systems; allies belong to one, who is alone to none."""
    pairs = np.zeros((2, 7, 7))
    for kind, i, j in ((1, 0, 1), (0, 1, 2), (1, 3, 4), (0, 5, 6)):
        pairs[kind, i, j] = pairs[kind, j, i] = 1
    ones = np.ones(7)
    system = System(tuple("ABCDEFG"), pairs[0], pairs[1], ones, np.zeros((7, 7)))

    assert (2, 3 / 7) == measures._rivalry_systems(system)
    # A against B with its ally C, and D against E; F and G have no rival
    assert 4 == measures._camps(system)
    alone = System(tuple("ABCDEFG"), pairs[0], 0 * pairs[1], ones, np.zeros((7, 7)))
    assert (0, None) == measures._rivalry_systems(alone)
    assert 0 == measures._camps(alone)


def test_the_headline_speaks_of_the_medians():
    """With draws the extremes are those of the medians; the point estimates stay in the table."""
    table = pl.DataFrame(
        {
            "year": [1900, 1901, 1902],
            "index_arms_race": [0.9, 0.1, 0.5],
            "index_arms_race_low": [0.2, 0.3, 0.4],
            "index_arms_race_median": [0.3, 0.5, 0.6],
            "index_arms_race_high": [0.4, 0.6, 0.7],
        }
    )
    told = long_view.headline(table, ["arms_race"])

    assert "lens arms race security was least indivisible in 1900 (index 0.30)" in told
    assert "2 of 3 years under arms race" == long_view.outside(table, ["arms_race"])


def test_years_that_tie_for_an_extreme_are_all_told():
    """One year is named, neighbours as a span, others by their number; none is picked out."""
    table = pl.DataFrame(
        {
            "year": range(1900, 1906),
            "index_contest": [0.3, 0.0, 0.0, 0.5, 0.0, 0.5 + 1e-15],
            "index_balance": [0.2, 0.2, 0.1, 0.1, 0.3, None],
            "index_flat": [0.0] * 6,
            "rivalry_systems": [4, 5, 5, 5, 3, None],
        }
    )
    told = long_view.headline(table, ["contest", "balance", "flat"])

    assert "least indivisible in 3 of 6 years, the first 1901 (index 0.00)" in told
    assert "most in 2 of 6 years, the first 1903 (0.50)" in told
    assert "least indivisible from 1902 to 1903 (index 0.10) and most in 1904 (0.30)" in told
    assert "equally indivisible in all 6 years (index 0.00)" in told
    systems = str(charts.one(table, "rivalry_systems").to_dict()["title"])
    assert "Separate systems of rivalry: highest from 1901 to 1903" in systems
    flat = pl.DataFrame({"year": [1900, 1901], "camps": [2, 2]})
    assert "the same in all 2 years" in str(charts.one(flat, "camps").to_dict()["title"])
    years = pl.DataFrame(
        {"year": [1900, 1901], "mean": [0.5] * 2, "lowest": [0.1] * 2, "highest": [0.9] * 2}
    )
    assert "the same in all 2" in str(charts.spread(years, flat).to_dict()["title"])


def test_years_as_far_apart_as_the_last_that_is_listed_are_counted():
    """Of fourteen years with the same distance ten are listed, and four more are told of."""
    table = pl.DataFrame(
        {"year": range(1900, 1914), "index_contest": [0.0] * 14, "index_balance": [1.0] * 14}
    )
    shown, more = long_view.apart(table, ["contest", "balance"])

    assert list(range(1900, 1910)) == [row["year"] for row in shown]
    assert 4 == more
    assert ([], 0) == long_view.apart(table, ["contest"])


def test_only_what_lies_in_the_years_shown_is_marked():
    """A page of 1900 to 1960 lists nothing of other times; a war that reaches into it counts."""
    shown = long_view.page(
        pl.DataFrame({"year": [1900, 1960], "index_contest": [0.1, 0.2]}).with_columns(
            **{name: pl.lit(1.0) for name in charts.LABELS}
        )
    )
    text = render.render(shown)
    marked = re.findall(r"<li>(\d{4})(?:–\d{4})?: ", text.split('id="marked"')[1])

    assert {"1914", "1919", "1939", "1945"} == set(marked)
    assert ["First World War"] == [e["event"] for e in charts.events(1916, 1918)]
    assert not charts.events(1960, 1970)


@pytest.mark.parametrize("span", [(1816, 2016), (1850, 1880), (1914, 1919), (1990, 2016)])
@pytest.mark.parametrize("width", [charts.WIDTH, charts.NARROW])
def test_names_of_marks_do_not_touch(span, width):
    """In every row above a chart the names keep a distance, whatever the years and the width."""
    inside = charts.events(*span)
    placed = charts._placed(inside, *span, width)
    scale = width / (span[1] + 1 - span[0])
    for line in charts.ROWS:
        row = sorted(
            ((e["at"] - span[0]) * scale, len(e["short"])) for e in placed if e["line"] == line
        )
        for (a, one), (b, other) in itertools.pairwise(row):
            assert b - a >= charts.LETTER * (one + other) / 2 + charts.ROOM - 1e-9
    assert placed


def test_the_drift_of_what_is_expected_is_told():
    """Expected over observed is given by half-centuries; what is too short is left out."""
    years = list(range(1800, 1910))
    wide = pl.DataFrame(
        {"year": years, "initiations": [2] * 110, "expected_disputes": [5.0] * 50 + [2.0] * 60}
    )

    told = charts.drift(wide)
    assert "2.5 times as many as began in 1800-1849, 1.0 times as many as began in 1850-" in told


def test_a_data_set_that_is_not_used_leaves_a_run_as_it_is(data, monkeypatch):
    """What a run goes on with depends on the tables that a year is built from, and no others."""
    stamp = measures.settings_of(["contest"], 0)
    others = [e for e in store.entries() if e.table not in TABLES]
    used = [e for e in store.entries() if e.table in TABLES]
    monkeypatch.setattr(store, "entries", lambda: used)

    assert others
    assert stamp == measures.settings_of(["contest"], 0)
    assert set(stamp["data"]) == set(TABLES)


def test_two_years_have_no_wars_before_them():
    """A series that is shorter than the window before wars compares nothing."""
    assert rankings.before_wars(made_ranks(2)).is_empty()


def test_ranks_go_from_the_least_to_the_most_secure():
    """Equal securities share a rank, rounding parts nobody, and who is missing has none."""
    values = np.array([[3.0, 1.0, np.nan, 1.0 + 1e-13, 7.0]])

    assert rankings.ranked(values)[0, [0, 1, 3, 4]].tolist() == pytest.approx(
        [2 / 3, 1 / 6, 1 / 6, 1.0]
    )
    assert np.isnan(rankings.ranked(values)[0, 2])


def made_ranks(count: int = 60) -> rankings.Ranks:
    """Four states, of which the least secure one under `one` enters a war every ten years."""
    order = np.array([0.0, 1 / 3, 2 / 3, 1.0])
    one = np.array([np.roll(order, year // 10) for year in range(count)])
    entering = np.zeros((count, 4), bool)
    for year in range(9, count, 10):
        entering[year, one[year].argmin()] = True
    rank = {"one": one, "other": 1 - one, "flat": np.full((count, 4), 0.5)}
    return rankings.Ranks(np.arange(1820, 1820 + count), rank, entering, (1816, 1989))


def test_states_that_enter_wars_are_told_from_others():
    """If the least secure state enters each war, its rank before is 0, and 1 under the reverse."""
    found = {row["lens"]: row for row in rankings.before_wars(made_ranks()).to_dicts()}

    assert (found["one"]["before"], found["other"]["before"]) == (0, 1)
    assert found["one"]["difference"] < found["one"]["high"] < 0 < found["other"]["low"]
    assert found["one"]["years_before"] == 3 * 5 + 1  # before the last war two years have no window


def test_lenses_that_rank_in_reverse_correlate_at_minus_one():
    """A lens and its reverse disagree in full; one that sees no difference has no say."""
    years, pairs = rankings.agreement(made_ranks())

    assert [("one", "other", -1.0, 60)] == [
        (row["one"], row["other"], round(row["correlation"], 9), row["years"])
        for row in pairs.to_dicts()
    ]
    assert years["mean"].to_list() == pytest.approx([-1.0] * 60)


def test_no_solver_speaks_on_standard_output():
    """Where results are printed, nothing else is: the solver's banner is kept back."""
    pytest.importorskip("highspy")
    code = (
        "from detente.lenses.balance.frustration import program as p; "
        "p._highs(); p._highs(); print(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "1\n" == done.stdout
