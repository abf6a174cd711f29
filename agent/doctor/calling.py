"""`firstring doctor --live --call NUMBER`: one real call, after a typed confirmation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from agent.doctor.findings import Finding, failed, not_checked, ok
from agent.doctor.live import account_of
from agent.settings import Settings
from models.errors import FirstringError, SettingsError
from telephony.account import TEST_CALL_LIMIT_S, CarrierAccount
from telephony.config import E164

CHECK = "test call"
Ask = Callable[[str], str]


def place_one(chosen: Settings, number: str, ask: Ask) -> Iterator[Finding]:
    """Raises SettingsError for a number that is not E.164; every refusal of the carrier is a finding."""
    if not E164.fullmatch(number):
        raise SettingsError("--call needs a number in the form +16175550100")
    if ask(_question(number)).strip() != number:
        yield not_checked(CHECK, "not confirmed; nobody was called")
        return
    with account_of(chosen) as account:
        try:
            yield _placed(chosen, account, number)
        except FirstringError as problem:
            yield failed(CHECK, problem)


def _question(number: str) -> str:
    return (
        f"This rings {number} at once, from your own number, and joins it to Firstring for at most "
        f"{TEST_CALL_LIMIT_S} s.\nTwilio charges it as one outgoing call of up to "
        f"{TEST_CALL_LIMIT_S // 60} minute; see its voice price list for that country.\n"
        "Type the number once more to go on: "
    )


def _placed(chosen: Settings, account: CarrierAccount, number: str) -> Finding:
    own = [each.number for each in account.numbers() if each.voice]
    if not own:
        return not_checked(CHECK, "the account has no number to call from")
    sid = account.place_test_call(number, own[0], f"{chosen.public_url}/twilio/voice")
    return ok(CHECK, f"placed ({sid}): answer it; the greeting must come at once")
