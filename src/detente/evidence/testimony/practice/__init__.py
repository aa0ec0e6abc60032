"""Practice texts: invented persons, states and events, annotated by the rules.

The reader was tuned on one half and is scored on the other. Nothing in them happened.
"""

from __future__ import annotations

from importlib.resources import files

from detente.evidence.testimony.claim import Claim, parse_claims
from detente.evidence.testimony.grammar.gazetteer import Gazetteer, gazetteer

HALVES = (
    "tuning", "held_out", "second_tuning", "second_held_out", "third_tuning", "third_held_out",
    "fourth_tuning", "fourth_held_out",
)  # fmt: skip
"""The texts on which the reader was tuned, and those on which it is scored.

The second set was written and annotated before the reader saw any of it, measured once, and
then parted: errors on one half were mended, and the other half was measured once more.
The third set was written by an annotator who knew the rules and not the grammar. Eight of its
texts, drawn by lot before a word of them was written, were held back until the reader's last
rule; those to tune on came in batches, each measured before it was looked at. Most of its texts
are of real states, with invented persons and events: `practice_names` has the names to look for
in each half.
The fourth set is of daily assessments and of other kinds, annotated before the reader saw any of
it and half of it a second time; six of its texts, drawn by lot before they were written, are held
back.
"""


def practice_texts(half: str) -> list[tuple[str, str, list[Claim]]]:
    """Return name, text and annotation of every practice text of one half.

    Raises
    ------
    ValueError
        If `half` is not one of `HALVES`.
    """
    if half not in HALVES:
        raise ValueError(f"half '{half}' is not one of {', '.join(HALVES)}")
    folder = files(__package__).joinpath(half)
    claims = parse_claims(folder.joinpath("claims.csv").read_text(encoding="utf-8"), "claims.csv")
    by_text: dict[str, list[Claim]] = {}
    for claim in claims:
        by_text.setdefault(claim.source, []).append(claim)
    return [
        (name, folder.joinpath(f"{name}.txt").read_bytes().decode("utf-8"), gold)
        for name, gold in sorted(by_text.items())
    ]


def practice_names(half: str = "") -> Gazetteer:
    """Return the names to look for in a half: those of the invented states.

    The third and fourth sets speak of real states too, so that their halves have the names of the
    world as well.
    """
    lines = files(__package__).joinpath("names.csv").read_text(encoding="utf-8").splitlines()
    names: dict[str, tuple[str, ...]] = {}
    if half.startswith(("third", "fourth")):
        names.update(gazetteer().codes)
    for line in lines[1:]:
        code, _, listed = line.partition(",")
        names.update(dict.fromkeys(listed.split(";"), (code,)))
    return Gazetteer(names)
