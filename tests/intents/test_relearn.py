"""Going on from the shipped weights: a lesson is learned, and what contradicts the corpus is seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from intents.decisions import LABELS
from intents.encoder import SentenceEncoder
from intents.lessons import Lesson
from intents.relearn import Teacher
from intents.site_weights import FILES
from models.domain import ExpectationKind, Intent

OPEN, MEANT = ExpectationKind.OPEN, Intent.RECORDS_REQUEST
PODS = Lesson("the pods are all gone at the supply house", OPEN, (MEANT,))


@pytest.fixture(scope="module")
def teacher(encoder: SentenceEncoder) -> Teacher:
    return Teacher(encoder=encoder)


def test_what_the_corpus_says_otherwise_is_a_contradiction(teacher: Teacher) -> None:
    assert teacher.contradicted(Lesson("i need a refill", OPEN, (Intent.BILLING_QUESTION,))) > 0
    assert teacher.contradicted(Lesson("i need a refill", OPEN, (Intent.REFILL_REQUEST,))) == 0
    assert teacher.contradicted(PODS) == 0


def test_a_lesson_is_learned_and_comes_back_from_its_files(teacher: Teacher, tmp_path: Path) -> None:
    """A few steps only."""
    before = likely(teacher)
    teacher.teach([PODS], epochs=1, replayed=24)
    teacher.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(FILES)
    again = Teacher(tmp_path, teacher.network.encoder)
    assert likely(again) > before
    assert likely(again) == pytest.approx(likely(teacher), abs=0.3)  # it rests in half precision
    whole = likely(teacher)
    teacher.go(0.5)
    assert before < likely(teacher) < whole
    teacher.go(0.0)
    assert likely(teacher) == pytest.approx(before)


def likely(teacher: Teacher) -> float:
    """The logit of what the lesson says."""
    return float(teacher.network.logits([PODS.text], [PODS.kind])[0][0][LABELS.index(MEANT)])
