"""The key ring: what personal data is encrypted with, looked up by and signed with.

Its file holds versioned data keys (AES-256-GCM), the index key behind blind look-ups and the audit
key. `KeyRing.rotate` adds a data key; old ones stay, so old rows still open.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
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
SEALED_EXTRA = HEADER_BYTES + NONCE_BYTES + 16  # bytes that sealing adds: also AES-GCM's tag


class KeyRing:
    """Encrypts, decrypts, blinds and signs with the keys of one file. Safe to share between threads."""

    def __init__(self, path: Path, keys: Keys) -> None:
        self._path = path
        self._keys = keys
        self._ciphers = {number: AESGCM(key) for number, key in keys.data.items()}
        self._lock = threading.Lock()

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
        header = bytes((MESSAGE_FORMAT,)) + self._keys.active.to_bytes(2, "big")
        nonce = secrets.token_bytes(NONCE_BYTES)
        return header + nonce + self._ciphers[self._keys.active].encrypt(nonce, plain, header + aad)

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

    def rotate(self) -> int:
        """Add a data key and use it from now on; returns its number.

        Other processes learn of it when they meet a value sealed with it.
        """
        with self._lock:
            keys = keyfile.read(self._path)
            number = max(keys.data) + 1
            fresh = {**keys.data, number: secrets.token_bytes(KEY_BYTES)}
            rotated = replace(keys, active=number, data=fresh)
            keyfile.overwrite(self._path, rotated)
            self._adopt(rotated)
            return number

    def _adopt(self, keys: Keys) -> None:
        self._ciphers = {number: AESGCM(key) for number, key in keys.data.items()}
        self._keys = keys

    def _cipher(self, number: int) -> AESGCM:
        if number not in self._ciphers:
            with self._lock:
                self._adopt(keyfile.read(self._path))  # another process may have rotated
        if number not in self._ciphers:
            raise KeyRingError(f"data key {number} is not in the key file {self._path}")
        return self._ciphers[number]


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
