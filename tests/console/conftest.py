"""A console on a day's sample rows, with two people who may sign in."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import APIRouter, FastAPI

from console import add_pages, build_router
from console.roles import Role
from models.crypto import KeyRing
from models.storage import Storage
from models.tables import StaffUser
from tests.console import sample
from tests.console.browser import PASSWORD_HASH


def user(name: str, roles: str = "coordinator") -> StaffUser:
    return StaffUser(name=name, password_hash=PASSWORD_HASH, roles=roles, created_at=sample.NOW)


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample rows in a database with its key file, copied for each test."""
    folder = tmp_path_factory.mktemp("sample")
    opened = Storage.open(f"sqlite:///{folder}/calls.db", KeyRing.load_or_create(folder / "keys.json"))
    opened.write_now(sample.fill)
    opened.write_now(lambda s: s.add_all([user("kim"), user("lee"), *(user(role, role) for role in Role)]))
    opened.close()
    return folder


@pytest.fixture
def storage(tmp_path: Path, filled: Path) -> Iterator[Storage]:
    for name in ("calls.db", "keys.json"):
        shutil.copy(filled / name, tmp_path / name)
    opened = Storage.open(f"sqlite:///{tmp_path}/calls.db", KeyRing.load(tmp_path / "keys.json"))
    yield opened
    opened.close()


@pytest.fixture
def router(storage: Storage) -> APIRouter:
    return build_router(
        storage, lambda: sample.NOW, timezone="America/Chicago", practice_name="Lakeside", second_factor=False
    )


@pytest.fixture
def app(router: APIRouter) -> FastAPI:
    app = FastAPI()
    add_pages(app, router)
    return app
