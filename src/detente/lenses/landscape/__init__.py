"""Landscape theory: which states would rather stand on the same side, and what keeps them apart."""

from detente.lenses.landscape.lens import (
    Alignment,
    Landscape,
    Minimum,
    alignments,
    descend,
    energy,
    frustration,
    lowest_pass,
    minima,
)

__all__ = [
    "Alignment",
    "Landscape",
    "Minimum",
    "alignments",
    "descend",
    "energy",
    "frustration",
    "lowest_pass",
    "minima",
]
