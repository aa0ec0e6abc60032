"""Numbers and names as the reader sees them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.words import Names, between, exact, in_sentence, listed, number, plural, signed


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.46213, "0.462"),
        (-0.00076, "−0.000760"),
        (1234.5, "1,234"),
        (12.0, "12.0"),
        (1e-9, "0.00000000100"),
        (math.nan, "no answer"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_a_number_has_three_digits_that_count(value: float, text: str) -> None:
    """Significant digits, thousands parted, a real minus sign, never an exponent."""
    assert text == number(value)


@given(st.floats(min_value=1e-9, max_value=1e9))
def test_a_number_reads_back_to_its_digits(value: float) -> None:
    """What is written differs from the value by less than the last digit shown."""
    assert float(number(value, 3).replace(",", "")) == pytest.approx(value, rel=0.0051)
    assert number(-value, 3) == "−" + number(value, 3)


def test_a_parameter_is_written_as_it_was_set() -> None:
    """Zeros behind the point that say nothing are left out."""
    assert ["0.5", "3", "20,000", "0.0831897"] == [
        exact(x) for x in (0.5, 3.0, 20000.0, 0.0831897109)
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("United States (USA)", "the United States (USA)"),
        ("Netherlands", "the Netherlands"),
        ("Central African Republic", "the Central African Republic"),
        ("Republic of Korea (KOR)", "the Republic of Korea (KOR)"),
        ("Federated States of Micronesia", "the Federated States of Micronesia"),
        ("The Gambia", "The Gambia"),
        ("Estonia (EST)", "Estonia (EST)"),
        ("Bosnia and Herzegovina", "Bosnia and Herzegovina"),
        ("AAA", "AAA"),
    ],
)
def test_a_state_is_named_with_the_article_that_english_asks_for(name: str, text: str) -> None:
    """Plural names, and those that say a form of state, take one; a name alone takes none."""
    assert text == in_sentence(name)
    assert in_sentence(name, begins=True)[1:] == text[1:]


def test_a_change_has_its_sign() -> None:
    """A gain has a plus, a loss a minus, nothing has neither."""
    assert ["+0.027", "−0.025", "0"] == [signed(x) for x in (0.027, -0.025, 0.0)]


def test_lists_read_like_a_sentence() -> None:
    """Two parts are joined by a word; those beyond the limit are counted."""
    assert ["", "a", "a and b", "a, b and c", "a, b and 2 more"] == [
        listed([]),
        listed(["a"]),
        listed(["a", "b"]),
        listed(["a", "b", "c"]),
        listed(["a", "b", "c", "d"], 2),
    ]


def test_an_interval_that_is_not_known_is_empty() -> None:
    """Without draws there is no interval to show."""
    assert ["", "", "0.42 to 0.70"] == [
        between(None, None),
        between(math.nan, 1.0),
        between(0.42, 0.7),
    ]


def test_one_is_not_many() -> None:
    """A noun follows its count."""
    assert ["1 witness", "2,000 witnesses"] == [
        plural(n, "witness", "witnesses") for n in (1, 2000)
    ]


def test_a_sentence_gets_names_before_its_codes() -> None:
    """Codes of states and organisations are replaced as whole words only."""
    names = Names({"SRB": "Serbia", "SR": "Other"}, {"CSTO": "Treaty Organization"})

    assert (
        names.sentence("SRB joins CSTO; SRBX stays")
        == "Serbia (SRB) joins Treaty Organization (CSTO); SRBX stays"
    )


def test_a_name_with_line_breaks_becomes_one_line() -> None:
    """What a chart's axis cannot hold is replaced by spaces."""
    assert Names({"A": "two\u2028 \nlines"}, {}).full("A") == "two lines (A)"
