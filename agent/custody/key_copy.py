"""A copy of the server's secrets, wrapped under a passphrase: what a backup cannot be read without.

It is a file of its own, never a part of the archive: who finds the one has nothing without the other.
scrypt (RFC 7914) makes a key of the passphrase, AES-256-GCM seals the files of DATA_DIR/secrets with it.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from agent.custody.files import OWNER_ONLY, KeepingError, whole_file
from models import keyfile
from models.keyring import KeyRing

FORMAT = "firstring-keys-1"
COST, BLOCK, LANES = 2**16, 8, 1  # 64 MiB and about a quarter of a second a guess
SHORTEST = 12  # letters of a passphrase
PASSPHRASE = "FIRSTRING_BACKUP_PASSPHRASE"
KEYS = "keys"  # the file of the key ring, among the secrets


def passphrase_of(environ: Mapping[str, str] = os.environ) -> str:
    """From the environment or a file that it names; never from the command line, which others can see.

    "" when there is none. Raises `KeepingError` for one that is too short or cannot be read.
    """
    found = environ.get(PASSPHRASE, "")
    named = environ.get(f"{PASSPHRASE}_FILE", "")
    if not found and named:
        try:
            found = Path(named).read_text().strip()
        except (OSError, UnicodeDecodeError) as problem:
            raise KeepingError(f"{PASSPHRASE}_FILE names {named}, which cannot be read") from problem
    if found and len(found) < SHORTEST:
        raise KeepingError(f"{PASSPHRASE} is too short", fix=f"Use {SHORTEST} letters or more.")
    return found


def write_keys(secrets_folder: Path, target: Path, passphrase: str) -> None:
    """All files of ``secrets_folder``, sealed, into ``target``. Raises `KeepingError`."""
    files = {
        str(path.relative_to(secrets_folder)): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(secrets_folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, orjson.dumps(files), FORMAT.encode())
    document = {"format": FORMAT, "salt": salt.hex(), "nonce": nonce.hex(), "sealed": sealed.hex()}
    with whole_file(target) as file:
        file.write(orjson.dumps(document))


def read_keys(source: Path, passphrase: str) -> dict[str, bytes]:
    """Name and content of each secret: of a wrapped copy, a folder, or a bare key file.

    Raises `KeepingError` for a wrong passphrase, or a file that is none of these.
    """
    try:
        if source.is_dir():
            found = (path for path in source.rglob("*") if path.is_file())
            return {str(path.relative_to(source)): path.read_bytes() for path in found}
        content = source.read_bytes()
    except OSError as problem:
        raise KeepingError(f"the keys {source} cannot be read ({problem.strerror})") from problem
    try:
        document = orjson.loads(content)
        return _unwrapped(document, passphrase) if document.get("format") == FORMAT else {KEYS: content}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeepingError(f"{source} holds no keys of ours") from None


def ring_of(source: Path, passphrase: str) -> KeyRing:
    """The key ring that `read_keys` finds, to look with: nothing is written.

    Raises `KeepingError` and `KeyRingError`.
    """
    content = read_keys(source, passphrase).get(KEYS)
    if content is None:
        raise KeepingError(f"{source} holds no keys of ours")
    return KeyRing(source, keyfile.parse(content, source))


def _unwrapped(document: Mapping[str, str], passphrase: str) -> dict[str, bytes]:
    if not passphrase:
        raise KeepingError(f"the keys are wrapped, and {PASSPHRASE} is not set", fix=f"Set {PASSPHRASE}.")
    salt, nonce, sealed = (bytes.fromhex(document[name]) for name in ("salt", "nonce", "sealed"))
    try:
        plain = AESGCM(_stretched(passphrase, salt)).decrypt(nonce, sealed, FORMAT.encode())
    except InvalidTag:
        raise KeepingError("the passphrase does not open these keys", fix="Give the right one.") from None
    return {name: base64.b64decode(text) for name, text in orjson.loads(plain).items()}


def put_secrets(files: Mapping[str, bytes], folder: Path) -> None:
    """Into a folder that only this user may enter. A bare key file goes without the other secrets."""
    folder.mkdir(mode=0o700, parents=True)
    for name, content in files.items():
        path = (folder / name).resolve()
        if folder.resolve() not in path.parents:
            raise KeepingError("the copy of the keys names a file outside of its folder")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _stretched(passphrase: str, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=COST, r=BLOCK, p=LANES).derive(passphrase.encode())
