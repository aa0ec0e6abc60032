"""The map: states shaded by security, ties as lines, contested areas hatched, a rail."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.lenses.naming import in_words
from detente.reporting.map.atlas import LINE, RAIL, WIDTH, Atlas, Box, Spot, atlas, crowded, labels
from detente.reporting.map.context import Scene, scene
from detente.reporting.map.names_inside import names_inside
from detente.reporting.page import palette
from detente.words import listed, number

if TYPE_CHECKING:
    import altair as alt

    from detente.results.result import Result

SOUGHT = 16
"""How many of the strongest states with a rivalry are named besides, where there is room."""
Describe = Callable[[str], dict[str, str]]
"""What is said of a state by its code: its fill, and what who points at it reads."""
FIELDS = ("State", "Security", "Place")
NAMED = 8
"""How many of the least secure states are named on the map."""
PAIR = 2
"""Members of an organisation that needs no point of its own: a line joins them."""

HUB_LETTER = 7.3
"""Pixels that a letter of an organisation's code takes: small, bold capitals."""
DOT = 12
"""Pixels from the middle of a state's dot to its edge, on a map of points."""
MOST_STEPS = 12
"""How many steps of a line an organisation may stand off the middle of its members."""


def world(
    audit: Result, lens: str, around: Scene | None = None, *, detail: bool = False
) -> alt.LayerChart | None:
    """Return the map of an audit under one lens, as an Altair chart.

    With `detail` it is the most crowded part of the map, enlarged; None if no part is crowded.

    Shapes, lines and labels are laid out in pixels before they reach the chart. Contested areas
    refer to the hatching that the page defines.
    """
    from detente.reporting.page.style import finished

    around = around or scene(audit)
    year = int(audit.settings["scenario"]["date"][:4])
    codes = [str(code) for code in audit.data["state"].values]
    plan = atlas(codes, around, year)
    if detail:
        window = crowded(plan)
        if window is None:
            return None
        plan = atlas(codes, around, year, window)
    security = dict(zip(codes, audit.data["security"].sel(lens=lens).values.tolist(), strict=True))
    unit = audit.settings["lenses"][lens]["unit"]
    bounds = palette.edges(list(security.values()))
    describe = partial(_about, around=around, security=security, unit=unit, bounds=bounds)
    sets: dict[str, dict[str, Any]] = {}
    layers = [
        *land(sets, plan, describe, FIELDS),
        *contested(sets, plan, around),
        *_lines(plan, around),
        *dots(plan, describe, FIELDS),
        *_hubs(plan, around),
        *texts(
            plan,
            around,
            security,
            NAMED if plan.geographic and not detail else None,
            quarrelling(audit, around),
        ),
    ]
    least = least_secure(
        security,
        [
            code
            for code in codes
            if code not in around.external and (not detail or inside(plan, code))
        ],
        around.names.full,
    )
    import altair as alt

    chart: Any = alt.layer(*layers).properties(
        width=WIDTH + (RAIL if plan.rail else 0), height=plan.height
    )
    drawn: alt.LayerChart = finished(
        chart,
        f"{least} are the least secure "
        f"{'in this part of the map ' if detail else ''}under the lens {in_words(lens)}",
        f"Security of each state, {unit}; higher is safer; dark is less secure. Point estimate",
    )
    # Set last, because Altair copies a chart with all its data at every step of its making.
    drawn.datasets = sets
    return drawn


def least_secure(
    security: Mapping[str, float], codes: Iterable[str], name: Callable[[str], str]
) -> str:
    """Return the three least secure states in words, and how many more are as low as the last."""
    order = sorted(
        (code for code in codes if np.isfinite(security[code])),
        key=lambda code: (security[code], code),
    )
    named = [name(code) for code in order[:3]]
    equals = sum(security[code] == security[order[2]] for code in order[3:])
    if equals:
        named.append(f"{equals} other{'s' if equals > 1 else ''} as low as the last")
    return listed(named)


def quarrelling(audit: Result, around: Scene) -> list[str]:
    """Return the strongest states with a rivalry: a reader looks for them on the map."""
    own = dict(
        zip(
            audit.data["state"].values.astype(str),
            audit.data["capability"].values.tolist(),
            strict=True,
        )
    )
    rivals = {
        code for tie in around.ties if tie.kind == "rivalry" for code in (tie.first, tie.second)
    }
    return sorted(rivals & own.keys(), key=lambda code: (-own[code], code))[:SOUGHT]


def inside(plan: Atlas, code: str) -> bool:
    """Say whether a state's spot lies in the frame."""
    x, y = plan.spots.get(code, (-1.0, -1.0))
    return 0 <= x <= plan.width and 0 <= y <= plan.height


def land(
    sets: dict[str, dict[str, Any]], plan: Atlas, describe: Describe, fields: Sequence[str]
) -> list[Any]:
    """Return the layers of land: what lies around in one shade, each state in its own."""
    layers = []
    if plan.context:
        features = [{"type": "Feature", "properties": {}, "geometry": g} for g in plan.context]
        layers.append(
            _geo(sets, "context", features).mark_geoshape(
                fill=palette.CONTEXT, stroke=None, clip=True, aria=False
            )
        )
    if plan.shapes:
        features = [
            {
                "type": "Feature",
                "properties": describe(code),
                "geometry": shape,
            }
            for code, shape in plan.shapes.items()
        ]
        layers.append(
            _shaded(
                _geo(sets, "states", features).mark_geoshape(
                    stroke="#8a93a0", strokeWidth=0.5, clip=True
                ),
                fields,
            )
        )
    return layers


def _about(
    code: str, *, around: Scene, security: Mapping[str, float], unit: str, bounds: Sequence[float]
) -> dict[str, str]:
    value = security.get(code, float("nan"))
    if np.isfinite(value):
        rank = sum(1 for other in security.values() if other < value) + 1
        says = f"{number(value)} {unit}"
        place = f"{rank} of {len(security)}, the least secure first"
    else:
        says, place = "no figure of capability: in no lens", "none"
    return {
        "State": around.names.full(code),
        "Security": says,
        "Place": place,
        "fill": palette.shade(value, bounds) if np.isfinite(value) else "url(#missing)",
    }


def _geo(sets: dict[str, dict[str, Any]], name: str, features: list[dict[str, Any]]) -> alt.Chart:
    import altair as alt

    sets[name] = {"type": "FeatureCollection", "features": features}

    data = alt.NamedData(name=name, format=alt.JsonDataFormat(property="features", type="json"))
    return alt.Chart(data).project(type="identity", scale=1, translate=[0, 0])


def _shaded(chart: alt.Chart, fields: Sequence[str]) -> alt.Chart:
    import altair as alt

    return chart.encode(
        fill=alt.Fill("properties.fill:N", scale=None, legend=None),
        tooltip=[alt.Tooltip(f"properties.{name}:N", title=name) for name in fields],
    )


def _table(rows: list[dict[str, Any]]) -> alt.Chart:
    import altair as alt

    return alt.Chart(alt.InlineData(values=rows)).project(
        type="identity", scale=1, translate=[0, 0]
    )


def contested(sets: dict[str, dict[str, Any]], plan: Atlas, around: Scene) -> list[Any]:
    """Return the layers of contested areas, hatched, with what each claimant holds."""
    if not plan.contested:
        return []
    import altair as alt

    tips = [
        alt.Tooltip("properties.label:N", title="Contested"),
        alt.Tooltip("properties.claims:N", title="Who holds what"),
    ]
    areas, points = [], []
    for issue, label, geometry in plan.contested:
        claims = "; ".join(around.contested[issue])
        if geometry["type"] == "Point":
            x, y = geometry["coordinates"]
            points.append({"x": x, "y": y, "label": label, "claims": claims})
        else:
            areas.append(
                {
                    "type": "Feature",
                    "properties": {"label": label, "claims": claims},
                    "geometry": geometry,
                }
            )
    layers: list[Any] = []
    if areas:
        layers.append(
            _geo(sets, "areas", areas)
            .mark_geoshape(fill="url(#hatch)", stroke=palette.INK, strokeWidth=0.6, clip=True)
            .encode(tooltip=tips)
        )
    if points:
        layers.append(
            _table(points)
            .mark_point(shape="diamond", size=34, fill="#ffffff", stroke=palette.INK, strokeWidth=1)
            .encode(
                longitude="x:Q",
                latitude="y:Q",
                tooltip=[
                    alt.Tooltip("label:N", title="Contested"),
                    alt.Tooltip("claims:N", title="Who holds what"),
                ],
            )
        )
    return layers


def _hub_spots(plan: Atlas, around: Scene) -> dict[str, Spot]:
    """Return where the organisations stand: in the middle of their members in the frame."""
    members = {
        code: [state for state in states if state in plan.spots]
        for code, states in around.members().items()
        if len(states) > PAIR
    }
    hubs: dict[str, Spot] = {}
    for code, states in sorted(members.items(), key=lambda item: (-len(item[1]), item[0])):
        at = [plan.spots[s] for s in states if s not in plan.rail] or [
            plan.spots[s] for s in states
        ]
        x, y = (float(v) for v in np.mean(at, axis=0))
        half = _half(code)
        # Organisations of nearly the same members would stand upon one another.
        keep = [(a, b, max(60.0, half + _half(other)), 26.0) for other, (a, b) in hubs.items()]
        if plan.geographic:
            shifts = [(0.0, 13.0 * step) for step in range(MOST_STEPS)]
        else:
            keep += [(a, b, half + DOT, 24.0) for a, b in plan.spots.values()]
            shifts = [
                (dx, dy)
                for dx, dy in _around()
                if half <= x + dx <= plan.width - half and 8 <= y + dy <= plan.height - 8
            ]
        for dx, dy in shifts:
            if all(abs(x + dx - a) >= w or abs(y + dy - b) >= h for a, b, w, h in keep):
                x, y = x + dx, y + dy
                break
        hubs[code] = (round(x, 1), round(y, 1))
    return hubs


@cache
def _around() -> list[Spot]:
    """Return where else than in the middle an organisation may stand, the nearest first."""
    steps = range(-MOST_STEPS, MOST_STEPS + 1)
    return sorted(((20.0 * i, 13.0 * j) for i in steps for j in steps), key=lambda s: np.hypot(*s))


def _half(code: str) -> float:
    """Return half the width of an organisation's code on the map."""
    return HUB_LETTER * len(code) / 2


def _hub_boxes(plan: Atlas, around: Scene) -> list[Box]:
    return [
        (x - _half(code), y - LINE / 2, x + _half(code), y + LINE / 2)
        for code, (x, y) in _hub_spots(plan, around).items()
    ]


def _lines(plan: Atlas, around: Scene) -> list[Any]:
    import altair as alt

    hubs = _hub_spots(plan, around)
    rows: dict[str, list[dict[str, Any]]] = {}
    for code, states in around.members().items():
        if len(states) == PAIR and set(states) <= plan.spots.keys():
            (x, y), (x2, y2) = (plan.spots[state] for state in states)
            what = f"{listed([around.names.full(s) for s in states])}: {around.names.full(code)}"
            rows.setdefault("organisation", []).append(
                {"x": x, "y": y, "x2": x2, "y2": y2, "what": what}
            )
    for tie in around.ties:
        start = hubs.get(tie.first) if tie.kind == "organisation" else plan.spots.get(tie.first)
        end = plan.spots.get(tie.second)
        if start is None or end is None:
            continue
        rows.setdefault(tie.kind, []).append(
            {"x": start[0], "y": start[1], "x2": end[0], "y2": end[1], "what": tie.what}
        )
    looks: dict[str, dict[str, Any]] = {
        "organisation": {
            "color": palette.ALLIANCE,
            "strokeWidth": 0.8 if plan.geographic else 1.4,
            "opacity": 0.4 if plan.geographic else 0.8,
        },
        "alliance": {"color": palette.ALLIANCE, "strokeWidth": 0.9, "opacity": 0.5},
        "treaty": {
            "color": palette.ALLIANCE,
            "strokeWidth": 1,
            "opacity": 0.75,
            "strokeDash": [5, 3],
        },
        "rivalry": {"color": palette.RIVALRY, "strokeWidth": 1.2, "opacity": 0.75},
    }
    return [
        _table(rows[kind])
        .mark_rule(**look, aria=False, clip=True)
        .encode(
            longitude="x:Q",
            latitude="y:Q",
            longitude2="x2:Q",
            latitude2="y2:Q",
            tooltip=alt.Tooltip("what:N", title="Tie"),
        )
        for kind, look in looks.items()
        if kind in rows
    ]


def dots(plan: Atlas, describe: Describe, fields: Sequence[str]) -> list[Any]:
    """Return the layers of states too small for a shape, and of the external actors."""
    import altair as alt

    groups = [
        ("circle", 70 if plan.geographic else 420, plan.small),
        ("square", 170, set(plan.rail)),
    ]
    layers = []
    for shape, size, members in groups:
        rows = [
            {
                "x": plan.spots[code][0],
                "y": plan.spots[code][1],
                **describe(code),
            }
            for code in sorted(members)
            if code in plan.rail or inside(plan, code)
        ]
        if rows:
            layers.append(
                _table(rows)
                .mark_point(
                    shape=shape, size=size, stroke=palette.INK, strokeWidth=0.8, fillOpacity=1
                )
                .encode(
                    longitude="x:Q",
                    latitude="y:Q",
                    fill=alt.Fill("fill:N", scale=None, legend=None),
                    tooltip=[f"{name}:N" for name in fields],
                )
            )
    return layers


def _hubs(plan: Atlas, around: Scene) -> list[Any]:
    rows = [
        {"x": x, "y": y, "code": code, "name": around.names.full(code)}
        for code, (x, y) in _hub_spots(plan, around).items()
        if _half(code) <= x <= plan.width - _half(code) and 8 <= y <= plan.height - 8
    ]
    if not rows:
        return []
    base = _table(rows).encode(longitude="x:Q", latitude="y:Q", text="code:N", tooltip="name:N")
    look: dict[str, Any] = {"fontSize": 10, "fontWeight": 700, "dy": 1}
    return [
        base.mark_text(**look, stroke="#ffffff", strokeWidth=4, strokeJoin="round", aria=False),
        base.mark_text(**look, color=palette.INK, aria=False),
    ]


def texts(
    plan: Atlas,
    around: Scene,
    order: Mapping[str, float],
    most: int | None,
    besides: Sequence[str] = (),
    *,
    hubs: bool = True,
) -> list[Any]:
    """Return the layers of names: whoever has room, then the lowest in `order`, then `besides`."""
    import altair as alt

    ranked = sorted(
        (
            code
            for code in plan.spots
            if code not in plan.rail and code in order and inside(plan, code)
        ),
        key=lambda code: (order[code], code),
    )
    # Whoever has room for a name bears it. Besides, the overview names a few beside their spots; a
    # detail, or a map of points, as many as there is room.
    written, named, taken = names_inside(
        plan,
        {code: around.names.full(code) for code in plan.shapes},
        _hub_boxes(plan, around) if hubs else (),
    )
    beside = [
        (code, around.names.full(code))
        for code in dict.fromkeys((*ranked[:most], *besides))
        if code not in named
    ]
    gap = 9.0 if plan.geographic else 16.0
    busy = [] if plan.geographic else list(plan.spots.values())
    written += labels(beside, plan.spots, (plan.width, plan.height), busy, gap, plan.roomy, taken)
    placed = [
        {"text": label.text, "x": label.x, "y": label.y, "align": label.align} for label in written
    ]
    placed += [
        {
            "text": around.names.full(code),
            "x": plan.spots[code][0] + 13,
            "y": plan.spots[code][1],
            "align": "left",
        }
        for code in plan.rail
    ]
    if plan.rail:
        placed.append({"text": "External actors", "x": WIDTH + 26.0, "y": 26.0, "align": "left"})
    layers = []
    for align in ("left", "right", "center"):
        rows = [row for row in placed if row["align"] == align]
        if rows:
            base = _table(rows).encode(
                longitude="x:Q", latitude="y:Q", text=alt.Text("text:N"), tooltip=alt.value(None)
            )
            look: dict[str, Any] = {"fontSize": 12, "align": align, "baseline": "middle"}
            layers += [
                base.mark_text(
                    **look,
                    stroke="#ffffff",
                    strokeWidth=4,
                    strokeJoin="round",
                    opacity=0.9,
                    aria=False,
                ),
                base.mark_text(**look, color=palette.INK, fontWeight=600, aria=False),
            ]
    return layers
