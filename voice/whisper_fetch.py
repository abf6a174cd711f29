"""Whisper's published weights, fetched by openai-whisper's own download: progress, hash, then in place.

The package writes straight to the final name and leaves half a file there when the line breaks. Here it
writes into a folder of its own beside the cache; only a whole file with the right hash is moved over, so
what lies in the cache is always good, and a broken download starts anew.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import socket
import tempfile
import urllib.error
import urllib.request
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from models.errors import FirstringError
from voice.whisper_weights import cache_folder

_STALLED_S: Final = 30.0
_SPARE_BYTES: Final = 64 * 2**20
_CARRY: Final = (
    "On a machine with internet run the same command, then copy the .pt file here (docs/operate.md)."
)
_ROOM: Final = "Free space there, or set XDG_CACHE_HOME to a folder on another disk."


class FetchError(FirstringError):
    """Weights were not fetched; what was in the cache is as it was."""

    code = "fetch-speech"
    fix = _CARRY


def published() -> Mapping[str, str]:
    """Name -> address of every model that this openai-whisper knows; the hash is in the address."""
    import whisper

    addresses: Mapping[str, str] = whisper._MODELS
    return addresses


def fetch(name: str, models: Mapping[str, str], folder: Path | None = None) -> Path:
    """Path of the weights, fetched unless they are there already and whole. Progress on stderr.

    ``models``: as ``published``. Raises FetchError naming what failed, and leaves nothing behind.
    """
    if name not in models:
        raise FetchError(f"there is no Whisper model {name!r}", fix=f"One of: {', '.join(models)}.")
    folder, address = folder or cache_folder(), models[name]
    target = folder / Path(address).name
    if _is(target, hash_in(address)):
        return target
    with _named_faults(name, address, folder), _own_folder(folder) as own:
        _check_room(address, own)
        _download(address, own).replace(target)
    return target


def from_mirror(models: Mapping[str, str], base: str) -> dict[str, str]:
    """The same models from another server, which keeps each as ``HASH/NAME.pt``."""
    return {name: "/".join((base.rstrip("/"), *address.split("/")[-2:])) for name, address in models.items()}


def hash_in(address: str) -> str:
    return address.split("/")[-2]


def _is(path: Path, sha256: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


@contextmanager
def _own_folder(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    own = Path(tempfile.mkdtemp(prefix=".fetching-", dir=folder))
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(_STALLED_S)  # the package sets none
    try:
        yield own
    finally:
        socket.setdefaulttimeout(before)
        shutil.rmtree(own, ignore_errors=True)


def _check_room(address: str, folder: Path) -> None:
    with urllib.request.urlopen(urllib.request.Request(address, method="HEAD")) as answer:
        size = int(answer.headers.get("Content-Length") or 0)
    if not size:
        raise FetchError(
            f"{address} does not say how large it is", fix="Is there a proxy in between? " + _CARRY
        )
    free = shutil.disk_usage(folder).free
    if free < size + _SPARE_BYTES:
        raise FetchError(
            f"{size / 2**20:.0f} MiB are needed in {folder.parent}, {free / 2**20:.0f} MiB are free",
            fix=_ROOM,
        )


def _download(address: str, folder: Path) -> Path:
    import whisper

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the package leaves its file open
        return Path(whisper._download(address, str(folder), in_memory=False))


@contextmanager
def _named_faults(name: str, address: str, folder: Path) -> Iterator[None]:
    try:
        yield
    except urllib.error.HTTPError as problem:
        problem.close()
        raise FetchError(f"{address} was refused: {problem.code} {problem.reason}") from problem
    except (urllib.error.URLError, TimeoutError, ConnectionError) as problem:
        reason = getattr(problem, "reason", problem)
        raise FetchError(f"{name} cannot be fetched from {address}: {reason}") from problem
    except OSError as problem:
        full = problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        what = "no room is left" if full else (problem.strerror or str(problem))
        raise FetchError(f"cannot write to {folder}: {what}", fix=_ROOM) from problem
    except RuntimeError as problem:  # the package's word for a wrong hash
        raise FetchError(
            f"{name} arrived incomplete or altered: its SHA-256 is not {hash_in(address)}",
            fix="Run the command again; if this repeats, something between here and the server alters it.",
        ) from problem
