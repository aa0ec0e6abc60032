"""The reader: an article into claims, each with its speakers, and never into facts.

A text is cut into paragraphs and pieces (`layout`, `pieces`), each piece is parsed
(`language`), its clauses are found (`clauses`) with the speakers above them (`attribution`),
and each clause becomes a claim. Nothing that is read is executed, followed or believed: words
that ask for something are words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from detente.evidence.testimony.attribution import Attribution, Link, main_speaker, subject_of
from detente.evidence.testimony.claim import MAX_WORDS, UNCERTAIN, UNNAMED, Claim
from detente.evidence.testimony.clauses import (
    Clause,
    clauses,
    content_of,
    is_counterfactual,
    is_hearsay,
    lemma,
    sort_of,
)
from detente.evidence.testimony.features import (
    claim_type,
    hedges,
    is_negated,
    is_silence,
    stance,
)
from detente.evidence.testimony.gazetteer import Gazetteer, gazetteer
from detente.evidence.testimony.layout import Paragraph, paragraphs
from detente.evidence.testimony.lexicon import CONTENT_NOUNS, DOCUMENTS, NOUN_CONTENT, SAYING, verbs
from detente.evidence.testimony.opening import OpenedText, open_text
from detente.evidence.testimony.people import People, Speaker
from detente.evidence.testimony.pieces import Piece, Quote, cut_into_pieces

if TYPE_CHECKING:
    from spacy.tokens import Doc, Span, Token

    from detente.architecture.value import Architecture

NOBODY = "author"
"""Name of an author whom neither the text nor the user names."""
BATCH = 64
"""Pieces parsed at once."""

Chain = tuple[Speaker, ...]
_MODAL = re.compile(r"\b(?:would|must|could|should|had to|needed to|will|cannot)\b", re.I)
_GOES_ON = re.compile(r"^\W*(?:and|nor|but|so|rather|instead|otherwise|without)\b", re.I)
_SUPPOSED = re.compile(
    r"\bif (?:any(?:one|body)|some\w*|you|they) (?:\w+ )?(?:imagin|think|believ|suppos|hope|expect)",
    re.I,
)
_HEADINGS = frozenset(
    "briefing interview transcript letter debate remark speech record summary thread conference "
    "call minute question answer note conclusion address".split()
)
_BEING = frozenset("is are was were be been to that which would will not it this has".split())
_MISTAKEN = re.compile(r"\b(?:mistaken|wrong|deluded|in error|disappointed)\b", re.I)


@dataclass(frozen=True, slots=True)
class Reading:
    """The claims of one text.

    Attributes
    ----------
    claims : tuple of Claim
        In the order of the text.
    text : str
        The text as decoded, into which all offsets point.
    author : str
        The first link of every chain.
    source : str
        Name of the document.
    date : str
        Its date, if the user gave one.
    remarks : tuple of str
        What a reader should know of the text as a whole.
    """

    claims: tuple[Claim, ...]
    text: str
    author: str
    source: str
    date: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _State:
    """What the sentences before leave behind for the next."""

    chain: Chain = ()
    paragraph: int = 0
    quoted: Chain = ()
    quoted_paragraph: int = 0
    joined: Chain = ()
    asides: list[tuple[int, int]] = field(default_factory=list)
    spans: list[tuple[int, int, Chain]] = field(default_factory=list)


def read_text(
    path_or_text: str | Path,
    g: Architecture | None = None,
    *,
    speaker: str = "",
    date: str | dt.date = "",
    names: Gazetteer | None = None,
) -> Reading:
    """Read a text into claims.

    Parameters
    ----------
    path_or_text : str or Path
        A file, or the text itself.
    g : Architecture, optional
        The scenario whose states and actors are looked for; without one, those of the world.
    speaker : str
        The author; by default the byline's.
    date : str or datetime.date
        Day of the text, written into nothing but the source of each claim.
    names : Gazetteer, optional
        The names to look for, instead of the scenario's.

    Raises
    ------
    UsageError
        If the text cannot be opened, or the language model is not there.
    """
    opened = open_text(path_or_text)
    return _Reader(opened, g, names, speaker, str(date)).read()


class _Reader:
    def __init__(
        self,
        opened: OpenedText,
        g: Architecture | None,
        names: Gazetteer | None,
        speaker: str,
        date: str,
    ) -> None:
        self.opened = opened
        self.names = names or gazetteer(g)
        self.people = People(self.names, _associates(g, self.names) if g is not None else {})
        self.attribution = Attribution(self.people)
        self.speaker = speaker
        self.date = date
        self.claims: list[Claim] = []
        self.state = _State()
        self.author = Speaker(NOBODY, author=True)

    def read(self) -> Reading:
        blocks, byline = paragraphs(self.opened.visible)
        author = self.speaker or byline or NOBODY
        self.author = Speaker(author, codes=self.names_of(author), author=True)
        cut: list[tuple[Paragraph, list[Piece], list[Quote]]] = []
        for block in blocks:
            if block.kind not in {"byline", "none"}:
                parts, quotes = cut_into_pieces(self.opened.visible, block.start, block.end)
                cut.append((block, parts, quotes))
        docs = self._parsed([piece for _, parts, _ in cut for piece in parts])
        # Everybody is met before anybody is quoted: a role may be told after it is used.
        at = 0
        for _, parts, _ in cut:
            for piece in parts:
                self.people.meet(piece, docs[at])
                at += 1
        self.people.sort()
        at = 0
        for block, parts, quotes in cut:
            self._paragraph(block, parts, quotes, docs[at : at + len(parts)])
            at += len(parts)
        return Reading(
            claims=tuple(self._numbered()),
            text=self.opened.text,
            author=author,
            source=self.opened.source,
            date=self.date,
            remarks=self.opened.remarks,
        )

    def names_of(self, name: str) -> tuple[str, ...]:
        return tuple(self.names.codes_in(name))

    def _parsed(self, parts: Sequence[Piece]) -> list[Doc]:
        if not parts:
            return []
        from detente.evidence.testimony.language import model

        return list(model().pipe((piece.text for piece in parts), batch_size=BATCH))

    # Paragraphs -------------------------------------------------------------------------

    def _paragraph(
        self, block: Paragraph, parts: list[Piece], quotes: list[Quote], docs: Sequence[Doc]
    ) -> None:
        state = self.state
        state.spans, state.joined = [], ()
        state.asides = [
            (p.begins - 1, p.ends + 1) for p in parts
            if p.kind == "aside" and len(p.text.split()) >= 3
        ]  # fmt: skip
        turn: Chain = ()
        if block.speaker:
            name = _turn_name(block.speaker)
            turn = (Speaker(name, codes=self.people.codes(name)),)
        previous: tuple[Piece, Span] | None = None
        frames = [piece for piece in parts if piece.kind == "frame"]
        for piece, doc in zip(parts, docs, strict=True):
            sentences = list(doc.sents)
            if not sentences:
                continue
            after = frames[frames.index(piece) + 1 :][:1] if piece.kind == "frame" else []
            for index, sentence in enumerate(sentences):
                joined = previous if piece.joined and index == 0 else None
                if piece.kind == "frame":
                    last = index == len(sentences) - 1
                    self._frame(block, piece, sentence, quotes, turn, joined, after if last else [])
                    previous = (piece, sentence)
                else:
                    self._inner(block, piece, sentence, quotes, turn)

    def _frame(
        self,
        block: Paragraph,
        piece: Piece,
        sentence: Span,
        quotes: list[Quote],
        turn: Chain,
        joined: tuple[Piece, Span] | None,
        after: Sequence[Piece],
    ) -> None:
        state = self.state
        introduced: Token | None = None
        if after and after[0].joined and 0 in after[0].held:
            introduced = main_speaker(self.attribution, list(sentence), piece)[1]
        trailing = self._named_after(block, after)
        holders = {
            token.i: piece.held[token.idx] for token in sentence if token.idx in piece.held
        }
        carried: Chain = ()
        certain = True
        if joined is not None:
            carried, certain = self._carried(piece, joined)
        for i, quote in holders.items():
            token = sentence.doc[i]
            chain, sure = self._quoted_by(token, sentence, piece, holders, carried, block)
            if trailing and not chain:
                chain = trailing
            quote.chain = (*turn, *chain)  # type: ignore[assignment]
            quote.certain = sure
            if chain:
                state.quoted, state.quoted_paragraph = chain, block.number
        words = [t for t in sentence if t.is_alpha and t.i not in holders]
        if words and not _is_question(sentence):
            base = (*turn, *(carried if piece.mark in {":", ";"} else ()))
            self._claims(
                block, piece, sentence, quotes, base, certain, holders,
                quoted=bool(turn), base_is_carried=bool(carried) and piece.mark == ";",
                introduced=introduced,
            )  # fmt: skip

    def _named_after(self, block: Paragraph, after: Sequence[Piece]) -> Chain:
        """Return the speaker whom a headline names behind its quotation: 'Never', says nobody."""
        if block.kind != "headline" or not after or after[0].mark not in ":–—-":
            return ()
        from detente.evidence.testimony.language import model

        doc = model()(after[0].text)
        root = next(iter(doc.sents)).root
        if root.pos_ not in {"NOUN", "PROPN"}:
            return ()
        speaker = self.people.speaker(root, after[0])
        return (speaker,) if speaker.name else ()

    def _inner(
        self, block: Paragraph, piece: Piece, sentence: Span, quotes: list[Quote], turn: Chain
    ) -> None:
        if _is_question(sentence):
            return
        quote = piece.quote
        if piece.kind == "quote" and quote is not None:
            base: Chain = quote.chain or turn  # type: ignore[assignment]
            self._claims(
                block, piece, sentence, quotes, base, quote.certain, {}, quoted=True
            )
            return
        base = turn
        if self.opened.visible[piece.begins - 1 : piece.begins] == "[":
            return
        if quote is not None and quote.chain:
            base = quote.chain  # type: ignore[assignment]
        else:
            verbal = any(t.tag_ in {"VBD", "VBZ", "VBP", "MD", "VBN", "VBG"} for t in sentence)
            for start, end, chain in self.state.spans if verbal else ():
                if start <= piece.begins <= end + 3:
                    base = chain
        self._claims(block, piece, sentence, quotes, base, True, {}, quoted=bool(turn))

    def _carried(self, piece: Piece, before: tuple[Piece, Span]) -> tuple[Chain, bool]:
        """Return the speakers whom a colon, semicolon or dash carries over, if any."""
        old_piece, old = before
        tokens = list(old)
        if piece.mark == ":" or (piece.mark in "–—-" and piece.held):
            speaker, verb = main_speaker(self.attribution, tokens, old_piece)
            if speaker is not None and verb is not None:
                above = self._speakers(self.attribution.links(verb, old_piece))
                return _joined(above, (speaker,)), speaker.certain
        if piece.mark == ":":
            root = old.root
            if root.pos_ in {"PROPN", "NOUN"} and len(tokens) <= 7:
                speaker = self.people.speaker(root, old_piece)
                if speaker.codes or speaker.name in self.people.persons or (
                    lemma(root) in {"source", "report", "official", "minister", "ministry"}
                ):
                    return (speaker,), True
            subject = subject_of(root)
            if piece.held and subject is not None and root.pos_ in {"VERB", "AUX"}:
                owner = next((c for c in subject.children if c.dep_ == "poss"), subject)
                speaker = self.people.speaker(owner, old_piece)
                return ((speaker,), speaker.certain) if speaker.name else ((), True)
        if piece.mark in "–—-" and piece.held and sort_of(old.root) == "know":
            subject = subject_of(old.root)
            if subject is not None:
                speaker = self.people.speaker(subject, old_piece)
                return ((speaker,), True) if speaker.name else ((), True)
        if piece.mark == ";" and self.state.joined:
            return self.state.joined, True
        return (), True

    def _quoted_by(
        self,
        token: Token,
        sentence: Span,
        piece: Piece,
        holders: dict[int, Quote],
        carried: Chain,
        block: Paragraph,
    ) -> tuple[Chain, bool]:
        """Return who speaks the quotation for which a token stands."""
        others = [t for t in sentence if t.is_alpha and t.i not in holders]
        verb = _verb_of_saying(token, sentence)
        if verb is not None:
            speaker = self.attribution.speaker_of(verb, piece)
            if speaker is not None:
                above = self._speakers(self.attribution.links(verb, piece))
                chain = _joined(above, self._hearsay(verb), (speaker,))
                return chain, speaker.certain
        beside = [
            link for word in sentence for link in self.attribution.beside(word, piece)
            if link.entry is None
        ]  # fmt: skip
        if beside:
            return self._speakers(beside[:1]), True
        if carried:
            return carried, True
        if not others or len(others) <= 2:
            state = self.state
            if state.quoted and state.quoted_paragraph == block.number:
                return state.quoted, True
            if state.chain and state.paragraph == block.number:
                return state.chain, True
            if state.quoted and block.number - state.quoted_paragraph <= 1 and not others:
                return state.quoted, False
        return (), True

    def _hearsay(self, verb: Token) -> Chain:
        return tuple(link.speaker for link in self.attribution.hearsay(verb))

    def _speakers(self, links: Sequence[Link]) -> Chain:
        return tuple(link.speaker for link in links)

    # Clauses ----------------------------------------------------------------------------

    def _claims(
        self,
        block: Paragraph,
        piece: Piece,
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
        text = self.opened.visible
        found = clauses(sentence)
        above = {c.head.i: self.attribution.links(c.head, piece) for c in found}
        framing = {k.verb.i for links in above.values() for k in links if k.verb is not None}
        if introduced is not None:
            framing.add(introduced.i)
        frames = [c for c in found if self._is_frame(c, sentence, holders, framing)]
        spans = {c.head.i: piece.span(c.first.idx, c.last.idx + len(c.last)) for c in found}
        whole = piece.span(sentence.start_char, sentence.end_char)
        supposed = bool(_SUPPOSED.search(sentence.text) and _MISTAKEN.search(sentence.text))
        kept = [c for c in found if c not in frames]
        inside = {t.i for c in kept for t in c.tokens}
        framed = " ".join(t.text for t in sentence if t.i not in inside)
        owners: dict[int, Link] = {}
        added: list[Claim] = []
        for clause in kept:
            head = clause.head
            if all(t.i in holders or not t.is_alpha for t in clause.tokens):
                continue
            if supposed and _MISTAKEN.search(" ".join(t.text for t in clause.tokens[-2:])):
                continue
            start, end = self._with_antecedent(clause, piece, *spans[head.i])
            start = self._after_aside(clause, piece, quotes, start, end)
            words = text[start:end]
            if not _worth_claiming(clause, words, piece, block):
                if hedges(words) and self.claims and self.claims[-1].paragraph == block.number:
                    last = self.claims[-1]
                    self.claims[-1] = replace(last, hedge=(*last.hedge, *hedges(words)))
                continue
            links = above[head.i]
            own = self._own_link(clause, piece, words)
            if own is not None:
                links = [*links, own]
                owners[head.i] = own
            elif clause.kind == "participle" and head.head.i in owners and (
                sort_of(head.head) == "accuse"
            ):
                links = [*links, owners[head.head.i]]
            speakers = self._speakers(links)
            carried = () if speakers and base_is_carried else base
            if own is not None and base and base[-1].codes and own.speaker.codes and (
                set(own.speaker.codes) <= set(base[-1].codes)
            ):
                # A minister who says that the state regrets speaks for the state.
                speakers = speakers[:-1]
            chain = _joined(carried, speakers)
            for speaker in chain:
                self.people.spoke(speaker.name, start)
            sure = certain and all(speaker.certain for speaker in chain)
            fragment = _fragment_at(quotes, start, end)
            if not links and fragment is not None and fragment.chain and not chain:
                chain = fragment.chain  # type: ignore[assignment]
            free = False
            if not chain and piece.kind == "frame" and self._goes_on(block, sentence):
                chain, free = self.state.chain, True
            frame_words = self._frame_words(framed, whole, links)
            claim = self._claim(
                block, piece, clause, words, (start, end), chain, links, frame_words,
                quoted=quoted, fragment=fragment, quotes=quotes, sure=sure, free=free,
                supposed=supposed, own=own is not None,
            )  # fmt: skip
            added.append(claim)
            self.state.spans.append((start, end, chain))
            if chain and fragment is not None and fragment.chain is None:
                fragment.chain = chain  # type: ignore[assignment]
        self.claims.extend(added)
        reported = [c for c in self.state.spans[-len(added) :] if c[2]] if added else []
        if piece.kind == "frame":
            if reported:
                shortest = min((chain for _, _, chain in reported), key=len)
                self.state.chain, self.state.paragraph = shortest, block.number
                self.state.joined = shortest
            elif added:
                self.state.chain, self.state.joined = (), ()

    def _goes_on(self, block: Paragraph, sentence: Span) -> bool:
        """Say whether a sentence without a speaker goes on with what was reported before."""
        state = self.state
        if not state.chain or state.paragraph != block.number:
            return False
        return bool(_GOES_ON.match(sentence.text) and _MODAL.search(sentence.text))

    def _is_frame(
        self, clause: Clause, sentence: Span, holders: dict[int, Quote], framing: set[int]
    ) -> bool:
        """Say whether a clause only says who speaks."""
        head = clause.head
        sort = sort_of(head)
        if head.i in framing and not is_silence(" ".join(t.text for t in clause.tokens)):
            return lemma(head) not in CONTENT_NOUNS
        if content_of(head):
            return True
        if holders and sort in SAYING and _verb_of_saying_any(holders, sentence) == head:
            return True
        if lemma(head) == "be" and any(c.dep_ == "expl" for c in head.children):
            return any(c.dep_ == "attr" and c.i in framing for c in head.children)
        return False

    def _own_link(self, clause: Clause, piece: Piece, words: str) -> Link | None:
        """Return the link of a verb of reporting whose content is no clause: condemned it."""
        head = clause.head
        if is_silence(words):
            noun = _silent(clause)
            if noun is not None:
                speaker = self.people.speaker(noun, piece)
                return None if speaker.author else Link(speaker, head, None)
            return None
        sort = sort_of(head)
        if head.pos_ != "VERB" or (sort not in SAYING and not is_hearsay(head)):
            return None
        if is_hearsay(head) and any(c.dep_ == "xcomp" for c in head.children) and (
            lemma(head) not in {"expect", "know", "consider", "suppose"}
        ):
            return Link(self.attribution.hearsay_speaker(head), head, None)
        auxiliaries = {c.text.casefold() for c in head.children if c.dep_ == "aux"}
        if sort == "judge" and auxiliaries & {"will", "shall", "would", "'ll"}:
            return None
        extended = any(c.dep_ in {"xcomp", "ccomp"} for c in head.children)
        if sort in {"say", "think"} and lemma(head) not in NOUN_CONTENT and not extended:
            return None
        if lemma(head) == "speak" and not any(
            c.text.casefold() in {"of", "about", "against"} for c in head.children
        ):
            return None
        passive = any(c.dep_ in {"auxpass", "nsubjpass"} for c in head.children)
        named = any(c.dep_ == "agent" for c in head.children)
        if passive and not named and sort != "accuse":
            return None
        objects = any(
            c.dep_ in {"xcomp", "dobj", "prep", "pcomp", "ccomp", "dative", "oprd", "nsubjpass", "advcl"}
            for c in head.children
        )
        if not objects:
            return None
        if lemma(head) == "call" and not any(
            c.dep_ in {"oprd", "prep", "attr"} or c.text in {"for", "on"} for c in head.children
        ):
            return None
        if lemma(head) in {"charge", "offer", "fault", "hold"} and sort == "think":
            return None
        speaker = self.attribution.speaker_of(head, piece)
        if speaker is None or speaker.author:
            return None
        return Link(speaker, head, verbs()[lemma(head)])

    def _with_antecedent(
        self, clause: Clause, piece: Piece, start: int, end: int
    ) -> tuple[int, int]:
        """Take in the noun that a relative clause describes."""
        if clause.kind != "relative" or clause.head.dep_ != "relcl":
            return start, end
        noun = clause.head.head
        first = clause.first
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
        self, clause: Clause, piece: Piece, quotes: Sequence[Quote], start: int, end: int
    ) -> int:
        """Begin behind what parts the subject from its verb, and with the words quoted."""
        verb = piece.places[clause.head.idx]
        text = self.opened.visible
        long = len(text[start:end].split()) > MAX_WORDS
        for left, right in self.state.asides:
            if start < left and right <= verb and (long or right - left > 0.5 * (end - start)):
                start = right
                while start < end and not text[start].isalnum():
                    start += 1
        for quote in quotes:
            if quote.full or not start < quote.start < end:
                continue
            before = re.findall(r"[\w']+", text[start : quote.start])
            if before and set(map(str.casefold, before)) <= _BEING:
                start = quote.start
        return start

    def _frame_words(self, framed: str, whole: tuple[int, int], links: Sequence[Link]) -> str:
        """Return the words of the sentence that only say who speaks, and how surely."""
        if not links:
            return ""
        text = self.opened.visible[whole[0] : whole[1]]
        asides = re.findall(r"\(([^()]{3,40})\)", text)
        return " ; ".join([framed, *asides])

    def _claim(
        self,
        block: Paragraph,
        piece: Piece,
        clause: Clause,
        words: str,
        span: tuple[int, int],
        chain: Chain,
        links: Sequence[Link],
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
        held = stance(clause, words, stances, reported=reported)
        negated = is_negated(clause)
        above = links[-1].verb if links and not own else None
        if above is not None and sorts[-1:] == ["think"] and _negated_frame(above):
            negated = not negated
        if held == "denies" and stances[-1:] == ["denies"]:
            if own and lemma(clause.head) in {"reject", "dismiss"} and not _about_a_claim(clause):
                held = "asserts"
        if supposed and clause.kind == "content":
            held, negated = "denies", True
        if held == "denies" or is_counterfactual(clause.head) or _consequence(clause):
            negated = (not negated) if held != "denies" else True
        if held == "no_comment":
            negated = False
        kind = claim_type(clause, words, held, sorts, own=own)
        notes = []
        if not sure or free:
            notes.append(UNCERTAIN + (": goes on from the sentence before" if free else ""))
        if re.match(r"\W*(?:if|unless|had|were)\b", words, re.I) or _has_condition(clause):
            notes.append("conditional")
        start, end = _cut(self.opened.visible, *_with_marks(self.opened.visible, *span))
        if end < span[1]:
            notes.append(f"cut at {MAX_WORDS} words")
        unnamed = [s.name for s in chain if UNNAMED in s.name]
        said = " ; ".join([words, frame_words, *(name.replace(UNNAMED, "") for name in unnamed)])
        return Claim(
            claim_id="",
            paragraph=_line(block, start),
            start=start,
            end=end,
            text_span=self.opened.text[start:end],
            mode=_mode(quotes, span, quoted=quoted, reported=reported, fragment=fragment),
            speaker_chain=(self.author.name, *(s.name for s in chain)),
            hedge=tuple(hedges(said)),
            polarity="negated" if negated else "affirmed",
            stance=held,
            claim_type=kind,
            claim=" ".join(words.split()),
            actors=self._actors(clause, words, chain, piece),
            note="; ".join(notes),
            source=" ".join(part for part in (self.opened.source, self.date) if part),
            confidence="low" if not sure else "medium" if free or notes else "high",
        )

    def _actors(
        self, clause: Clause, words: str, chain: Chain, piece: Piece
    ) -> tuple[str, ...]:
        codes = list(self.people.codes(" ".join(words.split())))
        subject = subject_of(clause.head)
        if subject is not None and not any(t.i == subject.i for t in clause.tokens):
            codes += self.names.codes_in(" ".join(t.text for t in subject.subtree))
        for token in clause.tokens:
            low = token.text.casefold()
            if low in {"it", "its", "they", "them", "their", "he", "she", "his", "her", "him"}:
                if token.pos_ == "PRON" and not any(c.dep_ == "expl" for c in token.head.children):
                    codes += self.people.speaker(token, piece).codes
            elif low in {"we", "our", "us", "i", "my"} and not chain:
                codes += self.author.codes
        if chain:
            codes += chain[-1].codes
        return tuple(dict.fromkeys(codes))

    def _numbered(self) -> list[Claim]:
        ordered = sorted(self.claims, key=lambda c: (c.start, -c.end))
        kept: list[Claim] = []
        seen: set[tuple[int, int]] = set()
        for claim in ordered:
            if (claim.start, claim.end) not in seen and claim.end > claim.start:
                seen.add((claim.start, claim.end))
                kept.append(claim)
        width = max(2, len(str(len(kept))))
        return [
            replace(claim, claim_id=f"c{number:0{width}d}")
            for number, claim in enumerate(kept, start=1)
        ]


def _joined(*chains: Chain) -> Chain:
    """Join chains; the author, and a speaker who reports himself, add no link."""
    joined: list[Speaker] = []
    for speaker in (s for chain in chains for s in chain):
        if speaker.author or not speaker.name:
            continue
        if joined and joined[-1].name == speaker.name:
            continue
        joined.append(speaker)
    return tuple(joined)


def _verb_of_saying(token: Token, sentence: Span) -> Token | None:
    """Return the verb that introduces the quotation for which a token stands."""
    node = token
    for _ in range(6):
        if node.head == node:
            break
        node = node.head
        if sort_of(node) in SAYING and node.pos_ == "VERB" and subject_of(node) is not None:
            return node
    said = [
        t for t in sentence
        if sort_of(t) in SAYING and t.pos_ == "VERB" and subject_of(t) is not None
    ]  # fmt: skip
    near = [t for t in said if not content_of(t) or abs(t.i - token.i) <= 4]
    return min(near, key=lambda t: abs(t.i - token.i), default=None)


def _verb_of_saying_any(holders: dict[int, Quote], sentence: Span) -> Token | None:
    for i in holders:
        verb = _verb_of_saying(sentence.doc[i], sentence)
        if verb is not None:
            return verb
    return None


def _consequence(clause: Clause) -> bool:
    return any(is_counterfactual(c) for c in clause.head.children)


def _silent(clause: Clause) -> Token | None:
    """Return the noun for whoever says nothing."""
    for token in clause.tokens:
        if token.dep_ == "pobj" and token.head.text == "from" and token.pos_ in {"PROPN", "NOUN"}:
            return token
    subject = subject_of(clause.head)
    if subject is not None and subject.dep_ != "expl" and subject.text.casefold() != "it":
        return subject
    return None


def _negated_frame(verb: Token) -> bool:
    return any(c.dep_ == "neg" for c in verb.children)


def _about_a_claim(clause: Clause) -> bool:
    words = {lemma(c) for c in clause.head.children if c.dep_ in {"dobj", "nsubjpass", "conj"}}
    return bool(
        words & {"claim", "accusation", "allegation", "report", "charge", "suggestion", "assertion",
                 "rumour", "rumor", "criticism", "statement", "it", "that", "this", "notion",
                 "idea", "speculation", "account", "version"}
    )  # fmt: skip


def _has_condition(clause: Clause) -> bool:
    return any(
        c.dep_ == "advcl" and any(m.dep_ == "mark" and m.text.casefold() in {"if", "unless"}
                                  for m in c.children)
        for c in clause.head.children
    )  # fmt: skip


def _is_question(sentence: Span) -> bool:
    return sentence.text.rstrip(" \"'”’)").endswith("?")


def _fragment_at(quotes: Sequence[Quote], start: int, end: int) -> Quote | None:
    """Return the quotation of words only that holds most of a span."""
    for quote in quotes:
        if quote.full:
            continue
        common = min(end, quote.inner_end) - max(start, quote.inner_start)
        if common > 0.8 * (end - start):
            return quote
    return None


def _mode(
    quotes: Sequence[Quote],
    span: tuple[int, int],
    *,
    quoted: bool,
    reported: bool,
    fragment: Quote | None,
) -> str:
    if quoted:
        return "quoted"
    if fragment is not None and reported:
        return "quoted"
    if any(q.start < span[1] and span[0] < q.end and not q.full for q in quotes):
        return "mixed"
    return "paraphrased" if reported else "asserted"


def _with_marks(text: str, start: int, end: int) -> tuple[int, int]:
    """Take in the quotation marks that touch a span."""
    if start > 0 and text[start - 1] in "“‘«\"'" and text[start - 1] not in text[start:end]:
        start -= 1
    if end < len(text) and text[end] in "”’»" and not text[end + 1 : end + 2].isalpha():
        end += 1
    return start, end


def _cut(text: str, start: int, end: int) -> tuple[int, int]:
    """Cut a span after its fifteenth word."""
    words = list(re.finditer(r"\S+", text[start:end]))
    if len(words) > MAX_WORDS:
        end = start + words[MAX_WORDS - 1].end()
        while end > start and text[end - 1] in ",;:–—-":
            end -= 1
    return start, end


def _line(block: Paragraph, start: int) -> int:
    number = block.number
    for begins, line in block.lines or ():
        if begins <= start:
            number = line
    return number


def _turn_name(label: str) -> str:
    words = re.sub(r"\(.*?\)", "", label).strip()
    if words in {"Q", "QUESTION", "Question"}:
        return f"questioner {UNNAMED}"
    if words.isupper() and len(words) > 3:
        words = words.title()
    words = re.sub(r"^(?:Mr|Mrs|Ms|Dr|The)\.?\s+", "", words)
    parts = words.split()
    return parts[-1] if 2 <= len(parts) <= 3 and all(p[0].isupper() for p in parts) else words


def _worth_claiming(clause: Clause, words: str, piece: Piece, block: Paragraph) -> bool:
    """Say whether a clause says enough to be true or false."""
    count = len(re.findall(r"\w+", words))
    head = clause.head
    if count < 2:
        return False
    if head.pos_ in {"VERB", "AUX"} and (head.tag_ != "VB" or any(c.dep_ in {"aux", "nsubj"}
                                                                  for c in head.children)):
        if head.tag_ in {"VBG", "VBN"} and clause.kind == "main" and count < 3:
            return False
        return True
    if piece.kind == "aside":
        leads = clause.tokens[0].text.casefold()
        return (bool(hedges(words)) and count >= 3) or count >= 7 or (
            count >= 4 and leads in {"after", "since", "before", "following", "despite"}
        )
    if block.kind == "headline" and lemma(head) in DOCUMENTS | _HEADINGS:
        return False
    if block.kind == "headline" or piece.kind == "quote":
        return count >= 3
    return count >= 4 and (bool(piece.joined) or bool(hedges(words)) or count >= 6)


def _associates(g: Architecture, names: Gazetteer) -> dict[str, str]:
    """Return the names in a scenario's own record of signals that go with one sender."""
    counts: dict[str, dict[str, int]] = {}
    rows = g.tables["signals"].select("sender", "title", "summary").iter_rows()
    for sender, title, summary in rows:
        if ";" in sender:
            continue
        text = f"{title} {summary or ''}"
        for word in set(re.findall(r"\b[A-Z][a-zà-ž]{3,}\b", text)):
            if not names.codes_in(word):
                cell = counts.setdefault(word, {})
                cell[sender] = cell.get(sender, 0) + 1
    known = {}
    for word, cell in counts.items():
        code, top = max(cell.items(), key=lambda item: item[1])
        if top >= 2 and top >= 0.75 * sum(cell.values()):
            known[word] = code
    return known
