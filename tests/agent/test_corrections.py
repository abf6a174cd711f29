"""Which corrections may be learned: what is wrong, contradicted or too much is named, and not learned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.corrections import (
    ANY_LABEL,
    MOST,
    Correction,
    CorrectionsError,
    of_file,
    of_turns,
    taken,
)
from models.domain import ExpectationKind, Intent
from models.records import CorrectedTurn

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def correction(text: str, *intents: str, source: str = "a", kind: str = "open", **more: object) -> Correction:
    return Correction(source, text, kind, intents, **more)  # type: ignore[arg-type]


def why(*corrections: Correction) -> list[str]:
    return [one.why for one in taken(corrections, NOW).refused]


def test_a_sound_correction_is_a_lesson() -> None:
    lesson = taken([correction("scratch me off", "schedule_cancel")], NOW).lessons["a"]
    assert lesson.intents == (Intent.SCHEDULE_CANCEL,)
    assert lesson.kind is ExpectationKind.OPEN


def test_that_nothing_is_asked_for_can_be_learned_too() -> None:
    assert taken([correction("the blue one", kind="drug")], NOW).lessons["a"].intents == ()


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (correction("", "deny"), "no words"),
        (correction("12 34 \x00", "deny"), "no words"),
        (correction("a " * 2_000, "deny"), "longer than a turn"),
        (correction("no pizza", "pizza"), "no label 'pizza'"),
        (correction("nope", "deny", kind="riddle"), "no question 'riddle'"),
        (correction("nope", "deny", "deny"), "each label once"),
        (correction("buy a car", "out_of_scope", "refill_request"), "stands alone"),
        (correction("i have crushing chest pain", "refill_request"), "RF01"),
        (correction("let me talk to a real person", "goodbye"), "human_agent"),
        (correction("scratch me off", "schedule_cancel", at=NOW), "nobody stands for it"),
        (correction("scratch me off", "deny", at=NOW + timedelta(days=1), who="7"), "future"),
    ],
)
def test_what_is_wrong_is_named(one: Correction, says: str) -> None:
    (found,) = why(one)
    assert says in found


def test_a_danger_may_be_learned_as_the_symptom_it_is() -> None:
    assert why(correction("i have crushing chest pain", "symptom_report")) == []


def test_two_who_disagree_teach_nothing() -> None:
    found = taken(
        [correction("Scratch me off!", "schedule_cancel"), correction("scratch me off", "deny", source="b")],
        NOW,
    )
    assert not found.lessons
    assert {one.source for one in found.refused} == {"a", "b"}


def test_the_same_words_may_mean_two_things_after_two_questions() -> None:
    open_question = correction("that's all", "goodbye")
    assert why(open_question, correction("that's all", "deny", source="b", kind="yes_no")) == []


def test_a_thousand_times_the_same_is_one_lesson() -> None:
    many = [correction("scratch me off", "schedule_cancel", source=str(number)) for number in range(1_000)]
    assert len(taken(many, NOW).lessons) == 1


def test_no_label_takes_more_than_its_share() -> None:
    many = [
        correction(f"word {chr(97 + n // 26)}{chr(97 + n % 26)}", "deny", source=str(n)) for n in range(50)
    ]
    found = taken(many, NOW)
    assert len(found.lessons) == ANY_LABEL
    assert all("of one label" in one.why for one in found.refused)


def test_there_is_a_most() -> None:
    labels = [intent.value for intent in Intent if intent is not Intent.OUT_OF_SCOPE]
    many = [
        correction(f"thing {'abcdefghij'[n % 10]}{'abcdefghij'[n // 10 % 10]}{'abcdefghijkl'[n // 100]}",
                   labels[n % len(labels)], source=str(n))
        for n in range(MOST + 5)
    ]  # fmt: skip
    found = taken(many, NOW)
    assert len(found.lessons) == MOST
    assert len(found.refused) == 5


def test_turns_of_the_database() -> None:
    turn = CorrectedTurn("CA1", 3, "you betcha", "yes_no", "affirm, schedule_book", "staff-7", NOW)
    (found,) = of_turns([turn])
    assert found == Correction(
        "call CA1 turn 3", "you betcha", "yes_no", ("affirm", "schedule_book"), "staff-7", NOW
    )


def test_a_file_of_corrections_and_its_bad_lines(tmp_path: Path) -> None:
    path = tmp_path / "fixes.jsonl"
    path.write_bytes(
        b'{"text": "scratch me off", "intents": ["schedule_cancel"]}\n\n'
        b'{"text": "nope", "intents": ["deny"], "question_kind": "yes_no", "who": "staff-7"}\n'
        b"not json\n"
        b'{"text": "x", "intents": "deny"}\n'
        b'["deny"]\n'
        b'{"text": "caf\xe9", "intents": []}\n' + b"[" * 100_000 + b"\n"
    )
    found, bad = of_file(path)
    assert [(one.source, one.kind, one.who) for one in found] == [
        ("fixes.jsonl:1", "open", ""),
        ("fixes.jsonl:3", "yes_no", "staff-7"),
    ]
    assert [one.source for one in bad] == [f"fixes.jsonl:{line}" for line in (4, 5, 6, 7, 8)]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CorrectionsError, match=r"none\.jsonl cannot be read"):
        of_file(tmp_path / "none.jsonl")


def test_reasons_quote_no_words() -> None:
    """They are printed and kept; what a caller said is neither."""
    found = why(
        correction("maria lopez has chest pain", "deny"),
        correction("maria lopez wants a real person", "deny", source="b"),
        correction("maria lopez", "deny", source="c"),
        correction("maria lopez", "affirm", source="d"),
    )
    assert len(found) == 4
    assert not any("maria" in reason for reason in found)
