"""What nginx does with the shipped files when a process, or every process, is down."""

from __future__ import annotations

import contextlib
import threading
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
