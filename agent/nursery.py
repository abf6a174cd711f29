"""The nursery: a process that has read all code of the web process, and only forks it when asked.

Reading the code takes seconds, and callers on the line would wait for them after a crash. The nursery has
no threads, no loop, no connections and no patient's data: what it forks starts as cleanly as a new program.
It brings up one web process at a time, and ends when its supervisor does.

Line by line, on its standard input "start"; on a pipe of their own the process' number, and later how it
ended.
"""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import BinaryIO, NoReturn

from agent.garbage import lasting
from agent.workers import die_with_parent

START = b"start\n"
LATER = ("pydantic.v1", "httpcore", "sqlite3", "anyio._backends._asyncio", "fhir.resources.R4B.questionnaire")
POLL_S = 0.02


class Nursery:
    """Its supervisor's side: starts it when it is not there, and asks it for a web process."""

    def __init__(self, arguments: Sequence[str], pass_fds: Sequence[int] = ()) -> None:
        """``arguments``: of the web process. ``pass_fds``: the listeners that it inherits."""
        self._arguments = tuple(arguments)
        self._fds = tuple(pass_fds)
        self._process: subprocess.Popen[bytes] | None = None
        self._ear: BinaryIO | None = None

    def start(self, environment: Mapping[str, str]) -> Born:
        """A web process, as soon as the nursery can fork one. Only when the one before has ended."""
        if self._process is None or self._process.poll() is not None:
            self._begin(environment)
        assert self._process
        assert self._process.stdin
        assert self._ear
        try:
            self._process.stdin.write(START)
        except OSError:  # it has just died: as if what it forks had
            self._process.kill()
        return Born(self._process, self._ear)

    def _begin(self, environment: Mapping[str, str]) -> None:
        self.end()
        ear, mouth = os.pipe()
        command = [sys.executable, "-m", "agent.nursery", str(mouth), *self._arguments]
        self._process = subprocess.Popen(
            command, bufsize=0, env=environment, pass_fds=(*self._fds, mouth), stdin=subprocess.PIPE
        )
        os.close(mouth)
        os.set_blocking(ear, False)
        self._ear = open(ear, "rb", buffering=0)  # noqa: SIM115  # as long as the process lives

    def end(self) -> None:
        """Ends it, and with it what it forked."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._ear):
            if pipe:
                pipe.close()
        self._process = None


class Born:
    """A process that the nursery forks; to the supervisor as one of its own (``subprocess.Popen``)."""

    def __init__(self, nursery: subprocess.Popen[bytes], ear: BinaryIO) -> None:
        """``ear``: what the nursery tells, read without waiting."""
        self._nursery, self._ear = nursery, ear
        self._told = b""
        self.pid = 0  # until it is there
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """None while it runs or is about to; else how it ended, as Popen says it."""
        if self.returncode is None:
            self._listen()
        return self.returncode

    def _listen(self) -> None:
        told = self._ear.read()  # None: nothing yet
        self._told += told or b""
        lines = self._told.split(b"\n")[:-1]
        if lines:
            self.pid = int(lines[0])
        if len(lines) > 1:
            self.returncode = int(lines[1])
        elif told == b"":  # the nursery has died, and what it forked with it
            self.returncode = self._nursery.wait()

    def send_signal(self, signal_number: int) -> None:
        """To one that is not there yet: its nursery ends instead."""
        if self.poll() is not None:
            return
        if self.pid:
            os.kill(self.pid, signal_number)
        else:
            self._nursery.kill()

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Raises subprocess.TimeoutExpired."""
        deadline_s = time.monotonic() + (timeout if timeout is not None else float("inf"))
        while (code := self.poll()) is None:
            if time.monotonic() > deadline_s:
                raise subprocess.TimeoutExpired(self._nursery.args, timeout or 0.0)
            time.sleep(POLL_S)
        return code


def serve(work: Callable[[], None], mouth: int) -> None:
    """Forks ``work`` for each "start", one after the other, and tells ``mouth``. Ends with its input."""
    for _ in sys.stdin.buffer:
        pid = os.fork()
        if pid == 0:
            os.close(mouth)
            _be(work)
        os.write(mouth, b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        os.write(mouth, b"%d\n" % os.waitstatus_to_exitcode(status))


def _be(work: Callable[[], None]) -> NoReturn:
    """The forked process, as if it were a program of its own: it goes when ``work`` does."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        with open(os.devnull, "rb") as nothing:
            os.dup2(nothing.fileno(), 0)
        work()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def main(mouth: int, arguments: list[str]) -> None:
    """Its end is its supervisor's: signals that are sent to all processes are for the others."""
    die_with_parent()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    with lasting():  # and in memory that the forked share with it
        from agent import web
        from dialog.safety import screen

        screen(["hello"])  # the danger catalogue is made ready at its first use
        for module in LATER:  # what libraries would read at theirs
            importlib.import_module(module)
    serve(lambda: web.main(arguments), mouth)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
