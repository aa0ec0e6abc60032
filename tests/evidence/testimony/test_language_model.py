"""The packaged English model: what stands in for it is refused before any of it is run."""

from __future__ import annotations

import sys

import pytest

from detente.errors import UsageError
from detente.evidence.testimony.grammar import language


@pytest.fixture(autouse=True)
def forgotten():
    """Nothing of another test's model is kept."""
    language.model.cache_clear()
    yield
    language.model.cache_clear()


def _squat(folder, version: str) -> None:
    package = folder / language.PACKAGE
    (package / f"{language.PACKAGE}-{version}").mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('this code was run')\n")
    (package / f"{language.PACKAGE}-{version}" / "config.cfg").write_text("[nlp]\n")


@pytest.mark.parametrize("version", ["999.9.9", language.VERSION])
def test_a_package_of_the_same_name_is_refused_unrun(tmp_path, monkeypatch, version):
    """Another version, and other files under the right version, are refused without an import."""
    pytest.importorskip("spacy")
    _squat(tmp_path, version)
    monkeypatch.delitem(sys.modules, language.PACKAGE, raising=False)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(UsageError, match=f"not version {language.VERSION} as published"):
        language.model()
    assert language.PACKAGE not in sys.modules


class _Blocked:
    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.split(".")[0] == "spacy":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


@pytest.mark.parametrize("way", ["none", "blocked"])
def test_without_spacy_one_sentence_says_what_to_install(monkeypatch, way):
    """However the import of spaCy fails, the user reads which extra is missing."""
    for name in [name for name in sys.modules if name.split(".")[0] == "spacy"]:
        monkeypatch.delitem(sys.modules, name)
    if way == "none":
        monkeypatch.setitem(sys.modules, "spacy", None)
    else:
        monkeypatch.setattr(sys, "meta_path", [_Blocked(), *sys.meta_path])

    with pytest.raises(UsageError, match=r"pip install 'detente\[text\]'"):
        language.model()
