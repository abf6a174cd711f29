"""The recording of a call that is played by the test: what is on which side, when, and what is not kept."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import pytest

from agent import recording
from agent.call import Call
from agent.conversation import Conversation
from agent.recording import Recorder
from agent.speaking import monotonic_ms
from agent.tracks import SILENCE
from models import records
from models.domain import CallerAudio, Pace, Transcript
from models.errors import NotFound, StorageError
from models.recordings import RecordingState, wav
from models.sealed_file import SealedFile, read_frames
from telephony.codec import MediaCodec
from telephony.events import KeyPressed, MarkReached, StreamEvent, StreamStopped
from telephony.playback import Playback
from tests.conversations.conftest import MARIA, Line
from tests.conversations.test_line import PlayedLine
from voice import espeak
from voice.ears import Ears
from voice.loudness import for_the_line

CALLER, AGENT = b"\x23", b"\x56"  # no silence, and told apart
QUIET = bytes([SILENCE])
CALL = "CArecorded"


@dataclass
class SteadyMouth:
    """Every sentence is so many milliseconds of the agent's byte."""

    sentence_ms: int = 400

    async def render(self, text: str, first: bool = False, pace: Pace = Pace.NORMAL) -> bytes:
        return AGENT * (8 * self.sentence_ms)


class TruePhone(PlayedLine):
    """Plays what it is sent as a carrier does: in order, at its rate, marks echoed, `clear` obeyed."""

    def __init__(self) -> None:
        super().__init__()
        self.heard = bytearray()  # by the caller, from the first sound on
        self.heard_from_ms = 0.0
        self.given_ms = 0  # of the caller's side so far
        self._queue: list[bytes | str] = []

    def happens(self, event: StreamEvent) -> None:
        if isinstance(event, StreamStopped):
            self._queue.clear()  # a line that is gone plays no more
        super().happens(event)

    async def send(self, message: str) -> None:
        await super().send(message)
        sent = self.sent[-1]
        match sent["event"]:
            case "media":
                self._queue.append(self.audio_of(sent))
            case "mark":
                self._queue.append(sent["mark"]["name"])
            case "clear":
                for name in [item for item in self._queue if isinstance(item, str)]:
                    self.happens(MarkReached(name))
                self._queue.clear()

    async def play(self) -> None:
        """20 ms at a time, for ever."""
        due = monotonic_ms()
        while True:
            frame = self._frame()
            if self.heard or frame:
                self.heard_from_ms = self.heard_from_ms or due
                self.heard += frame.ljust(160, QUIET)
            due += 20
            await asyncio.sleep(max(due - monotonic_ms(), 0) / 1_000)

    def _frame(self) -> bytes:
        frame = b""
        while self._queue and len(frame) < 160:
            item = self._queue.pop(0)
            if isinstance(item, str):
                self.happens(MarkReached(item))
                continue
            frame, rest = frame + item[: 160 - len(frame)], item[160 - len(frame) :]
            if rest:
                self._queue.insert(0, rest)
        return frame


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
    assert abs((first_caller - first_agent) / 8 - 500) < 150, "some 20 ms; a busy machine may take longer"
    assert left.count(CALLER) == 10 * 160
    assert abs(right.count(AGENT) - phone.heard.count(AGENT)) < 8 * 150
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
    assert abs(right.count(AGENT) / 8 - heard_ms) < 120


async def test_a_caller_who_declines_is_not_recorded(line: Line) -> None:
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.7)
        [file] = recording.folder_of(line.services).iterdir()
        await recorder.delete()
        assert not file.exists()
        recorder.caller(CallerAudio(CALLER * 160, 20))
        await recorder.close(over=True)
    async with recorder_of(line) as again:  # the same call on a new stream
        again.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.2)
        await again.close(over=True)
    assert list(recording.folder_of(line.services).iterdir()) == []
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
        "All right, I'm turning the recording off. This call is no longer recorded, and what was recorded is "
        f"deleted. {question}"
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
    assert abs(first / 8 - 400) < 60, "from a second before it was noticed"
    assert abs(last / 8 - 1_700) < 60
    assert left.count(CALLER) == len(left) - left.count(QUIET)


class ToldEar:
    """A recogniser that is told what each utterance says; it wants to hear that there is one."""

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    async def __call__(self, method: str, *args: object) -> Transcript | None:
        return Transcript(self._texts.pop(0), 1.0) if method == "finish" else None


@pytest.mark.slow
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
        await until(lambda: not list(recording.folder_of(line.services).iterdir()))
        phone.happens(StreamStopped())

    await played(line, phone, caller())
    [left] = seen
    assert left.count(CALLER) > 8 * 150, "the caller was recorded until then, and nothing of the number is"
    stored = line.services.storage.read_now(lambda s: records.require_call(s, CALL))
    assert [type(done.action).__name__ for done in stored.done] == ["StopRecording"]
    assert "no longer recorded" in stored.turns[-1].agent_text


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


async def test_a_killed_process_leaves_what_was_written(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next process goes on in the same file; the gap is silence."""
    monkeypatch.setattr(recording, "FRAME_SAMPLES", 800)
    monkeypatch.setattr(recording, "SETTLED_MS", 0.0)
    async with recorder_of(line) as recorder:
        for frame in range(40):
            recorder.caller(CallerAudio(CALLER * 160, 20 * frame))
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.6)  # and here the process dies: nobody closes
    [file] = recording.folder_of(line.services).iterdir()
    with file.open("ab") as torn:
        torn.write(b"\0\1\0\0half a frame")
    before = b"".join(read_frames(file, CALL, line.services.storage.keyring))
    assert before[0::2].count(CALLER) >= 40 * 160 - 800
    async with recorder_of(line) as after:
        after.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await after.close(over=True)
    left, _ = tracks(line)
    assert left.startswith(before[0::2].rstrip(QUIET))
    assert left.rstrip(QUIET).endswith(QUIET * 800 + CALLER * 160), "later, on the same clock"


class SlowFile(SealedFile):
    """On a disk that takes its time."""

    opened: ClassVar[list[SealedFile]] = []

    def __init__(self, *args: Any) -> None:
        time.sleep(0.3)
        super().__init__(*args)
        self.opened.append(self)

    def append(self, plain: bytes) -> None:
        time.sleep(0.3)
        super().append(plain)


async def test_a_line_that_breaks_while_the_file_is_being_opened_or_written(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was heard by then is kept, once and in order, and no file is left open."""
    monkeypatch.setattr(recording, "SealedFile", SlowFile)
    monkeypatch.setattr(recording, "FRAME_SAMPLES", 160)
    monkeypatch.setattr(recording, "SETTLED_MS", 0.0)
    for pause_s in (0.1, 1.0):  # breaks while it is opened; while it is written
        recorder = Recorder(line.services, CALL, Playback(MediaCodec(), keep_played=True))
        work = asyncio.create_task(recorder.run())
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(pause_s)
        work.cancel()
        await recorder.close(over=False)
    assert [file._file.closed for file in SlowFile.opened] == [True, True]
    left, _ = tracks(line)
    assert left.count(CALLER) == 2 * 160


async def test_tidying_closes_what_was_lost_and_removes_what_is_old(line: Line) -> None:
    services = line.services
    conversation = await Conversation.open(services, CALL, MARIA)
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await recorder.close(over=False)
    await conversation.hang_up()
    now = services.clock()
    services.clock = lambda: now + timedelta(minutes=5)
    await recording.tidy(services, set())
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.state, row.frames) == (RecordingState.COMPLETE, 1)
    services.clock = lambda: now + timedelta(days=91)
    await recording.tidy(services, set())
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.state, row.file) == (RecordingState.DELETED, "")
    assert list(recording.folder_of(services).iterdir()) == []


async def test_what_could_not_be_removed_is_not_heard_and_removed_later(line: Line) -> None:
    services = line.services
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await recorder.close(over=False)
    sound = await recording.sound(services, CALL)
    assert CALLER in sound
    [file] = recording.folder_of(services).iterdir()
    aside = file.rename(file.with_suffix(".aside"))
    (file / "in the way").mkdir(parents=True)  # a folder cannot be unlinked
    with pytest.raises(StorageError, match="cannot be removed"):
        await recording.remove(services, CALL, RecordingState.DECLINED)
    with pytest.raises(NotFound):
        await recording.sound(services, CALL)
    shutil.rmtree(file)
    aside.rename(file)
    await recording.tidy(services, set())
    assert list(recording.folder_of(services).iterdir()) == []
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.file, row.duration_ms) == ("", 0)


async def test_a_damaged_recording_does_not_stop_the_tidying(line: Line) -> None:
    services = line.services
    conversation = await Conversation.open(services, CALL, MARIA)
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await recorder.close(over=False)
    await conversation.hang_up()
    [file] = recording.folder_of(services).iterdir()
    file.write_bytes(b"something else")
    now = services.clock()
    services.clock = lambda: now + timedelta(minutes=5)
    await recording.tidy(services, set())
    assert await services.storage.read(partial(records.running_recordings, quiet_since=now)) == []
    with pytest.raises(StorageError, match="no recording of ours"):
        await recording.sound(services, CALL)


async def test_off_full_or_on_a_bad_disk_the_call_goes_on_unrecorded(line: Line) -> None:
    services = line.services
    folder = recording.folder_of(services)
    usual = services.settings
    services.settings = replace(usual, record_calls=False)
    await a_short_call(line, "CA1")
    assert not folder.exists()
    services.settings = usual
    folder.write_text("a file where the folder should be")
    await a_short_call(line, "CA2")
    folder.unlink()
    await a_short_call(line, "CA3")
    assert len(list(folder.iterdir())) == 1
    services.settings = replace(usual, recordings_max_mb=0)
    await a_short_call(line, "CA4")
    assert len(list(folder.iterdir())) == 1


def test_the_sound_file_is_stereo_mu_law(tmp_path: Path, line: Line) -> None:
    keyring = line.services.storage.keyring
    file = SealedFile(tmp_path / "a.rec", "CA1", keyring)
    file.append(CALLER + AGENT)
    file.close()
    sound = b"".join(wav(tmp_path / "a.rec", "CA1", keyring))
    form, channels, rate = struct.unpack("<HHI", sound[20:28])
    assert (sound[:4], sound[8:12], form, channels, rate) == (b"RIFF", b"WAVE", 7, 2, 8_000)
    assert struct.unpack("<I", sound[4:8])[0] == len(sound) - 8
    assert sound.endswith(b"data\2\0\0\0" + CALLER + AGENT)


async def a_short_call(line: Line, call_id: str) -> None:
    line.services.mouth = SteadyMouth()  # type: ignore[assignment]
    phone = TruePhone()
    conversation = await Conversation.open(line.services, call_id, MARIA)
    media: Any = phone
    call = asyncio.create_task(Call(media, conversation, line.services).run(resumed=False))
    await asyncio.sleep(0.3)
    phone.happens(StreamStopped())
    await asyncio.wait_for(call, 20)
    stored = await line.services.storage.read(lambda session: records.require_call(session, call_id))
    assert stored.ended is not None


async def played(line: Line, phone: TruePhone, caller: Any) -> None:
    conversation = await Conversation.open(line.services, CALL, MARIA)
    media: Any = phone
    async with asyncio.TaskGroup() as tasks:
        playing = tasks.create_task(phone.play())
        tasks.create_task(caller)
        await asyncio.wait_for(Call(media, conversation, line.services).run(resumed=False), 30)
        playing.cancel()


@contextlib.asynccontextmanager
async def recorder_of(line: Line) -> Any:
    """A recorder at work. Left without `close` it is as if the process had died."""
    recorder = Recorder(line.services, CALL, Playback(MediaCodec(), keep_played=True))
    work = asyncio.create_task(recorder.run())
    try:
        yield recorder
    finally:
        work.cancel()
        async with recorder._writing:
            recorder._stop()  # what the system does for a process that dies: its file is closed, no more


def tracks(line: Line) -> tuple[bytes, bytes]:
    """Left and right of the call's recording."""
    row = line.services.storage.read_now(lambda session: records.require_recording(session, CALL))
    path = recording.folder_of(line.services) / row.file
    mixed = b"".join(read_frames(path, CALL, line.services.storage.keyring))
    return mixed[0::2], mixed[1::2]
