"""Changes as sentences: the other half of ``str(change)``.

Each kind of change has one sentence that it prints and several that it understands, as people
type them: singular or plural, names or codes, joined by ``;``, a comma or the word "and".
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

from detente.architecture import changes
from detente.architecture.changes import Change
from detente.architecture.edits.pledges import Guarantee, Pledge
from detente.architecture.edits.treaties import Commit
from detente.architecture.names import names_with_and
from detente.errors import UsageError

if TYPE_CHECKING:
    from re import Match

    from detente.architecture.value import Architecture

_Maker = Callable[["Match[str]"], Change]
SOME = 0.01
"""Share of strength where a sentence names none: a presence, or a delivery of medium size."""
_NUMBER = r"([\d.]+(?:e-?\d+)?)"
_MANNER = r"(?: ?\((binding|political)\))?"


def _kind(words: str) -> str:
    plain = re.sub(r"[\s-]+", "_", words.strip().casefold())
    named = {"defence": "defense", "offence": "offense", "non_aggression": "nonaggression"}
    named |= {"arms": "arms_supply", "intelligence": "intelligence_sharing"}
    return named.get(plain, plain)


def _share(words: str) -> float:
    try:
        return float(words) / 100
    except ValueError:
        raise UsageError(f"'{words}' is not a number of per cent") from None


def _names(words: str) -> list[str]:
    """Return the names of a list such as ``A, B and C``."""
    return [part.strip() for part in re.split(r",\s*(?:and\s+)?|\s+and\s+", words) if part.strip()]


def _each(words: str, make: Callable[[str], Change]) -> Change:
    return reduce(operator.add, [make(name) for name in _names(words)])


def _commit(a: str, b: str, kind: str, manner: str | None, *, mutual: bool) -> Change:
    return Change((Commit(a, b, _kind(kind), mutual, (manner or "binding").casefold()),))


_FORMS: tuple[tuple[str, str, _Maker], ...] = (
    (
        "UKR joins NATO",
        r"(.+?) (?:joins?|enters?|accedes? to|becomes? (?:an? )?members? of) (.+)",
        lambda m: _each(m[1], lambda s: changes.join(s, m[2])),
    ),
    (
        "",
        r"(.+?) (?:admits?|accepts?) (.+)",
        lambda m: _each(m[2], lambda s: changes.join(s, m[1])),
    ),
    (
        "HUN leaves NATO",
        r"(.+?) (?:leaves?|quits?|exits?) (.+)",
        lambda m: _each(m[1], lambda s: changes.leave(s, m[2])),
    ),
    (
        "FIN and SWE commit to mutual defense",
        rf"(.+?) and (.+?) commit to mutual (.+?){_MANNER}",
        lambda m: _commit(m[1], m[2], m[3], m[4], mutual=True),
    ),
    (
        "FIN and SWE ally",
        r"(.+?) and (.+?) (?:ally|become allies|form an alliance)",
        lambda m: changes.commit(m[1], m[2]),
    ),
    ("", r"(.+?) allies (?:itself )?with (.+)", lambda m: changes.commit(m[1], m[2])),
    (
        "USA commits to defense of TWN",
        rf"(.+?) commits? to (.+?) of (.+?){_MANNER}",
        lambda m: _commit(m[1], m[3], m[2], m[4], mutual=False),
    ),
    (
        "USA withdraws its forces from IRQ",
        r"(.+?) (?:withdraws?|pulls?) (?:its |all |its own )?(?:forces|troops|soldiers)"
        r"(?: out)? (?:from|of|out of) (.+)",
        lambda m: changes.withdraw_forces(m[1], m[2]),
    ),
    (
        "USA withdraws its defense commitment with JPN",
        r"(.+?) (?:withdraws?|ends?) its (.+?) commitments? (?:with|to|towards) (.+?)"
        r"(?: ?\((?:row )?(\S+)\))?",
        lambda m: changes.withdraw(m[1], m[3], _kind(m[2]), row=m[4] or ""),
    ),
    (
        "USA withdraws from JPN",
        r"(.+?) withdraws? from (.+)",
        lambda m: changes.withdraw(m[1], m[2]),
    ),
    (
        "GBR guarantees FIN",
        rf"(.+?) guarantees? (?:the security of )?(.+?){_MANNER}",
        lambda m: Change((Guarantee(m[1], m[2], (m[3] or "binding").casefold()),)),
    ),
    (
        "IND and PAK pledge nonaggression",
        rf"(.+?) and (.+?) (?:pledge|promise each other) (.+?){_MANNER}",
        lambda m: Change((Pledge(m[1], m[2], _kind(m[3]), (m[4] or "binding").casefold()),)),
    ),
    (
        "MNG becomes neutral",
        r"(.+?) (?:becomes?|is|declares? itself) neutral",
        lambda m: changes.neutral(m[1]),
    ),
    (
        "DEU stations 2.6 % of its strength on LTU",
        rf"(.+?) stations? {_NUMBER} ?% of its (?:strength|forces|troops) (?:on|in) (.+)",
        lambda m: changes.station(m[1], m[3], _share(m[2])),
    ),
    (
        "",
        r"(.+?) stations? (?:its )?(?:forces|troops) (?:on|in) (.+)",
        lambda m: changes.station(m[1], m[2], SOME),
    ),
    (
        "IRN stops supplying RUS",
        r"(.+?) (?:stops? supplying|stops? arming|ends? (?:its )?(?:deliveries|supplies) to) (.+)",
        lambda m: changes.stop_supplying(m[1], m[2]),
    ),
    (
        "KOR supplies POL with 2 % of its strength",
        rf"(.+?) suppl(?:ies|y) (.+?) with (?:arms worth )?{_NUMBER} ?% of its strength",
        lambda m: changes.supply(m[1], m[2], _share(m[3])),
    ),
    (
        "",
        r"(.+?) suppl(?:ies|y) (?:arms to )?(.+?)(?: with arms)?",
        lambda m: changes.supply(m[1], m[2], SOME),
    ),
    (
        "RUS and UKR reconcile",
        r"(.+?) and (.+?) (?:reconcile|make peace|end their rivalry)",
        lambda m: changes.reconcile(m[1], m[2]),
    ),
    (
        "",
        r"(.+?) (?:reconciles?|makes? peace) with (.+)",
        lambda m: changes.reconcile(m[1], m[2]),
    ),
    (
        "CHN and IND become rivals at intensity 4",
        r"(.+?) and (.+?) become rivals(?: at intensity (\d+))?",
        lambda m: changes.estrange(m[1], m[2], int(m[3] or 3)),
    ),
    (
        "IND and CHN ease to intensity 2",
        r"(.+?) and (.+?) ease(?: their rivalry)? to (?:intensity )?(\d+)",
        lambda m: changes.ease(m[1], m[2], int(m[3])),
    ),
    (
        "AZE sharpens its rivalry with ARM to intensity 5",
        r"(.+?) sharpens?(?: its rivalry)? (?:with|towards) (.+?) to (?:intensity )?(\d+)",
        lambda m: changes.sharpen(m[1], m[2], int(m[3])),
    ),
    (
        "DNK, FIN and SWE found NORDIC for defense",
        rf"(.+?) found (\S+) for (.+?){_MANNER}",
        lambda m: _founded(m[2], _names(m[1]), m[3], m[4]),
    ),
    (
        "AUKUS is dissolved",
        r"(.+?) (?:is dissolved|dissolves?|disbands?)",
        lambda m: changes.dissolve(m[1]),
    ),
    (
        "POL arms by 20 %",
        rf"(.+?) arms? by {_NUMBER} ?%",
        lambda m: changes.arm(m[1], _share(m[2])),
    ),
    (
        "POL disarms by 20 %",
        rf"(.+?) disarms? by {_NUMBER} ?%",
        lambda m: changes.disarm(m[1], _share(m[2])),
    ),
)
"""An example, a pattern and what it makes; no example: another wording of a form above."""
_VERBS = tuple(
    "joins leaves commit commits guarantees pledge becomes withdraws stations stops supplies "  # noqa: SIM905
    "reconcile reconciles become ease sharpens found dissolved arms disarms ally".split()
)


def _founded(name: str, members: list[str], kind: str, manner: str | None) -> Change:
    from detente.architecture.edits.organisations import Found

    return Change((Found(name, tuple(members), _kind(kind), (manner or "binding").casefold()),))


def forms() -> list[str]:
    """Return an example of every sentence that is understood."""
    return [example for example, _, _ in _FORMS if example]


def parse(text: str) -> Change:
    """Return the change that a sentence describes; separate several by ``;``, a comma or "and".

    >>> parse("UKR joins NATO; RUS and UKR reconcile").kind
    'several'
    >>> str(parse("Armenia reconciles with Azerbaijan, CYP join NATO"))
    'Armenia and Azerbaijan reconcile; CYP joins NATO'

    Raises
    ------
    UsageError
        If a sentence is not understood; says which are, or the one that was probably meant.
    """
    parts = [part.strip().rstrip(".!") for part in re.split(r"[;\n]", text) if part.strip(" .!")]
    if not parts:
        raise UsageError("a change needs a sentence, for instance: UKR joins NATO")
    return reduce(operator.add, [one for part in parts for one in _several(part)])


def understand(g: Architecture, text: str) -> Change:
    """Return the change that a text names in an architecture: a proposal, or sentences.

    A proposal is named as ``NAME:READING``; the reading may be left out where there is one.

    Raises
    ------
    UsageError
        If it is neither.
    """
    from detente.architecture.proposals import propose

    name, colon, _ = text.strip().partition(":")
    known = {key.casefold() for key in g.tables["proposals"]["proposal"]}
    if name.casefold().replace("-", "_") in known or (colon and " " not in text.strip()):
        return propose(g, text.strip())
    return parse(text).bound(g)


def _several(part: str) -> list[Change]:
    """Return the changes of a part, split at commas and "and" where every piece is a sentence."""
    whole = _with_codes(part)
    for mark in re.finditer(r",\s*(?:and\s+|then\s+)?|\s+and\s+(?:then\s+)?", whole):
        first = _match(whole[: mark.start()].strip())
        if first is not None and _match(whole[mark.end() :].strip()) is not None:
            return [first, *_several(whole[mark.end() :].strip())]
    change = _match(whole)
    if change is None:
        raise UsageError(_not_understood(part))
    return [change]


def _with_codes(part: str) -> str:
    """Put a code for every name that holds the word "and", which would part it."""
    for name, code in names_with_and():
        part = re.sub(re.escape(name), code, part, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", part)


def _match(part: str) -> Change | None:
    for _, pattern, make in _FORMS:
        match = re.fullmatch(pattern, part, flags=re.IGNORECASE)
        if match:
            return make(match)
    return None


_IN_A_CRISIS = (
    r"hotline .+-.+",
    r"ceasefire .+-.+",
    r".+ retaliates? against .+",
    r".+ shows? restraint",
    r".+ (?:is|are) believed",
)
"""Acts that a crisis knows and that change no commitment: `detente.crisis.model.acts`."""


def _not_understood(part: str) -> str:
    if any(re.fullmatch(pattern, part, flags=re.IGNORECASE) for pattern in _IN_A_CRISIS):
        return (
            f"'{part}' is an act in a crisis: it changes no commitment, presence or rivalry, so "
            "that an audit has nothing to compare. Ask what it does to the chance of war: "
            f"detente crisis intervene SCENARIO --act '{part}'"
        )
    meant = _meant(part)
    if meant:
        return f"the change '{part}' is not understood. Did you mean '{meant}'?"
    return (
        f"the change '{part}' is not understood: there is no such change. There are: "
        + "; ".join(forms())
    )


def _meant(part: str) -> str:
    """Return the sentence that was probably meant, with one word mended; empty if there is none."""
    words = part.split()
    for k, word in enumerate(words[1:], start=1):
        for near in difflib.get_close_matches(word.casefold(), _VERBS, n=2, cutoff=0.6):
            mended = " ".join([*words[:k], near, *words[k + 1 :]])
            change = _match(_with_codes(mended))
            if change is not None:
                return str(change)
    return ""
