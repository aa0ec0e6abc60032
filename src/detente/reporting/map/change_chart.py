"""The map of a change: who becomes more, and who less, secure, on one scale about zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from detente.lenses.naming import in_words
from detente.reporting.map import chart
from detente.reporting.map.atlas import RAIL, WIDTH, atlas, crowded
from detente.reporting.map.context import Scene
from detente.reporting.page import palette
from detente.reporting.page.model import Legend, Strong, Swatch
from detente.words import listed, number, signed

if TYPE_CHECKING:
    import altair as alt

    from detente.auditing.change_verdict import ChangeVerdict
    from detente.results.result import Result

FIELDS = ("State", "Change", "Verdict")
NAMED = 14
"""How many of those that move most are named."""


def change_map(
    audit: Result, verdict: ChangeVerdict, around: Scene, *, detail: bool = False
) -> alt.LayerChart | None:
    """Return gains and losses of one change on the map; None if no state moves.

    With `detail` it is the most crowded part of the map, enlarged; None if no part is crowded or
    nobody in it moves.
    """
    from detente.reporting.page.style import finished

    deltas = _deltas(audit, verdict)
    if not (verdict.gains or verdict.losses):
        return None
    year = int(audit.settings["scenario"]["date"][:4])
    plan = atlas(list(deltas), around, year)
    if detail:
        window = crowded(plan)
        if window is None:
            return None
        plan = atlas(list(deltas), around, year, window)
    bounds = palette.change_edges(list(deltas.values()), verdict.tolerance)

    def describe(code: str) -> dict[str, str]:
        if code not in deltas:
            says, verdict_words, fill = "no figure of capability", "in no lens", "url(#missing)"
        else:
            delta = deltas[code]
            says = f"{signed(delta, 3)} {verdict.unit}"
            verdict_words = (
                "more secure"
                if delta > verdict.tolerance
                else "less secure"
                if delta < -verdict.tolerance
                else "within the tolerance"
            )
            fill = palette.change_shade(delta, bounds)
        return {
            "State": around.names.full(code),
            "Change": says,
            "Verdict": verdict_words,
            "fill": fill,
        }

    import altair as alt

    moving = {code: -abs(delta) for code, delta in deltas.items() if abs(delta) > verdict.tolerance}
    sets: dict[str, dict[str, Any]] = {}
    layers = [
        *chart.land(sets, plan, describe, FIELDS),
        *chart.contested(sets, plan, around),
        *chart.dots(plan, describe, FIELDS),
        *chart.texts(plan, around, moving, None if detail else NAMED, hubs=False),
    ]
    layered: Any = alt.layer(*layers).properties(
        width=WIDTH + (RAIL if plan.rail else 0), height=plan.height
    )
    names = around.names.full
    gains, losses = (
        listed([names(code) for code, _, _ in side], 3) for side in (verdict.gains, verdict.losses)
    )
    drawn: alt.LayerChart = finished(
        layered,
        f"More secure: {gains or 'nobody'}; less secure: {losses or 'nobody'}, under the lens "
        f"{in_words(verdict.lens)}",
        f"Change of security by “{around.names.sentence(verdict.change)}”, {verdict.unit}; point "
        "estimate. White is within the tolerance",
    )
    drawn.datasets = sets
    return drawn


def _deltas(audit: Result, verdict: ChangeVerdict) -> dict[str, float]:
    deltas = audit.deltas(verdict.change, verdict.lens)
    return dict(zip(audit.data["state"].values.astype(str), deltas.values.tolist(), strict=True))


def legend(verdict: ChangeVerdict) -> Legend:
    """Return what the colours of a map of a change stand for."""
    sizes = [abs(delta) for _, delta, _ in (*verdict.gains, *verdict.losses)]
    low, middle, high = palette.change_edges(sizes, verdict.tolerance)
    steps = [
        (f"by more than {number(high, 2)}", 3),
        (f"by {number(middle, 2)} to {number(high, 2)}", 2) if high > middle else None,
        (f"by {number(low, 2)} to {number(middle, 2)}", 1) if middle > low else None,
    ]
    shown = [step for step in steps if step is not None]
    return Legend(
        (Strong("Change of security"), f" ({verdict.unit})"),
        (
            *(Swatch(f"more secure {words}", palette.CHANGE[3 + k]) for words, k in shown),
            Swatch("within the tolerance", palette.CHANGE[3]),
            *(Swatch(f"less secure {words}", palette.CHANGE[3 - k]) for words, k in shown[::-1]),
        ),
    )
