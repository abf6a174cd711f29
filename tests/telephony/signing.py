"""Requests as the carrier signs them, for the tests of the doors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from telephony.config import TelephonyConfig

PUBLIC_URL = "https://phone.example.org"
ACCOUNT, TOKEN = "AC" + "2" * 32, "the-auth-token"
CALL = "CA" + "3" * 32
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}

CONFIG = TelephonyConfig(
    public_url=PUBLIC_URL, account_sid=ACCOUNT, practice_number="+15555550199", auth_token=TOKEN
)


def signature(url: str, fields: Mapping[str, str] | None = None, *, token: str = TOKEN) -> str:
    return str(RequestValidator(token).compute_signature(url, dict(fields or {})))


def signed(url: str, fields: Mapping[str, str] | None = None, *, token: str = TOKEN) -> dict[str, str]:
    return {"x-twilio-signature": signature(url, fields, token=token)}


def with_body_hash(path: str, body: bytes) -> str:
    return f"{path}?bodySHA256={hashlib.sha256(body).hexdigest()}"


def call_form(**changes: str) -> dict[str, str]:
    form = {
        "AccountSid": ACCOUNT,
        "CallSid": CALL,
        "CallStatus": "ringing",
        "From": "+15555550123",
        "To": "+15555550100",
        "CallerCity": "",
    }
    return {**form, **changes}
