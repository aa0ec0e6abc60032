"""The clauses of a sentence that can be true or false, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from detente.evidence.testimony.grammar.frames import (
    content_noun_of,
    content_of,
    displaced_from,
    is_hearsay,
    reporting_verb_of,
    sort_of,
)
from detente.evidence.testimony.grammar.lexicon import (
    BELIEVING,
    CONDITIONS,
    OWN_MARKS,
    SAYING,
    judgements,
    words_of,
)
from detente.evidence.testimony.grammar.tokens import (
    has_subject,
    is_finite,
    is_infinitive,
    is_verbal,
    lemma,
)
from detente.evidence.testimony.parsed import once

if TYPE_CHECKING:
    from detente.evidence.testimony.parsed import Span, Token

MOST_OF_A_NOUN = 10
"""Most words of a noun that is a claim of its own."""
SHORTEST = 3
"""Fewest words of a participle's or relative clause that is a claim of its own."""
VIEWS = {
    "in": words_of(
        "view opinion word account eye telling reading estimation judgement judgment mind version "
        "assessment phrase"
    ),
    "on": words_of("telling reading view"),
    "by": words_of("account admission reckoning estimate estimation lights telling count"),
    "from": words_of("perspective viewpoint standpoint point"),
}
"""Nouns of seeing and telling, by the preposition before them: in her view, by its own account."""
_ANY = words_of("anything everything nothing anyone someone everyone those all anybody")
_NO_SOURCES = words_of(
    "schedule plan rule need size custom tradition taste principle ability protocol script age "
    "rank merit habit procedure"
)
"""What something may be done according to, without being said by it."""
_TO_COME = words_of("when once until till before after as")
_SOURCING = words_of("speak write cite quote refer ask talk address use")


@dataclass(slots=True)
class Clause:
    """A predicate and the words that belong to it alone."""

    head: Token
    tokens: list[Token] = field(default_factory=list)
    kind: str = "main"

    @property
    def first(self) -> Token:
        """Its first word."""
        return self.tokens[0]

    @property
    def last(self) -> Token:
        """Its last word."""
        return self.tokens[-1]


@once
def is_counterfactual(token: Token) -> bool:
    """Say whether a clause supposes what is not so: if it had listened, if I were paid.

    A past tense counts where the consequence is past too: if she did believe it, she would
    have gone.
    """
    if token.dep_ != "advcl" or token.tag_ not in {"VBN", "VBD", "VB", "AUX"}:
        return False
    words = {c.text.casefold() for c in token.children if c.dep_ in {"mark", "aux", "auxpass"}}
    marks = {c.text.casefold() for c in token.children if c.dep_ in {"mark", "advmod"}}
    if marks & (OWN_MARKS | {"until", "that", "whether"}):
        return False
    consequence = {c.text.casefold() for c in token.head.children if c.dep_ == "aux"}
    if not consequence & {"would", "could", "might", "'d"}:
        return False
    if "had" in words and "to" not in words:
        return True
    if "if" not in words:
        return False
    past = token.tag_ == "VBD" or "did" in words
    if past and "have" in consequence and token.head.tag_ == "VBN":
        return True
    were = token.text.casefold() == "were" or "were" in words
    return were and reporting_verb_of(token.head) is None and any(
        c.dep_ in {"nsubj", "nsubjpass"} and c.tag_ not in {"NNS", "NNPS"}
        and c.text.casefold() not in {"they", "we", "you"}
        for c in token.children
    )  # fmt: skip


def is_independent(token: Token) -> bool:
    """Say whether a clause parsed as a complement stands beside its head: S; T."""
    if token.dep_ not in {"ccomp", "advcl", "dep"} or not has_subject(token):
        return False
    head = token.head
    marked = any(c.dep_ == "mark" for c in token.children)
    return not marked and token.i < head.i and sort_of(head) not in SAYING


def _mark(token: Token) -> str:
    for child in token.children:
        if child.dep_ in {"mark", "advmod"} and child.i < token.i:
            low = child.text.casefold()
            if low in OWN_MARKS or low in CONDITIONS or low in {"than", "as", "whether"}:
                return low
    return ""


def claim_kind(token: Token, head_kind: str = "") -> str:
    """Return how a token heads a claim of its own, empty if it does not.

    Parameters
    ----------
    token : Token
        The token.
    head_kind : str
        How its head heads one: what is joined to a clause by ``and`` is of the same kind.
    """
    dep = token.dep_
    if dep == "ROOT":
        return "main"
    if not is_verbal(token) and not has_subject(token):
        return ""
    if dep in {"acl", "relcl", "ccomp", "advcl"} and _is_condition(token.head):
        return ""
    if dep == "conj":
        head = token.head
        if token in content_of(head):
            return "content"
        kind = head_kind
        if not kind or not (is_verbal(head) or has_subject(head)):
            return ""
        if (
            is_finite(token)
            or has_subject(token)
            or (token.tag_ in {"VBG", "VBN"} and head.tag_ == token.tag_ and kind == "participle")
        ):
            return kind if kind in {"content", "participle", "relative"} else "main"
        if token.tag_ == "VB" == head.tag_ and kind and _will(head) and _size(token) > SHORTEST:
            return kind if kind == "content" else "main"
        return "main" if token.tag_ in {"VBD", "VBN"} and head.tag_ in {"VBD", "VBN"} else ""
    if dep in {"ccomp", "xcomp"} and is_supposed(token.head):
        return ""
    if dep == "ccomp" or (dep == "xcomp" and token in content_of(token.head)):
        if is_independent(token):
            return "main"
        if reporting_verb_of(token) is not None or (dep == "ccomp" and is_hearsay(token.head)):
            return "content"
        if dep == "ccomp" and content_noun_of(token) is not None:
            return "content"
        if (
            dep == "ccomp"
            and token.head.pos_ == "ADJ"
            and token.head.dep_ != "acomp"
            and (lemma(token.head) in BELIEVING)
        ):
            return "content"
        return "content" if is_cleft(token.head) and dep == "ccomp" else ""
    if dep in {"csubj", "csubjpass"}:
        return "relative" if sort_of(token) == "judge" and _size(token) >= SHORTEST else ""
    if dep == "parataxis":
        return "aside"
    if dep == "advcl":
        if token in content_of(token.head):
            return "content"
        if is_counterfactual(token):
            return "main"
        leads = token.left_edge
        if leads.text.casefold() in {"were", "should", "had"} and leads.dep_ in {"aux", "auxpass"}:
            return ""  # Were he to go: a condition without a word for it.
        mark = _mark(token)
        if mark in _TO_COME and _to_come(token):
            return ""
        if mark in CONDITIONS or mark in {"than", "whether"}:
            return ""
        if is_finite(token) and has_subject(token):
            return "adverbial" if mark or is_independent(token) else "main"
        if lemma(token) in {"call", "describe", "put", "term"} and mark == "as":
            return ""  # The truce, as she called it: whose word it is.
        if mark == "as" and is_hearsay(token) and not has_subject(token):
            return ""
        if lemma(token) == "cite" or (lemma(token) in _SOURCING and sort_of(token.head) in SAYING):
            return ""
        if token.tag_ in {"VBG", "VBN"} and _size(token) >= SHORTEST and not is_infinitive(token):
            return "participle"
        return ""
    if displaced_from(token) is not None:
        return "content"
    if dep == "relcl" and content_noun_of(token) is not None:
        return "content"
    if (
        dep == "relcl"
        and token.head.text.casefold() in _ANY
        and (token.left_edge.i == token.head.i + 1)
    ):
        return ""  # Anything that turns it: no more than what the pronoun stands for.
    if dep == "pcomp" and token.tag_ == "VBG" and token.head.text.casefold() == "with":
        return "participle" if has_subject(token) and _size(token) >= SHORTEST else ""
    if dep == "relcl" and _is_of_source(token):
        return ""
    if dep == "relcl":
        shortest = 2 if sort_of(token) in {"deny", "judge"} else SHORTEST
        if lemma(token) in _SOURCING and {"anonymity", "named"} & {t.text for t in token.subtree}:
            return ""
        return "relative" if is_finite(token) and _size(token) >= shortest else ""
    if dep == "acl":
        if content_noun_of(token) is not None:
            return "content"
        restrictive = token.tag_ == "VBN" and token.left_edge.i == token.head.i + 1
        if token.tag_ in {"VBG", "VBN"} and _size(token) >= SHORTEST + 2 and not restrictive:
            return "participle"
        return ""
    if dep in {"dep", "appos"}:
        return "main" if is_finite(token) and is_verbal(token) else ""
    return ""


def _is_of_source(token: Token) -> bool:
    """Say whether a clause only tells which source is meant: people who have seen the drafts."""
    noun = token.head
    if noun.pos_ not in {"NOUN", "PRON"} or token.left_edge.i != noun.i + 1:
        return False
    if noun.dep_ == "pobj":
        return noun.head.text == "to" and noun.head.head.text.casefold() == "according"
    return noun.dep_ == "nsubj" and sort_of(noun.head) == "say"


def _will(token: Token) -> bool:
    """Say whether a verb has an auxiliary that those joined to it share."""
    return any(c.dep_ == "aux" and c.tag_ == "MD" for c in token.children)


def is_supposed(above: Token) -> bool:
    """Say whether a verb of reporting is itself but supposed: if she says that P, Q."""
    if above.dep_ != "advcl" or _mark(above) not in {"if", "unless", "whether"}:
        return False
    return sort_of(above) in SAYING


def _is_condition(above: Token) -> bool:
    """Say whether what hangs on a word is a condition of speaking: on condition that."""
    if lemma(above) == "condition":
        return True
    return lemma(above) == "speak" and any(
        lemma(noun) == "condition" for on in above.children if on.text == "on"
        for noun in on.children
    )  # fmt: skip


def _to_come(token: Token) -> bool:
    """Say whether a clause of time is the condition of what will be: when she signs."""
    if _mark(token) in {"once", "when", "until", "till"} and any(
        c.dep_ == "aux" and c.text.casefold() == "would" for c in token.head.children
    ):
        return True
    present = token.tag_ in {"VBZ", "VBP"} or any(
        c.tag_ in {"VBZ", "VBP"} for c in token.children if c.dep_ in {"aux", "auxpass"}
    )
    return present and any(
        c.dep_ == "aux" and c.text.casefold() in {"will", "shall", "'ll", "can", "wo"}
        for c in token.head.children
    )


def _size(token: Token) -> int:
    return token.letters


@once
def is_cleft(token: Token) -> bool:
    """Say whether a clause only announces the next: what is not in dispute is that."""
    return lemma(token) == "be" and any(
        c.dep_ == "csubj" and any(w.text.casefold() == "what" for w in c.children)
        for c in token.children
    ) and any(
        c.dep_ == "ccomp" and any(m.text.casefold() == "that" for m in c.children)
        for c in token.children
    )  # fmt: skip


@once
def is_attribution(token: Token) -> bool:
    """Say whether a token heads words that only name a source: according to, in the view of."""
    if token.dep_ == "prep" and token.text.casefold() in VIEWS:
        return any(
            noun.dep_ == "pobj"
            and lemma(noun) in VIEWS[token.text.casefold()]
            and noun.i > token.i + 1
            and any(_owns(c) for c in noun.children)
            for noun in token.children
        )
    if token.text.casefold() != "according" or token.dep_ not in {"prep", "advmod", "prt"}:
        return False
    return not any(lemma(c) in _NO_SOURCES for to in token.children for c in to.children)


def _owns(token: Token) -> bool:
    """Say whether a word names whose view it is, other than the author's."""
    own = token.text.casefold() in {"my", "our", "your"}
    return token.text == "of" or (token.dep_ == "poss" and token.pos_ != "PRON" and not own)


def clauses(sentence: Span) -> list[Clause]:
    """Return the clauses of a sentence that are claims of their own, in their order.

    A verb of saying whose content is a clause is no claim itself: it is a frame.
    """
    kinds: dict[int, str] = {}
    owners: dict[int, int | None] = {}
    members: dict[int, list[Token]] = {}
    cut = {token.i for token in sentence if is_attribution(token)}
    for token in _top_down(sentence):
        kind = claim_kind(token, kinds.get(token.head.i, ""))
        if kind:
            kinds[token.i] = kind
            members[token.i] = []
        if token.i in kinds:
            owner: int | None = token.i
        elif token.i in cut or token.head == token:
            owner = None
        else:
            owner = owners.get(token.head.i)
        owners[token.i] = owner
        if owner is not None:
            members[owner].append(token)
    clause_list = []
    for i, kind in kinds.items():
        tokens = sorted(members[i], key=lambda t: t.i)
        tokens = _stripped(tokens)
        if (
            kind == "content"
            and len(tokens) > 2
            and tokens[0].text.casefold() == "that"
            and (tokens[1].pos_ in {"NOUN", "PROPN", "PRON"})
        ):
            tokens = tokens[1:]
        if tokens:
            clause_list.append(Clause(sentence.doc[i], tokens, kind))
    return sorted(clause_list, key=lambda clause: clause.first.i)


def presupposed(clause: Clause) -> list[tuple[Token, Token]]:
    """Return first and last word of the nouns in a clause that take a judgement for granted.

    A definite or possessive noun with a word of judgement in it, ``the proxy war in X``, that
    is not most of its clause.
    """
    words = judgements()
    loaded = []
    inside = {token.i for token in clause.tokens}
    for noun in clause.tokens:
        if noun.pos_ != "NOUN" or noun.dep_ not in {"dobj", "pobj", "nsubj", "nsubjpass"}:
            continue
        marks = list(noun.lefts)
        definite = any(
            c.dep_ == "poss" or c.text.casefold() in {"the", "this", "these", "those"}
            for c in marks
        )
        judged = words.get(lemma(noun)) == "noun" or any(
            c.dep_ in {"amod", "compound", "nmod"} and c.text.casefold() in words for c in marks
        )
        if not definite or not judged:
            continue
        span = [t for t in noun.subtree if t.i in inside and noun.left_edge.i <= t.i]
        span = span[:MOST_OF_A_NOUN]
        contiguous = span[-1].i - span[0].i == len(span) - 1
        if contiguous and len(span) >= SHORTEST and len(span) <= 0.6 * len(clause.tokens):
            loaded.append((span[0], span[-1]))
    return loaded


def _top_down(sentence: Span) -> list[Token]:
    order = [sentence.root]
    at = 0
    while at < len(order):
        order.extend(c for c in order[at].children if c.i >= sentence.start and c.i < sentence.end)
        at += 1
    return order


def _stripped(tokens: list[Token]) -> list[Token]:
    """Drop marks, conjunctions and blanks at the ends."""
    start, end = 0, len(tokens)

    def loose(token: Token) -> bool:
        return token.is_punct or token.is_space or token.dep_ in {"punct", "cc", "preconj"}

    while start < end and (
        loose(tokens[start])
        or (
            tokens[start].text.casefold() in {"only", "on"}
            and start + 1 < end
            and tokens[start + 1].text.casefold() == "that"
        )
        or (
            tokens[start].text.casefold() in {"that", "whether"}
            and (tokens[start].dep_ == "mark" or tokens[start].tag_ == "IN")
        )
        or (
            tokens[start].text.casefold() in OWN_MARKS
            and tokens[start].dep_ == "mark"
            and is_verbal(tokens[start].head)
        )
    ):
        start += 1
    relative = start + 1 < end and tokens[start].tag_ in {"WDT", "WP"}
    if relative and tokens[start + 1].i > tokens[start].i + 2:
        # One that, she said, was lost: the words between only say who speaks.
        start += 1
    while end > start and (loose(tokens[end - 1]) or tokens[end - 1].dep_ == "mark"):
        end -= 1
    return tokens[start:end]
