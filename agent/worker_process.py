"""One worker process: ``python -m agent.worker_process NAME --socket PATH``."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
from collections.abc import Callable
from pathlib import Path

from agent import logs, settings
from agent.settings import Settings
from agent.starting import starting
from agent.worker_services import worker_service
from agent.workers import Service, die_with_parent, serve


def main(
    arguments: list[str] | None = None, service_of: Callable[[str, Settings], Service] = worker_service
) -> None:
    parser = argparse.ArgumentParser(prog="agent.worker_process")
    parser.add_argument("kind")
    parser.add_argument("--socket", type=Path, required=True)
    options = parser.parse_args(arguments)
    die_with_parent()
    logs.configure()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the supervisor's to handle
    with starting(options.kind):
        service = service_of(options.kind, settings.load())
    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(serve(service, options.socket, name=options.kind))


if __name__ == "__main__":
    main()
