"""The frustration index of a signed graph, exact, with the partition that attains it."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.architecture.system import Ints
from detente.errors import UsageError
from detente.lenses.balance.frustration.camps import any_number, fixed_number
from detente.lenses.balance.frustration.graphs import SignedGraph, read_graph
from detente.lenses.balance.frustration.reduction import Block, reduce
from detente.lenses.balance.frustration.search import BlockSearch


@dataclass(frozen=True, eq=False)
class FrustrationIndex:
    """The least weight of ties without which a signed graph falls into camps.

    Attributes
    ----------
    index : int, float or None
        The frustration index: a number of ties where their weights are 1 and -1; None where
        the time limit left it open.
    partition : int array (n,)
        The camp of each vertex, that of vertex 0 being 0: frustrates `upper`.
    proven : bool
        Whether `lower` and `upper` meet.
    lower, upper : int or float
        Bounds between which the index lies.
    edges : int
        Number of edges of the graph.
    weight : int or float
        Sum of the absolute weights of the edges: `edges` where they are signs.
    names : tuple
        Of the vertices; their numbers where the graph was given as a matrix.
    """

    index: float | None
    partition: Ints
    proven: bool
    lower: float
    upper: float
    edges: int
    weight: float = 0
    names: tuple[Any, ...] = ()

    @property
    def normalized(self) -> float:
        """1 - 2 L / w, from 0 to 1 (balanced); NaN without edges or where L is open."""
        return (
            1 - 2 * self.index / self.weight if self.index is not None and self.weight else math.nan
        )

    @property
    def camps(self) -> tuple[tuple[Any, ...], ...]:
        """The camps of the partition, each as the names of its members."""
        return tuple(
            tuple(self.names[k] for k in np.flatnonzero(self.partition == camp))
            for camp in range(int(self.partition.max(initial=-1)) + 1)
        )


def frustration_index(
    signed: Any, *, camps: int | None = 2, time_limit: float | None = None
) -> FrustrationIndex:
    """Return the frustration index (line index of balance) of a signed graph, exactly.

    Parameters
    ----------
    signed : matrix, edges or graph
        A symmetric matrix with a zero diagonal, dense or SciPy sparse, of signs or of weights (such
        as counts of events); a list of ties such as ``("POL", "DEU", 1)``; a networkx graph whose
        edges have the attribute ``sign`` or ``weight``. Several ties of a pair count each.
    camps : int or None
        Into at most how many camps the graph should fall; None: any number.
    time_limit : float, optional
        Seconds after which the search gives up and returns bounds.

    Returns
    -------
    FrustrationIndex
        With `proven` false and `index` None if time was out, or a solver failed.

    Raises
    ------
    UsageError
        If `signed` is no signed graph, or there are no camps to fall into.

    Notes
    -----
    Weights with few decimals are exact; others are rounded to a millionth of their sum.

    References
    ----------
    Harary, F. (1959), Behavioral Science 4 (line index); Barahona, F. & Mahjoub, A. R. (1986),
    Mathematical Programming 36 (odd cycles of the cut polytope); Aref, S., Mason, A. J. &
    Wilson, M. C. (2020), Networks 75(1) (the index by integer programming); Davis, J. A. (1967),
    Human Relations 20(2) (more than two camps).

    Examples
    --------
    >>> from detente.lenses.balance import frustration_index
    >>> result = frustration_index([[0, 1, -1], [1, 0, 1], [-1, 1, 0]])
    >>> result.index, result.proven
    (1, True)
    >>> ties = [("ARG", "BRA", -2), ("BRA", "CHL", -1), ("ARG", "CHL", -1)]
    >>> frustration_index(ties).index, frustration_index(ties, camps=3).camps
    (1, (('ARG',), ('BRA',), ('CHL',)))
    """
    if camps is not None and (isinstance(camps, bool) or not isinstance(camps, int) or camps < 1):
        raise UsageError(
            f"a graph falls into one camp or more, or None for any number: not {camps}"
        )
    deadline = math.inf if time_limit is None else time.monotonic() + time_limit
    graph = read_graph(signed)
    weight, unit = graph.whole()
    if camps == 2:
        partition, lower = _two_camps(graph, weight, deadline)
    else:
        partition, lower = _many_camps(graph, weight, camps, deadline)
    apart = partition[graph.first] != partition[graph.second]
    broken = apart == (weight > 0)
    upper = int(np.abs(weight)[broken].sum())
    exact = float(np.abs(graph.weight)[broken].sum())
    proven = lower == upper
    return FrustrationIndex(
        index=_plain(exact) if proven else None,
        partition=partition,
        proven=proven,
        lower=_plain(exact if proven else lower * unit),
        upper=_plain(exact),
        edges=len(weight),
        weight=_plain(float(np.abs(graph.weight).sum())),
        names=graph.names,
    )


def _plain(value: float) -> float:
    """Return a whole number as such, and other sums of decimals without their last noise."""
    return int(value) if value.is_integer() else float(f"{value:.12g}")


def _two_camps(graph: SignedGraph, weight: Ints, deadline: float) -> tuple[Ints, int]:
    reduced = reduce(graph.size, graph.first, graph.second, weight)
    searches = [BlockSearch(block) for block in reduced.blocks]
    for search in sorted(searches, key=lambda s: s.block.size):
        search.solve(deadline)
    side = reduced.restore([search.side for search in searches])
    lower = reduced.paid + sum(search.lower for search in searches)
    return np.where(side == (side[0] if graph.size else 1), 0, 1), lower


def _many_camps(
    graph: SignedGraph, weight: Ints, camps: int | None, deadline: float
) -> tuple[Ints, int]:
    if not graph.size:
        return np.zeros(0, np.int64), 0
    # A block is biconnected for the search of two camps; here any graph will do.
    block = Block(np.arange(graph.size), graph.first, graph.second, weight)
    if camps == 1:
        return np.zeros(graph.size, np.int64), int(-weight[weight < 0].sum())
    best = any_number(block, deadline) if camps is None else fixed_number(block, camps, deadline)
    return best.partition, best.lower


def signed_edges(signed: Any) -> tuple[int, Ints, Ints, Ints]:
    """Check a graph of signs; return its size and its edges (first < second) with their signs."""
    graph = read_graph(signed)
    plain = np.isin(graph.weight, (-1, 1))
    if not plain.all():
        raise UsageError(
            f"the entries of a signed graph are -1, 0 and 1, not {graph.weight[~plain][0]}; "
            "take their signs (numpy.sign), or frustration_index, which takes weights"
        )
    pairs = graph.first * graph.size + graph.second
    if len(np.unique(pairs)) < len(pairs):
        raise UsageError("a pair has more than one tie; merge them, or use frustration_index")
    return graph.size, graph.first, graph.second, graph.weight.astype(np.int64)
