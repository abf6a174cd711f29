"""Parts that die are started again, more slowly when they keep dying."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.local_server import demo_settings
from agent.part_environment import environment_of
from agent.pulse import LIMIT_S, Pulse
from agent.starting import CANNOT_START, CANNOT_START_YET, YET_PAUSES_S
from agent.supervisor import (
    HOPELESS_PAUSE_S,
    WEB_PAUSES_S,
    Part,
    Supervisor,
    build,
    listen,
    socket_of,
)
from models.errors import SettingsError

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
QUITTER = [sys.executable, "-c", "raise SystemExit(7)"]


# How many heaps its threads have: each has asked for memory while all were there (malloc_info(3)).
HEAPS = """
import ctypes, threading
libc, together = ctypes.CDLL(None), threading.Barrier(4)
libc.malloc.restype = libc.fdopen.restype = ctypes.c_void_p
def ask():
    together.wait()
    libc.malloc(1_000)
    together.wait()
threads = [threading.Thread(target=ask) for _ in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
out = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, out)
libc.fflush(out)
"""


HOPELESS = [sys.executable, "-c", f"raise SystemExit({CANNOT_START})"]
WAITING = [sys.executable, "-c", f"raise SystemExit({CANNOT_START_YET})"]


def wait_until_dead(part: Part) -> None:
    assert part.process
    part.process.wait(60)


def test_a_killed_part_is_started_again_at_once() -> None:
    part = Part("sleeper", SLEEPER)
    now_s = [100.0]
    supervisor = Supervisor([part], dict(os.environ), lambda: now_s[0])
    supervisor.look()
    assert part.process
    first = part.process.pid
    now_s[0] += 60
    os.kill(first, signal.SIGKILL)
    wait_until_dead(part)
    supervisor.look()
    assert part.running
    assert part.process.pid != first
    part.process.kill()
    part.process.wait()


def test_a_part_that_keeps_dying_waits_longer_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    part = Part("quitter", QUITTER)
    now_s = [100.0]
    supervisor = Supervisor([part], dict(os.environ), lambda: now_s[0])
    pauses = []
    for _ in range(3):
        now_s[0] = max(now_s[0], part.start_after_s)
        supervisor.look()
        wait_until_dead(part)
        supervisor.look()
        pauses.append(part.start_after_s - now_s[0])
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]
    assert "quitter ended with 7" in capsys.readouterr().err
    if part.process:
        wait_until_dead(part)


def test_a_part_that_can_never_start_is_named_once_and_tried_rarely(
    capsys: pytest.CaptureFixture[str],
) -> None:
    part = Part("ear-1", HOPELESS)
    now_s = [100.0]
    supervisor = Supervisor([part], dict(os.environ), lambda: now_s[0])
    for _ in range(3):
        now_s[0] = max(now_s[0], part.start_after_s)
        supervisor.look()
        wait_until_dead(part)
        supervisor.look()
        assert part.start_after_s - now_s[0] == HOPELESS_PAUSE_S
    said = capsys.readouterr().err
    assert said.count("ear-1 cannot start") == 1
    assert "calls go to the practice's own number" in said
    assert "firstring doctor" in said


def test_without_a_part_that_must_be_there_the_server_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    other = Part("sleeper", SLEEPER)
    supervisor = Supervisor([Part("web", HOPELESS, required=True), other], dict(os.environ))
    with pytest.raises(SettingsError, match="web cannot start"):
        supervisor.run(tick_s=0.01)
    wait_until_dead(other)


def test_one_that_has_run_is_tried_again_instead() -> None:
    """A disk that is full at a restart may have room a minute later; the line stays open."""
    part = Part("web", HOPELESS, required=True, has_run=True)
    supervisor = Supervisor([part], dict(os.environ))
    supervisor.look()
    wait_until_dead(part)
    supervisor.look()
    assert not supervisor._stopping


def tried(part: Part, supervisor: Supervisor, now_s: list[float]) -> float:
    """One try that fails; returns the pause until the next one."""
    now_s[0] = max(now_s[0], part.start_after_s)
    supervisor.look()
    wait_until_dead(part)
    supervisor.look()
    return part.start_after_s - now_s[0]


def test_a_first_start_that_waits_for_what_may_pass_is_tried_until_it_succeeds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A database whose machine boots more slowly after a power cut."""
    part, now_s = Part("web", WAITING, required=True), [100.0]
    supervisor = Supervisor([part], dict(os.environ), lambda: now_s[0])
    pauses_s = [tried(part, supervisor, now_s) for _ in range(3)]
    assert pauses_s == list(YET_PAUSES_S[:3])
    assert not supervisor._stopping
    assert capsys.readouterr().err.count("web cannot start yet, for the reason above") == 1
    part.command = SLEEPER
    now_s[0] = part.start_after_s
    supervisor.look()
    assert part.running
    supervisor._end()


def test_a_wrong_setting_behind_it_still_ends_the_server() -> None:
    """The database is up at last, and refuses our password."""
    part, now_s = Part("web", WAITING, required=True), [100.0]
    supervisor = Supervisor([part], dict(os.environ), lambda: now_s[0])
    tried(part, supervisor, now_s)
    part.command = HOPELESS
    tried(part, supervisor, now_s)
    assert supervisor._stopping
    assert supervisor._hopeless == "web"


@pytest.mark.parametrize("has_run", [False, True])
def test_until_the_first_start_nobody_is_left_waiting_in_the_line(*, has_run: bool) -> None:
    """The carrier follows its fallback at once. Later those whose call was cut wait for it to go on."""
    with listen("127.0.0.1", 0, "PORT") as listener:
        part, now_s = Part("web", WAITING, required=True, has_run=has_run), [100.0]
        supervisor = Supervisor([part], dict(os.environ), lambda: now_s[0], listeners=[listener])
        tried(part, supervisor, now_s)
        with socket.create_connection(listener.getsockname()) as caller:
            supervisor.look()
            caller.settimeout(0.3 if has_run else 60)
            if has_run:
                with pytest.raises(TimeoutError):
                    caller.recv(1)
            else:
                assert caller.recv(1) == b""


def test_a_taken_port_is_named_with_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="cannot listen") as caught:
            listen("127.0.0.1", taken.getsockname()[1], "PORT")
    assert "PORT" in caught.value.fix


def test_stopping_ends_every_part() -> None:
    part = Part("sleeper", SLEEPER)
    supervisor = Supervisor([part], dict(os.environ))
    supervisor.look()
    supervisor._end()
    assert part.process
    deadline_s = time.monotonic() + 60
    while part.running and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not part.running


def test_callers_never_wait_long_for_a_web_process_that_keeps_dying(tmp_path: Path) -> None:
    with socket.socket() as public, socket.socket() as private:
        web = build(demo_settings(tmp_path), public, private)[0]
    assert web.name == "web"
    assert web.pauses_s == WEB_PAUSES_S
    assert max(web.pauses_s) <= 1.0


class Quiet:
    """A worker's socket at which nobody reads until `answer`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._door = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._door.bind(str(path))
        self._door.listen()
        self._lines: list[socket.socket] = []

    def answer(self) -> None:
        self._lines.append(self._door.accept()[0])
        self._lines[-1].recv(4_096)
        self._lines[-1].send(b"any answer will do")

    def close(self) -> None:
        for each in (self._door, *self._lines):
            each.close()


def test_a_worker_that_hangs_is_found_and_one_that_loads_is_left_alone(tmp_path: Path) -> None:
    now_s = [100.0]
    pulse = Pulse(tmp_path / "w.sock", lambda: now_s[0])
    for _ in range(5):
        now_s[0] += LIMIT_S
        assert not pulse.hangs(), "it has not opened its socket yet"
    worker = Quiet(tmp_path / "w.sock")
    now_s[0] += LIMIT_S
    assert not pulse.hangs()
    worker.answer()
    now_s[0] += LIMIT_S + 1
    assert not pulse.hangs(), "it has answered, and is asked again"
    now_s[0] += LIMIT_S + 1
    assert pulse.hangs()
    worker.close()
    pulse.reset()


def test_a_part_that_hangs_is_ended_and_started_again(tmp_path: Path) -> None:
    now_s = [100.0]
    worker = Quiet(tmp_path / "w.sock")
    part = Part("sleeper", SLEEPER, pulse=Pulse(tmp_path / "w.sock", lambda: now_s[0]))
    supervisor = Supervisor([part], dict(os.environ), lambda: now_s[0])
    supervisor.look()
    supervisor.look()
    assert part.process
    first = part.process.pid
    now_s[0] += LIMIT_S + 10
    supervisor.look()
    wait_until_dead(part)
    supervisor.look()
    assert part.running
    assert part.process.pid != first
    part.process.kill()
    part.process.wait()
    worker.close()


def test_every_worker_is_felt(tmp_path: Path) -> None:
    chosen = demo_settings(tmp_path)
    with socket.socket() as public, socket.socket() as private:
        parts = build(chosen, public, private)
    assert {part.name for part in parts if part.pulse} == {part.name for part in parts} - {"web"}
    assert str(socket_of(chosen, "mind")) in next(part for part in parts if part.name == "mind").command


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="another C library")
@pytest.mark.parametrize(("chosen", "heaps"), [(None, 1), ("3", 3)])
def test_all_threads_of_a_part_share_a_heap_where_the_operator_wants_no_more(
    chosen: str | None, heaps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    if chosen:
        monkeypatch.setenv("MALLOC_ARENA_MAX", chosen)
    environment = environment_of(demo_settings(tmp_path), 8081)
    told = subprocess.check_output([sys.executable, "-c", HEAPS], env=environment, text=True)
    assert told.count("<heap nr=") == heaps
