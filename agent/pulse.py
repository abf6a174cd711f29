"""Finds a worker that hangs: its process lives, but nothing answers on its socket any more."""

from __future__ import annotations

import pickle
import socket
import time
from collections.abc import Callable
from pathlib import Path

from agent.workers import HEADER

EVERY_S = 2.0
LIMIT_S = 15.0  # loading a model can hold up even the thread that answers
_MAX_ANSWER_BYTES = 4_096


class Pulse:
    """Asks a worker whether it is ready, and never waits for the answer."""

    def __init__(self, path: Path, now_s: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._now_s = now_s
        self._socket: socket.socket | None = None
        self._asked_s: float | None = None  # and not answered yet
        self._next_s = 0.0

    def hangs(self) -> bool:
        """To be called now and then: True once a question has been left unanswered for too long."""
        try:
            self._listen()
            self._ask()
        except BlockingIOError:
            pass  # no answer yet
        except OSError:  # not there yet, or gone: then its process tells
            self.reset()
        return self._asked_s is not None and self._now_s() - self._asked_s > LIMIT_S

    def reset(self) -> None:
        """The worker was started anew."""
        if self._socket:
            self._socket.close()
        self._socket, self._asked_s = None, None

    def _listen(self) -> None:
        if self._socket and self._asked_s is not None:
            if not self._socket.recv(_MAX_ANSWER_BYTES):
                raise ConnectionError("the worker closed the line")
            self._asked_s = None

    def _ask(self) -> None:
        if self._now_s() < self._next_s:
            return
        self._next_s = self._now_s() + EVERY_S
        if self._socket is None:
            self._socket = self._connected()
        question = pickle.dumps((0, "ready", ()))
        self._socket.send(HEADER.pack(len(question)) + question)
        self._asked_s = self._now_s()

    def _connected(self) -> socket.socket:
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        line.setblocking(False)
        try:
            line.connect(str(self._path))
        except OSError:
            line.close()
            raise
        return line
