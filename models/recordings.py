"""Recordings of calls: what the database knows of them, and the way from the sealed file to a sound file."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from sqlmodel import Field, Session, col, func, select

from models.columns import CALL_ID_LENGTH, Row, instant, maybe_instant
from models.domain import SAMPLE_RATE_HZ
from models.errors import NotFound
from models.keyring import KeyRing
from models.rows import insert_if_new
from models.sealed_file import read_frames

CHANNELS = 2  # left the caller, right the agent; one byte of G.711 mu-law each
_MULAW = 7  # WAVE_FORMAT_MULAW, RFC 2361


class RecordingState(StrEnum):
    RUNNING = "running"
    COMPLETE = "complete"
    DECLINED = "declined"  # by the caller: nothing is kept, and recording does not begin again
    DELETED = "deleted"  # its time was over


class Recording(Row, table=True):
    """One call's sound, in a sealed file of its own below DATA_DIR/recordings."""

    __tablename__ = "recording"

    call_id: str = Field(primary_key=True, max_length=CALL_ID_LENGTH)
    file: str = Field(default="", max_length=100)  # its name; "" once there is none
    state: str = Field(default=RecordingState.RUNNING, index=True, max_length=16)
    started: datetime = instant()
    updated: datetime = instant()
    frames: int = 0
    duration_ms: int = 0
    size_bytes: int = 0
    keep_until: datetime | None = maybe_instant(index=True)
    on_hold: bool = False  # a legal hold: kept past its time


def begin_recording(
    session: Session, call_id: str, *, file: str, at: datetime, keep_until: datetime | None
) -> Recording:
    """The call's recording, made now unless there is one already: a resumed call goes on in its file."""
    insert_if_new(
        session, Recording(call_id=call_id, file=file, started=at, updated=at, keep_until=keep_until)
    )
    return require_recording(session, call_id)


def require_recording(session: Session, call_id: str) -> Recording:
    """Raises `NotFound` when the call was never recorded."""
    found = session.get(Recording, call_id)
    if found is None:
        raise NotFound(f"call {call_id} has no recording")
    return found


def note_recording(
    session: Session,
    call_id: str,
    *,
    frames: int,
    duration_ms: int,
    size_bytes: int,
    at: datetime,
    over: bool,
) -> None:
    """How much there is by now; ``over``: no more will come. A declined one stays so."""
    row = require_recording(session, call_id)
    if row.state != RecordingState.RUNNING:
        return
    row.frames, row.duration_ms, row.size_bytes, row.updated = frames, duration_ms, size_bytes, at
    row.state = RecordingState.COMPLETE if over else RecordingState.RUNNING
    session.add(row)
    session.flush()


def forget_recording(session: Session, call_id: str, state: RecordingState, at: datetime) -> str:
    """Nothing is to be heard any more, for the reason ``state`` names; the name of the file to remove.

    The name is kept until `recording_removed`, so that a removal that failed is tried again.
    """
    row = session.get(Recording, call_id) or Recording(call_id=call_id, started=at, updated=at)
    file = row.file
    row.state, row.updated, row.frames, row.duration_ms, row.size_bytes = state, at, 0, 0, 0
    session.add(row)
    session.flush()
    return file


def recording_removed(session: Session, call_id: str) -> None:
    """Its file is gone."""
    row = require_recording(session, call_id)
    row.file = ""
    session.add(row)
    session.flush()


def running_recordings(session: Session, *, quiet_since: datetime) -> list[str]:
    """Calls whose recording was not closed and did not grow after ``quiet_since``."""
    query = select(Recording.call_id).where(
        Recording.state == RecordingState.RUNNING, col(Recording.updated) <= quiet_since
    )
    return list(session.exec(query).all())


def recorded_files(session: Session) -> list[str]:
    """Names of all that are kept, or are still to be removed."""
    return list(session.exec(select(Recording.file).where(Recording.file != "")).all())


def recorded_bytes(session: Session) -> int:
    """What all recordings take on disk, as far as was noted."""
    return int(session.exec(select(func.coalesce(func.sum(Recording.size_bytes), 0))).one())


def wav(path: Path, call_id: str, keyring: KeyRing) -> Iterator[bytes]:
    """The recording as a WAV file (stereo, G.711 mu-law, 8 kHz), piece by piece.

    Raises `KeyRingError` for another key or an altered file, `StorageError` when it is not there.
    """
    frames = list(read_frames(path, call_id, keyring))
    yield wav_header(sum(map(len, frames)))
    yield from frames


def wav_header(data_bytes: int) -> bytes:
    """What stands before so many bytes of interleaved sound."""
    rate = SAMPLE_RATE_HZ
    form = struct.pack("<HHIIHHH", _MULAW, CHANNELS, rate, rate * CHANNELS, CHANNELS, 8, 0)
    fact = struct.pack("<I", data_bytes // CHANNELS)
    body = b"WAVE" + _chunk(b"fmt ", form) + _chunk(b"fact", fact) + struct.pack("<4sI", b"data", data_bytes)
    return struct.pack("<4sI", b"RIFF", len(body) + data_bytes) + body


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack("<4sI", name, len(data)) + data
