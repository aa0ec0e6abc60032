"""A text, opened as it is: decoded once, never changed in length.

Markup is blanked out character by character, so that an offset into what is read is an offset
into the file as decoded.
"""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from detente.errors import UsageError
from detente.evidence.testimony.grammar.lexicon import words_of

MAX_BYTES = 50_000_000
"""Largest text that is read, in bytes: about eight million words."""
LONGEST_PATH = 400
"""Most characters of a string that may be the name of a file."""

_MAGIC = (
    (b"%PDF", "a PDF", "Turn it into text first, with pdftotext for instance"),
    (b"PK\x03\x04", "a zip or an office document", "Save it as plain text first"),
    (b"\xd0\xcf\x11\xe0", "an old office document", "Save it as plain text first"),
    (b"{\\rtf", "rich text", "Save it as plain text first"),
)
_HIDDEN = frozenset({"script", "style", "noscript", "template", "head", "nav", "svg", "button"})
_BLOCKS = words_of(
    "p div br li ul ol h1 h2 h3 h4 h5 h6 blockquote section article header footer tr table figure "
    "figcaption hr main aside pre dd dt title"
)
_TAGS = re.compile(r"</?(?:p|div|br|a|span|html|body|h[1-6]|em|strong|b|i|li|ul|article)\b[^<>]*>")
_ENCODINGS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32"),
              (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"),
              (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class OpenedText:
    """A text and what is read of it.

    Attributes
    ----------
    text : str
        The file as decoded; all offsets point into it.
    visible : str
        The same length, with markup blanked out.
    source : str
        Name of the file without its ending, empty for a text that was handed over.
    remarks : tuple of str
        What a reader should know, such as bytes that no encoding explains.
    """

    text: str
    visible: str
    source: str
    remarks: tuple[str, ...] = ()


def open_text(path_or_text: str | Path) -> OpenedText:
    """Open a file, or take a text as it is.

    Parameters
    ----------
    path_or_text : str or Path
        A path, or the text itself. A string of one line that names a file is a path.

    Raises
    ------
    UsageError
        If there is no such file, it is no text (PDF, office document, binary), or too large, or
        neither a path nor a text is handed over.
    """
    if not isinstance(path_or_text, (str, Path)):
        kind = type(path_or_text).__name__
        raise UsageError(
            f"path_or_text: is of type {kind}, neither a path nor a text; decode bytes first, as "
            "data.decode('utf-8'), or hand over the path of their file"
        )
    if isinstance(path_or_text, Path) or _names_file(path_or_text):
        return _open_file(Path(path_or_text))
    text = str(path_or_text)
    if len(text) > MAX_BYTES:
        raise UsageError(_too_large("the text", len(text)))
    return OpenedText(text, _visible(text), "")


def require_file(path: Path) -> None:
    """Refuse a path that names no file.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    if not path.exists():
        raise UsageError(f"{path}: there is no such file")


def _names_file(text: str) -> bool:
    if "\n" in text or not text.strip() or len(text) > LONGEST_PATH or "\0" in text:
        return False
    try:
        if Path(text).is_file():
            return True
    except OSError:
        return False
    return bool(re.fullmatch(r"\S+\.(?:txt|md|html?|pdf|docx?|rtf|csv)", text.strip()))


def _too_large(what: str, size: int) -> str:
    return (
        f"{what} has {size / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB are read at once. "
        "Cut it into single articles"
    )


def _open_file(path: Path) -> OpenedText:
    try:
        if path.is_dir():
            raise UsageError(f"{path}: is a folder; name the file of one article")
        size = path.stat().st_size
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror or error}") from None
    for magic, what, advice in _MAGIC:
        if data.lstrip()[: len(magic)] == magic:
            raise UsageError(f"{path}: is {what}, not a text. {advice}")
    if len(data) > MAX_BYTES:
        raise UsageError(_too_large(str(path), size))
    text, remarks = _decode(data, path)
    return OpenedText(text, _visible(text), path.stem, remarks)


def _decode(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    for mark, encoding in _ENCODINGS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), ()
            except UnicodeDecodeError:
                break
    if b"\0" in data:
        wide = _wide(data)
        if wide:
            return data.decode(wide), (f"no mark of its encoding; read as {wide.upper()}",)
        raise UsageError(f"{path}: is binary, not a text. Save it as plain text (UTF-8)")
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        pass
    stray: list[int] = []

    def as_windows(error: UnicodeError) -> tuple[str, int]:
        # A byte that is not UTF-8 is read as Windows-1252: one byte, one character.
        assert isinstance(error, UnicodeDecodeError)
        piece = error.object[error.start : error.end]
        stray.append(len(piece))
        return piece.decode("cp1252", errors="replace"), error.end

    codecs.register_error("detente-windows", as_windows)
    text = data.decode("utf-8", errors="detente-windows")
    controls = sum(c < " " and c not in "\t\n\r\f\v" for c in text)
    if sum(stray) > 0.3 * len(text) or controls > 0.01 * len(text):
        raise UsageError(f"{path}: is binary, not a text. Save it as plain text (UTF-8)")
    remark = f"{sum(stray)} bytes are not UTF-8 and were read as Windows-1252"
    return text, (remark,)


def _wide(data: bytes) -> str:
    """Return the encoding of two bytes a character that data without a mark is in, or nothing."""
    start = data[:10_000]
    for encoding, zeros, letters in (("utf-16-le", start[1::2], start[::2]),
                                     ("utf-16-be", start[::2], start[1::2])):  # fmt: skip
        if zeros.count(0) > 0.7 * len(zeros) and not letters.count(0):
            try:
                data.decode(encoding)
            except UnicodeDecodeError:
                return ""
            return encoding
    return ""


class _Blanking(HTMLParser):
    """Blanks out markup, and keeps every other character where it is."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text = text
        self.shown = [" "] * len(text)
        starts = [0]
        starts.extend(match.end() for match in re.finditer("\n", text))
        self.lines = starts
        self.hidden = 0

    def _at(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _HIDDEN:
            self.hidden += 1
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _HIDDEN and self.hidden:
            self.hidden -= 1
        self._break(tag)

    def _break(self, tag: str) -> None:
        at = self._at()
        if tag in _BLOCKS and at < len(self.shown):
            self.shown[at] = "\n"

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            at = self._at()
            # A line end inside a paragraph of HTML is a blank.
            piece = data.replace("\n", " ").replace("\r", " ")
            self.shown[at : at + len(data)] = list(piece)

    def _reference(self, name: str) -> None:
        if not self.hidden:
            at = self._at()
            self.shown[at] = (html.unescape(f"&{name};") or " ")[0]

    def handle_entityref(self, name: str) -> None:
        self._reference(name)

    def handle_charref(self, name: str) -> None:
        self._reference(f"#{name}")


def is_html(text: str) -> bool:
    """Say whether a text is a web page, or pasted from one."""
    head = text[:2000].lstrip("\ufeff \t\r\n").lower()
    return head.startswith(("<!doctype html", "<html")) or len(_TAGS.findall(text[:50_000])) >= 3


def _visible(text: str) -> str:
    if not is_html(text):
        return text
    parser = _Blanking(text)
    parser.feed(text)
    parser.close()
    return "".join(parser.shown[: len(text)])
