"""A text, paragraph by paragraph: who is met in it, who speaks, and what is claimed.

A text is cut into paragraphs and pieces (`layout`, `pieces`), each piece is parsed
(`language`), its clauses are found (`clauses`) with the speakers above them (`attribution`),
and each clause becomes a claim. Nothing that is read is executed, followed or believed: words
that ask for something are words.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from detente.evidence.testimony.claim import UNNAMED, Claim
from detente.evidence.testimony.grammar.attribution import (
    Chain,
    is_abstract,
    joined_chain,
    main_speaker,
    subject_of,
    verb_of_saying,
)
from detente.evidence.testimony.grammar.composing import ClaimComposer
from detente.evidence.testimony.grammar.frames import SPREADING, sort_of
from detente.evidence.testimony.grammar.gazetteer import Gazetteer, gazetteer
from detente.evidence.testimony.grammar.inserted import Insertion, insertion_in, without
from detente.evidence.testimony.grammar.language import parse
from detente.evidence.testimony.grammar.layout import (
    TextBlock,
    bounded,
    is_titled,
    names_within,
    paragraphs,
    sentence_case,
)
from detente.evidence.testimony.grammar.lexicon import (
    CONTENT_NOUNS,
    DOCUMENTS,
    LANGUAGE,
    OUTSPOKEN,
)
from detente.evidence.testimony.grammar.people import People, Speaker
from detente.evidence.testimony.grammar.pieces import (
    CUT,
    Quote,
    TextPiece,
    cut_at,
    cut_into_pieces,
    overlong,
)
from detente.evidence.testimony.grammar.tokens import has_subject, is_finite, lemma
from detente.evidence.testimony.opening import OpenedText, open_text
from detente.evidence.testimony.parsed import collected_once
from detente.evidence.testimony.rereading import reread

if TYPE_CHECKING:
    from detente.architecture.value import Architecture
    from detente.evidence.testimony.parsed import ParsedText, Span, Token

NOBODY = "author"
"""Name of an author whom neither the text nor the user names."""
BATCH_OF_TEXT = 80_000
"""Characters of paragraphs that are held parsed at once; everybody in them is met first."""
KEPT = 20_000
"""Characters back over which mentions are kept for the paragraphs that follow."""
Progress = Callable[[str, int, int], None]
"""Called with a unit, how much is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class TextReading:
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


def read_text(
    path_or_text: str | Path,
    g: Architecture | None = None,
    *,
    speaker: str = "",
    date: str | dt.date = "",
    names: Gazetteer | None = None,
    progress: Progress | None = None,
) -> TextReading:
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
    progress : callable, optional
        Called with ``"characters"``, how many are read, and how many there are.

    Raises
    ------
    UsageError
        If the text cannot be opened, or the language model is not there.
    """
    opened = open_text(path_or_text)
    return _Reader(opened, g, names, speaker, str(date), progress).read()


class _Reader(ClaimComposer):
    def __init__(
        self,
        opened: OpenedText,
        g: Architecture | None,
        names: Gazetteer | None,
        speaker: str,
        date: str,
        progress: Progress | None = None,
    ) -> None:
        names = names or gazetteer(g)
        people = People(names, _associates(g, names) if g is not None else {})
        super().__init__(opened, people, Speaker(NOBODY, author=True))
        self.speaker = speaker
        self.progress = progress
        self.date = date
        self.written = dt.date.fromisoformat(date) if date else None
        self.source = " ".join(part for part in (opened.source, date) if part)

    def read(self) -> TextReading:
        blocks, byline = paragraphs(self.opened.visible)
        author = self.speaker or byline or NOBODY
        first = self.opened.visible[blocks[0].start : blocks[0].end][:300] if blocks else ""
        at_home = [c for c in self.names.codes_in(f"{author} {first}") if self.names.is_state(c)]
        self.people.home = at_home[0] if at_home else ""
        self.author = Speaker(author, codes=self.names_of(author), author=True)
        told = [block for block in blocks if block.kind not in {"byline", "none"}]
        whole = len(self.opened.visible)
        for batch in _batches(bounded(self.opened.visible, told)):
            with collected_once():
                self._batch(batch)
            self.people.forget(batch[-1].end - KEPT)
            if self.progress is not None:
                self.progress("characters", batch[-1].end, whole)
        return TextReading(
            claims=tuple(numbered(self.claims)),
            text=self.opened.text,
            author=author,
            source=self.opened.source,
            date=self.date,
            remarks=self.opened.remarks,
        )

    def _batch(self, blocks: Sequence[TextBlock]) -> None:
        """Read some paragraphs together; their parses are let go of afterwards."""
        cut: list[tuple[TextBlock, list[TextPiece], list[Quote]]] = []
        for block in blocks:
            parts, quotes = cut_into_pieces(self.opened.visible, block.start, block.end)
            if block.kind == "headline":
                self._as_sentences(block, parts)
            cut.append((block, parts, quotes))
        docs = reread(parse([piece.text for _, parts, _ in cut for piece in parts]))
        read = list(_with_parses(cut, docs))
        # Everybody is met before anybody is quoted: a role may be told after it is used.
        for _, pairs, _ in read:
            for piece, doc in pairs:
                self.people.meet(piece, doc)
        self.people.sort()
        for block, pairs, quotes in read:
            self._paragraph(block, pairs, quotes)

    def _as_sentences(self, block: TextBlock, parts: Sequence[TextPiece]) -> None:
        """Write a headline as a sentence is written, for the parser alone."""
        if not is_titled(self.opened.visible[block.start : block.end]):
            return
        rest = self.opened.visible[block.end : block.end + KEPT]
        known = names_within(rest)
        for piece in parts:
            hits = self.names.find(piece.text)
            listed = {word for start, end, _ in hits for word in piece.text[start:end].split()}
            piece.text = sentence_case(piece.text, known | listed)

    def names_of(self, name: str) -> tuple[str, ...]:
        return tuple(self.names.codes_in(name))

    # Paragraphs -------------------------------------------------------------------------

    def _paragraph(
        self, block: TextBlock, pairs: Sequence[tuple[TextPiece, ParsedText]], quotes: list[Quote]
    ) -> None:
        state = self.state
        state.spans, state.joined = [], ()
        state.asides = [
            (p.begins - 1, p.ends + 1) for p, _ in pairs
            if p.kind == "aside" and len(p.text.split()) >= 3
        ]  # fmt: skip
        turn: Chain = ()
        if block.speaker:
            name = _turn_name(block.speaker)
            if block.speaker.upper() in {"A", "ANSWER"} and self.people.mentions:
                self.people.addressee = self.people.mentions[0].name
                name = self.people.addressee
            codes = self.people.codes(name)
            if not codes and UNNAMED not in name and self.people.home:
                codes = (self.people.home,)
            turn = (Speaker(name, codes=codes),)
        previous: tuple[TextPiece, Span] | None = None
        frames = [piece for piece, _ in pairs if piece.kind == "frame"]
        seen = 0
        for piece, doc in pairs:
            seen += piece.kind == "frame"
            sentences = doc.sents
            after = frames[seen : seen + 1] if piece.kind == "frame" else []
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
        block: TextBlock,
        piece: TextPiece,
        sentence: Span,
        quotes: list[Quote],
        turn: Chain,
        joined: tuple[TextPiece, Span] | None,
        after: Sequence[TextPiece],
    ) -> None:
        state = self.state
        introduced: Token | None = None
        if after and after[0].joined and 0 in after[0].held:
            introduced = main_speaker(self.attribution, list(sentence), piece)[1]
        trailing = self._named_after(block, after)
        holders = {token.i: piece.held[token.idx] for token in sentence if token.idx in piece.held}
        carried: Chain = ()
        certain = True
        if joined is not None:
            carried, certain = self._carried(piece, joined)
        for i, quote in holders.items():
            token = sentence.doc[i]
            chain, sure = self._quoted_by(token, sentence, piece, holders, carried, block)
            if trailing and not chain:
                chain = trailing
            quote.chain = (*turn, *chain)
            quote.certain = sure
            if chain:
                state.joined = chain
                state.quoted, state.quoted_paragraph = chain, block.number
                self.people.spoke(chain[-1].name, quote.start)
        insertion = insertion_in(sentence, self.people)
        if insertion is not None and not holders:
            self._without(block, piece, sentence, quotes, turn, insertion)
            return
        words = [t for t in sentence if t.is_alpha and t.i not in holders]
        if words and not _is_question(sentence):
            base = (*turn, *(carried if piece.mark in {":", ";", CUT} else ()))
            self.compose(
                block, piece, sentence, quotes, base, certain, holders,
                quoted=bool(turn), base_is_carried=bool(carried) and piece.mark in {";", CUT},
                introduced=introduced,
            )  # fmt: skip

    def _without(
        self,
        block: TextBlock,
        piece: TextPiece,
        sentence: Span,
        quotes: list[Quote],
        turn: Chain,
        insertion: Insertion,
    ) -> None:
        """Read a sentence without the words in it that only say who speaks."""
        kept, turned = without(piece, sentence, insertion)
        whole, said = parse([kept.text, turned.text])
        root = next(iter(said.sents)).root
        subject = subject_of(root) or root
        told = lemma(insertion.verb) == "hear"
        speaker = Speaker(f"heard {UNNAMED}") if told else self.people.speaker(subject, turned)
        base = joined_chain(turn, (speaker,))
        for part in whole.sents:
            self.compose(block, kept, part, quotes, base, True, {}, quoted=bool(turn))

    def _named_after(self, block: TextBlock, after: Sequence[TextPiece]) -> Chain:
        """Return the speaker whom a headline names behind its quotation: 'Never', says nobody."""
        if block.kind != "headline" or not after or after[0].mark not in ":–—-":
            return ()
        doc = parse([after[0].text])[0]
        root = next(iter(doc.sents)).root
        if root.pos_ not in {"NOUN", "PROPN"}:
            return ()
        speaker = self.people.speaker(root, after[0])
        return (speaker,) if speaker.name else ()

    def _inner(
        self, block: TextBlock, piece: TextPiece, sentence: Span, quotes: list[Quote], turn: Chain
    ) -> None:
        if _is_question(sentence):
            return
        quote = piece.quote
        if piece.kind == "quote" and quote is not None:
            # A full quotation is somebody's words, also where nothing tells whose.
            whole = has_subject(sentence.root) and is_finite(sentence.root)
            nobody = (Speaker(f"quoted {UNNAMED}", False),) if whole else ()
            base: Chain = quote.chain or turn or nobody
            self.compose(block, piece, sentence, quotes, base, quote.certain, {}, quoted=True)
            return
        base = turn
        if self.opened.visible[piece.begins - 1 : piece.begins] == "[":
            return
        if quote is not None and quote.chain:
            base = quote.chain
        else:
            verbal = any(t.tag_ in {"VBD", "VBZ", "VBP", "MD", "VBN", "VBG"} for t in sentence)
            for start, end, chain in self.state.spans if verbal else ():
                if start <= piece.begins <= end + 3:
                    base = chain
        self.compose(block, piece, sentence, quotes, base, True, {}, quoted=bool(turn))

    def _carried(self, piece: TextPiece, before: tuple[TextPiece, Span]) -> tuple[Chain, bool]:
        """Return the speakers whom a colon, semicolon or dash carries over, if any."""
        old_piece, old = before
        tokens = list(old)
        if piece.mark == ":" or (piece.mark in "–—-" and piece.held):
            speaker, verb = main_speaker(self.attribution, tokens, old_piece)
            if speaker is not None and verb is not None:
                above = self.speakers_of(self.attribution.links(verb, old_piece))
                return joined_chain(above, (speaker,)), speaker.certain
        if piece.mark == ":":
            root = old.root
            document = len(tokens) == 1 and root.low in DOCUMENTS
            if (root.pos_ in {"PROPN", "NOUN"} or document) and len(tokens) <= 7:
                if lemma(root) in CONTENT_NOUNS and not piece.held:
                    held = self.attribution.holder_of(root, old_piece)
                    if held is not None:
                        return (held,), held.certain
                speaker = self.people.speaker(root, old_piece)
                if (
                    speaker.codes
                    or speaker.name in self.people.persons
                    or (lemma(root) in {"source", "report", "official", "minister", "ministry"})
                ):
                    return (speaker,), True
            subject = subject_of(root)
            if (
                not piece.held
                and subject is not None
                and (lemma(root) in {"be", "go", "run"} or lemma(root) in SPREADING)
            ):
                told = lemma(subject) in CONTENT_NOUNS
                held = self.attribution.holder_of(subject, old_piece) if told else None
                if held is None and any(
                    c.dep_ == "acomp" and lemma(c) in OUTSPOKEN for c in root.children
                ):
                    held = self.people.speaker(subject, old_piece)
                if held is None and told and subject.dep_ == "nsubj" and lemma(root) != "be":
                    held = Speaker(f"{subject.low} {UNNAMED}")  # A rumour ran through the town.
                return ((held,), held.certain) if held is not None else ((), True)
            if piece.held and subject is not None and root.pos_ in {"VERB", "AUX"}:
                thing = lemma(subject) in DOCUMENTS | CONTENT_NOUNS or is_abstract(subject)
                owner = next((c for c in subject.children if c.dep_ == "poss" and thing), subject)
                speaker = self.people.speaker(owner, old_piece)
                return ((speaker,), speaker.certain) if speaker.name else ((), True)
        if piece.mark in "–—-" and piece.held and sort_of(old.root) == "know":
            subject = subject_of(old.root)
            if subject is not None:
                speaker = self.people.speaker(subject, old_piece)
                return ((speaker,), True) if speaker.name else ((), True)
        if piece.mark == ";" and self.state.joined:
            return self.state.joined, True
        if piece.mark == CUT:
            # Whoever spoke before the cut may speak still.
            return self.state.joined, False
        return (), True

    def _quoted_by(
        self,
        token: Token,
        sentence: Span,
        piece: TextPiece,
        holders: dict[int, Quote],
        carried: Chain,
        block: TextBlock,
    ) -> tuple[Chain, bool]:
        """Return who speaks the quotation for which a token stands."""
        others = [t for t in sentence if t.is_alpha and t.i not in holders]
        manner = sentence.doc[token.i - 2] if token.i - sentence.start >= 2 else None
        if manner is not None and lemma(manner) in LANGUAGE and manner.nbor(1).text == "of":
            words = [c.text for c in manner.lefts if c.dep_ in {"amod", "compound"}]
            return (Speaker(" ".join([*words, manner.text])),), True
        verb = verb_of_saying(token, sentence)
        if verb is not None:
            speaker = self.attribution.speaker_of(verb, piece)
            if speaker is not None:
                above = self.speakers_of(self.attribution.links(verb, piece))
                chain = joined_chain(above, self.hearsay_of(verb), (speaker,))
                return chain, speaker.certain
        beside = [
            link for word in sentence for link in self.attribution.beside(word, piece)
            if link.entry is None
        ]  # fmt: skip
        if beside:
            return self.speakers_of(beside[:1]), True
        if carried:
            return carried, True
        if not others or len(others) <= 2:
            state = self.state
            if state.quoted and state.quoted_paragraph == block.number:
                return state.quoted, True
            if state.chain and state.paragraph == block.number:
                return state.chain, True
            whole = self.opened.visible[holders[token.i].inner_end - 1] in ".!?,"
            if state.spoken and state.spoken_paragraph == block.number and whole and not others:
                return state.spoken, False
            if state.quoted and block.number - state.quoted_paragraph <= 1 and not others:
                return state.quoted, False
        return (), True

    # Clauses ----------------------------------------------------------------------------


def _with_parses(
    cut: Sequence[tuple[TextBlock, list[TextPiece], list[Quote]]], docs: Sequence[ParsedText]
) -> Iterator[tuple[TextBlock, list[tuple[TextPiece, ParsedText]], list[Quote]]]:
    """Yield paragraphs with their pieces and parses; overlong sentences are cut, and parsed anew.

    A tree of thousands of words is no sentence of anybody's, and every rule would walk all of it.
    """
    rest = iter(docs)
    for block, parts, quotes in cut:
        pairs: list[tuple[TextPiece, ParsedText]] = []
        for piece in parts:
            doc = next(rest)
            places = overlong(doc)
            if places:
                shorter = cut_at(piece, places)
                pairs += zip(shorter, parse([part.text for part in shorter]), strict=True)
            else:
                pairs.append((piece, doc))
        yield block, pairs, quotes


def _batches(blocks: Sequence[TextBlock]) -> Iterator[list[TextBlock]]:
    """Yield paragraphs together up to `BATCH_OF_TEXT` characters."""
    batch: list[TextBlock] = []
    size = 0
    for block in blocks:
        if batch and size + block.end - block.start > BATCH_OF_TEXT:
            yield batch
            batch, size = [], 0
        batch.append(block)
        size += block.end - block.start
    if batch:
        yield batch


def _is_question(sentence: Span) -> bool:
    return sentence.text.rstrip(" \"'”’)").endswith("?")


def numbered(claims: Sequence[Claim]) -> list[Claim]:
    """Return claims in the order of the text, each span once, with their numbers."""
    ordered = sorted(claims, key=lambda c: (c.start, -c.end))
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


def _turn_name(label: str) -> str:
    named = re.search(r"\(((?:M[rs]{1,2}|Dr|Sir)\.? [A-Z][^()]*|[A-Z][A-Z'’-]{2,})\)", label)
    words = named[1] if named else re.sub(r"\(.*?\)", "", label).strip()
    if words in {"Q", "QUESTION", "Question"}:
        return f"questioner {UNNAMED}"
    if words.isupper() and len(words) > 3:
        words = words.title()
    words = re.sub(r"^(?:Mr|Mrs|Ms|Dr|The)\.?\s+", "", words)
    parts = words.split()
    return parts[-1] if 2 <= len(parts) <= 3 and all(p[0].isupper() for p in parts) else words


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
    associates = {}
    for word, cell in counts.items():
        code, top = max(cell.items(), key=lambda item: item[1])
        if top >= 2 and top >= 0.75 * sum(cell.values()):
            associates[word] = code
    return associates
