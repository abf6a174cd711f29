"""What a server and a speech worker on another machine say to each other, and how each knows the other.

JSON text and raw audio over a websocket; nothing that comes in is ever executed or unpickled. The shared
token itself is never sent: the server proves that it has it by an HMAC of the time and a nonce, the worker by
another of the same nonce (docs/adr/0043).
"""

from __future__ import annotations

import hmac
import json
import secrets
import struct
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any, Final

from models import codec
from models.errors import RecognitionError, WorkerError

PROTOCOL: Final = "firstring.hearing.1"
CLAIM, PROOF = "x-firstring-claim", "x-firstring-proof"
FRESH_S: Final = 60.0  # how far the two machines' clocks may differ
REMEMBERED: Final = 10_000  # nonces
MESSAGE_LIMIT_BYTES: Final = 96 * 1024
AUDIO_LIMIT_BYTES: Final = 64 * 1024  # of one message: 4 s
METHODS: Final = frozenset({"begin", "partial", "finish", "drop", "ready"})
_AUDIO = struct.Struct(">IB")  # the request's number, and how long the utterance's name is


def claim(token: str, now_s: float, nonce: str = "") -> str:
    """What a server opens the socket with."""
    nonce = nonce or secrets.token_hex(16)
    at = f"{now_s:.0f}"
    return f"{at}.{nonce}.{_mac(token, 'server', at, nonce)}"


def proof(token: str, claimed: str) -> str:
    """What the worker answers to a good claim."""
    return _mac(token, "worker", claimed)


def is_proof(token: str, claimed: str, given: str) -> bool:
    return hmac.compare_digest(proof(token, claimed).encode(), given.encode("utf-8", "replace"))


class Claims:
    """Judges claims: made with our token, now, and for the first time."""

    def __init__(self, token: str, now_s: Callable[[], float] = time.time) -> None:
        self._token, self._now_s = token, now_s
        self._seen: OrderedDict[str, None] = OrderedDict()

    def accepts(self, claimed: str) -> bool:
        at, _, rest = claimed.partition(".")
        nonce, _, mac = rest.partition(".")
        if not at.isascii() or not at.isdigit() or len(at) > 12 or len(nonce) > 64:
            return False
        expected = _mac(self._token, "server", at, nonce)
        if not hmac.compare_digest(expected.encode(), mac.encode("utf-8", "replace")):
            return False
        if abs(self._now_s() - int(at)) > FRESH_S or nonce in self._seen:
            return False
        self._seen[nonce] = None
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return True


def _mac(token: str, *parts: str) -> str:
    return hmac.digest(token.encode(), "\0".join((PROTOCOL, *parts)).encode(), "sha256").hex()


# ---------------------------------------------------------------------- requests


def request(number: int, method: str, args: tuple[object, ...]) -> str | bytes:
    """One message; of ``feed``, at most `AUDIO_LIMIT_BYTES` of audio."""
    if method == "feed":
        name, pcm = str(args[0]).encode(), args[1]
        assert isinstance(pcm, bytes)
        return _AUDIO.pack(number, len(name)) + name + pcm
    values = [value if isinstance(value, str) else codec.to_json(value) for value in args]
    return json.dumps({"n": number, "method": method, "args": values})


def parts(pcm: bytes) -> list[bytes]:
    """Audio as it fits into messages."""
    return [pcm[at : at + AUDIO_LIMIT_BYTES] for at in range(0, len(pcm), AUDIO_LIMIT_BYTES)]


def read_request(message: str | bytes) -> tuple[int, str, tuple[Any, ...]]:
    """Number, method and arguments. Raises WorkerError for anything that is no request."""
    try:
        if isinstance(message, bytes):
            number, length = _AUDIO.unpack_from(message)
            name = message[_AUDIO.size : _AUDIO.size + length].decode()
            return number, "feed", (name, message[_AUDIO.size + length :])
        asked = json.loads(message)
        number, method = int(asked["n"]), asked["method"]
        args = tuple(codec.from_json(value) if isinstance(value, dict) else value for value in asked["args"])
    except Exception as problem:
        raise WorkerError(f"not a request of {PROTOCOL}: {type(problem).__name__}") from problem
    if method not in METHODS:
        raise WorkerError("there is no such method")
    return number, method, args


# ---------------------------------------------------------------------- answers


def answer(number: int, good: bool, value: object, sessions: int) -> str:
    """``sessions``: utterances open on the worker, everybody's."""
    told: dict[str, Any] = {"n": number, "ok": good, "sessions": sessions}
    if not good:
        told["problem"] = str(value)
    elif value is not None:
        told["value"] = value if isinstance(value, (str, bool)) else codec.to_json(value)
    return json.dumps(told)


def read_answer(message: str | bytes) -> tuple[int, int, Any]:
    """Number, the worker's sessions, and the value, or the problem as an error (not raised)."""
    told: Mapping[str, Any] = json.loads(message)
    value = told.get("value")
    if not told["ok"]:
        return told["n"], told["sessions"], RecognitionError(str(told["problem"]))
    return told["n"], told["sessions"], codec.from_json(value) if isinstance(value, dict) else value
