"""The staff console on a practice that takes calls, with one person of each role: named as the role."""

from __future__ import annotations

import re

from fastapi import FastAPI

from agent.services import Services
from agent.web import console_ports
from console import add_pages, build_router
from console.roles import Role
from models.tables import StaffUser
from tests.console.browser import PASSWORD_HASH

MORE = {"second": "prescriber"}  # besides one of each role


async def console_of(services: Services) -> FastAPI:
    people = {role.value: role.value for role in Role} | MORE
    rows = [
        StaffUser(name=name, password_hash=PASSWORD_HASH, roles=roles, created_at=services.clock())
        for name, roles in people.items()
    ]
    await services.storage.write(lambda session: session.add_all(rows))
    app = FastAPI()
    add_pages(
        app,
        build_router(
            services.storage,
            services.clock,
            timezone=services.practice.timezone,
            ports=console_ports(services),
            second_factor=False,
        ),
    )
    return app


def shown(html: str) -> str:
    """The words of a page's main part, in one line."""
    main = html.partition("<main")[2].partition("</main>")[0].partition(">")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())
