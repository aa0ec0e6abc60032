"""What a page is made of: sections of paragraphs, tables, charts; values, and no HTML.

A page module of a room builds a `Page` from a result and nothing else; `render.write` turns it
into one file that asks the network for nothing, reads with scripts off, on a phone and in print.

>>> from detente.reporting.page.model import Again, Head, Page, Section, Strong, Table
>>> page = Page(
...     title="A scenario",
...     kicker="How many there are",
...     lead="Two states stand in the scenario.",
...     sections=(
...         Section(
...             "states",
...             "The states",
...             ("Both, ", Table(
...                 "The states by size",
...                 (Head("State"), Head("Share, %", number=True)),
...                 (("Aland (AAA)", "60"), ("Borland (BBB)", "40")),
...             )),
...         ),
...     ),
...     again=Again("detente show two-states", (("Scenario", "two-states"),)),
... )
>>> [section.heading for section in page.sections]
['The states']

A text is a plain `str`, or a tuple of strings and `Strong`, `Code`, `Link`, `Small`, `Tag`, `Why`;
every part is escaped when it is written. A `Why` is a number that opens its explanation, one of
`Page.explained`, on the page itself and with scripts off. A block of a section is a text (a
paragraph) or one of `Paragraph`, `Points`, `KeyNumbers`, `Cards`, `Table`, `Chart`, `Details`,
`Heading`, `Terms`, `Command`, `Downloads`. A block that is None is left out, so a page may write
``Chart.drawn("ranking", partial(ranking, result))`` for a chart that may have nothing to draw.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeAlias

from detente.reporting.page.embed import Download

# ---------------------------------------------------------------------------------------- text


@dataclass(frozen=True, slots=True)
class Strong:
    """Words in bold; `kind` "assumed" marks a value without a published source."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """Words to type: a command, an option, a hash."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another place of the page: `to` is the id of a section, a chart or a heading."""

    text: str
    to: str


@dataclass(frozen=True, slots=True)
class Small:
    """Words on a line of their own, in small print, below what stands before them."""

    text: str


@dataclass(frozen=True, slots=True)
class Tag:
    """A word in a frame; `kind` is "gain", "loss" or nothing."""

    text: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """A number that opens its explanation: `to` is the id of an `Explanation`, or of a row of it.

    Pages get theirs from `detente.reporting.explained.Explained`.
    """

    text: str
    to: str


Part: TypeAlias = str | Strong | Code | Link | Small | Tag | Why
Text: TypeAlias = Part | tuple[Part, ...]


def parts(text: Text) -> tuple[Part, ...]:
    """Return a text as its parts."""
    return text if isinstance(text, tuple) else (text,)


def plain(text: Text) -> str:
    """Return the words of a text alone."""
    return " ".join(p if isinstance(p, str) else p.text for p in parts(text))


# -------------------------------------------------------------------------------------- blocks


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph; `role` is "", "note" (small), "remark" (with a bar beside it) or "phone".

    A "phone" paragraph is shown on a narrow screen only.
    """

    text: Text
    role: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading within a section; `id` is where a `Link` leads."""

    text: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Points:
    """A list; an item is a text, or a tuple of `Paragraph`.

    `role` is "" (bullets), "ordered" (numbers, with lines between) or "glance" (lines only);
    `anchors` has an id for each item, or none at all.
    """

    items: tuple[Text | tuple[Paragraph, ...], ...]
    role: str = ""
    anchors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyNumber:
    """One big number: its value with unit, what it is, its interval, a note below."""

    value: str
    label: str
    note: str = ""
    interval: str = ""


@dataclass(frozen=True, slots=True)
class KeyNumbers:
    """Up to four big numbers side by side."""

    numbers: tuple[KeyNumber, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """A frame with a title, a number, a bar of its size (`share`, 0 to 1) and texts below."""

    title: str
    meaning: str = ""
    value: str = ""
    unit: str = ""
    share: float | None = None
    texts: tuple[Text | Paragraph, ...] = ()


@dataclass(frozen=True, slots=True)
class Cards:
    """Frames side by side, three in a row on a wide screen."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a column; a column of numbers stands to the right and sorts by value."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that is more than a text.

    Attributes
    ----------
    text : Text
        What is read.
    value : float, optional
        What it sorts by, where that is not its text.
    kind : str
        A shade: "pays" (somebody is less secure), "free", "quiet", "gain", "loss".
    """

    text: Text
    value: float | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table that sorts, filters where it is long, and becomes a list on a phone.

    Attributes
    ----------
    caption : Text
        What it holds, with the unit and the lens.
    heads : tuple of Head or str
        One a column; the first column is the head of its row.
    rows : tuple of tuple of Text, Cell
        Each as long as `heads`.
    filter : str or None
        Label of the field that filters; by default there is one from 13 rows on, None for none.
    sorts : bool
        Whether a press on a head sorts.
    name : str
        An id, for `Link`.
    anchors : tuple of str
        An id for each row; empty if no row has one.
    """

    caption: Text
    heads: tuple[Head | str, ...]
    rows: tuple[tuple[Text | Cell, ...], ...]
    filter: str | None = ""
    sorts: bool = True
    name: str = ""
    anchors: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Hold every row to the heads."""
        wrong = [row for row in self.rows if len(row) != len(self.heads)]
        if wrong:
            raise ValueError(
                f"table {plain(self.caption)!r}: a row has {len(wrong[0])} cells, "
                f"there are {len(self.heads)} heads"
            )

    @property
    def columns(self) -> tuple[Head, ...]:
        """The heads, all as `Head`."""
        return tuple(h if isinstance(h, Head) else Head(h) for h in self.heads)


@dataclass(frozen=True, slots=True)
class Swatch:
    """One entry of a legend: a colour, or a `mark` ("missing", "hatched", "line", …)."""

    text: str
    colour: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Legend:
    """Entries under a title."""

    title: Text
    entries: tuple[Swatch, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart: live where scripts run, and a picture everywhere else.

    Attributes
    ----------
    name : str
        Its id in the page, unique there.
    drawing : altair chart
        With a title that says the finding and a subtitle that says measure and unit
        (`detente.reporting.page.style.finished`).
    narrow : altair chart, optional
        The same for a screen of 400 pixels.
    wide : bool
        Whether it is left out on such a screen: something beside it stands in for it.
    notes : tuple of Text
        Below the picture.
    legend : tuple of Legend
        Beside a picture that has none of its own.
    data : Download, optional
        The table that it draws.
    """

    name: str
    drawing: Any
    narrow: Any = None
    wide: bool = False
    notes: tuple[Text, ...] = ()
    legend: tuple[Legend, ...] = ()
    data: Download | None = None

    @classmethod
    def drawn(cls, name: str, draw: Callable[..., Any], **more: Any) -> Chart | None:
        """Return what `draw` draws; None if there is nothing to draw.

        `draw` is called once more with ``narrow=True`` if it has such an argument.
        """
        drawing = draw()
        if drawing is None:
            return None
        narrow = draw(narrow=True) if "narrow" in inspect.signature(draw).parameters else None
        return cls(name, drawing, narrow, **more)


@dataclass(frozen=True, slots=True)
class Details:
    """Blocks behind a line that opens them; what is closed is not printed."""

    summary: str
    blocks: tuple[Block | None, ...]
    opened: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms and what they stand for; `role` is "facts" (short, in two columns) or "words"."""

    rows: tuple[tuple[str, Text], ...]
    role: str = "facts"


@dataclass(frozen=True, slots=True)
class Command:
    """A line to type."""

    text: str


@dataclass(frozen=True, slots=True)
class Downloads:
    """Files that the page carries; `prefix` stands before their names when they are saved."""

    files: tuple[Download, ...]
    prefix: str = ""


Block: TypeAlias = (
    Text | Paragraph | Heading | Points | KeyNumbers | Cards | Table | Chart | Details
    | Terms | Command | Downloads
)  # fmt: skip

# ---------------------------------------------------------------------------------------- page


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered part of a page.

    Attributes
    ----------
    id : str
        Where a link leads, unique in the page.
    heading : str
        The question that it answers, or the answer.
    blocks : tuple of Block or None
        What stands in it.
    short : str
        What the list of sections calls it; by default the heading.
    """

    id: str
    heading: str
    blocks: tuple[Block | None, ...]
    short: str = ""


@dataclass(frozen=True, slots=True)
class Again:
    """How to make the page again: the last section of every page.

    Attributes
    ----------
    command : str
        The command line, or the call in Python.
    terms : tuple of (str, Text)
        Scenario, hash, seed, version.
    files : tuple of Download
        The data of every figure.
    prefix : str
        Before the names of the files, such as the scenario's name.
    blocks : tuple of Block or None
        What else belongs there, after the command.
    says : str
        The sentence before the command.
    """

    command: str
    terms: tuple[tuple[str, Text], ...] = ()
    files: tuple[Download, ...] = ()
    prefix: str = ""
    blocks: tuple[Block | None, ...] = ()
    says: str = "This command makes the same numbers again, for any number of threads:"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a number comes from: hidden until a `Why` opens it.

    Attributes
    ----------
    id : str
        Where a `Why` leads, unique in the page.
    heading : str
        Of what.
    blocks : tuple of Block or None
        The sum, and the command that prints more of it.
    """

    id: str
    heading: str
    blocks: tuple[Block | None, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page: the first screen, which is also the first sheet of print, and the sections.

    Attributes
    ----------
    title : str
        What it is about, such as the scenario's title.
    kicker : str
        What kind of page it is, in small print above the title.
    lead : Text
        The answer in one or two sentences, with how sure it is.
    sections : tuple of Section or None
        What stands below; None is left out.
    opening : tuple of Block or None
        The rest of the first screen: key numbers, one table of a few rows.
    holds : Text
        What the answer holds for: lens, reading, draws; below the opening, in small print.
    remarks : tuple of str
        Between title and lead, such as that the scenario is invented.
    again : Again
        How to make it again.
    foot : str
        The last sentence of the page.
    explained : tuple of Explanation
        What the numbers of the page open.
    """

    title: str
    kicker: str
    lead: Text
    sections: tuple[Section | None, ...]
    again: Again
    opening: tuple[Block | None, ...] = ()
    holds: Text = ""
    remarks: tuple[str, ...] = ()
    foot: str = "A model’s verdict holds for its lens and its inputs only."
    explained: tuple[Explanation, ...] = ()

    def charts(self) -> list[Chart]:
        """Return every chart of the page, in order, those behind `Details` included."""
        blocks: list[Block | None] = list(self.opening)
        for section in self.sections:
            blocks += section.blocks if section else ()
        return list(_charts([*blocks, *self.again.blocks]))


def _charts(blocks: Iterable[Block | None]) -> Iterable[Chart]:
    for block in blocks:
        if isinstance(block, Chart):
            yield block
        elif isinstance(block, Details):
            yield from _charts(block.blocks)
