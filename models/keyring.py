"""The key ring: what personal data is encrypted with, looked up by and signed with.

Its file holds versioned data keys (AES-256-GCM), the index key behind blind look-ups and the audit
key. `KeyRing.rotate` adds a data key; old ones stay, so old rows still open.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import secrets
import threading
import time
from contextvars import ContextVar
from dataclasses import replace
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models import keyfile
from models.keyfile import KEY_BYTES, KeyRingError, Keys

NONCE_BYTES = 12  # NIST SP 800-38D section 8.2: 96 bits, here random
MESSAGE_FORMAT = 1
HEADER_BYTES = 3  # message format, key id (two bytes, big-endian)
LOOK_EVERY_S = 1.0  # whether another process has changed the key file
SEALED_EXTRA = HEADER_BYTES + NONCE_BYTES + 16  # bytes that sealing adds: also AES-GCM's tag


def header_of(key: int) -> bytes:
    """How everything begins that this data key has sealed."""
    return bytes((MESSAGE_FORMAT,)) + key.to_bytes(2, "big")


def key_of(sealed: bytes) -> int:
    """The number of the data key that sealed it. Raises `KeyRingError` for what is none of ours."""
    header, _, _ = _split(sealed)
    return int.from_bytes(header[1:], "big")


class KeyRing:
    """Encrypts, decrypts, blinds and signs with the keys of one file. Safe to share between threads."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self._path = path
        self._adopt(keys)
        self._lock = threading.Lock()
        self._stamp, self._look_at = (0, 0), time.monotonic() + LOOK_EVERY_S

    @classmethod
    def load_or_create(cls, path: Path) -> KeyRing:
        """The ring at ``path``, made there first when there is none. Raises `KeyRingError`."""
        if not path.exists():
            keyfile.create(path)
        return cls.load(path)

    @classmethod
    def load(cls, path: Path) -> KeyRing:
        """The ring at ``path``; raises `KeyRingError` when it is missing or damaged."""
        return cls(path, keyfile.read(path))

    @property
    def active_key(self) -> int:
        return self._keys.active

    def encrypt(self, plain: bytes, aad: bytes) -> bytes:
        """``plain`` sealed with the active key and bound to ``aad`` (b"table.column")."""
        self._take_up()
        active, cipher = self._sealing
        header, nonce = header_of(active), secrets.token_bytes(NONCE_BYTES)
        return header + nonce + cipher.encrypt(nonce, plain, header + aad)

    def decrypt(self, sealed: bytes, aad: bytes) -> bytes:
        """What `encrypt` was given. Raises `KeyRingError` for an altered, moved or foreign value."""
        header, nonce, body = _split(sealed)
        cipher = self._cipher(int.from_bytes(header[1:], "big"))
        try:
            return cipher.decrypt(nonce, body, header + aad)
        except InvalidTag:
            place = aad.decode("ascii", "replace")
            raise KeyRingError(f"a value in {place} was altered or made with another key file") from None

    def blind(self, purpose: str, value: str) -> str:
        """A keyed fingerprint: equal values give equal hex, and nobody without the file can guess back."""
        message = purpose.encode() + b"\0" + value.encode()
        return hmac.new(self._keys.index, message, hashlib.sha256).hexdigest()

    def sign(self, message: bytes) -> str:
        """The audit key's HMAC-SHA256 of ``message``, hex."""
        return hmac.new(self._keys.audit, message, hashlib.sha256).hexdigest()

    @property
    def key_numbers(self) -> list[int]:
        return sorted(self._keys.data)

    def rotate(self) -> int:
        """Use a new data key from now on: one that `prepare` has added, or one added now; its number.

        Other processes take it up within `LOOK_EVERY_S`, or when they meet a value sealed with it.
        """
        with self._lock, keyfile.locked(self._path):
            keys = _with_one_more(keyfile.read(self._path))
            self._overwrite(replace(keys, active=max(keys.data)))
            return self._keys.active

    def prepare(self) -> int:
        """Add a data key and do not use it yet, so that every machine may have it first; its number."""
        with self._lock, keyfile.locked(self._path):
            self._overwrite(_with_one_more(keyfile.read(self._path)))
            return max(self._keys.data)

    def drop_old(self) -> list[int]:
        """Forget every data key but the active one; which. What they sealed cannot be read any more."""
        with self._lock, keyfile.locked(self._path):
            keys = keyfile.read(self._path)
            self._overwrite(replace(keys, data={keys.active: keys.data[keys.active]}))
            return sorted(set(keys.data) - {keys.active})

    def _overwrite(self, keys: Keys) -> None:
        keyfile.overwrite(self._path, keys)
        self._adopt(keys)

    def _take_up(self) -> None:
        """The key file as another process has changed it; if it cannot be read, nothing."""
        if time.monotonic() < self._look_at:
            return
        with self._lock:  # who comes meanwhile waits: the key that was active may be dropped already
            if time.monotonic() < self._look_at:
                return
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                with contextlib.suppress(KeyRingError):
                    self._adopt(keyfile.read(self._path))
                    self._stamp = stamp
            self._look_at = time.monotonic() + LOOK_EVERY_S

    def _adopt(self, keys: Keys) -> None:
        self._ciphers = {number: AESGCM(key) for number, key in keys.data.items()}
        self._sealing = keys.active, self._ciphers[keys.active]
        self._keys = keys

    def _cipher(self, number: int) -> AESGCM:
        if number not in self._ciphers:
            with self._lock:
                self._adopt(keyfile.read(self._path))  # another process may have rotated
        if number not in self._ciphers:
            raise KeyRingError(f"data key {number} is not in the key file {self._path}")
        return self._ciphers[number]


def _with_one_more(keys: Keys) -> Keys:
    """With a data key that is newer than the active one."""
    if max(keys.data) > keys.active:
        return keys
    return replace(keys, data={**keys.data, keys.active + 1: secrets.token_bytes(KEY_BYTES)})


def _stamp(path: Path) -> tuple[int, int]:
    """Another one after each change of the file; (0, 0) while it is not there."""
    try:
        about = path.stat()
    except OSError:
        return (0, 0)
    return about.st_ino, about.st_mtime_ns


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    if len(sealed) < HEADER_BYTES + NONCE_BYTES or sealed[0] != MESSAGE_FORMAT:
        raise KeyRingError("a stored value is not one of ours")
    end = HEADER_BYTES + NONCE_BYTES
    return sealed[:HEADER_BYTES], sealed[HEADER_BYTES:end], sealed[end:]


# One ring serves a process; a storage's own threads carry theirs, so that two storages may live side by side.
_process_ring: KeyRing | None = None
_thread_ring: ContextVar[KeyRing | None] = ContextVar("keyring", default=None)


def use_keyring(keyring: KeyRing) -> None:
    """Set the process's key ring for the encrypted column types."""
    global _process_ring
    _process_ring = keyring


def use_keyring_here(keyring: KeyRing) -> None:
    """Set the key ring for the current thread or task only; it goes before the process's."""
    _thread_ring.set(keyring)


def current_keyring() -> KeyRing:
    """The ring in use. Raises `KeyRingError` when none was set."""
    ring = _thread_ring.get() or _process_ring
    if ring is None:
        raise KeyRingError("no key ring is in use", fix="Open the database through models.storage.Storage.")
    return ring
