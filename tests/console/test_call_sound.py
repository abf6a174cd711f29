"""The sound of a call over HTTP: whole and in parts, and kind words where there is none."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import Session

from console import Ports, add_pages, build_router, call_sound
from console.call_sound import asked_range
from models.crypto import KeyRing
from models.recordings import Recording, RecordingState
from models.sealed_file import FRAME_BYTES, SealedFile
from models.sounds import Sound
from models.storage import Storage
from models.tables import Call
from tests.console import sample
from tests.console.browser import browser, page
from tests.console.test_console import trail, words

CALL = "CA-refill"
SOUND = bytes(range(256)) * (FRAME_BYTES // 256) + b"\x01\x02" * 8_000  # a full frame and a second more
AUDIO = f"/calls/{CALL}/audio"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recordings"


@pytest.fixture
def app(storage: Storage, folder: Path) -> FastAPI:
    app = FastAPI()
    ports = Ports(recordings=folder)
    add_pages(app, build_router(storage, lambda: sample.NOW, ports=ports, second_factor=False))
    return app


def recorded(storage: Storage, folder: Path, call_id: str = CALL, **changed: object) -> Path:
    """A recording of the call, as a finished one lies there."""
    file = SealedFile(folder / "a.rec", call_id, storage.keyring)
    for at in range(0, len(SOUND), FRAME_BYTES):
        file.append(SOUND[at : at + FRAME_BYTES])
    file.close()

    def work(session: Session) -> None:
        call = session.get_one(Call, call_id)
        row = Recording(call_id=call_id, file="a.rec", started=call.started, updated=sample.NOW)
        length = (call.ended or sample.NOW) - call.started
        row.state, row.duration_ms = RecordingState.COMPLETE, int(length / timedelta(milliseconds=1))
        for name, value in changed.items():
            setattr(row, name, value)
        session.add(row)

    storage.write_now(work)
    return folder / "a.rec"


async def ask(app: FastAPI, wanted: str = "", name: str = "kim") -> httpx.Response:
    async with browser(app, name) as person:
        return await person.get(AUDIO, headers={"Range": wanted} if wanted else {})


async def test_the_whole_sound_comes_unsealed_and_rests_nowhere(
    app: FastAPI, storage: Storage, folder: Path
) -> None:
    recorded(storage, folder)
    answer = await ask(app)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/wav")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["accept-ranges"] == "bytes"
    assert int(answer.headers["content-length"]) == len(answer.content)
    assert answer.content[:4] == b"RIFF"
    assert struct.unpack("<I", answer.content[4:8])[0] == len(answer.content) - 8
    assert answer.content.endswith(SOUND)


@pytest.mark.parametrize("wanted", [(0, 1), (10, 80), (50, 70_000), (FRAME_BYTES - 5, FRAME_BYTES + 900)])
async def test_a_part_is_just_that_part(
    app: FastAPI, storage: Storage, folder: Path, wanted: tuple[int, int]
) -> None:
    recorded(storage, folder)
    whole = (await ask(app)).content
    first, last = wanted
    answer = await ask(app, f"bytes={first}-{last}")
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(whole)}"
    assert answer.content == whole[first : last + 1]
    rest = await ask(app, f"bytes={first}-")
    assert rest.content == whole[first:]
    assert (await ask(app, "bytes=-100")).content == whole[-100:]


async def test_what_lies_behind_the_end_is_told_so(app: FastAPI, storage: Storage, folder: Path) -> None:
    recorded(storage, folder)
    size = len((await ask(app)).content)
    answer = await ask(app, f"bytes={size}-")
    assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{size}")


@pytest.mark.parametrize("header", ["", "bytes=-", "bytes=5-2", "bytes=0-1,4-5", "pages=1-2", "bytes=a-b"])
def test_a_range_that_is_none_asks_for_all(header: str) -> None:
    assert asked_range(header, 100) is None


async def test_who_listens_is_written_down_once_for_all_parts(
    app: FastAPI, storage: Storage, folder: Path
) -> None:
    recorded(storage, folder)
    async with browser(app) as kim:
        for first in (0, 50_000, 70_000):
            await kim.get(AUDIO, headers={"Range": f"bytes={first}-"})
    heard = [entry for entry in trail(storage) if entry[2].endswith("audio")]
    assert heard == [("kim", "view", f"call/{CALL}/audio")]


async def test_who_sees_no_calls_hears_none(app: FastAPI, storage: Storage, folder: Path) -> None:
    recorded(storage, folder)
    for role in ("admin", "auditor"):
        answer = await ask(app, name=role)
        assert answer.status_code == 403
        assert SOUND[:100] not in answer.content


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"state": RecordingState.DECLINED, "file": ""}, call_sound.DECLINED),
        ({"state": RecordingState.DELETED, "file": ""}, call_sound.DELETED),
        ({"state": RecordingState.RUNNING}, call_sound.CLOSING),
        ({"file": "gone.rec"}, call_sound.MISSING),
        ({"duration_ms": 0}, call_sound.UNREADABLE),
    ],
)
async def test_where_there_is_no_sound_the_page_says_why(
    app: FastAPI, storage: Storage, folder: Path, changed: dict[str, Any], says: str
) -> None:
    recorded(storage, folder, **changed)
    html = await page(app, f"/calls/{CALL}")
    assert "<audio" not in html
    assert says in html
    answer = await ask(app)
    assert answer.status_code == 404
    assert says in answer.text


async def test_a_call_that_was_never_recorded_says_so(app: FastAPI) -> None:
    assert call_sound.NEVER in await page(app, f"/calls/{CALL}")
    assert (await ask(app)).status_code == 404


async def test_a_call_on_the_line_is_heard_once_it_is_over(
    app: FastAPI, storage: Storage, folder: Path
) -> None:
    recorded(storage, folder, "CA-live", state=RecordingState.RUNNING)
    assert call_sound.RUNNING in await page(app, "/calls/CA-live")


def cut(path: Path) -> None:
    path.write_bytes(b"something else")


def turned(path: Path) -> None:
    sealed = bytearray(path.read_bytes())
    sealed[200] ^= 1
    path.write_bytes(sealed)


@pytest.mark.parametrize("damage", [cut, turned])
async def test_a_damaged_sound_is_told_in_words(
    app: FastAPI, storage: Storage, folder: Path, damage: Callable[[Path], None]
) -> None:
    damage(recorded(storage, folder))
    answer = await ask(app)
    assert answer.status_code == 404
    assert call_sound.UNREADABLE in answer.text


async def test_what_is_missing_of_the_sound_is_said(app: FastAPI, storage: Storage, folder: Path) -> None:
    recorded(storage, folder, duration_ms=30_000)
    text = words(await page(app, f"/calls/{CALL}"))
    assert "0:30 · left the caller" in text
    assert "The last 1:30 of the call are not on it." in text


async def test_a_file_that_was_cut_is_heard_as_far_as_it_goes_and_the_page_says_so(
    app: FastAPI, storage: Storage, folder: Path
) -> None:
    path = recorded(storage, folder)
    size = path.stat().st_size
    storage.write_now(lambda s: setattr(s.get_one(Recording, CALL), "size_bytes", size))
    assert call_sound.SHORTENED not in await page(app, f"/calls/{CALL}")
    path.write_bytes(path.read_bytes()[:-100])  # within the last frame
    assert call_sound.SHORTENED in await page(app, f"/calls/{CALL}")
    whole = (await ask(app)).content
    assert whole.endswith(SOUND[:FRAME_BYTES])


async def test_the_words_know_where_they_lie_in_the_sound(
    app: FastAPI, storage: Storage, folder: Path
) -> None:
    """Of calls whose places were not noted: about, by the turn's time; the reply begins with the turn."""
    recorded(storage, folder)
    html = await page(app, f"/calls/{CALL}")
    assert '<div class="agent" data-from="20.0" data-to="23.1">' in html
    assert '<div class="agent" data-from="40.0" data-to="44.1">' in html
    assert html.count("data-from=") == html.count("data-to=") == 5


def test_a_long_sound_is_read_from_its_middle(tmp_path: Path, storage: Storage) -> None:
    """Three hours of it are some thousand frames; a part costs what it holds."""
    keyring: KeyRing = storage.keyring
    file = SealedFile(tmp_path / "long.rec", "CA1", keyring)
    for number in range(40):
        file.append(bytes([number]) * FRAME_BYTES)
    file.append(b"end")
    file.close()
    sound = Sound(tmp_path / "long.rec", "CA1", keyring)
    at = sound.size_bytes - 3 - 10 * FRAME_BYTES
    assert b"".join(sound.read(at - 1, at + 1)) == bytes([29, 30])
    assert b"".join(sound.read(sound.size_bytes - 4, sound.size_bytes)) == b"\x27end"
    sound.close()
