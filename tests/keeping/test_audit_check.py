"""`firstring verify-audit`: exit code 0 for a whole trail, 1 for whatever was done to it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import Session
from typer.testing import CliRunner

from agent.cli import app
from models import audit
from tests.keeping.conftest import ONE_ENGINE, Practice, tamper
from tests.keeping.test_backup import backed_up


def test_a_whole_trail(practice: Practice) -> None:
    done = practice.run("verify-audit", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told["whole"]
    assert told["entries"] > 0


@ONE_ENGINE
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET actor = 'lee' WHERE id = (SELECT min(id) FROM audit_entry)",
        "DELETE FROM audit_entry WHERE id = (SELECT max(id) FROM audit_entry)",
        "UPDATE audit_head SET number = number - 1",
    ],
)
def test_an_altered_one_ends_with_1_and_names_the_entry(practice: Practice, statement: str) -> None:
    tamper(practice, statement)
    done = practice.run("verify-audit")
    assert done.exit_code == 1
    assert "problem: entry" in done.stdout


@ONE_ENGINE
def test_a_trail_rolled_back_to_before_a_backup_is_found(practice: Practice) -> None:
    """Whole in itself, as a copy of last week's database is."""
    storage = practice.storage()
    storage.write_now(_view)
    storage.close()
    archive, _ = backed_up(practice)
    assert practice.run("verify-audit", "--since", archive).exit_code == 0
    chain = storage.chain
    tamper(
        practice,
        f"DELETE FROM audit_entry WHERE id > (SELECT min(id) FROM audit_entry WHERE chain = '{chain}') - 1",
        f"DELETE FROM audit_head WHERE chain NOT IN (SELECT chain FROM audit_entry) OR chain = '{chain}'",
    )
    done = practice.run("verify-audit", "--since", archive)
    assert done.exit_code == 1


def _view(session: Session) -> None:
    audit.append(session, at=datetime(2026, 11, 24, tzinfo=UTC), actor="kim", action="view", subject="call/X")


def test_no_data_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRSTRING_DATA_DIR", str(tmp_path / "nowhere"))
    done = CliRunner().invoke(app, ["verify-audit"])
    assert "there is no Firstring data" in str(done.exception)
    assert not (tmp_path / "nowhere").exists(), "looking makes nothing"
