"""Where a secret could come out, gathered as bytes by name; what is found is told by place and canary."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.canaries.planted import CANARIES, hits

Surfaces = Mapping[str, bytes]


def leaks(surfaces: Surfaces, canaries: tuple[str, ...] = CANARIES) -> list[str]:
    """Nothing, where all is well."""
    return [f"{canary!r} in {place}" for place, told in surfaces.items() for canary in hits(told, canaries)]


def of_folder(folder: Path) -> dict[str, bytes]:
    """Every file below it, as it lies on the disk, and its name."""
    found = {}
    for path in sorted(folder.rglob("*")):
        with suppress(OSError):  # a socket, or gone meanwhile
            found[str(path.relative_to(folder))] = (
                path.name.encode() + b"\n" + (path.read_bytes() if path.is_file() else b"")
            )
    return found


def of_processes(root: psutil.Process) -> dict[str, bytes]:
    """Arguments and environment of a server and all its parts: whoever may list processes sees the first."""
    found = {}
    for process in (root, *root.children(recursive=True)):
        with suppress(psutil.Error):
            found[f"arguments of {process.pid}"] = " ".join(process.cmdline()).encode()
            found[f"environment of {process.pid}"] = repr(process.environ()).encode()
    return found


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OpenTelemetry collector's door: its address, and what it was sent, headers included."""
    taken: list[bytes] = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            taken.append(f"{self.path} {self.headers}".encode() + self.rfile.read(length))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1/traces", taken
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
