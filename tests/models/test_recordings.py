"""What the database knows of recordings, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from sqlmodel import Session

from models import records
from models.errors import NotFound
from models.recordings import Recording, RecordingState
from models.storage import Storage

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
LATER = AT + timedelta(days=90)


def begun(storage: Storage, file: str = "a.rec", call_id: str = "CA1") -> Recording:
    begin = partial(records.begin_recording, call_id=call_id, file=file, at=AT, keep_until=LATER)
    return storage.write_now(begin)


def noted(storage: Storage, *, over: bool) -> None:
    note = partial(
        records.note_recording,
        call_id="CA1",
        frames=2,
        duration_ms=5_000,
        size_bytes=80_000,
        at=AT,
        over=over,
    )
    storage.write_now(note)


def kept(storage: Storage) -> Recording:
    return storage.read_now(partial(records.require_recording, call_id="CA1"))


def test_a_call_has_one_recording_however_often_it_is_resumed(storage: Storage) -> None:
    begun(storage)
    assert begun(storage, "b.rec").file == "a.rec"


def test_it_grows_and_is_complete(storage: Storage) -> None:
    begun(storage)
    noted(storage, over=False)
    running = partial(records.running_recordings, quiet_since=AT)
    assert storage.read_now(running) == ["CA1"]
    assert storage.read_now(records.recorded_bytes) == 80_000
    noted(storage, over=True)
    assert (kept(storage).state, kept(storage).duration_ms) == (RecordingState.COMPLETE, 5_000)
    assert storage.read_now(running) == []


def test_a_declined_one_stays_declined(storage: Storage) -> None:
    begun(storage)
    noted(storage, over=False)
    forget = partial(records.forget_recording, call_id="CA1", state=RecordingState.DECLINED, at=AT)
    assert storage.write_now(forget) == "a.rec"
    noted(storage, over=True)
    begun(storage, "b.rec")
    row = kept(storage)
    assert (row.state, row.file, row.size_bytes) == (RecordingState.DECLINED, "a.rec", 0)
    assert storage.read_now(partial(records.expired_recordings, now=AT)) == ["CA1"], "its file is still there"
    storage.write_now(partial(records.recording_removed, call_id="CA1"))
    assert storage.read_now(partial(records.expired_recordings, now=AT)) == []


def test_declining_before_anything_was_recorded_is_kept_too(storage: Storage) -> None:
    forget = partial(records.forget_recording, call_id="CA1", state=RecordingState.DECLINED, at=AT)
    assert storage.write_now(forget) == ""
    assert begun(storage).state == RecordingState.DECLINED


def test_a_legal_hold_outlasts_its_time(storage: Storage) -> None:
    begun(storage)
    begun(storage, "b.rec", "CA2")

    def hold(session: Session) -> None:
        row = records.require_recording(session, "CA2")
        row.on_hold = True
        session.add(row)

    storage.write_now(hold)
    assert storage.read_now(partial(records.expired_recordings, now=LATER - timedelta(seconds=1))) == []
    assert storage.read_now(partial(records.expired_recordings, now=LATER)) == ["CA1"]


def test_a_call_never_recorded_is_a_named_error(storage: Storage) -> None:
    with pytest.raises(NotFound, match="CA1"):
        kept(storage)
