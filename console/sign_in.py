"""Signing in and out, and one's own password."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Annotated

from fastapi import Query, Request, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console import cookies, routes, sessions, users
from console.backoff import Backoff
from console.desk import LONGEST_FIELD, Desk, FormText, SignedIn
from console.users import Staff
from models import audit
from models.tables import StaffSession, StaffUser

HASHES_AT_ONCE = 2  # argon2 takes 64 MiB each
WRONG = "That name and password do not go together."


class SignIn:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._backoff = Backoff()
        self._hashing = asyncio.Semaphore(HASHES_AT_ONCE)

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /sign-in": self.form,
            "POST /sign-in": self.sign_in,
            "POST /sign-out": self.sign_out,
            "GET /session": self.session,
            "GET /": self.home,
            "GET /password": self.password_form,
            "POST /password": self.change_password,
        }

    async def form(
        self, request: Request, next: Annotated[str, Query(max_length=LONGEST_FIELD)] = ""
    ) -> Response:
        if request.state.staff is not None:
            return RedirectResponse(_safe(next), 303)
        return self._form(next)

    async def sign_in(
        self, request: Request, name: FormText, password: FormText, next: FormText = ""
    ) -> Response:
        user = await self._check(request, name.strip(), password)
        if user is None:
            return self._form(next, 401, WRONG)
        session_id = await self._new_session(request.state.staff, user.name)
        answer = RedirectResponse(_safe(next), 303)
        cookies.keep(request, answer, session_id)
        return answer

    async def sign_out(self, staff: SignedIn, everywhere: FormText = "") -> Response:
        """``everywhere``: in every browser of this person, where anything is given."""
        if everywhere:
            await self._desk.storage.write(lambda s: sessions.end_all(s, staff.name))
        else:
            await self._desk.storage.write(lambda s: sessions.end(s, staff.session))
        await self._desk.trail.did(staff, "sign-out everywhere" if everywhere else "sign-out", "console")
        answer = RedirectResponse("/sign-in", 303)
        cookies.drop(answer)
        answer.headers["Clear-Site-Data"] = '"cache", "storage"'
        return answer

    async def session(self, staff: SignedIn) -> Response:
        """Open pages ask here whether somebody is still signed in."""
        return Response(status_code=204)

    async def home(self, staff: SignedIn) -> Response:
        return RedirectResponse(routes.home(staff.roles), 303)

    async def password_form(self, staff: SignedIn) -> Response:
        return self._desk.render("password.html", staff, problem="")

    async def change_password(
        self, request: Request, staff: SignedIn, password: FormText, current: FormText = ""
    ) -> Response:
        problem = users.password_problem(password, staff.name)
        if not problem and staff.due != routes.PASSWORD:
            known = await self._check(request, staff.name, current)
            problem = "" if known else "That is not your present password."
        if problem:
            return self._desk.render("password.html", staff, 422, problem=problem)
        return await self._keep_password(request, staff, password)

    async def _keep_password(self, request: Request, staff: Staff, password: str) -> Response:
        """Store it and sign out everywhere else. This browser goes on in a new session."""
        async with self._hashing:
            hashed = await asyncio.to_thread(users.hash_password, password)
        now = self._desk.clock()

        def work(session: Session) -> str:
            own = session.get(StaffSession, staff.session)
            users.store_password(session, staff.name, hashed)
            sessions.end_all(session, staff.name)
            return sessions.start(
                session, staff.name, now, second_factor=own is not None and own.second_factor
            )

        session_id = await self._desk.storage.write(work)
        await self._desk.trail.did(staff, "password change", f"user/{staff.name}")
        answer = RedirectResponse("/", 303)
        cookies.keep(request, answer, session_id)
        return answer

    async def _new_session(self, before: Staff | None, name: str) -> str:
        """A session is never taken over from before signing in."""
        now = self._desk.clock()

        def work(session: Session) -> str:
            if before is not None:
                sessions.end(session, before.session)
            audit.append(session, at=now, actor=name, action="sign-in", subject="console")
            return sessions.start(session, name, now)

        return await self._desk.storage.write(work)

    async def _check(self, request: Request, name: str, password: str) -> StaffUser | None:
        """The user, when the password is theirs. Raises HTTPException 429 after too many failures."""
        address = request.client.host if request.client else ""
        keys = (f"account {name.casefold()}", f"address {address}")
        self._backoff.refuse_early(keys, self._desk.monotonic())
        user = None
        if "\0" not in name:
            user = await self._desk.storage.read(lambda session: session.get(StaffUser, name))
        async with self._hashing:
            self._backoff.refuse_early(keys, self._desk.monotonic())  # tries that came at once waited here
            right = await asyncio.to_thread(users.check_password, user, password)
            if right and user is not None:
                self._backoff.succeeded(keys)
                return user
            self._backoff.failed(keys, self._desk.monotonic())
        await self._note_refusal("unknown" if user is None else name)
        return None

    async def _note_refusal(self, name: str) -> None:
        """A name that is nobody's is not written down: people type passwords there."""
        at = self._desk.clock()
        await self._desk.storage.write(
            lambda s: audit.append(s, at=at, actor=name, action="sign-in refused", subject="console")
        )

    def _form(self, there: str, status: int = 200, problem: str = "") -> Response:
        there_too = self._desk.ports.sign_on is not None
        return self._desk.render(
            "sign_in.html", None, status, next=_safe(there), problem=problem, sign_on=there_too
        )


def _safe(there: str) -> str:
    """Where to go on: a page of ours, never another site."""
    ours = there.startswith("/") and not there.startswith(("//", "/\\")) and there.isprintable()
    return there if ours and "\\" not in there else "/"
