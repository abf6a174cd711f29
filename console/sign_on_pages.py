"""To the practice's identity provider and back (`console.sign_on`)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import HTTPException, Query, Request, Response
from sqlmodel import Session
from starlette.responses import RedirectResponse

from console import cookies, sessions
from console.desk import Desk
from console.sign_on import BACK, Begun, SignOn
from models import audit
from models.tables import StaffUser

KEPT = "__Host-firstring-sign-on"
KEPT_FOR_S = 600
NOBODY = "Your sign-in there is good, but nobody of that name may use this console. Ask your administrator."
AGAIN = "This sign-in was not begun in this browser, or is too old. Please begin again."
Part = Annotated[str, Query(max_length=4_000)]


class SignOnPages:
    """Without a provider its two addresses say that there is none."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._of = desk.ports.sign_on

    def routes(self) -> dict[str, Callable[..., object]]:
        return {"GET /sign-in/there": self.leave, f"GET {BACK}": self.back}

    async def leave(self) -> Response:
        begun = Begun.new()
        answer = RedirectResponse(await self._provider.address(begun), 303)
        # Lax: the browser comes back from another site, and a strict cookie would stay at home.
        answer.set_cookie(
            KEPT, begun.kept, max_age=KEPT_FOR_S, path="/", secure=True, httponly=True, samesite="lax"
        )
        return answer

    async def back(
        self, request: Request, state: Part = "", code: Part = "", iss: Part = "", error: Part = ""
    ) -> Response:
        begun = Begun.read(request.cookies.get(KEPT, ""))
        if begun is None or not secrets.compare_digest(state.encode(), begun.state.encode()):
            raise HTTPException(400, AGAIN)
        if error or not code or iss not in ("", self._provider.config.issuer):
            raise HTTPException(400, "The identity provider did not sign you in. Please try again.")
        known = await self._provider.known(code, begun)
        session_id = await self._desk.storage.write(lambda s: self._start(s, known.name, known.strong))
        if session_id is None:
            raise HTTPException(403, NOBODY)
        # A page, and no redirect: what follows from another site's answer carries no strict cookie.
        answer = self._desk.render("signed_on.html", None)
        cookies.keep(
            request, answer, session_id, secure=self._provider.config.console_url.startswith("https://")
        )
        answer.delete_cookie(KEPT, path="/", secure=True, httponly=True, samesite="lax")
        return answer

    @property
    def _provider(self) -> SignOn:
        if self._of is None:
            raise HTTPException(
                404, "This practice has no identity provider. Please sign in with a password."
            )
        return self._of

    def _start(self, session: Session, name: str, strong: bool) -> str | None:
        """The id of a new session; None where the person has no row here, or is disabled."""
        user, now = session.get(StaffUser, name) if "\0" not in name else None, self._desk.clock()
        if user is None or user.disabled:
            who = "unknown" if user is None else name
            audit.append(session, at=now, actor=who, action="sign-in refused", subject="console")
            return None
        audit.append(
            session, at=now, actor=name, action="sign-in", subject="console", why="identity provider"
        )
        return sessions.start(session, name, now, second_factor=strong, outside=True)
