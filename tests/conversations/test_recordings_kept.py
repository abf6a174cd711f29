"""Recordings as files: what a lost process, a slow or a full disk leaves of them, and how long they stay."""

from __future__ import annotations

import asyncio
import errno
import shutil
import struct
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from agent import recording, sound_folder
from agent.audio_time import clock_from
from agent.call import Call
from agent.conversation import Conversation
from agent.services import Services
from agent.sound_folder import FolderAway
from models import audit, records
from models.domain import CallerAudio
from models.errors import NotFound, StorageError
from models.recordings import RecordingState, wav
from models.sealed_file import SealedFile, read_frames
from telephony.events import StreamStopped
from tests.conversations.conftest import MARIA, Line
from tests.conversations.phone import AGENT, CALL, CALLER, QUIET, SteadyMouth, TruePhone, recorder_of, tracks

pytestmark = pytest.mark.audio_time


async def test_a_killed_process_leaves_what_was_written(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next process goes on in the same file; the gap is silence."""
    monkeypatch.setattr(recording, "FRAME_SAMPLES", 800)
    monkeypatch.setattr(recording, "SETTLED_MS", 0.0)
    async with recorder_of(line) as recorder:
        for frame in range(40):
            recorder.caller(CallerAudio(CALLER * 160, 20 * frame))
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.6)  # and here the process dies: nobody closes
    [file] = recording.folder_of(line.services).glob("[!.]*")
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


async def test_a_call_that_moved_is_recorded_whole(line: Line) -> None:
    """Another process takes it up while the first still writes what it heard: neither harms the other's."""
    services = line.services
    async with recorder_of(line) as first, recorder_of(line) as second:
        first.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        second.caller(CallerAudio(AGENT * 160, 0))
        await asyncio.sleep(0.3)
        now = services.clock()
        services.clock = lambda: now + timedelta(minutes=5)
        await recording.tidy(services, set())  # and a third process does not take it for lost
        services.clock = lambda: now
        await first.close(over=False)
        await asyncio.sleep(0.5)
        await second.close(over=True)
    left, _ = tracks(line)
    assert (left.count(CALLER), left.count(AGENT)) == (160, 160)
    assert left.index(CALLER) < left.index(AGENT)
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert row.state == RecordingState.COMPLETE


async def test_who_does_not_let_go_of_a_recording_keeps_it(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that hangs: the call goes on, and is not recorded any further."""
    monkeypatch.setattr(recording, "HAND_OVER_MS", 300.0)
    async with recorder_of(line) as hangs, recorder_of(line) as second:
        hangs.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        second.caller(CallerAudio(AGENT * 160, 0))
        await asyncio.sleep(1.0)
        await second.close(over=True)
        await hangs.close(over=True)
    left, _ = tracks(line)
    assert (left.count(CALLER), left.count(AGENT)) == (160, 0)


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
    somebody_signs_in(services, now + timedelta(days=89))
    services.clock = clock_from(now + timedelta(days=91))
    await recording.tidy(services, set())
    await asyncio.sleep(3_600)
    await recording.tidy(services, set())
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.state, row.file) == (RecordingState.DELETED, "")
    assert list(recording.folder_of(services).glob("[!.]*")) == []


def somebody_signs_in(services: Services, at: datetime) -> None:
    services.storage.write_now(
        lambda session: audit.append(session, at=at, actor="ann", action="sign in", subject="user/ann")
    )


async def test_a_clock_that_is_months_ahead_removes_no_recording(line: Line) -> None:
    """For half a minute in which somebody signs in, or for hours."""
    services = line.services
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await recorder.close(over=True)
    clock = services.clock
    for days in (91, 0, 91):
        services.clock = lambda days=days: clock() + timedelta(days=days)
        somebody_signs_in(services, services.clock())
        await recording.tidy(services, set())
        await asyncio.sleep(30)
        await recording.tidy(services, set())
    with capture_logs() as logs:
        for _ in range(20):
            await asyncio.sleep(3_600)
            await recording.tidy(services, set())
    assert [line["event"] for line in logs] == ["retention.put_off"], "once, and not every half minute"
    assert CALLER in await recording.sound(services, CALL)


async def test_what_was_declined_is_removed_whatever_the_clock_shows(line: Line) -> None:
    services = line.services
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await recorder.close(over=True)
    forget = partial(records.forget_recording, call_id=CALL, state=RecordingState.DECLINED)
    await services.storage.write(partial(forget, at=services.clock()))
    await recording.tidy(services, set())
    assert list(recording.folder_of(services).glob("[!.]*")) == []


async def test_what_could_not_be_removed_is_not_heard_and_removed_later(line: Line) -> None:
    services = line.services
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await recorder.close(over=False)
    sound = await recording.sound(services, CALL)
    assert CALLER in sound
    [file] = recording.folder_of(services).glob("[!.]*")
    aside = file.rename(file.with_suffix(".aside"))
    (file / "in the way").mkdir(parents=True)  # a folder cannot be unlinked
    with pytest.raises(StorageError, match="cannot be removed"):
        await recording.remove(services, CALL, RecordingState.DECLINED)
    with pytest.raises(NotFound):
        await recording.sound(services, CALL)
    shutil.rmtree(file)
    aside.rename(file)
    await recording.tidy(services, set())
    assert list(recording.folder_of(services).glob("[!.]*")) == []
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.file, row.duration_ms) == ("", 0)


async def test_while_the_share_is_away_nothing_is_recorded_removed_or_given_up(line: Line) -> None:
    """An empty folder stands where it was: what is on it is neither forgotten nor mixed with other files."""
    services, folder = line.services, recording.folder_of(line.services)
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        [file] = folder.glob("[!.]*")
        share = folder.rename(folder.with_name("share"))
        await recorder.close(over=False)
    folder.mkdir()
    now = services.clock()
    services.clock = lambda: now + timedelta(days=91)
    await recording.tidy(services, set())
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.state, row.file) == (RecordingState.RUNNING, file.name)
    services.clock = lambda: now
    await a_short_call(line, "CA2")
    assert list(folder.iterdir()) == []
    with pytest.raises(NotFound):
        services.storage.read_now(lambda s: records.require_recording(s, "CA2"))

    folder.rmdir()
    share.rename(folder)
    assert CALLER in await recording.sound(services, CALL)
    somebody_signs_in(services, now + timedelta(days=89))
    services.clock = clock_from(now + timedelta(days=91))
    await recording.tidy(services, set())
    await asyncio.sleep(3_600)
    await recording.tidy(services, set())
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.state, row.file) == (RecordingState.DELETED, "")


async def test_a_damaged_recording_does_not_stop_the_tidying(line: Line) -> None:
    services = line.services
    conversation = await Conversation.open(services, CALL, MARIA)
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await recorder.close(over=False)
    await conversation.hang_up()
    [file] = recording.folder_of(services).glob("[!.]*")
    file.write_bytes(b"something else")
    now = services.clock()
    services.clock = lambda: now + timedelta(minutes=5)
    await recording.tidy(services, set())
    assert await services.storage.read(partial(records.running_recordings, quiet_since=now)) == []
    with pytest.raises(StorageError, match="no recording of ours"):
        await recording.sound(services, CALL)


async def test_a_folder_that_cannot_be_looked_into_stops_nothing_and_costs_no_recording(line: Line) -> None:
    """As a share that has dropped: what was recorded is closed once it is back."""
    services = line.services
    conversation = await Conversation.open(services, CALL, MARIA)
    async with recorder_of(line) as recorder:
        recorder.caller(CallerAudio(CALLER * 160, 0))
        await asyncio.sleep(0.3)
        await recorder.close(over=False)
    await conversation.hang_up()
    usual, now = services.settings, services.clock()
    services.clock = lambda: now + timedelta(minutes=5)
    services.settings = replace(usual, recordings_dir=Path("x" * 300))  # even to ask for it is an error
    await recording.tidy(services, set())
    services.settings = usual
    [file] = recording.folder_of(services).glob("[!.]*")
    aside = file.rename(file.with_suffix(".aside"))
    file.mkdir()  # is there, and cannot be opened
    await recording.tidy(services, set())
    assert await services.storage.read(partial(records.running_recordings, quiet_since=now)) == [CALL]
    file.rmdir()
    aside.rename(file)
    await recording.tidy(services, set())
    row = services.storage.read_now(lambda s: records.require_recording(s, CALL))
    assert (row.state, row.frames) == (RecordingState.COMPLETE, 1)


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
    assert len(list(folder.glob("*.rec"))) == 1
    services.settings = replace(usual, recordings_max_mb=0)
    await a_short_call(line, "CA4")
    assert len(list(folder.glob("*.rec"))) == 1


async def test_a_disk_that_gives_an_error_ends_the_recording_and_not_the_call(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: SealedFile) -> bytes:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(SealedFile, "take_short_tail", broken)
    await a_short_call(line, CALL)


def test_a_folder_that_gives_an_error_is_away_and_the_rest_of_the_tidying_goes_on(line: Line) -> None:
    """`tidy` waits for one that is away, and holds and offers are tidied up after it."""
    with pytest.raises(FolderAway, match="cannot be used"):
        sound_folder.require(Path("x" * 300), line.services.storage)


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
