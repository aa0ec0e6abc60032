"""Signed networks as data have them: weights, lists of ties, graphs with names, many camps."""

from __future__ import annotations

import itertools
import sys
import types

import networkx as nx
import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detente.errors import UsageError
from detente.lenses import balance
from detente.lenses.balance.frustration import program

CODES = ("ARG", "BRA", "CHL", "IND", "PAK", "POL")


@st.composite
def ties(draw, most=6, decimals=False):
    """Draw ties between up to `most` states; a pair may have several."""
    size = draw(st.integers(2, most))
    pairs = list(itertools.combinations(range(size), 2))
    values = st.integers(-5, 5)
    if decimals:
        values = st.integers(-500, 500).map(lambda cents: cents / 100)
    chosen = draw(st.lists(st.tuples(st.sampled_from(pairs), values), min_size=1, max_size=12))
    return [(CODES[a], CODES[b], value) for (a, b), value in chosen]


def least(edges, camps):
    """Return the least weight to give up, by trying every partition."""
    names = sorted({name for a, b, _ in edges for name in (a, b)})
    return min(
        sum(
            abs(w)
            for a, b, w in edges
            if w and (side[names.index(a)] == side[names.index(b)]) != (w > 0)
        )
        for side in itertools.product(range(camps or len(names)), repeat=len(names))
    )


@pytest.mark.parametrize("camps", [1, 2, 3, None])
@given(edges=ties(most=5))
def test_the_index_of_any_number_of_camps_is_that_of_all_partitions(camps, edges):
    """Counts of events, several ties of a pair, one camp to as many as there are states."""
    result = balance.frustration_index(edges, camps=camps)

    assert (least(edges, camps), True) == (result.index, result.proven)
    assert len(result.camps) <= (camps or len(CODES))


@given(edges=ties(decimals=True))
def test_decimal_weights_are_exact(edges):
    """Cents stay cents: the index is the sum of decimals that it is."""
    result = balance.frustration_index(edges)

    assert least(edges, 2) == pytest.approx(result.index, abs=1e-9)


@given(edges=ties())
def test_every_form_of_a_network_gives_the_same_index(edges):
    """A matrix, a list, a mapping, a table and a graph with names are one network."""
    summed = {}
    for a, b, w in edges:
        summed[a, b] = summed.get((a, b), 0) + w
    rows = [(a, b, w) for (a, b), w in summed.items() if w]
    size = len(CODES)
    matrix = np.zeros((size, size))
    graph = nx.Graph()
    graph.add_nodes_from(CODES)
    for a, b, w in rows:
        i, j = CODES.index(a), CODES.index(b)
        matrix[i, j] = matrix[j, i] = w
        graph.add_edge(a, b, weight=w)
    forms = [matrix, {(a, b): w for a, b, w in rows}, graph, matrix.tolist()]
    if rows:
        forms += [rows, [list(row) for row in rows], pl.DataFrame(rows, orient="row")]

    assert 1 == len({balance.frustration_index(form).index for form in forms})


def test_the_camps_have_the_names_of_their_members():
    """A graph of codes comes back as camps of codes."""
    graph = nx.Graph()
    graph.add_edge("IND", "PAK", sign=-1)
    graph.add_edge("PAK", "POL", sign=1)

    assert (("IND",), ("PAK", "POL")) == balance.frustration_index(graph).camps


def test_weights_with_many_digits_are_rounded_and_still_found():
    """Thirds have no common part: the index is theirs to a millionth."""
    third = 1 / 3
    result = balance.frustration_index([("A", "B", third), ("B", "C", third), ("A", "C", -0.2)])

    assert (0.2, True) == (pytest.approx(result.index), result.proven)


@pytest.mark.parametrize(
    ("signed", "words"),
    [
        ([("A", "B")], "two ends and a sign"),
        ([("A", "B", "x")], "no number"),
        ([("A", "A", 1)], "itself"),
        (nx.Graph([("A", "B")]), "networkx.to_numpy_array"),
        (nx.DiGraph([("A", "B", {"sign": 1})]), "without a direction"),
        (np.array([[0, 1, 1]] * 5), "list of ties"),
        ("ABC", "no signed graph"),
        ({"A": 1}, "between two"),
    ],
)
def test_what_is_no_network_says_how_to_make_one(signed, words):
    """No foreign error leaves the reader, and the refusal has a remedy."""
    with pytest.raises(UsageError, match=words):
        balance.frustration_index(signed)


@pytest.mark.parametrize("measure", [balance.triangle_index, balance.balanced])
def test_measures_of_signs_refuse_weights_with_the_remedy(measure):
    """The papers define them for signs alone."""
    with pytest.raises(UsageError, match=r"not 2\.0; take their signs"):
        measure([[0, 2], [2, 0]])


def test_a_number_of_camps_is_a_number():
    """None means any number, zero nothing."""
    for camps in (0, -1, 2.5, True):
        with pytest.raises(UsageError, match="one camp or more"):
            balance.frustration_index([("A", "B", 1)], camps=camps)


class FailingSolver:
    """A solver whose runs fail, with the status of a model that was never solved."""

    def __init__(self, status):
        self.run = lambda: "error"
        self.getModelStatus = lambda: status


@pytest.mark.parametrize("status", ["optimal", "unknown", "not set"])
def test_the_answer_of_a_solver_that_failed_is_not_read(status, monkeypatch):
    """The status of the run comes first: a failed one says nothing, whatever the model says."""
    stand_in = types.SimpleNamespace(
        HighsStatus=types.SimpleNamespace(kError="error"),
        HighsModelStatus=types.SimpleNamespace(
            kInfeasible="infeasible", kOptimal="optimal", kUnknown="unknown"
        ),
    )
    monkeypatch.setitem(sys.modules, "highspy", stand_in)

    assert program._run(FailingSolver(status), ceiling=False) is None


def test_nothing_is_proven_where_the_solver_fails(monkeypatch):
    """Bounds remain bounds: an index without a proof is not given."""
    generator = np.random.default_rng(3)
    signed = np.triu(generator.choice([-1, 1], (40, 40)), 1)
    monkeypatch.setattr(program.Programme, "_solve", lambda *_: None)
    result = balance.frustration_index(signed + signed.T)

    assert (None, False) == (result.index, result.proven)
    assert result.lower < result.upper
