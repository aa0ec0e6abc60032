"""How a recomputed value is held against a published text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.errors import UsageError
from detente.reproduce.values import Range, compare, decimals, names, numbers, shown

FINITE = st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("65,536", (65536.0,)),
        ("27 %", (27.0,)),
        ("-0.5; 1.25; 3", (-0.5, 1.25, 3.0)),
    ],
)
def test_printed_numbers_are_read_as_printed(text, expected):
    """Commas part thousands, semicolons part numbers, and a percent sign is a unit."""
    assert expected == numbers(text)


def test_a_text_that_is_no_number_is_refused():
    """The error shows the text."""
    with pytest.raises(UsageError, match="'about ten' does not consist of numbers"):
        numbers("about ten")


@pytest.mark.parametrize(("text", "expected"), [("27 %", 0), ("0.0047", 4), ("-1.5", 1), ("9", 0)])
def test_printed_decimals_are_counted(text, expected):
    """The precision of a number is what is printed behind its point."""
    assert expected == decimals(text)


@given(value=FINITE, places=st.integers(0, 8))
def test_rounding_a_value_reproduces_it_as_printed(value, places):
    """What prints to the published text is within "as printed"; one unit further is not."""
    text = f"{value:.{places}f}"

    assert compare(text, value, "as printed").within
    assert not compare(text, float(text) + 10.0**-places, "as printed").within


@given(value=FINITE, off=st.floats(1e-6, 1e6))
def test_tolerances_admit_equality_and_refuse_more(value, off):
    """Every tolerance admits the same number; all but an upper bound refuse one farther off."""
    text = repr(value) if "e" not in repr(value) else f"{value:.20f}"
    same, other = float(text), float(text) + 2 * off

    for tolerance in ("exact", "1e-9", str(off)):
        assert compare(text, same, tolerance).within
        assert not compare(text, other if tolerance != "1e-9" else same + 1 + off, tolerance).within
    assert compare(text, same - off, "at most").within
    assert not compare(text, same + max(off, 1e-3), "at most").within


def test_the_farthest_of_several_numbers_is_reported():
    """The difference has a sign and belongs to the number that is farthest off."""
    found = compare("1; 2; 3", (1.0, 1.5, 3.25), "exact")

    assert (False, -0.5) == (found.within, found.difference)


def test_another_count_of_numbers_is_no_agreement():
    """Two numbers do not agree with three, and have no difference."""
    found = compare("1; 2; 3", (1.0, 2.0), "as printed")

    assert (False, None) == (found.within, found.difference)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("tolerance", ["exact", "as printed", "1e-9", "1000000", "at most"])
def test_what_is_no_number_never_agrees(value, tolerance):
    """NaN and infinities differ from every published number."""
    assert not compare("1.0", value, tolerance).within


@pytest.mark.parametrize(
    ("low", "high", "within", "difference"),
    [(195, 226, True, 0), (209, 209, True, 0), (210, 226, False, 1), (195, 200, False, 9)],
)
def test_a_range_brackets_what_lies_in_it(low, high, within, difference):
    """Both ends belong to the range; outside, the difference is the distance to it."""
    found = compare("209", Range(low, high), "contains")

    assert (within, difference) == (found.within, found.difference)


def test_names_are_sets_and_sides_have_no_order():
    """Neither the order of names nor that of sides matters, the sides themselves do."""
    assert names("a, b against c") == names("c against b, a")
    assert compare("a, b against c", "c against a, b", "exact").within
    assert not compare("a, b against c", "a against b, c", "exact").within


@pytest.mark.parametrize(
    ("value", "tolerance"), [("a", "1e-9"), (Range(0, 1), "exact"), (1.0, "contains")]
)
def test_a_tolerance_that_does_not_go_with_the_value_is_refused(value, tolerance):
    """Names agree exactly, and only ranges contain."""
    with pytest.raises((UsageError, ValueError)):
        compare("1", value, tolerance)


@pytest.mark.parametrize(
    ("value", "published", "expected"),
    [
        (65536.0, "65,536", "65,536"),
        (0.7310150043, "0.73", "0.7310"),
        ((54864.0, 10672.0), "47,945; 17,591", "54,864; 10,672"),
        (26.797, "27 %", "26.80 %"),
        (Range(195, 226), "209", "195 to 226"),
        ((1.0, 2.0), "1", "1; 2"),
        (math.nan, "2", "nan"),
        (9.1e-06, "0", "9.1e-06"),
        (-1234.5, "-1234.5", "-1234.500"),
        (0.0, "0.000", "0.000"),
    ],
)
def test_ours_is_shown_with_two_digits_more(value, published, expected):
    """Whole numbers stay whole, others show two digits more, and a small one is not shown as 0."""
    assert expected == shown(value, published)
