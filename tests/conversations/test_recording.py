"""The recording of a call that is played by the test: what is on which side, when, and what is not kept."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from agent import recording
from agent.instants import monotonic_ms
from models import records
from models.domain import CallerAudio, Transcript
from models.recordings import RecordingState
from telephony.events import KeyPressed, StreamStopped
from tests.conversations.conftest import MARIA, Line
from tests.conversations.phone import (
    AGENT,
    CALL,
    CALLER,
    QUIET,
    SteadyMouth,
    TruePhone,
    played,
    recorder_of,
    tracks,
)
from voice import espeak
from voice.ears import Ears
from voice.loudness import for_the_line

pytestmark = pytest.mark.audio_time


async def test_both_sides_lie_where_they_were_heard(line: Line) -> None:
    """The caller speaks for 200 ms half a second after the agent's first sound; both tracks agree on that."""
    line.services.mouth = SteadyMouth()  # type: ignore[assignment]
    phone = TruePhone()
    started = monotonic_ms()

    async def caller() -> None:
        while not phone.heard:
            await asyncio.sleep(0.01)
        for frame in range(25, 60):  # the caller's clock began with the stream
            at_ms = round(phone.heard_from_ms - started) + 20 * frame
            await asyncio.sleep(max(started + at_ms + 20 - monotonic_ms(), 0) / 1_000)
            phone.happens(CallerAudio((CALLER if frame < 35 else QUIET) * 160, at_ms))
        phone.happens(StreamStopped())

    await played(line, phone, caller())
    left, right = tracks(line)
    first_caller, first_agent = left.index(CALLER), right.index(AGENT)
    assert abs((first_caller - first_agent) / 8 - 500) <= 40
    assert left.count(CALLER) == 10 * 160
    assert abs(right.count(AGENT) - phone.heard.count(AGENT)) <= 8 * 40
    stored = line.services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert stored.state == RecordingState.COMPLETE
    assert stored.duration_ms == len(left) // 8


async def test_what_a_barge_in_took_back_is_not_on_the_agents_side(line: Line) -> None:
    line.services.mouth = SteadyMouth(3_000)  # type: ignore[assignment]
    phone = TruePhone()

    async def caller() -> None:
        while phone.heard.count(AGENT) < 8 * 600:
            await asyncio.sleep(0.01)
        phone.happens(KeyPressed("1"))  # any key stops the agent
        await asyncio.sleep(0.3)
        phone.happens(StreamStopped())

    await played(line, phone, caller())
    _, right = tracks(line)
    heard_ms = phone.heard.count(AGENT) / 8
    sent_ms = phone.audio.count(AGENT) / 8
    assert sent_ms > heard_ms + 400, "the carrier held more than was played"
    assert abs(right.count(AGENT) / 8 - heard_ms) <= 40


async def test_a_caller_who_declines_is_not_recorded(line: Line) -> None:
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.7)
        [file] = recording.folder_of(line.services).glob("[!.]*")
        await recorder.delete()
        assert not file.exists()
        recorder.caller(CallerAudio(CALLER * 160, 20))
        await recorder.close(over=True)
    async with recorder_of(line) as again:  # the same call on a new stream
        again.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.2)
        await again.close(over=True)
    assert list(recording.folder_of(line.services).glob("[!.]*")) == []
    row = line.services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.state, row.file, row.duration_ms) == (RecordingState.DECLINED, "", 0)


@pytest.mark.parametrize(
    "words",
    [
        "please don't record me",
        "I don't want to be recorded",
        "can you turn off the recording",
        "stop recording this call",
        "I do not consent to being recorded",
        "I'd rather not be recorded",
    ],
)
async def test_declining_by_words_and_going_on(line: Line, words: str) -> None:
    call = await line.call(MARIA)
    question = await call.says("I'd like to book a visit")
    reply = await call.says(words)
    assert reply == (
        "All right, I'm turning the recording off. The recording is off, and what there was of it "
        f"is deleted. {question}"
    )
    assert call.keyboard.conversation.state.known["recording_declined"] is True
    record = await call.hangs_up()
    assert [type(done.action).__name__ for done in record.done] == ["StopRecording"]


@pytest.mark.parametrize(
    "words",
    ["I need my medical records", "it was not recorded in my chart", "do you have a record of my shots"],
)
async def test_medical_records_are_another_matter(line: Line, words: str) -> None:
    call = await line.call(MARIA)
    await call.says(words)
    assert "recording_declined" not in call.keyboard.conversation.state.known


async def test_a_card_number_is_silenced_also_where_it_was_written_already(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "FRAME_SAMPLES", 800)
    monkeypatch.setattr(recording, "SETTLED_MS", 0.0)
    async with recorder_of(line) as recorder:
        began = monotonic_ms()
        for frame in range(100):
            recorder.caller(CallerAudio(CALLER * 160, 20 * frame))
            await asyncio.sleep(0.02)
        spoken = (began + 1_400, began + 1_700)
        words = Transcript("four one one one one one one one one one one one one one one one")
        await recorder.utterance(words, *spoken)
        await asyncio.sleep(0.6)
        await recorder.close(over=True)
    left = tracks(line)[0].rstrip(QUIET)
    first, last = left.index(QUIET * 8), left.rindex(QUIET * 8)
    assert abs(first / 8 - 400) <= 20, "from a second before it was noticed"
    assert abs(last / 8 - 1_700) <= 20
    assert left.count(CALLER) == len(left) - left.count(QUIET)


class ToldEar:
    """A recogniser that is told what each utterance says; it wants to hear that there is one."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    async def __call__(self, method: str, *args: object) -> Transcript | None:
        return Transcript(self._texts.pop(0), 1.0) if method == "finish" else None


async def test_on_a_call_a_card_number_is_silenced_and_a_wish_not_to_be_recorded_obeyed(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not espeak.available():
        pytest.skip("libespeak-ng is not installed")
    monkeypatch.setattr(recording, "FRAME_SAMPLES", 800)
    monkeypatch.setattr(recording, "SETTLED_MS", 0.0)
    line.services.mouth = SteadyMouth()  # type: ignore[assignment]
    card = "four one one one " + "one " * 12
    line.services.ears = Ears([ToldEar(f"my card is {card}", "please don't record me")])
    phone, seen = TruePhone(), list[bytes]()

    greeting = QUIET * 8 * 1_000 + CALLER * 8 * 200 + QUIET * 8 * 1_800
    pause = QUIET * 8 * 2_000

    async def caller() -> None:
        await sends(phone, greeting + speech("My card number is this one.") + pause)
        await until(lambda: not spoken_after_marker(line))
        seen.append(tracks(line)[0])
        await sends(phone, speech("Please do not record me.") + pause, after=phone.given_ms)
        await until(lambda: not list(recording.folder_of(line.services).glob("[!.]*")))
        phone.happens(StreamStopped())

    await played(line, phone, caller())
    [left] = seen
    assert left.count(CALLER) > 8 * 150, "the caller was recorded until then, and nothing of the number is"
    stored = line.services.storage.read_now(lambda s: records.require_call(s, CALL))
    assert [type(done.action).__name__ for done in stored.done] == ["StopRecording"]
    assert "The recording is off" in stored.turns[-1].agent_text


def spoken_after_marker(line: Line) -> bytes:
    """What the caller's side holds after the steady sound that the test put before the number."""
    left, _ = tracks(line)
    return left[left.rindex(CALLER * 80) :].lstrip(CALLER).strip(QUIET)


async def until(true: Callable[[], bool]) -> None:
    for _ in range(200):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come about in ten seconds")


def speech(text: str) -> bytes:
    return for_the_line(espeak.synthesize(text), espeak.ESPEAK_HZ)


async def sends(phone: TruePhone, mulaw: bytes, after: int = 0) -> None:
    """The caller's side, 20 ms at a time, as a carrier sends it."""
    began = monotonic_ms()
    for at in range(0, len(mulaw), 160):
        await asyncio.sleep(max(began + at / 8 + 20 - monotonic_ms(), 0) / 1_000)
        phone.given_ms = after + at // 8 + 20
        phone.happens(CallerAudio(mulaw[at : at + 160].ljust(160, QUIET), after + at // 8))
