"""The page of ``dt.settle``: offers against fighting on, and what all could accept."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from detente.lenses.naming import in_words
from detente.reporting.explained import behind
from detente.reporting.grounded import Grounded
from detente.reporting.page.model import (
    Again,
    Cell,
    Chart,
    Details,
    Head,
    KeyNumber,
    KeyNumbers,
    Page,
    Paragraph,
    Points,
    Section,
    Strong,
    Table,
    Text,
)
from detente.reporting.settlement import charts
from detente.settlement.questions.settling_text import (
    JOINT,
    by_lens,
    joint_words,
    marked,
    notes,
    required,
    rows,
    third_rows,
    third_sentence,
    verdict_words,
)
from detente.words import listed

if TYPE_CHECKING:
    from detente.architecture.system import Floats
    from detente.results import Result

LIMITS = (
    "Nothing here forecasts what anybody will accept, or recommends that they do.",
    "Stated positions are not reservation values. What is acceptable by them is acceptable if "
    "fighting on were worth what is assumed here.",
    "Scales run from one side's stated maximum to the other's. The middle is not neutral, and "
    "distances on two issues cannot be compared.",
    "Counting parties is a model: whoever is listed decides medians and means, so the answer for "
    "the required parties alone stands beside them.",
    "Who is absent from the table of parties counts for nothing.",
)


def chart(result: Result) -> Any:
    """Return the gains of the required parties, offer by offer."""
    return charts.intervals(result)


def page(result: Result, *, command: str = "") -> Page:
    """Return the page of offers against fighting on."""
    data, settings = result.data, result.settings
    attrs = data.attrs
    grounded = Grounded(behind(result))
    return Page(
        title=str(attrs.get("conflict_title", settings["conflict"])),
        kicker=f"Offers against fighting on · {attrs.get('title', '')}",
        lead=result.reading,
        opening=(_numbers(result),),
        holds=f"{settings['draws']:,} draws; silence read as "
        f"{settings['silence'].replace('_', ' ')}; "
        f"war as {'disagreement' if settings['war'] == 'disagreement' else 'an outside option'}. "
        + " ".join(str(attrs.get(name, "")) for name in ("fighting_words", "mood_words")).strip(),
        sections=(
            _offers(result),
            _words(result, grounded),
            _everybody(result),
            _common(result),
            _nearest(result),
            _third_states(result),
            _lasting(),
            _inputs(result),
            Section("not-said", "What this does not say", (Points(LIMITS),)),
        ),
        again=Again(
            command or str(attrs.get("command", "")) or f'dt.settle(g, "{settings["conflict"]}")',
            (
                ("Scenario", str(attrs.get("scenario", ""))),
                ("Hash", str(attrs.get("digest", ""))),
                ("Seed", str(attrs.get("seed", ""))),
                ("Version", str(attrs.get("detente", ""))),
            ),
        ),
        explained=grounded.listed(),
        foot="An offer is an offer: what its text says, on scales that a reader may dispute.",
    )


def _numbers(result: Result) -> KeyNumbers:
    data, sides = result.data, required(result)
    reading = [str(r) for r in data["reading"].values]
    kept = data["all_accept"].values[:, reading.index("status_quo")]
    best = int(kept.argmax())
    places = [[str(p) for p in data["party"].values].index(side) for side in sides]
    turned = int(data["decided_by_silence"].values[:, places].any(axis=1).sum())
    return KeyNumbers(
        (
            KeyNumber(str(len(kept)), "offers", "side by side, by date"),
            KeyNumber(
                f"{100 * kept[best]:.0f} %",
                f"of draws in which {listed(sides)} accept the one that is accepted most often",
                f"{data['offer'].values[best]}, with silent issues left where they are",
            ),
            KeyNumber(
                f"{turned} of {len(kept)}",
                "offers on which a required party's verdict turns with what silence is taken for",
                "These verdicts bear a star.",
            ),
        )
    )


def _offers(result: Result) -> Section:
    sides = required(result)
    table: dict[str, list[dict[str, Any]]] = {}
    for row in rows(result, sides):
        table.setdefault(row["offer"], []).append(row)
    lines: list[tuple[Text | Cell, ...]] = []
    for offer, answers in table.items():
        first = answers[0]
        lines.append(
            (
                offer,
                first["date"],
                first["proponent"],
                first["status"],
                *(verdict_words(a) for a in answers),
                *(
                    Cell(f"{a['gain_low']:+.2f} to {a['gain_high']:+.2f}", a["gain_low"])
                    for a in answers
                ),
                Cell(joint_words(first), first["all_could"]),
            )
        )
    named = [marked(result, side) for side in sides]
    return Section(
        "offers",
        "Which offer beats fighting on, and for whom",
        (
            Chart.drawn("intervals", partial(charts.intervals, result)),
            Table(
                "Offers by date; in brackets the issue that costs the party most",
                (
                    "Offer",
                    "Date",
                    "By",
                    "Status",
                    *named,
                    *(Head(f"{side}: gain, 5 to 95 %", number=True) for side in named),
                    Head("All required accept", number=True),
                ),
                tuple(lines),
            ),
            *(Paragraph(note, "note") for note in (*notes(result), JOINT)),
        ),
    )


def _words(result: Result, grounded: Grounded) -> Section:
    data = result.data
    lines: list[tuple[Text | Cell, ...]] = []
    for o, offer in enumerate(data["offer"].values):
        for k, issue in enumerate(data["issue"].values):
            words = str(data["words"].values[o, k])
            if not words:
                continue
            low, middle, high = data["position"].values[o, k]
            lines.append(
                (
                    f"{offer} ({data['date'].values[o]}, {data['proponent'].values[o]})",
                    str(issue),
                    words,
                    Cell("–", None)
                    if np.isnan(middle)
                    else Cell(f"{middle:.2f} ({low:.2f} to {high:.2f})", float(middle)),
                    str(data["basis"].values[o, k]),
                    (str(data["source"].values[o]), *grounded.mark("offers", f"{offer}/{issue}")),
                )
            )
    return Section(
        "words",
        "What each offer says",
        (
            "In the words of its own text, issue by issue; where an offer has no row it is silent. "
            "Positions are analyst judgement, with their ranges.",
            Details(
                "All rows of the offers",
                (
                    Table(
                        "Offers by date, with what each position rests on and where it stands",
                        ("Offer", "Issue", "Words", Head("Position, 0 to 1", number=True), "Basis",
                         "Source"),
                        tuple(lines),
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def _everybody(result: Result) -> Section:
    data = result.data
    parties = [str(p) for p in data["party"].values]
    reading = [str(r) for r in data["reading"].values].index("status_quo")
    shares = data["accepts"].values[:, :, reading]
    return Section(
        "parties",
        "All listed parties",
        (
            "Share of draws in which each party would take the offer over fighting on, with silent "
            "issues left where they are. Only the consent of those who must agree decides.",
            Details(
                "Offers and parties",
                (
                    Table(
                        "Percent of draws",
                        ("Offer", *(Head(p, number=True) for p in parties)),
                        tuple(
                            (
                                str(offer),
                                *(Cell(f"{100 * v:.0f}", float(v)) for v in shares[o]),
                            )
                            for o, offer in enumerate(data["offer"].values)
                        ),
                    ),
                ),
            ),
        ),
    )


def _common(result: Result) -> Section:
    data = result.data
    sides = required(result)
    region = data["region"].values
    names = [str(s) for s in data["solution"].values]
    positions = data["solution_position"].values
    none = bool(np.isnan(region).any())
    heads = ["Issue", "0 stands for", "1 stands for"]
    return Section(
        "common",
        "What nobody offered and all could accept"
        if not none
        else "Nothing is better than fighting on for all who must agree",
        (
            f"Positions worth at least as much to {listed(sides)} as fighting on, at the middle of "
            "every range. An issue may lie anywhere between least and most, but not all of them at "
            "once: what a party gives on one issue it gets on another."
            if not none
            else "At the middle of every range no positions give each of them as much as fighting "
            "on. No solution can be computed.",
            *(
                (Chart.drawn("frontier", partial(charts.frontier, result)),)
                if len(sides) == 2
                else ("The frontier is drawn where two must agree; here its points are below.",)
            ),
            Table(
                "Acceptable positions and the answers of several rules, 0 to 1",
                (
                    *heads,
                    Head("Least", number=True),
                    Head("Most", number=True),
                    *(Head(name.replace("_", " "), number=True) for name in names),
                ),
                tuple(
                    (
                        str(issue),
                        str(data["zero"].values[k]),
                        str(data["one"].values[k]),
                        _number(region[k, 0]),
                        _number(region[k, 1]),
                        *(_number(positions[s, k]) for s in range(len(names))),
                    )
                    for k, issue in enumerate(data["issue"].values)
                ),
            ),
            "Medians and means weigh by influence times salience, of all who count and of the "
            "required parties alone. On the one published case with a known outcome, the plain "
            "mean does better than where this family of models ends.",
        ),
    )


def _nearest(result: Result) -> Section:
    data = result.data
    issues = [str(i) for i in data["issue"].values]
    lines: list[tuple[Text | Cell, ...]] = []
    for o, offer in enumerate(data["offer"].values):
        moved = float(data["nearest_move"].values[o])
        if np.isnan(moved):
            continue
        said = data["position"].values[o, :, 1]
        start = np.where(np.isnan(said), data["status_quo"].values[:, 1], said)
        shift = data["nearest_position"].values[o] - start
        words = ", ".join(
            f"{issues[k]} {start[k]:.2f} to {start[k] + shift[k]:.2f}"
            for k in np.argsort(-np.abs(shift))
            if abs(shift[k]) > 0.005
        )
        lines.append((str(offer), _number(moved), words or "nothing"))
    return Section(
        "nearest",
        "What would have to move",
        (
            Table(
                "From each offer to the nearest positions that all required parties accept; silent "
                "issues begin where they are. Moves on several issues are added, though one issue "
                "cannot be compared with another: other weights give another nearest point",
                ("Offer", Head("Sum of the moves", number=True), "What moves"),
                tuple(lines),
            )
            if lines
            else "There is nowhere to move to.",
        ),
    )


def _third_states(result: Result) -> Section:
    table = third_rows(result)
    lenses = [str(lens) for lens in result.data["lens"].values]
    lines: list[tuple[Text | Cell, ...]] = [
        (
            row["settlement"],
            row["changes"] or "nothing",
            row["wide"] or "nothing more",
            row["not_seen"] or "nothing",
            by_lens(row["third_less"]) or ("no third state" if row["seen_by"] else "no result"),
            by_lens(row["bound_less"]) or ("none of them" if row["seen_by"] else "no result"),
            by_lens(row["third_more"]) or ("no third state" if row["seen_by"] else "no result"),
            listed([in_words(lens) for lens in row["seen_by"]]) or "none",
        )
        for row in table
    ]
    return Section(
        "third-states",
        "Is any third state less secure for it, and under which lens?",
        (
            third_sentence(result),
            Table(
                "Offers by date, then the answers of several rules: what each would change, and "
                "who is less secure by more than a lens's tolerance",
                (
                    "Settlement",
                    "It changes",
                    "It may amount to besides",
                    "It speaks on, and no lens reads",
                    "Third states less secure",
                    "Who decides it or must agree, and is less secure",
                    "Third states more secure",
                    "Lenses that read it",
                ),
                tuple(lines),
            ),
            Paragraph(
                f"At the point estimates of {len(lenses)} lenses, by the rules of an audit; "
                'result.audited("OFFER") draws their parameters. Which positions stand for which '
                "changes is analyst judgement, in the table settlement_terms. A lens that reads "
                "none of a settlement's changes has no result, which is not the result that "
                "nobody pays.",
                "note",
            ),
        ),
    )


def _lasting() -> Section:
    from detente.settlement.keeping.holding_ranges import holding
    from detente.settlement.keeping.lasting import CAUTION, KINDS, records

    games = [holding(kind) for kind in KINDS]
    return Section(
        "lasting",
        "How long each kind of settlement would hold",
        (
            Chart.drawn("survival", charts.survival),
            Paragraph(CAUTION, "remark"),
            Table(
                "As a repeated game: the patience a month that keeping it takes, and what a "
                "guarantor must add, in months of keeping (5, 50 and 95 percent of the draws)",
                ("Kind", Head("Patience, least", number=True), Head("Holds by itself", number=True),
                 Head("Guarantee", number=True), "How it was read (ours, assumed)"),
                tuple(
                    (
                        game.kind,
                        Cell(_span(game.threshold), float(game.threshold[1])),
                        Cell(f"{100 * game.holds:.0f} %", game.holds),
                        Cell(_span(game.guarantee), float(game.guarantee[1])),
                        game.why,
                    )
                    for game in games
                ),
            ),
            Details(
                "The records",
                (
                    Table(
                        "Share that still held",
                        ("Record", "Read for", Head("Endings", number=True), "Years: share",
                         "Meaning"),
                        tuple(
                            (
                                r.source,
                                ", ".join(r.kinds),
                                str(r.spells),
                                ", ".join(
                                    f"{y:g}: {s:.2f}"
                                    for y, s in zip(r.years, r.holding, strict=True)
                                ),
                                r.meaning,
                            )
                            for r in records()
                        ),
                    ),
                ),
            ),
        ),
    )  # fmt: skip


def _inputs(result: Result) -> Section:
    data = result.data
    quo, worth = data["status_quo"].values, data["fighting"].values
    asked, mood = data["reservation"].values, data["mood_basis"].values
    return Section(
        "inputs",
        "What the answer rests on",
        (
            (
                Strong("Analyst judgement, no data: ", "assumed"),
                "ideals, saliences, influence and where things stand, each drawn from its range.",
            ),
            Table(
                "Where things stand while fighting goes on",
                ("Issue", *(Head(w, number=True) for w in ("Least", "Middle", "Most"))),
                tuple(
                    (str(issue), *(_number(v) for v in quo[k]))
                    for k, issue in enumerate(data["issue"].values)
                ),
            ),
            Table(
                "What fighting on is worth to each party, and what a settlement must be worth to "
                "it: the same, and what public mood asks for beyond it; utility",
                ("Party", "Role", *(Head(w, number=True) for w in ("Least", "Middle", "Most")),
                 "Rests on", Head("Settlement, least", number=True),
                 Head("Settlement, most", number=True), "Mood"),
                tuple(
                    (
                        marked(result, str(party)),
                        str(data["role"].values[p]),
                        *(_number(v) for v in worth[p]),
                        _rests_on(str(data["fighting_basis"].values[p])),
                        _number(asked[p, 0]),
                        _number(asked[p, 2]),
                        str(mood[p]) or "not read",
                    )
                    for p, party in enumerate(data["party"].values)
                ),
            ),
        ),
    )  # fmt: skip


def _rests_on(basis: str) -> str:
    name = basis.removeprefix("lens ")
    return basis if name == basis else f"lens {in_words(name)}"


def _span(values: Floats) -> str:
    return " · ".join(f"{v:.2f}" for v in values)


def _number(value: float) -> Cell:
    return Cell("–", None) if np.isnan(value) else Cell(f"{value:.2f}", float(value))
