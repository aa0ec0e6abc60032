"""An architecture as a network for other programs: GraphML, or lists of nodes and edges.

Each tie that holds on the date is one edge with its kind, direction, strength and sign: promises
from who owes them to whom, and rivalries. What Gephi, igraph, NetworkX and R's packages read.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from detente.architecture.package.finding import loaded
from detente.architecture.value import Architecture
from detente.errors import visible
from detente.files import write_as

TYPES = {str: "string", int: "int", float: "double", bool: "boolean"}


@dataclass(frozen=True, slots=True)
class Edge:
    """One tie: who owes it to whom, or two rivals.

    Attributes
    ----------
    source, target : str
        Codes; of a rivalry in alphabetical order.
    kind : str
        Kind of promise, or ``rivalry``.
    strength : float
        How binding the promise is, 0 to 1; of a rivalry its intensity, 1 to 5.
    sign : int
        1 for a promise, -1 for a rivalry.
    year : int
        Of the architecture's date.
    """

    source: str
    target: str
    kind: str
    strength: float
    sign: int
    year: int


ENDINGS = (".graphml", ".csv")
"""Endings of the files that can be written."""
FIELDS = ("source", "target", "kind", "strength", "sign", "year")


def edges(architecture: Architecture) -> list[Edge]:
    """Return the ties of an architecture that hold on its date.

    Examples
    --------
    >>> import detente as dt
    >>> edges(dt.load("two-blocs"))[0].kind
    'defense'
    """
    system, year = architecture.system, architecture.date.year
    ties: list[Edge] = []
    for kind, matrix in system.promises.items():
        for i, j in zip(*matrix.nonzero(), strict=True):
            ties.append(Edge(system.codes[i], system.codes[j], kind, float(matrix[i, j]), 1, year))
    for i, j in zip(*system.rivalry.nonzero(), strict=True):
        if i < j:
            strength = float(system.rivalry[i, j])
            ties.append(Edge(system.codes[i], system.codes[j], "rivalry", strength, -1, year))
    return ties


def _nodes(architectures: Sequence[Architecture]) -> dict[str, dict[str, object]]:
    nodes: dict[str, dict[str, object]] = {}
    for g in architectures:
        for code, share in zip(g.system.codes, g.system.capability.tolist(), strict=True):
            nodes[code] = {
                "name": g.names.get(code, code),
                "capability": float(share),
                "external": code in g.external,
            }
    return nodes


def export(
    architectures: Architecture | str | os.PathLike[str] | Sequence[Architecture],
    path: str | os.PathLike[str],
) -> Path:
    """Write the network of one or several architectures for other programs.

    Parameters
    ----------
    architectures : Architecture, str, path or several
        A string is the name of a bundled scenario or a path of a package. Several, such as
        `detente.history` of some years, give one network whose edges have years.
    path : path
        ``.graphml``, or ``.csv`` for a list of edges with ``source, target, kind, strength, sign,
        year``.

    Raises
    ------
    ResultError
        If the path has another ending, or cannot be written to.
    """
    if isinstance(architectures, Architecture | str | os.PathLike):
        several = [loaded(architectures)]
    else:
        several = [loaded(g) for g in architectures]
    ties = [edge for g in several for edge in edges(g)]
    title = several[0].title if several else ""
    return write_as(
        path,
        {
            ".graphml": lambda place: place.write_text(
                graphml(title, _nodes(several), ties), encoding="utf-8"
            ),
            ".csv": lambda place: place.write_text(_table(ties), encoding="utf-8"),
        },
    )


def _table(ties: Iterable[Edge]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(FIELDS)
    writer.writerows([getattr(edge, field) for field in FIELDS] for edge in ties)
    return text.getvalue()


def graphml(title: str, nodes: Mapping[str, Mapping[str, object]], ties: Iterable[Edge]) -> str:
    """Return a directed network as GraphML (Brandes and others 2002).

    Parameters
    ----------
    title : str
        What it is of.
    nodes : mapping
        Attributes of each node by its code.
    ties : iterable of Edge
        The edges; a pair may have several.
    """
    of_nodes = {name: type(value) for node in nodes.values() for name, value in node.items()}
    of_edges = {"kind": str, "strength": float, "sign": int, "year": int}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *(_key(name, "node", kind) for name, kind in of_nodes.items()),
        *(_key(name, "edge", kind) for name, kind in of_edges.items()),
        f"  <desc>{escape(visible(title))}</desc>",
        '  <graph edgedefault="directed">',
    ]
    for code, node in nodes.items():
        cells = "".join(_data(f"node.{name}", value) for name, value in node.items())
        lines.append(f"    <node id={quoteattr(code)}>{cells}</node>")
    for number, edge in enumerate(ties):
        cells = "".join(_data(f"edge.{name}", getattr(edge, name)) for name in of_edges)
        lines.append(
            f'    <edge id="e{number}" source={quoteattr(edge.source)} '
            f"target={quoteattr(edge.target)}>{cells}</edge>"
        )
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def _key(name: str, owner: str, kind: type) -> str:
    return (
        f'  <key id="{owner}.{name}" for="{owner}" attr.name="{name}" attr.type="{TYPES[kind]}"/>'
    )


def _data(key: str, value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f'<data key="{key}">{escape(visible(text))}</data>'
