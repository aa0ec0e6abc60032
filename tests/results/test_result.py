"""One class for the answer to any question: what it shows, where it comes from, how it is drawn."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import numpy as np
import pytest

import detente as dt
from detente.errors import ResultError, UsageError
from detente.results import Result, build
from detente.results.provenance import code_digest


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    """A small result of every question."""
    g, pair = dt.load("two-blocs"), "HAR-UPL"
    high = {"dyads": [pair], "start": {pair: 4}}
    answers = [
        dt.audit(g, draws=4, lens=["war_stability", "contest"]),
        dt.simulate(g, replicas=50),
        dt.committor(g, replicas=40, map_replicas=10, **high),
        dt.intervene(g, ["hotline HAR-UPL"], replicas=50),
        dt.rare(g, pair, paths=5, repetitions=3),
        dt.no_return(g, ["hotline HAR-UPL"], replicas=30, paths=2, **high),
    ]
    return {answer.question: answer for answer in answers}


QUESTIONS = ("audit", "simulate", "committor", "intervene", "rare", "no_return")


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_question_returns_one_class(results, question, tmp_path):
    """Any result prints, has a document and a table, saves and opens in both forms."""
    result = results[question]

    assert type(result) is Result
    assert result.reading
    assert result.names["HAR"] == "Harrow"
    assert result.table().height > 0
    assert repr(result)
    for form in ("nc", "zarr"):
        again = dt.open(result.save(tmp_path / f"r.{form}"))
        assert result.data.identical(again.data)
        assert repr(result) == repr(again)
        assert result.to_dict() == again.to_dict()
    lines = result.save(tmp_path / "r.csv").read_text(encoding="utf-8").splitlines()
    assert result.table().height + 1 == len(lines)


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_result_has_a_page(results, question, tmp_path):
    """``dt.report`` and ``.report`` write the same page, whatever the question."""
    one = dt.report(results[question], tmp_path / "one.html").read_text(encoding="utf-8")
    other = results[question].report(tmp_path / "other.html").read_text(encoding="utf-8")

    assert one == other
    assert "<html" in one


@pytest.mark.parametrize("question", ["audit", "simulate", "committor", "rare"])
def test_every_result_has_a_picture(results, question):
    """``dt.plot`` and ``.plot`` draw the same chart."""
    assert dt.plot(results[question]).to_dict() == results[question].plot().to_dict()


def test_a_page_is_html_and_nothing_else(results, tmp_path):
    """Another suffix is refused before anything is drawn, and so is a folder that is not there."""
    with pytest.raises(UsageError, match=r"\.html"):
        results["audit"].report(tmp_path / "x.pdf")
    with pytest.raises(ResultError, match="does not exist"):
        results["audit"].report(tmp_path / "none" / "x.html")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_notebook_shows_the_answer_and_where_it_comes_from(results, question):
    """The HTML has the first line of the reading, a table, and the version; names are escaped."""
    from html import escape

    result = results[question]
    html = result._repr_html_()

    assert escape(result.reading.split("\n")[0]) in html
    assert "<table>" in html
    assert dt.__version__ in html


def test_a_notebook_shows_an_architecture():
    """Its title, the day and who counts stand in a table; what a package says is text."""
    html = dt.load("two-blocs")._repr_html_()

    assert "<h4>Two blocs</h4>" in html
    assert "2024-01-01" in html
    assert "<table>" in html


def test_texts_of_a_result_are_escaped_in_a_notebook():
    """What a scenario calls itself is text, never markup."""
    result = build(
        "rare", variables={}, coordinates={}, reading="<b>bold</b>", title="<script>alert(1)"
    )

    assert "<script>" not in result._repr_html_()
    assert "<b>bold" not in result._repr_html_()


def test_provenance_says_how_to_get_it_again(results):
    """Scenario, its digest, the seed, the version and the digest of the code are in each."""
    for result in results.values():
        source = result.provenance
        assert ("two-blocs", dt.load("two-blocs").digest) == (source["scenario"], source["digest"])
        assert (dt.__version__, code_digest()) == (source["version"], source["code"])
        assert isinstance(source["seed"], int)


def test_the_command_line_is_part_of_the_provenance(tmp_path):
    """A result that the command line saved says how it was asked; one in Python says nothing."""
    words = ["audit", "two-blocs", "--draws", "0", "--save", str(tmp_path / "r.nc")]
    subprocess.run(
        [sys.executable, "-m", "detente", *words], check=True, capture_output=True, env=os.environ
    )

    command = dt.open(tmp_path / "r.nc").provenance["command"]
    assert command.startswith("detente audit two-blocs --draws 0 --save ")


def test_the_digest_of_the_code_is_that_of_its_files(tmp_path):
    """A copy has the same digest, whatever it is called; one changed line has another."""
    import shutil
    from pathlib import Path

    script = "from detente.results.provenance import code_digest; print(code_digest())"

    def digest_in(place: Path) -> str:
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONPATH": str(place)},
        )  # fmt: skip
        return done.stdout.strip()

    package = Path(dt.__file__).parent
    shutil.copytree(
        package, tmp_path / "detente", ignore=shutil.ignore_patterns("__pycache__", "scenarios")
    )
    same = digest_in(tmp_path)
    with (tmp_path / "detente" / "words.py").open("a") as file:
        file.write("# another\n")

    assert code_digest() == same
    assert same != digest_in(tmp_path)


def test_a_result_lists_and_serves_the_views_of_its_question(results):
    """``dir`` has the views, another question's are refused by name."""
    assert {"witnesses", "lenses", "headline"} <= set(dir(results["audit"]))
    assert {"dyads", "entries", "way"} <= set(dir(results["simulate"]))
    with pytest.raises(AttributeError, match=r"dt\.simulate has no 'witnesses'"):
        results["simulate"].witnesses  # noqa: B018 - the access is what is tested


def test_a_result_of_no_room_works_all_the_same():
    """What no public function asks has the default views."""
    result = build(
        "something",
        variables={"x": (("state",), np.array([1.0, np.nan]), "share", "of all")},
        coordinates={"state": ["AAA", "BBB"]},
        reading="Two states.",
    )

    assert "Two states." == repr(result)
    assert [{"state": "AAA", "x": 1.0}, {"state": "BBB", "x": None}] == result.table().to_dicts()
    with pytest.raises(ResultError, match="no page"):
        result.report("x.html")


def test_long_names_are_written_or_refused_in_words(results, tmp_path):
    """A name as long as a file system takes is written; a longer one is refused, not an OSError."""
    longest = tmp_path / ("x" * 250 + ".nc")

    assert results["rare"].data.identical(dt.open(results["rare"].save(longest)).data)
    with pytest.raises(ResultError, match="cannot be written"):
        results["rare"].save(tmp_path / ("x" * 300 + ".nc"))
    with pytest.raises(ResultError):
        dt.open(tmp_path / ("x" * 300 + ".nc"))


@pytest.mark.parametrize(
    "further", [lambda chart: chart, lambda chart: chart.properties(title="x")]
)
def test_a_notebook_shows_a_picture_with_the_network_off(further):
    """What a notebook is given is a picture, with no script and no address to load one from."""
    chart = dt.simulate("two-blocs", replicas=200, draws=0).plot()
    bundle = chart._repr_mimebundle_()
    picture = bundle["image/svg+xml"]

    assert {"image/svg+xml", "text/plain"} == set(bundle)
    assert picture.startswith("<svg")
    assert "<script" not in picture
    assert not re.search(r"(src|href)=.https?:", picture)
