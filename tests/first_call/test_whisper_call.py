"""Whole calls heard by Whisper with small random weights, on audio time: all is noise, and they survive."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent import audio_time
from agent.in_process import Engines, PlacedCall, open_in_process
from agent.local_server import demo_settings
from agent.preparing import prepare_tool
from agent.settings import with_secrets
from models import records
from models.domain import BookOpening, CancelVisit, HoldOpening, MoveVisit, RequestRefill
from telephony.double import Caller, parse_steps
from tests.first_call.conftest import wav
from tests.voice.whisper_checkpoints import Shape, checkpoint

JAMES, MARIA = "+16175550144", "+16175550123"
BOOKING = ("wants-visit", "name", "dob", "type", "when", "second")
REFILL = ("wants-refill", "name", "dob", "pharmacy", "no-problems", "yes")
SURE_OF_ITS_NOISE: dict[str, Any] = {"seed": 27, "loudness": 12.0, "ends": 5.5}  # most of it passes the gates


@dataclass(frozen=True)
class Noise:
    calls: tuple[PlacedCall, ...]
    log: list[Any]


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Noise:
    folder = tmp_path_factory.mktemp("whisper")
    weights = checkpoint(folder / "noise.pt", Shape(), **SURE_OF_ITS_NOISE)
    chosen = with_secrets(demo_settings(folder / "data", stt="whisper", whisper_model=str(weights)))
    prepare_tool(chosen)
    callers = (
        (JAMES, [wav(f"james-{name}") for name in BOOKING]),
        (MARIA, [wav(f"maria-{name}") for name in REFILL]),
    )
    engines = Engines.load(chosen)

    async def place() -> list[PlacedCall]:
        async with open_in_process(chosen, engines) as practice:
            calls = [
                practice.call(number, Caller(parse_steps(steps), patience_s=25.0))
                for number, steps in callers
            ]
            return await asyncio.gather(*calls)

    with capture_logs() as log:
        return Noise(tuple(audio_time.run(place())), list(log))


@pytest.fixture(scope="module")
def stored(noise: Noise) -> list[records.StoredCall]:
    return [call.stored for call in noise.calls]


def test_the_calls_survive_are_stored_and_closed(noise: Noise, stored: list[records.StoredCall]) -> None:
    assert len(stored) == 2
    for call in stored:
        assert call.disposition
        assert call.ended
        assert [turn.number for turn in call.turns] == list(range(len(call.turns)))
    assert [line for line in noise.log if line["log_level"] in ("error", "critical")] == []


def test_it_is_really_whisper_that_heard_and_some_noise_passed_as_words(
    stored: list[records.StoredCall],
) -> None:
    said = [turn.caller_text for call in stored for turn in call.turns if turn.caller_text]
    assert said, "with these weights some noise passes the gates"
    assert not any("refill" in text.lower() or "visit" in text.lower() for text in said)


def test_a_person_is_offered(stored: list[records.StoredCall]) -> None:
    for call in stored:
        spoken = " ".join(turn.agent_text for turn in call.turns).lower()
        assert call.disposition == "transferred" or "person" in spoken, spoken


def test_noise_is_never_acted_on(stored: list[records.StoredCall]) -> None:
    deeds = (RequestRefill, HoldOpening, BookOpening, MoveVisit, CancelVisit)
    done = [each for call in stored for each in call.done]
    assert not [each for each in done if isinstance(each.action, deeds)]
    assert not any(getattr(each.result, "patient_id", "") for each in done), "nobody is identified by noise"
