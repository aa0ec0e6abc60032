"""Who answers where the tree names nobody: frames between commas, headlines, bare quotations."""

from __future__ import annotations

import pytest

from detente.evidence.testimony.grammar.gazetteer import Gazetteer

BODY = "\nBy Ann Holt\n\nDORST, 4 March. The harbour was closed on Monday."


def speakers(reader, text: str, words: str) -> list[tuple[str, ...]]:
    """Return the chains, the author apart, of the claims whose span holds some words."""
    claims = reader(text, names=Gazetteer({"Minsk": ("BLR",)}), speaker="Author").claims
    return [c.speaker_chain[1:] for c in claims if words in c.text_span]


@pytest.mark.parametrize(
    ("text", "words", "who"),
    [
        ("The partner, two officials told me, was Ukraine.", "was Ukraine", "two officials"),
        (
            "Deterrence, as the late admiral never tired of saying, is what you call provocation.",
            "provocation",
            "late admiral",
        ),
        ("To critics, the speech was bluster.", "bluster", "critics"),
        ("A rumour ran through the town: the council was about to fall.", "to fall", "rumour"),
        ("A verdict is not expected before the summer.", "verdict", "expected (unnamed)"),
        ("Three miners are feared dead.", "miners", "feared (unnamed)"),
        ("Halvern has asked the League for a second inquiry.", "inquiry", "Halvern"),
    ],
)
def test_frame_that_hangs_elsewhere(reader, text, words, who):
    """Who is named between commas, behind *to*, or before a colon answers for the clause."""
    chains = speakers(reader, f"The harbour is shut.\n\nBy noon it was dark. {text}", words)
    assert [(who,)] == [(c[0].replace("rumour (unnamed)", "rumour"),) for c in chains]


@pytest.mark.parametrize(
    "text",
    [
        "The plan, which she wrote, was dropped.",
        "The plan, as many observers will know, was dropped.",
        "The minister, a friend of the mayor, left the hall.",
        "The road, the only one to the coast, was closed.",
    ],
)
def test_words_between_commas_that_say_nothing(reader, text):
    """A relative clause, an apposition or an appeal to the reader is no frame."""
    assert [()] == speakers(reader, f"The harbour is shut.\n\n{text}", text[:12])[:1]


@pytest.mark.parametrize(
    ("headline", "who"),
    [
        ("Hospital Chain Admits Overbilling", "Hospital Chain"),
        ("Dealers See No Easing Yet", "Dealers"),
        ("Union Slams Pay Offer as Insult", "Union"),
        ("Two Ships Sunk in Harbour Raid, Ministry Says", "Ministry"),
        ("Minsk Calls Claim Absurd", "Minsk"),
    ],
)
def test_headline_by_the_order_of_its_words(reader, headline, who):
    """A headline's verb of saying counts, though a parser takes it for a noun."""
    chains = speakers(reader, headline + BODY, headline[:9])
    assert [who.casefold()] == [" > ".join(chain).casefold() for chain in chains]


def test_full_quotation_of_nobody_is_not_the_author_s(reader):
    """Words in full quotation marks are somebody's, also where nothing tells whose."""
    text = "“We planned for the war that we had read about”" + BODY
    claims = reader(text, names=Gazetteer({}), speaker="Author").claims
    quoted = next(c for c in claims if "planned" in c.text_span)
    assert ("quoted (unnamed)",) == quoted.speaker_chain[1:]
    assert not quoted.speaker_certain


@pytest.mark.parametrize(
    ("text", "words", "who"),
    [
        ("Mara Venn spoke. The war, she went on, was lost.", "was lost", "Venn"),
        ("Holt made a plan. Venn did not share his optimism.", "optimism", "Venn"),
        ("Holt made a plan. Venn laughed at the idea.", "laughed", "Venn"),
        ("Holt made a plan. Venn took a dimmer view.", "dimmer", "Venn"),
        ("The company gave no cause for the fire.", "no cause", "company"),
        ("The envoy would not talk to a reporter.", "reporter", "envoy"),
        ("Venn remembers nothing of the sort.", "nothing", "Venn"),
        ("The president shared her concern.", "concern", "president"),
        ("Holt made an offer. Venn took it for a joke.", "a joke", "Venn"),
        ("Mara Venn spoke. Lorries, she went on, are being stopped.", "being stopped", "Venn"),
        (
            "Toom sat down. One of them, he has heard, has already moved to the north.",
            "already moved",
            "heard (unnamed)",
        ),
        ("Officials tell me, always after a glass, that it is over.", "it is over", "Officials"),
        ("Holt says it is shut. Venn laughs at that. There was no ship.", "no ship", "Venn"),
        ("The company did not care to say when it would reopen.", "care to say", "company"),
        ("Venn said the talks had failed. She had told them so in June.", "June", "Venn"),
        (
            "Venn said the talks had failed. She had warned them. Now they would have to live so.",
            "live so",
            "Venn",
        ),
    ],
)
def test_rejoinders_silences_and_what_goes_on(reader, text, words, who):
    """A rejoinder or silence without a verb of saying is its subject's; a pluperfect goes on."""
    assert [(who,)] == speakers(reader, f"The harbour is shut.\n\n{text}", words)


@pytest.mark.parametrize(
    "text",
    [
        "The company did not provide evidence for the charge.",
        "Ask a Greek shipowner and he will laugh.",
        "Whether they were issued in time is disputed.",
    ],
)
def test_what_is_not_a_silence_nor_a_rejoinder(reader, text):
    """That somebody has no proof, or laughs, is what the author says of them."""
    assert {()} == set(speakers(reader, f"The harbour is shut.\n\n{text}", ""))
