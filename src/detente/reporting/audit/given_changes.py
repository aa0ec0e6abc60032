"""The changes that the user gave: who gains and who pays, where on the map, who decides."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from detente.auditing.change_verdict import ChangeVerdict, Shift, change_verdict
from detente.auditing.text import share
from detente.lenses.naming import in_words
from detente.reporting.audit import charts
from detente.reporting.audit.security import boundaries, marks
from detente.reporting.map import change_chart
from detente.reporting.map.context import Scene
from detente.reporting.page.model import (
    Block,
    Cell,
    Chart,
    Details,
    Head,
    KeyNumber,
    KeyNumbers,
    Paragraph,
    Part,
    Points,
    Section,
    Small,
    Strong,
    Table,
    Text,
)
from detente.words import listed, number, plural, signed

if TYPE_CHECKING:
    from detente.results.result import Result

NAMED = 4
"""How many states a cell names."""

MOST = 5
"""How many of those who gain, and of those who lose, the first screen names."""


def opening(audit: Result, lens: str, around: Scene) -> tuple[Block | None, ...]:
    """Return the first screen: the numbers of one change, or several side by side."""
    verdicts = _verdicts(audit, lens)
    if len(verdicts) == 1:
        first = verdicts[0]
        return (
            _numbers(audit, first, around),
            _most(first, around),
            first.in_draws(around.names.full) or None,
            _by_lens(audit, first, around),
            _notes(audit, around),
        )
    return (_side_by_side(verdicts, around), _notes(audit, around))


def _notes(audit: Result, around: Scene) -> Points | None:
    """Return what is to be said of the changes besides their verdicts; None if nothing is."""
    noted = audit.settings.get("notes", {})
    several = audit.data.sizes["change"] > 1
    lines = tuple(
        f"{around.names.sentence(change)}: {note}" if several else note
        for change, notes in noted.items()
        for note in notes
    )
    return Points(lines) if lines else None


def _verdicts(audit: Result, lens: str) -> list[ChangeVerdict]:
    return [change_verdict(audit, k, lens) for k in range(audit.data.sizes["change"])]


def _numbers(audit: Result, verdict: ChangeVerdict, around: Scene) -> KeyNumbers | None:
    """Return the verdict on one change in three numbers; None where the lens has no answer."""
    if not verdict.defined:
        return None
    k = int(np.flatnonzero(audit.data["change"].values.astype(str) == verdict.change)[0])
    of_lens = audit.data.sel(lens=verdict.lens)
    full = around.names.full

    def often(words: str, part: float | None) -> str:
        return "" if part is None else f"{words} in {share(part)} of draws"

    gain, loss = float(of_lens["gain"].values[k]), float(of_lens["loss"].values[k])
    decides = listed([full(code) for code in verdict.deciding], NAMED)
    return KeyNumbers(
        (
            KeyNumber(
                ("yes" if verdict.wanted else "no") + (", but close" if verdict.close else ""),
                "wanted by those who decide it",
                _consent(verdict, around) if verdict.short else decides,
                often("wanted", verdict.share_wanted),
            ),
            KeyNumber(
                plural(len(verdict.losses), "state") if verdict.losses else "nobody",
                "less secure",
                f"all losses {number(loss, 2)}, all gains {number(gain, 2)} ({verdict.unit})",
                often("somebody", verdict.share_harmful),
            ),
            KeyNumber(
                number(float(of_lens["zero_sumness"].values[k]), 2),
                "zero-sumness, 0 to 1, point estimate",
                "1: what some gain others lose in full; 0: all gain or all lose",
            ),
        )
    )


def _consent(verdict: ChangeVerdict, around: Scene) -> str:
    """Return how those who decide a change stand to it, where not all of them gain."""
    lacking = f"without a gain beyond the tolerance: {_shifts(verdict.short, around)}"
    if not verdict.wanted:
        return lacking
    gaining = len(verdict.deciding) - len(verdict.short)
    return (
        f"none of these {len(verdict.deciding)} loses beyond the tolerance, {gaining} "
        f"gain{'s' if gaining == 1 else ''}; if all had to gain, no; {lacking}"
    )


def _most(verdict: ChangeVerdict, around: Scene) -> Table | None:
    """Return who gains and who loses most, with how sure that is; None if nobody moves."""
    gains, losses = verdict.gains[:MOST], verdict.losses[:MOST]
    if not verdict.defined or not (gains or losses):
        return None
    left = [
        f"{plural(len(shifts) - MOST, 'more state')} {verb}{'s' * (len(shifts) == MOST + 1)}"
        for shifts, verb in ((verdict.gains, "gain"), (verdict.losses, "lose"))
        if len(shifts) > MOST
    ]
    return Table(
        f"Who gains and who loses most under the lens {in_words(verdict.lens)}, {verdict.unit}; "
        f"point estimate{'; ' + listed(left) if left else ''}.",
        _shift_heads(verdict),
        tuple(_shift_row(shift, verdict, around) for shift in (*gains, *losses)),
    )


def _shift_heads(verdict: ChangeVerdict) -> tuple[str | Head, ...]:
    drawn = verdict.share_wanted is not None
    return (
        "State",
        Head("Change", number=True),
        "Which is",
        "Decides it",
        *((Head("So in draws", number=True),) if drawn else ()),
    )


def _shift_row(shift: Shift, verdict: ChangeVerdict, around: Scene) -> tuple[Text | Cell, ...]:
    """Return what a change does to one state: a row of a table."""
    code, delta, part = shift
    says = (
        "more secure"
        if delta > verdict.tolerance
        else "less secure"
        if delta < -verdict.tolerance
        else "within the tolerance"
    )
    drawn = verdict.share_wanted is not None
    return (
        around.names.full(code),
        Cell(around.explained.delta(signed(delta), code, verdict.lens, verdict.change), delta),
        says,
        "yes" if code in verdict.deciding else "",
        *((Cell("" if part is None else share(part), part or 0.0),) if drawn else ()),
    )


def _shifts(shifts: tuple[Shift, ...], around: Scene, most: int = NAMED) -> str:
    return listed([f"{around.names.full(code)} {signed(x)}" for code, x, _ in shifts], most)


def _side_by_side(verdicts: list[ChangeVerdict], around: Scene) -> Table:
    """Return what one lens says of several changes, each tried by itself."""
    drawn = any(verdict.share_witness is not None for verdict in verdicts)
    first = verdicts[0]
    rows: list[tuple[Text | Cell, ...]] = []
    for verdict in verdicts:
        kind = "pays" if verdict.witness else "free" if verdict.wanted else "quiet"
        rows.append(
            (
                around.names.sentence(verdict.change),
                Cell(verdict.word() + (" (close)" if verdict.close else ""), kind=kind),
                _top(verdict.gains, around, verdict),
                _top(verdict.losses, around, verdict),
                *(
                    (
                        "no answer"
                        if verdict.share_witness is None
                        else Cell(share(verdict.share_witness), verdict.share_witness),
                    )
                    if drawn
                    else ()
                ),
            )
        )
    return Table(
        f"Each change by itself under the lens {in_words(first.lens)}; changes of security in "
        f"{first.unit}, "
        "point estimate.",
        (
            "Change",
            "Verdict",
            "More secure, most of all",
            "Less secure, most of all",
            *((Head("Wanted at someone’s expense, of draws", number=True),) if drawn else ()),
        ),
        tuple(rows),
    )


def _by_lens(audit: Result, first: ChangeVerdict, around: Scene) -> Table | None:
    """Return what every lens says of one change, a row each; None for one lens."""
    if len(audit.lenses) < 2:
        return None
    verdicts = [change_verdict(audit, first.change, lens) for lens in audit.lenses]
    drawn = any(verdict.share_witness is not None for verdict in verdicts)
    return Table(
        "What every lens says of it; point estimate, each lens in its own unit. “Close”: a little "
        "would turn it.",
        (
            "Lens",
            "Verdict",
            "More secure, most of all",
            "Less secure, most of all",
            *((Head("Wanted at someone’s expense, of draws", number=True),) if drawn else ()),
        ),
        tuple(
            (
                in_words(verdict.lens),
                Cell(
                    _verdict_parts(verdict, around),
                    kind="pays" if verdict.witness else "free" if verdict.wanted else "quiet",
                ),
                _top(verdict.gains, around, verdict),
                _top(verdict.losses, around, verdict),
                *(
                    (
                        ""
                        if verdict.share_witness is None
                        else Cell(share(verdict.share_witness), verdict.share_witness),
                    )
                    if drawn
                    else ()
                ),
            )
            for verdict in verdicts
        ),
    )


def _verdict_parts(verdict: ChangeVerdict, around: Scene) -> tuple[Part, ...]:
    """Return the verdict in a word, and for whom the defaults say the opposite of most draws."""
    said = verdict.word() + (" (close)" if verdict.close else "")
    doubt = verdict.in_draws(around.names.full)
    return (said, Small(doubt)) if doubt else (said,)


def _top(shifts: tuple[Shift, ...], around: Scene, verdict: ChangeVerdict) -> Cell:
    if not shifts:
        return Cell("nobody", 0.0)
    more = (Small(f"and {len(shifts) - 2} more"),) if len(shifts) > 2 else ()
    named: list[Part] = []
    for code, delta, _ in shifts[:2]:
        named += [", " if named else "", f"{around.names.full(code)} "]
        named.append(around.explained.delta(signed(delta), code, verdict.lens, verdict.change))
    return Cell((*named, *more), float(len(shifts)))


def change_sections(audit: Result, lens: str, around: Scene) -> tuple[Section | None, ...]:
    """Return the sections about the changes: one alone, or one after another and their deltas."""
    verdicts = _verdicts(audit, lens)
    if len(verdicts) == 1:
        return (
            Section("change", "Who gains, who pays", _change(audit, verdicts[0], around)),
            _map(audit, verdicts, around),
            _deciding(verdicts[0], around),
        )
    return (
        *(
            Section(
                f"change-{k}" if k else "change",
                around.names.sentence(verdict.change),
                (
                    _numbers(audit, verdict, around),
                    *_change(audit, verdict, around, k, several=True),
                ),
            )
            for k, verdict in enumerate(verdicts)
        ),
        _map(audit, verdicts, around),
        _deltas(audit, verdicts, around),
    )


def _change(
    audit: Result, verdict: ChangeVerdict, around: Scene, k: int = 0, *, several: bool = False
) -> tuple[Block | None, ...]:
    if not verdict.defined:
        return (f"The lens {in_words(verdict.lens)} has no answer after this change.",)
    decides = listed([around.names.full(code) for code in verdict.deciding], 6)
    short = (
        f" Of these, without a gain beyond the tolerance: {_shifts(verdict.short, around, 6)}."
        if verdict.short
        else ""
    )
    return (
        Chart.drawn(
            f"bars-{k}",
            partial(charts.change, audit, verdict.change, verdict.lens),
            notes=(
                f"{around.names.sentence(verdict.change)}. Decided by {decides}.{short} Readings "
                f"that admit it: {_admitted(audit, verdict)}.",
            ),
        ),
        (verdict.why_close(around.names.full) or None) if several else None,
        (verdict.in_draws(around.names.full) or None) if several else None,
        _every_shift(audit, verdict, around),
    )


def _admitted(audit: Result, verdict: ChangeVerdict) -> str:
    row = audit.data["admitted"].sel(lens=verdict.lens, change=verdict.change)
    return listed([str(r) for r in row["reading"].values[row.values]]) or "none"


def _every_shift(audit: Result, verdict: ChangeVerdict, around: Scene) -> Details | None:
    """Return every state that moves, or decides, as a table."""
    shifts = {shift[0]: shift for shift in (*verdict.gains, *verdict.losses, *verdict.short)}
    if not shifts:
        return None
    rows = [
        _shift_row(shift, verdict, around)
        for shift in sorted(shifts.values(), key=lambda shift: -shift[1])
    ]
    return Details(
        f"All {len(rows)} states that move or decide, as a table",
        (
            Table(
                f"Change of security under the lens {in_words(verdict.lens)}, {verdict.unit}; "
                "point "
                f"estimate. Counts beyond {number(verdict.tolerance, 2)}.",
                _shift_heads(verdict),
                tuple(rows),
                filter="Filter the states",
            ),
        ),
    )


def _map(audit: Result, verdicts: list[ChangeVerdict], around: Scene) -> Section | None:
    """Return gains and losses on the map; None where no state of the map moves."""
    pictures: list[Chart | None] = []
    for k, verdict in enumerate(verdicts):
        if verdict.defined and (verdict.gains or verdict.losses):
            draw = partial(change_chart.change_map, audit, verdict, around)
            pictures += [
                Chart.drawn(
                    f"change-map-{k}",
                    draw,
                    wide=True,
                    legend=(change_chart.legend(verdict), marks(audit, around, lines=False)),
                    notes=(boundaries(audit, around),),
                ),
                Chart.drawn(
                    f"change-detail-{k}",
                    partial(draw, detail=True),
                    wide=True,
                    notes=("Detail of the map above, in the same colours.",),
                ),
            ]
    shown = [picture for picture in pictures if picture is not None]
    if not shown:
        return None
    phone = Paragraph("On a narrow screen the bars above stand in for the map.", "phone")
    return Section("change-map", "Where they are", (phone, *shown), short="On the map")


def _deciding(verdict: ChangeVerdict, around: Scene) -> Section | None:
    """Return who decides the change, who would not gain, and how close that is."""
    if not verdict.defined:
        return None
    gaining = len(verdict.deciding) - len(verdict.short)
    texts: list[Block | None] = [
        (
            Strong(f"{plural(len(verdict.deciding), 'state')}"),
            " decide" + ("s" if len(verdict.deciding) == 1 else "") + " it: "
            f"{listed([around.names.full(code) for code in verdict.deciding])}. "
            f"{gaining or 'None'} of them gain{'s' if gaining == 1 else ''} by more than the "
            f"tolerance of {number(verdict.tolerance, 2)} ({verdict.unit}).",
        ),
        f"Without such a gain: {_shifts(verdict.short, around, 12)}." if verdict.short else None,
        verdict.why_close(around.names.full) or None,
        "Whether a state would decide so in fact is not in the model: its gain under the lens is.",
    ]
    return Section("deciding", "Who decides", tuple(texts))


def _deltas(audit: Result, verdicts: list[ChangeVerdict], around: Scene) -> Section:
    """Return what each of several changes gives to each state, side by side."""
    columns = [v for v in verdicts if v.defined]
    shifts = [{code: x for code, x, _ in (*v.gains, *v.losses)} for v in columns]
    codes = sorted({code for column in shifts for code in column})
    codes.sort(key=lambda code: -max(abs(column.get(code, 0.0)) for column in shifts))
    rows: tuple[tuple[Text | Cell, ...], ...] = tuple(
        (
            around.names.full(code),
            *(
                Cell(
                    around.explained.delta(signed(column[code]), code, verdict.lens, verdict.change)
                    if code in column
                    else "·",
                    column.get(code, 0.0),
                    "gain" if column.get(code, 0.0) > 0 else "loss" if code in column else "quiet",
                )
                for verdict, column in zip(columns, shifts, strict=True)
            ),
        )
        for code in codes
    )
    unit = verdicts[0].unit
    return Section(
        "deltas",
        "Side by side",
        (
            Table(
                f"Change of security by each change, {unit}, under the lens "
                f"{in_words(verdicts[0].lens)}; "
                "point estimate. · within the tolerance. Those who move most first.",
                ("State", *(Head(v.change, number=True) for v in columns)),
                rows,
                filter="Filter the states",
            )
            if rows
            else "No state moves by more than the tolerance under the lens "
            f"{in_words(verdicts[0].lens)}.",
        ),
    )
