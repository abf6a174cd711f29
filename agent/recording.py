"""A call's recording: both directions in one stereo file, written as the call goes.

Left is the caller as received, right the agent as truly played. The recording's clock starts with the call
and runs on over a lost stream. What lies more than `SETTLED_MS` back is written, sealed, a frame at a time:
a killed process loses some seconds, never the file. A disk that refuses ends the recording, not the call.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from agent import sound_folder
from agent.card_numbers import CardWatch, Span
from agent.custody.believed import is_believed
from agent.instants import monotonic_ms
from agent.logs import log
from agent.metrics import RECORDINGS_FAILED
from agent.services import Services
from agent.sound_folder import FolderAway
from agent.tracks import SAMPLES_PER_MS, Side, Tracks, silenced
from models import records
from models.domain import CallerAudio, Transcript
from models.errors import FileBusy, NotFound, StorageError
from models.recording_choices import call_declined
from models.recordings import CHANNELS, Recording, RecordingState, wav
from models.sealed_file import FRAME_BYTES, SealedFile
from telephony.playback import Playback

FRAME_SAMPLES = FRAME_BYTES // CHANNELS
SETTLED_MS = 1_500.0  # audio that comes later than this is not expected any more
EVERY_S = 0.5
CLOCK_SLACK_MS = 2_000.0  # the carrier's time is believed up to so far from the time of arrival
JITTER_MS = 20.0  # of the network, not worth a seam in the sound
UTTERANCE_LEAD_MS = 1_000.0  # speech is noticed a little after it began
MOST_BYTES = 256 * 2**20  # of one call, some four hours
MOST_HELD_MS = 120_000.0  # of sound that waits for a slow disk or database; what comes then is not recorded
MOST_EARLY = 7_000  # pieces of sound before the file is open: as long, at 50 frames a second
QUIET = timedelta(minutes=2)
HAND_OVER_MS = 20_000.0  # the process that led the call may take so long to write its end
LOOK_S = 0.1


def folder_of(services: Services) -> Path:
    return services.settings.recordings_folder


class Recorder:
    """Fed beside hearing and speaking; ``run`` writes until the call's stream ends, then `close`."""

    def __init__(self, services: Services, call_id: str, playback: Playback) -> None:
        self._services, self._call_id, self._playback = services, call_id, playback
        self._on = services.settings.record_calls
        self._tracks, self._cards = Tracks(), CardWatch()
        self._began_ms = monotonic_ms()  # where the recording's clock is zero
        self._stream_ms: float | None = None  # where the carrier's is
        self._early: list[tuple[Side, float, bytes]] = []  # came before the file was open
        self._file: SealedFile | None = None
        self._writing = asyncio.Lock()
        self._at_work: set[asyncio.Task[None]] = set()  # `close` waits for them: they hold the lock

    def place_ms(self, at_ms: float) -> float:
        """Where an instant of the monotonic clock lies in the recording."""
        return at_ms - self._began_ms

    # ------------------------------------------------------------------ what it is fed

    def caller(self, audio: CallerAudio) -> None:
        """A piece of the caller's side, at the carrier's time where that can be believed."""
        now_ms = monotonic_ms()
        offset = now_ms - audio.timestamp_ms  # the least of them is the one with the least delay
        if self._stream_ms is None or offset < self._stream_ms - JITTER_MS:
            self._stream_ms = offset
        at_ms = self._stream_ms + audio.timestamp_ms
        if abs(at_ms - now_ms) > CLOCK_SLACK_MS:
            at_ms = now_ms
        self._put(Side.CALLER, at_ms, audio.mulaw)

    async def utterance(self, transcript: Transcript, from_ms: float, to_ms: float) -> None:
        """What was said between two instants: a payment card's number is not kept."""
        texts = (transcript.text, *transcript.alternatives)
        spans = [self._cards.heard(texts[0], (from_ms - UTTERANCE_LEAD_MS, to_ms))]
        spans += [CardWatch().heard(text, (from_ms - UTTERANCE_LEAD_MS, to_ms)) for text in texts[1:]]
        for span in dict.fromkeys(span for found in spans for span in found):
            await self._silence(span)

    def _put(self, side: Side, at_ms: float, mulaw: bytes) -> None:
        if not self._on:
            return
        if self._file is None:
            if len(self._early) < MOST_EARLY:
                self._early.append((side, at_ms, mulaw))
        elif self._tracks.held_ms < MOST_HELD_MS:
            self._tracks.put(side, at_ms - self._began_ms, mulaw)

    # ------------------------------------------------------------------ writing

    async def run(self) -> None:
        """Runs for the whole call."""
        await self._attempt(self._open)
        while self._on:
            await asyncio.sleep(EVERY_S)
            await self._attempt(self._write_settled)

    def stream_ended(self) -> None:
        """What lies unplayed at the carrier will not be heard any more."""
        self._take_played(monotonic_ms())
        self._playback.forget_played()

    async def close(self, *, over: bool) -> None:
        """The stream has ended; ``over``: and the call with it, nothing more will be recorded."""
        await self._attempt(partial(self._finish, over=over))

    async def delete(self) -> None:
        """The caller declined: what was recorded is removed, and recording does not begin again.

        Nothing more is taken from this instant on, however late the database is; who gives up waiting does
        not stop the removal. Raises `StorageError` when it cannot be.
        """
        self._on = False
        self._early.clear()
        task = asyncio.create_task(self._deleted())
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        await asyncio.shield(task)

    async def _deleted(self) -> None:
        async with self._writing:
            self._stop()
            await remove(self._services, self._call_id, RecordingState.DECLINED)

    async def _attempt(self, work: Callable[[], Awaitable[None]]) -> None:
        """Once begun it is carried out, even if the caller is cancelled: a thread is at the file."""
        task = asyncio.create_task(self._attempted(work))
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)
        await asyncio.shield(task)

    async def _attempted(self, work: Callable[[], Awaitable[None]]) -> None:
        try:
            async with self._writing:
                if self._on:
                    await work()
        except (StorageError, NotFound, OSError) as problem:
            self._stop()
            RECORDINGS_FAILED.inc()
            code = getattr(problem, "code", type(problem).__name__)
            log.error("recording.stopped", call_id=self._call_id, code=code)

    def _stop(self) -> None:
        self._on = False
        self._early.clear()
        self._playback.forget_played()
        self._tracks = Tracks()
        if self._file:
            self._file.close()
            self._file = None

    async def _open(self) -> None:
        services, now = self._services, self._services.clock()
        if await services.storage.read(lambda session: call_declined(session, self._call_id)):
            self._stop()
            return
        if await services.storage.read(records.recorded_bytes) > services.settings.recordings_max_mb * 2**20:
            raise StorageError("there is no more room for recordings", fix="See RECORDINGS_MAX_MB.")
        await asyncio.to_thread(sound_folder.require, folder_of(services), services.storage)
        row = await services.storage.write(
            partial(
                records.begin_recording,
                call_id=self._call_id,
                file=f"{uuid.uuid4().hex}.rec",
                at=now,
                keep_until=now + timedelta(days=services.settings.recording_days),
            )
        )
        if row.state != RecordingState.RUNNING:
            self._stop()  # declined on an earlier stream
            return
        elapsed_ms = (now - row.started).total_seconds() * 1_000
        self._began_ms = min(self._began_ms, monotonic_ms() - elapsed_ms)
        await self._open_when_free(row)
        for side, at_ms, mulaw in self._early:
            self._tracks.put(side, at_ms - self._began_ms, mulaw)
        self._early.clear()

    async def _open_when_free(self, row: Recording) -> None:
        """A call that came from another process: that one writes the end of what it heard."""
        give_up_ms = monotonic_ms() + HAND_OVER_MS
        while True:
            try:
                return await asyncio.to_thread(self._open_file, row)
            except FileBusy:
                if not self._on or monotonic_ms() > give_up_ms:
                    raise
            await asyncio.sleep(LOOK_S)

    def _open_file(self, row: Recording) -> None:
        file = SealedFile(folder_of(self._services) / row.file, self._call_id, self._services.storage.keyring)
        try:
            rest = file.take_short_tail()
        except (OSError, StorageError):
            file.close()
            raise
        self._tracks.begin_with(file.frames * FRAME_SAMPLES, rest)
        self._file = file

    async def _write_settled(self) -> None:
        now_ms = monotonic_ms()
        self._take_played(now_ms)
        settled_ms = now_ms - SETTLED_MS - self._began_ms
        while self._file and (frame := self._tracks.take(FRAME_SAMPLES, settled_ms)):
            await asyncio.to_thread(self._file.append, frame)
            await self._note(over=False)
            if self._file.size_bytes > MOST_BYTES:
                raise StorageError("the call is too long to be recorded to its end")

    async def _finish(self, *, over: bool) -> None:
        if self._file is None:
            return
        rest = self._tracks.take_rest()
        for at in range(0, len(rest), FRAME_BYTES):
            await asyncio.to_thread(self._file.append, rest[at : at + FRAME_BYTES])
        await self._note(over=over)
        self._stop()

    def _take_played(self, now_ms: float) -> None:
        for at_ms, mulaw in self._playback.played(now_ms):
            self._put(Side.AGENT, at_ms, mulaw)

    async def _note(self, *, over: bool) -> None:
        assert self._file is not None  # asked for by those who hold it
        grown = partial(
            records.note_recording,
            call_id=self._call_id,
            frames=self._file.frames,
            duration_ms=self._tracks.taken_samples // SAMPLES_PER_MS,
            size_bytes=self._file.size_bytes,
            at=self._services.clock(),
            over=over,
        )
        await self._services.storage.write(grown)

    # ------------------------------------------------------------------ what must not be kept

    async def _silence(self, span: Span) -> None:
        log.info("recording.silenced", call_id=self._call_id)
        await self._attempt(partial(self._silence_both, span))

    async def _silence_both(self, span: Span) -> None:
        """In what lies here, and in the frames that were written already."""
        from_ms, to_ms = (at_ms - self._began_ms for at_ms in span)
        self._tracks.silence(Side.CALLER, from_ms, to_ms)
        first, after = round(from_ms * SAMPLES_PER_MS), round(to_ms * SAMPLES_PER_MS)
        if self._file is None or first >= self._tracks.taken_samples:
            return
        numbers = range(max(first, 0) // FRAME_SAMPLES, min(after // FRAME_SAMPLES + 1, self._file.frames))

        def edit(number: int, frame: bytes) -> bytes:
            begin = number * FRAME_SAMPLES
            return silenced(frame, Side.CALLER, first - begin, after - begin)

        await asyncio.to_thread(self._file.change, numbers, edit)


async def remove(services: Services, call_id: str, state: RecordingState) -> None:
    """Forgets a recording and removes its file. Raises `StorageError` when the file cannot be removed, or its
    folder is away.

    It is not heard any more from then on in any case, and `tidy` tries to remove it again.
    """
    forget = partial(records.forget_recording, call_id=call_id, state=state, at=services.clock())
    file = await services.storage.write(forget)
    if not file:
        return
    await asyncio.to_thread(sound_folder.remove, folder_of(services), file, services.storage)
    await services.storage.write(partial(records.recording_removed, call_id=call_id))


async def sound(services: Services, call_id: str) -> bytes:
    """A call's recording as a WAV file, for staff: left the caller, right the agent.

    Raises `NotFound` when nothing is kept of it, `KeyRingError` when it was made with other keys.
    """
    row = await services.storage.read(partial(records.require_recording, call_id=call_id))
    if not row.file or row.state in (RecordingState.DECLINED, RecordingState.DELETED):
        raise NotFound(f"nothing is kept of the sound of call {call_id}")
    path, keyring = folder_of(services) / row.file, services.storage.keyring
    return await asyncio.to_thread(lambda: b"".join(wav(path, call_id, keyring)))


async def tidy(services: Services, live: set[str]) -> None:
    """Closes recordings that lost their process, and removes those that were kept for long enough, where it
    is known what day it is.

    While their folder is away all of them wait for it.
    """
    try:
        await _tidy(services, live)
    except FolderAway as problem:
        log.error("recording.folder_away", code=problem.code, fix=problem.fix)


async def _tidy(services: Services, live: set[str]) -> None:
    now = services.clock()
    lost = await services.storage.read(partial(records.running_recordings, quiet_since=now - QUIET))
    for call_id in lost:
        if call_id not in live:
            await _try_to_close(services, call_id)
    expired = await _to_remove(services, now)
    if expired:
        await asyncio.to_thread(sound_folder.require, folder_of(services), services.storage)
    for call_id in expired:
        try:
            await remove(services, call_id, RecordingState.DELETED)
        except FolderAway:
            raise
        except StorageError as problem:  # tried again next time; the others are not kept waiting
            log.error("recording.not_removed", call_id=call_id, code=problem.code)


async def _to_remove(services: Services, now: datetime) -> list[str]:
    found = await services.storage.read(partial(records.expired_recordings, now=now))
    if found and not await is_believed(services.steady_clock, services.storage, now):
        return await services.storage.read(records.unwanted_recordings)
    return found


async def _try_to_close(services: Services, call_id: str) -> None:
    """A folder that is away, or closed to us, is looked into next time; calls and all else go on."""
    try:
        await _close_lost(services, call_id)
    except OSError as problem:
        log.error("recording.not_closed", call_id=call_id, kind=type(problem).__name__)


async def _close_lost(services: Services, call_id: str) -> None:
    """What was written before the end is all there is; an unfinished frame is cut off."""
    call = await services.storage.read(lambda session: records.load_call(session, call_id))
    if call is not None and call.ended is None:
        return  # it may come back
    row = await services.storage.read(partial(records.require_recording, call_id=call_id))
    path = folder_of(services) / row.file
    if not await asyncio.to_thread(path.exists):
        await asyncio.to_thread(sound_folder.require, folder_of(services), services.storage)
        await remove(services, call_id, RecordingState.DELETED)
        return

    def measure() -> tuple[int, int, int]:
        with contextlib.closing(SealedFile(path, call_id, services.storage.keyring)) as file:
            last = len(file.frame(file.frames - 1)) if file.frames else 0
            samples = max(file.frames - 1, 0) * FRAME_SAMPLES + last // CHANNELS
            return file.frames, samples // SAMPLES_PER_MS, file.size_bytes

    try:
        frames, duration_ms, size_bytes = await asyncio.to_thread(measure)
    except FileBusy:
        return  # it is not lost: next time
    except StorageError as problem:
        if isinstance(problem.__cause__, OSError):
            raise problem.__cause__ from None  # the disk's fault: what is in the file may be whole
        log.error("recording.damaged", call_id=call_id, code=problem.code)
        frames = duration_ms = size_bytes = 0
    await services.storage.write(
        partial(
            records.note_recording,
            call_id=call_id,
            frames=frames,
            duration_ms=duration_ms,
            size_bytes=size_bytes,
            at=services.clock(),
            over=True,
        )
    )
