"""One page model: sections as values, one renderer, a page found by the name of its question."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import altair as alt
import pytest
from taken_apart import Page as TakenApart

import detente.reporting
from detente.errors import ResultError, UsageError
from detente.reporting.by_question import chart_of, page_of, report
from detente.reporting.page import model, render
from detente.reporting.page.model import (
    Again,
    Card,
    Cards,
    Cell,
    Chart,
    Code,
    Command,
    Details,
    Head,
    Heading,
    KeyNumber,
    KeyNumbers,
    Legend,
    Link,
    Page,
    Paragraph,
    Points,
    Section,
    Small,
    Strong,
    Swatch,
    Table,
    Tag,
    Terms,
)

EVIL = "<script>window.hit=1</script>"


def drawing(title: str = "A finding", *, narrow: bool = False) -> alt.Chart:
    """A chart of two points."""
    data = alt.InlineData(values=[{"x": 1, "y": 2}, {"x": 2, "y": 3}])
    return (
        alt.Chart(data)
        .mark_point()
        .encode(x="x:Q", y="y:Q")
        .properties(
            width=100 if narrow else 300, title=alt.TitleParams(title, subtitle="a measure, in m")
        )
    )


def page(text: str = "words", **more: Any) -> Page:
    """A page with every kind of block, each of which says `text`."""
    blocks: tuple[model.Block | None, ...] = (
        text,
        (text, Strong(text), Code(text), Link(text, "again"), Small(text), Tag(text, "gain")),
        Paragraph(text, "note"),
        Heading(text, "here"),
        Points((text, (text, Strong(text)), (Paragraph(text), Paragraph(text, "note"))), "ordered"),
        KeyNumbers((KeyNumber(text, text, text, text),)),
        Cards((Card(text, text, text, text, 0.5, (text, Paragraph(text, "note"))),)),
        Table(text, ("State", Head("Share", number=True)), ((text, Cell(text, 1.0, "pays")),)),
        Chart.drawn("chart", partial(drawing, text), legend=(Legend(text, (Swatch(text),)),)),
        Details(text, (text, Chart("inner", drawing(text)))),
        Terms(((text, text),)),
        Command(text),
        None,
    )
    parts: dict[str, Any] = {
        "title": text,
        "kicker": text,
        "lead": text,
        "sections": (Section("first", text, blocks), None, Section("second", text, ())),
        "again": Again(text, ((text, Code(text)),)),
        "opening": (text, None),
        "holds": text,
        "remarks": (text,),
    }
    return Page(**{**parts, **more})


def test_every_part_of_the_model_is_frozen():
    """A page cannot be changed after it was built, nor can any part of it."""
    kinds = [
        kind
        for kind in vars(model).values()
        if isinstance(kind, type) and kind.__module__ == model.__name__
    ]

    assert {"Page", "Section", "Table", "Chart"} <= {kind.__name__ for kind in kinds}
    for kind in kinds:
        assert dataclasses.is_dataclass(kind)
        assert kind.__dataclass_params__.frozen  # type: ignore[attr-defined]


def test_every_text_of_every_block_is_escaped():
    """Markup in any text of a page is shown as text, wherever it stands."""
    text = render.render(page(EVIL))

    assert EVIL not in text
    assert text.count("&lt;script&gt;window.hit=1") >= 30


def test_characters_that_cannot_be_seen_are_shown_by_their_code():
    """A control that turns the line round, or speaks to a terminal, stands as its code."""
    words = TakenApart(render.render(page("a\u202eb\x1b[31mc"))).words()

    assert "a\\u202eb\\u001b[31mc" in words
    assert "\u202e" not in words
    assert "\x1b" not in words


def test_sections_are_numbered_and_again_comes_last():
    """What is left out takes no number; the last section says how to make the page again."""
    taken = TakenApart(render.render(page()))
    sections = [text for tag, text in taken.headings if tag == "h2"]

    assert ["1 words", "2 words", "3 Again"] == sections
    assert {"first", "second", "again", "here"} <= taken.ids


def test_a_chart_stands_with_its_picture_its_narrow_form_and_its_titles():
    """The specification is embedded once for each width; title and subtitle are text."""
    taken = TakenApart(render.render(page("A finding")))

    assert {"spec-chart", "narrow-chart", "spec-inner"} == set(taken.charts())
    assert 100 == taken.charts()["narrow-chart"]["width"]
    assert "title" not in taken.charts()["spec-chart"]
    assert "A finding a measure, in m." in taken.words()
    for name in ("chart", "inner"):
        assert f'data-chart="{name}"><svg' in taken.text


def test_a_page_without_charts_carries_no_bundle():
    """A page of texts and tables is small."""
    assert len(render.render(page(sections=()))) < 60_000


def test_a_chart_with_nothing_to_draw_is_left_out():
    """`drawn` is None where the function draws nothing, and a section skips it."""
    assert Chart.drawn("none", lambda narrow=False: None) is None


def test_two_charts_of_one_name_are_refused():
    """A name is an address in the page, and stands for one chart."""
    twice = (Chart("same", drawing()), Chart("same", drawing()))

    with pytest.raises(ValueError, match="same"):
        render.render(page(sections=(Section("s", "S", twice),)))


def test_a_row_that_does_not_fit_its_heads_is_refused():
    """A table with a cell too many is a mistake of the page, and says which table."""
    with pytest.raises(ValueError, match="'Shares': a row has 1 cells, there are 2 heads"):
        Table("Shares", ("A", "B"), (("one",),))


def test_the_same_page_makes_the_same_bytes():
    """Nothing of the process gets into a page."""
    assert render.render(page()) == render.render(page())


@pytest.fixture
def question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A result of a new question, whose page is one file in a room of its own."""
    room = tmp_path / "newroom"
    room.mkdir()
    (room / "wonder.py").write_text(
        "from detente.reporting.page.model import Again, Page, Section\n\n\n"
        "def page(result, *, command=''):\n"
        "    answer = f'It is {result.answer}.'\n"
        "    return Page('Wonder', 'A question', answer, (), Again(command))\n"
    )
    folders = [*detente.reporting.__path__, str(tmp_path)]
    monkeypatch.setattr(detente.reporting, "__path__", folders)
    return SimpleNamespace(question="wonder", answer=42)


def test_the_page_of_a_new_question_needs_one_file(question: Any, tmp_path: Path):
    """A module that is called as the question is found; nothing else in the house names it."""
    path = report(question, tmp_path / "page.html", command="detente wonder")
    words = TakenApart(path.read_text(encoding="utf-8")).words()

    assert "It is 42." in words
    assert "detente wonder" in words


def test_what_a_page_does_not_take_is_refused(question: Any):
    """A misspelt argument is named, beside those that there are."""
    with pytest.raises(UsageError, match="takes no comand; it takes command"):
        page_of(question, comand="x")


def test_a_question_without_a_page_or_a_picture_says_so(question: Any):
    """Both are a plain sentence that names the module in which it would stand."""
    with pytest.raises(ResultError, match=r"detente\.reporting\.<room>\.nonsense"):
        page_of(SimpleNamespace(question="nonsense"))
    with pytest.raises(ResultError, match="'wonder' has no picture"):
        chart_of(question)


@pytest.mark.parametrize("name", ["page.pdf", "page", "page.nc"])
def test_a_page_is_written_as_html_alone(question: Any, tmp_path: Path, name: str):
    """Another kind of file is refused before anything is written."""
    with pytest.raises(UsageError, match=r"ends in \.html"):
        report(question, tmp_path / name)
    assert not (tmp_path / name).exists()
