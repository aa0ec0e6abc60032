"""Explanations in a terminal, and as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from detente.results import Result

VIEWS = ("sources", "terms")
SHOWN = 15


def text(result: Result) -> str:
    """Return the explanation for a terminal: the lens's own sum, then the sources."""
    settings, data = result.settings, result.data
    unit = settings["lens"]["unit"]
    lines = [result.reading]
    if settings["terms"]:
        lines += ["", f"The lens's own sum ({unit})"]
        for term in settings["terms"][:SHOWN]:
            lines.append(f"  {term['value']:+.5f}  {term['name']}{_sides(term)}")
        if len(settings["terms"]) > SHOWN:
            rest = sum(term["value"] for term in settings["terms"][SHOWN:])
            lines.append(f"  {rest:+.5f}  {len(settings['terms']) - SHOWN} smaller terms")
    if settings["terms_after"]:
        before = {term["name"]: term["value"] for term in settings["terms"]}
        moved = {
            t["name"]: t["value"] - before.pop(t["name"], 0.0) for t in settings["terms_after"]
        }
        moved |= {name: -value for name, value in before.items()}
        lines += ["", "What the change moves in it"]
        for name, value in sorted(moved.items(), key=lambda nv: -abs(nv[1]))[:SHOWN]:
            if abs(value) > 1e-12:
                lines.append(f"  {value:+.5f}  {name}")
    names = data["source"].values.tolist()
    how = "exact, over all sets" if settings["exact"] else "from sampled orders"
    lines += ["", f"What each source of ties has in it (Shapley values, {how}; {unit})"]
    for name in names[:SHOWN]:
        about, row = settings["sources"][name], data.sel(source=name)
        error = "" if settings["exact"] else f" ± {float(row['error']):.5f}"
        lines.append(f"  {float(row['value']):+.5f}{error}  {name}: {about['title']}")
    if len(names) > SHOWN:
        lines.append(f"  and {len(names) - SHOWN} smaller ones")
    if len(settings["by_kind"]) > 1:
        lines += ["", f"What each kind of source has in it, in a game of its own ({unit})"]
        lines += [f"  {value:+.5f}  {kind}" for kind, value in by_kind(result)]
    none = float(data["worth_none"])
    lines.append(f"  Baseline: {settings['baseline']}; the number is then {none:.5g}.")
    return "\n".join(lines)


def by_kind(result: Result) -> list[tuple[str, float]]:
    """Return what each kind of source has in the game among the kinds, the largest first."""
    words = result.settings["kinds"]
    listed = [
        (words.get(kind, f"{kind} smaller ones"), value)
        for kind, value in result.settings["by_kind"].items()
    ]
    return sorted(listed, key=lambda row: -abs(row[1]))


def _sides(term: dict[str, object]) -> str:
    if "rate" not in term:
        return ""
    along, helping = (list(term[key])[:3] for key in ("with_attacker", "with_defender"))  # type: ignore[call-overload]
    text = f": {term['rate']:.4f} a year, beaten {term['beaten']:.2f}"
    if along:
        text += f"; along with it {', '.join(along)}"
    if helping:
        text += f"; beside the target {', '.join(helping)}"
    return text


def sources(result: Result) -> pl.DataFrame:
    """Return one row a source: kind, what it is, value, standard error, value within its kind."""
    import polars as pl

    data, about = result.data, result.settings["sources"]
    names = data["source"].values.tolist()
    return pl.DataFrame(
        {
            "source": names,
            "kind": [about[name]["kind"] for name in names],
            "title": [about[name]["title"] for name in names],
            "value": data["value"].values,
            "error": data["error"].values,
            "grouped": data["grouped"].values,
            "grouped_error": data["grouped_error"].values,
        }
    )


def terms(result: Result) -> pl.DataFrame:
    """Return the terms of the lens's own sum."""
    import polars as pl

    listed = result.settings["terms"]
    return pl.DataFrame(
        {
            "term": [term["name"] for term in listed],
            "value": [term["value"] for term in listed],
        },
        schema={"term": pl.String, "value": pl.Float64},
    )


def table(result: Result) -> pl.DataFrame:
    """Return the main table: the sources."""
    return sources(result)
