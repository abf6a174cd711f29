"""`firstring serve`: keeps the listening sockets open and its parts running.

Parts are processes of their own: the web process, speech-to-text workers (ear-1, ear-2), the intent model
(mind) and the text-to-speech engine (mouth). A part that dies or hangs is started again, with a growing
pause when it keeps dying; callers who connect meanwhile wait in the socket's backlog, which stays open here.
"""

from __future__ import annotations

import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from agent import part_environment, parts_file
from agent import settings as settings_module
from agent.machine_settings import MOVE_S
from agent.nursery import Born, Nursery
from agent.parts_file import PartState
from agent.pulse import Pulse
from agent.settings import Settings
from agent.starting import (
    CANNOT_START,
    CANNOT_START_YET,
    YET_PAUSES_S,
    without_core_files,
    yet_pause_s,
)
from models.errors import SettingsError

PAUSES_S = (0.0, 0.2, 1.0, 3.0, 10.0)
STEADY_S = 20.0  # a part that lived this long starts again without a pause
# Callers on the line wait for the web process: the carrier asks for them for 15 s, and it needs two to start.
WEB_PAUSES_S = (0.0, 0.0, 0.2, 0.5, 1.0)
WEB_STEADY_S = 4.0
STOP_LIMIT_S = 8.0
ENDING_TICK_S = 0.05
HOPELESS_PAUSE_S = 60.0  # for a part that says itself that it cannot start
WITHOUT = {
    "web": "Without it the carrier follows its fallback. ",
    "ear": "Without it calls go to the practice's own number. ",
    "mind": "Without it calls go to the practice's own number. ",
    "mouth": "Without it the web process speaks, or a recorded sentence passes the call on. ",
}
BACKLOG = 128
WORKER_PROGRAM = "agent.worker_process"  # measurements put ears of their own in its place
WEB_FIRST_S = 2.6  # the door opens before the heavy models take the processor


@dataclass
class Part:
    name: str
    command: list[str] = field(default_factory=list)
    environment: dict[str, str] | None = None  # None: its supervisor's
    nursery: Nursery | None = None  # forks it; else ``command`` is run
    process: subprocess.Popen[bytes] | Born | None = None
    started_s: float = 0.0
    failures: int = 0
    starts: int = 0
    start_after_s: float = field(default=0.0)
    required: bool = False  # without it there is no server at all
    has_run: bool = False  # it has been up, or died of something else than of not being able to start
    gave_up: bool = False  # it was said that it cannot start
    waits: bool = False  # it was said that it cannot start yet
    pauses_s: tuple[float, ...] = PAUSES_S
    steady_s: float = STEADY_S
    pulse: Pulse | None = None

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    def __init__(
        self,
        parts: list[Part],
        environment: dict[str, str],
        now_s: Callable[[], float] = time.monotonic,
        *,
        run_dir: Path | None = None,
        listeners: Sequence[socket.socket] = (),
        drain_s: float = 0.0,
    ) -> None:
        """``run_dir``: where to write down how the parts stand (`agent.parts_file`). ``listeners`` are closed
        once the server is to stop; ``drain_s``: how long calls may then go on.
        """
        self._parts = parts
        self._environment = environment
        self._now_s = now_s
        self._run_dir = run_dir
        self._told: dict[str, PartState] = {}
        self._listeners = listeners
        self._drain_s = drain_s
        self._stopping = False
        self._hopeless = ""  # the required part that cannot start

    def run(self, *, tick_s: float = 0.1) -> None:
        """Runs until SIGTERM or SIGINT, then ends every part, the web process first. A second signal hurries.

        Raises SettingsError when a part without which there is no server cannot start.
        """
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        while not self._stopping:
            self.look()
            time.sleep(tick_s)
        self._end()
        if self._hopeless:
            raise SettingsError(
                f"{self._hopeless} cannot start: its reason stands above",
                fix="Correct that, then start again; `firstring doctor` checks everything else.",
            )

    def look(self) -> None:
        """Starts what should run and does not."""
        self._look_at(self._parts)

    def _look_at(self, parts: Sequence[Part]) -> None:
        now_s = self._now_s()
        for part in parts:
            if part.running:
                self._feel(part)
                continue
            if part.process is not None:
                self._note_death(part, now_s)
            if now_s >= part.start_after_s:
                self._start(part, now_s)
            elif part.required and part.waits and not part.has_run:
                self._turn_away()
        self._tell()

    def _turn_away(self) -> None:
        """Nobody is on the line yet, and no web process for a while: the carrier follows its fallback at once
        when it is hung up on, and after 15 s when it is left waiting.
        """
        for listener in select.select(self._listeners, (), (), 0)[0]:
            with suppress(OSError):  # who came has gone
                listener.accept()[0].close()

    def _tell(self) -> None:
        """Whoever reads the figures sees how the parts stand."""
        stand = {
            part.name: PartState(part.process.pid if part.process and part.running else 0, part.starts)
            for part in self._parts
        }
        if self._run_dir and stand != self._told:
            parts_file.write(self._run_dir, stand)
            self._told = stand

    def _feel(self, part: Part) -> None:
        """A part that hangs serves nobody: it is ended, and starts again as if it had died."""
        if part.pulse and part.process and part.pulse.hangs():
            print(f"supervisor: {part.name} does not answer; ending it", file=sys.stderr, flush=True)
            part.pulse.reset()
            part.process.kill()

    def _note_death(self, part: Part, now_s: float) -> None:
        lived_s = now_s - part.started_s
        assert part.process is not None
        if part.process.returncode == CANNOT_START:
            self._note_hopeless(part, now_s)
            return
        if part.process.returncode == CANNOT_START_YET:
            self._note_waiting(part, now_s)
            return
        part.has_run, part.gave_up, part.waits = True, False, False
        part.failures = 0 if lived_s > part.steady_s else part.failures + 1
        pause_s = part.pauses_s[min(part.failures, len(part.pauses_s) - 1)]
        print(
            f"supervisor: {part.name} ended with {part.process.returncode} after {lived_s:.1f} s; "
            f"starting it again in {pause_s:.1f} s",
            file=sys.stderr,
            flush=True,
        )
        part.process = None
        part.start_after_s = now_s + pause_s

    def _note_hopeless(self, part: Part, now_s: float) -> None:
        """It has said why it cannot start. Trying again at once would only fill the log."""
        part.process = None
        part.start_after_s = now_s + HOPELESS_PAUSE_S
        if part.required and not part.has_run:
            self._stopping, self._hopeless = True, part.name
        elif not part.gave_up:
            part.gave_up = True
            print(
                f"supervisor: {part.name} cannot start, for the reason above: it is tried once a minute. "
                f"{WITHOUT.get(part.name.partition('-')[0], '')}Run `firstring doctor`.",
                file=sys.stderr,
                flush=True,
            )

    def _note_waiting(self, part: Part, now_s: float) -> None:
        """It has said what it waits for, and does so at each try; what the tries are is said once."""
        part.process = None
        part.failures = part.failures + 1 if part.waits else 0
        part.start_after_s = now_s + yet_pause_s(part.failures)
        if not part.waits:
            without = WITHOUT.get(part.name.partition("-")[0], "").rstrip()
            print(
                f"supervisor: {part.name} cannot start yet, for the reason above: it is tried again, at "
                f"least every {YET_PAUSES_S[-1]:.0f} s. {without}",
                file=sys.stderr,
                flush=True,
            )
        part.waits = True

    def _start(self, part: Part, now_s: float) -> None:
        environment = self._environment if part.environment is None else part.environment
        if part.nursery:
            part.process = part.nursery.start(environment)
        else:
            part.process = subprocess.Popen(part.command, env=environment)
        part.started_s = now_s
        part.starts += 1

    def _stop(self, *_: object) -> None:
        if self._stopping:
            _terminate(self._parts)
        self._stopping = True

    def _end(self) -> None:
        """Who serves goes first, and has its workers until it has gone."""
        for listener in self._listeners:
            listener.close()  # else callers would wait for a process that has closed its own
        serving = [part for part in self._parts if part.required]
        workers = [part for part in self._parts if not part.required]
        draining_s = self._drain_s + MOVE_S if self._drain_s else 0
        self._end_parts(serving, draining_s + STOP_LIMIT_S, meanwhile=workers)
        self._end_parts(workers, STOP_LIMIT_S)

    def _end_parts(self, parts: Sequence[Part], limit_s: float, meanwhile: Sequence[Part] = ()) -> None:
        _terminate(parts)
        deadline_s = self._now_s() + limit_s
        while any(part.running for part in parts) and self._now_s() < deadline_s:
            if self._drain_s:
                self._look_at(meanwhile)
            time.sleep(ENDING_TICK_S)
        for part in parts:
            if part.process:
                part.process.kill()  # no effect on one that has ended
                part.process.wait()
            if part.nursery:
                part.nursery.end()


def _terminate(parts: Sequence[Part]) -> None:
    for part in parts:
        if part.running and part.process:
            part.process.terminate()


def worker_names(settings: Settings) -> list[str]:
    return [*(f"ear-{number + 1}" for number in range(settings.ear_count)), "mind", "mouth"]


def socket_of(settings: Settings, worker: str) -> Path:
    return (settings.run_dir / f"{worker}.sock").resolve()


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A listening socket that the web processes inherit. Raises SettingsError when the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as problem:
        listener.close()
        raise SettingsError(
            f"cannot listen on {host}:{port}: {problem.strerror}",
            fix=f"Stop what uses that port, or set {setting} to another.",
        ) from problem
    listener.listen(BACKLOG)
    listener.set_inheritable(True)
    return listener


def build(settings: Settings, public: socket.socket, private: socket.socket) -> list[Part]:
    python = sys.executable
    fds = (public.fileno(), private.fileno())
    web = Nursery(["--public-fd", str(fds[0]), "--private-fd", str(fds[1])], pass_fds=fds)
    workers = [
        Part(name, [python, "-m", WORKER_PROGRAM, name, "--socket", str(path)], pulse=Pulse(path))
        for name, path in ((name, socket_of(settings, name)) for name in worker_names(settings))
    ]
    private_port = private.getsockname()[1]
    for worker in workers:
        worker.start_after_s = time.monotonic() + WEB_FIRST_S
        worker.environment = part_environment.of_worker(worker.name, settings, private_port)
    required = Part("web", nursery=web, required=True, pauses_s=WEB_PAUSES_S, steady_s=WEB_STEADY_S)
    return [required, *workers]


def serve(settings: Settings, *, announce: Callable[[int, int], None] | None = None) -> None:
    """Runs the whole server with ``settings`` until a signal ends it."""
    without_core_files()
    settings.run_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings_module.with_secrets(settings)  # made once, before the parts ask for them
    if settings.now and not settings.now_at:
        settings = replace(settings, now_at=datetime.now(UTC).isoformat())
    public = listen(settings.host, settings.port, "PORT")
    private = listen(settings.private_host, settings.private_port, "PRIVATE_PORT")
    if announce:
        announce(public.getsockname()[1], private.getsockname()[1])
    Supervisor(
        build(settings, public, private),
        part_environment.of_web(settings, private.getsockname()[1]),
        run_dir=settings.run_dir,
        listeners=(public, private),
        drain_s=settings.drain_s,
    ).run()
