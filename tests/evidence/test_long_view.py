"""The long view: years measured, kept, resumed, compared and shown."""

from __future__ import annotations

import json
import re

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

import detente as dt
from detente.cli.evidence import history as command
from detente.errors import UsageError
from detente.evidence import hazard
from detente.evidence.history import history
from detente.report import long_view, long_view_charts, long_view_lenses


def test_a_year_is_measured_as_its_audit_says(data):
    """The index of a year is that of auditing its architecture."""
    row = long_view.measure(1830, ["contest"])
    g = history(1830)
    found = dt.audit(g, lens="contest", draws=0, alternatives=False).data

    assert row["index_contest"] == float(found["index"].values[0])
    assert row["index_contest"] == pytest.approx(1 - row["harmful_contest"] / row["wanted_contest"])
    assert row["states"] == g.system.size
    s = g.system
    expected = hazard.probabilities(s).sum()
    assert row["expected_disputes"] == pytest.approx(expected)


def test_a_stopped_run_goes_on_where_it_was(data, tmp_path):
    """Rows that are there are kept, a half-written one is made again, and the table is the same."""
    years = range(1820, 1824)
    whole = long_view.series(years, tmp_path / "a", lenses=["contest"], processes=2)
    lines = (tmp_path / "a" / long_view.ROWS).read_text().splitlines()
    kept = json.loads(lines[1])
    kept["camps"] = 99  # a mark: this row is taken as it is
    (tmp_path / "b").mkdir()
    begun = "\n".join([lines[0], json.dumps(kept), lines[2][:20]])
    (tmp_path / "b" / long_view.ROWS).write_text(begun + "\n")
    resumed = long_view.series(years, tmp_path / "b", lenses=["contest"], processes=1)

    assert resumed.filter(pl.col("year") == kept["year"])["camps"].to_list() == [99]
    assert resumed.drop("camps").equals(whole.drop("camps"))
    with pytest.raises(UsageError, match="other lenses"):
        long_view.series(years, tmp_path / "a", lenses=["hazard"])


def test_what_was_observed_is_null_outside_the_lists(data):
    """Disputes are counted to 1989; afterwards nothing is known here."""
    seen = long_view.observed(1985, 1995)

    assert seen.filter(pl.col("year") == 1985)["onsets"][0] > 0
    assert seen.filter(pl.col("year") > 1989)["onsets"].null_count() == 6
    assert seen.filter(pl.col("year") > 1989)["war_onsets"].null_count() == 6
    assert long_view.observed(1914, 1914)["great_war_onsets"][0] > 0


def test_years_before_wars_are_told_from_others():
    """A measure that is one higher before each war shows a difference of one."""
    years = np.arange(1820, 1920)
    war = (years % 25 == 0).astype(int)
    before = np.array([war[k + 1 : k + 4].any() for k in range(100)])
    table = pl.DataFrame(
        {"year": years, "great_war_onsets": war, "index_x": before + 0.5, "camps": before * 0 + 3}
    )
    found = {row["measure"]: row for row in long_view.before_wars(table, draws=100).to_dicts()}

    assert found["index_x"]["difference"] == pytest.approx(1)
    assert found["index_x"]["years_before"] == int(before[:97].sum())
    assert (found["camps"]["low"], found["camps"]["high"]) == (0, 0)


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
    figures = ("indices", "observed", "before-wars-by-lens", "agreement", *long_view_charts.LABELS)
    for name in figures:
        assert f'id="spec-{name}"' in page
        assert f'id="narrow-{name}"' in page
        assert f'download="long-view-{name}.csv' in page
    assert 'download="long-view-years.csv' in page


def test_bounds_of_an_index_come_from_its_draws(data):
    """The band of a year is that of the draws of its audit; without draws there is none."""
    row = long_view.measure(1830, ["contest"], draws=8)
    drawn = dt.audit(history(1830), lens="contest", draws=8, alternatives=False).data["index_draw"]
    low, high = np.nanpercentile(drawn.values, long_view.BAND)

    assert (row["index_contest_low"], row["index_contest_high"]) == pytest.approx((low, high))
    assert "index_contest_low" not in long_view.measure(1830, ["contest"])
    assert ["index_contest"] == long_view.index_columns(pl.DataFrame([row]))


def test_ranks_go_from_the_least_to_the_most_secure():
    """Equal securities share a rank, rounding parts nobody, and who is missing has none."""
    values = np.array([[3.0, 1.0, np.nan, 1.0 + 1e-13, 7.0]])

    assert long_view_lenses.ranked(values)[0, [0, 1, 3, 4]].tolist() == pytest.approx(
        [2 / 3, 1 / 6, 1 / 6, 1.0]
    )
    assert np.isnan(long_view_lenses.ranked(values)[0, 2])


def made_ranks(count: int = 60) -> long_view_lenses.Ranks:
    """Four states, of which the least secure one under `one` enters a war every ten years."""
    order = np.array([0.0, 1 / 3, 2 / 3, 1.0])
    one = np.array([np.roll(order, year // 10) for year in range(count)])
    entering = np.zeros((count, 4), bool)
    for year in range(9, count, 10):
        entering[year, one[year].argmin()] = True
    rank = {"one": one, "other": 1 - one, "flat": np.full((count, 4), 0.5)}
    return long_view_lenses.Ranks(np.arange(1820, 1820 + count), rank, entering, (1816, 1989))


def test_states_that_enter_wars_are_told_from_others():
    """If the least secure state enters each war, its rank before is 0, and 1 under the reverse."""
    found = {row["lens"]: row for row in long_view_lenses.before_wars(made_ranks()).to_dicts()}

    assert (found["one"]["before"], found["other"]["before"]) == (0, 1)
    assert found["one"]["difference"] < found["one"]["high"] < 0 < found["other"]["low"]
    assert found["one"]["years_before"] == 3 * 5 + 1  # before the last war two years have no window


def test_lenses_that_rank_in_reverse_correlate_at_minus_one():
    """A lens and its reverse disagree in full; one that sees no difference has no say."""
    years, pairs = long_view_lenses.agreement(made_ranks())

    assert [("one", "other", -1.0, 60)] == [
        (row["one"], row["other"], round(row["correlation"], 9), row["years"])
        for row in pairs.to_dicts()
    ]
    assert years["mean"].to_list() == pytest.approx([-1.0] * 60)
