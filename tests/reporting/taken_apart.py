"""A page taken apart, so that tests can ask what stands in it."""

from __future__ import annotations

import html
import json
import re
from html.parser import HTMLParser
from typing import Any


class Page(HTMLParser):
    """A page taken apart: ids, headings, addresses, links to download, JSON of the charts."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.ids: set[str] = set()
        self.headings: list[tuple[str, str]] = []
        self.addresses: list[str] = []
        self.downloads: dict[str, str] = {}
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.tables: list[list[str]] = []
        self._heading = self._script = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element says of itself."""
        about = dict(attrs)
        if about.get("id"):
            self.ids.add(str(about["id"]))
        for name in ("src", "href", "xlink:href", "action", "data", "poster", "srcset"):
            if about.get(name):
                self.addresses.append(str(about[name]))
        if "download" in about:
            self.downloads[str(about["download"])] = str(about["href"])
        if re.fullmatch(r"h[1-6]", tag):
            self._heading = True
            self.headings.append((tag, ""))
        if tag == "script":
            self._script = True
            self.scripts.append((about, ""))
        if tag == "table":
            self.tables.append([])
        if tag == "caption" and self.tables:
            self.tables[-1].append("caption")

    def handle_endtag(self, tag: str) -> None:
        """Note where a heading or a script ends."""
        if re.fullmatch(r"h[1-6]", tag):
            self._heading = False
        if tag == "script":
            self._script = False

    def handle_data(self, data: str) -> None:
        """Collect the text of headings and scripts."""
        if self._heading:
            tag, text = self.headings[-1]
            self.headings[-1] = (tag, " ".join((text + " " + data).split()))
        if self._script:
            about, text = self.scripts[-1]
            self.scripts[-1] = (about, text + data)

    def charts(self) -> dict[str, Any]:
        """Return the specification of every chart by its id."""
        return {
            str(about["id"]): json.loads(text)
            for about, text in self.scripts
            if about.get("type") == "application/json"
        }

    def words(self) -> str:
        """Return what a reader sees as text, scripts and styles left out."""
        bare = re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", self.text)
        return " ".join(html.unescape(re.sub(r"(?s)<[^>]+>", " ", bare)).split())
