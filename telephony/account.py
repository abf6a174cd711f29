"""What the carrier knows of our account and numbers, read through Twilio's own client; nothing is changed.

Sources: https://www.twilio.com/docs/iam/api/account, https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
and https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

from twilio.base.exceptions import TwilioException, TwilioRestException  # type: ignore[import-untyped]
from twilio.http.response import Response  # type: ignore[import-untyped]
from twilio.rest import Client  # type: ignore[import-untyped]

from telephony.rest import CarrierError, RebasedHttpClient

T = TypeVar("T")
MOST_NUMBERS = 200
TEST_CALL_LIMIT_S = 60  # a test call is ended by the carrier after so long


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """``status``: active, suspended or closed. ``kind``: Full or Trial."""

    status: str
    kind: str


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """One number of the account, as far as calls to it are concerned."""

    number: str  # E.164
    voice: bool
    voice_url: str
    voice_method: str
    voice_fallback_url: str
    status_callback: str
    status_callback_method: str
    application: str  # a TwiML application's SID: it goes before the voice URL
    trunk: str  # an Elastic SIP trunk's SID: calls do not come to a webhook at all


class CarrierAccount:
    """Blocking; for tools. Every method raises ``CarrierError``."""

    def __init__(
        self,
        account_sid: str,
        auth_token: str,
        *,
        api_base: str = "",
        region: str = "",
        timeout_s: float = 10.0,
    ) -> None:
        self._http = _DatedHttpClient(api_base, timeout_s)
        self._sid = account_sid
        self._client = Client(account_sid, auth_token, region=region or None, http_client=self._http)

    def account(self) -> AccountFacts:
        found = _asked(lambda: self._client.api.v2010.accounts(self._sid).fetch())
        return AccountFacts(str(found.status), str(found.type))

    def numbers(self) -> list[NumberFacts]:
        """The account's numbers, the first 200."""
        found = _asked(lambda: self._client.incoming_phone_numbers.list(limit=MOST_NUMBERS))
        return [_number_facts(each) for each in found]

    def skew_s(self, now: datetime) -> float | None:
        """Our clock minus the carrier's, to a second; None before the first answer, or without Date."""
        stated = self._http.date
        return None if stated is None else (now - stated).total_seconds()

    def place_test_call(self, to: str, from_number: str, voice_url: str) -> str:
        """Rings ``to``, which costs money; ``voice_url`` says what is heard there. Returns the call's SID."""
        made = _asked(
            lambda: self._client.calls.create(
                to=to, from_=from_number, url=voice_url, method="POST", time_limit=TEST_CALL_LIMIT_S
            )
        )
        return str(made.sid)

    def close(self) -> None:
        """Give the pooled connections back."""
        if self._http.session is not None:
            self._http.session.close()


class _DatedHttpClient(RebasedHttpClient):
    """Keeps the Date header of the last answer: the carrier's clock."""

    date: datetime | None = None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
        answer = super().request(method, url, *args, **kwargs)
        self.date = _date_of(answer.headers.get("Date", ""))
        return answer


def _date_of(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    except TwilioRestException as refusal:
        raise CarrierError(
            f"the carrier answered {refusal.status}, code {refusal.code}", fix=_fix(refusal.status)
        ) from None
    except (TwilioException, OSError) as failure:  # requests' errors are OSErrors
        raise CarrierError(f"the carrier could not be reached: {type(failure).__name__}") from None


def _fix(status: int) -> str:
    if status in (401, 403, 404):
        return (
            "Copy Account SID and Auth Token anew, of one account, from the first page of Twilio's console."
        )
    return ""


def _number_facts(found: Any) -> NumberFacts:
    able = found.capabilities or {}
    voice = able.get("voice") if isinstance(able, dict) else getattr(able, "voice", False)
    return NumberFacts(
        number=str(found.phone_number or ""),
        voice=bool(voice),
        voice_url=str(found.voice_url or ""),
        voice_method=str(found.voice_method or ""),
        voice_fallback_url=str(found.voice_fallback_url or ""),
        status_callback=str(found.status_callback or ""),
        status_callback_method=str(found.status_callback_method or ""),
        application=str(found.voice_application_sid or ""),
        trunk=str(found.trunk_sid or ""),
    )
