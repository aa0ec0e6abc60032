"""What the tests of the reader share: the reader, where its language model is installed."""

from __future__ import annotations

import importlib.util
import warnings

import pytest


@pytest.fixture(scope="session")
def reader():
    """The function that reads a text; without the extra ``text`` there is nothing to test."""
    if importlib.util.find_spec("spacy") is None:
        pytest.skip("the extra 'text' is not installed")
    from detente.evidence.testimony.grammar.language import model
    from detente.evidence.testimony.text_reader import read_text

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # spaCy's own imports
        model()
    return read_text
