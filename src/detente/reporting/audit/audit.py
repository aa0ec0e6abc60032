"""The page of an audit: who is secure, who pays for whom, how sure, what went in."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from detente.auditing.named_changes import ALONE, disagreement, named_changes
from detente.auditing.text import defaults_against_draws, outside_interval
from detente.lenses.naming import in_words
from detente.reporting.audit import charts, findings, inputs
from detente.reporting.audit.doubt import doubt, readings
from detente.reporting.audit.given_changes import change_sections, opening
from detente.reporting.audit.inputs_section import inputs_section
from detente.reporting.audit.paying import payers, witnesses
from detente.reporting.audit.security import ranking, secure
from detente.reporting.audit.table_first import headline as table_headline
from detente.reporting.audit.table_first import on_the_table, table_files
from detente.reporting.map.context import Scene, scene
from detente.reporting.page.model import (
    Again,
    Code,
    KeyNumber,
    KeyNumbers,
    Link,
    Page,
    Part,
    Section,
    Strong,
)
from detente.words import number

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.auditing.sensitivity import Sensitivity
    from detente.results.result import Result


def chart(audit: Result, lens: str | None = None) -> Any:
    """Return the ranking of the states by security, with intervals."""
    return charts.ranking(audit, lens or audit.lenses[0])


def page(
    audit: Result, *, command: str = "", architecture: Architecture | None = None,
    sensitivity: Sequence[Sensitivity] = (),
) -> Page:  # fmt: skip
    """Return the page of an audit: of all feasible changes, or of a few that were given.

    Parameters
    ----------
    audit : Result
        The result.
    command : str
        The command line that made the result, for the section "Again".
    architecture : Architecture, optional
        What was audited: the map's ties and the claims to contested areas come from it. A
        bundled scenario is found by itself.
    sensitivity : sequence of Sensitivity
        As `Audit.sensitivity` gives it, for the section "How sure".
    """
    around = scene(audit, architecture)
    lens = audit.lenses[0]
    stated = audit.settings["scenario"]
    single = findings.given(audit)
    changed = "; ".join(around.names.sentence(text) for text in stated["changes"])
    asked_for = on_the_table(audit, around)
    sections: tuple[Section | None, ...]
    if single:
        sections = (
            *change_sections(audit, lens, around),
            readings(audit, lens, around),
            doubt(audit, lens, around, sensitivity),
            secure(audit, lens, around, before=True),
            ranking(audit, lens, around),
        )
    else:
        sections = (
            secure(audit, lens, around),
            ranking(audit, lens, around),
            _hypothetical(audit, lens, around) if asked_for else None,
            payers(audit, lens, around),
            witnesses(audit, lens, around),
            readings(audit, lens, around),
            doubt(audit, lens, around, sensitivity),
        )
    screen = (
        opening(audit, lens, around)
        if single
        else asked_for or (_key_numbers(audit, lens, around),)
    )
    last = inputs_section(audit, lens, around)
    return Page(
        title=stated["title"],
        kicker="Audit of a security architecture"
        + (f" · {stated['region']}" if stated["region"] else ""),
        lead=around.names.sentence(
            table_headline(audit, around)
            if asked_for
            else f"{disagreement(audit, codes=True)} {audit.headline(lens)}".lstrip()
        ),
        remarks=tuple(stated.get("remarks", [])),
        opening=(
            f"Audited after: {changed}." if changed else None,
            *screen,
        ),
        holds=_holds(audit, lens, single),
        sections=(*sections, last),
        again=_again(audit, around, command, sensitivity),
        explained=around.explained.listed(),
    )


def _hypothetical(audit: Result, lens: str, around: Scene) -> Section:
    """Return the stress test: every feasible change, whether or not anybody has asked for it."""
    return Section(
        "hypothetical",
        "If somebody asked",
        (
            "Nobody has asked for most of these changes. They are tried all the same, as a stress "
            "test: which could be wanted by those who decide, and at whose expense?",
            around.names.sentence(audit.headline(lens)),
            _key_numbers(audit, lens, around),
        ),
    )


def _key_numbers(audit: Result, lens: str, around: Scene) -> KeyNumbers:
    return KeyNumbers(
        tuple(
            KeyNumber(f["value"], f["label"], f["note"], f["over"])
            for f in findings.figures(audit, lens, around)
        )
    )


def _holds(audit: Result, lens: str, single: bool) -> tuple[Part, ...]:
    """Return what the verdict holds for: the lens, the draws, the tolerance."""
    settings = audit.settings
    about = settings["lenses"][lens]
    reading = f" (reading {about['reading']})" if about["reading"] else ""
    draws = settings["draws"]
    if not draws:
        drawn = "Point estimates; no draws were made."
    elif single:
        drawn = f"In brackets: shares of {draws:,} draws of the lens’s parameters."
    else:
        drawn = (
            f"In brackets: 5 % to 95 %, and the median, of {draws:,} draws of the lens’s "
            "parameters."
        )
    tolerance = number(float(audit.data["tolerance"].sel(lens=lens)), 2)
    title = f"{about['title'][:1].lower()}{about['title'][1:]}"
    outside = outside_interval(audit, lens)
    apart = "" if single else defaults_against_draws(audit, lens)
    asked_alone = named_changes(audit) and len(audit.lenses) == 1 and not audit.refusals
    return (
        "Holds for the lens ",
        Strong(in_words(lens)),
        f"{reading}: {title}. {drawn} A gain or a loss counts beyond {tolerance} "
        f"({about['unit']}).",
        *((f" {outside}; see the ", Link("parameters", "inputs"), ".") if outside else ()),
        *((f" {apart[:1].upper()}{apart[1:]}.",) if apart else ()),
        *((f" {ALONE}: ", Code("--lens all"), ".") if asked_alone else ()),
    )


def _again(audit: Result, around: Scene, command: str, sensitivity: Sequence[Sensitivity]) -> Again:
    settings = audit.settings
    stated = settings["scenario"]
    return Again(
        command or _command(audit),
        (
            ("Scenario", f"{stated['name']}, {stated['date']}"),
            ("Scenario hash", Code(stated["digest"])),
            ("Seed", str(settings["seed"])),
            ("Draws", f"{settings['draws']:,}"),
            ("detente", settings["detente"]),
        ),
        files=(*inputs.downloads(audit, around, sensitivity), *table_files(audit)),
        prefix=stated["name"],
    )


def _command(audit: Result) -> str:
    """Return a command line that makes the same result, where none was handed in."""
    settings = audit.settings
    words = ["detente", "audit", settings["scenario"]["name"]]
    if findings.given(audit):
        for change in audit.data["change"].values.astype(str):
            words += ["--change", str(change)]
    for lens in settings["lenses"]:
        words += ["--lens", lens]
    words += ["--draws", str(settings["draws"]), "--seed", str(settings["seed"])]
    return shlex.join(words)
