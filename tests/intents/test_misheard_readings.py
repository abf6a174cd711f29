"""Readings of words that a recogniser damaged: by their sound, or by what is left of them."""

from __future__ import annotations

import pytest

from dialog.flows.questionnaire_reading import pressure
from intents.readers.hints import read_hints
from intents.readers.measures import read_measures
from intents.readers.modes import read_mode
from intents.readers.speaking import read_speaking
from models.domain import Hint


def test_over_is_heard_by_its_sound() -> None:
    said = "it's one ninety offer one twenty five around my head is pounding"
    assert read_measures(said)["blood_pressure"].value == "190/125 mmHg"
    assert pressure(said) == "190/125"
    assert "blood_pressure" not in read_measures("one ninety of one twenty five")


@pytest.mark.parametrize(
    "said",
    [
        "you gave me a day three access off anybody drops out slower i can be there in ten minutes",
        "three weeks off if anybody out sure i can be there in ten minutes",
    ],
)
def test_who_can_come_if_anybody_drops_out_waits_for_an_opening(said: str) -> None:
    mode = read_mode(said)
    assert mode is not None
    assert mode.value == "waitlist"


@pytest.mark.parametrize(
    "said", ["i'm running about ten minutes last i'm sorry", "no i'm not going to make it won time"]
)
def test_who_is_late_says_so_with_a_word_misheard(said: str) -> None:
    assert Hint.LATE in read_hints(said)


@pytest.mark.parametrize(
    "said",
    [
        "i'm calling to make anymore an appointment my wife",
        "i need a physical my son evan",
        "main wife has an appointment coming up what day is it",
    ],
)
def test_a_relative_beside_a_matter_points_away_from_the_caller(said: str) -> None:
    assert read_speaking(said)["other_person"] is not None


@pytest.mark.parametrize("said", ["this visa there wilson", "i have an appointment my wife made for me"])
def test_no_relative_and_one_who_only_made_the_call_point_nowhere(said: str) -> None:
    assert read_speaking(said)["other_person"] is None


def test_it_is_me_is_for_oneself() -> None:
    assert read_speaking("it's me")["for_self"] is not None
