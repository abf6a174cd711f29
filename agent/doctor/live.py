"""`firstring doctor --live`: what a real carrier account can be asked, and what only a person can try.

Everything is read; nothing at the carrier is changed. `--call` alone costs money, and asks first.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from agent.doctor.findings import Finding, fail, failed, not_checked, ok, warn
from agent.preparing import practice_of
from agent.settings import NO_ORDERS, Settings
from models.errors import FirstringError
from telephony.account import AccountFacts, CarrierAccount, NumberFacts

MOST_SKEW_S = 5.0
NUMBER_PAGE = "Twilio's console, Phone Numbers, this number, Voice configuration"
BY_HAND = (  # docs/twilio.md, step 7
    ("greeting", "call the number: the greeting comes at once, not the practice's ringing tone"),
    ("a person", 'say "a person, please": the staff number rings, and its display shows what you expect'),
    ("key 0", "press 0 during a sentence: the same"),
    ("barge-in", "speak over the greeting: it stops"),
    ("restart", "restart the service during a call: the call comes back by itself after some seconds"),
    ("fallback", "switch the machine off and call: the fallback rings the staff number"),
    ("forwarding", "call the practice's old number: it forwards here, and the record names your own number"),
)


@contextlib.contextmanager
def account_of(chosen: Settings) -> Iterator[CarrierAccount]:
    account = CarrierAccount(
        chosen.twilio_account_sid,
        chosen.twilio_auth_token,
        api_base=chosen.twilio_api_base.removeprefix(NO_ORDERS),
    )
    try:
        yield account
    finally:
        account.close()


def live(chosen: Settings) -> Iterator[Finding]:
    """Raises nothing: what cannot be asked is a finding."""
    if not (chosen.twilio_account_sid and chosen.twilio_auth_token):
        yield not_checked("carrier", "there is no account to ask: set SID and token first")
        return
    with account_of(chosen) as account:
        yield from _asked(chosen, account)
    yield from (not_checked(f"by hand, {what}", step) for what, step in BY_HAND)


def _asked(chosen: Settings, account: CarrierAccount) -> Iterator[Finding]:
    yield _region()
    try:
        facts = account.account()
    except FirstringError as problem:
        yield failed("credentials", problem)
        return
    yield ok("credentials", "the carrier takes them")
    yield _status(facts)
    yield _skew(account.skew_s(datetime.now(UTC)))
    try:
        yield from compared(chosen, account.numbers())
    except FirstringError as problem:
        yield failed("numbers", problem)


def _region() -> Finding:
    """The SDK reads these two by itself: https://www.twilio.com/docs/global-infrastructure."""
    named = [
        f"{name}={os.environ[name]}" for name in ("TWILIO_REGION", "TWILIO_EDGE") if os.environ.get(name)
    ]
    if not named:
        return ok("region", "us1, Twilio's own default")
    fix = "Right if your numbers are routed there and the auth token is that region's; otherwise unset."
    return warn("region", f"{' '.join(named)} in the environment", fix)


def _status(facts: AccountFacts) -> Finding:
    if facts.status != "active":
        return fail(
            "account", f"its status is {facts.status}", "See the notice in Twilio's console: often payment."
        )
    if facts.kind.lower() == "trial":
        fix = "Upgrade it in Twilio's console, Billing."
        return warn(
            "account", "active, but a trial: callers hear a notice first, and only verified numbers", fix
        )
    return ok("account", f"active, {facts.kind}")


def _skew(seconds: float | None) -> Finding:
    check = "clock at the carrier"
    if seconds is None:
        return not_checked(check, "the answer named no date")
    if abs(seconds) > MOST_SKEW_S:
        return warn(check, f"ours is off by {seconds:+.0f} s", "Start a time service on this machine.")
    return ok(check, f"ours agrees within {MOST_SKEW_S:.0f} s")


def compared(chosen: Settings, numbers: list[NumberFacts]) -> Iterator[Finding]:
    """The account's numbers against what PUBLIC_URL demands: every difference, as it stands there."""
    speaking = [each for each in numbers if each.voice]
    if not speaking:
        yield fail("numbers", "the account has no number with voice", "Buy one: docs/twilio.md, step 2.")
        return
    ours = [each for each in speaking if _is_ours(chosen, each)]
    if not ours:
        yield fail(
            "numbers",
            f"none of {_named(speaking)} leads to PUBLIC_URL",
            f"{NUMBER_PAGE}: set `A call comes in` to {chosen.public_url}/twilio/voice, POST.",
        )
        ours = speaking[:1] if len(speaking) == 1 else []
    for number in ours:
        yield from _configured(chosen, number)
    yield _staff(chosen, speaking)


def _is_ours(chosen: Settings, number: NumberFacts) -> bool:
    theirs, own = urlsplit(number.voice_url), urlsplit(chosen.public_url)
    return bool(own.hostname) and theirs.hostname == own.hostname


def _named(numbers: list[NumberFacts]) -> str:
    return ", ".join(each.number for each in numbers)


def _configured(chosen: Settings, number: NumberFacts) -> Iterator[Finding]:
    """Each field of the table in docs/twilio.md, step 5."""
    wanted = (
        ("voice URL", number.voice_url, f"{chosen.public_url}/twilio/voice"),
        ("voice method", number.voice_method, "POST"),
        ("status callback", number.status_callback, f"{chosen.public_url}/twilio/status"),
        ("status callback method", number.status_callback_method, "POST"),
    )
    check = f"number {number.number}"
    wrong = [(what, there, right) for what, there, right in wanted if there != right]
    for what, there, right in wrong:
        detail = f"{what} is {there or 'empty'}, and must be {right}"
        yield fail(check, detail, f"Correct it in {NUMBER_PAGE}.")
    yield from _overridden(check, number)
    if not wrong:
        yield ok(check, f"leads to {chosen.public_url}")
    yield _fallback(check, chosen, number)


def _overridden(check: str, number: NumberFacts) -> Iterator[Finding]:
    for what, sid in (("a TwiML application", number.application), ("a SIP trunk", number.trunk)):
        if sid:
            detail = f"{what} goes before the webhook, which is then never called"
            yield fail(check, detail, f"Choose `Webhook` in {NUMBER_PAGE}.")


def _fallback(check: str, chosen: Settings, number: NumberFacts) -> Finding:
    fix = "Make a TwiML Bin that dials your direct line: docs/twilio.md, step 5."
    if not number.voice_fallback_url:
        return warn(check, "no fallback: callers hear an error while this machine is down", fix)
    if urlsplit(number.voice_fallback_url).hostname == urlsplit(chosen.public_url).hostname:
        return warn(check, "its fallback is this very machine, which will be down too", fix)
    return ok(check, "its fallback lies elsewhere")


def _staff(chosen: Settings, numbers: list[NumberFacts]) -> Finding:
    check = "staff number"
    target = chosen.staff_number or practice_of(chosen).phone
    if target in {each.number for each in numbers}:
        return fail(
            check,
            "calls are passed to one of the account's own numbers: they would run in a circle",
            "Set STAFF_NUMBER to a direct line that does not forward to Firstring.",
        )
    return ok(check, "is none of the account's own numbers; that it does not forward here, only a call shows")
