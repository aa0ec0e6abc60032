"""The second baseline: what textacy finds, with offsets into the whole text."""

from __future__ import annotations

import sys
from importlib.machinery import ModuleSpec
from types import ModuleType

from detente.evidence.testimony.claim import spans_hold
from detente.evidence.testimony.quotations import has_textacy, read_quotations
from detente.evidence.testimony.score import main

TEXT = 'A line of the author.\n"Nobody moved," Holt said.\nAn "odd one.\n'


def _quotations(document):
    """Stand in for textacy: the words between two quotation marks, and an odd number refused."""
    marks = [token.i for token in document if token.text == '"']
    if len(marks) % 2:
        raise ValueError("odd number of quotation marks")
    holt = [token for token in document if token.text == "Holt"]
    return [(holt, [], document[a : b + 1]) for a, b in zip(marks[::2], marks[1::2], strict=True)]


def _install(monkeypatch):
    for name in ("textacy", "textacy.extract"):
        module = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        monkeypatch.setitem(sys.modules, name, module)
    sys.modules["textacy.extract"].direct_quotations = _quotations


def test_a_quotation_is_a_claim_of_its_speaker(reader, monkeypatch):
    """A line that textacy refuses takes nothing from the others; offsets point into the text."""
    _install(monkeypatch)
    claims = read_quotations(TEXT, "Author")

    assert has_textacy()
    assert [] == spans_hold(claims, TEXT)
    assert [('"Nobody moved,"', ("Author", "Holt"))] == [
        (claim.text_span, claim.speaker_chain) for claim in claims
    ]


def test_its_column_stands_beside_that_of_the_patterns(reader, monkeypatch, tmp_path):
    """The scorer prints it where textacy is installed, and says so where it is not."""
    from detente.evidence.testimony.claim import as_csv

    _install(monkeypatch)
    gold, text = tmp_path / "gold.csv", tmp_path / "text.txt"
    text.write_text(TEXT, encoding="utf-8")
    gold.write_text(as_csv(read_quotations(TEXT, "Author")), encoding="utf-8")
    lines: list[str] = []
    main([str(gold), str(gold), str(text)], lines.append)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    main([str(gold), str(gold), str(text)], lines.append)

    titles = [line.splitlines()[0].split() for line in lines if "95 % interval" in line]
    assert [["patterns", "textacy"], ["interval", "patterns"]] == [t[-2:] for t in titles]
    assert "textacy is not installed: its column is left out" in lines
