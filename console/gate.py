"""Every request passes here: who is it, may they, is the form ours, and is the view written down."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import HTTPException, Request
from sqlmodel import Session
from starlette.requests import HTTPConnection

from console import cookies, need, secure, sessions
from console.buckets import Buckets
from console.desk import Desk
from console.need import NeedsReason
from console.roles import read_roles
from console.routes import NEW_SECOND_FACTOR, NOTHING, PASSWORD, SECOND_FACTOR, Row
from console.secure import from_our_own_page
from console.trail import REFRESH_HEADER
from console.users import Staff
from models.tables import StaffSession, StaffUser

TOKEN_FIELD = "form_token"
TOKEN_HEADER = "x-form-token"
NOT_YOURS = "Your role does not open this page."
Check = Callable[[Request], Coroutine[Any, Any, None]]


class Gate:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._forms = Buckets()

    def before(self, row: Row) -> Check:
        """What a route of ``row`` depends on. Raises HTTPException 303, 401 or 403."""

        async def check(request: Request) -> None:
            if request.method == "POST":
                from_our_own_page(request)
            staff = await self._who(request)
            request.state.staff = staff
            if row.open_to_all:
                return
            if staff is None:
                raise _sign_in_first(request)
            await self._admit(request, row, staff)

        return check

    async def knows(self, connection: HTTPConnection, row: Row) -> Staff | None:
        """Who opens a socket, for which browsers send no form: None unless it is a page of ours that asks,
        somebody is signed in for good, and their roles have ``row``."""
        staff = await self._who(connection) if secure.is_our_own_page(connection) else None
        return staff if staff and not staff.due and staff.roles & row.roles else None

    async def _admit(self, request: Request, row: Row, staff: Staff) -> None:
        if staff.due and staff.due not in row.during:
            raise HTTPException(303, "First things first.", {"Location": staff.due})
        subject = "" if row.views == NOTHING else row.views.format(**request.path_params)
        if not staff.roles & row.roles and not await self._opened_in_need(row, staff, subject):
            raise NeedsReason(need.record_of(subject)) if row.need else HTTPException(403, NOT_YOURS)
        if request.method == "POST":
            self._forms.take(staff.session, self._desk.monotonic())
            await _check_token(request, staff)
        if subject:
            await self._desk.trail.viewed(request, staff, subject)

    async def _opened_in_need(self, row: Row, staff: Staff, subject: str) -> bool:
        if not row.need:
            return False
        record, now = need.record_of(subject), self._desk.clock()
        return await self._desk.storage.read(lambda s: need.is_open(s, staff.name, record, now))

    async def _who(self, request: HTTPConnection) -> Staff | None:
        session_id = cookies.session_id(request)
        if not session_id:
            return None
        now = self._desk.clock()
        found = await self._desk.storage.read(lambda s: sessions.find(s, session_id, now))
        if found is None:
            return None
        row, user = found
        if REFRESH_HEADER not in request.headers and now - row.seen_at >= sessions.SEEN_EVERY:
            await self._desk.storage.write(_touch(row.id_hash, now))
        return staff_of(user, row, sessions.form_token(session_id), second_factor=self._desk.second_factor)


def staff_of(user: StaffUser, row: StaffSession, token: str, *, second_factor: bool) -> Staff:
    """The person of a session; ``second_factor``: whether people need one."""
    due = ""
    if second_factor and user.totp_secret and not row.second_factor:
        due = SECOND_FACTOR
    elif user.must_change and not row.outside:
        due = PASSWORD
    elif second_factor and not user.totp_secret and not row.second_factor:
        due = NEW_SECOND_FACTOR
    return Staff(user.name, read_roles(user.roles), due, row.id_hash, token)


def _touch(id_hash: str, now: Any) -> Callable[[Session], None]:
    return lambda session: sessions.touch(session, id_hash, now)


def _sign_in_first(request: Request) -> HTTPException:
    if request.method != "GET":
        return HTTPException(401, "Please sign in again. What you sent was not kept.")
    there = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    query = "" if there == "/" else f"?next={quote(there, safe='')}"
    return HTTPException(303, "Please sign in.", {"Location": f"/sign-in{query}"})


async def _check_token(request: Request, staff: Staff) -> None:
    """The form must come from a page of this very session. Raises HTTPException 403."""
    token = request.headers.get(TOKEN_HEADER, "")
    if not token:
        token = str((await request.form()).get(TOKEN_FIELD, ""))
    if not hmac.compare_digest(token.encode(), staff.form_token.encode()):
        raise HTTPException(403, "This form is not of this session. Please go back, reload and try again.")
