"""The key file: made once, never overwritten, mode 0600, JSON.

Whoever loses it loses the data: it belongs into every backup, apart from the database.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import secrets
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from models.errors import StorageError, may_pass

KEY_BYTES = 32
FILE_FORMAT = 1


class KeyRingError(StorageError):
    """The key file is missing, unreadable or not ours, or a value was not made with its keys."""

    code = "key-ring"
    fix = "Restore the key file from the backup; without it encrypted data cannot be read."


@dataclass(frozen=True)
class Keys:
    """The content of a key file."""

    active: int
    data: dict[int, bytes]
    index: bytes
    audit: bytes

    def to_bytes(self) -> bytes:
        document = {
            "format": FILE_FORMAT,
            "active": self.active,
            "data_keys": {str(number): _b64(key) for number, key in self.data.items()},
            "index_key": _b64(self.index),
            "audit_key": _b64(self.audit),
        }
        return orjson.dumps(document, option=orjson.OPT_INDENT_2)


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _new_keys() -> Keys:
    def fresh() -> bytes:
        return secrets.token_bytes(KEY_BYTES)

    return Keys(active=1, data={1: fresh()}, index=fresh(), audit=fresh())


def parse(raw: bytes, path: Path) -> Keys:
    """Raises `KeyRingError`, which names ``path``."""
    try:
        document = orjson.loads(raw)
        if document["format"] != FILE_FORMAT:
            raise KeyRingError(f"the key file {path} has an unknown format")
        keys = Keys(
            active=int(document["active"]),
            data={int(number): _key(text) for number, text in document["data_keys"].items()},
            index=_key(document["index_key"]),
            audit=_key(document["audit_key"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyRingError(f"the key file {path} is damaged") from error
    if keys.active not in keys.data:
        raise KeyRingError(f"the key file {path} is damaged: its active key is not in it")
    return keys


def _key(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error
    if len(raw) != KEY_BYTES:
        raise ValueError("wrong length")
    return raw


def read(path: Path) -> Keys:
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o007:
            raise KeyRingError(f"the key file {path} is open to every user", fix=f"Run `chmod 600 {path}`.")
        return parse(path.read_bytes(), path)
    except FileNotFoundError:
        raise KeyRingError(f"the key file {path} does not exist") from None
    except OSError as error:
        problem = f"the key file {path} cannot be read ({error.strerror})"
        raise KeyRingError(problem, may_pass=may_pass(error)) from error


def _write_beside(path: Path, keys: Keys) -> Path:
    """The keys in a synced temporary file in the same folder, mode 0600 from its first byte."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "wb") as file:
        file.write(keys.to_bytes())
        file.flush()
        os.fsync(file.fileno())
    return Path(name)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def create(path: Path) -> None:
    """Put fresh keys at ``path`` unless another process was faster: a key file is never overwritten."""
    try:
        fresh = _write_beside(path, _new_keys())
        try:
            os.link(fresh, path)
        except FileExistsError:
            return
        finally:
            fresh.unlink()
        _sync_folder(path.parent)
    except OSError as error:
        problem = f"the key file {path} cannot be made ({error.strerror})"
        fix = "Check DATA_DIR and its permissions."
        raise KeyRingError(problem, fix=fix, may_pass=may_pass(error)) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time changes the file: of two keys with one number, one would be lost."""
    try:
        folder = os.open(path.parent, os.O_RDONLY)
    except OSError as error:
        raise KeyRingError(f"the key file {path} cannot be read ({error.strerror})") from error
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def overwrite(path: Path, keys: Keys) -> None:
    """Replace the file in one step: a reader meets the old or the new, never half of one."""
    try:
        os.replace(_write_beside(path, keys), path)
        _sync_folder(path.parent)
    except OSError as error:
        raise KeyRingError(f"the key file {path} cannot be written ({error.strerror})") from error
