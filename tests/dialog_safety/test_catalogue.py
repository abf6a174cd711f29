"""The catalogue as data: complete, sourced, covered line by line; its sentences are fixed."""

from __future__ import annotations

import pytest

from dialog.safety import CATALOGUE, Code, RedFlag, all_sentences, assess, by_id, question, sentence
from dialog.safety.assertion import Mode
from dialog.safety.matching import Matcher
from dialog.safety.negation import Polarity
from tests.dialog_safety.positives import POSITIVES


def test_the_ids_are_rf01_to_rf26_in_order() -> None:
    assert [flag.id for flag in CATALOGUE] == [f"RF{n:02}" for n in range(1, 27)]


@pytest.mark.parametrize("flag", CATALOGUE, ids=lambda flag: flag.id)
def test_every_entry_is_sourced_and_asks_a_yes_no_question(flag: RedFlag) -> None:
    assert "https://" in flag.source
    assert flag.question.endswith("?")
    assert flag.question.split()[0] in {"Are", "Is", "Has", "Have", "Since"}
    assert question(flag) == flag.question


@pytest.mark.parametrize(
    ("flag_id", "code", "kind"),
    [
        ("RF01", Code.D0, "emergency"),
        ("RF08", Code.D0_988, "emergency"),
        ("RF10", Code.D0_PC, "emergency"),
        ("RF12", Code.D1, "urgent"),
    ],
)
def test_codes_and_kinds(flag_id: str, code: Code, kind: str) -> None:
    assert by_id(flag_id).code is code
    assert by_id(flag_id).kind == kind


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(KeyError):
        by_id("RF99")


@pytest.mark.parametrize("flag_id", sorted(POSITIVES))
def test_without_its_entry_a_danger_sign_is_missed(flag_id: str) -> None:
    """Taken out of the catalogue, at least one of its cases raises no alarm at all."""
    without = Matcher(flag for flag in CATALOGUE if flag.id != flag_id)

    def alarms(text: str) -> bool:
        return any(
            concern.code is not None
            and concern.meant.polarity is Polarity.PRESENT
            and concern.meant.mode is Mode.ACTUAL
            for concern in without.concerns(text)
        )

    assert not all(alarms(text) for text in POSITIVES[flag_id])


def test_the_fixed_sentences_are_word_for_word() -> None:
    assert sentence(Code.D0) == (
        "What you're describing could be an emergency. Please hang up and call 911 now. "
        "If someone is with you, ask them to call. Do not drive yourself."
    )
    assert sentence(Code.D0_988) == (
        "I'm really glad you told me. You deserve support right now. If you are in immediate danger, "
        "call 911. You can call or text 988, the Suicide and Crisis Lifeline, any time. "
        "I'm connecting you with our team."
    )
    assert sentence(Code.D0_PC) == "Call Poison Help now at 1-800-222-1222."
    assert sentence(Code.D1) == "I'm getting a nurse for you now."
    assert sentence(Code.D2) == "Our team will call you today. If you get worse, call 911."


def test_all_sentences_can_be_rendered_ahead() -> None:
    found = all_sentences()
    assert len(found) == len(set(found))
    assert {flag.question for flag in CATALOGUE} <= set(found)


@pytest.mark.parametrize("words", ["i want to kill {}", "going to kill {} tonight", "i might hurt {}"])
def test_a_self_heard_as_two_words_is_one(words: str) -> None:
    heard, meant = assess([words.format("my self")]), assess([words.format("myself")])
    assert heard.flag is not None
    assert heard.flag.red_flag_id == "RF08"
    assert [sign.red_flag_id for sign in heard.raised] == [sign.red_flag_id for sign in meant.raised]
    assert heard.flag.quote == words.format("my self")
