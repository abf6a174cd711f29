"""Medplum's FHIR R4 router, validation and search in memory, as a program of its own beside the tests."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def running_medplum(folder: Path, log: Path) -> Iterator[str]:
    """Its FHIR base address. It prints its port when it listens, and keeps nothing."""
    node = (folder / "node-path").read_text().strip()
    with open(log, "wb") as output:
        command = [node, "server.mjs"]
        with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=output) as process:
            try:
                assert process.stdout is not None
                port = process.stdout.readline().decode().strip()
                if not port:
                    raise RuntimeError("Medplum did not start:\n" + log.read_text()[-2_000:])
                yield f"http://127.0.0.1:{port}/fhir"
            finally:
                process.terminate()
