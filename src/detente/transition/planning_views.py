"""Plans in a terminal, and as tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from detente.transition.planning_words import status_words

if TYPE_CHECKING:
    import polars as pl

    from detente.results import Result

VIEWS = ("steps", "losers", "remedies", "targets")


def text(result: Result) -> str:
    """Return the plans for a terminal: a row each, or one in full."""
    names = result.data["target"].values.tolist()
    lines = [result.reading, ""]
    if len(names) > 1:
        for name in names:
            lines.append(_line(result, name))
        lines += [
            "",
            "Name one of them for its steps, who decides them, and what could compensate.",
        ]
        return "\n".join(lines)
    return "\n".join([*lines, *_whole(result, names[0])])


def _line(result: Result, name: str) -> str:
    row, about = result.data.sel(target=name), result.settings["targets"][name]
    seen, edits, moving = int(row["seen"]), int(row["edits"]), int(row["moving"])
    if not seen:
        return f"  {name:<26} sees 0 of {edits} edits; no result"
    if not moving:
        return f"  {name:<26} sees {seen} of {edits} edits; all done already"
    losers = list(dict.fromkeys(loser["state"] for loser in about["losers"]))
    part = f"{int(row['part_size'])}"
    if int(row["part_upper"]) != int(row["part_size"]):
        part += f" to {int(row['part_upper'])}"
    words = status_words(about["status"], result.settings["rule"])
    lose = ", ".join(losers[:4]) + (f" (+{len(losers) - 4})" if len(losers) > 4 else "")
    return (
        f"  {name:<26} sees {seen} of {edits} edits, {moving} not done already; {words}"
        + (f"; lose: {lose}" if losers else "")
        + f"; harmless part: {part} of {moving}"
        + (
            f"; bargain size of a way to {goal_of(about)}: {bargain_size(result, name)}"
            if about["steps"]
            else ""
        )
        + (
            f"; somebody loses in {float(row['share_harmful']):.0%} of draws"
            if result.settings["draws"]
            else ""
        )
    )


def _whole(result: Result, name: str) -> list[str]:
    row, about = result.data.sel(target=name), result.settings["targets"][name]
    lines = [f"{about['title']} ({name}): {status_words(about['status'], result.settings['rule'])}"]
    units = {key: lens["unit"] for key, lens in result.settings["lenses"].items()}
    for lens, dark in about["unseen"].items():
        if dark:
            lines.append(f"  {lens} does not see {len(dark)}: {'; '.join(dark[:3])}"
                         + (" ..." if len(dark) > 3 else ""))  # fmt: skip
    if about["losers"]:
        lines += ["", "Less secure at the target"]
        for loser in about["losers"][:15]:
            share = loser["share"]
            often = "" if share is None else f", in {share:.0%} of draws"
            lines.append(
                f"  {loser['state']}  -{loser['loss']:.4g} {units[loser['lens']]} "
                f"({loser['lens']}{often})"
            )
        lines += ["", f"Largest harmless part: {int(row['part_size'])} of {int(row['moving'])} "
                  "edits that change a tie"]  # fmt: skip
        if int(row["part_upper"]) != int(row["part_size"]):
            sure = "" if int(row["part_proven"]) else " by what edits were seen to do (not proven)"
            lines[-1] += f", and none has more than {int(row['part_upper'])}{sure}"
        if about["left_out"]:
            lines.append("  without: " + "; ".join(about["left_out"]))
    if about["added"]:
        lines += ["", "Measures added so that nobody is below the start"]
        lines += [f"  {measure}" for measure in about["added"]]
    goal = goal_of(about)
    if about["bargain"]:
        size = f"{bargain_size(result, name)}, " if about["steps"] else ""
        lines += ["", f"Bargain size of a way to {goal}: {size}{about['bargain']}"]
    if about["steps"]:
        lines += ["", f"Steps to {goal}"]
        for k, stage in enumerate(about["steps"], 1):
            refuse = f"; would lose: {', '.join(stage['refuse'][:5])}" if stage["refuse"] else ""
            many = stage["decide"]
            decide = ", ".join(many[:5]) + (f" and {len(many) - 5} others" if len(many) > 5 else "")
            lines.append(f"  {k}. {'; '.join(stage['do'])}")
            lines.append(f"     decided by {decide or 'nobody'}{refuse}")
            lines.append(f"     {_fares(stage, result.settings['consent_reported'])}")
        if float(row["largest_loss"]) > 0:
            lines.append(f"  largest sum of losses below the start after any step: "
                         f"{float(row['largest_loss']):.2f} tolerances")  # fmt: skip
    if about["remedies"]:
        lines += ["", "What measures of the menu would give at the target"]
        for remedy in about["remedies"][:10]:
            lines.append(f"  {remedy['state']} ({remedy['lens']}): {_helps(remedy)}")
    return lines


def _fares(stage: dict[str, Any], consent: str) -> str:
    """Return how the worst-off fares after a step, and how sure harm and consent are."""
    if stage["worst"] < 0:
        words = f"worst off then: {stage['worst_state']}, {stage['worst']:+.2f} tolerances"
    else:
        words = "nobody is below the start then"
    if stage["share_harmed"] is not None:
        words += f"; somebody counts as a loser in {stage['share_harmed']:.0%} of draws"
    if stage["share_consent"] is not None and stage["decide"]:
        words += f"; consent ({consent}) in {stage['share_consent']:.0%}"
    return words


def goal_of(about: Mapping[str, Any]) -> str:
    """Return where the way of a plan leads: to the whole target, or only to its harmless part."""
    return "the target" if about["way_to"] == "target" else "the harmless part"


def bargain_size(result: Result, name: str) -> str:
    """Return the bargain size of a target, said to be an upper bound where it is one."""
    row = result.data.sel(target=name)
    size = _whole_number(row["bargain_size"])
    if size is None:
        return "–"
    return str(size) if int(row["bargain_exact"]) else f"at most {size}"


def _helps(remedy: dict[str, Any]) -> str:
    """Return which measures leave a state with the least loss, and what is left then."""
    if not remedy["taken"]:
        return f"nothing on the menu helps; it loses {remedy['loss']:.3g}"
    more = f" and {len(remedy['taken']) - 2} more" if len(remedy["taken"]) > 2 else ""
    left = f"it still loses {remedy['left']:.3g}" if remedy["left"] > 0 else "it loses nothing"
    return f"with {'; '.join(remedy['taken'][:2])}{more} {left} (of {remedy['loss']:.3g})"


def steps(result: Result, target: str | None = None) -> pl.DataFrame:
    """Return the steps: what is done, who decides, who would lose by it, and the worst-off."""
    return _rows(
        result,
        target,
        "steps",
        lambda k, s: {
            "step": k + 1,
            "do": "; ".join(s["do"]),
            "decide": " ".join(s["decide"]),
            "refuse": " ".join(s["refuse"]),
            "worst_state": s["worst_state"],
            "worst": s["worst"],
            "loss": s["loss"],
            "share_harmed": s["share_harmed"],
            "share_consent": s["share_consent"],
        },
        (
            "step",
            "do",
            "decide",
            "refuse",
            "worst_state",
            "worst",
            "loss",
            "share_harmed",
            "share_consent",
        ),
    )


def losers(result: Result, target: str | None = None) -> pl.DataFrame:
    """Return who is less secure at the target: state, lens, loss, and share of draws."""
    return _rows(result, target, "losers", lambda _, s: dict(s), ("state", "lens", "loss", "share"))


def remedies(result: Result, target: str | None = None) -> pl.DataFrame:
    """Return what the menu could do for each loser: the best measure, and what is left."""
    return _rows(
        result,
        target,
        "remedies",
        lambda _, s: {
            "state": s["state"],
            "lens": s["lens"],
            "loss": s["loss"],
            "best": s["measures"][0]["measure"] if s["measures"] else "",
            "gives": s["measures"][0]["gives"] if s["measures"] else 0.0,
            "taken": "; ".join(s["taken"]),
            "left": s["left"],
        },
        ("state", "lens", "loss", "best", "gives", "taken", "left"),
    )


def targets(result: Result) -> pl.DataFrame:
    """Return one row a target: status, edits, harmless part, bargain size."""
    import polars as pl

    rows = []
    for name in result.data["target"].values.tolist():
        row, about = result.data.sel(target=name), result.settings["targets"][name]
        rows.append(
            {
                "target": name,
                "status": about["status"],
                "edits": int(row["edits"]),
                "seen": int(row["seen"]),
                "moving": int(row["moving"]),
                "losers": len({loser["state"] for loser in about["losers"]}),
                "part_size": int(row["part_size"]),
                "part_upper": int(row["part_upper"]),
                "part_exact": bool(row["part_exact"]),
                "bargain_size": _whole_number(row["bargain_size"]),
                "bargain_exact": bool(row["bargain_exact"]),
                "steps": int(row["steps"]),
                "share_harmful": float(row["share_harmful"]),
            }
        )
    return pl.DataFrame(rows)


def table(result: Result) -> pl.DataFrame:
    """Return the main table: one row a target."""
    return targets(result)


def _whole_number(value: Any) -> int | None:
    number = float(value)
    return None if number != number else int(number)


def _rows(
    result: Result, target: str | None, what: str, make: Any, columns: tuple[str, ...]
) -> pl.DataFrame:
    import polars as pl

    rows = []
    for name, about in result.settings["targets"].items():
        if target is None or name == target:
            rows += [{"target": name, **make(k, entry)} for k, entry in enumerate(about[what])]
    if not rows:
        return pl.DataFrame({name: [] for name in ("target", *columns)})
    return pl.DataFrame(rows, infer_schema_length=None)
