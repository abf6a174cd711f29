"""Prism, an OpenAPI validator, over Twilio's own description of its REST API.

Alone it answers every valid request from the description's examples; in front of the double it hands
valid requests on and judges the answers too. What breaks the description is answered with an error.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.local_server import free_port

START_LIMIT_S = 60.0
FORM = "application/x-www-form-urlencoded"
PAGE_PATHS = {"uri", "first_page_uri", "next_page_uri", "previous_page_uri"}


def patched(description: dict[str, Any]) -> dict[str, Any]:
    """The description without two faults of its own, which would refuse what Twilio's client sends and gets.

    List fields of forms travel as repeated fields, which it leaves out (``StatusCallbackEvent=initiated&
    StatusCallbackEvent=completed``); and it calls the paths between pages of a list full addresses,
    against its own examples.
    """
    for path in description["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "responses" in operation:  # the rest are remarks
                _repeat_lists(operation.get("requestBody", {}).get("content", {}).get(FORM))
                _allow_paths(operation["responses"])
    return description


def _repeat_lists(form: dict[str, Any] | None) -> None:
    fields = form["schema"].get("properties", {}) if form else {}
    lists = [name for name, field in fields.items() if field.get("type") == "array"]
    if form and lists:
        form["encoding"] = {name: {"style": "form", "explode": True} for name in lists}


def _allow_paths(responses: dict[str, Any]) -> None:
    for response in responses.values():
        for content in response.get("content", {}).values():
            for name, field in content["schema"].get("properties", {}).items():
                if name in PAGE_PATHS:
                    field.pop("format", None)


@contextlib.contextmanager
def running_prism(folder: Path, description: Path, log: Path, upstream: str = "") -> Iterator[str]:
    """Its address. With ``upstream`` valid requests go there, else Prism answers them itself."""
    port = free_port()
    node = (folder / "node-path").read_text().strip()
    program = folder / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    mode = ["proxy" if upstream else "mock", "--errors", "-h", "127.0.0.1", "-p", str(port)]
    command = [node, str(program), *mode, str(description), *([upstream] if upstream else [])]
    with open(log, "wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            _wait(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1.0):
            return
        time.sleep(0.05)
    raise RuntimeError("Prism did not start:\n" + log.read_text()[-2_000:])


def write_description(source: Path, target: Path) -> Path:
    target.write_text(json.dumps(patched(json.loads(source.read_text()))))
    return target
