"""The corpus's two parts: tables that the recogniser knows too, and wide ones that are only learned."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from intents import corpus
from intents.corpus.counting import ways

# Of the language model that the recogniser was measured with. Who changes base tables or templates on
# purpose measures the recogniser anew (benchmarks.recogniser, benchmarks.human) and gives the new sum.
MEASURED_WITH = "4b78137ea72cb607fb01b6446b219536e7eb63e2f28895d038e849eb373ea21d"


@pytest.fixture
def wide(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of wide tables with one table of repeats."""
    monkeypatch.setattr(corpus, "_WIDE", tmp_path)
    corpus.examples.cache_clear()
    yield tmp_path
    corpus.examples.cache_clear()


def table(folder: Path, *rows: str) -> None:
    lines = ["family\tintents\ttext", *(row.replace(" | ", "\t") for row in rows)]
    (folder / "repeat.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def wide_texts() -> list[str]:
    return [example.text for example in corpus.examples() if example.family.startswith("wide/")]


def test_the_recogniser_hears_with_the_sentences_it_was_measured_with() -> None:
    said = "\n".join(corpus.sentences())
    assert hashlib.sha256(said.encode()).hexdigest() == MEASURED_WITH


def test_wide_sentences_are_learned_and_do_not_reach_the_recogniser(wide: Path) -> None:
    before = corpus.sentences()
    table(wide, "moon.1 | repeat | over the moon with that once more")
    assert wide_texts() == ["over the moon with that once more"]
    assert corpus.sentences() == before


def test_a_wide_sentence_that_says_nothing_new_counts_once(wide: Path) -> None:
    table(
        wide,
        "moon.1 | repeat | over the moon once more",
        "moon.2 | repeat | um well over the moon once more please",
        "again.1 | repeat | uh can you repeat that",  # of the base tables, with an "uh"
    )
    assert wide_texts() == ["over the moon once more"]


def test_wide_families_are_split_by_their_own_names(wide: Path) -> None:
    table(wide, *(f"moon.{number} | repeat | over moon number {number} once more" for number in range(1, 17)))
    held = [example.is_test for example in corpus.examples() if example.family.startswith("wide/")]
    assert sum(held) == 2
    assert len({example.family for example in corpus.examples()}) > 16


def test_names_drugs_days_and_fillers_make_no_other_sentence() -> None:
    told = [
        "I need my lisinopril by Monday",
        "um i need my metformin by friday please",
        "this is susan miller calling",
        "this is robert jones calling",
        "i need my pills by monday",
    ]
    assert ways(told) == 3


def test_the_corpus_holds_thousands_of_different_sentences() -> None:
    assert ways(example.text for example in corpus.examples()) >= 6_000
