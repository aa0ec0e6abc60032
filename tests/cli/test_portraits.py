"""``detente show --lens``: what the models see, on the terminal, as JSON and as a page."""

from __future__ import annotations

import json

import pytest

import detente as dt
from detente.auditing.portraits import as_rows, portraits
from detente.cli import main


@pytest.fixture
def run(capsys):
    """Run the command line in this process; returns exit code, output and errors."""

    def call(*arguments):
        with pytest.raises(SystemExit) as done:
            main(arguments)
        caught = capsys.readouterr()
        return done.value.code, caught.out, caught.err

    return call


def test_show_writes_what_the_lenses_see_as_a_page(run, tmp_path):
    """One page with a section a lens, and nothing else beside it."""
    page = tmp_path / "seen.html"

    code, out, err = run("show", "two-blocs", "--lens", "all", "--report", str(page))
    text = page.read_text(encoding="utf-8")

    assert 0 == code
    assert "Camps (landscape)" in out
    assert f"page: {page}" in err
    assert [page] == list(tmp_path.iterdir())
    assert len(portraits(dt.load("two-blocs"))) == text.count('<section id="lens-')


def test_show_as_json_has_the_portraits(run):
    """The JSON on the terminal is the portraits as plain data."""
    code, out, _ = run("show", "two-blocs", "--lens", "balance", "--format", "json")
    g = dt.load("two-blocs")

    assert 0 == code
    assert json.loads(json.dumps(as_rows(g, portraits(g, "balance")))) == json.loads(out)


def test_a_state_and_a_lens_do_not_go_together(run):
    """Portraits are of a whole scenario: asking for those of one state is refused in words."""
    code, _, err = run("show", "two-blocs", "MIR", "--lens", "balance")

    assert 2 == code
    assert "told of the whole scenario" in err
    assert "--report" in err


def test_an_audit_with_sensitivity_writes_it_into_the_page(run, tmp_path):
    """What drives the index stands on the terminal and in the page."""
    pytest.importorskip("SALib")
    page = tmp_path / "page.html"

    code, out, _ = run(
        "audit", "two-blocs", "--draws", "20", "--sensitivity", "--report", str(page)
    )

    assert 0 == code
    assert "Which parameter drives the indivisibility index" in out
    assert "-sensitivity.csv" in page.read_text(encoding="utf-8")
