"""Several processes of one practice, and speech workers on other machines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from agent.doctor.findings import Finding, fail, ok, warn
from agent.machine_settings import LEAST_TOKEN, check_machines, worker_addresses
from agent.settings import LOOPBACK, Settings

SETTINGS = ("siblings", "drain_s", "secrets_dir", "recordings_dir", "speech_workers", "speech_worker_token")
CHECK = "other machines"


def machines(chosen: Settings) -> Iterator[Finding]:
    """What all processes must have in common is there, and nothing is set that has no effect."""
    check_machines(chosen)
    found = [*_shared(chosen), *_token(chosen), *_in_clear(chosen)]
    yield from found or [ok(CHECK, _standing(chosen))]


def _shared(chosen: Settings) -> Iterator[Finding]:
    for key, folder in (("SECRETS_DIR", chosen.secrets_dir), ("RECORDINGS_DIR", chosen.recordings_dir)):
        if folder is not None and not folder.is_dir():
            yield _missing(key, folder)
        elif folder is None and chosen.siblings:
            yield warn(
                CHECK,
                f"SIBLINGS is true, and {key} is not set: is DATA_DIR shared?",
                f"Name a folder that all processes have in {key}: recordings that a process does not find "
                "count as removed, and streams opened with another's secrets are refused.",
            )


def _missing(key: str, folder: Path) -> Finding:
    fix = "Mount it, or make it for the server's user, mode 700."
    return fail(CHECK, f"{key} {folder} is not there", fix)


def _token(chosen: Settings) -> Iterator[Finding]:
    if chosen.speech_worker_token and len(chosen.speech_worker_token) < LEAST_TOKEN:
        yield warn(
            CHECK,
            f"SPEECH_WORKER_TOKEN has fewer than {LEAST_TOKEN} characters",
            "Make one by `openssl rand -hex 32`, the same for every server and worker.",
        )


def _in_clear(chosen: Settings) -> Iterator[Finding]:
    """The token never crosses the wire; callers' voices do."""
    for address in worker_addresses(chosen):
        parts = urlsplit(address)
        if parts.scheme == "ws" and parts.hostname not in LOOPBACK:
            yield warn(
                CHECK,
                f"callers' voices go to {parts.hostname} unencrypted",
                "Write wss:// and put a proxy with TLS before the speech worker, unless the network between "
                "encrypts (WireGuard).",
            )


def _standing(chosen: Settings) -> str:
    others = len(worker_addresses(chosen))
    serving = (
        "others serve this practice too" if chosen.siblings else "this process serves the practice alone"
    )
    return f"{serving}; {others} speech workers elsewhere" if others else serving
