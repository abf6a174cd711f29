"""The carrier's REST side of an account and its numbers: read only, as Twilio's client reads it.

Sources: https://www.twilio.com/docs/iam/api/account,
https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource and, for lists,
https://www.twilio.com/docs/usage/twilios-response#response-formats-list-paging-information
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

API = "/2010-04-01/Accounts"


@dataclass(frozen=True, slots=True)
class NumberRecord:
    """A number as configured at the carrier. Empty texts are what a fresh number has."""

    phone_number: str
    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    status_callback: str = ""
    status_callback_method: str = "POST"
    voice: bool = True
    voice_application_sid: str = ""
    trunk_sid: str = ""


@dataclass(frozen=True)
class AccountRecord:
    """``status``: active, suspended, closed; ``kind``: Full, Trial."""

    account_sid: str
    auth_token: str = field(repr=False)
    status: str = "active"
    kind: str = "Full"
    numbers: Sequence[NumberRecord] = ()
    page_size: int = 50

    @property
    def authorization(self) -> str:
        return "Basic " + base64.b64encode(f"{self.account_sid}:{self.auth_token}".encode()).decode()


def account_router(account: AccountRecord) -> APIRouter:
    """Routes to include into the application that ``TWILIO_API_BASE`` names."""
    router = APIRouter(include_in_schema=False)

    @router.get(API + "/{account_sid}.json")
    async def fetch(account_sid: str, request: Request) -> JSONResponse:
        refused = _refused(account, account_sid, request)
        return refused or JSONResponse(_account(account))

    @router.get(API + "/{account_sid}/IncomingPhoneNumbers.json")
    async def numbers(account_sid: str, request: Request) -> JSONResponse:
        refused = _refused(account, account_sid, request)
        page = int(request.query_params.get("Page", "0"))
        return refused or JSONResponse(_page(account, page))

    return router


def _refused(account: AccountRecord, account_sid: str, request: Request) -> JSONResponse | None:
    given = request.headers.get("authorization", "").encode()
    if not hmac.compare_digest(given, account.authorization.encode()):
        return _refusal(401, 20003, "Authenticate")
    if account_sid != account.account_sid:
        return _refusal(404, 20404, "The requested resource was not found")
    return None


def _refusal(status: int, code: int, message: str) -> JSONResponse:
    info = f"https://www.twilio.com/docs/errors/{code}"
    return JSONResponse({"code": code, "message": message, "more_info": info, "status": status}, status)


def _account(account: AccountRecord) -> dict[str, object]:
    return {
        "sid": account.account_sid,
        "owner_account_sid": account.account_sid,
        "friendly_name": "practice",
        "status": account.status,
        "type": account.kind,
        "date_created": "Mon, 02 Nov 2026 09:00:00 +0000",
        "date_updated": "Mon, 02 Nov 2026 09:00:00 +0000",
        "uri": f"{API}/{account.account_sid}.json",
        "subresource_uris": {},
    }


def _page(account: AccountRecord, page: int) -> dict[str, object]:
    first = page * account.page_size
    shown = account.numbers[first : first + account.page_size]
    more = first + account.page_size < len(account.numbers)
    uri = f"{API}/{account.account_sid}/IncomingPhoneNumbers.json?PageSize={account.page_size}"
    return {
        "incoming_phone_numbers": [_number(account, first + at, each) for at, each in enumerate(shown)],
        "page": page,
        "page_size": account.page_size,
        "start": first,
        "end": first + len(shown) - 1,
        "uri": f"{uri}&Page={page}",
        "first_page_uri": f"{uri}&Page=0",
        "next_page_uri": f"{uri}&Page={page + 1}" if more else None,
        "previous_page_uri": f"{uri}&Page={page - 1}" if page else None,
    }


def _number(account: AccountRecord, index: int, number: NumberRecord) -> dict[str, object]:
    sid = f"PN{index:032x}"
    return {
        "sid": sid,
        "account_sid": account.account_sid,
        "phone_number": number.phone_number,
        "friendly_name": number.phone_number,
        "capabilities": {"voice": number.voice, "sms": True, "mms": True, "fax": False},
        "voice_url": number.voice_url,
        "voice_method": number.voice_method,
        "voice_fallback_url": number.voice_fallback_url,
        "voice_fallback_method": "POST",
        "status_callback": number.status_callback,
        "status_callback_method": number.status_callback_method,
        "voice_application_sid": number.voice_application_sid,
        "trunk_sid": number.trunk_sid or None,
        "uri": f"{API}/{account.account_sid}/IncomingPhoneNumbers/{sid}.json",
    }
