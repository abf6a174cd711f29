"""The stock model's word pairs, read from its file: what the model itself says when it is asked."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pocketsphinx
import pytest

from voice import stock_pairs
from voice.language_model import StockModel, stock_dictionary

STOCK = Path(pocketsphinx.get_model_path("en-us/en-us.lm.bin"))
SOME = sorted(random.Random(1).sample(sorted(stock_dictionary()), 150))
VOCABULARY = ["<s>", "</s>", "a", "doctor", "good", "morning", "the", "no-word-at-all", *SOME]
COMMON = {"<s>", "a", "good", "the", *SOME[:20]}


def test_read_and_asked_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    model = StockModel()
    read = model.pairs(VOCABULARY, COMMON)
    monkeypatch.setattr(stock_pairs, "read", lambda _: None)
    asked = model.pairs(VOCABULARY, COMMON)
    known = asked > 0
    assert np.array_equal(known, read > 0)
    assert read[known] == pytest.approx(asked[known], rel=2e-4)  # it rounds to whole logarithms, base 1.0001
    morning = VOCABULARY.index("morning")
    assert read[VOCABULARY.index("good"), morning] > 20 * read[VOCABULARY.index("a"), morning]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ngram 1=3",
        b"Trie Language Model\x02",
        b"Trie Language Model\x03\x01\x00",
        STOCK.read_bytes()[:900_000],
    ],
)
def test_another_file_is_not_read(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.lm.bin").write_bytes(content)
    assert stock_pairs.read(tmp_path / "x.lm.bin") is None


def test_where_the_file_says_otherwise_the_model_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the library may pack it in another way."""
    found = stock_pairs.read(STOCK)
    assert found
    found.log[:] = -1.0
    model = StockModel()
    right = model.pairs(VOCABULARY, COMMON)
    monkeypatch.setattr(stock_pairs, "read", lambda _: found)
    assert model.pairs(VOCABULARY, COMMON) == pytest.approx(right, rel=2e-4)
