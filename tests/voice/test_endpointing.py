"""Where an utterance ends, in audio time."""

from __future__ import annotations

import pytest

from models.domain import Expectation, ExpectationKind
from voice import completeness
from voice.endpointing import Endpoint, Endpointer, Patience, SoFar

STEP_MS = 20


def marks(endpointer: Endpointer, pattern: str) -> list[tuple[int, Endpoint]]:
    """``pattern``: one letter for 100 ms, s speech, anything else silence."""
    found: list[tuple[int, Endpoint]] = []
    now_ms = 0
    for letter in pattern:
        for _ in range(100 // STEP_MS):
            now_ms += STEP_MS
            found += [(now_ms, mark) for mark in endpointer.process(STEP_MS, is_speech=letter == "s")]
    return found


def waiting_for(kind: ExpectationKind, pause_ms: int | None = None) -> Endpointer:
    return Endpointer(Patience.for_answer(Expectation(kind=kind, pause_ms=pause_ms)))


def test_a_sentence_is_started_paused_and_ended() -> None:
    assert marks(waiting_for(ExpectationKind.OPEN), ".sssss......") == [
        (220, Endpoint.STARTED),
        (760, Endpoint.PAUSED),
        (1_000, Endpoint.ENDED),
    ]


def test_a_cough_is_no_utterance() -> None:
    assert marks(waiting_for(ExpectationKind.OPEN), "..s......s.......") == []


def test_going_on_after_a_short_pause_is_one_utterance() -> None:
    found = [mark for _, mark in marks(waiting_for(ExpectationKind.OPEN), "sss..ssss......")]
    assert found == [Endpoint.STARTED, Endpoint.PAUSED, Endpoint.RESUMED, Endpoint.PAUSED, Endpoint.ENDED]


@pytest.mark.parametrize(
    ("kind", "ends_ms"),
    [(ExpectationKind.YES_NO, 300), (ExpectationKind.OPEN, 400), (ExpectationKind.DOB, 1_000)],
)
def test_a_date_may_take_its_time_and_a_yes_is_quick(kind: ExpectationKind, ends_ms: int) -> None:
    assert marks(waiting_for(kind), "sssss" + "." * 12)[-1] == (500 + ends_ms, Endpoint.ENDED)


def test_the_question_may_set_its_own_pause() -> None:
    assert marks(waiting_for(ExpectationKind.OPEN, 600), "sssss" + "." * 12)[-1][0] == 1_100


def test_a_whole_date_ends_early_and_a_dangling_word_late() -> None:
    early, late = waiting_for(ExpectationKind.DOB), waiting_for(ExpectationKind.OPEN)
    marks(early, "sss..")
    early.so_far = SoFar.COMPLETE
    assert marks(early, "......")[-1] == (160, Endpoint.ENDED)
    marks(late, "sss..")
    late.so_far = SoFar.UNFINISHED
    assert marks(late, "." * 12)[-1] == (800, Endpoint.ENDED)


def test_nobody_speaks_longer_than_half_a_minute_in_one_utterance() -> None:
    found = marks(waiting_for(ExpectationKind.OPEN), "s" * 310)
    assert found[1:3] == [(30_000, Endpoint.PAUSED), (30_000, Endpoint.ENDED)]


DOB = Expectation(kind=ExpectationKind.DOB)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("march third nineteen fifty eight", SoFar.COMPLETE),
        ("it's the fifth of june nineteen ninety one", SoFar.COMPLETE),
        ("four twelve sixty three", SoFar.COMPLETE),
        ("january first two thousand two", SoFar.COMPLETE),
        ("march third nineteen", SoFar.UNFINISHED),
        ("march twenty eight", SoFar.UNFINISHED),
        ("the third of", SoFar.UNFINISHED),
        ("i would rather not say", SoFar.OTHER),
        ("it's in may", SoFar.UNFINISHED),
        ("my date of birth is", SoFar.UNFINISHED),
        ("", SoFar.UNKNOWN),
    ],
)
def test_a_date_is_whole_only_with_its_year(text: str, expected: SoFar) -> None:
    assert completeness.so_far(text, DOB) is expected


def test_ten_digits_are_a_phone_number() -> None:
    phone = Expectation(kind=ExpectationKind.PHONE)
    digits = "five five five two one oh four four seven nine".split()
    assert completeness.so_far(" ".join(digits), phone) is SoFar.COMPLETE
    assert completeness.so_far(" ".join(digits[:9]), phone) is SoFar.UNFINISHED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", SoFar.COMPLETE),
        ("no thanks", SoFar.COMPLETE),
        ("yes but on a different day", SoFar.UNKNOWN),
        ("well", SoFar.UNKNOWN),
    ],
)
def test_a_plain_yes_is_whole(text: str, expected: SoFar) -> None:
    assert completeness.so_far(text, Expectation(kind=ExpectationKind.YES_NO)) is expected


def test_a_bare_no_to_a_date_that_was_read_back_may_go_on() -> None:
    asked = "I heard the birth date March fifth, nineteen eighty. Is that right?"
    read_back = Expectation(kind=ExpectationKind.YES_NO, asked=asked)
    assert completeness.so_far("no", read_back) is SoFar.UNFINISHED
    assert completeness.so_far("yes", read_back) is SoFar.COMPLETE


def test_half_a_date_is_waited_for_longer_than_silence_alone_would_be() -> None:
    endpointer = waiting_for(ExpectationKind.DOB)
    marks(endpointer, "sssss...")
    endpointer.so_far = SoFar.UNFINISHED
    assert marks(endpointer, "." * 12)[-1] == (1_100, Endpoint.ENDED), "1.4 s after the last word"


def test_a_caller_who_hesitates_is_given_more_time_from_then_on() -> None:
    endpointer = waiting_for(ExpectationKind.OPEN)
    ends_ms = marks(endpointer, "sss...sss...sss" + "." * 10)[-1][0]
    assert ends_ms == 1_900, "after two pauses of 300 ms the caller's own pace does not exceed the usual"
    for _ in range(2):
        marks(endpointer, "sss" + "." * 7)  # cut off: goes on 700 ms later
    marks(endpointer, "sss")
    assert endpointer.hesitation.stretched(400) == 910


def test_what_follows_our_answer_is_no_hesitation() -> None:
    endpointer = waiting_for(ExpectationKind.OPEN)
    for _ in range(3):
        marks(endpointer, "sss" + "." * 7)
        endpointer.answered()
    marks(endpointer, "sss")
    assert endpointer.hesitation.stretched(400) == 400


def test_one_distraction_does_not_slow_the_whole_call() -> None:
    endpointer = waiting_for(ExpectationKind.DOB)
    marks(endpointer, "sss" + "." * 7 + "sss" + "." * 12)
    assert endpointer.hesitation.stretched(400) == 400


def test_long_pauses_in_a_dictated_date_do_not_slow_the_answers_after_it() -> None:
    endpointer = waiting_for(ExpectationKind.DOB)
    marks(endpointer, "sss" + "." * 6 + "sss" + "." * 6 + "sss" + "." * 12)
    assert endpointer.hesitation.stretched(400) == 400
    assert endpointer.hesitation.stretched(800) == 800


def test_danger_told_instead_of_a_number_is_answered_as_soon_as_any_sentence() -> None:
    expectation = Expectation(kind=ExpectationKind.NUMBER)
    said = completeness.so_far("my chest feels tight and i can't breathe", expectation)
    endpointer = waiting_for(ExpectationKind.NUMBER)
    marks(endpointer, "sssss...")
    endpointer.so_far = said
    assert marks(endpointer, "." * 12)[-1] == (100, Endpoint.ENDED), "0.4 s after the last word"
    assert completeness.so_far("i would say about seven", expectation) is SoFar.UNKNOWN


def test_a_sentence_that_came_to_its_value_ends_early() -> None:
    endpointer = waiting_for(ExpectationKind.OPEN)
    marks(endpointer, "sssss..")
    endpointer.so_far = SoFar.WHOLE
    assert marks(endpointer, "...") == [(60, Endpoint.ENDED)]


def test_but_not_of_a_caller_who_usually_goes_on_after_such_a_pause() -> None:
    endpointer = waiting_for(ExpectationKind.OPEN)
    marks(endpointer, "sssss...sss...sss..")  # twice 300 of the 400 ms that end a wish
    endpointer.so_far = SoFar.WHOLE
    assert [mark for _, mark in marks(endpointer, ".")] == []
    assert [mark for _, mark in marks(endpointer, "..")] == [Endpoint.ENDED]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my number is five five", SoFar.UNFINISHED),
        ("it's spelled o k", SoFar.UNFINISHED),
        ("i need it at three", SoFar.UNKNOWN),
        ("oh eight", SoFar.UNKNOWN),
        ("my name is samuel okafor", SoFar.UNKNOWN),
    ],
)
def test_digits_and_letters_nobody_asked_for_are_waited_for_too(text: str, expected: SoFar) -> None:
    assert completeness.so_far(text, Expectation()) is expected
