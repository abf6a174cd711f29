"""Settings that can be judged by themselves: their form, and values that no live practice should have."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from agent import settings as settings_module
from agent.doctor.findings import Finding, fail, not_checked, ok, warn
from agent.settings import NO_ORDERS, Settings
from telephony.config import E164

ACCOUNT_SID = re.compile(r"AC[0-9a-f]{32}")  # https://www.twilio.com/docs/glossary/what-is-a-sid
AUTH_TOKEN = re.compile(r"[0-9a-f]{32}")
MIN_FHIR_TOKEN = 16  # characters; our own have 43
TOKEN_FIX = (
    "Copy it from the first page of Twilio's console into FIRSTRING_TWILIO_AUTH_TOKEN, or into a file "
    "that FIRSTRING_TWILIO_AUTH_TOKEN_FILE names."
)


def carrier_account(chosen: Settings) -> Iterator[Finding]:
    yield _account_sid(chosen.twilio_account_sid)
    yield _auth_token(chosen.twilio_auth_token)
    if chosen.twilio_auth_token_other:
        yield _other_token(chosen)
    if chosen.twilio_api_base == NO_ORDERS:
        yield warn(
            "carrier's address",
            'TWILIO_API_BASE is "off": no texts are sent, nobody is paged by telephone, transfers are plain',
            "Remove TWILIO_API_BASE.",
        )
    elif chosen.twilio_api_base:
        yield warn(
            "carrier's address",
            "TWILIO_API_BASE is set: orders about calls do not go to Twilio",
            "Remove TWILIO_API_BASE, which is for tests.",
        )


def _account_sid(sid: str) -> Finding:
    check, fix = "account SID", "Copy the Account SID from the first page of Twilio's console."
    if not sid:
        return fail(check, "not set: TWILIO_ACCOUNT_SID", fix)
    if not ACCOUNT_SID.fullmatch(sid):
        return fail(check, "TWILIO_ACCOUNT_SID is not AC and 32 digits or letters a to f", fix)
    return ok(check, "has the right form")


def _auth_token(token: str) -> Finding:
    check = "auth token"
    if not token:
        return fail(check, "not set: TWILIO_AUTH_TOKEN", TOKEN_FIX)
    if not AUTH_TOKEN.fullmatch(token):
        return fail(check, "TWILIO_AUTH_TOKEN is not 32 digits or letters a to f", TOKEN_FIX)
    return ok(check, "has the right form (`doctor --live` tries it)")


def _other_token(chosen: Settings) -> Finding:
    """For the days of a change: a former token that may have been seen must not be good for ever."""
    check, other = "other auth token", chosen.twilio_auth_token_other
    fix = (
        "Take TWILIO_AUTH_TOKEN_OTHER out once the change of tokens is over (docs/twilio.md, *A new token*)."
    )
    if not AUTH_TOKEN.fullmatch(other):
        return fail(check, "TWILIO_AUTH_TOKEN_OTHER is not 32 digits or letters a to f", fix)
    if other == chosen.twilio_auth_token:
        return warn(check, "TWILIO_AUTH_TOKEN_OTHER is TWILIO_AUTH_TOKEN again", fix)
    return warn(check, "TWILIO_AUTH_TOKEN_OTHER is set: requests signed with it are taken, too", fix)


def staff_number(chosen: Settings) -> Iterator[Finding]:
    """Where callers go who want a person, or whom we cannot serve."""
    check, number = "staff number", chosen.staff_number
    if not number:
        yield warn(
            check,
            "STAFF_NUMBER is not set: calls are passed to the practice's own number",
            "Set a direct line. A number that forwards to Firstring would send callers in a circle.",
        )
    elif not E164.fullmatch(number):
        yield fail(
            check, "STAFF_NUMBER is not E.164", "Write it with + and country code, such as +16175550100."
        )
    else:
        yield ok(check, "has the right form (`doctor --live` sees whether it is one of your own numbers)")


def chart_token(chosen: Settings) -> Iterator[Finding]:
    check, token = "chart token", chosen.fhir_token
    if chosen.fhir_client_id:
        yield ok(check, "not used: FHIR_CLIENT_ID is set")
    elif not token and chosen.fhir_base_url:
        yield warn(
            check,
            "FHIR_TOKEN is not set, and FHIR_BASE_URL is another server",
            "Set FIRSTRING_FHIR_TOKEN to a token of that server.",
        )
    elif not token:
        yield ok(check, "made by the server itself")
    elif len(token) < MIN_FHIR_TOKEN:
        yield warn(
            check,
            f"FHIR_TOKEN has under {MIN_FHIR_TOKEN} characters and can be guessed",
            "Remove it, and the server makes one; or use `openssl rand -hex 32`.",
        )
    else:
        yield ok(check, "set")


def exposure(chosen: Settings) -> Iterator[Finding]:
    check = "private listener"
    if chosen.expose_private:
        yield warn(
            check,
            "EXPOSE_PRIVATE serves staff pages and chart on the public port too",
            "Set EXPOSE_PRIVATE = false, unless the proxy in front restricts who may come.",
        )
    elif chosen.private_host not in ("127.0.0.1", "::1", "localhost"):
        yield warn(
            check,
            f"PRIVATE_HOST {chosen.private_host} is open to the network, without TLS",
            'Set PRIVATE_HOST = "127.0.0.1" and come through a VPN or an SSH tunnel.',
        )
    else:
        yield ok(check, "on this machine only")


def pinned_clock(chosen: Settings) -> Iterator[Finding]:
    check = "clock"
    fix = "Remove NOW and NOW_AT, which are for tests and demos."
    if chosen.now:
        shifted = settings_module.clock_of(chosen)() - datetime.now(UTC)
        yield warn(check, f"NOW is set: Firstring's clock is off by {shifted.total_seconds():+.0f} s", fix)
    elif chosen.now_at:
        yield warn(check, "NOW_AT is set without NOW and has no effect", fix)
    else:
        yield ok(check, "this machine's own")


def ears(chosen: Settings) -> Iterator[Finding]:
    cores = os.cpu_count()
    check, detail = "speech workers", f"{chosen.ear_count}"
    if cores is None:
        yield not_checked(check, f"{detail}; the number of cores is not known")
    elif chosen.ear_count > cores:
        yield warn(
            check,
            f"EARS is {detail}, and there are {cores} cores: replies will be late",
            f"Set EARS to {cores} or less.",
        )
    else:
        yield ok(check, f"{detail} on {cores} cores")


def calls_at_once(chosen: Settings) -> Iterator[Finding]:
    """Whom this machine does not answer."""
    check, within = "calls at once", f"95 in 100 replies within {chosen.reply_limit_ms} ms"
    most = f"{chosen.most_calls} at most, and as many" if chosen.most_calls else "as many"
    if chosen.turn_away:
        yield ok(check, f"{most} as are answered in time: {within}; others go to the practice's number")
    else:
        yield warn(
            check,
            "TURN_AWAY is false: when more call than this machine can answer, all of them wait",
            "Leave TURN_AWAY out: whom there is no room for is put through to the practice at once.",
        )


def second_factor(chosen: Settings) -> Iterator[Finding]:
    check = "second factor"
    if chosen.second_factor:
        yield ok(check, "staff sign in with one")
    else:
        yield warn(
            check, "SECOND_FACTOR is false: a password alone opens the console", "Leave SECOND_FACTOR out."
        )


def identity_provider(chosen: Settings) -> Iterator[Finding]:
    says = "staff may sign in there; not asked now" if chosen.oidc_issuer else "none: names and passwords"
    yield ok("identity provider", says)


def demo_practice(chosen: Settings) -> Iterator[Finding]:
    if chosen.demo_practice:
        yield warn(
            "demo patients",
            "DEMO_PRACTICE puts fictional patients into the chart",
            "Set DEMO_PRACTICE = false and use an empty DATA_DIR for real patients.",
        )
