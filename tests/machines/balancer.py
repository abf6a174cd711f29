"""A real nginx with the files of deploy/nginx before processes of this machine, without TLS."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.local_server import LocalServer, free_port
from agent.settings import Settings

SHIPPED = Path(__file__).parent.parent.parent / "deploy" / "nginx"
START_LIMIT_S = 20.0
LAST_RESORT = "+16175550999"  # whom nginx has dialled where no process answers
WHOLE = """
daemon off;
{user}
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/firstring-upstreams.conf;
    server {{ listen 127.0.0.1:{public}; include {shipped}/firstring-public.conf; }}
    server {{ listen 127.0.0.1:{private}; include {shipped}/firstring-private.conf; }}
}}
"""


UNPACKED = SHIPPED.parent.parent / ".peers" / "nginx" / "usr" / "sbin"


def nginx_program() -> str | None:
    """That of scripts/nginx.sh, or the machine's own: Debian keeps it where only root's shell looks."""
    return (
        shutil.which("nginx", path=str(UNPACKED))
        or shutil.which("nginx")
        or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    )


@dataclass(frozen=True)
class Balancer:
    public_port: int
    private_port: int

    @property
    def private_url(self) -> str:
        return f"http://127.0.0.1:{self.private_port}"

    def before(self, server: LocalServer) -> LocalServer:
        """The same server as it is seen through here."""
        return LocalServer(through(server.settings, self), server.process)


def through(settings: Settings, balancer: Balancer) -> Settings:
    from dataclasses import replace

    return replace(settings, port=balancer.public_port, private_port=balancer.private_port)


@contextlib.contextmanager
def running_nginx(program: str, folder: Path, processes: Sequence[Settings]) -> Iterator[Balancer]:
    """Serves from when it listens to the end of the block; its log lies in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    balancer = Balancer(free_port(), free_port())
    (folder / "firstring-upstreams.conf").write_text(_upstreams(processes))
    (folder / "nginx.conf").write_text(
        WHOLE.format(
            user="user root;" if os.geteuid() == 0 else "",
            folder=folder,
            shipped=SHIPPED,
            public=balancer.public_port,
            private=balancer.private_port,
        )
    )
    command = [program, "-c", str(folder / "nginx.conf"), "-e", str(folder / "start.log"), "-p", str(folder)]
    process = subprocess.Popen(command)
    try:
        _wait(process, balancer.public_port)
        yield balancer
    finally:
        process.terminate()
        process.wait(20)


def _upstreams(processes: Sequence[Settings]) -> str:
    """The shipped file, with these processes in the place of its addresses."""
    text = (SHIPPED / "firstring-upstreams.conf").read_text()
    for shipped_host, settings in zip(("10.0.0.11", "10.0.0.12"), processes, strict=True):
        text = text.replace(f"{shipped_host}:8080", f"127.0.0.1:{settings.port}")
        text = text.replace(f"{shipped_host}:8081", f"127.0.0.1:{settings.private_port}")
    return text.replace('default "+16175550100"', f'default "{LAST_RESORT}"')


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline_s and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.05)
    raise AssertionError(f"nginx does not listen (exit {process.poll()})")
