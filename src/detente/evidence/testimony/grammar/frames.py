"""What introduces the words of another: verbs of reporting, idioms, and what they govern."""

from __future__ import annotations

from typing import TYPE_CHECKING

from detente.evidence.testimony.grammar.lexicon import (
    BELIEVING,
    CONDITIONS,
    CONTENT_NOUNS,
    DOCUMENTS,
    IDIOMS,
    LAYING,
    LIGHT,
    OWN_MARKS,
    PARTICIPLES_OF_HEARSAY,
    PHRASES,
    SAID_NOUNS,
    SAME,
    SAYING,
    WITH_PARTICLE,
    Verb,
    verbs,
    words_of,
)
from detente.evidence.testimony.grammar.tokens import (
    SUBJECTS,
    has_subject,
    is_infinitive,
    is_verbal,
    lemma,
)
from detente.evidence.testimony.parsed import once

if TYPE_CHECKING:
    from detente.evidence.testimony.parsed import Token

MINDED = words_of("convince persuade worry concern satisfy alarm")
"""Verbs whose participle says what somebody thinks: they are convinced that."""
_FEARFUL = words_of("worry concern alarm")
_INQUIRIES = words_of(
    "investigation inquiry study poll survey commission panel court probe mission analysis audit "
    "investigator inspector monitor document paper file minute"
)
_JUDGING = words_of("consider think deem judge find believe call declare feel hold regard")
"""Verbs that judge without a verb beneath them: thinks it likely, considers it a threat."""
SPREADING = words_of(
    "grow mount spread circulate emerge surface arise rise persist abound remain swirl linger "
    "come appear go reach"
)
"""Verbs of what is said or feared by many."""
_SEEING = words_of(
    "see view regard perceive treat cast paint interpret read frame bill hail herald tout "
    "class classify define diagnose picture present peg trumpet construe style "
    "defend justify excuse"
)
"""Verbs of judging, where ``as`` stands behind their object."""
_HEARINGS = words_of(
    "court jury inquiry tribunal panel hearing committee commission parliament judge inquest"
)
"""Those before whom others speak: the court heard that."""
_BEARING_OUT = words_of("indicate suggest imply reveal confirm signal show prove")
_EVIDENCE = words_of(
    "imagery evidence footage datum image photograph photo video sign history experience trend "
    "fact figure logic event pattern timing behaviour behavior absence"
)
"""What does not speak: where it shows that P, whoever reads it says P."""
_TELLING = words_of("tell assure inform remind warn promise advise notify")
_NO_REPORTS = words_of(
    "be have do make let get take give see turn happen seem appear follow decide pretend determine "
    "arrange check verify mean ensure provide require help cause matter strike result"
)
"""Verbs whose that-clause is the author's, or something done."""
_MYTHS = words_of("conceit illusion delusion fiction fantasy fallacy pretence pretense canard myth")
"""Nouns for what somebody holds and whoever says so does not."""
_ASTRAY = words_of("mistaken deluded deceived fooling liar liars fools fantasists")
_UNTRUE = words_of(
    "false untrue wrong baseless unfounded groundless nonsense absurd fabricated ridiculous lie "
    "fiction fabrication rubbish lies laughable preposterous mistaken fanciful misguided "
    "misleading outlandish"
)
_KNOWN = words_of("known know clear plain understood understand felt")
_WAY_UP = frozenset({"pobj", "prep", "dobj", "npadvmod", "dative"})


@once
def entry_of(token: Token) -> Verb | None:
    """Return the entry of a verb of reporting, also of an idiom; None if it is none."""
    if not is_verbal(token) and token.dep_ != "ROOT":
        return None
    low = lemma(token)
    if low == "be":
        return _belief(token) or _view(token)
    if low in MINDED and any(
        c.dep_ in {"auxpass", "nsubjpass"}
        or (token.dep_ in {"advcl", "acl"} and token.tag_ == "VBN" and c.dep_ == "ccomp")
        for c in token.children
    ):
        return Verb("think", "forecasts" if low in _FEARFUL else "asserts")
    if low == "put" and any(
        c.dep_ == "dobj" and (c.text == "it" or lemma(c) in {"matter", "case", "point"})
        for c in token.children
    ):
        manner = any(c.dep_ in {"advmod", "prep"} for c in token.children)
        return Verb("say", "asserts") if manner else None
    light = said_by_noun(token)
    if light is not None:
        return light
    if low in {"place", "put", "go"}:
        recorded = any(
            c.text == "on" and any(lemma(noun) == "record" for noun in c.children)
            for c in token.children
        )
        if recorded or low != "go":
            return Verb("say", "asserts") if recorded else None
    if low in {"let", "make"}:
        return Verb("say", "asserts") if _made_known(token) is not None else None
    if low in WITH_PARTICLE:
        particles = {c.text.casefold() for c in token.children if c.dep_ in {"prt", "advmod"}}
        for particle in particles:
            if (low, particle) in PHRASES:
                return PHRASES[low, particle]
    if low == "hear":
        who = {c.text.casefold() for c in token.children if c.dep_ == "nsubj"}
        told = any(c.dep_ == "ccomp" and _has_that(c) for c in token.children)
        anybody = bool(who & {"one", "i", "we", "you"}) or any(
            lemma(c) in _HEARINGS for c in token.children if c.dep_ == "nsubj"
        )
        return Verb("say", "asserts") if told and anybody else None
    if low == "rule" and any(c.dep_ == "ccomp" and _has_that(c) for c in token.children):
        return Verb("say", "asserts")
    if low in {"continue", "go"}:
        goes_on = low == "continue" or any(c.text.casefold() == "on" for c in token.children)
        said = goes_on and any(c.dep_ == "ccomp" and has_subject(c) for c in token.children)
        return Verb("say", "asserts") if said else None
    if low == "allow":
        claimed = any(c.dep_ == "ccomp" and _has_that(c) for c in token.children)
        aside = token.dep_ == "parataxis" and not any(
            c.dep_ in {"dobj", "xcomp", "ccomp"} for c in token.children
        )
        return Verb("say", "asserts") if claimed or aside else None
    if (
        low == "take"
        and any(c.text == "for" for c in token.children)
        and any(c.dep_ == "dobj" and c.pos_ == "PRON" for c in token.children)
    ):
        return Verb("judge", "asserts")  # Took it for a joke.
    if low in {"laugh", "jeer", "sniff"} and any(c.text == "at" for c in token.children):
        return Verb("judge", "asserts")
    if low == "fret":
        return Verb("think", "forecasts")
    if low == "cry":
        foul = any(lemma(c) in {"foul", "wolf"} for c in token.children)
        return Verb("judge", "asserts") if foul else None
    if low in _SEEING and _sees_as(token):
        return Verb("judge", "asserts")
    if low in {"have", "hold"}:
        return _passed_on(token)
    entry = verbs().get(low)
    if entry is None:
        return _unlisted(token)
    if low == "read":
        subjects = {lemma(c) for c in token.children if c.dep_ in SUBJECTS}
        return entry if subjects & DOCUMENTS or "this" in subjects else None
    if low in _BEARING_OUT:
        subjects = {lemma(c) for c in token.children if c.dep_ in SUBJECTS}
        if subjects & _EVIDENCE:
            return Verb("know", entry.stance)
    if low in {"find", "show"}:
        subjects = {lemma(c) for c in token.children if c.dep_ in SUBJECTS}
        return Verb("say", entry.stance) if subjects & (DOCUMENTS | _INQUIRIES) else entry
    return entry


@once
def sort_of(token: Token) -> str:
    """Return the sort of a verb of reporting, empty if it is none."""
    entry = entry_of(token)
    return entry.sort if entry is not None else ""


def _belief(token: Token) -> Verb | None:
    """Return the entry of ``be`` with an adjective of believing: is adamant that."""
    for child in token.children:
        word = child.text.casefold() if child.text.casefold() in BELIEVING else lemma(child)
        if child.dep_ == "acomp" and word in BELIEVING:
            subjects = [c for c in token.children if c.dep_ in SUBJECTS]
            somebody = any(c.dep_ == "nsubj" and c.text.casefold() not in {"it", "that", "this"}
                           for c in subjects)  # fmt: skip
            if somebody and any(_that_clause(c) for c in (*token.children, *child.children)):
                return Verb("think", BELIEVING[word])
    return None


def says_so(token: Token) -> bool:
    """Say whether a verb takes up what was said before: they think so, they said the same."""
    if any(
        c.dep_ in {"dobj", "nsubjpass"} and c.text.casefold() in SAME for c in token.children
    ) and sort_of_alone(token) in {"say", "think"}:
        return True
    return token.i + 1 < len(token.doc) and token.nbor(1).text == "so"


def _unlisted(token: Token) -> Verb | None:
    """Return an entry for a verb that is in no list and has somebody for subject and a that-clause.

    Most verbs so used report; those of knowing and happening are listed.
    """
    if lemma(token) in _NO_REPORTS or not any(
        c.dep_ == "ccomp" and c.i > token.i and _has_that(c) and has_subject(c)
        for c in token.children
    ):
        return None
    somebody = any(
        c.dep_ == "nsubj"
        and c.text.casefold() not in {"it", "that", "this", "which", "what"}
        and lemma(c) not in CONTENT_NOUNS
        for c in token.children
    )
    return Verb("say", "asserts") if somebody else None


def said_by_noun(token: Token) -> Verb | None:
    """Return the entry of a light verb whose object says what is done: issued a warning."""
    low = lemma(token)
    light = low in LIGHT
    if not light and low not in LAYING:
        return None
    for child in token.children:
        if child.dep_ == "dobj" and child.pos_ == "NOUN":
            if (low, lemma(child)) in IDIOMS:
                return IDIOMS[low, lemma(child)]
            if light and lemma(child) in SAID_NOUNS:
                return SAID_NOUNS[lemma(child)]
    return None


def _sees_as(token: Token) -> bool:
    """Say whether a verb of seeing judges: regards the pact as dead."""
    objects = [c for c in token.children if c.dep_ in {"dobj", "nsubjpass"}]
    return any(
        c.text.casefold() == "as" and c.dep_ in {"prep", "mark", "advmod"} and c.i > token.i
        for holder in (token, *objects) for c in holder.children
    ) and bool(objects)  # fmt: skip


def _passed_on(token: Token) -> Verb | None:
    """Return the entry of: rumour has it that, conventional wisdom holds that."""
    contents = [c for c in token.children if c.dep_ == "ccomp" and _has_that(c)]
    if not contents or not has_subject(token):
        return None
    if lemma(token) == "hold":
        return Verb("think", "asserts")
    it = any(c.dep_ == "dobj" and c.text.casefold() == "it" for c in token.children)
    return Verb("say", "asserts") if it else None


def _view(token: Token) -> Verb | None:
    """Return the entry of ``be`` with a noun for what is said or thought: the view is that."""
    for child in token.children:
        if child.dep_ != "nsubj" or child.pos_ != "NOUN":
            continue
        owned = lemma(child) in {"point", "case"} and any(
            c.dep_ == "poss" and c.text.casefold() not in {"my", "our"} for c in child.children
        )
        if lemma(child) not in CONTENT_NOUNS and not owned:
            continue
        if any(c.dep_ == "ccomp" and _that_clause(c) and c.i > token.i for c in token.children):
            forward = lemma(child) in {"fear", "hope", "expectation", "prediction", "forecast"}
            return Verb("say", "forecasts" if forward else "asserts")
    return None


def _that_clause(token: Token) -> bool:
    return token.dep_ in {"ccomp", "advcl"} and has_subject(token) and is_verbal(token) and (
        token.dep_ == "ccomp" or _has_that(token)
    )  # fmt: skip


def _has_that(token: Token) -> bool:
    return any(c.dep_ == "mark" and c.text.casefold() == "that" for c in token.children)


def _made_known(token: Token) -> Token | None:
    """Return the word of knowing in: let it be known that, made it clear that, made clear that."""
    for child in token.children:
        known = child.text.casefold() in _KNOWN
        if not known or child.dep_ not in {"ccomp", "xcomp", "oprd", "acomp"}:
            continue
        if any(_that_clause(c) for c in (*child.children, *token.children) if c != child):
            return child
    return None


@once
def is_hearsay(token: Token) -> bool:
    """Say whether a verb in the passive names nobody for what it reports: it is said."""
    passive = any(c.dep_ in {"auxpass", "nsubjpass"} for c in token.children)
    return passive and lemma(token) in PARTICIPLES_OF_HEARSAY


def mistaken(verb: Token) -> Token | None:
    """Return the verb that calls those mistaken who say something: those who say so are wrong."""
    somebody = verb.head
    if verb.dep_ != "relcl" or somebody.dep_ != "nsubj" or lemma(somebody.head) != "be":
        return None
    denied = any(c.dep_ == "neg" for c in somebody.head.children)
    false = any(
        c.dep_ in {"acomp", "attr"} and c.text.casefold() in _UNTRUE | _ASTRAY
        for c in somebody.head.children
    )
    return somebody.head if false and not denied else None


def raised_verb(token: Token) -> Token | None:
    """Return the verb of judging beneath hearsay: are understood to regard it as lost."""
    if not is_hearsay(token):
        return None
    for child in token.children:
        if child.dep_ == "xcomp" and sort_of(child) in {"judge", "accuse", "deny", "doubt"}:
            return child
    return None


def reattached(token: Token) -> Token:
    """Return the verb to which a joined one belongs by its tense: said they would P but denied Q.

    A parser joins *denied* to *would*; its tense, and that it has no subject, say otherwise.
    """
    if token.dep_ != "conj" or token.tag_ != "VBD" or has_subject(token):
        return token
    first = token.head
    if first.tag_ != "VB" or not any(c.dep_ == "aux" and c.tag_ == "MD" for c in first.children):
        return token
    saying = reporting_verb_of(first)
    return saying if saying is not None and saying.tag_ == "VBD" else token


@once
def content_of(token: Token) -> list[Token]:
    """Return the heads of the clauses that are the content of a verb of reporting."""
    sort = sort_of(token)
    if sort not in SAYING or is_nobody_s(token):
        return []
    if sort == "say" and any(c.dep_ == "neg" for c in token.children):
        # Who did not say that it was so: what is not said is nobody's claim.
        return []
    if token.tag_ == "VBG" and token.dep_ in {"xcomp", "pcomp"} and sort_of(token.head) == "deny":
        # Denied saying that P: P was not said.
        return []
    low = lemma(token)
    holders = [token]
    if low == "be":
        holders += [c for c in token.children if c.dep_ == "acomp"]
    elif low in {"let", "make"}:
        known = _made_known(token)
        holders += [known] if known is not None else []
    contents = _of_it(token) + [
        child
        for holder in holders
        for child in holder.children
        if child not in holders and _is_content(token, holder, child)
    ]
    if sort in {"say", "think", "demand", "commit"}:
        contents += _displaced(token)
    return contents


def _is_content(verb: Token, holder: Token, child: Token) -> bool:
    """Say whether a child of a verb, or of the word that completes it, is what is reported."""
    if child.dep_ == "ccomp":
        clausal = is_verbal(child) or (has_subject(child) and not _is_small(verb, child))
        return clausal and not is_infinitive(child) and not _asks(verb, child)
    if child.dep_ == "advcl":
        turned = child.i < verb.i and _left_of(verb, child)
        return turned or (holder != verb and _has_that(child))
    # She told them that it is over, and that they may go.
    return child.dep_ == "conj" and _has_that(child) and has_subject(child)


def _is_small(verb: Token, child: Token) -> bool:
    """Say whether a clause without a verb is but what a verb judges: considers it a threat."""
    return lemma(verb) in _JUDGING and not is_verbal(child)


def _of_it(verb: Token) -> list[Token]:
    """Return the contents behind ``it`` and a judgement: thinks it likely that."""
    if lemma(verb) not in _JUDGING:
        return []
    return [
        content
        for small in verb.children
        if small.dep_ in {"ccomp", "acomp", "oprd"} and not is_verbal(small)
        for content in small.children
        if content.dep_ in {"ccomp", "advcl"} and _has_that(content) and has_subject(content)
    ]


def _displaced(verb: Token) -> list[Token]:
    """Return contents that a parser hangs on a noun between: said in a statement that."""
    nodes = [c for c in verb.children if c.dep_ in _WAY_UP]
    contents = []
    for _ in range(5):
        below = []
        for node in nodes:
            for child in node.children:
                if child.dep_ in {"relcl", "acl"} and displaced_from(child) == verb:
                    contents.append(child)
                elif child.dep_ in _WAY_UP:
                    below.append(child)
        nodes = below
    return contents


@once
def displaced_from(token: Token) -> Token | None:
    """Return the verb of saying whose content hangs on a noun of its own phrase, if so."""
    if token.dep_ not in {"relcl", "acl"} or not has_subject(token):
        return None
    noun = token.head
    node = noun
    while node.dep_ in _WAY_UP and node.head != node:
        node = node.head
    if node == noun or not is_verbal(node) or node.i > token.i:
        return None
    told = (
        noun.dep_ == "dobj"
        and lemma(node) in _TELLING
        and not any(c.tag_ in {"WDT", "WP", "WP$", "WRB"} for c in token.children)
        and any(c.dep_ in {"auxpass", "dobj", "attr", "acomp", "neg"} for c in token.children)
    )
    if not told:
        if not _has_that(token):
            return None
        holds = lemma(noun) in CONTENT_NOUNS
        if (
            holds
            and not _is_manner(noun)
            and not (
                lemma(noun) in DOCUMENTS | {"message", "remark", "comment"}
                and noun.dep_ == "pobj"
                and noun.head.text.casefold() in {"in", "on", "by", "through", "via", "to"}
            )
        ):
            return None
    reports = sort_of_alone(node) in {"say", "think", "demand", "commit"}
    if not reports and not (lemma(noun) == "record" and lemma(node) in {"place", "put", "go"}):
        return None
    if any(c.dep_ == "ccomp" and has_subject(c) and c.text != "This" for c in node.children):
        return None
    return node


def _is_manner(noun: Token) -> bool:
    """Say whether a noun tells how something is said: with confidence, with some certainty."""
    manner = lemma(noun) in {"confidence", "certainty", "conviction", "feeling"}
    return manner and noun.dep_ == "pobj" and noun.head.text == "with"


@once
def content_noun_of(token: Token) -> Token | None:
    """Return the noun whose content a clause is: the claim that, the faith of many that."""
    if token.dep_ not in {"acl", "relcl", "ccomp", "advcl", "appos"} or not has_subject(token):
        return None
    noun = token.head
    if is_verbal(noun):
        return (_held_apart(token) or _is_held(token)) if _has_that(token) else None
    relative = any(t.tag_ in {"WDT", "WP", "WP$"} for t in token.subtree if t.i < token.i)
    if token.dep_ != "relcl" and lemma(noun) in CONTENT_NOUNS and not relative:
        return noun
    if not _has_that(token):
        return None
    for _ in range(2):
        if lemma(noun) in CONTENT_NOUNS and noun.pos_ == "NOUN":
            return noun
        if noun.dep_ != "pobj" or noun.head.text not in {"of", "among", "in", "by", "from"}:
            return None
        noun = noun.head.head
    return noun if lemma(noun) in CONTENT_NOUNS and noun.pos_ == "NOUN" else None


def _held_apart(token: Token) -> Token | None:
    """Return the noun whose content stands behind its verb: fears are growing that."""
    verb = token.head
    if token.dep_ not in {"ccomp", "advcl", "acl"} or lemma(verb) not in SPREADING:
        return None
    for child in verb.children:
        told = lemma(child) in CONTENT_NOUNS or child.text.casefold() == "word"
        if child.dep_ in {"nsubj", "nsubjpass"} and told:
            return child if child.pos_ in {"NOUN", "PROPN"} and child.i < verb.i < token.i else None
    return None


def _is_held(token: Token) -> Token | None:
    """Return the noun that ``it is`` introduces: it is conventional wisdom there that."""
    verb = token.head
    if lemma(verb) != "be" or not any(
        c.text.casefold() == "it" and c.dep_ in {"nsubj", "expl"} for c in verb.children
    ):
        return None
    for child in verb.children:
        if child.dep_ == "attr" and child.pos_ == "NOUN" and lemma(child) in CONTENT_NOUNS:
            return None if any(c.text.casefold() == "no" for c in child.lefts) else child
    return None


def _refuted(verb: Token) -> bool:
    """Say whether what was claimed does not stand: does not survive a look, falls apart."""
    negated = any(c.dep_ == "neg" for c in verb.children)
    if negated:
        return lemma(verb) in {"survive", "withstand", "hold", "stand", "bear"}
    return lemma(verb) in {"collapse", "crumble", "unravel"}


def called_false(noun: Token | None) -> Token | None:
    """Return the verb that calls what a noun holds false: reports that P are untrue."""
    if noun is None or noun.dep_ != "nsubj":
        return None
    if lemma(noun) in _MYTHS or (lemma(noun) in CONTENT_NOUNS and _refuted(noun.head)):
        return noun.head
    if lemma(noun.head) != "be":
        return None
    false = any(
        c.dep_ in {"acomp", "attr"} and c.text.casefold() in _UNTRUE for c in noun.head.children
    )
    denied = any(c.dep_ == "neg" for c in noun.head.children)
    true = any(c.text.casefold() in {"true", "accurate"} for c in noun.head.children)
    return noun.head if (false and not denied) or (true and denied) else None


def sort_of_alone(token: Token) -> str:
    """Return the sort of a verb by its lemma alone."""
    entry = verbs().get(lemma(token))
    return entry.sort if entry is not None else ""


@once
def reporting_verb_of(token: Token) -> Token | None:
    """Return the verb of reporting of whose content a token is the head, if any."""
    if token.dep_ in {"relcl", "acl"}:
        return displaced_from(token)
    if token.dep_ not in {"ccomp", "xcomp", "advcl", "conj"}:
        return None
    above = token.head
    for _ in range(3):
        if above != token and token in content_of(above):
            return above
        if above.head == above or above.dep_ not in {"acomp", "ccomp", "xcomp", "oprd"}:
            return None
        above = above.head
    return None


@once
def is_nobody_s(verb: Token) -> bool:
    """Say whether nobody is the subject: then the author says that nobody thinks so."""
    for child in verb.children:
        if child.dep_ == "nsubj":
            determined = any(c.text.casefold() in {"no", "few"} for c in child.children)
            return determined or child.text.casefold() in {"nobody", "none", "neither", "few"}
    return False


def _asks(verb: Token, child: Token) -> bool:
    """Say whether a clause is a question that somebody puts: whether, if."""
    marks = {c.text.casefold() for c in child.children if c.dep_ == "mark"}
    return sort_of(verb) != "doubt" and bool(marks & {"whether", "if"}) and "that" not in marks


def _left_of(token: Token, child: Token) -> bool:
    """Say whether a clause parsed as adverbial is what is said: S, says X."""
    subjects = [c for c in token.children if c.dep_ in SUBJECTS]
    leads = child.left_edge
    if leads.text.casefold() in {"had", "were", "should"} and leads.dep_ in {"aux", "auxpass"}:
        return False  # Had she listened: a condition without a word for it.
    marked = any(
        c.dep_ in {"mark", "aux", "advmod"}
        and c.i < child.i
        and c.text.casefold() in {*OWN_MARKS, *CONDITIONS, "to", "where", "whenever", "wherever"}
        for c in child.children
    )
    return (
        bool(subjects)
        and not marked
        and all(s.i > child.i for s in subjects)
        and (has_subject(child))
    )
