"""Giving the second factor, and setting it up."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import HTTPException, Request, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console import cookies, second_factor, sessions
from console.backoff import Backoff
from console.desk import Desk, FormText, SignedIn
from console.routes import NEW_SECOND_FACTOR
from console.users import Staff
from models import audit
from models.tables import StaffSession, StaffUser

MOST_FAILURES = 5  # wrong codes in one session; then the password is asked for again
WRONG = "That code is not right, or was used before. Please wait for the next one."


class SecondFactorPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._backoff = Backoff()  # of its own: a right password makes no wrong code forgotten

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /second-factor": self.form,
            "POST /second-factor": self.give,
            "GET /second-factor/new": self.set_up_form,
            "POST /second-factor/new": self.set_up,
        }

    async def form(self, staff: SignedIn) -> Response:
        return self._desk.render("second_factor.html", staff, problem="")

    async def give(self, request: Request, staff: SignedIn, code: FormText = "") -> Response:
        """A code of the telephone, or a recovery code. Too many wrong ones end the session."""
        now, true_now, keys = self._desk.clock(), self._desk.true_time(), (f"code {staff.name}",)
        self._backoff.refuse_early(keys, self._desk.monotonic())

        def work(session: Session) -> str:
            if second_factor.use_code(session, staff.name, code, true_now):
                action = "second factor"
            elif second_factor.use_recovery_code(session, staff.name, code, now):
                action = "recovery code used"
            else:
                _count_failure(session, staff)
                audit.append(session, at=now, actor=staff.name, action="code refused", subject="console")
                return ""
            audit.append(session, at=now, actor=staff.name, action=action, subject="console")
            sessions.end(session, staff.session)
            return sessions.start(session, staff.name, now, second_factor=True)

        session_id = await self._desk.storage.write(work)
        if not session_id:
            self._backoff.failed(keys, self._desk.monotonic())
            return self._desk.render("second_factor.html", staff, 401, problem=WRONG)
        self._backoff.succeeded(keys)
        answer = RedirectResponse("/", 303)
        cookies.keep(request, answer, session_id)
        return answer

    async def set_up_form(self, staff: SignedIn) -> Response:
        return await self._set_up_form(staff)

    async def set_up(
        self, request: Request, staff: SignedIn, code: FormText = "", present: FormText = ""
    ) -> Response:
        """Keep the new factor once its first code is right. Who has one already shows that one too."""
        now, true_now = self._desk.clock(), self._desk.true_time()

        def work(session: Session) -> tuple[str, tuple[str, ...]]:
            own, user = session.get_one(StaffSession, staff.session), session.get_one(StaffUser, staff.name)
            step = second_factor.step_of(own.pending_secret or "", code, true_now, 0)
            proven = not user.totp_secret or second_factor.use_code(session, user.name, present, true_now)
            if step is None or not own.pending_secret or not proven:
                _count_failure(session, staff)
                return "", ()
            codes = second_factor.set_up(session, staff.name, own.pending_secret, step)
            audit.append(
                session, at=now, actor=staff.name, action="second factor set up", subject=f"user/{staff.name}"
            )
            sessions.end_all(session, staff.name)
            return sessions.start(session, staff.name, now, second_factor=True), codes

        session_id, codes = await self._desk.storage.write(work)
        if not session_id:
            return await self._set_up_form(staff, 422, WRONG)
        shown = staff.in_session(sessions.hash_of(session_id), sessions.form_token(session_id))
        answer = self._desk.render("recovery_codes.html", shown, codes=codes)
        cookies.keep(request, answer, session_id)
        return answer

    async def _set_up_form(self, staff: Staff, status: int = 200, problem: str = "") -> Response:
        secret, has_one = await self._desk.storage.write(lambda s: _pending(s, staff))
        if not secret:
            raise HTTPException(303, "Please sign in again.", {"Location": "/sign-in"})
        address = second_factor.address(secret, staff.name, self._desk.practice_name)
        return self._desk.render(
            "new_second_factor.html",
            staff,
            status,
            picture=second_factor.picture(address),
            secret=second_factor.in_groups(secret),
            has_one=has_one,
            first=staff.due == NEW_SECOND_FACTOR,
            problem=problem,
        )


def _pending(session: Session, staff: Staff) -> tuple[str, bool]:
    """The session's new secret, made now if there is none yet; and whether the person has a factor."""
    own, user = session.get(StaffSession, staff.session), session.get_one(StaffUser, staff.name)
    if own is None:
        return "", False
    own.pending_secret = own.pending_secret or second_factor.new_secret()
    return own.pending_secret, bool(user.totp_secret)


def _count_failure(session: Session, staff: Staff) -> None:
    own = session.get(StaffSession, staff.session)
    if own is None:
        return
    own.failures += 1
    if own.failures >= MOST_FAILURES:
        session.delete(own)
