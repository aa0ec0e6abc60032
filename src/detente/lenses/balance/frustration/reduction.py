"""Make a signed graph smaller without changing its frustration index.

Three steps, all exact: parallel edges are merged and what their opposite signs must cost is
paid at once; a vertex whose heaviest edge weighs as much as all its others together follows
the neighbour at the other end (this removes every vertex of degree one, and of degree two in
series); what is left falls into its biconnected blocks, which frustrate one another nowhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from detente.architecture.system import Ints


@dataclass(frozen=True, eq=False)
class Block:
    """A biconnected part of a signed graph, its vertices renumbered from 0.

    Attributes
    ----------
    vertices : int array (n,)
        The vertices of the whole graph, ascending.
    first, second : int array (m,)
        The ends of each edge, as positions in `vertices`.
    weight : int array (m,)
        Signed weight: positive wants the ends on one side, negative on two.
    """

    vertices: Ints
    first: Ints
    second: Ints
    weight: Ints

    @property
    def size(self) -> int:
        """Number of vertices."""
        return len(self.vertices)

    def frustrated(self, side: Ints) -> Ints:
        """Return 1 for each edge that the sides (-1 or 1 a vertex) frustrate, else 0."""
        broken: Ints = (self.weight * side[self.first] * side[self.second] < 0).astype(np.int64)
        return broken

    def cost(self, side: Ints) -> int:
        """Return the weight of the edges that the sides frustrate."""
        return int(self.frustrated(side) @ np.abs(self.weight))


@dataclass(frozen=True, eq=False)
class Reduced:
    """What is left of a signed graph, and how to get back.

    Attributes
    ----------
    size : int
        Number of vertices of the whole graph.
    paid : int
        Weight that every partition frustrates and that is in no block any more.
    blocks : tuple of Block
        What is left to solve, each for itself.
    followers : tuple of (vertex, leader, sign)
        Vertices that follow another one, in the order in which they were removed.
    """

    size: int
    paid: int
    blocks: tuple[Block, ...]
    followers: tuple[tuple[int, int, int], ...]

    def restore(self, sides: Sequence[Ints]) -> Ints:
        """Join the sides (-1 or 1) found for the blocks into sides of all vertices."""
        signs = np.zeros(self.size, dtype=np.int64)
        homes: dict[int, list[int]] = {}
        for b, block in enumerate(self.blocks):
            for v in block.vertices.tolist():
                homes.setdefault(v, []).append(b)
        placed = [False] * len(self.blocks)
        for start in range(len(self.blocks)):
            todo = [] if placed[start] else [start]
            placed[start] = True
            while todo:
                b = todo.pop()
                block, side = self.blocks[b], sides[b]
                # The blocks of a component form a tree: at most one vertex is placed already.
                assigned = np.flatnonzero(signs[block.vertices])
                turn = (
                    signs[block.vertices[assigned[0]]] * side[assigned[0]] if len(assigned) else 1
                )
                signs[block.vertices] = turn * side
                for v in block.vertices.tolist():
                    for other in homes[v]:
                        if not placed[other]:
                            placed[other] = True
                            todo.append(other)
        signs[signs == 0] = 1
        for vertex, leader, sign in reversed(self.followers):
            signs[vertex] = sign * signs[leader]
        return signs


def reduce(size: int, first: Ints, second: Ints, weight: Ints, *, follow: bool = True) -> Reduced:
    """Reduce a signed graph.

    Parameters
    ----------
    size : int
        Number of vertices.
    first, second, weight : int array (m,)
        Edges with signed integer weights.
    follow : bool
        Whether vertices may be removed; False only splits into blocks, so that every edge of
        a graph without parallel edges is an edge of exactly one block.
    """
    near: list[dict[int, int]] = [{} for _ in range(size)]
    paid = 0
    for i, j, w in zip(first.tolist(), second.tolist(), weight.tolist(), strict=True):
        paid += _join(near, i, j, w)
    followers: list[tuple[int, int, int]] = []
    todo = list(range(size)) if follow else []
    waiting = [follow] * size
    while todo:
        v = todo.pop()
        waiting[v] = False
        ties = near[v]
        if not ties:
            continue
        leader = max(ties, key=lambda u: abs(ties[u]))
        strength = abs(ties[leader])
        if 2 * strength < sum(map(abs, ties.values())):
            continue
        sign = 1 if ties[leader] > 0 else -1
        followers.append((v, leader, sign))
        for u, w in ties.items():
            del near[u][v]
            if u != leader:
                paid += _join(near, leader, u, sign * w)
            if not waiting[u]:
                waiting[u] = True
                todo.append(u)
        near[v] = {}
    # A bridge is a block too: it frustrates nothing, but it says how its ends stand.
    blocks = tuple(_block(edges, near) for edges in _biconnected(near))
    return Reduced(size=size, paid=paid, blocks=blocks, followers=tuple(followers))


def _join(near: list[dict[int, int]], i: int, j: int, w: int) -> int:
    """Add weight `w` to the pair; return what the opposite signs of parallel edges cost."""
    old = near[i].get(j, 0)
    if old + w:
        near[i][j] = near[j][i] = old + w
    elif old:
        del near[i][j], near[j][i]
    return min(abs(old), abs(w)) if old * w < 0 else 0


def _block(edges: list[tuple[int, int]], near: list[dict[int, int]]) -> Block:
    ends = np.array(sorted((min(e), max(e)) for e in edges), dtype=np.int64)
    vertices, place = np.unique(ends, return_inverse=True)
    place = place.reshape(ends.shape)
    weight = np.array([near[i][j] for i, j in ends.tolist()], dtype=np.int64)
    return Block(vertices, place[:, 0].copy(), place[:, 1].copy(), weight)


def _biconnected(near: list[dict[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the edges of each biconnected block (Hopcroft and Tarjan 1973, without recursion)."""
    seen = [-1] * len(near)
    low = [0] * len(near)
    clock = 0
    for root in range(len(near)):
        if seen[root] >= 0 or not near[root]:
            continue
        seen[root] = low[root] = clock
        clock += 1
        path = [(root, -1, iter(near[root]))]
        edges: list[tuple[int, int]] = []
        marks: list[int] = []
        while path:
            v, parent, rest = path[-1]
            u = next(rest, -1)
            if u < 0:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[v])
                    mark = marks.pop()
                    if low[v] >= seen[above]:
                        yield edges[mark:]
                        del edges[mark:]
            elif seen[u] < 0:
                seen[u] = low[u] = clock
                clock += 1
                marks.append(len(edges))
                edges.append((v, u))
                path.append((u, v, iter(near[u])))
            elif u != parent and seen[u] < seen[v]:
                edges.append((v, u))
                low[v] = min(low[v], seen[u])
