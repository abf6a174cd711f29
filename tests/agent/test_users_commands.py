"""`firstring users` on the machine itself: the way back in when nobody can sign in."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from agent.cli import app
from console import second_factor, users
from console.roles import Role
from models.crypto import KeyRing
from models.errors import NotFound
from models.storage import Storage
from models.tables import StaffUser

NOW = datetime(2026, 3, 9, 16, 0, tzinfo=UTC)


@pytest.fixture
def storage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FIRSTRING_DATA_DIR", str(tmp_path))
    keys = tmp_path / "secrets" / "keys"
    keys.parent.mkdir(mode=0o700)
    opened = Storage.open(f"sqlite:///{tmp_path}/firstring.db", KeyRing.load_or_create(keys))
    opened.write_now(lambda s: users.create_user(s, "kim", frozenset({Role.NURSE, Role.ADMIN}), at=NOW))
    opened.write_now(lambda s: second_factor.set_up(s, "kim", second_factor.new_secret(), 0))
    return opened


def command(*words: str) -> Result:
    return CliRunner().invoke(app, ["users", *words])


def test_who_there_is(storage: Storage) -> None:
    line = json.loads(command("list", "--json").stdout)
    assert line == {"name": "kim", "roles": "nurse admin", "disabled": False, "second_factor": True}
    assert "name: kim  roles: nurse admin" in command("list").stdout


def test_a_reset_prints_a_password_once_and_takes_the_factor_away(storage: Storage) -> None:
    printed = re.search(r"one-time password (\S+) ", command("reset", "kim").stdout)
    assert printed
    kim = storage.read_now(lambda s: s.get_one(StaffUser, "kim"))
    assert users.check_password(kim, printed[1])
    assert (kim.must_change, kim.totp_secret) == (True, None)
    assert printed[1] not in command("list").stdout


def test_nobody_is_reset_by_a_wrong_name(storage: Storage) -> None:
    assert isinstance(command("reset", "lee").exception, NotFound)
