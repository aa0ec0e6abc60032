"""The scorer measures what it says, and says so exactly."""

from __future__ import annotations

from dataclasses import replace

import pytest

from detente.errors import DataError, UsageError
from detente.evidence.testimony.claim import Claim, as_csv, parse_claims, read_claims, spans_hold
from detente.evidence.testimony.pairing import dice, pairs, same_chain, same_speaker
from detente.evidence.testimony.score import fates, main, score

TEXT = "Alpha said that Beta fired first. Gamma perhaps lied. Nobody moved."


def claim(span: str, chain: str = "Author", **cells: object) -> Claim:
    """Return a claim of the text above."""
    start = TEXT.index(span)
    return Claim(
        claim_id="x", paragraph=1, start=start, end=start + len(span), text_span=span,
        mode="asserted", speaker_chain=tuple(chain.split(" > ")), **cells,
    )  # fmt: skip


GOLD = [
    claim("Beta fired first", "Author > Alpha", claim_type="attribution", actors=("BET",)),
    claim("Gamma perhaps lied", hedge=("perhaps",)),
    claim("Nobody moved", polarity="negated"),
]


def values(found: list[Claim], gold: list[Claim] = GOLD) -> dict[str, float]:
    """Return the value of every measure."""
    return {name: value for name, (value, _, _) in score(gold, found, TEXT, draws=20).items()}


def test_an_annotation_is_perfect_against_itself():
    """Every share of right is one, and nothing is laundered or planted."""
    perfect = values(GOLD)

    assert 0.0 == perfect.pop("laundered")
    assert 0.0 == perfect.pop("planted")
    assert {1.0} == set(perfect.values())


def test_a_reported_claim_given_to_the_author_is_laundered():
    """The claim counts as there, and as the error that matters most."""
    lost = values([replace(GOLD[0], speaker_chain=("Author",)), *GOLD[1:]])

    assert (1.0, 0.0, 1.0) == (lost["laundered"], lost["reported_recall"], lost["span_partial"])


def test_an_author_s_claim_given_to_another_is_planted():
    """One of the two claims of the author is put into somebody's mouth."""
    moved = values([*GOLD[:2], replace(GOLD[2], speaker_chain=("Author", "Beta"))])

    assert (0.5, 0.0) == (moved["planted"], moved["laundered"])


def test_every_count_by_hand():
    """Two of three spans, one with a missed hedge and one with the wrong polarity."""
    given = [replace(GOLD[1], hedge=()), replace(GOLD[2], polarity="affirmed")]
    counted = values(given)

    assert pytest.approx(2 * 2 / 5) == counted["span_partial"]
    assert 0.0 == counted["hedge_recall"]
    assert 0.0 == counted["negated_f1"]
    assert pytest.approx(2 * 1 / 5) == counted["all_right"]


def test_leaving_out_what_is_hard_shows_in_the_counts():
    """Without its reported claims a reader launders nothing; they are told as not read."""
    alone = [replace(GOLD[2], note="speaker uncertain")]
    reported, own, certain = fates(GOLD, alone, TEXT)

    assert 0 == sum(claim.reported for claim in alone)
    assert reported.startswith("of 1 claims that are reported, 0 stayed so, 0 became")
    assert reported.endswith("1 were not read")
    assert own.startswith("of 2 claims that are the author's, 1 stayed so")
    assert "0 of 0 pairs whose speaker is given as certain, and in 1 of 1" in certain


def test_spans_pair_by_what_they_share_and_one_to_one():
    """A span pairs with the one it shares most with; half is the least."""
    whole = claim("Alpha said that Beta fired first")
    part = claim("Beta fired first")

    assert [(0, 1)] == [(i, j) for i, j, _ in pairs([part], [whole, part], TEXT)]
    assert [] == pairs([claim("Alpha")], [whole], TEXT)
    assert pytest.approx(2 * 16 / (16 + 32)) == dice((16, 32), (0, 32))


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("President Mara Holt", "Holt", True),
        ("the U.S. Defence Secretary", "US Defence Secretary", True),
        ("Queria's navy", "Queria's army", False),
        ("reportedly (unnamed)", "allegedly (unnamed)", True),
        ("Holt", "Weiss", False),
        ("His spokesman", "spokesman", True),
        ("Our engineers", "their pilots", False),
    ],
)
def test_links_name_the_same_speaker(first, second, same):
    """Titles, articles and possessives do not tell speakers apart; names do."""
    assert same == same_speaker(first, second)


def test_chains_are_the_same_in_order_and_length():
    """The author's own name does not matter, the order of the others does."""
    assert same_chain(("A", "Holt", "Weiss"), ("B", "Holt", "Weiss"))
    assert not same_chain(("A", "Holt", "Weiss"), ("A", "Weiss", "Holt"))
    assert not same_chain(("A", "Holt"), ("A",))


def test_a_file_of_claims_comes_back_as_it_was(tmp_path):
    """Writing and reading change nothing."""
    path = tmp_path / "claims.csv"
    path.write_text(as_csv(GOLD), encoding="utf-8")

    assert GOLD == read_claims(path)


def test_faults_of_a_file_are_told_together(tmp_path):
    """Every wrong cell is named with its row."""
    text = as_csv(GOLD).replace("affirmed", "maybe").replace("evaluation", "guess")

    with pytest.raises(DataError) as caught:
        parse_claims(text, "claims.csv")
    assert [2, 3, 4] == [fault.row for fault in caught.value.faults]
    with pytest.raises(UsageError):
        read_claims(tmp_path / "none.csv")


def test_the_command_prints_every_measure(tmp_path):
    """The scorer is a command of three files; a gold file of another text is refused."""
    gold, text = tmp_path / "gold.csv", tmp_path / "text.txt"
    gold.write_text(as_csv(GOLD), encoding="utf-8")
    text.write_text(TEXT, encoding="utf-8")
    lines: list[str] = []

    assert 0 == main([str(gold), str(gold), str(text)], lines.append)
    assert "laundered" in lines[1]
    text.write_text("Another text altogether, and long enough to hold the spans of the first.")
    assert 1 == main([str(gold), str(gold), str(text)], lines.append)
    assert 2 == main([], lines.append)


def test_offsets_beyond_the_text_are_told_without_the_text(tmp_path):
    """A span that ends behind the last character is named with the length of the text."""
    (astray,) = spans_hold([replace(GOLD[0], end=99_999)], TEXT)

    assert f"ends at 99999, but the text has {len(TEXT)} characters" in astray


def test_files_in_other_encodings(tmp_path):
    """UTF-16 with a mark is read; what is no UTF-8 is refused with its line and advice."""
    path = tmp_path / "claims.csv"
    path.write_text(as_csv(GOLD), encoding="utf-16")
    assert GOLD == read_claims(path)
    path.write_bytes(as_csv([replace(GOLD[0], note="café")]).encode("latin-1"))
    with pytest.raises(UsageError, match=r"line 2: .*save it as CSV in UTF-8"):
        read_claims(path)


def test_an_offset_that_is_no_number():
    """The column and its cell are named."""
    text = as_csv([GOLD[0]]).replace(f",{GOLD[0].start},", ",one,", 1)

    with pytest.raises(DataError, match="start 'one' is not a whole number"):
        parse_claims(text, "claims.csv")


def test_claims_of_another_text_are_refused(tmp_path):
    """Not the annotation alone, the claims to score have to point into the text too."""
    gold, read, text = tmp_path / "gold.csv", tmp_path / "read.csv", tmp_path / "text.txt"
    gold.write_text(as_csv(GOLD), encoding="utf-8")
    read.write_text(as_csv([replace(GOLD[0], start=1, end=17)]), encoding="utf-8")
    text.write_text(TEXT, encoding="utf-8")
    lines: list[str] = []

    assert 1 == main([str(gold), str(read), str(text)], lines.append)
    assert lines[0].startswith(f"{read} is not an annotation of {text}")


def test_a_hedge_is_found_by_whole_words():
    """*can* is no part of *cannot*; *fairly confident* holds *confident*."""
    gold = [replace(GOLD[1], hedge=("can", "confident"))]

    assert (
        0.5
        == values([replace(GOLD[1], hedge=("cannot", "fairly confident"))], gold)["hedge_recall"]
    )
