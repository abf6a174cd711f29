"""Every role at every row of the table: what it says is what happens."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI

from console import routes
from console.desk import Desk
from console.gate import Gate
from console.roles import EVERYONE, Role, chosen_roles, read_roles, written_roles
from console.router import add_route
from models.errors import SettingsError
from models.storage import Storage
from tests.console.browser import browser
from tests.console.test_console import trail
from tests.console.test_door import PARTS

REFUSED = "Your role does not open this page."


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_opens_what_its_rows_say_and_nothing_else(app: FastAPI, role: Role) -> None:
    async with browser(app, role) as person:
        for key, row in routes.TABLE.items():
            method, _, path = key.partition(" ")
            if key == "POST /sign-out":
                continue  # ends the walk; tests/console/test_door.py
            ask = person.get if method == "GET" else person.post
            answer = await ask(path.format(**PARTS) + ("?once=true" if path == "/events" else ""))
            assert (answer.status_code == 403) is (role not in row.roles), (key, answer.status_code)


def test_every_role_has_a_first_page() -> None:
    for role in Role:
        assert routes.home(frozenset({role}))


def test_every_page_says_what_its_view_is_called_in_the_audit_trail() -> None:
    for key, row in routes.TABLE.items():
        assert bool(row.views) is key.startswith("GET"), key
        assert row.roles <= EVERYONE
        assert row.roles, key


async def test_every_page_with_patients_data_is_written_down_before_it_is_shown(
    app: FastAPI, storage: Storage
) -> None:
    rows = {key: row for key, row in routes.TABLE.items() if row.views not in ("", routes.NOTHING)}
    assert rows
    for key, row in rows.items():
        role = sorted(row.roles)[0]
        async with browser(app, role) as person:
            await person.get(key.partition(" ")[2].format(**PARTS))
        assert trail(storage)[-1] == (role, "view", row.views.format(**PARTS))


def test_a_page_without_a_row_cannot_be_added(storage: Storage) -> None:
    desk: Desk = None  # type: ignore[assignment]
    with pytest.raises(SettingsError, match="GET /secret has no row"):
        add_route(APIRouter(), Gate(desk), "GET /secret", lambda: None)


async def test_the_navigation_shows_what_one_may_see(app: FastAPI) -> None:
    for role in Role:
        async with browser(app, role) as person:
            html = (await person.get("/password")).text
        for key, row in routes.TABLE.items():
            if row.menu:
                assert (f'<a href="{key.partition(" ")[2]}"' in html) is (role in row.roles)


def test_roles_are_read_and_written() -> None:
    both = frozenset({Role.ADMIN, Role.NURSE})
    assert written_roles(both) == "nurse admin"
    assert read_roles("nurse admin") == both
    assert read_roles("staff") == frozenset()
    assert chosen_roles(["admin", "nurse"]) == both
    for wrong in (["staff"], []):
        with pytest.raises(SettingsError):
            chosen_roles(wrong)
