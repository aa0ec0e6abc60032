"""Every example of the documentation runs, and shows what it prints."""

from __future__ import annotations

import os
import re

import pytest
from doc_blocks import PAGES, ROOT, blocks, commands, run_page

from detente.errors import MissingData

WITH_CODE = [
    page for page in PAGES if any(b.language in {"python", "console"} for b in blocks(page))
]


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_of_the_page_runs(page, tmp_path, request, monkeypatch):
    """Python runs, commands end with the code that the page says, output is as shown."""
    if "evidence" in page.parts and os.environ.get("DETENTE_TEST_DATA"):
        monkeypatch.setenv("DETENTE_DATA", str(request.getfixturevalue("filled_data")))
    try:
        faults = run_page(page, tmp_path)
    except MissingData as error:
        if "evidence" not in page.parts:
            raise
        pytest.skip(f"{page.name} needs data sets that cannot be shipped: {error}")

    assert not faults, "\n".join(faults)


def test_console_blocks_hold_commands_only():
    """A console block without a command would be passed over in silence: there is none."""
    silent = [
        f"{page.relative_to(ROOT)}, line {block.line}"
        for page in PAGES
        for block in blocks(page)
        if block.language == "console" and not list(commands(block.text))
    ]

    assert silent == []


def test_every_fence_is_found():
    """No fence is written in a way that the runner does not see."""
    for page in PAGES:
        opened = re.findall(r"^```+(?:python|console)\b", page.read_text(encoding="utf-8"), re.M)
        seen = [block for block in blocks(page) if block.language in {"python", "console"}]

        assert len(seen) == len(opened), page


def test_the_readme_keeps_its_two_commands():
    """The two commands that the project promises stand in the README, letter for letter."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert "pip install . && detente audit eurasia-2024 --report eurasia.html" in text
    assert "pip install '.[test]' && pytest -n auto" in text
