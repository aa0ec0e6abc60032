"""A number on a page opens where it comes from, on the page itself, with scripts on or off."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import Browser, found

import detente as dt
from detente.reporting.by_question import page_of
from detente.reporting.explained import Explained, _Sums
from detente.reporting.page.model import Why
from detente.reporting.page.render import render
from detente.reporting.state.state import page as state_page


@pytest.fixture(scope="module")
def g():
    """The bundled scenario of Eurasia."""
    return dt.load("eurasia-2024")


@pytest.fixture(scope="module")
def pages(g):
    """One page of every question whose numbers are securities or changes of them."""
    one = dt.audit(g, "UKR joins NATO", draws=0, alternatives=False)
    answers = {
        "audit": dt.audit(g, draws=0, kinds=["join"]),
        "change": one,
        "compare": dt.compare(g, ["between_istanbul", "UKR joins NATO"], draws=0),
        "plan": dt.plan(g, "between_istanbul:wide", draws=0),
        "collapse": dt.collapse(g, "CSTO", draws=0),
        "dependence": dt.dependence(g, "TUR", draws=0, orders=1),
    }
    made = {name: page_of(result) for name, result in answers.items()}
    every = dt.audit(g, draws=0, kinds=["join"], lens=["coalition", "contest"])
    return made | {"state": state_page(g, "EST", audit=every)}


QUESTIONS = ("audit", "change", "compare", "plan", "collapse", "dependence", "state")


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_number_that_can_be_opened_has_its_explanation_on_the_page(pages, question):
    """Each link leads to a panel or a row of one; each panel prints the command that says more."""
    text = render(pages[question])
    ways = re.findall(r'<a class="why" href="#([^"]+)">', text)
    ids = re.findall(r' id="([^"]+)"', text)

    assert ways
    assert set(ways) <= set(ids)
    assert len(set(ids)) == len(ids)
    panels = text.split('<div class="opened"')[1:]
    assert len(panels) == len(pages[question].explained) > 0
    told = ("detente explain eurasia-2024", "detente why eurasia-2024")
    assert all(any(command in panel for command in told) for panel in panels)


def test_a_panel_holds_attacks_that_add_up_to_the_security(g):
    """Rate, attack, defence and participants of every attack; the terms sum to the number."""
    numbers = Explained(g)
    audit = dt.audit(g, "UKR joins NATO", draws=0, alternatives=False).data.sel(lens="coalition")
    security = float(audit["security"].sel(state="EST"))

    assert Why("x", "why-coalition-EST") == numbers.security("x", "EST", "coalition")
    assert Why("y", "why-coalition-EST-1") == numbers.delta(
        "y", "EST", "coalition", "UKR joins NATO"
    )
    (panel,) = numbers.listed()
    moves, attacks = panel.blocks[:2]

    heads = [head.text for head in attacks.columns]
    assert {"Rate, a year", "Attack", "Defence", "Beside the target"} <= set(heads)
    assert pytest.approx(security) == sum(row[1].value for row in attacks.rows)
    assert pytest.approx(float(audit["delta"].sel(state="EST").values[0])) == moves.rows[0][1].value
    assert "RUS may use force" in moves.rows[0][3]


def test_the_parameters_of_the_result_are_those_of_its_explanation(g):
    """A value that was fixed for the result is fixed in the panel."""
    result = dt.compare(g, "UKR joins NATO", draws=0, parameters={"coalition.burden": 0.0})
    delta = float(result.data["delta"].sel(state="POL", lens="coalition").values[0])
    (panel,) = [p for p in page_of(result).explained if p.id == "why-coalition-POL"]

    assert pytest.approx(delta) == panel.blocks[0].rows[0][1].value
    assert not any("help for others" in str(row[0]) for row in panel.blocks[1].rows)


def test_without_the_architecture_or_a_sum_nothing_is_promised(g):
    """A number of an unknown architecture is plain; a lens without a sum says that it has none."""
    assert Explained(None).security("x", "EST", "coalition") == "x"
    assert Explained(g).delta("x", "EST", "coalition", "no sentence") == "x"
    numbers = Explained(g)
    numbers.security("x", "EST", "contest")

    assert not _Sums(*numbers._lens("contest")[:1], g.system, numbers._lens("contest")[1]).known
    assert "no sum of terms" in numbers.listed()[0].blocks[1].text


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, 400])
def test_a_press_on_a_number_opens_its_panel_and_another_closes_it(
    pages, tmp_path: Path, width: int, scripts: bool
):
    """In a browser, scripts on or off: hidden, then shown, then hidden again."""
    program = found()
    if program is None:
        pytest.skip("no Chromium is installed: the page is not tried in a browser")
    path = tmp_path / "page.html"
    path.write_text(render(pages["change"]), encoding="utf-8")
    browser = Browser(program)
    tab = browser.open(path, width, scripts=scripts)
    shown = "Array.from(document.querySelectorAll('.opened')).filter(e => e.offsetHeight).length"

    assert tab.value(shown) == 0
    tab.value("document.querySelector('a.why').click()")
    assert tab.value(shown) == 1
    assert tab.value("document.documentElement.scrollWidth") <= width
    tab.value(
        "document.querySelector('.opened:target .close, .opened:has(:target) .close').click()"
    )
    assert tab.value(shown) == 0
    tab.close()
    browser.close()
