"""Ties as networks for other programs."""

from __future__ import annotations

import csv

import networkx as nx
import pytest
from click.testing import CliRunner

import detente as dt
from detente.architecture.network import FIELDS, edges, export
from detente.cli import cli
from detente.errors import ResultError


@pytest.mark.parametrize("name", dt.bundled())
def test_a_network_read_elsewhere_has_the_ties_of_the_architecture(name, tmp_path):
    """NetworkX reads from GraphML what the arrays of the system hold, tie by tie."""
    g = dt.load(name)
    graph = nx.read_graphml(export(g, tmp_path / "g.graphml"), force_multigraph=True)
    system = g.system
    place = {code: k for k, code in enumerate(system.codes)}

    assert set(system.codes) == set(graph)
    assert len(edges(g)) == graph.number_of_edges()
    for a, b, tie in graph.edges(data=True):
        matrix = system.rivalry if tie["kind"] == "rivalry" else system.promises[tie["kind"]]
        assert matrix[place[a], place[b]] == pytest.approx(tie["strength"])
        assert (-1 if tie["kind"] == "rivalry" else 1) == tie["sign"]
    for code, node in graph.nodes(data=True):
        assert system.capability[place[code]] == pytest.approx(node["capability"])


def test_a_list_of_edges_has_years(tmp_path):
    """Several architectures give one list, each edge with the year that it is of."""
    g = dt.load("two-blocs")
    later = g.on(g.date.replace(year=g.date.year + 1))
    path = export([g, later], tmp_path / "e.csv")
    with path.open(encoding="utf-8", newline="") as stream:
        header, *rows = csv.reader(stream)

    assert list(FIELDS) == header
    assert len(edges(g)) + len(edges(later)) == len(rows)
    assert {str(g.date.year), str(later.date.year)} == {row[-1] for row in rows}


def test_the_command_writes_both_forms_and_refuses_others(tmp_path):
    """The ending says which; what it cannot write it says before it loads anything."""
    for ending in (".graphml", ".csv"):
        out = tmp_path / f"n{ending}"
        result = CliRunner().invoke(cli, ["export", "two-blocs", "--out", str(out)])
        assert result.exit_code == 0, result.output
        assert out.stat().st_size > 0
    with pytest.raises(ResultError, match="graphml"):
        export(dt.load("two-blocs"), tmp_path / "n.gexf")
