"""The disk is full in the middle of a call: the call goes on, nothing is claimed, and staff are told."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from agent.local_server import DEMO_NOW
from intents.understand import MindService
from models import records
from models.domain import PageStaff, RequestRefill, StaffPaged
from tests.conversations.conftest import MARIA, STRANGER, KeyboardCall, Line, _line

Full = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk where one may be mounted; else a plain folder."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    yield folder
    if mounted:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.fixture
def full(disk: Path) -> Full:
    """With it, nothing more fits: on the small disk really, else by a limit on the size of our files."""
    return (lambda: _filled(disk)) if disk.is_mount() else _limited


@contextmanager
def _filled(disk: Path) -> Iterator[None]:
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _limited() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.fixture
async def line(
    seeded: Path, disk: Path, mind: MindService, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Line]:
    """The practice on a Tuesday morning, its data on the small disk."""
    async with await _line(seeded, disk, mind, monkeypatch, DEMO_NOW) as services:
        yield Line(services)


def kinds(call: KeyboardCall) -> set[type]:
    return {type(action) for action, _ in call.keyboard.conversation.done}


async def test_the_call_goes_on_and_what_was_said_is_stored_once_there_is_room(
    line: Line, full: Full
) -> None:
    call = await line.call(STRANGER)
    with full(), capture_logs() as logged:
        assert "Monday" in await call.says("what are your opening hours")
        assert "911" in await call.says("i have chest pain")
    lost = [entry for entry in logged if entry["event"] == "turn.not_stored"]
    assert {entry["code"] for entry in lost} == {"storage"}
    record = await call.hangs_up()
    assert record.ended is not None
    assert [turn.caller_text for turn in record.turns] == [
        "",
        "what are your opening hours",
        "i have chest pain",
    ]


async def test_a_page_that_found_no_room_is_sent_once_there_is(line: Line, full: Full) -> None:
    call = await line.call(STRANGER)
    with full():
        assert "911" in await call.says("i have chest pain")
    record = await call.hangs_up()
    pages = [done.result for done in record.done if isinstance(done.action, PageStaff)]
    assert [type(result) for result in pages] == [StaffPaged]
    assert len(await line.services.storage.read(records.waiting_pages)) == 1


async def test_nothing_is_claimed_that_was_not_done(line: Line, full: Full) -> None:
    call = await line.call(MARIA)
    await call.all_of(
        "i need a refill of my lisinopril", "maria lopez", "march fifth nineteen eighty one", "no"
    )
    before = await call.chart("MedicationRequest")
    with full():
        reply = await call.all_of("main street pharmacy", "yes")
    assert RequestRefill in kinds(call)
    assert "sent" not in reply.lower()
    assert len(await call.chart("MedicationRequest")) == len(before)


async def test_other_calls_go_on_and_are_stored_again_afterwards(line: Line, full: Full) -> None:
    first, second = await line.call(STRANGER), await line.call(MARIA)
    with full():
        assert "Monday" in await first.says("what are your opening hours")
        assert await second.says("i need a refill of my lisinopril")
    await second.all_of("maria lopez", "march fifth nineteen eighty one")
    assert "911" in await first.says("i have chest pain")
    assert PageStaff in kinds(first)
    call_id = second.keyboard.conversation.call_id
    stored = await line.services.storage.read(lambda session: records.require_call(session, call_id))
    assert stored.turns[-1].caller_text == "march fifth nineteen eighty one"
