"""Whole calls heard by Whisper with small random weights: every word is noise, and the calls survive it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from agent.demo import double_for
from agent.local_server import LocalServer, demo_settings, running_server
from agent.preparing import keyring_of
from models import records
from models.domain import BookOpening, CancelVisit, HoldOpening, MoveVisit, RequestRefill
from models.storage import Storage
from telephony.double import Caller, CallResult, parse_steps
from tests.first_call.conftest import Practice, wav
from tests.voice.whisper_checkpoints import Shape, checkpoint

pytestmark = pytest.mark.slow

JAMES, MARIA = "+16175550144", "+16175550123"
BOOKING = ("wants-visit", "name", "dob", "type", "when", "second")
REFILL = ("wants-refill", "name", "dob", "pharmacy", "no-problems", "yes")
SURE_OF_ITS_NOISE: dict[str, Any] = {"seed": 27, "loudness": 12.0, "ends": 5.5}  # most of it passes the gates


@dataclass(frozen=True)
class Noise:
    server: LocalServer
    calls: tuple[CallResult, ...]
    log: str


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Noise]:
    folder = tmp_path_factory.mktemp("whisper")
    weights = checkpoint(folder / "noise.pt", Shape(), **SURE_OF_ITS_NOISE)
    settings = demo_settings(folder / "data", stt="whisper", whisper_model=str(weights))
    callers = (
        (JAMES, [wav(f"james-{name}") for name in BOOKING]),
        (MARIA, [wav(f"maria-{name}") for name in REFILL]),
    )
    with running_server(settings) as server:

        async def place() -> list[CallResult]:
            calls = [
                double_for(server, number).place_call(Caller(parse_steps(steps), patience_s=25.0))
                for number, steps in callers
            ]
            return await asyncio.gather(*calls)

        calls = tuple(asyncio.run(place()))
        yield Noise(server, calls, (settings.data_dir / "server.log").read_text())


@pytest.fixture
async def stored(noise: Noise) -> list[records.StoredCall]:
    settings = noise.server.settings
    storage = await asyncio.to_thread(Storage.open, settings.database, keyring_of(settings))
    practice = Practice(noise.server, storage)
    calls = [await practice.stored(call.call_sid) for call in noise.calls]
    storage.close()
    return calls


async def test_the_calls_survive_are_stored_and_closed(
    noise: Noise, stored: list[records.StoredCall]
) -> None:
    assert len(stored) == len(noise.calls) == 2
    for call in stored:
        assert call.disposition
        assert [turn.number for turn in call.turns] == list(range(len(call.turns)))
    assert "Traceback" not in noise.log
    assert "worker: cannot load" not in noise.log


async def test_it_is_really_whisper_that_heard_and_some_noise_passed_as_words(
    stored: list[records.StoredCall],
) -> None:
    said = [turn.caller_text for call in stored for turn in call.turns if turn.caller_text]
    assert said, "with these weights some noise passes the gates"
    assert not any("refill" in text.lower() or "visit" in text.lower() for text in said)


async def test_a_person_is_offered(stored: list[records.StoredCall]) -> None:
    for call in stored:
        spoken = " ".join(turn.agent_text for turn in call.turns).lower()
        assert call.disposition == "transferred" or "person" in spoken, spoken


async def test_noise_is_never_acted_on(stored: list[records.StoredCall]) -> None:
    deeds = (RequestRefill, HoldOpening, BookOpening, MoveVisit, CancelVisit)
    done = [each for call in stored for each in call.done]
    assert not [each for each in done if isinstance(each.action, deeds)]
    assert not any(getattr(each.result, "patient_id", "") for each in done), "nobody is identified by noise"
