"""The pages of settlements: every offer, the marks, and neither end of a scale in good or bad."""

from __future__ import annotations

import pytest

import detente as dt
from detente.reporting.by_question import chart_of, page_of
from detente.reporting.page import palette
from detente.reporting.page.model import Section, Table, plain
from detente.reporting.settlement import charts


@pytest.fixture(scope="module")
def result():
    """Return offers against fighting on, in a few draws."""
    return dt.settle(dt.load("eurasia-2024"), draws=300)


def tables(page) -> list[Table]:
    """Return the tables of a page that stand open."""
    sections = [s for s in page.sections if isinstance(s, Section)]
    return [block for section in sections for block in section.blocks if isinstance(block, Table)]


def test_the_page_has_every_offer_by_date_and_marks_what_silence_decides(result):
    """Offers stand in the order of the result; a star is where readings differ."""
    page = page_of(result)
    offers = tables(page)[0]
    keys = [str(o) for o in result.data["offer"].values]
    verdicts = [plain(row[4]) for row in offers.rows]
    decided = result.data["decided_by_silence"].values[:, 0]

    assert [plain(row[0]) for row in offers.rows] == keys
    assert [plain(row[1]) for row in offers.rows] == sorted(plain(row[1]) for row in offers.rows)
    assert ["*" in words for words in verdicts] == list(decided)
    assert plain(page.lead) == result.reading


def test_the_page_says_what_is_judgement_and_what_it_does_not_say(result, tmp_path):
    """Analyst's numbers are named as such; the page asks the network for nothing."""
    text = result.report(tmp_path / "settle.html").read_text(encoding="utf-8")

    assert "Analyst judgement, no data" in text
    assert "Stated positions are not reservation values" in text
    assert "no estimate" in text
    assert "restore integrity in the borders of 1991" in text
    assert "all Western sanctions lifted" in text
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert all(str(offer) in text for offer in result.data["offer"].values)


def test_neither_side_has_the_colour_of_gain_or_loss(result):
    """The two required parties are told apart by hues that mean nothing else."""
    drawn = chart_of(result).to_json()

    assert set(charts.SIDES).isdisjoint({palette.GAIN, palette.LOSS, palette.RIVALRY})
    assert palette.LOSS not in drawn
    assert palette.GAIN not in drawn


def test_the_page_without_a_party_shows_all_parties(result, tmp_path):
    """Present or not, each party has its row, and the limits stand below."""
    absent = result.without("USA")
    page = page_of(absent)

    assert [plain(row[0]) for row in tables(page)[0].rows] == [
        str(p) for p in absent.data["party"].values
    ]
    assert "USA" in page.title
    assert absent.report(tmp_path / "without.html").stat().st_size > 10_000


def test_a_page_where_nothing_is_in_common_says_so(tmp_path):
    """Without a region there is nowhere to move to, and no frontier is claimed."""
    g = dt.load("eurasia-2024")
    result = dt.settle(g, fighting={"UKR": (0.95, 1), "RUS": (0.95, 1)}, draws=50)

    text = result.report(tmp_path / "page.html").read_text(encoding="utf-8")

    assert "Nothing is better than fighting on for all who must agree" in text
    assert "There is nowhere to move to." in text
