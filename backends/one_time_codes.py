"""The second proof of identity: a six-digit code by text to the mobile number on file.

Good for ten minutes, three tries and one use; only its keyed hash is kept. It never goes to a number because
that number calls (45 CFR 164.514(h); domain rules section 2).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from backends.chart import Chart, write_retrying
from backends.refusals import Json
from backends.telephones import bare_number
from models.audit import append
from models.calls import phone_blind
from models.contact_tables import OneTimeCode, TextMessage, TextState
from models.domain import (
    CheckCode,
    CodeNotSent,
    CodeRefused,
    CodeSent,
    IdentityLevel,
    IdentityVerified,
    SendCode,
)
from models.guards import note_identity_attempt
from models.keyring import current_keyring
from models.texts import queue_text

LIFE = timedelta(minutes=10)
MOST_TRIES = 3
MOST_SENDS = 2  # in one call: the code, and once again
MOST_TEXTS = 5  # codes to one number in a day, whoever calls
PURPOSE = "code"  # of text messages and of the hash
DAY = timedelta(hours=24)


class OneTimeCodes:
    """Sends and checks the codes of calls about patients of this chart."""

    def __init__(self, chart: Chart, practice_name: str) -> None:
        self._chart = chart
        self._practice_name = practice_name

    async def send(self, wish: SendCode, *, call_id: str) -> CodeSent | CodeNotSent:
        """Promise the text, once per (call, action); a second code makes the first one worthless."""
        now = self._chart.clock()
        return await write_retrying(self._chart.storage, lambda s: self._send(s, wish, call_id, now))

    async def check(
        self, wish: CheckCode, *, caller_number: str, call_id: str
    ) -> IdentityVerified | CodeRefused:
        """L2 for the right code in time; a wrong one counts as a failed identity check of the number."""
        now = self._chart.clock()
        return await self._chart.storage.write(lambda s: _check(s, wish, caller_number, call_id, now))

    def _send(self, session: Session, wish: SendCode, call_id: str, now: datetime) -> CodeSent | CodeNotSent:
        key = f"{PURPOSE}:{call_id}:{wish.action_id}"
        if _text(session, key) is not None:
            return CodeSent()
        number = self._mobile(session, wish)
        refusal = _refusal(session, number, call_id, now)
        if refusal:
            return _not_sent(session, refusal, call_id, now)
        code = str(secrets.randbelow(900_000) + 100_000)  # no leading zero: that key is a person
        text = queue_text(
            session,
            key=key,
            to_number=number,
            body=self._body(code),
            purpose=PURPOSE,
            at=now,
            call_id=call_id,
        )
        if text.state == TextState.WITHHELD:
            return _not_sent(session, "no-texts-wanted", call_id, now)
        _keep(session, wish, call_id, code, now)
        _audit(session, now, "code-sent", call_id)
        return CodeSent()

    def _body(self, code: str) -> str:
        return (
            f"{self._practice_name}: your code is {code}. It is good for 10 minutes."
            " If you are not on the phone with us, please call us."
        )

    def _mobile(self, session: Session, wish: SendCode) -> str:
        """The number that the code may go to: of the patient, or of who speaks for them by the chart."""
        kind, _, resource_id = wish.basis.partition("/")
        if kind == "RelatedPerson":
            person = self._chart.store.find(session, kind, resource_id)
            return mobile_of(person.body if person else {})
        patient = self._chart.store.find(session, "Patient", wish.patient_id)
        return mobile_of(patient.body) if patient else ""


def mobile_of(person: Json) -> str:
    """The mobile number on file that is in use, E.164; "" when there is none."""
    items = [item for item in person.get("telecom", []) if item.get("use") != "old" and item.get("value")]
    mobile = [
        i for i in items if (i.get("system"), i.get("use")) == ("phone", "mobile") or i.get("system") == "sms"
    ]
    numbers = [bare_number(str(item["value"])) for item in _by_rank(mobile)]
    return next((number for number in numbers if number.startswith("+")), "")


def _by_rank(items: Sequence[Json]) -> list[Json]:
    return sorted(items, key=lambda item: int(item["rank"]) if str(item.get("rank", "")).isdigit() else 99)


def _refusal(session: Session, number: str, call_id: str, now: datetime) -> str:
    """Why no code may be sent, "" when it may."""
    if not number:
        return "no-mobile-on-file"
    row = session.get(OneTimeCode, call_id)
    if row is not None and (row.sends >= MOST_SENDS or row.tries >= MOST_TRIES or row.used_by):
        return "sent-before"
    count = select(func.count()).where(
        TextMessage.to_blind == phone_blind(number),
        TextMessage.purpose == PURPOSE,
        col(TextMessage.created_at) > now - DAY,
    )
    return "too-many-codes" if session.exec(count).one() >= MOST_TEXTS else ""


def _not_sent(session: Session, code: str, call_id: str, now: datetime) -> CodeNotSent:
    _audit(session, now, "code-not-sent", call_id)
    return CodeNotSent(code)


def _keep(session: Session, wish: SendCode, call_id: str, code: str, now: datetime) -> None:
    row = session.get(OneTimeCode, call_id)
    if row is None:
        row = OneTimeCode(call_id=call_id, patient_id="", code_hash="", sent_at=now, expires_at=now, sends=0)
    row.patient_id, row.code_hash = wish.patient_id, _hash(call_id, code)
    row.sent_at, row.expires_at, row.sends = now, now + LIFE, row.sends + 1
    session.add(row)
    session.flush()


def _check(
    session: Session, wish: CheckCode, caller_number: str, call_id: str, now: datetime
) -> IdentityVerified | CodeRefused:
    row = session.get(OneTimeCode, call_id, with_for_update=True)
    if row is not None and _is_right(row, wish, now):
        if not row.used_by:
            row.used_by = wish.action_id
            session.add(row)
            _audit(session, now, "code-verified", call_id)
        return IdentityVerified(wish.patient_id, IdentityLevel.L2)
    note_identity_attempt(session, caller_number, call_id=call_id, at=now, ok=False)
    _audit(session, now, "code-refused", call_id)
    if row is None:
        return CodeRefused(more=False)
    row.tries += 1
    session.add(row)
    session.flush()
    return CodeRefused(more=row.tries < MOST_TRIES and not row.used_by)


def _is_right(row: OneTimeCode, wish: CheckCode, now: datetime) -> bool:
    mine = row.patient_id == wish.patient_id and row.used_by in ("", wish.action_id)
    in_time = row.tries < MOST_TRIES and now < row.expires_at
    return mine and in_time and hmac.compare_digest(row.code_hash, _hash(row.call_id, wish.code))


def _hash(call_id: str, code: str) -> str:
    return current_keyring().blind(PURPOSE, f"{call_id}|{code}")


def _text(session: Session, key: str) -> TextMessage | None:
    return session.exec(select(TextMessage).where(TextMessage.key == key)).first()


def _audit(session: Session, now: datetime, action: str, call_id: str) -> None:
    append(session, at=now, actor="agent", action=action, subject=f"call/{call_id}", why=f"call {call_id}")
