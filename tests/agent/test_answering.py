"""What the carrier is told when a stream ends: hang up, go on, or dial the practice."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.admission import Admission
from agent.answering import MAX_RESUMPTIONS, Answering
from agent.local_server import demo_settings
from agent.preparing import backends_of, keyring_of, prepare_tool
from agent.tries import MOST
from models import records
from models.domain import CallTransferred, TransferCall, TurnRecord
from models.storage import Storage
from telephony.config import TelephonyConfig
from telephony.handlers import ArrivingCall
from telephony.tokens import StreamTokens

NOW = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
CALL = "CA" + "1" * 32


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded") / "data"
    prepare_tool(demo_settings(folder))
    return folder


@pytest.fixture
async def answering(seeded: Path, tmp_path: Path) -> AsyncIterator[Answering]:
    shutil.copytree(seeded, tmp_path / "data")
    settings = demo_settings(tmp_path / "data")
    keyring = keyring_of(settings)
    storage = Storage.open(settings.database, keyring)
    backends = backends_of(settings, storage, lambda: NOW)

    async def refresh() -> None:
        return

    services: Any = SimpleNamespace(
        settings=settings,
        storage=storage,
        backends=backends,
        practice=backends.practice,
        clock=lambda: NOW,
        owner="test",
        admission=Admission(),
        carrier=None,
        refresh_practice=refresh,
    )
    config = TelephonyConfig("https://phone.example", "AC1", "+16175550100", "token")

    async def burn(nonce: str) -> bool:
        return await storage.write(lambda session: records.burn_token(session, nonce, NOW))

    yield Answering(services, config, StreamTokens(b"secret", lambda: NOW, burn))
    storage.close()


async def turn(answering: Answering, state: dict[str, Any] | None = None) -> None:
    import dialog

    stored = state or dialog.to_json(dialog.start(CALL))
    await answering._services.storage.write(
        lambda session: records.save_turn(session, CALL, TurnRecord(0, NOW, "", "Hello"), stored)
    )


def arriving() -> ArrivingCall:
    return ArrivingCall(CALL, "+16175550123", "+16175550100")


async def test_an_arriving_call_gets_a_stream_of_its_own_and_a_way_back(answering: Answering) -> None:
    document = await answering.arriving(arriving())
    assert "wss://phone.example/twilio/media/" in document
    assert "https://phone.example/twilio/resume" in document
    assert document != await answering.arriving(arriving()), "every stream address is new"


async def test_a_lost_stream_is_taken_up_again(answering: Answering) -> None:
    await answering.arriving(arriving())
    await turn(answering)
    assert "<Stream" in await answering.resuming(CALL, {})


async def test_a_line_that_keeps_breaking_goes_to_the_practice(answering: Answering) -> None:
    await answering.arriving(arriving())
    await turn(answering)
    for _ in range(MAX_RESUMPTIONS):
        await answering._services.storage.write(
            lambda session: records.resume_call(session, CALL, owner="test", at=NOW)
        )
    assert "<Dial" in await answering.resuming(CALL, {})


async def test_a_call_that_goes_on_survives_any_number_of_breaks(answering: Answering) -> None:
    """Between two of them the caller got a word in, on streams that another process opened."""
    await answering.arriving(arriving())
    await turn(answering)
    import dialog

    state, write = dialog.to_json(dialog.start(CALL)), answering._services.storage.write
    for number in range(1, 3 * MAX_RESUMPTIONS):
        await write(lambda session: records.resume_call(session, CALL, owner="test", at=NOW))
        assert "<Stream" in await answering.resuming(CALL, {})
        said = TurnRecord(number, NOW, "next week", "Which one?")
        await write(partial(records.save_turn, call_id=CALL, turn=said, state=state))


async def test_a_stream_that_is_never_opened_is_tried_twice_again(answering: Answering) -> None:
    await answering.arriving(arriving())
    await turn(answering)
    tries = [await answering.resuming(CALL, {}) for _ in range(MOST + 1)]
    assert ["<Stream" in document for document in tries] == [*[True] * MOST, False]
    assert "<Dial" in tries[-1]


async def test_a_transferred_call_is_dialled(answering: Answering) -> None:
    await answering.arriving(arriving())
    await turn(answering)
    await answering._services.storage.write(
        lambda session: records.save_done(session, CALL, 0, TransferCall("a1", "asked"), CallTransferred())
    )
    document = await answering.resuming(CALL, {})
    assert "<Dial" in document
    assert "+16175550100" in document
    assert "<Hangup" in await answering.resuming(CALL, {"DialCallStatus": "completed"})


@pytest.mark.parametrize("status", ["no-answer", "busy", "failed", "canceled"])
async def test_a_transfer_that_nobody_answers_comes_back_to_us(answering: Answering, status: str) -> None:
    await answering.arriving(arriving())
    await turn(answering)
    assert "<Stream" in await answering.resuming(CALL, {"DialCallStatus": status})


async def test_an_unknown_call_goes_to_the_practice_once(answering: Answering) -> None:
    unknown = "CA" + "9" * 32
    assert "<Dial" in await answering.resuming(unknown, {})
    assert "<Hangup" in await answering.resuming(unknown, {"DialCallStatus": "completed"})
    goodbye = await answering.resuming(unknown, {"DialCallStatus": "no-answer"})
    assert "911" in goodbye
    assert "<Hangup" in goodbye


async def test_a_call_without_stream_and_without_anybody_is_not_sent_in_circles(answering: Answering) -> None:
    await answering.arriving(arriving())
    documents = [await answering.resuming(CALL, {"DialCallStatus": "no-answer"}) for _ in range(MOST + 1)]
    assert ["<Stream" in document for document in documents] == [True] * MOST + [False]
    assert "call 911" in documents[-1]


@pytest.mark.parametrize(("bridged", "verb"), [("true", "<Hangup"), ("false", "<Stream")])
async def test_who_answered_and_did_not_take_the_call_is_nobody(
    answering: Answering, bridged: str, verb: str
) -> None:
    await answering.arriving(arriving())
    await turn(answering)
    form = {"DialCallStatus": "completed", "DialBridged": bridged}
    assert verb in await answering.resuming(CALL, form)
