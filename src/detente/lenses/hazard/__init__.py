"""The empirical hazard: who would start a dispute against whom, and what it would cost."""

from detente.lenses.hazard.drawn_fit import coefficients
from detente.lenses.hazard.lens import Hazard

__all__ = ["Hazard", "coefficients"]
