"""The people who may sign in: add them, give roles, disable, and a new start after a loss."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import Form, HTTPException, Path, Response
from sqlmodel import Session, col, func, select
from starlette.responses import HTMLResponse, RedirectResponse

from console import second_factor, sessions, users, wording
from console.desk import Desk, SignedIn
from console.roles import TITLES, Role, chosen_roles, read_roles, titles, written_roles
from console.users import Staff
from models.errors import SettingsError
from models.tables import StaffSession, StaffUser

NAME = r"^[A-Za-z0-9._-]{1,64}$"
UserName = Annotated[str, Path(pattern=NAME)]
NewName = Annotated[str, Form(pattern=NAME)]
RoleWords = Annotated[list[str], Form()]
TAKEN = "There is somebody of this name already."


@dataclass(frozen=True)
class UserLine:
    name: str
    roles: frozenset[Role]
    roles_said: str
    disabled: bool
    first_password: bool  # still the one-time one
    factor: bool
    seen: str  # "" while not signed in


class UserPages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> dict[str, Callable[..., object]]:
        return {
            "GET /users": self.list,
            "POST /users": self.add,
            "POST /users/{name}/roles": self.set_roles,
            "POST /users/{name}/disable": self.disable,
            "POST /users/{name}/enable": self.enable,
            "POST /users/{name}/password": self.new_password,
            "POST /users/{name}/second-factor": self.new_factor,
        }

    async def list(self, staff: SignedIn) -> Response:
        return await self._page(staff)

    async def add(self, staff: SignedIn, name: NewName, roles: RoleWords = []) -> Response:  # noqa: B006
        chosen, now = _roles(roles), self._desk.clock()
        password = await self._desk.storage.write(lambda s: users.create_user(s, name, chosen, at=now))
        if password is None:
            raise HTTPException(409, TAKEN)
        await self._desk.trail.did(staff, "user added", f"user/{name}", written_roles(chosen))
        return await self._page(staff, name, password)

    async def set_roles(self, staff: SignedIn, name: UserName, roles: RoleWords = []) -> Response:  # noqa: B006
        chosen = _roles(roles)
        if name == staff.name and Role.ADMIN not in chosen:
            raise HTTPException(409, "Another administrator must take this role from you.")

        def work(user: StaffUser, _session: Session) -> None:
            user.roles = written_roles(chosen)

        return await self._change(staff, name, work, "roles changed", written_roles(chosen))

    async def disable(self, staff: SignedIn, name: UserName) -> Response:
        if name == staff.name:
            raise HTTPException(409, "Another administrator must disable you.")

        def work(user: StaffUser, _session: Session) -> None:
            user.disabled = True

        return await self._change(staff, name, work, "user disabled")

    async def enable(self, staff: SignedIn, name: UserName) -> Response:
        def work(user: StaffUser, _session: Session) -> None:
            user.disabled = False

        return await self._change(staff, name, work, "user enabled")

    async def new_password(self, staff: SignedIn, name: UserName) -> Response:
        """A one-time password, shown once. The person's second factor stays."""
        password = users.one_time_password()
        hashed = await asyncio.to_thread(users.hash_password, password)

        def work(user: StaffUser, _session: Session) -> None:
            user.password_hash, user.must_change = hashed, True

        await self._change(staff, name, work, "password reset")
        return await self._page(staff, name, password)

    async def new_factor(self, staff: SignedIn, name: UserName) -> Response:
        def work(user: StaffUser, session: Session) -> None:
            second_factor.take_away(session, user.name)

        return await self._change(staff, name, work, "second factor reset")

    async def _change(
        self, staff: Staff, name: str, work: Callable[[StaffUser, Session], None], action: str, why: str = ""
    ) -> Response:
        """Do it, and sign that person out everywhere. Raises HTTPException 404 where there is nobody."""

        def change(session: Session) -> bool:
            user = session.get(StaffUser, name)
            if user is None:
                return False
            work(user, session)
            sessions.end_all(session, name)
            return True

        if not await self._desk.storage.write(change):
            raise HTTPException(404, "There is nobody of this name.")
        await self._desk.trail.did(staff, action, f"user/{name}", why)
        return RedirectResponse("/users", 303)

    async def _page(self, staff: Staff, name: str = "", password: str = "") -> HTMLResponse:
        lines = await self._desk.storage.read(lambda s: user_lines(s, self._desk.zone))
        return self._desk.render(
            "users.html", staff, people=lines, titles=TITLES, new_name=name, new_password=password
        )


def user_lines(session: Session, zone: ZoneInfo) -> tuple[UserLine, ...]:
    seen = dict(
        session.exec(
            select(StaffSession.user_name, func.max(StaffSession.seen_at)).group_by(
                col(StaffSession.user_name)
            )
        ).all()
    )
    rows = session.exec(select(StaffUser).order_by(col(StaffUser.name))).all()
    return tuple(
        UserLine(
            name=row.name,
            roles=read_roles(row.roles),
            roles_said=titles(read_roles(row.roles)) or "none",
            disabled=row.disabled,
            first_password=row.must_change,
            factor=bool(row.totp_secret),
            seen=wording.when(seen[row.name], zone) if row.name in seen else "",
        )
        for row in rows
    )


def _roles(words: list[str]) -> frozenset[Role]:
    try:
        return chosen_roles(words)
    except SettingsError as problem:
        raise HTTPException(422, f"Please choose at least one role: {problem}.") from problem
