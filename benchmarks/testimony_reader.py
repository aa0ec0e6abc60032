"""How well the reader reads, beside regular expressions and, where it is installed, textacy.

``python benchmarks/testimony_reader.py [GOLD.csv TEXT [SCENARIO]]`` prints the table of
docs/testimony/reader.md: the practice texts, and an article of your own with its annotation.
textacy gives direct quotations alone; each is scored as one quoted claim.
"""

from __future__ import annotations

import sys
from pathlib import Path

import detente as dt
from detente.evidence.testimony.baseline import read_by_pattern
from detente.evidence.testimony.claim import read_claims
from detente.evidence.testimony.practice import HALVES, practice_names, practice_texts
from detente.evidence.testimony.quotations import has_textacy, read_quotations
from detente.evidence.testimony.score import MEASURES, score_many
from detente.evidence.testimony.text_reader import read_text


def main() -> None:
    """Print the table."""
    columns = {}
    for half in HALVES:
        names = practice_names(half)
        columns[half] = score_many(
            [
                (gold, read_text(text, names=names, speaker=gold[0].speaker_chain[0]).claims, text)
                for _, text, gold in practice_texts(half)
            ]
        )
    if len(sys.argv) > 2:
        gold, path = read_claims(sys.argv[1]), Path(sys.argv[2])
        g = dt.load(sys.argv[3]) if len(sys.argv) > 3 else None
        reading = read_text(path, g)
        columns["article"] = score_many([(gold, reading.claims, reading.text)])
    held, names = practice_texts(HALVES[-1]), practice_names(HALVES[-1])
    columns["patterns"] = score_many(
        [(gold, read_by_pattern(t, names, gold[0].speaker_chain[0]), t) for _, t, gold in held]
    )
    if has_textacy():
        columns["textacy"] = score_many(
            [(gold, read_quotations(t, gold[0].speaker_chain[0]), t) for _, t, gold in held]
        )
    else:
        print("textacy is not installed: without it", file=sys.stderr)
    print("| measure | " + " | ".join(columns) + " |")
    print("| --- |" + " --- |" * len(columns))
    for name, meaning in MEASURES.items():
        cells = []
        for title, scores in columns.items():
            value, low, high = scores[name]
            whole = title.endswith("held_out") or title == "article"
            cells.append(f"{value:.2f}" + (f" ({low:.2f}–{high:.2f})" if whole else ""))
        print(f"| {meaning} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
