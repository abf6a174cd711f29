"""The demo practice's schedule with the console on it, at a pinned instant: a Sunday, 10:00 in New York."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from agent.schedule_desk import OwnSchedule
from backends.embedded import EmbeddedBackends
from console import Ports, add_pages, build_router
from console.roles import Role
from models.tables import StaffUser
from tests.backends.conftest import (  # noqa: F401
    NOW,
    SYSTEM,
    backends,
    clock,
    many_processes,
    migrated,
    postgres,
    practice,
    seeded,
)
from tests.console.browser import PASSWORD_HASH


def person(name: str, roles: str) -> StaffUser:
    return StaffUser(name=name, password_hash=PASSWORD_HASH, roles=roles, created_at=NOW)


@pytest.fixture
def schedule(backends: EmbeddedBackends) -> OwnSchedule:  # noqa: F811
    return OwnSchedule(backends, SYSTEM)


@pytest.fixture
def app(backends: EmbeddedBackends, schedule: OwnSchedule) -> FastAPI:  # noqa: F811
    storage = backends.chart.storage
    storage.write_now(lambda s: s.add_all([person("kim", "front_desk"), *(person(r, r) for r in Role)]))
    app = FastAPI()
    add_pages(
        app,
        build_router(
            storage,
            backends.clock,
            timezone=backends.practice.timezone,
            practice_name=backends.practice.name,
            ports=Ports(schedule=schedule),
            second_factor=False,
        ),
    )
    return app
