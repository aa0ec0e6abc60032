"""A parsed text as plain objects: what the rules ask of a word a thousand times, looked up once.

A rule walks up and down a tree, and every step over spaCy's own tokens makes a new object and
looks up a string by its hash. A `Token` here is made once, with its attributes as plain strings
and its neighbours in the tree as lists. Attributes are named as spaCy names them, so that a rule
reads as its documentation does (Honnibal et al. 2020, spaCy, doi:10.5281/zenodo.1212303).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from itertools import pairwise, repeat
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from spacy.tokens import Doc

Answer = TypeVar("Answer")
MOST_JOINED = 200
"""Most words joined by *and* that are looked through for who speaks together."""
_STARTS = 1
"""What spaCy writes at the first word of a sentence."""
_COLUMNS = ("ORTH", "LEMMA", "POS", "TAG", "DEP", "ENT_TYPE", "IDX", "SPACY", "SENT_START", "HEAD")
_Form = tuple[str, str, bool, bool, bool]
"""A word as written, in lower case, and whether it is letters, a mark, a blank."""


class Token:
    """One word of a parsed text.

    Attributes
    ----------
    i, idx : int
        Its number in the parse, and the place of its first character there.
    text, low, lemma : str
        As written, in lower case, and the lower case of its lemma.
    pos_, tag_, dep_, ent_type_ : str
        Part of speech, tag, dependency and sort of name.
    head : Token
        The word it depends on; the root of a sentence is its own.
    lefts, rights, children : sequence of Token
        The words that depend on it, in their order.
    left_edge : Token
        First word of all that depends on it.
    letters : int
        How many words of letters depend on it, itself among them.
    remembered : dict of str to object, or None
        Answers of the rules about it; see `once`.
    """

    __slots__ = (
        "children", "dep_", "doc", "ent_type_", "head", "i", "idx", "is_alpha", "is_punct",
        "is_space", "left_edge", "lefts", "lemma", "letters", "low", "pos_", "remembered",
        "rights", "sent", "tag_", "text",
    )  # fmt: skip

    sent: Span
    head: Token
    left_edge: Token

    def __init__(
        self, doc: ParsedText, i: int, idx: int, form: _Form, lemma: str, pos: str, tag: str,
        dep: str, ent: str,
    ) -> None:  # fmt: skip
        self.doc = doc
        self.i = i
        self.idx = idx
        self.text, self.low, self.is_alpha, self.is_punct, self.is_space = form
        self.lemma = lemma
        self.pos_ = pos
        self.tag_ = tag
        self.dep_ = dep
        self.ent_type_ = ent
        # Most words are leaves: they share one empty sequence.
        self.lefts: list[Token] | tuple[()] = ()
        self.rights: list[Token] | tuple[()] = ()
        self.children: list[Token] | tuple[()] = ()
        self.letters = int(self.is_alpha)
        self.left_edge = self
        self.remembered: dict[str, Any] | None = None

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        return self.text

    @property
    def subtree(self) -> Iterator[Token]:
        """All words that depend on it and itself, in their order; made as they are asked for."""
        stack: list[tuple[Token, bool]] = [(self, False)]
        while stack:
            word, seen = stack.pop()
            if seen or not word.children:
                yield word
                continue
            stack.extend((right, False) for right in reversed(word.rights))
            stack.append((word, True))
            stack.extend((left, False) for left in reversed(word.lefts))

    @property
    def conjuncts(self) -> tuple[Token, ...]:
        """The words joined with it by *and*, the first `MOST_JOINED` of them."""
        first = self
        while first.dep_ == "conj" and first.head is not first:
            first = first.head
        joined = [first]
        for word in joined:
            if len(joined) > MOST_JOINED:
                break
            joined.extend(right for right in word.rights if right.dep_ == "conj")
        return tuple(word for word in joined if word is not self)

    def nbor(self, steps: int = 1) -> Token:
        """Return the word some steps further on."""
        at = self.i + steps
        if at < 0:
            raise IndexError(at)
        return self.doc.words[at]


class Span:
    """The words of one sentence; made by `parsed`."""

    __slots__ = ("doc", "end", "end_char", "root", "start", "start_char", "text")

    def __init__(self, doc: ParsedText, start: int, end: int) -> None:
        words = doc.words
        last = words[end - 1]
        self.doc = doc
        self.start, self.end = start, end
        self.start_char, self.end_char = words[start].idx, last.idx + len(last.text)
        self.text = doc.text[self.start_char : self.end_char]
        self.root = next((w for w in words[start:end] if w.head is w), words[start])
        _measure(self)

    def __iter__(self) -> Iterator[Token]:
        return iter(self.doc.words[self.start : self.end])

    def __len__(self) -> int:
        return self.end - self.start


class ParsedText:
    """The words and sentences of one parsed piece."""

    __slots__ = ("sents", "text", "words")

    def __init__(self, text: str) -> None:
        self.text = text
        self.words: list[Token] = []
        self.sents: list[Span] = []

    def __getitem__(self, i: int) -> Token:
        return self.words[i]

    def between(self, first: Token, last: Token) -> str:
        """Return the text from one word to another, as written."""
        return self.text[first.idx : last.idx + len(last.text)]

    def __iter__(self) -> Iterator[Token]:
        return iter(self.words)

    def __len__(self) -> int:
        return len(self.words)


class _Named(dict[int, str]):
    """Strings by spaCy's number for them, each looked up once."""

    def __init__(self, doc: Doc) -> None:
        self[0] = ""
        self.strings = doc.vocab.strings

    def __missing__(self, number: int) -> str:
        self[number] = text = str(self.strings[number])
        return text


class _Lemmas(_Named):
    def __missing__(self, number: int) -> str:
        self[number] = text = str(self.strings[number]).casefold()
        return text


class _Forms(dict[int, "_Form"]):
    def __init__(self, doc: Doc) -> None:
        self.vocab = doc.vocab

    def __missing__(self, number: int) -> _Form:
        entry = self.vocab[number]
        self[number] = form = (
            entry.text, entry.text.casefold(), entry.is_alpha, entry.is_punct, entry.is_space
        )  # fmt: skip
        return form


class Parses:
    """Copies parses of one model into plain objects."""

    def __init__(self) -> None:
        self._names: _Named | None = None

    def copied(self, doc: Doc) -> ParsedText:
        """Return a parse as plain objects."""
        if self._names is None:
            from spacy import attrs

            self._names, self._lemmas, self._forms = _Named(doc), _Lemmas(doc), _Forms(doc)
            self._columns = [attrs.IDS[name] for name in _COLUMNS]
        table = doc.to_array(self._columns)
        orths, lemmas, pos, tags, deps, ents, places, spaces, starts = table[:, :-1].T.tolist()
        heads = table[:, -1].astype("int64").tolist()
        name = self._names.__getitem__
        forms = list(map(self._forms.__getitem__, orths))
        text = ParsedText(
            "".join([form[0] + " " * space for form, space in zip(forms, spaces, strict=True)])
        )
        words = text.words = list(
            map(Token, repeat(text), range(len(heads)), places, forms,
                map(self._lemmas.__getitem__, lemmas), map(name, pos), map(name, tags),
                map(name, deps), map(name, ents))
        )  # fmt: skip
        for word, step in zip(words, heads, strict=True):
            head = word.head = words[word.i + step] if step else word
            if step > 0:
                if head.lefts:
                    head.lefts.append(word)
                else:
                    head.lefts = [word]
            elif step < 0:
                if head.rights:
                    head.rights.append(word)
                else:
                    head.rights = [word]
        firsts = [i for i, start in enumerate(starts) if start == _STARTS and i]
        for first, last in pairwise([0, *firsts, len(words)]):
            if first < last:
                text.sents.append(Span(text, first, last))
        return text


def regrown(text: str, words: list[Token], firsts: list[int]) -> ParsedText:
    """Return a parse made of words whose heads were set anew, with sentences that begin there."""
    grown = ParsedText(text)
    grown.words = words
    for i, word in enumerate(words):
        word.doc, word.i, word.left_edge, word.remembered = grown, i, word, None
        word.lefts, word.rights, word.children, word.letters = (), (), (), int(word.is_alpha)
    for word in words:
        head = word.head
        if word.i < head.i:
            head.lefts = [*head.lefts, word]
        elif word.i > head.i:
            head.rights = [*head.rights, word]
    for first, last in pairwise([*firsts, len(words)]):
        if first < last:
            grown.sents.append(Span(grown, first, last))
    return grown


def _measure(sentence: Span) -> None:
    """Tell the words of a sentence their children, left edge and how many depend on them."""
    order = []
    for word in sentence:
        word.sent = sentence
        if word.head is word:
            order.append(word)
        if word.lefts:
            word.children = [*word.lefts, *word.rights] if word.rights else word.lefts
        else:
            word.children = word.rights
    for word in order:
        order.extend(word.children)
    for word in reversed(order):
        above = word.head
        if above is not word:
            above.letters += word.letters
            if word.left_edge.i < above.left_edge.i:
                above.left_edge = word.left_edge


@contextmanager
def collected_once() -> Iterator[None]:
    """Let Python look for what is no longer used once, at the end, not every few hundred words.

    The words of a parse refer to one another, so that they are let go of only together; a search
    among them before that finds nothing.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
            gc.collect(0)


def once(rule: Callable[[Token], Answer]) -> Callable[[Token], Answer]:
    """Let a rule about one word remember its answer: the tree does not change."""
    name = rule.__qualname__

    @wraps(rule)
    def remembering(word: Token) -> Answer:
        answers = word.remembered
        if answers is None:
            answers = word.remembered = {}
        elif name in answers:
            answer: Answer = answers[name]
            return answer
        answer = answers[name] = rule(word)
        return answer

    return remembering
