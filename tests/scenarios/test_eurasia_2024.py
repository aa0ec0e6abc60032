"""The facts of Eurasia 2024 agree with one another, and their words take no side."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import pytest
from bundled_tables import Tables

AS_OF = "2024-06-30"
VERDICTS = re.compile(
    r"\b(terrorists?|terrorism|regimes?|puppets?|aggressors?|juntas?|dictators?|stooges?|thugs?"
    r"|rogue|militants?|separatists?|extremists?)\b",
    re.IGNORECASE,
)
SAID = re.compile(r"\b(says?|calls?|blames?|warns?|officials|ministry|MOD|MFA)\b")
CLAIMED = {("attributions", "detail"), ("claims", "proposition")}
CODED = {("rivalries", "issue"), ("arms_control", "regime")}
LATER = re.compile(
    r"\b(?:July|August|September|October|November|December) 2024\b"
    r"|\b(?:January|February|March|April|May|June) 2025\b|\b20\d\d-\d\d-\d\d\b"
)


def members(eurasia: Tables, organisation: str) -> set[str]:
    """Return who is a full member on the date."""
    return {
        r["state"]
        for r in eurasia["memberships"]
        if r["organisation"] == organisation and r["role"] == "member" and not r["end"]
    }


def test_nobody_is_a_member_before_the_organisation_began(eurasia: Tables) -> None:
    """A membership starts on the organisation's first day at the earliest."""
    first = {r["organisation"]: r["start"] for r in eurasia["organisations"]}
    early = [r for r in eurasia["memberships"] if r["start"] < first[r["organisation"]]]

    assert [] == early


def test_nobody_belongs_to_an_organisation_twice(eurasia: Tables) -> None:
    """One row a state and organisation: no duplicate and no overlapping spell."""
    pairs = Counter((r["organisation"], r["state"]) for r in eurasia["memberships"])

    assert [] == [pair for pair, count in pairs.items() if count > 1]


def test_rivals_are_listed_once(eurasia: Tables) -> None:
    """A pair of actors has one rivalry, whichever comes first."""
    pairs = Counter(frozenset((r["state_a"], r["state_b"])) for r in eurasia["rivalries"])

    assert [] == [set(pair) for pair, count in pairs.items() if count > 1]


def test_allied_rivals_are_the_ones_that_the_rules_page_names(eurasia: Tables) -> None:
    """States that display force against an ally in full are known, not found by surprise."""
    heavy = {
        frozenset((r["state_a"], r["state_b"]))
        for r in eurasia["rivalries"]
        if int(r["intensity"]) >= 3
    }
    nato, csto = members(eurasia, "NATO"), members(eurasia, "CSTO")
    allied = {frozenset((a, b)) for group in (nato, csto) for a in group for b in group if a != b}
    allied |= {
        frozenset((r["promiser"], r["beneficiary"]))
        for r in eurasia["commitments"]
        if r["kind"] == "defense" and r["strength"] in ("binding", "political") and not r["end"]
    }

    assert {frozenset(("GRC", "TUR")), frozenset(("KGZ", "TJK"))} == heavy & allied


def test_the_eu_counts_for_members_of_nato_only(eurasia: Tables) -> None:
    """Weight 0 stands at exactly the members of the EU that are outside NATO."""
    outside = members(eurasia, "EU") - members(eurasia, "NATO")
    weightless = {
        r["state"]
        for r in eurasia["memberships"]
        if r["organisation"] == "EU" and r["weight"] == "0"
    }

    assert {"AUT", "CYP", "IRL", "MLT"} == outside == weightless


def test_paper_alliances_say_how_to_switch_them_on(eurasia: Tables) -> None:
    """Every weight of 0 comes with its reason and the way back."""
    zero = [
        r["note"]
        for t in ("organisations", "memberships")
        for r in eurasia[t]
        if r["weight"] == "0"
    ]

    assert 5 == len(zero)
    assert all("to 1 to count it" in note for note in zero)


def test_every_contested_matter_has_two_claimants(eurasia: Tables) -> None:
    """A matter with one voice would not be contested."""
    claimants = defaultdict(set)
    for row in eurasia["contested"]:
        claimants[row["issue"]].add(row["claimant"])

    assert 28 == len(claimants)
    assert [] == [issue for issue, who in claimants.items() if len(who) < 2]


def test_words_of_judgement_stand_only_inside_attributed_claims(eurasia: Tables) -> None:
    """Outside the columns of claims a loaded word needs its speaker in the same clause."""
    bare = [
        (table, clause)
        for table, rows in eurasia.items()
        for row in rows
        for column, text in row.items()
        if (table, column) not in CLAIMED | CODED and column not in ("url", "source")
        for clause in re.split(r"[;,] ", text)
        if VERDICTS.search(clause.replace("counter-terrorism", "")) and not SAID.search(clause)
    ]

    assert [] == bare


def test_a_denial_by_the_accused_makes_an_incident_contested(eurasia: Tables) -> None:
    """No act stands as merely attributed whose accused denies it and does nothing else."""
    stances = defaultdict(set)
    acts = {"fired", "ordered", "rammed", "endangered", "collided", "crossed", "jammed", "removed"}
    for row in eurasia["attributions"]:
        if row["actor"] == row["claimant"] and row["role"] in acts:
            stances[row["incident"], row["actor"]].add(row["stance"])
    wrong = [
        r["incident"]
        for r in eurasia["incidents"]
        if r["initiator_status"] == "attributed"
        and stances[r["incident"], r["initiator"]] == {"denies"}
    ]

    assert [] == wrong


def test_nobody_attributes_an_incident_before_it_happened(eurasia: Tables) -> None:
    """A claim about an incident is not older than the incident."""
    days = {r["incident"]: r["date"] for r in eurasia["incidents"]}
    early = [r for r in eurasia["attributions"] if r["date"] and r["date"] < days[r["incident"]]]

    assert [] == early


def test_claims_match_incidents_and_signals_that_exist(eurasia: Tables) -> None:
    """A claim said to match something on record names it, and it is there."""
    known = {r["incident"] for r in eurasia["incidents"]}
    known |= {r["signal"] for r in eurasia["signals"]}
    dangling = [
        r["claim"]
        for r in eurasia["claims"]
        if (r["match"] == "none") != (not r["matched"])
        or (r["matched"] and not set(r["matched"].split(";")) <= known)
    ]

    assert [] == dangling


def test_later_dates_in_notes_are_marked(eurasia: Tables) -> None:
    """A text that mentions a later day says that it lies after the scenario date."""
    texts = [
        text
        for name, rows in eurasia.items()
        if name != "sources"
        for row in rows
        for column, text in row.items()
        if column != "source"
    ]
    unmarked = [
        text
        for text in texts
        if any(not d[0].isdigit() or d > AS_OF for d in LATER.findall(text))
        and "after the scenario date" not in text
    ]

    assert [] == unmarked


@pytest.mark.parametrize(
    ("measure", "without"),
    [
        ("cinc", {"PSE"}),
        ("gdp", set()),
        ("milex", {"AFG", "BTN", "LAO", "PRK", "PSE", "SYR", "TKM", "UZB", "YEM"}),
        ("personnel", {"BTN", "MDV", "PSE"}),
        ("population", set()),
        ("warheads", set()),
    ],
)
def test_missing_figures_are_absent_and_known(
    eurasia: Tables, measure: str, without: set[str]
) -> None:
    """A figure that nobody publishes has no row; the rules page lists who is without."""
    have = {r["state"] for r in eurasia["capabilities"] if r["measure"] == measure}

    assert without == {r["state"] for r in eurasia["states"]} - have


def test_older_military_spending_keeps_its_year(eurasia: Tables) -> None:
    """Where SIPRI has nothing for 2023 the value of 2022 stands under 2022."""
    years = {r["state"]: r["year"] for r in eurasia["capabilities"] if r["measure"] == "milex"}

    assert {"ARE", "MDV", "QAT", "VNM"} == {s for s, year in years.items() if year == "2022"}


def test_nine_states_have_nuclear_weapons(eurasia: Tables) -> None:
    """Exactly the nine states of the yearbook have warheads; all others are zero, not missing."""
    armed = {
        r["state"]
        for r in eurasia["capabilities"]
        if r["measure"] == "warheads" and float(r["value"]) > 0
    }

    assert {"CHN", "FRA", "GBR", "IND", "ISR", "PAK", "PRK", "RUS", "USA"} == armed


def test_twenty_security_agreements_with_ukraine(eurasia: Tables) -> None:
    """The agreements of 2024 number twenty, as the list of the Ukrainian presidency has it."""
    agreements = [
        r for r in eurasia["commitments"] if r["source"] == "ukraine-security-agreements-2024"
    ]

    assert 20 == len(agreements)
    assert {"UKR"} == {r["beneficiary"] for r in agreements}
