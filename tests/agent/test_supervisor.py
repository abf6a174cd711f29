"""Parts that die are started again, more slowly when they keep dying."""

from __future__ import annotations

import os
import signal
import socket
import sys
import time

import pytest

from agent.starting import CANNOT_START
from agent.supervisor import HOPELESS_PAUSE_S, Part, Supervisor, listen
from models.errors import SettingsError

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
QUITTER = [sys.executable, "-c", "raise SystemExit(7)"]


HOPELESS = [sys.executable, "-c", f"raise SystemExit({CANNOT_START})"]


def wait_until_dead(part: Part) -> None:
    assert part.process
    part.process.wait(10)


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
    deadline_s = time.monotonic() + 5
    while part.running and time.monotonic() < deadline_s:
        time.sleep(0.05)
    assert not part.running
