"""Who is meant: persons met in the text, their roles, and the pronouns that stand for them."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from detente.evidence.testimony.grammar.gazetteer import Gazetteer
from detente.evidence.testimony.grammar.lexicon import MEN, ROLES, TITLES, WOMEN, words_of
from detente.evidence.testimony.grammar.tokens import is_infinitive, lemma

if TYPE_CHECKING:
    from detente.evidence.testimony.grammar.pieces import TextPiece
    from detente.evidence.testimony.parsed import Token

_PARTICLES = words_of("van von der den de di da del la le bin ibn al el ter ten")
_PERSONAL = words_of("he she him her his hers")
PLURAL = words_of("they them their theirs")
FIRST = words_of("i we me us my our mine ours")
MANY = 500
"""Most mentions that are looked through for a role."""
CLOSE = 200
"""Most characters back to a state that a pronoun stands for rather than for who spoke last."""
NEARBY = 600
"""Most characters between somebody's first mention and the state that goes before it."""
INSTITUTIONS = words_of(
    "government ministry parliament police army navy military cabinet court prosecutor authority "
    "force capital troop soldier general command presidency opposition"
)
"""Bodies that are some state's, also where it is not told which."""
_HUMANS = words_of(
    "person man woman executive source colleague friend neighbour neighbor ally relative mother "
    "father son daughter brother sister wife husband pilot survivor partner author"
)
_NOT_HUMAN = words_of("paper newspaper letter matter number order power quarter river tanker water")
_ASKING = words_of("ask interview question telephone phone meet")
_FAMILY_FIRST = frozenset({"CHN", "TWN", "PRK", "KOR", "VNM"})
"""States whose people write the name of the family first."""
_LANDS = frozenset({"GPE", "LOC", "NORP", "ORG", "FAC"})
"""Sorts of names that are no person's."""
_SUPPOSING = words_of("suspect imagine assume hope suppose wonder fear gather")
_PLACED = re.compile(r"\b(?:in|from|at) ([A-Z][\w’'-]+(?: [A-Z][\w’'-]+)*)")
FAR = 2500
"""Most characters between a pronoun and the person that it may stand for."""


@dataclass(slots=True)
class Person:
    """Somebody met in the text."""

    name: str
    full: str
    roles: set[str] = field(default_factory=set)
    codes: list[str] = field(default_factory=list)
    gender: str = ""
    guess: str = ""
    described: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Who answers for a claim, as a link of its chain.

    Attributes
    ----------
    name : str
        As it stands in the chain.
    certain : bool
        Whether it is known who is meant.
    codes : tuple of str
        Codes of the actors for whom the speaker stands.
    author : bool
        Whether it is the author of the text.
    """

    name: str
    certain: bool = True
    codes: tuple[str, ...] = ()
    author: bool = False


@dataclass(frozen=True, slots=True)
class Mention:
    """One place at which somebody is named."""

    place: int
    name: str
    subject: bool


def _near(mentions: list[Mention], place: int) -> list[Mention]:
    """Return the mentions not far before a place; the list is in the order of the text."""
    first = bisect.bisect_left(mentions, place - FAR, key=lambda m: m.place)
    last = bisect.bisect_left(mentions, place, key=lambda m: m.place)
    return mentions[first:last]


class People:
    """Everybody met in a text, in the order of the text."""

    def __init__(self, names: Gazetteer, associates: dict[str, str] | None = None) -> None:
        self.names = names
        self.associates = associates or {}
        self.persons: dict[str, Person] = {}
        self.mentions: list[Mention] = []
        self.bodies: list[Mention] = []
        self.heard: list[Mention] = []
        self.humans: list[Mention] = []
        self.roles: list[Mention] = []
        self._coded: dict[str, tuple[str, ...]] = {}
        self.placed: list[tuple[int, str]] = []
        self.home = ""
        self.lands: set[str] = set()
        self.addressee = ""

    # Meeting them -----------------------------------------------------------------------

    def meet(self, piece: TextPiece, doc: Iterable[Token]) -> None:
        """Take note of every person and body that a parsed piece names."""
        tokens = list(doc)
        for token in tokens:
            if token.text.casefold() in ROLES and token.dep_ not in {"compound", "appos"}:
                phrase = noun_phrase(token)
                if self.names.codes_in(phrase):
                    self.roles.append(Mention(piece.places[token.idx], phrase, False))
            if token.ent_type_ in _LANDS or _owns_body(token):
                self.lands.add(token.text)
            if _is_new_human(token):
                self.humans.append(Mention(piece.places[token.idx], noun_phrase(token), True))
            if token.dep_ not in {"nsubj", "nsubjpass"} or token.pos_ not in {"PROPN", "NOUN"}:
                continue
            if token.text not in self.persons and not is_infinitive(token.head):
                self.bodies.append(Mention(piece.places[token.idx], noun_phrase(token), True))
        taken: set[int] = set()
        for token in tokens:
            if token.i in taken or token.pos_ not in {"PROPN", "NOUN"}:
                continue
            run = _run(token, tokens)
            if run is None:
                continue
            taken.update(t.i for t in run)
            self._meet_run(piece, run)

    def _meet_run(self, piece: TextPiece, run: list[Token]) -> None:
        words = [t.text for t in run]
        # Deputy Energy Minister Ana Ruiz: the name begins behind the last word of a role.
        roles = [k for k, w in enumerate(words[:-1]) if w.casefold().rstrip(".") in TITLES | ROLES]
        titled = roles[-1] + 1 if roles else 0
        bare = run[titled:]
        last = bare[-1]
        text = " ".join(t.text for t in bare)
        person = any(t.ent_type_ == "PERSON" for t in bare)
        if self.names.codes_in(text) and not (person and len(bare) > 1):
            return
        name = _surname(bare)
        lead = _described(run)
        turned = len(bare) in {2, 3} and _FAMILY_FIRST & set(self.names.codes_in(lead))
        if turned and name not in self.persons and (person or titled):
            # The family's name stands first; the last word stands for the same person.
            self.persons[bare[0].text] = self.persons[name] = Person(bare[0].text, text)
        if name in self.persons:
            name = self.persons[name].name
        if name not in self.persons:
            if not (person or (titled and len(bare) <= 3) or _looks_like_person(bare)):
                return
            if any(t.text.casefold() in ROLES for t in bare) or not name[:1].isupper():
                return
            if _is_body(bare) and not titled:
                return
            self.persons[name] = Person(name, text)
        entry = self.persons[name]
        if len(text) > len(entry.full):
            entry.full = text
        before = [t.text for t in run[:titled]]
        around = f"{_described(run)} {_with_place(last)}"
        for word in [*before, *around.split()]:
            low = word.casefold().strip(".,'")
            entry.described.add(low)
            if low in ROLES:
                entry.roles.add(low)
            if low in WOMEN:
                entry.gender = "f"
            elif low in MEN:
                entry.gender = "m"
        for code in self.names.codes_in(around):
            if code not in entry.codes:
                entry.codes.append(code)
        if not entry.codes:
            told = (c for c in last.children if c.dep_ == "relcl")
            for word in (t.text for clause in told for t in clause.subtree if t.i < last.i + 15):
                entry.codes += [c for c in self.names.codes_in(word) if c not in entry.codes]
        if not entry.codes and entry.roles and not entry.guess:
            # A minister without a country is of the country that the text spoke of last.
            entry.guess = self._guess(piece, bare[0])
        subject = _is_subject(last) and piece.kind != "quote"
        self.mentions.append(Mention(piece.places[bare[0].idx], name, subject))

    def _guess(self, piece: TextPiece, name: Token) -> str:
        """Return the state for which somebody whose state is not told may stand."""
        sentence = name.sent
        before = sentence.text[: name.idx - sentence.start_char]
        here = [code for part in _PLACED.findall(before) for code in self._states(part)]
        if here:
            return here[-1]
        place = piece.places[name.idx]
        for mention in reversed(self.bodies):
            if mention.place < place - NEARBY:
                break
            states = self._states(mention.name) if mention.place < place else []
            if states:
                return states[0]
        after = sentence.text[name.idx - sentence.start_char :]
        there = [code for part in _PLACED.findall(after) for code in self._states(part)]
        return (there or [self.home])[0]

    def _states(self, text: str) -> list[str]:
        return [code for code in self.names.codes_in(text) if self.names.is_state(code)]

    def state_near(self, place: int) -> str:
        """Return the state that a body without one belongs to: the last that the text named."""
        at = bisect.bisect_left(self.placed, place, key=lambda pair: pair[0])
        if at and self.placed[at - 1][0] >= place - FAR:
            return self.placed[at - 1][1]
        return self.home

    def sort(self) -> None:
        """Put all mentions into the order of the text."""
        self._coded.clear()  # Who was met since may have another state.
        self.mentions.sort(key=lambda mention: mention.place)
        self.bodies.sort(key=lambda mention: mention.place)
        self.humans.sort(key=lambda mention: mention.place)
        self.roles.sort(key=lambda mention: mention.place)
        coded = ((mention.place, self._states(mention.name)) for mention in self.bodies)
        self.placed = [(place, states[0]) for place, states in coded if states]
        for mention in self.mentions:
            entry = self.persons[mention.name]
            if entry.roles and not entry.codes and not entry.guess:
                at = bisect.bisect_left(self.placed, mention.place, key=lambda pair: pair[0])
                near = at < len(self.placed) and self.placed[at][0] < mention.place + NEARBY
                entry.guess = self.placed[at][1] if near else ""

    def forget(self, before: int) -> None:
        """Forget where somebody was met before a place; who was met stays known."""
        for mentions in (
            self.mentions, self.bodies, self.heard, self.humans, self.roles
        ):  # fmt: skip
            del mentions[: bisect.bisect_left(mentions, before, key=lambda m: m.place)]

    # Naming them ------------------------------------------------------------------------

    def codes(self, name: str) -> tuple[str, ...]:
        """Return the codes of the actors for whom a named speaker stands."""
        kept = self._coded.get(name)
        if kept is None:
            kept = self._coded[name] = self._codes_of(name)
        return kept

    def _codes_of(self, name: str) -> tuple[str, ...]:
        codes = self.names.codes_in(name)
        for word in re.findall(r"[^\W\d_][\w'-]*", name):
            person = self.persons.get(word)
            if person is not None and person.codes:
                codes += person.codes[:1]
            elif word in self.associates:
                codes.append(self.associates[word])
            elif person is not None and person.guess:
                codes.append(person.guess)
        person = self.persons.get(name)
        if not codes and person is not None:
            codes = person.codes[:1] or ([person.guess] if person.guess else [])
        return tuple(dict.fromkeys(codes))

    def speaker(self, token: Token, piece: TextPiece) -> Speaker:
        """Return the speaker that a noun or pronoun stands for."""
        place = piece.places[token.idx]
        low = token.text.casefold()
        if low == "one" and _is_anybody(token):
            # One could argue that: whoever would, and so the author.
            return Speaker("", True, (), author=True)
        if token.pos_ == "PRON" or low in _PERSONAL | PLURAL | FIRST | {"it", "who", "which"}:
            begins = piece.places[token.sent.start_char]
            return self._pronoun(token, place, begins)
        conjuncts = [c for c in token.conjuncts if c.i > token.i and c.dep_ == "conj"]
        names = [self._named(token, piece)]
        names += [self._named(c, piece) for c in conjuncts if c.pos_ in {"PROPN", "NOUN"}]
        name = " and ".join(dict.fromkeys(names))
        codes = self.codes(name) or tuple(self.names.codes_in(_with_place(token)))
        if not codes and len(names) == 1 and lemma(token) in ROLES | INSTITUTIONS:
            near = self.state_near(place)
            codes = (near,) if near else ()
        for child in token.children:
            if not codes and child.dep_ == "poss" and child.pos_ == "PRON":
                codes = self.speaker(child, piece).codes
        return Speaker(name, True, codes)

    def _named(self, token: Token, piece: TextPiece) -> str:
        several = token.tag_ == "NNS"
        for other in (token, *token.children):
            # Theorists, among them the admiral: one of several does not stand for them all.
            if other == token or (other.dep_ == "appos" and not several):
                name = self._person_at(other)
                if name:
                    return name
        phrase = noun_phrase(token)
        owned = re.match(r"(?:his|her|its|their|our|my)(?: own)? ", phrase, re.I)
        if owned and set(phrase[owned.end() :].casefold().split()) <= TITLES:
            phrase = phrase[owned.end() :]
        role = token.text.casefold()
        definite = any(c.text.casefold() in {"the", "this"} for c in token.children)
        if definite and role in ROLES and len(phrase.split()) <= 3:
            place = piece.places[token.idx]
            before = bisect.bisect_left(self.mentions, place, key=lambda m: m.place)
            for mention in reversed(self.mentions[max(0, before - MANY) : before]):
                person = self.persons[mention.name]
                wanted = {word.casefold() for word in phrase.split()}
                if role in person.roles and wanted <= person.described | {role}:
                    return mention.name
        if definite and role in ROLES and " " not in phrase:
            return self._told_before(role, piece.places[token.idx]) or phrase
        return phrase

    def _told_before(self, role: str, place: int) -> str:
        """Return the fuller words for somebody of a role who has no name: the Halvern envoy."""
        for mention in reversed(_near(self.roles, place)):
            if mention.name.casefold().endswith(" " + role):
                return mention.name
        return ""

    def _person_at(self, token: Token) -> str:
        if token.pos_ != "PROPN":
            return ""
        for name in (token.text, _with_particle(token)):
            if name in self.persons:
                return self.persons[name].name
        return ""

    def spoke(self, name: str, place: int) -> None:
        """Take note that somebody answers for words at a place: pronouns go back to speakers."""
        bisect.insort(self.heard, Mention(place, name, True), key=lambda m: m.place)

    def _pronoun(self, token: Token, place: int, begins: int) -> Speaker:
        low = token.text.casefold()
        if low in FIRST:
            return Speaker("", True, (), author=True)
        if low in {"who", "which", "that"}:
            return Speaker(token.text, False)
        if low in {"you", "your"} and self.addressee:
            return Speaker(self.addressee, True, self.codes(self.addressee))
        if low in _PERSONAL:
            return self._somebody(token, place)
        heard = _near(self.heard, place)
        heard = [m for m in heard if m.name not in self.persons]
        until = place if token.dep_ == "poss" and low in {"its", "their"} else begins
        bodies = [m for m in _near(self.bodies, place) if m.place < until]
        if low in {"it", "its"}:
            bodies = [m for m in bodies if not m.name.endswith("s") or self.names.codes_in(m.name)]
        if low in PLURAL:
            plural = [m for m in heard if m.name.endswith("s") or " and " in m.name]
            heard = plural or heard
            bodies = [m for m in bodies if _is_plural(m.name)] or bodies
        near = heard[-1:] or bodies[-1:]
        named = [m for m in bodies[-1:] if self.codes(m.name) and place - m.place < CLOSE]
        if near and named and low not in {"its", "their"} and near[0].place < named[0].place:
            near = named
        if near and low in PLURAL | {"it", "its"}:
            codes = self.codes(near[0].name)
            if not codes:
                in_order = sorted(heard + bodies, key=lambda m: m.place)
                coded = (self.codes(m.name) for m in reversed(in_order))
                codes = next((found for found in coded if found), ())
            return Speaker(near[0].name, bool(heard), codes)
        return Speaker(token.text, low not in PLURAL | {"it"})

    def _somebody(self, token: Token, place: int) -> Speaker:
        gender = "f" if token.text.casefold() in {"she", "her", "hers"} else "m"
        near = _near(self.mentions, place)
        near += [m for m in _near(self.heard, place) if m.name in self.persons]
        near.sort(key=lambda mention: mention.place)
        fit = [m for m in near if self.persons[m.name].gender in {"", gender}]
        subjects = [m for m in fit if m.subject]
        chosen = subjects[-1:] or fit[-1:]
        heard = _near(self.heard, place)
        roles = [m for m in heard + _near(self.humans, place) if is_human(_head_of(m.name))]
        roles.sort(key=lambda mention: mention.place)
        if roles and (not chosen or chosen[0].place < roles[-1].place):
            return Speaker(roles[-1].name, True, self.codes(roles[-1].name))
        if not chosen:
            # A name that was heard once, of whom nothing else is told.
            bare = [m for m in heard if m.name.isalpha() and m.name.istitle()]
            bare = [
                m for m in bare
                if m.name not in self.lands
                and m.name.casefold() not in _PERSONAL
                and not self.names.codes_in(m.name)
            ]  # fmt: skip
            return Speaker(bare[-1].name if bare else token.text, False)
        name = chosen[0].name
        if not self.persons[name].gender and (chosen[0].subject or len(fit) == 1):
            self.persons[name].gender = gender
        rivals = {m.name for m in fit[-3:]}
        return Speaker(name, len(rivals) == 1 or bool(subjects), self.codes(name))


@lru_cache(MANY)
def is_human(word: str) -> bool:
    """Say whether a common noun stands for one man or woman: a banker, an official."""
    return word in ROLES | _HUMANS or (
        word.endswith(("er", "ist", "ian", "ant", "man", "woman", "crat"))
        and word not in INSTITUTIONS | _NOT_HUMAN
    )


def _owns_body(token: Token) -> bool:
    """Say whether a name stands before a body or an office of its own: Zamoria's envoy."""
    owning = token.dep_ == "poss" and token.pos_ == "PROPN"
    return owning and lemma(token.head) in INSTITUTIONS | ROLES


@lru_cache(MANY)
def _head_of(name: str) -> str:
    """Return the last word of a name before its of-phrase: chief of staff."""
    head = name.split(" of ")[0].split()[-1].casefold()
    return "person" if head in {"one", "another"} and " of " in name else head


def _is_subject(token: Token) -> bool:
    """Say whether a name is a subject, by itself or beside one: his deputy, Mara Holt, left."""
    node = token.head if token.dep_ == "appos" else token
    return node.dep_ in {"nsubj", "nsubjpass"}


def _is_new_human(noun: Token) -> bool:
    """Say whether somebody without a name comes in: a colonel said, we asked a colonel."""
    if noun.tag_ != "NN" or noun.dep_ not in {"nsubj", "nsubjpass", "dobj", "dative"}:
        return False
    new = any(c.text.casefold() in {"a", "an", "another", "his", "her", "its"} for c in noun.lefts)
    if not new or not is_human(lemma(noun)):
        return False
    if any(c.dep_ == "appos" and c.pos_ == "PROPN" for c in noun.children):
        return False
    asked = lemma(noun.head) in _ASKING and any(
        c.dep_ == "nsubj" and c.text.casefold() in FIRST for c in noun.head.children
    )
    return asked or noun.dep_ in {"nsubj", "nsubjpass"}


def _is_anybody(one: Token) -> bool:
    """Say whether ``one`` is whoever would: one could argue, one suspects; not: one said."""
    verb = one.head
    alone = not any(True for _ in one.children) and one.dep_ in {"nsubj", "nsubjpass"}
    modal = any(c.dep_ == "aux" and c.tag_ == "MD" for c in verb.children)
    supposing = verb.tag_ == "VBZ" and lemma(verb) in _SUPPOSING
    return alone and (modal or supposing)


def _is_plural(name: str) -> bool:
    """Say whether a body is named in the plural: heads of government."""
    head = name.split(" of ")[0].split(" in ")[0]
    return head.endswith("s") or " and " in name or head in {"people", "police"}


def _run(token: Token, tokens: list[Token]) -> list[Token] | None:
    """Return the name of which a token is the first word, as a run of proper nouns."""
    if token.pos_ != "PROPN" and not (token.text.casefold() in TITLES and token.text[0].isupper()):
        return None
    run = [token]
    while True:
        at = run[-1].i - tokens[0].i + 1
        if at >= len(tokens):
            break
        following = tokens[at]
        joins = following.text == "-" or following.text.casefold() in _PARTICLES
        if following.pos_ == "PROPN" or (
            joins and at + 1 < len(tokens) and tokens[at + 1].pos_ == "PROPN"
        ):
            run.append(following)
        else:
            break
    return run


_BODIES = words_of(
    "ministry office agency council committee party army navy government parliament house party "
    "courier times post review news press union league pact bank group institute university "
    "board court commission force forces department service company corporation report corp inc "
    "co ltd plc llc bancorp holdings industries partners associates airlines motors"
)


def _is_body(run: list[Token]) -> bool:
    """Say whether a name is a body's by one of its words: the Dorst Courier, Dorst Corp."""
    return any(t.text.casefold().rstrip(".") in _BODIES for t in run)


def _looks_like_person(run: list[Token]) -> bool:
    """Say whether a name that no tagger knows acts like a person's: told a role, or speaking."""
    last = run[-1]
    if _is_body(run) or len(run) - 2 * sum(t.text == "-" for t in run) > 3:
        return False
    if not all(t.text[0].isupper() for t in run if t.is_alpha):
        return False
    if any(c.dep_ == "appos" and lemma(c) in ROLES for c in last.children):
        return True
    if any(c.dep_ == "compound" and c.text.casefold() in ROLES for c in last.children):
        return True
    if last.dep_ == "appos" and lemma(last.head) in ROLES:
        return True
    return len(run) == 2 and last.dep_ == "nsubj" and last.ent_type_ not in {"GPE", "LOC", "NORP"}


def _surname(run: list[Token]) -> str:
    parts = [run[-1].text]
    at = len(run) - 2
    while at >= 0 and (run[at].text == "-" or run[at].text.casefold() in _PARTICLES):
        parts.insert(0, run[at].text)
        if run[at].text == "-" and at > 0:
            parts.insert(0, run[at - 1].text)
            at -= 1
        at -= 1
    return " ".join(parts).replace(" - ", "-")


def _with_particle(token: Token) -> str:
    run = [token]
    while run[0].i > token.sent.start and (
        run[0].nbor(-1).text == "-" or run[0].nbor(-1).text.casefold() in _PARTICLES
        or run[0].text == "-"
    ):  # fmt: skip
        run.insert(0, run[0].nbor(-1))
    return _surname(run) if len(run) > 1 else token.text


def _described(run: list[Token]) -> str:
    """Return the words that say what a named person is: before the name, and in apposition."""
    head = run[-1]
    parts = [t.text for t in head.subtree if t.i < head.i and t.i >= run[0].i - 12]
    for token in (head, *head.children):
        if token.dep_ == "appos" and abs(token.i - head.i) < 15:
            other = token.head if token == head else token
            parts += [t.text for t in other.subtree if abs(t.i - other.i) < 12]
    return " ".join(parts)


def _with_place(token: Token) -> str:
    """Return a noun with the phrase of place behind it: the ministry in X."""
    for child in token.rights:
        if (
            child.dep_ == "prep"
            and child.text in {"in", "of", "for", "from"}
            and (child.i == token.i + 1)
        ):
            return " ".join(t.text for t in child.subtree if t.i < token.i + 8)
    return ""


def noun_phrase(token: Token) -> str:
    """Return a noun with what stands before it and an of-phrase, without its article."""
    left = token
    for child in token.lefts:
        if child.dep_ in {"compound", "amod", "poss", "nmod", "nummod", "quantmod", "punct"}:
            left = min(left, child.left_edge, key=lambda t: t.i)
    right = token
    for child in token.rights:
        if child.text == "of" and child.i == token.i + 1:
            edge = max(
                (g for g in child.children if g.dep_ == "pobj"),
                key=lambda t: t.i,
                default=child,
            )
            right = edge
    words = token.doc.between(left, right).strip()
    return re.sub(r"^(?:the|a|an|this|these|those)\s+", "", words, flags=re.I)
