"""The colours of the page: one scale for security, one pair for gains and losses.

Dark is less secure, everywhere. Purple and orange part gains from losses with white between
(Brewer's PuOr, which colour-blind readers and grey printers can tell apart), and the warm hue
also marks rivalries. No red, no green.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SECURITY = ("#2a5f94", "#5b8fbf", "#8fb7d9", "#c2dbee", "#eaf2f9")
"""From the least secure fifth of the states to the most secure one."""

GAIN = "#5e3c99"
LOSS = "#c2570c"
RIVALRY = "#c2570c"
ALLIANCE = "#222831"
MISSING = "#ffffff"
CONTEXT = "#efefec"
INK = "#1d2229"
QUIET = "#5c6470"
HARM = ("#fff3e6", "#fdc38a", "#ee8f3c", "#c2570c", "#7f3000")

CHANGE = ("#b35806", "#f1a340", "#fee0b6", "#f4f4f2", "#d8daeb", "#998ec3", "#542788")
"""From the greatest loss by way of no change to the greatest gain (Brewer's PuOr)."""

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def edges(security: Sequence[float]) -> list[float]:
    """Return the bounds between the fifths of the states, four numbers."""
    finite = np.asarray(security, dtype=float)
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return [0.0, 0.0, 0.0, 0.0]
    return [float(x) for x in np.quantile(finite, [0.2, 0.4, 0.6, 0.8])]


def shade(value: float, bounds: Sequence[float]) -> str:
    """Return the colour of a security."""
    return SECURITY[int(np.searchsorted(bounds, value, side="right"))]


def change_edges(deltas: Sequence[float], tolerance: float) -> tuple[float, float, float]:
    """Return the sizes at which a change of security takes the next darker colour.

    The first is the tolerance; the others part what is beyond it at a tenth and a third of the
    greatest change.
    """
    sizes = np.abs(np.asarray(deltas, dtype=float))
    most = float(sizes[np.isfinite(sizes)].max(initial=0.0))
    return tolerance, max(tolerance, most / 10), max(tolerance, most / 3)


def change_shade(value: float, bounds: Sequence[float]) -> str:
    """Return the colour of a change of security; losses and gains mirror one another."""
    step = sum(abs(value) > bound for bound in bounds)
    return CHANGE[3 + step if value > 0 else 3 - step]
