"""Who may speak to us: the carrier's own examples, and every trap around them."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from models.errors import SettingsError, SignatureError
from telephony.config import TelephonyConfig
from telephony.signatures import Signatures
from tests.telephony.signing import (
    ACCOUNT,
    CONFIG,
    PUBLIC_URL,
    TOKEN,
    call_form,
    signature,
    signed,
    with_body_hash,
)

VOICE = "/twilio/voice"
FORM = call_form()
BODY = urlencode(FORM).encode()
SIGNATURES = Signatures(CONFIG)


def config(public_url: str = PUBLIC_URL, *, auth_token: str = TOKEN) -> TelephonyConfig:
    return TelephonyConfig(public_url, ACCOUNT, "+15555550199", auth_token)


@pytest.mark.parametrize(
    ("site", "number", "text"),
    [
        # https://www.twilio.com/docs/usage/security (explore the algorithm yourself)
        ("https://example.com", "+14158675310", "L/OH5YylLD5NRKLltdqwSvS0BnU="),
        # the unit tests of Twilio's own libraries
        ("https://mycompany.com", "+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    ],
)
def test_the_carriers_own_examples_are_accepted(site: str, number: str, text: str) -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": number,
        "Digits": "1234",
        "From": number,
        "To": "+18005551212",
    }
    documented = Signatures(config(site, auth_token="12345"))
    headers = {"x-twilio-signature": text}
    body = urlencode(fields).encode()
    assert documented.check_form("/myapp.php?foo=1&bar=2", body, headers) == fields


def test_the_carriers_own_example_of_a_json_body_is_accepted() -> None:
    """From the unit tests of Twilio's own libraries."""
    body = b'{"property": "value", "boolean": true}'
    digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
    documented = Signatures(config("https://mycompany.com", auth_token="12345"))
    headers = {"x-twilio-signature": "a9nBmqA0ju/hNViExpshrM61xv4="}
    documented.check_json(f"/myapp.php?foo=1&bar=2&bodySHA256={digest}", body, headers)


def test_a_genuine_form_gives_its_fields_blank_ones_too() -> None:
    assert SIGNATURES.check_form(VOICE, BODY, signed(PUBLIC_URL + VOICE, FORM)) == FORM


@pytest.mark.parametrize(
    ("public_url", "signed_url"),
    [
        ("https://phone.example.org", "https://phone.example.org:443/twilio/voice"),
        ("https://phone.example.org:443", "https://phone.example.org/twilio/voice"),
        ("https://phone.example.org:8443", "https://phone.example.org:8443/twilio/voice"),
        ("https://phone.example.org:8443", "https://phone.example.org/twilio/voice"),
        ("https://phone.example.org/", "https://phone.example.org/twilio/voice"),
        ("https://example.org/phone", "https://example.org/phone/twilio/voice"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/twilio/voice"),
        ("http://[::1]:8080", "http://[::1]:8080/twilio/voice"),
    ],
)
def test_the_address_is_the_configured_one_with_or_without_its_port(public_url: str, signed_url: str) -> None:
    Signatures(config(public_url)).check_form(VOICE, BODY, signed(signed_url, FORM))


@pytest.mark.parametrize(
    "signed_url",
    [
        "http://phone.example.org/twilio/voice",
        "wss://phone.example.org/twilio/voice",
        "https://phone.example.org/twilio/voice/",
        "https://phone.example.org//twilio/voice",
        "https://phone.example.org:80/twilio/voice",
        "https://phone.example.org:8443/twilio/voice",
        "https://PHONE.example.org/twilio/voice",
        "https://other.example.org/twilio/voice",
        "https://phone.example.org/twilio/sms",
        "https://phone.example.org/twilio/voice?x=1",
    ],
)
def test_other_forms_of_the_address_are_refused(signed_url: str) -> None:
    with pytest.raises(SignatureError):
        SIGNATURES.check_form(VOICE, BODY, signed(signed_url, FORM))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-twilio-signature": ""},
        {"x-twilio-signature": "nonsense"},
        {"x-twilio-signature": "ünïcode\udcff"},
        signed(PUBLIC_URL + VOICE, FORM, token="another-token"),
        signed(PUBLIC_URL + VOICE, {**FORM, "From": "+15555550124"}),
        signed(PUBLIC_URL + VOICE),
    ],
)
def test_missing_and_wrong_signatures_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureError):
        SIGNATURES.check_form(VOICE, BODY, headers)


def test_a_field_given_twice_is_refused_although_its_signature_is_good() -> None:
    twice = BODY + b"&To=%2B15555550100"
    assert RequestValidator(TOKEN).validate(PUBLIC_URL + VOICE, FORM, signature(PUBLIC_URL + VOICE, FORM))
    with pytest.raises(SignatureError, match="twice"):
        SIGNATURES.check_form(VOICE, twice, signed(PUBLIC_URL + VOICE, FORM))


@pytest.mark.parametrize("body", [b"\xff\xfe", b"novalue", b"a=%ff", b"&".join([b"a=1"] * 1_000)])
def test_a_body_that_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureError):
        SIGNATURES.check_form(VOICE, body, signed(PUBLIC_URL + VOICE, FORM))


def test_a_json_body_is_covered_by_its_hash() -> None:
    body = b'{"CallSid": "CA1"}'
    target = with_body_hash(VOICE, body)
    SIGNATURES.check_json(target, body, signed(PUBLIC_URL + target))
    with pytest.raises(SignatureError, match="hash"):
        SIGNATURES.check_json(target, b'{"CallSid": "CA2"}', signed(PUBLIC_URL + target))


@pytest.mark.parametrize("query", ["", "?x=1", "?bodySHA256=", "?bodySHA256=%s&bodySHA256=%s"])
def test_a_json_body_without_exactly_one_hash_is_refused(query: str) -> None:
    target = VOICE + query.replace("%s", with_body_hash("", b"{}").partition("=")[2])
    with pytest.raises(SignatureError, match="hash"):
        SIGNATURES.check_json(target, b"{}", signed(PUBLIC_URL + target))


def test_a_captured_json_request_is_no_empty_form() -> None:
    """Twilio's own ``validate`` would take it: with a dict it never looks at the body's hash."""
    target = with_body_hash(VOICE, b"{}")
    headers = signed(PUBLIC_URL + target)
    assert RequestValidator(TOKEN).validate(PUBLIC_URL + target, {}, headers["x-twilio-signature"])
    with pytest.raises(SignatureError, match="JSON"):
        SIGNATURES.check_form(target, b"", headers)


@pytest.mark.parametrize(
    "url", ["wss://phone.example.org/twilio/media/t", "wss://phone.example.org:443/twilio/media/t"]
)
def test_a_sockets_upgrade_is_signed_over_its_wss_form(url: str) -> None:
    SIGNATURES.check_upgrade("/twilio/media/t", signed(url))


@pytest.mark.parametrize(
    "url",
    [
        "https://phone.example.org/twilio/media/t",
        "ws://phone.example.org/twilio/media/t",
        "wss://phone.example.org:80/twilio/media/t",
        "wss://phone.example.org/twilio/media/t/",
        "wss://phone.example.org/twilio/media/u",
    ],
)
def test_other_forms_of_a_sockets_address_are_refused(url: str) -> None:
    with pytest.raises(SignatureError):
        SIGNATURES.check_upgrade("/twilio/media/t", signed(url))


def test_a_sockets_address_has_no_query() -> None:
    with pytest.raises(SignatureError, match="query"):
        SIGNATURES.check_upgrade("/twilio/media/t?x=1", signed("wss://phone.example.org/twilio/media/t?x=1"))


def test_a_shared_key_signs_with_its_own_secret_and_algorithm() -> None:
    keyed = TelephonyConfig(
        PUBLIC_URL, ACCOUNT, "+15555550199", TOKEN, signing_keys={"webhooks_sharedkey_1": "s3cret"}
    )
    text = RequestValidator("s3cret").compute_signature(PUBLIC_URL + VOICE, FORM, "HMAC_SHA256")
    settings = "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"
    headers = {"x-twilio-signature": text, "x-twilio-webhooks-signature-settings": settings}
    Signatures(keyed).check_form(VOICE, BODY, headers)
    for wrong in ("key=other,algorithm=HMAC_SHA256", "key=webhooks_sharedkey_1,algorithm=none", "x"):
        with pytest.raises(SignatureError, match="shared key"):
            Signatures(keyed).check_form(
                VOICE, BODY, {**headers, "x-twilio-webhooks-signature-settings": wrong}
            )


@pytest.mark.parametrize(
    "public_url",
    ["", "phone.example.org", "ftp://x", "http://phone.example.org", "https://", "https://a@b.c", "https://b.c?q=1",
     "https://b.c#f", "https://b.c:port", "https://[b.c"],
)  # fmt: skip
def test_an_unusable_public_url_is_a_settings_error_with_a_fix(public_url: str) -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL") as refusal:
        config(public_url)
    assert refusal.value.fix


def test_settings_never_show_secrets() -> None:
    assert TOKEN not in repr(replace(CONFIG, auth_token="another", other_token=TOKEN))
    assert TOKEN not in repr(CONFIG)
    with pytest.raises(SettingsError, match="AUTH_TOKEN"):
        config(auth_token="")
    with pytest.raises(SettingsError, match=r"E\.164"):
        TelephonyConfig(PUBLIC_URL, ACCOUNT, "555-0199", TOKEN)
    with pytest.raises(SettingsError, match="ACCOUNT_SID"):
        TelephonyConfig(PUBLIC_URL, "", "+15555550199", TOKEN)
