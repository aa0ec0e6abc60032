"""How well a reader reads: its claims against annotation by hand.

::

    python -m detente.evidence.testimony.score GOLD.csv PRED.csv TEXT

Claims are paired one to one by the text that they share (`pairing`). ``span_exact`` and
``span_partial`` are F1 over all claims; every other figure says over what it is counted.
``laundered`` is the share of reported claims, among those that the reader has, that became the
author's own; ``planted`` the share of the author's claims that were put into another's mouth.
Shares of pairs rise where a reader leaves out what is hard, and these two fall. So the last lines
say in counts what became of every claim of the annotation, those not read among them, and whether
the speakers that the reader calls uncertain are those that it gets wrong.
The column *patterns* has the
same for what regular expressions alone read (`baseline`), and where textacy is installed the
column *textacy* for its direct quotations (`quotations`). Intervals are percentiles of a
bootstrap over paragraphs (Efron and Tibshirani 1993, ch. 13).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from detente.evidence.testimony.claim import Claim, read_claims, spans_hold
from detente.evidence.testimony.pairing import pairs, same_chain, trimmed

DRAWS = 1000
"""Number of bootstrap draws."""

MEASURES = {
    "span_partial": "F1 of spans that share at least half of their text",
    "span_exact": "F1 of spans with the same ends, marks and blanks apart",
    "reported_recall": "reported claims that are there and reported",
    "reported_precision": "claims given as reported that are",
    "chain_of_paired": "pairs with the same chain of speakers",
    "chain_end_to_end": "F1 of claims with the right span and the right chain",
    "polarity": "pairs with the same polarity",
    "negated_f1": "F1 of negated claims",
    "hedge_recall": "hedges of the annotation that are there",
    "hedge_precision": "hedges given that the annotation has",
    "mode": "pairs with the same mode",
    "stance": "pairs with the same stance",
    "claim_type": "pairs of the same type",
    "actors_f1": "F1 of actors over the pairs",
    "laundered": "reported claims, of those paired, that became the author's",
    "planted": "the author's claims, of those paired, that were put into another's mouth",
    "all_right": "F1 of claims with the right span, chain, polarity and stance",
}
"""Every measure, and over what it is counted."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Right, and out of how many, of every measure in one paragraph: added up, then divided."""

    tally: dict[str, tuple[float, float]]

    def value(self, measure: str) -> float:
        """Return the share, NaN where there is nothing to count."""
        right, total = self.tally.get(measure, (0.0, 0.0))
        return right / total if total else float("nan")


def _add(parts: Sequence[Counts]) -> Counts:
    sums: dict[str, tuple[float, float]] = {}
    for part in parts:
        for name, (right, total) in part.tally.items():
            old = sums.get(name, (0.0, 0.0))
            sums[name] = (old[0] + right, old[1] + total)
    return Counts(sums)


def _hedges(claim: Claim) -> set[str]:
    return {" ".join(words.casefold().split()) for words in claim.hedge}


def _common_hedges(a: set[str], b: set[str]) -> int:
    """Return how many of `a` share their words, in a row, with one of `b`."""
    return sum(any(f" {x} " in f" {y} " or f" {y} " in f" {x} " for y in b) for x in a)


def count(gold: Sequence[Claim], read: Sequence[Claim], text: str) -> list[Counts]:
    """Return the counts of every paragraph that has a claim of either side."""
    matched = pairs(gold, read, text)
    by_paragraph: dict[int, dict[str, list[float]]] = {}

    def add(paragraph: int, name: str, right: float, total: float) -> None:
        cell = by_paragraph.setdefault(paragraph, {}).setdefault(name, [0.0, 0.0])
        cell[0] += right
        cell[1] += total

    def place(claim: Claim) -> int:
        return text.count("\n", 0, claim.start)

    f1 = ("span_partial", "span_exact", "chain_end_to_end", "all_right")
    for claim in (*gold, *read):
        for name in f1:
            add(place(claim), name, 0, 1)
        if claim.polarity == "negated":
            add(place(claim), "negated_f1", 0, 1)
    for claim in gold:
        add(place(claim), "hedge_recall", 0, len(_hedges(claim)))
        if claim.reported:
            add(place(claim), "reported_recall", 0, 1)
    for claim in read:
        add(place(claim), "hedge_precision", 0, len(_hedges(claim)))
        if claim.reported:
            add(place(claim), "reported_precision", 0, 1)
    for i, j, _ in matched:
        a, b = gold[i], read[j]
        at = place(a)
        chain = same_chain(a.speaker_chain, b.speaker_chain)
        polarity = a.polarity == b.polarity
        add(at, "span_partial", 2, 0)
        add(at, "span_exact", 2 * (trimmed(a, text) == trimmed(b, text)), 0)
        add(at, "chain_of_paired", chain, 1)
        add(at, "chain_end_to_end", 2 * chain, 0)
        add(at, "polarity", polarity, 1)
        add(at, "negated_f1", 2 * (a.polarity == b.polarity == "negated"), 0)
        add(at, "mode", a.mode == b.mode, 1)
        add(at, "stance", a.stance == b.stance, 1)
        add(at, "claim_type", a.claim_type == b.claim_type, 1)
        add(at, "all_right", 2 * (chain and polarity and a.stance == b.stance), 0)
        add(at, "hedge_recall", _common_hedges(_hedges(a), _hedges(b)), 0)
        add(place(b), "hedge_precision", _common_hedges(_hedges(b), _hedges(a)), 0)
        add(
            at, "actors_f1",
            2 * len(set(a.actors) & set(b.actors)), len(set(a.actors)) + len(set(b.actors)),
        )  # fmt: skip
        if a.reported:
            add(at, "reported_recall", b.reported, 0)
            add(at, "laundered", not b.reported, 1)
        else:
            add(at, "planted", b.reported, 1)
        if b.reported:
            add(place(b), "reported_precision", a.reported, 0)
    return [
        Counts({name: (cell[0], cell[1]) for name, cell in names.items()})
        for names in by_paragraph.values()
    ]


def score(
    gold: Sequence[Claim], read: Sequence[Claim], text: str, *, draws: int = DRAWS, seed: int = 1
) -> dict[str, tuple[float, float, float]]:
    """Score claims against annotation by hand.

    Parameters
    ----------
    gold, read : sequence of Claim
        The annotation and the claims to score.
    text : str
        The text into which both point.
    draws, seed : int
        Of the bootstrap over paragraphs.

    Returns
    -------
    dict
        Value, 2.5th and 97.5th percentile of every measure in `MEASURES`, as shares.
    """
    return score_many([(gold, read, text)], draws=draws, seed=seed)


def score_many(
    texts: Sequence[tuple[Sequence[Claim], Sequence[Claim], str]],
    *,
    draws: int = DRAWS,
    seed: int = 1,
) -> dict[str, tuple[float, float, float]]:
    """Score the claims of several texts together; see `score`."""
    import numpy as np

    parts = [part for gold, read, text in texts for part in count(gold, read, text)]
    whole = _add(parts)
    names = list(MEASURES)
    right = np.array([[part.tally.get(n, (0.0, 0.0))[0] for n in names] for part in parts])
    total = np.array([[part.tally.get(n, (0.0, 0.0))[1] for n in names] for part in parts])
    scores = {}
    if parts:
        chosen = np.random.default_rng(seed).integers(len(parts), size=(draws, len(parts)))
        weights = np.stack([np.bincount(row, minlength=len(parts)) for row in chosen])
        with np.errstate(invalid="ignore", divide="ignore"):
            drawn = (weights @ right) / (weights @ total)
    for column, name in enumerate(names):
        values = drawn[:, column] if parts else np.array([])
        values = values[np.isfinite(values)]
        low, high = np.percentile(values, [2.5, 97.5]) if values.size else (np.nan, np.nan)
        scores[name] = (whole.value(name), float(low), float(high))
    return scores


def fates(gold: Sequence[Claim], read: Sequence[Claim], text: str) -> list[str]:
    """Say in counts what became of all claims of the annotation, and of uncertain speakers.

    Returns
    -------
    list of str
        One sentence for reported claims, one for the author's, one for the pairs by whether the
        reader is certain who speaks. The counts of each add up to its whole.
    """
    matched = [(gold[i], read[j]) for i, j, _ in pairs(gold, read, text)]
    lines = []
    for reported, whose, error in (
        (True, "reported", "became the author's (laundered)"),
        (False, "the author's", "were put into another's mouth (planted)"),
    ):
        whole = sum(claim.reported == reported for claim in gold)
        kept = [b.reported == reported for a, b in matched if a.reported == reported]
        right = sum(kept)
        lines.append(
            f"of {whole} claims that are {whose}, {right} stayed so, {len(kept) - right} {error}, "
            f"{whole - len(kept)} were not read"
        )
    counts = {}
    for certain in (True, False):
        chains = [
            same_chain(a.speaker_chain, b.speaker_chain)
            for a, b in matched
            if b.speaker_certain == certain
        ]
        counts[certain] = f"{sum(chains)} of {len(chains)}"
    lines.append(
        f"the chain is right in {counts[True]} pairs whose speaker is given as certain, and in "
        f"{counts[False]} whose speaker is called uncertain; an uncertain one counts like any other"
    )
    return lines


def table(
    scores: dict[str, tuple[float, float, float]],
    beside: dict[str, dict[str, tuple[float, float, float]]] | None = None,
) -> str:
    """Return scores as lines of text, with those of baselines, by their names, beside them."""
    width = max(map(len, MEASURES))
    baselines = beside or {}
    titles = "".join(f"{title:>11}" for title in baselines)
    lines = [f"{'':<{width}}   value  95 % interval {titles}"]
    for name, (value, low, high) in scores.items():
        other = "".join(f"{other[name][0]:11.3f}" for other in baselines.values())
        lines.append(
            f"{name:<{width}}  {value:6.3f}  [{low:.3f}, {high:.3f}]{other}  {MEASURES[name]}"
        )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None, write: Callable[[str], object] = print) -> int:
    """Score a file of claims and print the table; return the exit code."""
    from detente.errors import DetenteError
    from detente.evidence.testimony.baseline import read_by_pattern
    from detente.evidence.testimony.grammar.gazetteer import gazetteer
    from detente.evidence.testimony.opening import open_text
    from detente.evidence.testimony.quotations import has_textacy, read_quotations

    paths = list(sys.argv[1:] if arguments is None else arguments)
    if paths in (["-h"], ["--help"]):
        write((__doc__ or "").replace("``", ""))
        return 0
    if len(paths) != 3:
        write("usage: python -m detente.evidence.testimony.score GOLD.csv PRED.csv TEXT")
        return 2
    try:
        gold, read = read_claims(paths[0]), read_claims(paths[1])
        text = open_text(Path(paths[2])).text
    except DetenteError as error:
        write(str(error))
        return error.exit_code
    for path, claims in zip(paths, (gold, read), strict=False):
        astray = spans_hold(claims, text)
        if astray:
            write("\n".join([f"{path} is not an annotation of {paths[2]}:", *astray[:5]]))
            return 1
    author = gold[0].speaker_chain[0] if gold else "author"
    baselines = {"patterns": read_by_pattern(text, gazetteer(), author)}
    if has_textacy():
        baselines["textacy"] = read_quotations(text, author)
    write(f"{len(gold)} claims by hand, {len(read)} read")
    beside = {title: score(gold, found, text, draws=1) for title, found in baselines.items()}
    write(table(score(gold, read, text), beside))
    write("\n".join(fates(gold, read, text)))
    if not has_textacy():
        write("textacy is not installed: its column is left out")
    return 0


if __name__ == "__main__":
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader, such as head, has gone: nothing more to say, and no complaint at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
