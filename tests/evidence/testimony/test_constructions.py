"""Each construction of reporting, by itself: what is a claim, and who answers for it."""

from __future__ import annotations

import pytest

from detente.evidence.testimony.grammar.gazetteer import Gazetteer

NAMES = Gazetteer({"Queria": ("QUE",), "Querian": ("QUE",), "Halvern": ("HAL",), "Dorst": ("HAL",)})

CONSTRUCTIONS = [
    # Views and tellings.
    ("In the words of the governor, the harbour is a graveyard.",
     [("the harbour is a graveyard", "governor", "")]),
    ("The pact is dead, in the view of Venn and her allies.",
     [("The pact is dead", "Venn and her allies", "")]),
    ("From Halvern's point of view, the pact is a trap.", [("the pact is a trap", "Halvern", "")]),
    ("By Venn's account, the pact is dead.", [("the pact is dead", "Venn", "")]),
    ("In view of the losses, the pact is dead.",
     [("In view of the losses, the pact is dead", "", "")]),
    ("To hear Venn tell it, the pact is dead.",
     [("To hear Venn tell it, the pact is dead", "Venn", "")]),
    ("Per the ministry, two ships were sunk.",
     [("Per the ministry, two ships were sunk", "ministry", "")]),
    ("The offensive is going according to schedule.",
     [("The offensive is going according to schedule", "", "")]),
    # Thinking and judging.
    ("Venn hopes the pact will survive.", [("the pact will survive", "Venn", "forecasts")]),
    ("Venn thinks it likely that Halvern armed the rebels.",
     [("Halvern armed the rebels", "Venn", "asserts")]),
    ("Venn considers Halvern a threat.", [("Venn considers Halvern a threat", "Venn", "")]),
    ("Venn regards the pact as dead.", [("Venn regards the pact as dead", "Venn", "")]),
    ("Venn's staff evidently think so.", [("Venn's staff evidently think so", "Venn's staff", "")]),
    ("Few in Queria believe that the West will help.",
     [("Few in Queria believe that the West will help", "", "")]),
    ("The company said it expects profits to fall.",
     [("it expects profits to fall", "company", "")]),
    ("The bank forecasts growth of two percent.",
     [("The bank forecasts growth of two percent", "bank", "forecasts")]),
    ("One could argue that the war was avoidable.", [("the war was avoidable", "", "")]),
    ("Officials in Dorst are understood to regard the road as insurance.",
     [("Officials in Dorst are understood to regard the road as insurance",
       "understood (unnamed) > Officials", "")]),
    # Hearsay and nouns of saying.
    ("Venn was reported to have told Halvern that the raid was a mistake.",
     [("the raid was a mistake", "reported (unnamed) > Venn", "")]),
    ("Rumour has it that the deal is dead.", [("the deal is dead", "Rumour", "")]),
    ("Fears are growing that the dam will burst.",
     [("Fears are growing", "", ""), ("the dam will burst", "fears (unnamed)", "forecasts")]),
    ("Amid reports that Venn had fled, Holt took command.",
     [("Amid reports that Venn had fled, Holt took command", "", ""),
      ("Venn had fled", "reports (unnamed)", "")]),
    ("General Venn, whose dismissal has been rumoured since August, was in Dorst.",
     [("General Venn, whose dismissal has been rumoured since August", "rumoured (unnamed)", "")]),
    ("Imagery indicates that the depots are empty.",
     [("Imagery indicates that the depots are empty", "", "")]),
    # What is called false, and what is granted.
    ("Reports that the war is lost are untrue, Venn said.",
     [("the war is lost", "Venn", "denies")]),
    ("The notion that Queria is indifferent does not survive a look at its tariffs.",
     [("Queria is indifferent", "", "denies")]),
    ("Dorst called the allegation theatre.",
     [("Dorst called the allegation theatre", "Dorst", "denies")]),
    ("The official did not dispute that no talks had been held.",
     [("no talks had been held", "official", "asserts")]),
    ("Halvern has accused Queria of arming rebels, a charge Queria denies.",
     [("Halvern has accused Queria of arming rebels", "Halvern", ""),
      ("a charge Queria denies", "Queria", "denies")]),
    # Light verbs and prepositions.
    ("Venn argued against the treaty.", [("Venn argued against the treaty", "Venn", "")]),
    ("Venn put the blame on Halvern.", [("Venn put the blame on Halvern", "Venn", "")]),
    ("Venn cast doubt on the deal.", [("Venn cast doubt on the deal", "Venn", "doubts")]),
    ("Halvern made a threat.", [("Halvern made a threat", "Halvern", "threatens")]),
    ("His view was echoed by Querian negotiators.",
     [("His view was echoed by Querian negotiators", "Querian negotiators", "")]),
    ("The ministers will announce the result.",
     [("The ministers will announce the result", "", "forecasts")]),
    ("They can deny it for years.", [("They can deny it for years", "", "")]),
    ("Venn, who advises the council, was in Dorst.",
     [("Venn, who advises the council", "", "")]),
    # Silences.
    ("Calls to the ministry were not returned.",
     [("Calls to the ministry were not returned", "ministry", "no_comment")]),
    ("The ministry again avoided any mention of losses.",
     [("The ministry again avoided any mention of losses", "ministry", "no_comment")]),
    ("Halvern has kept its counsel.", [("Halvern has kept its counsel", "Halvern", "no_comment")]),
    ("Venn did not say.", [("Venn did not say", "Venn", "no_comment")]),
    # Where a parser goes astray.
    ("Had Halvern fired, Venn said, Queria would have responded.",
     [("Had Halvern fired", "Venn", ""), ("Queria would have responded", "Venn", "")]),
    ("Venn would say only that the pact was under review.",
     [("the pact was under review", "Venn", "")]),
    ("A diplomat, speaking on condition that he not be named, believes that it is over.",
     [("it is over", "diplomat", "")]),
    # Kinds added later.
    ("The judge ruled that the merger was illegal.", [("the merger was illegal", "judge", "")]),
    ("It is conventional wisdom in Dorst that the pact is dead.",
     [("the pact is dead", "Dorst", "")]),
    ("In Dorst one hears that the pact is dead.", [("the pact is dead", "hears (unnamed)", "")]),
    ("Venn sees it differently.", [("Venn sees it differently", "Venn", "denies")]),
    ("Officials have taken care to deny it.",
     [("Officials have taken care to deny it", "Officials", "denies")]),
    ("The wall is seen in Dorst as theatre.",
     [("The wall is seen in Dorst as theatre", "Dorst", "")]),
    ("Those who say that the talks have failed are mistaken.",
     [("the talks have failed", "", "denies")]),
    ("It is wrong to claim that the talks have failed.", [("the talks have failed", "", "")]),
    ("There is no doubt that the talks failed.", [("the talks failed", "", "asserts")]),
    ("If Venn says the talks have failed, they have failed.",
     [("If Venn says the talks have failed, they have failed", "", "")]),
    ("As has been reported, the talks have failed.",
     [("has been reported, the talks have failed", "reported (unnamed)", "")]),
    ("Dorst's message: the fleet will sail.", [("the fleet will sail", "Dorst", "forecasts")]),
    ("The message from Dorst was blunt: the fleet will sail.",
     [("the fleet will sail", "Dorst", "forecasts")]),
    ("It was, Venn said, “a disaster”.", [("It was, Venn said, “a disaster", "Venn", "")]),
    ("Rusk, quoting Holt, said the raid had failed.",
     [("the raid had failed", "Rusk > Holt", "")]),
    ("The chips, which the company says are false, sell well.",
     [("The chips, which the company says are false", "company", "")]),
    ("The Fed is widely expected to raise rates.",
     [("The Fed is widely expected to raise rates", "widely expected (unnamed)", "forecasts")]),
    ("Neither the company nor the union would comment.",
     [("the company nor the union would comment", "company and union", "no_comment")]),
    ("A spokesman declined comment.",
     [("A spokesman declined comment", "spokesman", "no_comment")]),
    ("“They fired first,” Venn said, “and they know it.”",
     [("They fired first", "Venn", ""), ("they know it", "Venn", "")]),
    ("Officials said the raid had failed. One said the pilots were drunk.",
     [("the raid had failed", "Officials", ""), ("the pilots were drunk", "One", "")]),
    ("We asked a colonel what he knew. He maintains that the order came from Dorst.",
     [("the order came from Dorst", "colonel", "")]),
    ("A source asked not to be named.", [("A source asked not to be named", "source", "asserts")]),
    ("The court heard that the bridge was mined.",
     [("the bridge was mined", "heard (unnamed)", "")]),
    # Defaults, and classes of verbs.
    ("Venn fumed that the pact was dead.", [("the pact was dead", "Venn", "")]),
    ("Venn rejoiced that the pact had survived.", [("the pact had survived", "Venn", "")]),
    ("Venn noticed that the pact was dead.", [("Venn noticed that the pact was dead", "", "")]),
    ("Venn scoffed at the idea.", [("Venn scoffed at the idea", "Venn", "denies")]),
    ("The hosts billed it as a triumph.", [("The hosts billed it as a triumph", "hosts", "")]),
    ("Queria's delegates pronounced it dead.",
     [("Queria's delegates pronounced it dead", "Queria's delegates", "")]),
    ("That is the view of three engineers.",
     [("That is the view of three engineers", "three engineers", "")]),
    ("The same was said of the last winter.",
     [("The same was said of the last winter", "said (unnamed)", "")]),
    ("The pact (Venn says) is dead.", [("The pact (Venn says) is dead", "Venn", "")]),
    ("The pact is dead – at least according to Venn.", [("The pact is dead", "Venn", "")]),
    ("It will fall, said Mara Holt of Pell Securities, who thinks the firm is broke.",
     [("the firm is broke", "Holt", "")]),
    ("A spokesperson said allies would consult but played down the risk of war.",
     [("allies would consult", "spokesperson", "forecasts"),
      ("played down the risk of war", "spokesperson", "denies")]),
    ("Venn was adamant: it was a sham.", [("it was a sham", "Venn", "")]),
    ("Venn is of the opinion that it was a sham.", [("it was a sham", "Venn", "")]),
    ("In the hope that she would win, Venn called a vote.",
     [("she would win", "Venn", "forecasts")]),
    ("Convinced that she would win, Venn called a vote.",
     [("she would win", "Venn", "forecasts")]),
    ("Venn is critical of the deal.", [("Venn is critical of the deal", "Venn", "")]),
    ("At no time did the plane come near, Halvern said.",
     [("At no time did the plane come near", "Halvern", "")]),
    *((text, [(text.rstrip("."), "ministry", "no_comment")]) for text in (
        "The ministry has not explained the delay.",
        "The ministry has yet to explain the delay.",
        "The ministry never comments on operations.",
        "The ministry issued no statement.",
        "The ministry was silent.",
        "The ministry referred questions to the palace.",
        "The ministry gave nothing away.",
        "The ministry is saying nothing.",
        "The ministry isn't talking.",
        "The ministry refused comment.",
        "The ministry would not be drawn.",
    )),
]  # fmt: skip
"""Text; for each claim in it its span, the speakers behind the author, and its stance if told."""


@pytest.mark.parametrize(("text", "expected"), CONSTRUCTIONS, ids=[t for t, _ in CONSTRUCTIONS])
def test_a_construction_of_reporting(reader, text, expected):
    """Every claim that is expected is there, with its speakers and its stance."""
    found = {
        claim.text_span.strip("“”,"): (" > ".join(claim.speaker_chain[1:]), claim.stance)
        for claim in reader(text, names=NAMES, speaker="A").claims
    }

    for span, chain, stance in expected:
        assert span in found
        assert (chain, stance or found[span][1]) == found[span]


@pytest.mark.parametrize(
    ("line", "author"),
    [
        ("By Mara Holt", "Mara Holt"),
        ("Mara Holt", "Mara Holt"),
        ("Mara Holt and Jan Rusk, The Dorst Courier", "Mara Holt"),
        ("By a Staff Reporter of the Courier", "author"),
    ],
)
def test_a_line_of_names_below_the_headline_is_a_byline(reader, line, author):
    """Who wrote a text is the first link of every chain, with or without the word by."""
    claims = reader(f"A bridge falls in Dorst\n{line}\n\nThe bridge fell at noon.").claims

    assert [author, author] == [claim.speaker_chain[0] for claim in claims]
