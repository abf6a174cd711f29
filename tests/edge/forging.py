"""A request as a forger makes it: any part of it may be wrong, and nothing is put right on the way."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.types import ASGIApp, Message

from tests.telephony.signing import ACCOUNT, PUBLIC_URL, TOKEN, call_form, signature, with_body_hash

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
VOICE = "/twilio/voice"
Headers = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Sent:
    """``target``: path and query as they go over the wire."""

    target: str
    body: bytes = b""
    headers: Headers = ()
    method: str = "POST"


def webhook(
    path: str = VOICE,
    *,
    form: Mapping[str, str] | None = None,  # what is signed
    sends: Callable[[bytes], bytes] = lambda body: body,  # what the body has become on its way
    to: str = "",  # where it goes instead
    over: str = "",  # the address that was signed instead
    token: str = TOKEN,
    signs: Callable[[str], Sequence[str]] = lambda good: [good],
    kind: str = FORM,
    more: Headers = (),
    method: str = "POST",
) -> Sent:
    fields = call_form() if form is None else dict(form)
    good = signature(over or PUBLIC_URL + path, fields, token=token)
    headers = [("content-type", kind), *more, *(("x-twilio-signature", text) for text in signs(good))]
    return Sent(to or path, sends(urlencode(fields).encode()), headers, method)


def json_webhook(
    body: bytes, path: str = VOICE, *, sends: bytes = b"", target: str = "", kind: str = JSON
) -> Sent:
    """Signed as the carrier signs JSON: the address has the body's hash."""
    signed_target = target or with_body_hash(path, body)
    headers = [("content-type", kind), ("x-twilio-signature", signature(PUBLIC_URL + signed_target))]
    return Sent(signed_target, sends or body, headers)


def json_of(account: str = ACCOUNT) -> bytes:
    return f'{{"AccountSid":"{account}","CallSid":"CA{"7" * 32}"}}'.encode()


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


@dataclass
class Answer:
    status_code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    text: str = ""


async def deliver(app: ASGIApp, sent: Sent) -> Answer:
    """In process; the application sees the request exactly as it was made."""
    answer = Answer()
    messages = [_body(sent)]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status_code = message["status"]
            answer.headers = {name.decode(): text.decode() for name, text in message["headers"]}
        else:
            answer.text += message.get("body", b"").decode()

    path, _, query = sent.target.partition("?")
    await app({**_scope("http", path, sent.headers, query.encode()), "method": sent.method}, receive, send)
    return answer


def _body(sent: Sent) -> Message:
    return {"type": "http.request", "body": sent.body, "more_body": False}


def _scope(kind: str, path: str, headers: Headers, query: bytes) -> dict[str, Any]:
    return {
        "type": kind, "asgi": {"version": "3.0"}, "http_version": "1.1", "root_path": "",
        "scheme": "http" if kind == "http" else "ws",
        "path": unquote(path), "raw_path": path.encode("latin-1"), "query_string": query,
        "headers": _raw(headers), "client": ("192.0.2.1", 40_000), "server": ("phone.example.org", 443),
    }  # fmt: skip


def _raw(headers: Headers) -> list[tuple[bytes, bytes]]:
    """ASGI: names in lower case."""
    return [(name.encode(), text.encode("latin-1")) for name, text in headers]


async def knock(app: ASGIApp, path: str, headers: Headers, query: bytes = b"") -> str:
    """What a websocket's upgrade is answered with: ``accepted`` or ``refused``."""
    answers: list[str] = []

    async def receive() -> Message:
        return {"type": "websocket.disconnect", "code": 1006} if "accepted" in answers else _CONNECT

    async def send(message: Message) -> None:
        answers.append("accepted" if message["type"] == "websocket.accept" else "refused")

    scope = {**_scope("websocket", path, headers, query), "subprotocols": []}
    await app(scope, receive, send)
    return answers[0]


_CONNECT: Message = {"type": "websocket.connect"}
