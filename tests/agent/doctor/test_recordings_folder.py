"""A share that is not mounted is named before a recording is missed."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from models import records
from models.keyring import KeyRing
from models.storage import Storage
from tests.agent.doctor.conftest import examined, made, troubles

AT = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def test_a_folder_without_the_recordings_of_the_database_is_named(environ: dict[str, str]) -> None:
    folder = made(environ)
    storage = Storage.open(f"sqlite:///{folder / 'firstring.db'}", KeyRing.load(folder / "secrets" / "keys"))
    storage.write_now(partial(records.begin_recording, call_id="CA1", file="a.rec", at=AT, keep_until=None))
    storage.close()
    found = troubles(examined(environ, "record_calls"))
    assert "holds 0 of the 1 recordings of the database: is its disk mounted?" in found
    assert not (folder / "recordings").exists(), "the doctor changes nothing"

    (folder / "recordings").mkdir(mode=0o700)
    (folder / "recordings" / "a.rec").touch()
    assert "is its disk mounted?" not in troubles(examined(environ, "record_calls"))
