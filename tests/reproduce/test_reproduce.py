"""Every published number: that it runs, that the verdict is the declared one, that it can fail."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import sys
from functools import partial

import numpy as np
import pytest
from click.testing import CliRunner

from detente import lenses, reproduce, settlement, transition
from detente.cli.reproduce import reproduce as command
from detente.errors import MissingData, NoEquilibrium, ResultError, UnknownName
from detente.evidence.testimony import text_reader as testimony_reader
from detente.lenses import arms_race, balance, coalition, contest, landscape, war_stability
from detente.lenses.balance.frustration import FrustrationIndex
from detente.reproduce.cases import (
    BASES,
    CHOSEN,
    CLAIMS,
    ORIGINS,
    ROOMS,
    cases,
    citations,
    not_attempted,
)
from detente.reproduce.run import NO_ANSWER, NOT_HERE, recomputed
from detente.reproduce.values import TOLERANCES
from detente.settlement.consent.graph_model import StateStability
from detente.settlement.questions.acceptance import gains_plain

CASES = cases()
LENSES = tuple(dict.fromkeys(case.lens for case in CASES))


@pytest.fixture(scope="module")
def found():
    """Return all outcomes, by the id of the case; computed once."""
    return {one.case.id: one for one in reproduce.outcomes()}


# --- the verdicts ------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_verdict_is_the_declared_one(found, case):
    """What is claimed of a published number is what comes out, failures in the open included."""
    outcome = found[case.id]

    if outcome.verdict == NOT_HERE:
        assert case.value in BROUGHT, outcome.reason
    else:
        assert case.claim == outcome.verdict, outcome.reason
    assert outcome.holds


BROUGHT = {case.value for case in CASES if case.value.startswith("testimony.article.")}
"""Values that need what the user has to bring."""
VERIFIED = [lens for lens in lenses.names() if lenses.find(lens).status == "verified"]


@pytest.mark.parametrize("lens", VERIFIED)
def test_a_verified_lens_reproduces_a_printed_number(found, lens):
    """The word stands on a printed number, from inputs that were not chosen to match it."""
    assert [one.case.id for one in found.values() if one.case.lens == lens and one.evidence]


def test_some_lenses_are_verified():
    """Otherwise the test above would hold of nothing."""
    assert {"contest", "landscape"} <= set(VERIFIED)


OWN = {key for key in lenses.names() if lenses.find(key).no_numbers}


def test_every_lens_has_numbers():
    """No published model is left out of the table; a fit of our own says why it is not there."""
    assert set(lenses.names()) == (set(LENSES) - set(ROOMS)) | OWN
    assert "hazard" in OWN
    assert {"hazard"} <= {row.lens for row in not_attempted()}


def test_what_differs_stays_in_the_table(found):
    """Basins, a zero, a garbled bound, two group decisions, a status quo; 209 is bracketed."""
    apart = {one.case.id: one.ours for one in found.values() if one.verdict == "differs"}
    expected = {
        "landscape.europe.basins": "54,864; 10,672",
        "arms_race.race_of_1909.zero.published": "194.91",
        "war_stability.bound.other_reading": "2.50",
        "settlement.group.cut": "8.400; 9.600; 9.900; 9.900; 9.900",
        "settlement.group.stable": "7.00",
        "settlement.silence.kept": "0.3974; 0.6454; 0.5460",
    }

    assert expected == apart
    assert found["landscape.realist.minima"].ours == "195 to 226"
    assert all(one.reason for one in found.values() if one.verdict == "differs")


# --- the table ---------------------------------------------------------------------------------


def test_ids_are_unique():
    """Every number has a name of its own, and no other number has it."""
    assert len(CASES) == len({case.id for case in CASES})


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_row_speaks_the_language_of_the_table(case):
    """Origins, claims, tolerances, bases and citations are known words; no cell is empty."""
    numeric = case.tolerance not in TOLERANCES

    assert case.origin in ORIGINS
    assert case.claim in CLAIMS
    assert case.basis in BASES
    assert case.citation in citations()
    assert not numeric or float(case.tolerance) > 0
    assert all((case.quantity, case.place, case.published))
    assert case.id.split(".")[0] == case.value.split(".")[0] == case.lens
    assert (case.tolerance == "contains") == (case.claim == "brackets")
    assert (case.origin == "C") == (case.citation == "detente")


@pytest.mark.parametrize(
    "case",
    [case for case in CASES if case.claim != "reproduces" or case.basis == CHOSEN],
    ids=lambda case: case.id,
)
def test_whatever_does_not_simply_reproduce_is_explained(case):
    """Who differs, brackets, or chose an input says so in a sentence."""
    assert case.note.endswith(".")
    assert len(case.note.split()) > 5


def test_every_citation_is_used():
    """No publication is listed that no number comes from."""
    used = {case.citation for case in CASES} | {one.citation for one in not_attempted()}

    assert set(citations()) == used


@pytest.mark.parametrize("one", not_attempted(), ids=lambda one: one.quantity)
def test_what_is_not_attempted_says_why(one):
    """Numbers that are not recomputed have a known lens, origin and source, and a reason."""
    assert one.lens in {*LENSES, *OWN}
    assert one.origin in ORIGINS
    assert one.citation in citations()
    assert one.reason.endswith(".")


@pytest.mark.parametrize("lens", LENSES)
def test_every_computing_function_is_used(lens):
    """Each value that our code computes is held against a number, and each number has a value."""
    computed = recomputed(lens)
    absent = {name for name, value in computed.items() if isinstance(value, MissingData)}
    values = {case.value for case in CASES if case.lens == lens}
    assert absent <= {name.rpartition(".")[0] for name in values & BROUGHT}
    computed = {name: value for name, value in computed.items() if name not in absent}

    assert set(computed) == values - (BROUGHT if absent else set())
    assert not [error for error in computed.values() if isinstance(error, Exception)]


def test_ours_are_computed_and_not_typed_in(found):
    """No source file of the room contains a published value of four decimals or more."""
    from detente.reproduce.cases import HERE

    code = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("*.py"))
    typed = {
        part.strip()
        for case in CASES
        for part in case.published.split(";")
        if len(part.partition(".")[2]) >= 4 and part.strip() in code
    }

    assert typed == set()
    assert all(one.value is not None for one in found.values() if one.case.value not in BROUGHT)


# --- that it can fail --------------------------------------------------------------------------


def _more_effort(*args, **given):
    found = _SOLVED(*args, **given)
    effort = found.effort.copy()
    effort[0] += 1.0
    return dataclasses.replace(
        found,
        effort=effort,
        performance=found.performance * 1.01,
        vulnerability=found.vulnerability * 1.01,
        total=found.total * 1.01,
    )


def _lower_energy(*args, **given):
    one, *others = _MINIMA(*args, **given)
    return (dataclasses.replace(one, energy=one.energy - 1.0, basin=one.basin + 1), *others, one)


def _one_more_edge(*args, **given):
    one = _INDEX(*args, **given)
    return FrustrationIndex(
        one.index + 1, 1 - one.partition, one.proven, one.lower, one.upper + 1, one.edges
    )


def _steeper(*args, **given):
    one = _FIT(*args, **given)
    return dataclasses.replace(one, slope=one.slope + 0.01, total=one.total + 0.01)


def _farther(*args, **given):
    one = _RACE(*args, **given)
    return dataclasses.replace(
        one, armament=one.armament * 1.001, eigenvalues=one.eigenvalues * 1.001
    )


def _farther_of_two(*args, **given):
    one = _TWO(*args, **given)
    return dataclasses.replace(one, armament=one.armament * 1.001, abscissa=one.abscissa + 0.001)


_SOLVED, _MINIMA, _INDEX = contest.equilibrium, landscape.minima, balance.frustration_index
_READ, _GAINS = testimony_reader.read_text, gains_plain.gains
_SHAPLEY, _STABLE = transition.shapley, transition.stability
_CASCADE, _ROUTE = transition.membership, transition.search
_NEVER = dict.fromkeys(("R", "GMR", "SMR", "SEQ"), np.zeros((1, 9), np.bool_))


def _off(model, *args, **given):
    """Run a model of settlements and bend every number of its answer a little."""
    answer = model(*args, **given)
    if isinstance(answer, float | np.ndarray):
        return answer * 1.01
    return answer._replace(
        **{
            name: value * 1.01
            for name, value in answer._asdict().items()
            if isinstance(value, float | np.ndarray)
        }
    )


_FIT, _RACE, _TWO = arms_race.richardson_fit, arms_race.equilibrium, arms_race.two_sides

TAMPERED = {
    "coalition": {
        "security": (coalition, lambda *a, _real=coalition.security, **k: _real(*a, **k) * 1.001),
    },
    "contest": {"equilibrium": (contest, _more_effort)},
    "war_stability": {
        "critical_advantage": (
            war_stability,
            lambda *a, _real=war_stability.critical_advantage, **k: _real(*a, **k) * 1.001,
        ),
        "vulnerable": (
            war_stability,
            lambda *a, _real=war_stability.vulnerable, **k: ~_real(*a, **k),
        ),
        "war_stable": (war_stability, lambda *a, **k: True),
    },
    "landscape": {"minima": (landscape, _lower_energy)},
    "balance": {"frustration_index": (balance, _one_more_edge)},
    "arms_race": {
        "richardson_fit": (arms_race, _steeper),
        "equilibrium": (arms_race, _farther),
        "two_sides": (arms_race, _farther_of_two),
    },
    "transition": {
        "shapley": (transition, lambda *a: _SHAPLEY(*a) * 1.001),
        "stability": (transition, lambda *a: _STABLE(*a)._replace(total=-1.0)),
        "membership": (transition, lambda *a, **k: _CASCADE(*a, **k)._replace(order=())),
        "search": (transition, lambda *a: _ROUTE(*a)._replace(bargain_size=9)),
    },
    "settlement": {
        name: (settlement, partial(_off, getattr(settlement, name)))
        for name in (
            "spatial",
            "condorcet",
            "group_decision",
            "screening",
            "nash",
            "alternating",
            "power",
            "winset",
            "threshold",
            "weibull",
        )
    }
    | {
        "stability": (settlement, lambda *a: StateStability(_NEVER)),
        "gains": (gains_plain, lambda *a: _GAINS(*a)._replace(gain=-_GAINS(*a).gain)),
    },
}
TAMPERED["testimony"] = {
    "read_text": (
        testimony_reader,
        lambda *a, **k: dataclasses.replace(_READ(*a, **k), claims=()),
    )
}
WITHOUT_THE_LENS = {
    "testimony.article",  # its text is no part of detente
    "contest.network",  # counts of the data
    "contest.sufficient_condition",  # needs the network only
    "contest.mayi_mayi",  # a refusal, tampered with below
    "landscape.europe_chance",  # arithmetic
}


@pytest.mark.parametrize("lens", LENSES)
def test_tampering_with_a_lens_breaks_every_group_of_its_numbers(monkeypatch, lens):
    """With the lens's functions falsified, each group that uses them has a claim that fails."""
    for name, (module, false) in TAMPERED[lens].items():
        monkeypatch.setattr(module, name, false)

    broken = {
        one.case.value.rpartition(".")[0] for one in reproduce.outcomes([lens]) if not one.holds
    }

    groups = {case.value.rpartition(".")[0] for case in CASES if case.lens == lens}
    assert groups - WITHOUT_THE_LENS == broken


def test_an_equilibrium_where_none_exists_breaks_the_claim(monkeypatch):
    """The refusal is held: without it the case has no answer, and says why."""

    def never_refuses(*args, **given):
        try:
            return _SOLVED(*args, **given)
        except NoEquilibrium:
            return _SOLVED(np.zeros((2, 2)), np.zeros((2, 2)), beta=0.0, gamma=0.0)

    monkeypatch.setattr(contest, "equilibrium", never_refuses)

    (one,) = [o for o in reproduce.outcomes(["contest"]) if o.case.value.startswith("contest.mayi")]

    assert (NO_ANSWER, False) == (one.verdict, one.holds)
    assert "where none exists" in one.reason


def test_a_group_that_fails_leaves_the_others_alone(monkeypatch):
    """An exception is the verdict of its own numbers, with its words, and of no others."""

    def fails(*args, **given):
        raise ZeroDivisionError("nothing to divide by")

    monkeypatch.setattr(arms_race, "richardson_fit", fails)

    found = reproduce.outcomes(["arms_race"])

    failed = {one.case.value.split(".")[1] for one in found if one.verdict == NO_ANSWER}
    assert {"race_of_1909"} == failed
    assert all(
        one.reason == "ZeroDivisionError: nothing to divide by"
        for one in found
        if one.verdict == NO_ANSWER
    )
    assert all(one.holds for one in found if one.verdict != NO_ANSWER)


# --- command, page, document -------------------------------------------------------------------


def _run(*arguments):
    return CliRunner().invoke(command, arguments)


def test_the_command_succeeds_although_some_numbers_differ():
    """A number that nobody claims to reproduce does not fail the command, and is printed."""
    done = _run("--lens", "landscape")

    assert 0 == done.exit_code
    assert "47,945; 17,591" in done.stdout
    assert "54,864; 10,672" in done.stdout
    assert "Every claim holds." in done.stdout.replace("\n", " ")


def test_the_command_fails_when_a_claimed_number_does_not_reproduce(monkeypatch):
    """Exit code 1, and the verdict names the broken claim."""
    monkeypatch.setattr(arms_race, "richardson_fit", _steeper)

    done = _run("--lens", "arms_race", "--format", "json")

    assert 1 == done.exit_code
    rows = {row["id"]: row for row in json.loads(done.stdout)}
    assert ("differs", False) == (
        rows["arms_race.race_of_1909.slope"]["verdict"],
        rows["arms_race.race_of_1909.slope"]["holds"],
    )


@pytest.mark.parametrize("style", ["json", "csv"])
def test_machine_readable_forms_have_every_number(style):
    """JSON and CSV list the cases of the lenses asked for, in the order of the table."""
    import csv
    import io

    done = _run("--lens", "arms_race", "--lens", "landscape", "--format", style)

    rows = json.loads(done.stdout) if style == "json" else csv.DictReader(io.StringIO(done.stdout))
    expected = [case.id for case in CASES if case.lens in ("arms_race", "landscape")]
    assert expected == [row["id"] for row in rows]


def test_an_unknown_lens_is_refused():
    """The error says what was probably meant."""
    with pytest.raises(UnknownName, match="Did you mean 'contest'"):
        reproduce.outcomes(["contes"])


def test_the_page_is_whole_and_asks_for_nothing(found, tmp_path):
    """One file with every number, no address and no chart, and the same bytes each time."""
    page = tmp_path / "page.html"

    done = _run("--report", str(page))
    text = page.read_text(encoding="utf-8")
    again = reproduce.write(
        tuple(found.values()),
        tmp_path / "again.html",
        command="detente reproduce --report page.html",
    )

    assert 0 == done.exit_code
    assert text == again.read_text(encoding="utf-8")
    assert [page, again] == sorted(tmp_path.iterdir(), key=lambda path: path.name != "page.html")
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")
    assert "<script src" not in text
    assert 2 == text.count("<script>")  # the page's own: sorting, and what went wrong
    assert all(f"-{case.id}" in text for case in CASES)
    tables = [t for t in re.findall(r"<table.*?</table>", text, re.S) if ">Verdict</th>" in t]
    rows = sum(t.count('<th scope="row"') for t in tables)
    assert len(CASES) + 6 == rows  # those that differ stand twice


def test_a_page_that_cannot_be_written_says_so(found, tmp_path):
    """A folder in the way is an error with its name, and nothing is left behind."""
    (tmp_path / "page.html").mkdir()

    with pytest.raises(ResultError, match=r"page\.html: cannot be written"):
        reproduce.write(tuple(found.values()), tmp_path / "page.html")

    assert ["page.html"] == [path.name for path in tmp_path.iterdir()]


def test_a_report_in_a_folder_that_is_not_there_is_refused(tmp_path):
    """Refused before anything is computed, as wrong use."""
    done = _run("--report", str(tmp_path / "nowhere" / "page.html"))

    assert 2 == done.exit_code
    assert "does not exist" in done.stderr


def test_the_document_has_every_number_in_a_sound_table(found):
    """Each number is a line; all lines of a table have as many cells as its header."""
    import re

    text = reproduce.markdown(tuple(found.values()))
    tables = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]

    for table in tables:
        assert {len(re.findall(r"(?<!\\)\|", table[0]))} == {
            len(re.findall(r"(?<!\\)\|", line)) for line in table
        }
    lines = [line for table in tables for line in table[2:]]
    assert len(CASES) + len(not_attempted()) == len(lines)
    assert text.startswith("# Published numbers, recomputed\n")
    assert reproduce.markdown() == text


def test_a_broken_claim_is_said_everywhere(monkeypatch, tmp_path):
    """Summary, table and page name it; nobody reads that every claim holds."""
    monkeypatch.setattr(arms_race, "two_sides", _farther_of_two)
    found = reproduce.outcomes(["arms_race"])

    text = reproduce.markdown(found)
    page = reproduce.write(found, tmp_path / "page.html").read_text(encoding="utf-8")

    for form in (text, page):
        assert "Claims that do not hold: 2." in form
        assert "differs, against the claim" in form
        assert "Every claim holds" not in form


def test_importing_the_room_loads_no_lens():
    """Nothing heavy is loaded before a number is computed."""
    heavy = {"numpy", "numba", "scipy", "xarray", "polars", "jinja2"}
    code = f"import sys, detente.reproduce; print(sorted({heavy} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
