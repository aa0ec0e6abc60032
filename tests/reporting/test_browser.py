"""The page in a real browser with the network cut off, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, found
from test_page import KINDS, sections
from written import write

import detente as dt


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for all tests of this file."""
    program = found()
    if program is None:
        pytest.skip("no Chromium is installed: the page is not tried in a browser")
    made = Browser(program)
    yield made
    made.close()


@pytest.fixture(scope="module")
def eurasia(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page with the map."""
    path = tmp_path_factory.mktemp("eurasia") / "eurasia.html"
    return write(dt.audit("eurasia-2024", draws=10, kinds=["join", "reconcile"]), path)


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("kind", KINDS)
def test_the_page_stands_without_a_network(
    browser: Browser, paths: dict[str, Path], kind: str, width: int
) -> None:
    """No request, no error, every section and chart there, nothing wider than the screen."""
    tab = browser.open(paths[kind], width)

    assert tab.complaints() == []
    assert tab.requests() == []
    assert tab.value("document.getElementById('page-errors').textContent") == ""
    assert tab.value("window.pageErrors.length") == 0
    present = tab.value("Array.from(document.querySelectorAll('main section')).map(s => s.id)")
    assert present == sections(kind)
    drawn = tab.value(
        "Array.from(document.querySelectorAll('[data-chart]'))"
        ".map(c => c.querySelectorAll('.vega-embed svg .mark-group').length > 0)"
    )
    assert drawn
    assert all(drawn)
    assert tab.value("document.documentElement.scrollWidth") <= width
    tab.close()


OUTSIDE = """Array.from(document.querySelectorAll('[data-chart]')).flatMap(function (chart) {
  if (!chart.offsetHeight) return [];
  var frame = chart.querySelector('svg').getBoundingClientRect();
  return Array.from(chart.querySelectorAll('text')).filter(function (text) {
    var box = text.getBoundingClientRect();
    return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2);
  }).map(text => chart.dataset.chart + ': ' + text.textContent);
})"""
"""Texts of live charts that leave their picture."""
OVERLAPS = """Array.from(document.querySelectorAll('[data-chart]')).flatMap(function (chart) {
  function boxes(kind) {
    return Array.from(chart.querySelectorAll(kind)).map(t => [t, t.getBoundingClientRect()]);
  }
  var labels = boxes('.role-axis-label text');
  return boxes('.mark-text.role-mark text').filter(function (one) {
    return labels.some(function (other) {
      var a = one[1], b = other[1];
      return a.width && b.width && a.left < b.right - 1 && b.left < a.right - 1 &&
        a.top < b.bottom - 2 && b.top < a.bottom - 2;
    });
  }).map(one => chart.dataset.chart + ': ' + one[0].textContent);
})"""
"""Numbers in live charts that lie over the label of an axis."""


@pytest.mark.parametrize("width", [1280, 400])
@pytest.mark.parametrize("name", ["two-blocs", "europe-1936", "eurasia-2024"])
def test_the_page_of_portraits_stands_without_a_network(
    browser: Browser, portrait_paths: dict[str, Path], name: str, width: int
) -> None:
    """What the lenses see: no request, no error, every picture drawn, nothing cut off."""
    tab = browser.open(portrait_paths[name], width)

    assert tab.complaints() == []
    assert tab.requests() == []
    assert tab.value("window.pageErrors.length") == 0
    drawn = tab.value(
        "Array.from(document.querySelectorAll('[data-chart]'))"
        ".map(c => c.querySelectorAll('.vega-embed svg .mark-group').length > 0)"
    )
    assert len(drawn) >= 6
    assert all(drawn)
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert tab.value(OUTSIDE) == []
    assert tab.value(OVERLAPS) == []
    tab.close()


@pytest.mark.parametrize("width", [1280, 400])
def test_no_text_leaves_the_figures_of_doubt(
    browser: Browser, paths: dict[str, Path], width: int
) -> None:
    """Drivers, agreement of lenses and the rest lie inside their pictures with many lenses."""
    tab = browser.open(paths["lenses"], width)

    assert tab.value(OUTSIDE) == []
    assert tab.value(OVERLAPS) == []
    tab.close()


@pytest.mark.parametrize("width", [1280, 400])
def test_the_map_stands_without_a_network(browser: Browser, eurasia: Path, width: int) -> None:
    """The page with shapes, ties and contested areas has no error and fits the screen."""
    tab = browser.open(eurasia, width)

    assert tab.complaints() == []
    assert tab.requests() == []
    assert tab.value("document.documentElement.scrollWidth") <= width
    assert tab.value("document.querySelectorAll('#map .mark-shape path').length") > 90
    tab.close()


def test_on_a_phone_the_ranking_stands_for_the_map_and_a_list_for_the_matrix(
    browser: Browser, eurasia: Path
) -> None:
    """On a narrow screen the two wide figures make room for what can be read there."""
    shown = "Array.from(document.querySelectorAll('{}')).map(e => e.offsetHeight > 0)"
    for width, wide in ((1280, True), (400, False)):
        tab = browser.open(eurasia, width)
        assert tab.value(shown.format("#map, #matrix")) == [wide, wide]
        assert tab.value(shown.format("#ranking, #pays table")) == [True, True]
        assert tab.value("document.querySelector('.phone').offsetHeight > 0") is not wide
        tab.close()


def test_no_text_of_a_chart_leaves_its_frame(browser: Browser, eurasia: Path) -> None:
    """Labels of every live chart lie inside the picture, at both widths."""
    for width in (1280, 400):
        tab = browser.open(eurasia, width)
        assert tab.value(OUTSIDE) == []
        tab.close()


def test_with_scripts_off_the_page_still_shows_its_pictures(
    browser: Browser, paths: dict[str, Path], eurasia: Path
) -> None:
    """Without scripts every figure is a picture with height, and the tables are readable."""
    pictures = (
        "Array.from(document.querySelectorAll('[data-chart] > svg')).map(s => s.clientHeight)"
    )
    for path, least in ((eurasia, 5), (paths["all"], 1)):
        tab = browser.open(path, scripts=False)
        assert tab.complaints() == []
        heights = tab.value(pictures)
        assert len(heights) >= least
        assert len(heights) == tab.value("document.querySelectorAll('[data-chart]').length")
        assert min(heights) > 40
        if path == eurasia:
            tab.close()
    assert tab.value("document.querySelectorAll('table tbody tr').length") > 20
    assert tab.value("document.querySelectorAll('input, th button').length") == 0
    tab.close()


def test_a_table_sorts_by_the_column_that_is_pressed(
    browser: Browser, paths: dict[str, Path]
) -> None:
    """Pressing a head sorts downwards, pressing again upwards, by value and not by text."""
    tab = browser.open(paths["all"])
    column = (
        "Array.from(document.querySelectorAll('#rank tbody tr'))"
        ".map(r => parseFloat(r.cells[1].dataset.value))"
    )
    press = "document.querySelectorAll('#rank thead th')[1].querySelector('button').click()"

    tab.value(press)
    down = tab.value(column)
    tab.value(press)
    up = tab.value(column)

    assert down == sorted(down, reverse=True)
    assert up == sorted(up)
    assert len(set(up)) > 3
    tab.close()


def test_a_table_shows_only_what_the_filter_asks_for(
    browser: Browser, paths: dict[str, Path]
) -> None:
    """Writing a name into the field above leaves its row alone."""
    tab = browser.open(paths["all"])
    tab.value(
        "(function () { var f = document.querySelector('#rank input'); f.value = 'miran';"
        " f.dispatchEvent(new Event('input')); })()"
    )

    left = tab.value(
        "Array.from(document.querySelectorAll('#rank tbody tr')).filter(r => !r.hidden)"
        ".map(r => r.cells[0].textContent)"
    )
    assert left == ["Miran (MIR)"]
    tab.close()


def test_a_compressed_table_is_unpacked_in_the_browser(browser: Browser, tmp_path: Path) -> None:
    """A large download reaches the reader as plain CSV, without a request and without an error."""
    audit = dt.audit("eurasia-2024", draws=0, kinds=["commit"], alternatives=False)
    tab = browser.open(write(audit, tmp_path / "page.html"))
    browser.ask(
        "Browser.setDownloadBehavior",
        behavior="allow",
        downloadPath=str(tmp_path),
        eventsEnabled=True,
    )
    tab.value("document.querySelector('a[data-compressed]').click()")
    name = tab.value("document.querySelector('a[data-compressed]').textContent")
    path = tmp_path / f"eurasia-2024-{name}"
    for _ in range(200):
        if path.exists() and path.stat().st_size:
            break
        tab.value("new Promise(done => setTimeout(done, 100))")

    assert name == "changes.csv"
    assert path.read_text(encoding="utf-8").count("\n") == audit.data.sizes["change"] + 1
    assert tab.value("window.pageErrors.length") == 0
    tab.close()


def test_a_hostile_name_runs_nothing(browser: Browser, tmp_path: Path) -> None:
    """Markup in the names of a scenario is shown as text by the page and by its charts."""
    import polars as pl

    g = dt.load("two-blocs")
    evil = '<img src=x onerror="window.hit=1"></script><script>window.hit=1</script>'
    bad = g.with_tables("none", states=g.tables["states"].with_columns(pl.col("name") + evil))
    tab = browser.open(write(dt.audit(bad, draws=0), tmp_path / "page.html", architecture=bad))
    # Pointing at a mark shows its tooltip, the one place where a chart writes HTML.
    at = tab.value(
        "(function () { var m = document.querySelector('#ranking .mark-symbol path');"
        " m.scrollIntoView({block: 'center', behavior: 'instant'});"
        " var b = m.getBoundingClientRect();"
        " return [b.left + b.width / 2, b.top + b.height / 2]; })()"
    )
    tab.ask("Input.dispatchMouseEvent", type="mouseMoved", x=at[0], y=at[1])
    tip = tab.value(
        "new Promise(done => setTimeout(() => done("
        "document.querySelector('#vg-tooltip-element').textContent), 500))"
    )

    assert "<img" in tip
    assert tab.value("window.hit") is None
    assert tab.value("document.querySelectorAll('img').length") == 0
    assert tab.complaints() == []
    tab.close()
