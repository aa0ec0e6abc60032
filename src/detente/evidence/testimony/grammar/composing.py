"""Clauses into claims: who answers for each, what it does, and how much of it is a claim."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from detente.evidence.testimony.claim import MAX_WORDS, SAID_ON, UNCERTAIN, UNNAMED, Claim
from detente.evidence.testimony.grammar.attribution import (
    HOLDING,
    Attribution,
    Chain,
    ChainLink,
    goes_back,
    introducing,
    is_no_doubt,
    joined_chain,
    subject_of,
)
from detente.evidence.testimony.grammar.clauses import (
    Clause,
    clauses,
    is_cleft,
    is_counterfactual,
    is_supposed,
    presupposed,
)
from detente.evidence.testimony.grammar.dates import day_in
from detente.evidence.testimony.grammar.features import (
    calls_false,
    claim_type,
    hedges,
    is_negated,
    is_silence,
    rejects_claim,
    stance,
)
from detente.evidence.testimony.grammar.frames import (
    content_of,
    entry_of,
    raised_verb,
    reporting_verb_of,
    sort_of,
)
from detente.evidence.testimony.grammar.layout import TextBlock
from detente.evidence.testimony.grammar.lexicon import (
    SAYING,
    words_of,
)
from detente.evidence.testimony.grammar.noun_content import own_link
from detente.evidence.testimony.grammar.people import People, Speaker
from detente.evidence.testimony.grammar.pieces import Quote, TextPiece
from detente.evidence.testimony.grammar.spans import (
    cut_span,
    fragment_at,
    line_of,
    mode_of,
    touching,
    with_marks,
)
from detente.evidence.testimony.grammar.tokens import lemma
from detente.evidence.testimony.grammar.worth import (
    LOOK_BACK,
    about_a_claim,
    answered_by,
    backshifted,
    behind_asides,
    consequence,
    contradicts,
    denied_by,
    has_condition,
    headline_plan,
    holds_clause,
    is_told_of,
    negated_frame,
    only_says,
    points_back,
    speaks_for,
    worth_claiming,
)
from detente.evidence.testimony.opening import OpenedText
from detente.evidence.testimony.overlooked import overlooked, rejoins

if TYPE_CHECKING:
    from detente.evidence.testimony.parsed import Span, Token

_MODAL = re.compile(
    r"\b(?:would|must|can|could|may|might|should|had to|needed to|will|cannot)\b", re.I
)
_GOES_ON = re.compile(r"^\W*(?:and|nor|but|so|rather|instead|otherwise|without)\b", re.I)
_SUPPOSED = re.compile(
    r"\bif (?:any(?:one|body)|some\w*|you|they) (?:\w+ )?"
    r"(?:imagin|think|believ|suppos|hope|expect)",
    re.I,
)
_RISING = words_of("go rise stand write call phone ring return come step")
"""What somebody does to say something: rose to say that."""
_TURNED = re.compile(r"\W*(?:had|were|should) (?:[A-Z]|the|a|he|she|it|they|we|you|I|there)\b")
"""How a condition without a word for it begins: Had it listened."""
LONGEST_CLAIM = 60
"""Most words of a claim in words, longer than its span may be."""
LONGEST_FRAME = 4000
"""Most characters of a sentence that are looked through for the words around a claim."""
_BEING = words_of("is are was were be been to that which would will not it this has")
_MISTAKEN = re.compile(r"\b(?:mistaken|wrong|deluded|in error|disappointed)\b", re.I)


@dataclass(slots=True)
class Discourse:
    """What the sentences before leave behind for the next."""

    chain: Chain = ()
    paragraph: int = 0
    quoted: Chain = ()
    quoted_paragraph: int = 0
    spoken: Chain = ()
    spoken_paragraph: int = 0
    joined: Chain = ()
    rejoined: bool = False
    actors: tuple[str, ...] = ()
    actors_line: int = 0
    asides: list[tuple[int, int]] = field(default_factory=list)
    spans: list[tuple[int, int, Chain]] = field(default_factory=list)


class ClaimComposer:
    """Makes claims of the clauses of a sentence; knows what the sentences before left behind.

    Attributes
    ----------
    claims : list of Claim
        Every claim so far.
    state : Discourse
        Who spoke last, and what stands in brackets.
    """

    def __init__(self, opened: OpenedText, people: People, author: Speaker) -> None:
        self.opened = opened
        self.people = people
        self.names = people.names
        self.attribution = Attribution(people)
        self.author = author
        self.claims: list[Claim] = []
        self.state = Discourse()
        self.source = opened.source
        self.written: dt.date | None = None

    def compose(
        self,
        block: TextBlock,
        piece: TextPiece,
        sentence: Span,
        quotes: list[Quote],
        base: Chain,
        certain: bool,
        holders: dict[int, Quote],
        *,
        quoted: bool,
        base_is_carried: bool = False,
        introduced: Token | None = None,
    ) -> None:
        """Add the claims of one sentence.

        Parameters
        ----------
        block, piece, sentence
            Where it stands, and its parse.
        quotes : list of Quote
            The quotations of its paragraph.
        base : tuple of Speaker
            Who answers for all of it: the speakers of the quotation or turn that it is in.
        certain : bool
            Whether they are known for sure.
        holders : dict of int to Quote
            The quotations that it frames, by the token that stands for each.
        quoted : bool
            Whether its words are another's, word for word.
        base_is_carried : bool
            Whether `base` goes over from the clause before, and gives way to a nearer speaker.
        introduced : Token, optional
            The verb that introduces what follows it.
        """
        text = self.opened.visible
        whole = piece.span(sentence.start_char, sentence.end_char)
        quotes = touching(quotes, *whole)
        candidates = clauses(sentence)
        above = {c.head.i: self._links(c, piece) for c in candidates}
        if piece.kind == "frame" and not base:
            for clause in candidates:
                if not above[clause.head.i]:
                    above[clause.head.i] = overlooked(self.attribution, clause, piece, block)
        false = ((c.head.i, denied_by(c.head)) for c in candidates)
        untrue = {i: verb for i, verb in false if verb is not None}
        framing = {k.verb.i for links in above.values() for k in links if k.verb is not None}
        framing |= {verb.i for verb in untrue.values()}
        if introduced is not None:
            framing.add(introduced.i)
        silent = {t.i: c for c in candidates if is_silence(_words_of(c)) for t in c.tokens}
        unsaid = [c for c in candidates if c.head.dep_ == "ccomp" and c.head.head.i in silent]
        candidates = [c for c in candidates if c not in unsaid]
        frames = [c for c in candidates if self._is_frame(c, sentence, holders, framing)]
        spans = {c.head.i: piece.span(c.first.idx, c.last.idx + len(c.last)) for c in candidates}
        for clause in unsaid:
            # Would not say whether they knew: what is not said is no claim.
            owner = silent[clause.head.head.i].head.i
            end = piece.places[clause.last.idx + len(clause.last) - 1] + 1
            if owner in spans:
                spans[owner] = (spans[owner][0], max(end, spans[owner][1]))
        supposed = bool(_SUPPOSED.search(sentence.text) and _MISTAKEN.search(sentence.text))
        kept = [c for c in candidates if c not in frames]
        inside = {t.i for c in kept for t in c.tokens}
        framed = " ".join(t.text for t in sentence if t.i not in inside)
        anew = sort_of(sentence.root) in SAYING or bool(above.get(sentence.root.i))
        owners: dict[int, ChainLink] = {}
        added: list[Claim] = []
        carrying: list[Chain] = []
        for clause in kept:
            head = clause.head
            if all(t.i in holders or not t.is_alpha for t in clause.tokens):
                continue
            if supposed and _MISTAKEN.search(" ".join(t.text for t in clause.tokens[-2:])):
                continue
            start, end = self._with_antecedent(clause, piece, *spans[head.i])
            start = self._after_aside(clause, piece, quotes, start, end)
            if "neither" in text[start:end] and is_silence(text[start:end]):
                end = max([end, *(spans[c.i][1] for c in head.conjuncts if c.i in spans)])
            words = text[start:end]
            if not worth_claiming(clause, words, piece, block):
                if hedges(words) and self.claims and self.claims[-1].paragraph == block.number:
                    last = self.claims[-1]
                    self.claims[-1] = replace(last, hedge=(*last.hedge, *hedges(words)))
                continue
            links = above[head.i]
            own = own_link(self.attribution, clause, piece, words)
            raised = raised_verb(head) if own is not None else None
            if own is not None and raised is not None:
                # Are understood to regard it as lost: it is they who do.
                raiser = self.attribution.speaker_of(raised, piece)
                links = [*links, own]
                own = ChainLink(raiser, raised, entry_of(raised)) if raiser is not None else None
            if (
                own is not None
                and links
                and not links[-1].speaker.author
                and (goes_back(own, links[-1]))
            ):
                # The company said that it expects: one speaker, not two.
                own = ChainLink(links[-1].speaker, own.verb, own.entry)
            if own is not None:
                links = [*links, own]
                owners[head.i] = own
            elif (
                clause.kind == "participle"
                and head.head.i in owners
                and (sort_of(head.head) == "accuse")
            ):
                links = [*links, owners[head.head.i]]
            speakers = self.speakers_of(links)
            carried = () if (speakers or anew) and base_is_carried else base
            outer = [*base, *self.speakers_of(links[:-1])] if own is not None else []
            inner = own is not None and bool(outer) and is_told_of(own, links[:-1])
            if own is not None and outer and (inner or speaks_for(outer[-1], own.speaker)):
                # A minister who says that the state regrets speaks for the state.
                speakers = speakers[:-1]
            chain = joined_chain(carried, speakers)
            for speaker in chain:
                self.people.spoke(speaker.name, start)
            sure = certain and all(speaker.certain for speaker in chain)
            fragment = fragment_at(quotes, start, end)
            if not links and fragment is not None and fragment.chain and not chain:
                chain = fragment.chain
            free = False
            if not chain and piece.kind == "frame" and self._goes_on(block, sentence):
                chain, free = self.state.chain, True
            frame_words = self._frame_words(framed, whole, links)
            claim = self._claim(
                block, piece, clause, words, (start, end), chain, links, frame_words,
                quoted=quoted, fragment=fragment, quotes=quotes, sure=sure, free=free,
                supposed=supposed or head.i in untrue, own=own is not None,
            )  # fmt: skip
            added.append(claim)
            self.state.spans.append((start, end, chain))
            carrying.append(() if own is not None else chain)
            added.extend(self._presupposed(clause, piece, claim, chain))
            if chain and fragment is not None and fragment.chain is None:
                fragment.chain = chain
        self.claims.extend(added)
        speaking = next((s for _, _, s in reversed(self.state.spans[-len(added) :]) if s), ())
        if added and speaking and piece.kind == "frame":
            self.state.spoken, self.state.spoken_paragraph = speaking, block.number
        reported = [chain for chain in carrying if chain]
        if piece.kind == "frame":
            self.state.rejoined = rejoins(owners, added, sentence, self.author)
            if self.state.rejoined:
                self.state.chain, self.state.paragraph = speaking, block.number
            elif reported:
                shortest = min(reported, key=len)
                self.state.chain, self.state.paragraph = shortest, block.number
                # An adverb of hearsay answers for its own clause alone.
                hearsay = len(shortest) == 1 and UNNAMED in shortest[0].name
                self.state.joined = () if hearsay else shortest
            elif added and [s.name for s in speaking] != [s.name for s in self.state.chain]:
                self.state.chain, self.state.joined = (), ()

    def _links(self, clause: Clause, piece: TextPiece) -> list[ChainLink]:
        """Return the links above a clause; who speaks in them is whom a later pronoun means."""
        links = self.attribution.links(clause.head, piece)
        for link in links:
            if link.verb is not None and link.speaker.name and link.speaker.certain:
                self.people.spoke(link.speaker.name, piece.places[link.verb.idx])
        return links

    def _presupposed(
        self, clause: Clause, piece: TextPiece, claim: Claim, chain: Chain
    ) -> list[Claim]:
        """Return what a clause takes for granted in a noun: the illegal war, their hegemony."""
        claims = []
        text = self.opened.visible
        for first, last in presupposed(clause):
            start, end = piece.span(first.idx, last.idx + len(last))
            start, end = cut_span(text, start, end)
            words = text[start:end]
            claims.append(
                replace(
                    claim,
                    start=start,
                    end=end,
                    text_span=self.opened.text[start:end],
                    claim=" ".join(words.split()),
                    hedge=tuple(hedges(words)),
                    polarity="affirmed",
                    stance="asserts",
                    claim_type="evaluation",
                    actors=tuple(dict.fromkeys((*self.names.codes_in(words), *claim.actors))),
                    note="; ".join(part for part in (claim.note, "presupposed") if part),
                    confidence="low" if claim.confidence == "low" else "medium",
                )
            )
            self.state.spans.append((start, end, chain))
        return claims

    def _goes_on(self, block: TextBlock, sentence: Span) -> bool:
        """Say whether a sentence without a speaker goes on with what was reported before."""
        state = self.state
        if not state.chain or state.paragraph != block.number:
            return False
        if state.rejoined or (_GOES_ON.match(sentence.text) and _MODAL.search(sentence.text)):
            return True
        before = self.claims[-1].text_span if self.claims else ""
        return backshifted(sentence.root, past=bool(re.search(r"\bhad\b", before)))

    def _is_frame(
        self, clause: Clause, sentence: Span, holders: dict[int, Quote], framing: set[int]
    ) -> bool:
        """Say whether a clause only says who speaks."""
        head = clause.head
        sort = sort_of(head)
        if head.i in framing and not is_silence(" ".join(t.text for t in clause.tokens)):
            return True
        if content_of(head):
            return not is_supposed(head)
        if is_silence(_words_of(clause)):
            return False
        if any(
            content_of(c) and (c.dep_ == "xcomp" or (c.dep_ == "advcl" and lemma(head) in _RISING))
            for c in head.children
        ):
            # They like to say that, she went on to argue that.
            return True
        if lemma(head) in HOLDING and any(
            c.dep_ == "dobj" and c.i in framing for c in head.children
        ):
            return True
        if lemma(head) in {"be", "stick", "stand", "keep", "hold"} and any(
            noun.i in framing for c in head.children if c.dep_ == "prep" for noun in c.children
        ):
            # Is of the opinion that, stuck to her claim that.
            # They expressed concern that it was closed.
            return True
        if lemma(head) in {"quote", "cite"} and any(
            c.text == "as" and any(g.i in framing for g in c.children) for c in head.children
        ):
            return True
        if sort == "deny" and clause.first.i and clause.first.nbor(-1).text == "nor":
            # Neither confirmed nor denied: one silence, at the first of the two verbs.
            return True
        if clause.kind == "participle" and head.tag_ == "VBN" and lemma(head) == "ask":
            return True
        if is_cleft(head) or only_says(clause):
            return True
        if holders and introducing(holders, sentence) == head:
            return True
        if lemma(head) == "be" and any(c.dep_ == "expl" for c in head.children):
            return any(
                c.dep_ == "attr" and (c.i in framing or (is_no_doubt(c) and holds_clause(c)))
                for c in head.children
            )
        return False

    def _with_antecedent(
        self, clause: Clause, piece: TextPiece, start: int, end: int
    ) -> tuple[int, int]:
        """Take in the noun that a relative clause describes.

        So too where somebody says what it does: chips that it says are false.
        """
        relative = clause.head
        first = clause.first
        if clause.kind == "content":
            saying = reporting_verb_of(clause.head)
            gap = not any(
                c.dep_ in {"nsubj", "nsubjpass"} and c.tag_ not in {"WDT", "WP"}
                and c.text != "that" for c in clause.head.children
            )  # fmt: skip
            if saying is None or saying.dep_ != "relcl" or not gap:
                return start, end
            relative, first = saying, saying.left_edge
        elif clause.kind != "relative" or clause.head.dep_ != "relcl":
            return start, end
        noun = relative.head
        if 0 < first.i - noun.i <= 2 and noun.pos_ in {"NOUN", "PROPN", "PRON"}:
            left = noun
            for child in noun.lefts:
                if child.dep_ in {"compound", "amod", "det", "poss", "nummod"} and (
                    noun.i - child.i <= 4
                ):
                    left = min(left, child, key=lambda t: t.i)
            return piece.places[left.idx], end
        return start, end

    def _after_aside(
        self, clause: Clause, piece: TextPiece, quotes: Sequence[Quote], start: int, end: int
    ) -> int:
        """Begin behind what parts the subject from its verb, and with the words quoted."""
        verb = piece.places[clause.head.idx]
        text = self.opened.visible
        long = len(text[start:end].split()) > MAX_WORDS
        if long and clause.kind in {"main", "content"} and not is_silence(text[start:end]):
            start = max(start, piece.places[behind_asides(clause).idx])
        for left, right in self.state.asides:
            if start < left and right <= verb and (long or right - left > 0.5 * (end - start)):
                start = right
                while start < end and not text[start].isalnum():
                    start += 1
        for quote in quotes:
            between = text[quote.end : verb]
            if quote.full and start < quote.start and quote.end <= verb and not between.strip():
                return verb
            if quote.full or not start < quote.start < end:
                continue
            before = re.findall(r"[\w']+", text[start : quote.start])
            if before and set(map(str.casefold, before)) <= _BEING:
                start = quote.start
        return start

    def _frame_words(self, framed: str, whole: tuple[int, int], links: Sequence[ChainLink]) -> str:
        """Return the words of the sentence that only say who speaks, and how surely."""
        if not links:
            return ""
        text = self.opened.visible[whole[0] : min(whole[1], whole[0] + LONGEST_FRAME)]
        asides = re.findall(r"\(([^()]{3,40})\)", text)
        return " ; ".join([framed[:LONGEST_FRAME], *asides])

    def _claim(
        self,
        block: TextBlock,
        piece: TextPiece,
        clause: Clause,
        words: str,
        span: tuple[int, int],
        chain: Chain,
        links: Sequence[ChainLink],
        frame_words: str,
        *,
        quoted: bool,
        fragment: Quote | None,
        quotes: Sequence[Quote],
        sure: bool,
        free: bool,
        supposed: bool,
        own: bool,
    ) -> Claim:
        entries = [link.entry for link in links if link.entry is not None]
        stances = [entry.stance for entry in entries]
        sorts = [entry.sort for entry in entries]
        reported = bool(chain)
        held = stance(clause, words, stances, reported=reported, own=own)
        if headline_plan(clause, block):
            held = "forecasts"
        negated = is_negated(clause)
        above = None if own else reporting_verb_of(clause.head)
        if above is not None and sort_of(above) == "think" and negated_frame(above):
            negated = not negated
        if (
            own
            and sorts[-1:] in (["judge"], ["say"])
            and ((about_a_claim(clause) and calls_false(words)) or rejects_claim(words))
        ):
            held = "denies"
        plain = own and lemma(clause.head) == "reject" and not about_a_claim(clause)
        if held == "denies" and plain:
            held = "asserts"
        denying = links[-1].verb if entries and entries[-1].sort == "deny" else None
        if denying is not None and negated_frame(denying):
            # Does not dispute that P: grants it.
            held = "asserts"
        if supposed and clause.kind == "content":
            held, negated = "denies", True
        if held == "denies" or is_counterfactual(clause.head) or consequence(clause):
            negated = (not negated) if held != "denies" else True
        if held == "no_comment":
            negated = False
        answered = answered_by(words, chain, self.claims, block) if held == "asserts" else None
        if answered is not None:
            held, negated = "denies", True
        elif (
            held == "asserts"
            and negated
            and contradicts(clause, words, chain, self.claims[-LOOK_BACK:], block)
        ):
            held = "denies"
        kind = claim_type(clause, words, held, sorts, own=own, headline=block.kind == "headline")
        if answered is not None and answered.claim_type in {"event", "attribution", "forecast"}:
            kind = answered.claim_type
        notes = []
        if not sure or free:
            notes.append(UNCERTAIN + (": goes on from the sentence before" if free else ""))
        turned = _TURNED.match(words) and clause.head.dep_ != "ROOT"
        if re.match(r"\W*(?:if|unless)\b", words, re.I) or turned or has_condition(clause):
            notes.append("conditional")
        start, end = cut_span(self.opened.visible, *with_marks(self.opened.visible, *span))
        if end < span[1]:
            notes.append(f"cut at {MAX_WORDS} words")
        open_to_doubt = bool(notes)
        day = day_in(f"{frame_words} {words if own else ''}", self.written) if chain else None
        if day is not None:
            notes.append(f"{SAID_ON}{day.isoformat()}")
        unnamed = [s.name for s in chain if UNNAMED in s.name]
        around = " ; ".join([words, frame_words, *(name.replace(UNNAMED, "") for name in unnamed)])
        return Claim(
            claim_id="",
            paragraph=line_of(block, start),
            start=start,
            end=end,
            text_span=self.opened.text[start:end],
            mode=mode_of(quotes, span, quoted=quoted, reported=reported, fragment=fragment),
            speaker_chain=(self.author.name, *(s.name for s in chain)),
            hedge=tuple(hedges(around)),
            polarity="negated" if negated else "affirmed",
            stance=held,
            claim_type=kind,
            claim=" ".join(words.split()[:LONGEST_CLAIM]),
            actors=self._actors(clause, words, chain, piece, block.number),
            note="; ".join(notes),
            source=self.source,
            confidence="low" if not sure else "medium" if free or open_to_doubt else "high",
        )

    def _actors(
        self, clause: Clause, words: str, chain: Chain, piece: TextPiece, line: int
    ) -> tuple[str, ...]:
        codes = list(self.people.codes(" ".join(words.split())))
        subject = subject_of(clause.head)
        if subject is not None and not any(t.i == subject.i for t in clause.tokens):
            codes += self.names.codes_in(" ".join(t.text for t in subject.subtree))
        spoken = bool(chain and chain[-1].codes)
        for token in clause.tokens:
            low = token.text.casefold()
            if spoken and token.dep_ == "poss":
                continue
            if low in {"it", "its", "they", "them", "their", "he", "she", "his", "her", "him"}:
                if token.pos_ == "PRON" and not any(c.dep_ == "expl" for c in token.head.children):
                    codes += self.people.speaker(token, piece).codes
            elif low in {"we", "our", "us", "i", "my"} and not chain:
                codes += self.author.codes
        if chain:
            codes += chain[-1].codes
        if codes:
            self.state.actors, self.state.actors_line = tuple(dict.fromkeys(codes)), line
        elif line == self.state.actors_line and points_back(clause):
            # Who is not named anew in a paragraph is who was named in it before.
            codes = list(self.state.actors)
        elif self.author.codes:
            codes = list(self.author.codes)
        return tuple(dict.fromkeys(codes))

    def hearsay_of(self, verb: Token) -> Chain:
        """Return the speakers without a name that an adverb of hearsay stands for."""
        return tuple(link.speaker for link in self.attribution.hearsay(verb))

    def speakers_of(self, links: Sequence[ChainLink]) -> Chain:
        """Return the speakers of some links."""
        return tuple(link.speaker for link in links)


def _words_of(clause: Clause) -> str:
    return " ".join(t.text for t in clause.tokens)
