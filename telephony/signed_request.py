"""From an HTTP request to the carrier's signed fields; whatever is wrong ends here, without detail."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import quote

import orjson
from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, HTTPConnection
from twilio.request_validator import (  # type: ignore[import-untyped]
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
)

from models.errors import SignatureError
from telephony.config import TelephonyConfig
from telephony.signatures import Signatures

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_DECIDING = ("content-type", SIGNATURE_HEADER, SIGNATURE_SETTINGS_HEADER)


async def signed_fields(request: Request, config: TelephonyConfig, signatures: Signatures) -> dict[str, str]:
    """The fields of a genuine request of our account.

    Raises ``HTTPException``: 413 and 408 for a body too large or too slow, 415 for another content
    type, 403 for anything not signed or not of this account.
    """
    body = await _body(request, config)
    content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if content_type not in (FORM, JSON):
        raise HTTPException(415)
    try:
        headers = given_once(request.headers)
        fields = _verified(target(request), content_type, body, headers, signatures)
    except SignatureError:
        raise HTTPException(403) from None
    if fields.get("AccountSid") != config.account_sid:
        raise HTTPException(403)
    return fields


def given_once(headers: Headers) -> Mapping[str, str]:
    """Raises ``SignatureError`` where what decides stands there twice: which of them a proxy believed, and
    which we would, nobody can say."""
    if any(len(headers.getlist(name)) > 1 for name in _DECIDING):
        raise SignatureError("a header that decides is given twice")
    return headers


def target(connection: HTTPConnection) -> str:
    """Path and query exactly as sent: that is what was signed."""
    raw_path: bytes | None = connection.scope.get("raw_path")
    path = raw_path.decode("latin-1") if raw_path else quote(connection.scope["path"])
    query = connection.scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


def _verified(
    address: str, content_type: str, body: bytes, headers: Mapping[str, str], signatures: Signatures
) -> dict[str, str]:
    if content_type == FORM:
        return signatures.check_form(address, body, headers)
    signatures.check_json(address, body, headers)
    return _json_fields(body)


def _json_fields(body: bytes) -> dict[str, str]:
    try:
        value = orjson.loads(body)
    except ValueError:
        raise SignatureError("the body is not JSON") from None
    if not isinstance(value, dict) or any(isinstance(item, dict | list) for item in value.values()):
        raise SignatureError("the body is not a flat JSON object")
    return {name: "" if item is None else str(item) for name, item in value.items()}


async def _body(request: Request, config: TelephonyConfig) -> bytes:
    """The body, read no further than the limit. The declared length is only a first hint."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared[:12]) > config.body_limit_bytes:
        raise HTTPException(413)
    body = bytearray()
    try:
        async with asyncio.timeout(config.body_limit_s):
            async for chunk in request.stream():
                body += chunk
                if len(body) > config.body_limit_bytes:
                    raise HTTPException(413)
    except (TimeoutError, ClientDisconnect):
        raise HTTPException(408) from None
    return bytes(body)
