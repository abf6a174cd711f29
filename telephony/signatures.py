"""Is this request from our carrier account? Over the configured public URL, never a Host header.

Source: https://www.twilio.com/docs/usage/security#validating-requests; the signature itself is
computed by Twilio's own ``RequestValidator``. What its ``validate`` lets through is closed here: a
form is never checked by ``bodySHA256``, a JSON body always is; a name given twice (its repetition
would be unsigned) is refused; ports are tried for ``wss`` as for ``https``.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from twilio.request_validator import (  # type: ignore[import-untyped]
    HMAC_SHA1,
    HMAC_SHA256,
    SIGNATURE_HEADER,
    SIGNATURE_SETTINGS_HEADER,
    RequestValidator,
)

from models.errors import SignatureError
from telephony.config import TelephonyConfig

_DEFAULT_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}
_MAX_FIELDS = 500


class Signatures:
    """Checks requests against one account's secrets. Every method raises ``SignatureError``.

    ``target`` is the request target as sent: path, and query where there is one. ``headers`` has
    lower-case names (as ASGI gives them), each once: see ``signed_request.given_once``.
    """

    def __init__(self, config: TelephonyConfig) -> None:
        self._config = config

    def check_form(self, target: str, body: bytes, headers: Mapping[str, str]) -> dict[str, str]:
        """A form POST; returns its fields."""
        if _body_hashes(target):
            raise SignatureError("a form must not be signed as JSON")
        fields = _form_fields(body)
        self._check(self._config.url(target), fields, headers)
        return fields

    def check_json(self, target: str, body: bytes, headers: Mapping[str, str]) -> None:
        """A JSON POST: the URL carries the body's SHA-256, the signature covers the URL."""
        hashes = _body_hashes(target)
        actual = hashlib.sha256(body).hexdigest()
        if len(hashes) != 1 or not _same(hashes[0].lower(), actual):
            raise SignatureError("the body's hash is missing or does not match")
        self._check(self._config.url(target), {}, headers)

    def check_upgrade(self, target: str, headers: Mapping[str, str]) -> None:
        """A websocket upgrade, signed over the ``wss://`` form. Stream URLs never have a query."""
        if "?" in target:
            raise SignatureError("a stream address has no query")
        self._check(self._config.socket_url(target), {}, headers)

    def _check(self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> None:
        given = headers.get(SIGNATURE_HEADER.lower(), "")
        secrets, algorithm = self._secrets(headers)
        good = [
            _same(RequestValidator(secret).compute_signature(candidate, dict(fields), algorithm), given)
            for secret in secrets
            for candidate in _port_forms(url)
        ]
        if not any(good):
            raise SignatureError("the signature is missing or wrong")

    def _secrets(self, headers: Mapping[str, str]) -> tuple[list[str], str]:
        """Any of which may have signed. An empty one never has: whoever likes can sign with that."""
        settings = headers.get(SIGNATURE_SETTINGS_HEADER.lower())
        if not settings:
            tokens = (self._config.auth_token, self._config.other_token)
            return [token for token in tokens if token], HMAC_SHA1
        named = dict(part.strip().partition("=")[::2] for part in settings.split(","))
        secret = self._config.signing_keys.get(named.get("key", ""))
        if secret is None or named.get("algorithm") not in (HMAC_SHA1, HMAC_SHA256):
            raise SignatureError("signed with a shared key or algorithm that is not configured")
        return [secret], named["algorithm"]


def _form_fields(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            max_num_fields=_MAX_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise SignatureError("the body is not a form") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise SignatureError("a form field is given twice")
    return fields


def _body_hashes(target: str) -> list[str]:
    pairs = parse_qsl(urlsplit(target).query, keep_blank_values=True)
    return [value for name, value in pairs if name == "bodySHA256"]


def _port_forms(url: str) -> tuple[str, str]:
    """The URL with and without its port: the carrier signs either."""
    parts = urlsplit(url)
    host = parts.netloc.removesuffix(f":{parts.port}")
    port = parts.port or _DEFAULT_PORTS[parts.scheme]
    tail = url.removeprefix(f"{parts.scheme}://{parts.netloc}")
    return f"{parts.scheme}://{host}{tail}", f"{parts.scheme}://{host}:{port}{tail}"


def _same(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))
