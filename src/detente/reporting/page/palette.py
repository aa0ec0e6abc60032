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

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def edges(security: Sequence[float]) -> list[float]:
    """Return the bounds between the fifths of the states, four numbers."""
    known = np.asarray(security, dtype=float)
    known = known[np.isfinite(known)]
    if not len(known):
        return [0.0, 0.0, 0.0, 0.0]
    return [float(x) for x in np.quantile(known, [0.2, 0.4, 0.6, 0.8])]


def shade(value: float, bounds: Sequence[float]) -> str:
    """Return the colour of a security."""
    return SECURITY[int(np.searchsorted(bounds, value, side="right"))]
