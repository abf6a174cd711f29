"""The frozen test half: what it must hold, that no row of it was ever changed, and how answers are scored."""

from __future__ import annotations

import re
import shutil
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from intents import frozen
from intents.frozen import Case, cases, scoring, seals
from models.domain import Expectation, ExpectationKind, Intent

FREQUENT = (
    Intent.REFILL_REQUEST,
    Intent.SCHEDULE_BOOK,
    Intent.SCHEDULE_RESCHEDULE,
    Intent.SCHEDULE_CANCEL,
    Intent.SYMPTOM_REPORT,
    Intent.AFFIRM,
    Intent.DENY,
    Intent.OUT_OF_SCOPE,
    Intent.HUMAN_AGENT,
)


def case(
    *intents: Intent,
    also: tuple[Intent, ...] = (),
    instead: tuple[Intent, ...] | None = None,
    weight: float = 1,
) -> Case:
    other = None if instead is None else frozenset(instead)
    return Case("", frozenset(intents), frozenset(also), other, Expectation(), "family", weight, ())


# --------------------------------------------------------------------------- what it holds


def test_every_label_is_there_often_enough() -> None:
    found = Counter(intent for one in cases() for intent in one.intents)
    assert len(cases()) >= 2_400
    assert {label: found[label] for label in Intent if found[label] < 60} == {}
    assert {label: found[label] for label in FREQUENT if found[label] < 120} == {}


def test_many_sentences_ask_for_two_things_and_some_for_nothing() -> None:
    assert sum(len(one.intents) > 1 for one in cases()) >= 150
    assert sum(not one.intents for one in cases()) >= 60


def test_sentences_are_as_a_recogniser_writes_them() -> None:
    spoken = re.compile(r"[a-z][a-z']*( [a-z']+)*")
    assert [one.text for one in cases() if not spoken.fullmatch(one.text)] == []
    assert [one.text for one in cases() if not 1 <= len(one.text.split()) <= 40] == []


def test_no_sentence_stands_twice_after_the_same_question() -> None:
    seen = Counter((one.text, one.expectation.asked) for one in cases())
    assert [key for key, times in seen.items() if times > 1] == []


def test_no_two_sentences_are_one_template_filled_twice() -> None:
    """Most wordings are their own family, and none has a crowd of variations."""
    sizes = Counter(one.family for one in cases())
    assert max(sizes.values()) <= 4
    assert len(sizes) >= 0.9 * len(cases())


def test_a_family_weighs_one_whatever_its_size() -> None:
    weights: defaultdict[str, float] = defaultdict(float)
    for one in cases():
        weights[one.family] += one.weight
    assert all(weight == pytest.approx(1) for weight in weights.values())


def test_a_yes_or_a_no_always_comes_with_its_question() -> None:
    answers = (Intent.AFFIRM, Intent.DENY)
    bare = [one for one in cases() if one.intents and one.intents <= set(answers)]
    assert bare
    assert [one.text for one in bare if not one.expectation.asked.endswith("?")] == []
    assert [one.text for one in bare if one.expectation.asked == "How can I help?"] == []


def test_every_way_of_speaking_is_known_and_occurs() -> None:
    found = Counter(style for one in cases() for style in one.styles)
    assert set(found) == frozen.STYLES
    assert min(found.values()) >= 20


def test_every_question_is_used_and_choices_come_with_their_list() -> None:
    asked = frozen.questions()
    used = {one.expectation.asked for one in cases()}
    assert {name for name, question in asked.items() if question.asked not in used} == set()
    kinds = (ExpectationKind.CHOICE, ExpectationKind.DRUG)
    assert [name for name, question in asked.items() if question.kind in kinds and not question.choices] == []


def test_a_label_never_stands_both_as_wanted_and_as_allowed() -> None:
    assert [one.text for one in cases() if one.intents & one.also] == []


def test_a_sentence_that_was_learned_too_is_set_aside_whatever_its_dress() -> None:
    two = [one for one in cases() if len(one.text.split()) > 3][:2]
    assert frozen.unseen(two, [f" {two[0].text.title()}. "]) == [two[1]]


# --------------------------------------------------------------------------- only appended to


def test_no_frozen_row_was_changed_moved_or_taken_away() -> None:
    assert seals.broken() == []


def test_every_row_is_under_a_seal() -> None:
    assert seals.unsealed() == [], "add the lines that `python -m intents.frozen.seals` prints to seals.tsv"


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = Path(shutil.copytree(frozen.FOLDER, tmp_path / "frozen"))
    monkeypatch.setattr(frozen, "FOLDER", folder)
    monkeypatch.setattr(seals, "FOLDER", folder)
    return folder


def test_a_changed_row_breaks_its_seal(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = copied / "goodbye.tsv"
    table.write_text(table.read_text().replace("\tgoodbye\t", "\tgreeting\t", 1))
    assert [old.table for old in seals.broken()] == ["goodbye"]
    assert seals.main() == 1
    assert "goodbye" in capsys.readouterr().err


def test_a_table_that_is_gone_breaks_its_seal(copied: Path) -> None:
    (copied / "wait.tsv").unlink()
    assert [old.table for old in seals.broken()] == ["wait"]


def test_a_question_that_was_changed_breaks_its_seal(copied: Path) -> None:
    table = copied / "questions.tsv"
    table.write_text(table.read_text().replace("metoprolol?", "metformin?"))
    assert [old.table for old in seals.broken()] == ["questions"]


def test_an_appended_row_keeps_the_seals_and_asks_for_one_more(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = copied / "goodbye.tsv"
    table.write_text(table.read_text() + "goodbye-999\tgoodbye\t\t\t\tterse\tso long farewell\n")
    assert seals.broken() == []
    assert seals.main() == 0
    with (copied / "seals.tsv").open("a") as file:
        file.write(capsys.readouterr().out)
    assert seals.unsealed() == []


# --------------------------------------------------------------------------- scoring


def test_all_that_is_asked_for_must_be_found_and_nothing_else() -> None:
    both = case(Intent.REFILL_REQUEST, Intent.SCHEDULE_BOOK)
    assert scoring.is_right(both, [Intent.SCHEDULE_BOOK, Intent.REFILL_REQUEST])
    assert not scoring.is_right(both, [Intent.REFILL_REQUEST])
    assert not scoring.is_right(case(Intent.REFILL_REQUEST), [Intent.REFILL_REQUEST, Intent.SCHEDULE_BOOK])


def test_what_may_stand_beside_is_no_error_but_no_answer_either() -> None:
    one = case(Intent.SCHEDULE_CANCEL, also=(Intent.SYMPTOM_REPORT,))
    assert scoring.is_right(one, [Intent.SCHEDULE_CANCEL, Intent.SYMPTOM_REPORT])
    assert not scoring.is_right(one, [Intent.SYMPTOM_REPORT])


def test_another_reading_is_right_as_a_whole() -> None:
    one = case(Intent.GREETING, instead=())
    assert scoring.is_right(one, [])
    assert scoring.is_right(case(Intent.REFILL_REQUEST, instead=(Intent.HUMAN_AGENT,)), [Intent.HUMAN_AGENT])
    assert not scoring.is_right(one, [Intent.REPEAT])


def test_a_hello_beside_a_wish_is_ignored_but_not_beside_a_bare_value() -> None:
    assert scoring.is_right(case(Intent.REPEAT), [Intent.GREETING, Intent.REPEAT])
    assert not scoring.is_right(case(), [Intent.GREETING])


def test_a_yes_that_opens_a_wish_is_ignored_unless_yes_or_no_was_asked() -> None:
    wish = case(Intent.REFILL_REQUEST)
    asked = replace(wish, expectation=Expectation(ExpectationKind.YES_NO, asked="Shall I book it?"))
    assert scoring.is_right(wish, [Intent.AFFIRM, Intent.REFILL_REQUEST])
    assert not scoring.is_right(asked, [Intent.AFFIRM, Intent.REFILL_REQUEST])
    assert not scoring.is_right(case(Intent.DENY), [Intent.DENY, Intent.AFFIRM])


def test_a_stranger_may_be_refused_without_a_label_and_a_patient_may_not() -> None:
    assert scoring.is_right(case(Intent.OUT_OF_SCOPE), [])
    assert not scoring.is_right(case(Intent.REFILL_REQUEST), [])


def test_the_figures_of_a_handful_of_answers() -> None:
    answers = [
        (case(Intent.REFILL_REQUEST), [Intent.REFILL_REQUEST]),
        (case(Intent.REFILL_REQUEST), [Intent.OUT_OF_SCOPE]),
        (case(Intent.SCHEDULE_BOOK, weight=0.5), [Intent.REFILL_REQUEST]),
        (case(Intent.SCHEDULE_BOOK, weight=0.5), [Intent.SCHEDULE_BOOK]),
        (case(Intent.OUT_OF_SCOPE), []),
    ]
    found = scoring.score(answers)
    assert found.accuracy == pytest.approx(2.5 / 4)
    assert found.f1[Intent.REFILL_REQUEST] == pytest.approx(2 / (2 + 1 + 0.5))
    assert found.f1[Intent.SCHEDULE_BOOK] == pytest.approx(1 / (1 + 0.5))
    assert found.out_of_scope_caught == 1
    assert found.others_refused == pytest.approx(1 / 3)


def test_no_answers_make_no_figures() -> None:
    with pytest.raises(ValueError, match="no answers"):
        scoring.score([])
