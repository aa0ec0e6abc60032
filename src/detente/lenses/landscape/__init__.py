"""Landscape theory: which states would rather stand on the same side, and what keeps them apart."""

from detente.lenses.landscape.configurations import (
    Alignment,
    Minimum,
    alignments,
    descend,
    energy,
    frustration,
    lowest_pass,
    minima,
)
from detente.lenses.landscape.lens import (
    Landscape,
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
