"""What nginx does with the shipped files when a process, or every process, is down."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from agent.excess import NOBODY
from agent.local_server import free_port
from agent.settings import Settings
from tests.machines.balancer import LAST_RESORT, Balancer, running_nginx

REQUESTS = 4  # two for each process


class _Counting(BaseHTTPRequestHandler):
    """Webhooks are answered at once, streams when they are over."""

    server: _Process

    def do_GET(self) -> None:
        if self.path.startswith("/twilio/media/"):
            self.server.streams.append(self.path)
            self.server.over.wait(30)
        self.send_response(204)
        self.end_headers()

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


class _Process(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counting)
        self.streams: list[str] = []
        self.over = threading.Event()

    def settings(self) -> Settings:
        return Settings(port=self.server_port, private_port=self.server_port)


class _Echo(BaseHTTPRequestHandler):
    """Answers with the address that it was told the request came from."""

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said = (self.headers.get("X-Forwarded-For") or "").encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def one_up(nginx: str, folder: Path) -> Iterator[Balancer]:
    """nginx before two processes, of which one answers and nobody listens where the other was."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_port
    try:
        with running_nginx(nginx, folder, [Settings(port=port, private_port=port), down()]) as balancer:
            yield balancer
    finally:
        server.shutdown()
        server.server_close()


def down() -> Settings:
    return Settings(port=free_port(), private_port=free_port())


@pytest.mark.parametrize("path", ["/twilio/sms", "/twilio/voice", "/twilio/status"])
def test_whatever_the_carrier_asks_of_a_dead_process_reaches_the_other(
    nginx: str, tmp_path: Path, path: str
) -> None:
    with one_up(nginx, tmp_path) as balancer:
        url = f"http://127.0.0.1:{balancer.public_port}{path}"
        answers = [httpx.post(url, data={"Body": "STOP"}, timeout=30) for _ in range(REQUESTS)]
    assert [(answer.status_code, answer.text) for answer in answers] == [(200, "")] * REQUESTS


def test_a_browser_cannot_choose_its_own_address(nginx: str, tmp_path: Path) -> None:
    with one_up(nginx, tmp_path) as balancer:
        answer = httpx.get(balancer.private_url, headers={"X-Forwarded-For": "203.0.113.9"}, timeout=30)
    assert answer.text == "127.0.0.1"


def test_where_no_process_answers_only_a_caller_hears_the_practice_ring(nginx: str, tmp_path: Path) -> None:
    with running_nginx(nginx, tmp_path, [down(), down()]) as balancer:

        def told(path: str) -> str:
            return httpx.post(f"http://127.0.0.1:{balancer.public_port}/twilio/{path}", timeout=30).text

        for path in ("voice", "resume", "wait/q1"):
            assert f"<Dial>{LAST_RESORT}</Dial>" in told(path)
        for path in ("line/unanswered", "busy/dialled"):  # it has rung, or would bring them back
            assert "<Dial" not in told(path)
            assert f"<Say>{NOBODY}</Say>" in told(path)
        for path in ("page/p1", "staff/s1", "key/s1"):  # somebody of the staff, rung by us
            assert "<Dial" not in told(path)
            assert "<Hangup/>" in told(path)


def test_streams_go_to_the_process_with_the_fewest(nginx: str, tmp_path: Path) -> None:
    """In turn with the webhooks, one of two processes would get every stream."""
    processes = [_Process(), _Process()]
    for process in processes:
        threading.Thread(target=process.serve_forever, daemon=True).start()
    try:
        with running_nginx(nginx, tmp_path, [each.settings() for each in processes]) as balancer:
            base = f"http://127.0.0.1:{balancer.public_port}/twilio"
            ended = _calls(base, 4, processes)
            assert [len(process.streams) for process in processes] == [2, 2]
            processes[0].over.set()
            assert ended.acquire(timeout=30)
            assert ended.acquire(timeout=30)
            processes[0].over.clear()
            _calls(base, 2, processes)
            assert [len(process.streams) for process in processes] == [4, 2], "the first has none by now"
    finally:
        for process in processes:
            process.over.set()
            process.shutdown()
            process.server_close()


def _calls(base: str, count: int, processes: list[_Process]) -> threading.Semaphore:
    """One after the other: the webhook, then a stream that stays. Released once for each that has ended."""
    ended, before = threading.Semaphore(0), sum(len(process.streams) for process in processes)
    for call in range(count):
        assert httpx.post(f"{base}/voice", timeout=30).status_code == 204
        threading.Thread(target=_stream, args=(f"{base}/media/{call}", ended), daemon=True).start()
        until = time.monotonic() + 30
        while sum(len(process.streams) for process in processes) <= before + call:
            assert time.monotonic() < until, "the stream reached no process"
            time.sleep(0.01)
    return ended


def _stream(url: str, ended: threading.Semaphore) -> None:
    with contextlib.suppress(httpx.HTTPError):
        httpx.get(url, timeout=60)
        ended.release()
