"""A line that breaks while a thread is at the recording's file: with real threads, in real time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest

from agent import recording
from agent.recording import Recorder
from models import records
from models.domain import CallerAudio, Clock
from models.recordings import RecordingState
from models.sealed_file import SealedFile
from telephony.codec import MediaCodec
from telephony.playback import Playback
from tests.conversations.conftest import Line
from tests.conversations.phone import CALL, CALLER, tracks

LIMIT_S = 60.0


class SlowFile(SealedFile):
    """On a disk that is ``slow`` to open or to append, until the test lets it go on."""

    slow: ClassVar[str] = ""
    busy: ClassVar[threading.Event]
    go_on: ClassVar[threading.Event]
    opened: ClassVar[list[SealedFile]] = []

    def __init__(self, *args: Any) -> None:
        self._takes_its_time("open")
        super().__init__(*args)
        self.opened.append(self)

    def append(self, plain: bytes) -> None:
        self._takes_its_time("append")
        super().append(plain)

    def _takes_its_time(self, doing: str) -> None:
        if doing == self.slow:
            self.busy.set()
            assert self.go_on.wait(LIMIT_S)


@pytest.fixture
def slow_file(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[SlowFile]]:
    monkeypatch.setattr(recording, "SealedFile", SlowFile)
    monkeypatch.setattr(recording, "FRAME_SAMPLES", 160)
    monkeypatch.setattr(recording, "SETTLED_MS", 0.0)
    SlowFile.opened.clear()
    yield SlowFile
    SlowFile.slow = ""


def after(clock: Clock, by: timedelta) -> datetime:
    return clock() + by


async def test_a_line_that_breaks_while_the_file_is_being_opened_or_written(
    line: Line, slow_file: type[SlowFile]
) -> None:
    """What was heard by then is kept, once and in order, and no file is left open."""
    clock = line.services.clock
    for slow_file.slow, later in (("open", timedelta()), ("append", timedelta(seconds=2))):
        line.services.clock = partial(after, clock, later)
        slow_file.busy, slow_file.go_on = threading.Event(), threading.Event()
        recorder = Recorder(line.services, CALL, Playback(MediaCodec(), keep_played=True))
        work = asyncio.create_task(recorder.run())
        recorder.caller(CallerAudio(CALLER * 160, 0))
        assert await asyncio.to_thread(slow_file.busy.wait, LIMIT_S)
        work.cancel()
        closing = asyncio.create_task(recorder.close(over=False))
        await asyncio.sleep(0)
        slow_file.go_on.set()
        await closing
    assert [file._file.closed for file in slow_file.opened] == [True, True]
    left, _ = tracks(line)
    assert left.count(CALLER) == 2 * 160


async def test_a_caller_who_declines_while_the_database_stands_still_is_recorded_no_further(
    line: Line, slow_file: type[SlowFile], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody waits for it to the end; once it goes on, nothing is kept."""
    asked, goes_on, write = asyncio.Event(), asyncio.Event(), line.services.storage.write

    async def standing(work: Any) -> Any:
        asked.set()
        await goes_on.wait()
        return await write(work)

    monkeypatch.setattr(line.services.storage, "write", standing)
    recorder = Recorder(line.services, CALL, Playback(MediaCodec(), keep_played=True))
    work = asyncio.create_task(recorder.run())
    recorder.caller(CallerAudio(CALLER * 160, 0))
    await asked.wait()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(recorder.delete(), 0.01)
    recorder.caller(CallerAudio(CALLER * 160, 20))
    goes_on.set()
    await asyncio.wait_for(work, LIMIT_S)
    await recorder.close(over=True)
    while recorder._at_work:
        await asyncio.sleep(0.01)
    row = await line.services.storage.read(partial(records.require_recording, call_id=CALL))
    assert (row.state, row.frames) == (RecordingState.DECLINED, 0)
    assert [file._file.closed for file in slow_file.opened] == [True]
    assert list(recording.folder_of(line.services).glob("*.rec")) == []
