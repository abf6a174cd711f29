"""The private keys that sign our client assertions, and the public set that a FHIR server checks them by.

https://hl7.org/fhir/smart-app-launch/client-confidential-asymmetric.html (RS384 and ES384),
RFC 7517 (JSON Web Key). A key is one file, ``<kid>.pem``, mode 0600; the newest signs, all are published, so
that a server which has not yet fetched the new one still accepts what the old one signed.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from models.errors import SettingsError

ES384, RS384 = "ES384", "RS384"
RSA_BITS = 3_072  # NIST SP 800-57 part 1: 128 bits of security
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_CURVE = "secp384r1"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """``kid`` begins with the instant it was made, so that names sort by age."""

    kid: str
    algorithm: str
    private: PrivateKey

    def public_jwk(self) -> dict[str, Any]:
        """The public half as a JWK, with what the specification wants beside it."""
        public = self.private.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            jwk = ECAlgorithm.to_jwk(public, as_dict=True)
        else:
            jwk = RSAAlgorithm.to_jwk(public, as_dict=True)
        return {**jwk, "kid": self.kid, "alg": self.algorithm, "use": "sig", "key_ops": ["verify"]}


def make_key(folder: Path, at: datetime, algorithm: str = ES384) -> SigningKey:
    """Make a key that signs from now on. Raises `SettingsError` for an algorithm that SMART does not name."""
    private = _new_private(algorithm)
    kid = f"{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(4)}"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / f"{kid}.pem", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return SigningKey(kid, algorithm, private)


def read_keys(folder: Path) -> list[SigningKey]:
    """Every key of the folder, newest first. Raises `SettingsError` naming the file that is no such key."""
    return [_read(path) for path in _newest_first(folder)]


def newest_key(folder: Path) -> SigningKey:
    """The key that signs now. Raises `SettingsError` when there is none."""
    for path in _newest_first(folder):
        return _read(path)
    raise SettingsError(f"{folder} holds no signing key", fix="`firstring smart-keys --new` makes one.")


def key_set(folder: Path) -> dict[str, Any]:
    """The JSON Web Key Set that is published: public halves only."""
    return {"keys": [key.public_jwk() for key in read_keys(folder)]}


def forget_keys(folder: Path, keep: int) -> list[str]:
    """Remove all but the ``keep`` newest; returns the names that went."""
    old = list(_newest_first(folder))[max(keep, 1) :]
    for path in old:
        path.unlink()
    return [path.stem for path in old]


def _newest_first(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.pem"), key=lambda path: path.stem, reverse=True)


def _new_private(algorithm: str) -> PrivateKey:
    if algorithm == ES384:
        return ec.generate_private_key(ec.SECP384R1())
    if algorithm == RS384:
        return rsa.generate_private_key(public_exponent=65_537, key_size=RSA_BITS)
    raise SettingsError(f"{algorithm!r} is no signing algorithm of SMART", fix=f"Use {ES384} or {RS384}.")


def _read(path: Path) -> SigningKey:
    try:
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as problem:
        raise _unfit(path, f"cannot be read ({type(problem).__name__})") from None
    if isinstance(private, rsa.RSAPrivateKey):
        return SigningKey(path.stem, RS384, private)
    if isinstance(private, ec.EllipticCurvePrivateKey) and private.curve.name == _CURVE:
        return SigningKey(path.stem, ES384, private)
    raise _unfit(path, "is neither an RSA key nor one on curve P-384")


def _unfit(path: Path, why: str) -> SettingsError:
    return SettingsError(
        f"the signing key {path} {why}",
        fix="Put an unencrypted PEM private key there (RSA, or EC P-384), or remove the file and run "
        "`firstring smart-keys --new`.",
    )
