"""What stands first in a backup's archive: what it holds, of when, and the signature over that."""

from __future__ import annotations

import hmac
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from agent.custody.files import KeepingError, damaged
from models import snapshot
from models.keyring import KeyRing
from models.snapshot import State

FORMAT = 1
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
DATABASE = "database.sqlite"
RECORDINGS, SECRETS = "recordings", "secrets"  # folders of the data folder
TABLES, DATA, SETTINGS = "tables/", "data/", "settings/"  # folders in the archive


@dataclass(frozen=True)
class Manifest:
    """``members``: name -> bytes and sha256. ``gone``: files that were removed while the copy was made."""

    made_at: datetime
    version: str
    engine: str
    active_key: int
    state: State
    members: Mapping[str, Mapping[str, Any]]
    gone: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        body = {
            "format": FORMAT,
            "made_at": self.made_at.isoformat(),
            "version": self.version,
            "engine": self.engine,
            "active_key": self.active_key,
            "state": snapshot.to_json(self.state),
            "members": self.members,
            "gone": list(self.gone),
        }
        return orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)


def signed(content: bytes, ring: KeyRing) -> str:
    return ring.sign(b"backup\0" + content)


@dataclass(frozen=True)
class Read:
    """A manifest as it stands in an archive, its signature not looked at yet."""

    manifest: Manifest
    content: bytes
    signature: str

    def check(self, ring: KeyRing) -> None:
        """Raises `KeepingError` when it was not made with these keys."""
        if not hmac.compare_digest(signed(self.content, ring), self.signature):
            raise KeepingError(
                "the backup was made with other keys, or its list was altered",
                fix="Give the copy of the keys that belongs to it.",
            )


def read(archive: zipfile.ZipFile) -> Read:
    """Raises `KeepingError` for an archive that is none of ours, or of a newer version."""
    try:
        content, signature = archive.read(MANIFEST), archive.read(SIGNATURE).decode()
        body = orjson.loads(content)
    except (KeyError, zipfile.BadZipFile, UnicodeDecodeError, orjson.JSONDecodeError) as problem:
        raise damaged("it has no list of what it holds") from problem
    if body.get("format") != FORMAT:
        raise KeepingError("the backup is of another format", fix="Restore it with the version that made it.")
    return Read(_manifest(body), content, signature)


def _manifest(body: Mapping[str, Any]) -> Manifest:
    try:
        return Manifest(
            made_at=datetime.fromisoformat(body["made_at"]),
            version=body["version"],
            engine=body["engine"],
            active_key=body["active_key"],
            state=snapshot.from_json(body["state"]),
            members=body["members"],
            gone=tuple(body["gone"]),
        )
    except (KeyError, TypeError, ValueError) as problem:
        raise damaged("its list cannot be read") from problem
