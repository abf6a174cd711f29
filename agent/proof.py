"""A server shows that it is the one of this data folder: an HMAC of a challenge, with a secret of its own.

So `firstring doctor` can tell our server, seen through proxies, from any other that answers. It reveals
nothing: the secret serves for nothing else.
"""

from __future__ import annotations

import hmac
import secrets

from agent.settings import Settings, own_secret

CHALLENGE = "x-firstring-challenge"
PROOF = "x-firstring-proof"
SECRET = "proof"
LONGEST = 64


def challenge() -> str:
    return secrets.token_hex(16)


def answer(secret: str, asked: str) -> str:
    """The proof for a challenge; "" for none, or one too long to be ours."""
    if not asked or len(asked) > LONGEST:
        return ""
    return hmac.digest(secret.encode(), asked.encode(), "sha256").hex()


def known(chosen: Settings) -> bool:
    """Whether a server of this data folder has ever run."""
    return (chosen.secrets_folder / SECRET).exists()


def holds(chosen: Settings, asked: str, given: str) -> bool:
    """Whether ``given`` was made with this data folder's secret. Makes none: without one, nothing is ours."""
    if not known(chosen):
        return False
    expected = answer(own_secret(chosen, SECRET), asked)
    return hmac.compare_digest(expected.encode(), given.encode())
