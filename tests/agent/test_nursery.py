"""What forks the web process: the next one is there at once, and nothing of it outlives its supervisor."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from agent.local_server import demo_settings
from agent.nursery import Born, Nursery
from agent.part_environment import environment_of
from agent.settings import Settings
from agent.supervisor import listen

pytestmark = pytest.mark.busy(about_s=25)


class Site:
    """A nursery with its two listeners, and the settings of what it forks."""

    def __init__(self, chosen: Settings) -> None:
        doors = [listen(chosen.host, chosen.port, "PORT"), listen("127.0.0.1", chosen.private_port, "")]
        self._doors, fds = doors, [door.fileno() for door in doors]
        self.nursery = Nursery(["--public-fd", str(fds[0]), "--private-fd", str(fds[1])], fds)
        self.environment = environment_of(chosen, chosen.private_port)
        self._url = f"http://127.0.0.1:{chosen.port}/healthz"

    def start(self) -> Born:
        return self.nursery.start(self.environment)

    def answers(self, born: Born) -> bool:
        """Once it does; False when it ended instead."""
        while born.poll() is None:
            try:
                with urllib.request.urlopen(self._url, timeout=60):
                    return born.poll() is None
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        return False

    def close(self) -> None:
        self.nursery.end()
        for door in self._doors:
            door.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(demo_settings(tmp_path_factory.mktemp("nursery"), stt="stand-in"))
    yield site
    site.close()


def parent_of(born: Born) -> psutil.Process:
    parent = psutil.Process(born.pid).parent()
    assert parent
    return parent


def test_one_after_the_other_serves_and_how_each_ended_is_known(site: Site) -> None:
    first = site.start()
    assert site.answers(first)
    nursery = parent_of(first)
    first.kill()
    assert first.wait(60) == -signal.SIGKILL
    second = site.start()
    assert site.answers(second)
    assert (parent_of(second), second.pid != first.pid) == (nursery, True), "nothing was read again"
    second.terminate()
    assert second.wait(60) == 0


def test_it_has_one_thread_when_it_forks_and_no_open_pipe_in_what_it_forked(site: Site) -> None:
    born = site.start()
    assert site.answers(born)
    nursery = parent_of(born)
    assert nursery.num_threads() == 1, "another thread's locks would stay locked in the copy"
    assert os.readlink(f"/proc/{born.pid}/fd/0") == os.devnull
    pipes = {os.readlink(f"/proc/{nursery.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{nursery.pid}/fd")}
    own = {os.readlink(f"/proc/{born.pid}/fd/{fd}") for fd in ("0", "1", "2")}
    left = {os.readlink(path) for path in Path(f"/proc/{born.pid}/fd").iterdir() if path.is_symlink()}
    told = {pipe for pipe in pipes if pipe.startswith("pipe:")} - own
    assert told, "it tells its supervisor by a pipe"
    assert not told & left
    born.kill()
    born.wait(60)


def test_signals_to_all_processes_leave_it_to_its_supervisor(site: Site) -> None:
    born = site.start()
    assert site.answers(born)
    nursery = parent_of(born)
    for name in (signal.SIGINT, signal.SIGTERM):
        nursery.send_signal(name)
    born.terminate()
    assert born.wait(60) == 0
    assert nursery.is_running()


def test_when_it_dies_so_does_what_it_forked_and_the_next_has_a_new_one(site: Site) -> None:
    born = site.start()
    assert site.answers(born)
    web, nursery = psutil.Process(born.pid), parent_of(born)
    nursery.kill()
    assert born.wait(60) != 0
    psutil.wait_procs([web], 60)
    assert not web.is_running()
    again = site.start()
    assert site.answers(again)
    assert parent_of(again) != nursery


def test_one_that_is_not_there_yet_is_stopped_with_its_nursery(tmp_path: Path) -> None:
    site = Site(demo_settings(tmp_path, stt="stand-in"))
    born = site.start()
    assert (born.pid, born.poll()) == (0, None)
    with pytest.raises(subprocess.TimeoutExpired):
        born.wait(0.01)
    born.kill()
    assert born.wait(60) == -signal.SIGKILL
    site.close()
    site.close()  # once more does no harm
