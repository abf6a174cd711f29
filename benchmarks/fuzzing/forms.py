"""Bodies of webhooks, signed or taken for signed, and what the edge reads from their fields."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from models.errors import FirstringError
from telephony import replays, signed_request
from telephony.config import TelephonyConfig
from telephony.double.rest.answers import Refusal
from telephony.double.rest.form import Form
from telephony.handlers import arriving_call, e164, is_call_sid
from telephony.signatures import Signatures, _form_fields

CONFIG = TelephonyConfig("https://phone.example.org", "AC1", "+15555550199", "token")
SIGNATURES = Signatures(CONFIG)
TARGET = "/twilio/voice?bodySHA256=00"
FIELDS = {"AccountSid": "AC1", "CallSid": "CA" + "1" * 32, "From": "+16175550123", "To": "+442079460958"}


def seeds() -> list[bytes]:
    forms = (
        {**FIELDS, "ForwardedFrom": "anonymous"},
        {**FIELDS, "MessageSid": "SM1", "Body": "please stop texting me"},
    )
    texts = [urlencode(form).encode() for form in forms]
    json = b'{"AccountSid":"AC1","CallSid":"CA1","Body":null,"Digits":12}'
    return [*texts, json, b"a=%ff&b=%00&c", b"From=%2B1&From=%2B2", "Body=\u0130\u2019".encode()]


def once(data: bytes) -> None:
    for read in (_form_fields, signed_request._json_fields):
        try:
            fields = read(data)
        except FirstringError:
            continue
        _use(fields)
    _refused(data)
    _as_the_double_reads_it(data)


def _use(fields: Mapping[str, str]) -> None:
    """As the webhooks do with what was signed."""
    assert all(isinstance(name, str) and isinstance(text, str) for name, text in fields.items())
    replays.sms_key(fields)
    number = e164(fields.get("From", ""))
    assert not number or (number.startswith("+") and number[1:].isdigit() and number.isascii())
    if is_call_sid(fields.get("CallSid", "")):
        arriving_call(fields)
        replays.status_key(fields)
        replays.resume_key(fields, fields)


def _refused(data: bytes) -> None:
    """Whatever the body is: nothing of a forger's is taken."""
    for check in (SIGNATURES.check_form, SIGNATURES.check_json):
        try:
            check(TARGET, data, {"x-twilio-signature": data.decode("latin-1")})
        except FirstringError:
            continue
        raise AssertionError("a forged request was taken")


def _as_the_double_reads_it(data: bytes) -> None:
    form = Form(data)
    for read in (
        lambda: form.to_number(missing=21201),
        lambda: form.whole("Timeout", 60, most=600),
        lambda: form.flag("Muted"),
    ):
        try:
            read()
        except Refusal:
            continue
