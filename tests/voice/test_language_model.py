from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from tests.voice.caller_sentences import DRUGS, NAMES, SAID
from voice import g2p, grammars, language_model, ngrams
from voice.ear_config import EarConfig
from voice.ear_service import EarService
from voice.spoken_text import words_of


def test_written_words_become_spoken_ones() -> None:
    assert words_of("Dr. Chen's 10 mg, 125 and 62704") == (
        *"doctor chen's ten milligrams one hundred twenty five and six two seven zero four".split(),
    )


@pytest.mark.parametrize(
    ("ipa", "arpabet"),
    [
        (("m", "ˈɛ", "t", "f", "oːɹ", "m", "ˌɪ", "n"), "M EH T F AO R M IH N"),
        (("dʒ", "ˈʌ", "dʒ"), "JH AH JH"),
    ],
)
def test_ipa_becomes_the_models_phonemes(ipa: tuple[str, ...], arpabet: str) -> None:
    assert g2p.from_ipa(ipa) == arpabet


def test_every_listed_and_ruled_pronunciation_uses_the_models_phonemes() -> None:
    known = {
        phone for said in language_model.stock_dictionary().values() for p in said for phone in p.split()
    }
    for word in (*DRUGS, "okafor", "kowalczyk", "ozempic"):
        said = g2p.pronunciations(word)
        assert said
        assert {phone for pronunciation in said for phone in pronunciation.split()} <= known


def test_a_history_of_the_mixture_sums_to_one(tmp_path: Path) -> None:
    sentences = [(("<s>", "a", "b", "</s>"), 2.0), (("<s>", "a", "c", "</s>"), 1.0)]
    words = ["<s>", "</s>", "a", "b", "c", "d"]
    import numpy as np

    pairs = np.full((6, 6), 1 / 6)
    model = ngrams.Mixture(ngrams.count(sentences), words, lambda _words: 1 / 6, pairs, 0.7)
    model.write(tmp_path / "tiny.arpa")
    found = read_arpa(tmp_path / "tiny.arpa")
    for history in ("a", "b", "<s>"):
        total = sum(probability(found, history, word) for word in words if word != "<s>")
        assert total == pytest.approx(1.0, abs=0.01)
    assert probability(found, "a", "b") > probability(found, "a", "c") > probability(found, "a", "d")


def read_arpa(path: Path) -> dict[str, tuple[float, float]]:
    found: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 1.0))
    for line in path.read_text().splitlines():
        parts = line.split("\t")
        if len(parts) >= 2:
            found[parts[1]] = (10 ** float(parts[0]), 10 ** float(parts[2]) if len(parts) > 2 else 1.0)
    return found


def probability(arpa: dict[str, tuple[float, float]], previous: str, word: str) -> float:
    pair = f"{previous} {word}"
    return arpa[pair][0] if pair in arpa else arpa[previous][1] * arpa[word][0]


def written(folder: Path) -> dict[Path, int]:
    """When each file was; whose turn it is to build stands in another."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock"]
    return {path: path.stat().st_mtime_ns for path in files}


def test_the_same_content_is_not_built_twice(ear: EarService, model_dir: Path) -> None:
    del ear  # built by now
    before = written(model_dir)
    files = language_model.build(reversed(SAID), NAMES, DRUGS, model_dir)
    assert written(model_dir) == before
    assert len(list(model_dir.iterdir())) == 1
    dictionary = {line.split()[0] for line in files.dictionary.read_text().splitlines()}
    assert {"lisinopril", "okafor", "the", "march", "z"} <= dictionary


def test_other_content_is_another_model(ear_config: EarConfig) -> None:
    one = language_model._digest(["a"])
    assert one != language_model._digest(["b"])
    assert one == language_model._digest(["a"])
    assert ear_config.engine == "pocketsphinx"


def test_every_word_of_the_birth_date_grammar_can_be_pronounced() -> None:
    words = grammars.words(grammars.birth_date())
    assert {"march", "nineteen", "third", "oh", "born"} <= words
    assert set(language_model.pronounced(words)) == words
