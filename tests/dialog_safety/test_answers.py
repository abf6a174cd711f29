"""The answer to a direct danger question: only a clear no clears it."""

from __future__ import annotations

import pytest

from dialog.safety import Code, answered, assess, by_id, code_of
from models.domain import RedFlagRaised


@pytest.mark.parametrize("yes", [True, None])
def test_yes_and_unclear_count_as_present(yes: bool | None) -> None:
    assert answered("RF01", yes, "uh-huh") == RedFlagRaised("RF01", "emergency", "uh-huh")


def test_no_clears_that_item() -> None:
    assert answered("RF01", False) is None


@pytest.mark.parametrize(
    "text", ["yes", "uh-huh", "yeah I do", "kind of", "a little", "not really", "what?", "", "I guess"]
)
def test_anything_but_a_clear_no_is_present(text: str) -> None:
    found = assess([text], asked="RF01")
    assert found.flag == RedFlagRaised("RF01", "emergency", text)


@pytest.mark.parametrize(
    "text",
    ["no", "No.", "nope", "no I don't", "oh no, not at all", "I don't have any chest pain", "absolutely not"],
)
def test_a_clear_no_denies_that_item_only(text: str) -> None:
    found = assess([text], asked="RF01")
    assert found.flag is None
    assert found.doubt is None
    assert found.denied == ("RF01",)


def test_a_yes_among_the_alternatives_counts() -> None:
    assert assess(["no", "yes"], asked="RF01").flag is not None


def test_a_no_does_not_hide_another_sign() -> None:
    found = assess(["no but I can't breathe"], asked="RF01")
    assert "RF03" in {flag.red_flag_id for flag in found.raised}


def test_no_with_the_sign_itself_is_present() -> None:
    found = assess(["no I have chest pain right now"], asked="RF01")
    assert found.flag is not None
    assert found.flag.red_flag_id == "RF01"


def test_a_reader_can_supply_the_answer() -> None:
    assert assess(["nah we good"], asked="RF01", answer=False).flag is None
    assert assess(["si"], asked="RF01", answer=True).flag is not None


def test_the_question_as_spoken_names_its_item() -> None:
    assert assess(["yes"], asked=by_id("RF05").question).flag == RedFlagRaised("RF05", "emergency", "yes")


def test_other_questions_are_no_danger_questions() -> None:
    assert assess(["yes"], asked="Is that right?").flag is None


def test_silence_after_a_danger_question_counts_as_present() -> None:
    assert assess([], asked="RF01").flag == RedFlagRaised("RF01", "emergency", "")


@pytest.mark.parametrize(
    ("flag_id", "disposition", "code"),
    [
        ("RF01", "emergency", Code.D0),
        ("RF01", "urgent", Code.D1),
        ("RF08", "emergency", Code.D0_988),
        ("RF10", "emergency", Code.D0_PC),
        ("RF13", "emergency", Code.D0),
        ("RF13", "urgent", Code.D1),
    ],
)
def test_the_code_of_a_raised_flag(flag_id: str, disposition: str, code: Code) -> None:
    assert code_of(RedFlagRaised(flag_id, disposition, "")) is code
