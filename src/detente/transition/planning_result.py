"""Plans as a labelled result, and the answer in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.architecture.value import Architecture
from detente.transition.menus import Measure
from detente.transition.planning_words import bargain_words, reading
from detente.transition.subsets.sights import LensView
from detente.transition.subsets.ways import CONSENT_REPORTED

if TYPE_CHECKING:
    from detente.results import Result
    from detente.transition.planning import Plan


def assembled(
    g: Architecture,
    plans: Sequence[Plan],
    offered: Sequence[Measure],
    views: Sequence[LensView],
    sighted: Sequence[LensView],
    asked: dict[str, Any],
    seed: int,
) -> Result:
    """Return the result of `detente.plan`."""
    from detente.results import build

    codes = list(g.system.codes)
    longest = max((len(answer.steps) for answer in plans), default=0)
    along = np.full((len(plans), max(longest, 1)), np.nan)
    loss, harmed, consent = (np.full_like(along, np.nan) for _ in range(3))
    for k, answer in enumerate(plans):
        for s, stage in enumerate(answer.steps):
            along[k, s], loss[k, s] = stage.worst, stage.loss
            harmed[k, s], consent[k, s] = stage.harmed, stage.consent
    units = "; ".join(f"{view.lens.name}: {view.lens.unit}" for view in sighted)
    each = ("target", "lens", "state")
    sizes = np.array(
        [_or_nan(answer.route.bargain_size if answer.steps else None) for answer in plans]
    )
    variables = {
        "delta": (each, np.stack([p.deltas for p in plans]), units,
                  "what the target gives to the state; higher is safer"),
        "share_less": (each, np.stack([p.less for p in plans]), "share of draws",
                       "the target makes the state less secure"),
        "part_delta": (each, np.stack([p.part_deltas for p in plans]), units,
                       "what the largest harmless part gives to the state"),
        "share_harmful": (("target",), np.array([p.harmful for p in plans]), "share of draws",
                          "the target makes some state less secure"),
        "edits": (("target",), np.array([p.stated for p in plans]), "edits",
                  "edits that the target states"),
        "seen": (("target",), np.array([p.seen for p in plans]), "edits",
                 "of these, seen by a lens"),
        "moving": (("target",), np.array([len(p.moving) for p in plans]), "edits",
                   "of these, not done already: they change a tie"),
        "part_size": (("target",), np.array([len(p.part.items) for p in plans]), "edits",
                      "moving edits in the largest harmless part that was found"),
        "part_upper": (("target",), np.array([p.part.upper for p in plans]), "edits",
                       "no harmless part has more"),
        "part_exact": (("target",), np.array([int(p.part.exact) for p in plans]), "",
                       "1: it is proven that no harmless part has more"),
        "part_proven": (("target",), np.array([int(p.part.proven) for p in plans]), "",
                        "1: part_upper is proven; 0: it rests on the effects that were seen"),
        "bargain_size": (("target",), sizes, "edits", "the smallest largest package of a way"),
        "bargain_exact": (("target",), np.array([int(_is_smallest(p)) for p in plans]), "",
                          "1: no way has smaller packages; 0: an upper bound, or no way is known"),
        "steps": (("target",), np.array([len(p.steps) for p in plans]), "steps",
                  "steps of the way to the target, or to its largest harmless part"),
        "largest_loss": (("target",), np.array([_most(p.steps) for p in plans]), "tolerances",
                         "the largest sum of losses below the start after any step"),
        "worst": (("target", "step"), along, "tolerances",
                  "the worst-off state after the step, against the start"),
        "loss": (("target", "step"), loss, "tolerances",
                 "all losses below the start after the step"),
        "share_harmed": (("target", "step"), harmed, "share of draws",
                         "some state lies below the start after the step"),
        "share_consent": (("target", "step"), consent, "share of draws",
                          f"those who decide the step agree: {_consent_of(asked)}"),
        "security": (("lens", "state"), np.stack([v.security for v in sighted]), units,
                     "at the start"),
        "tolerance": (("lens",), np.array([v.tolerance for v in sighted]), units,
                      "what a loss must exceed to count"),
    }  # fmt: skip
    settings = {
        **asked,
        "lenses": {view.lens.name: view.describe() for view in sighted},
        "refusals": {view.lens.name: view.reason for view in views if view.reason},
        "measures": [
            {
                "name": m.name,
                "title": m.title,
                "source": m.source,
                "reason": m.reason,
                "rows": [list(row) for row in m.rows],
            }
            for m in offered
        ],
        "targets": {answer.column.name: _told(answer, codes, sighted, asked) for answer in plans},
        "mapping": g.mapping.describe(),
        "consent_reported": _consent_of(asked),
    }
    return build(
        "plan",
        variables=variables,
        coordinates={
            "target": [answer.column.name for answer in plans],
            "lens": [view.lens.name for view in sighted],
            "state": codes,
            "step": np.arange(1, along.shape[1] + 1),
        },
        reading=reading(g, plans, sighted, asked),
        architecture=g,
        settings=settings,
        seed=seed,
    )


def _told(
    answer: Plan, codes: Sequence[str], sighted: Sequence[LensView], asked: dict[str, Any]
) -> dict[str, Any]:
    """Return what is known of one target, as plain data."""

    def item(k: int) -> str:
        return str(answer.items[k]) if k < answer.edits else answer.measures[k - answer.edits]

    def rows(items: Sequence[int]) -> list[str]:
        """Return the row of the table `edits` that each item is; empty where it is none."""
        edits = [answer.items[k].edits if k < answer.edits else () for k in items]
        return [str(getattr(own[0], "name", "")) if len(own) == 1 else "" for own in edits]

    left_out = [k for k in answer.moving if k not in answer.part.items]
    return {
        "title": answer.column.title,
        "date": answer.column.date,
        "reading": answer.column.reading,
        "status": answer.status,
        "edits": [item(k) for k in range(answer.edits)],
        "without_edit": answer.column.without_edit,
        "unseen": answer.unseen,
        "losers": [
            {
                "state": codes[s],
                "lens": sighted[v].lens.name,
                "loss": -float(answer.deltas[v, s]),
                "share": _or_none(answer.less[v, s]) if asked["draws"] else None,
            }
            for v, s in sorted(answer.losers, key=lambda vs: answer.deltas[vs])
        ],
        "part": [item(k) for k in answer.part.items],
        "left_out": [item(k) for k in left_out],
        "left_out_rows": rows(left_out),
        "added": [item(k) for k in answer.added],
        "way_to": answer.way_to,
        "total": answer.total,
        "bargain": bargain_words(answer, asked["package"]),
        "steps": [
            {
                "do": [item(k) for k in stage.items],
                "rows": rows(stage.items),
                "decide": [codes[s] for s in stage.decide],
                "refuse": [codes[s] for s in stage.refuse],
                "worst_state": codes[stage.worst_state],
                "worst": stage.worst,
                "loss": stage.loss,
                "share_harmed": _or_none(stage.harmed),
                "share_consent": _or_none(stage.consent),
            }
            for stage in answer.steps
        ],
        "remedies": [
            {
                "state": codes[r.state],
                "lens": sighted[r.lens].lens.name,
                "loss": r.loss,
                "measures": [{"measure": item(m), "gives": gain} for m, gain in r.measures],
                "taken": [item(m) for m in r.taken],
                "left": r.left,
            }
            for r in answer.remedies
        ],
    }


def _consent_of(asked: dict[str, Any]) -> str:
    """Return the consent whose share of draws is given."""
    return CONSENT_REPORTED if asked["consent"] == "none" else str(asked["consent"])


def _is_smallest(answer: Plan) -> bool:
    return bool(answer.steps) and answer.route.smallest


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _most(steps: Sequence[Any]) -> float:
    return max((stage.loss for stage in steps), default=0.0)
