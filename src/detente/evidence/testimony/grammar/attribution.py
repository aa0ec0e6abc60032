"""Who answers for a clause: the chain of speakers above it in its sentence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from detente.evidence.testimony.claim import UNNAMED
from detente.evidence.testimony.grammar.clauses import VIEWS, is_attribution
from detente.evidence.testimony.grammar.frames import (
    MINDED,
    called_false,
    content_noun_of,
    content_of,
    entry_of,
    is_hearsay,
    mistaken,
    reattached,
    reporting_verb_of,
    says_so,
    sort_of,
)
from detente.evidence.testimony.grammar.lexicon import (
    BELIEVING,
    CONTENT_NOUNS,
    DOCUMENTS,
    ROLES,
    SAYING,
    Verb,
    verbs,
    words_of,
)
from detente.evidence.testimony.grammar.people import FIRST, People, Speaker
from detente.evidence.testimony.grammar.pieces import PLACEHOLDER
from detente.evidence.testimony.grammar.tokens import is_finite, is_infinitive, is_verbal, lemma
from detente.evidence.testimony.parsed import once

if TYPE_CHECKING:
    from detente.evidence.testimony.grammar.pieces import TextPiece
    from detente.evidence.testimony.parsed import Span, Token

_VIEWING = frozenset({*VIEWS, "per", "for", "to"})
_HOLDERS = words_of(
    "critic supporter opponent many some sceptic skeptic admirer detractor advocate"
)
"""Those for whom something is so as they see it."""
_BEING = words_of("be mean represent seem look remain sound")
HEARSAY = words_of("reportedly allegedly supposedly purportedly reputedly")
"""Adverbs that stand for somebody who is not named."""
NEAR_QUOTE = 5
"""Most words between a quotation and a verb in no list that says how it was said."""
Chain = tuple[Speaker, ...]
_SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl"})
_VERB_OF_NOUN = {
    "threat": "threaten",
    "denial": "deny",
    "warning": "warn",
    "allegation": "allege",
    "prediction": "predict",
    "expectation": "expect",
}
HOLDING = words_of(
    "have come express hold share make voice take issue repeat form reach give reiterate offer "
    "raise be stand keep adopt reject"
)
"""Verbs whose subject holds the view or claim that is their object."""
_ESCAPING = words_of("escape avoid resist shake")
_MOTIVES = words_of("hope fear belief expectation conviction assumption ground")
_ISSUING = words_of("issue release publish send circulate make read put sign post")
_NOBODY = words_of("nobody none nothing neither no-one there this")
_ABSTRACT_ENDINGS = ("ity", "tion", "sion", "ment", "ness", "ism", "ance", "ence", "ship", "ure")
_COLLECTIVES = words_of(
    "government parliament administration delegation commission opposition organisation "
    "organization federation union department mission coalition nation population establishment "
    "institution regiment community authority majority minority leadership alliance conference "
    "association corporation"
)
_THINGS = words_of(
    "crisis price war peace chance way law treaty story fact case time step move plan event "
    "figure number map cost issue problem question result deal offer attack strike"
)


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One link of a chain: who, by which verb, and where in the sentence its words stand."""

    speaker: Speaker
    verb: Token | None
    entry: Verb | None = None


@once
def subject_of(verb: Token) -> Token | None:
    """Return the noun or pronoun that is the subject of a verb, shared ones included."""
    node = verb
    for _ in range(12):
        subjects = [c for c in node.children if c.dep_ in {"nsubj", "nsubjpass", "expl"}]
        named = [c for c in subjects if c.text != PLACEHOLDER]
        if named:
            return named[-1]
        copula = node.head.head if node.head.dep_ in {"acomp", "attr"} else node.head
        if (
            is_infinitive(node)
            and lemma(copula) == "be"
            and any(
                c.dep_ in {"nsubj", "expl"} and c.text.casefold() == "it" for c in copula.children
            )
        ):
            return None  # It is wrong to say that: whoever does.
        if node.dep_ in {"conj", "xcomp", "advcl", "acomp"} and node.head != node:
            only = any(c.text.casefold() == "only" for c in node.children)
            adding = (
                node.dep_ == "advcl"
                and (node.tag_ == "VBG" or (node.tag_ == "VB" and only))
                and sort_of(node) == "say"
            )
            node = node.head
            if adding and node in content_of(node.head):
                # He said that they left, adding that: who adds is who said.
                node = node.head
        elif node.dep_ == "relcl" or (node.dep_ == "acl" and node.tag_ != "VB"):
            return antecedent(node)
        elif node.dep_ == "pcomp" and node.head.text.casefold() == "as":
            # She was quoted as saying: the subject of the verb above; they quote her: its object.
            node = node.head.head
            quoted = [c for c in node.children if c.dep_ == "dobj"]
            if quoted and lemma(node) in {"quote", "cite"}:
                return quoted[0]
        else:
            return None
    return None


def antecedent(clause: Token) -> Token:
    """Return the noun that a relative clause describes: Holt of the Courier, who thinks.

    A parser hangs it on the nearest noun; ``who`` wants a person.
    """
    noun = clause.head
    who = any(c.text.casefold() == "who" and c.tag_ == "WP" for c in clause.children)
    if who and noun.dep_ == "pobj" and noun.pos_ == "PROPN":
        whole = noun.head.head
        if noun.head.text in {"of", "from", "at", "with"} and whole.pos_ == "PROPN":
            return whole
    return noun


def believer(content: Token) -> Token | None:
    """Return who is sure of a clause behind an adjective: Venn, confident that she would win."""
    adjective = content.head
    if content.dep_ != "ccomp" or adjective.pos_ != "ADJ" or lemma(adjective) not in BELIEVING:
        return None
    if adjective.dep_ in {"amod", "appos", "acl"}:
        return adjective.head
    if adjective.dep_ in {"advcl", "advmod"} and is_verbal(adjective.head):
        return subject_of(adjective.head)
    return None


def _is_passive(verb: Token) -> bool:
    return any(c.dep_ in {"auxpass", "nsubjpass"} for c in verb.children)


def _agent(verb: Token) -> Token | None:
    for child in verb.children:
        if child.dep_ == "agent":
            for noun in child.children:
                if noun.dep_ == "pobj":
                    return noun
    return None


def _adverbs(verb: Token) -> str:
    """Return the adverbs before a participle, for the name of a link that names nobody."""
    words = [c.text.casefold() for c in verb.lefts if c.dep_ == "advmod" and c.text.endswith("ly")]
    return " ".join([*words, verb.text.casefold()])


def is_abstract(noun: Token) -> bool:
    """Say whether a noun is for a thing that cannot speak: the gravity of it demands."""
    low = lemma(noun)
    if noun.pos_ != "NOUN" or low in ROLES or low in _COLLECTIVES:
        return False
    return low.endswith(_ABSTRACT_ENDINGS) or low in _THINGS


class Attribution:
    """Finds the speakers of clauses; knows everybody met so far."""

    def __init__(self, people: People) -> None:
        self.people = people

    def speaker_of(self, verb: Token, piece: TextPiece) -> Speaker | None:
        """Return who answers for the content of a verb of reporting."""
        if _is_passive(verb) and lemma(verb) not in MINDED:
            agent = _agent(verb)
            if agent is not None:
                return self._named(agent, piece)
            return Speaker(f"{_adverbs(verb)} {UNNAMED}")
        subject = subject_of(reattached(verb))
        if subject is not None and lemma(verb) == "hear":
            return Speaker(f"{verb.text.casefold()} {UNNAMED}")
        if subject is None or subject.text.casefold() in _NOBODY:
            return None
        if sort_of(verb) in {"demand", "commit", "judge", "accuse"} and is_abstract(subject):
            return None
        return self._named(subject, piece)

    def _named(self, noun: Token, piece: TextPiece) -> Speaker:
        low = noun.text.casefold()
        if noun.dep_ in {"nsubj", "nsubjpass"} and low in {"who", "which", "that"}:
            clause = noun.head
            while clause.dep_ in {"conj", "xcomp"} and clause.head != clause:
                clause = clause.head
            if clause.dep_ == "relcl":
                return self.people.speaker(antecedent(clause), piece)
        issuing = noun.head
        if lemma(noun) in DOCUMENTS and noun.dep_ == "dobj" and lemma(issuing) in _ISSUING:
            issuer = subject_of(issuing)
            if issuer is not None and issuer != noun:
                return self.people.speaker(issuer, piece)
        if lemma(noun) in CONTENT_NOUNS - DOCUMENTS or lemma(noun) in {"point", "case"}:
            holder = self.holder_of(noun, piece)
            if holder is not None:
                return holder
        return self.people.speaker(noun, piece)

    def holder_of(self, noun: Token, piece: TextPiece) -> Speaker | None:
        """Return whose a view or claim is: its possessor, of-phrase or the verb's subject."""
        for child in noun.children:
            if child.dep_ == "poss":
                return self.people.speaker(child, piece)
        for child in noun.children:
            if child.text in {"of", "by", "from", "among", "in"}:
                for name in child.children:
                    if name.dep_ == "pobj" and name.pos_ in {"PROPN", "NOUN"}:
                        return self.people.speaker(name, piece)
        node = noun
        while node.dep_ in {"dobj", "pobj", "prep", "attr", "conj"} and node.head != node:
            around = node.dep_ == "prep" and is_verbal(node.head)
            if around and lemma(noun) in _MOTIVES and node.text.casefold() in {"in", "for", "on"}:
                # In the hope that she would win, Venn called a vote: it is hers.
                acting = subject_of(node.head)
                return self.people.speaker(acting, piece) if acting is not None else None
            if around and node.text.casefold() not in {"to", "with", "of", "by", "under"}:
                # Amid reports that she had fled, he took command: the reports are not his.
                return None
            node = node.head
        if lemma(node) in HOLDING and node != noun:
            subject = subject_of(node)
            if subject is not None and subject.text.casefold() in {"it", "there"}:
                # It is conventional wisdom there that: those of the place.
                places = [c for c in node.children if c.text in {"in", "among"}]
                names = [n for c in places for n in c.children if n.pos_ in {"PROPN", "NOUN"}]
                return self.people.speaker(names[0], piece) if names else None
            if subject is not None and subject != noun and subject.dep_ != "expl":
                return self.people.speaker(subject, piece)
        return None

    # The chain --------------------------------------------------------------------------

    def links(self, head: Token, piece: TextPiece) -> list[ChainLink]:
        """Return the links above a clause in its sentence, the outermost first."""
        links: list[ChainLink] = []
        node = head
        below = head
        while True:
            links[:0] = [k for k in self.beside(node, piece) if k.verb != below]
            below = node
            if node.head == node:
                break
            above = reattached(node)
            if above != node:
                node = above
                continue
            verb = reporting_verb_of(node)
            if verb is not None:
                links[:0] = self._reported_by(verb, piece)
                node = verb
                continue
            above = node.head
            links[:0] = self._between(node, above, piece)
            node = above
        return [link for k, link in enumerate(links) if not k or not goes_back(link, links[k - 1])]

    def _reported_by(self, verb: Token, piece: TextPiece) -> list[ChainLink]:
        """Return the links of a verb of reporting whose content is a clause."""
        if mistaken(verb) is not None:
            # Those who say that P are mistaken: whoever says so denies P.
            return []
        speaker = self.speaker_of(verb, piece)
        entry = entry_of(verb)
        if speaker is None:
            if not is_finite(verb) or sort_of(verb) != "say":
                return []
            return [ChainLink(Speaker("somebody", False), verb, entry)]
        return [*self.hearsay(verb), ChainLink(speaker, verb, entry), *self._cited(verb, piece)]

    def _between(self, node: Token, above: Token, piece: TextPiece) -> list[ChainLink]:
        if node.dep_ in {"ccomp", "xcomp"} and is_hearsay(above):
            return [ChainLink(self.hearsay_speaker(above), above, None)]
        if node.text == "as" and lemma(above) in {"quote", "cite"} and not _is_passive(above):
            quoting = self.speaker_of(above, piece)
            return [ChainLink(quoting, above, None)] if quoting is not None else []
        believing = believer(node)
        if believing is not None:
            return [ChainLink(self._named(believing, piece), above, None)]
        noun = content_noun_of(node)
        if noun is not None and noun.dep_ == "dobj" and lemma(noun.head) in _ESCAPING:
            # It is hard to escape the impression that: the author's own.
            return []
        if called_false(noun) is not None:
            # Reports that P are untrue: whoever says so denies P.
            return []
        if noun is not None and is_no_doubt(noun):
            sure = self.holder_of(noun, piece)
            return [] if sure is None else [ChainLink(sure, noun, verbs()["say"])]
        if noun is not None:
            above = noun
            of_noun = verbs().get(_VERB_OF_NOUN.get(lemma(above), lemma(above)))
            denying = above.head
            silent = any(c.dep_ == "neg" for c in denying.children) or any(
                c.text.casefold() == "nor" for c in denying.children
            )
            if above.dep_ == "dobj" and sort_of(denying) in {"deny", "doubt"} and not silent:
                speaker = self.speaker_of(denying, piece)
                if speaker is not None:
                    return [ChainLink(speaker, denying, entry_of(denying))]
            holder = self.holder_of(above, piece)
            if holder is None and lemma(above) in {"point", "ground", "case"}:
                return []
            if holder is None:
                return [ChainLink(Speaker(f"{above.text.casefold()} {UNNAMED}"), above, of_noun)]
            return [ChainLink(holder, above, of_noun)]
        return []

    def _cited(self, verb: Token, piece: TextPiece) -> list[ChainLink]:
        """Return whom a speaker cites: reported, citing the ministry, that."""
        speaking = next((c for c in verb.children if c.dep_ == "nsubj"), verb)
        for child in (*verb.children, *speaking.children):
            if child.dep_ in {"advcl", "acl", "ccomp", "conj"}:
                for citing in (child, *child.conjuncts, *_citing(child)):
                    if citing.dep_ not in {"advcl", "acl"} or lemma(citing) not in {
                        "cite",
                        "quote",
                    }:
                        continue
                    for noun in citing.children:
                        if noun.dep_ == "dobj" and noun.pos_ in {"NOUN", "PROPN"}:
                            return [ChainLink(self.people.speaker(noun, piece), citing, None)]
        return []

    def hearsay_speaker(self, verb: Token) -> Speaker:
        """Return the speaker without a name of a verb in the passive."""
        return Speaker(f"{_adverbs(verb)} {UNNAMED}")

    def hearsay(self, verb: Token) -> list[ChainLink]:
        """Return links for the adverbs that make hearsay of a verb: reportedly."""
        return [
            ChainLink(Speaker(f"{child.text.casefold()} {UNNAMED}"), child, None)
            for child in verb.children
            if child.text.casefold() in HEARSAY
        ]

    def beside(self, node: Token, piece: TextPiece) -> list[ChainLink]:
        """Return speakers named beside a clause: according to, in his view, she said."""
        links = []
        contents = content_of(node)
        frame = bool(contents)
        for child in (*node.children, *_inserted_below(node)):
            if child.text.casefold() == "according" and is_attribution(child):
                links += self._according(child, piece)
            elif _is_as_reported(child):
                links.append(ChainLink(self.hearsay_speaker(child), child, None))
            elif _puts_it(child):
                putting = subject_of(_telling(child))
                if putting is not None:
                    links.append(ChainLink(self._named(putting, piece), child, None))
            elif child.text.casefold() in HEARSAY and not frame:
                links.append(ChainLink(Speaker(f"{child.text.casefold()} {UNNAMED}"), child, None))
            elif child.dep_ == "prep" and child.text.casefold() in _VIEWING:
                links += self._in_the_view(child, node, piece)
            elif (
                child.dep_ in {"parataxis", "ccomp", "advcl"}
                and sort_of(child) in {"say", "think"}
                and not content_of(child)
                and child not in contents
                and child.i > node.i - 40
                and _is_inserted(child)
                and (child.dep_ != "advcl" or _is_set_off(child))
            ):
                speaker = self.speaker_of(child, piece)
                if speaker is not None:
                    entry = entry_of(child)
                    links += [*self.hearsay(child), ChainLink(speaker, child, entry)]
        return links

    def _according(self, child: Token, piece: TextPiece) -> list[ChainLink]:
        for to in child.children:
            for noun in to.children:
                if noun.dep_ == "pobj":
                    return [ChainLink(self.people.speaker(noun, piece), child, None)]
        return []

    def _in_the_view(self, child: Token, node: Token, piece: TextPiece) -> list[ChainLink]:
        low = child.text.casefold()
        for noun in child.children:
            if noun.dep_ != "pobj":
                continue
            named = noun.pos_ == "PROPN" or any(c.text.casefold() == "the" for c in noun.lefts)
            if low == "per" and named:
                return [ChainLink(self.people.speaker(noun, piece), child, None)]
            them = low == "to" and noun.low in {"him", "her", "them"}
            holding = (them or lemma(noun) in _HOLDERS) and child.i < node.i
            if low in {"for", "to"} and holding and lemma(node) in _BEING:
                return [ChainLink(self.people.speaker(noun, piece), child, None)]
            if lemma(noun) in VIEWS.get(low, ()) and noun.i > child.i + 1:
                if lemma(noun) == "point":
                    noun = _view_of(noun)
                for owner in noun.children:
                    if owner.dep_ == "poss" and owner.text.casefold() not in FIRST:
                        speaker = self.people.speaker(owner, piece)
                        if owner.pos_ == "PRON" and not speaker.certain:
                            after = _before_its_name(owner, node)
                            speaker = self.people.speaker(after, piece)
                        return [ChainLink(speaker, child, None)]
                    if owner.text == "of":
                        for name in owner.children:
                            if name.dep_ == "pobj":
                                return [ChainLink(self.people.speaker(name, piece), child, None)]
        return []


def _view_of(noun: Token) -> Token:
    """Return the view in ``the point of view of``, or the noun itself if it is somebody's."""
    if any(c.dep_ == "poss" for c in noun.children):
        return noun
    views = [c for of in noun.children if of.text == "of" for c in of.children]
    return next((c for c in views if lemma(c) == "view"), noun)


def _inserted_below(node: Token) -> list[Token]:
    """Return verbs that a parser hangs on what completes a clause: it was, she said, over."""
    return [
        c for below in node.children
        if below.dep_ in {"attr", "acomp", "dobj", "oprd"}
        for c in below.children if c.dep_ == "parataxis"
    ]  # fmt: skip


def is_no_doubt(noun: Token) -> bool:
    """Say whether a noun is a doubt that there is not, or hardly: there is no doubt."""
    return lemma(noun) == "doubt" and any(
        c.text.casefold() in {"no", "little", "scant"} for c in noun.lefts
    )


def _citing(content: Token) -> list[Token]:
    """Return participles that close a content or what is joined to it: P and Q, citing her."""
    return [
        c for clause in (content, *content.conjuncts) for c in clause.rights
        if c.dep_ == "advcl" and c.tag_ == "VBG"
    ]  # fmt: skip


def _before_its_name(owner: Token, node: Token) -> Token:
    """Return the name for which a pronoun stands ahead of it: by her own account, Venn lied."""
    subject = next((c for c in node.children if c.dep_ in {"nsubj", "nsubjpass"}), None)
    return subject if subject is not None and owner.i < subject.i and (
        subject.pos_ != "PRON") else owner  # fmt: skip


def _telling(verb: Token) -> Token:
    """Return the verb whose subject tells it: to hear her tell it."""
    return next((c for c in verb.children if c.dep_ == "ccomp" and lemma(c) == "tell"), verb)


def _is_as_reported(verb: Token) -> bool:
    """Say whether a clause only says that others said so: as has been reported."""
    marked = verb.dep_ == "advcl" and any(
        c.dep_ == "mark" and c.text.casefold() == "as" for c in verb.children
    )
    return marked and is_hearsay(verb) and not any(
        c.dep_ in {"nsubj", "nsubjpass"} for c in verb.children
    )  # fmt: skip


def _puts_it(verb: Token) -> bool:
    """Say whether a clause only says who found the words: as the general put it."""
    if verb.dep_ == "advcl" and lemma(verb) == "hear":
        return _telling(verb) is not verb
    if verb.dep_ == "advcl" and lemma(verb) == "be":
        # If the general is to be believed.
        return any(c.dep_ == "xcomp" and c.text.casefold() == "believed" for c in verb.children)
    return (
        verb.dep_ == "advcl" and lemma(verb) in {"put", "see", "tell"}
        and any(c.text.casefold() == "it" and c.dep_ == "dobj" for c in verb.children)
        and any(c.text.casefold() == "as" for c in verb.children)
    )  # fmt: skip


def goes_back(link: ChainLink, outer: ChainLink) -> bool:
    """Say whether a pronoun that is the subject of a verb stands for the speaker above it."""
    if link.verb is None or UNNAMED in link.speaker.name:
        return False  # They had been told that: not by themselves.
    if link.verb.dep_ == "prep":
        # In her words, in their view: whoever says so already.
        owners = (c for noun in link.verb.children for c in noun.children if c.dep_ == "poss")
        return any(c.pos_ == "PRON" for c in owners)
    if link.entry is None:
        return False
    subject = subject_of(link.verb)
    return subject is not None and subject.text.casefold() in {"he", "she", "they", "it"}


def _is_set_off(clause: Token) -> bool:
    """Say whether a clause stands behind a comma or at the beginning of its sentence."""
    first = clause.left_edge
    return first.i == first.sent.start or first.nbor(-1).text in {",", "–", "—", "-", "("}


def _is_inserted(verb: Token) -> bool:
    """Say whether a verb of saying stands between commas with its subject: S, he said, T."""
    subject = [c for c in verb.children if c.dep_ in {"nsubj", "nsubjpass"}]
    if not subject:
        return False
    objects = any(c.dep_ in {"dobj", "ccomp", "xcomp", "attr"} for c in verb.children)
    marked = any(c.dep_ == "mark" and c.text.casefold() != "as" for c in verb.children)
    return not objects and not marked


def main_speaker(
    attribution: Attribution, sentence: list[Token], piece: TextPiece
) -> tuple[Speaker | None, Token | None]:
    """Return the last verb of saying of a sentence that has no content yet, and its subject."""
    for token in reversed(sentence):
        if (
            sort_of(token) in {"say", "think"}
            and token.pos_ == "VERB"
            and is_finite(token)
            and not content_of(token)
            and not says_so(token)
        ):
            speaker = attribution.speaker_of(token, piece)
            if speaker is not None:
                return speaker, token
    return None, None


def joined_chain(*chains: Chain) -> Chain:
    """Join chains; the author, and a speaker who reports himself, add no link."""
    joined: list[Speaker] = []
    for speaker in (s for chain in chains for s in chain):
        if speaker.author or not speaker.name:
            continue
        if joined and joined[-1].name == speaker.name:
            continue
        joined.append(speaker)
    return tuple(joined)


def verb_of_saying(token: Token, sentence: Span) -> Token | None:
    """Return the verb that introduces the quotation for which a token stands."""
    node = token
    for _ in range(6):
        if node.head == node:
            break
        node = node.head
        if sort_of(node) in SAYING and node.pos_ == "VERB" and subject_of(node) is not None:
            return node
    verbs_of_saying = [
        t for t in sentence
        if sort_of(t) in SAYING and t.pos_ == "VERB" and subject_of(t) is not None
    ]  # fmt: skip
    near = [t for t in verbs_of_saying if not content_of(t) or abs(t.i - token.i) <= 4]
    if not near:
        return _said_with(token, sentence)
    return min(near, key=lambda t: abs(t.i - token.i), default=None)


def _said_with(token: Token, sentence: Span) -> Token | None:
    """Return a verb beside a quotation that says how it was said: “Never,” she shrugged."""
    beside = [
        t for t in sentence
        if t.tag_ in {"VBD", "VBZ", "VBP"} and t.pos_ == "VERB" and abs(t.i - token.i) <= NEAR_QUOTE
        and not any(c.dep_ in {"dobj", "ccomp", "attr", "acomp"} and c != token for c in t.children)
        and any(c.dep_ == "nsubj" and c != token for c in t.children)
    ]  # fmt: skip
    return min(beside, key=lambda t: abs(t.i - token.i), default=None)


def introducing(holders: Collection[int], sentence: Span) -> Token | None:
    """Return the verb that introduces one of the quotations held by these tokens."""
    for i in holders:
        verb = verb_of_saying(sentence.doc[i], sentence)
        if verb is not None:
            return verb
    return None
