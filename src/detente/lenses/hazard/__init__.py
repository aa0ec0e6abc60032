"""The empirical hazard: who would start a dispute against whom, and what it would cost."""

from detente.lenses.hazard.lens import (
    Hazard,
    coefficients,
)

__all__ = [
    "Hazard",
    "coefficients",
]
