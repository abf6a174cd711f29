"""The screen against the written table: no miss allowed, few false alarms."""

from __future__ import annotations

import pytest

from dialog.safety import CATALOGUE, assess, screen
from tests.dialog_safety.negatives import NEGATIVES
from tests.dialog_safety.positives import POSITIVES

CASES = [(flag_id, text) for flag_id, texts in POSITIVES.items() for text in texts]
NEVER_HEARD = "thank you for calling"
SPECIFICITY_FLOOR = 0.97


def raised_ids(*texts: str) -> set[str]:
    return {flag.red_flag_id for flag in assess(texts).raised}


@pytest.mark.parametrize(("flag_id", "text"), CASES)
def test_a_danger_sign_is_never_missed(flag_id: str, text: str) -> None:
    assert flag_id in raised_ids(text)


def test_every_entry_of_the_catalogue_has_cases() -> None:
    assert set(POSITIVES) == {flag.id for flag in CATALOGUE}
    assert min(len(texts) for texts in POSITIVES.values()) >= 6
    assert len(CASES) >= 200


def test_ordinary_calls_rarely_raise_an_alarm() -> None:
    false_alarms = [text for text in NEGATIVES if screen([text])]
    assert len(NEGATIVES) >= 200
    specificity = 1 - len(false_alarms) / len(NEGATIVES)
    assert specificity >= SPECIFICITY_FLOOR, false_alarms


def test_ordinary_calls_are_rarely_asked_a_danger_question() -> None:
    asked = [text for text in NEGATIVES if assess([text]).doubt]
    assert len(asked) / len(NEGATIVES) < 0.10, asked


@pytest.mark.parametrize(("flag_id", "text"), CASES[::5])
def test_the_worst_of_the_alternatives_counts(flag_id: str, text: str) -> None:
    assert flag_id in raised_ids("", NEVER_HEARD, text, "my refill please")


@pytest.mark.parametrize(("flag_id", "text"), CASES[::7])
def test_the_quote_is_the_callers_own_words(flag_id: str, text: str) -> None:
    assert text in {flag.quote for flag in assess([text]).raised if flag.red_flag_id == flag_id}
