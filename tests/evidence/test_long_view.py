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
from detente.report import long_view, long_view_page


def test_a_year_is_measured_as_its_audit_says(data):
    """The index of a year is that of auditing its architecture."""
    row = long_view.measure(1830, ["contest"])
    g = history(1830)
    found = dt.audit(g, lens="contest", draws=0, alternatives=False).data

    assert row["index_contest"] == float(found["index"].values[0])
    assert row["index_contest"] == pytest.approx(1 - row["harmful_contest"] / row["wanted_contest"])
    assert row["states"] == g.system.size
    s = g.system
    expected = hazard.probabilities(s.allies, s.rivals, s.capability, s.distance).sum()
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
    arguments = ["--years", "1912-1916", "--lens", "contest", "--out", str(tmp_path / "view")]
    result = CliRunner().invoke(command, [*arguments, "--processes", "1"])
    assert result.exit_code == 0, result.output

    page = (tmp_path / "view" / "index.html").read_text(encoding="utf-8")
    table = pl.read_csv(tmp_path / "view" / "years.csv")
    body = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert table["year"].to_list() == list(range(1912, 1917))
    assert "First World War" in page
    assert "detente history --years 1912-1916 --lens contest" in page
    assert not re.findall(r'(?:src|href)="https?://', body)
    for name in ("indices", "observed", *long_view_page.LABELS):
        assert f'id="spec-{name}"' in page
    assert 'download="long-view-years.csv' in page
