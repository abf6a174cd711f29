"""`firstring serve` on a wrong set-up: one problem, its fix, exit code 2; never a traceback, never a loop."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from agent.local_server import demo_settings, free_port
from agent.preparing import ensure_demo
from models.keyring import KeyRing

ROOT = Path(__file__).resolve().parents[2]
READ_ONLY = "/sys/kernel"  # a folder in which not even root can make a file


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "FIRSTRING_DATA_DIR": str(tmp_path / "data"),
        "FIRSTRING_PUBLIC_URL": "https://phone.example.org",
        "FIRSTRING_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "FIRSTRING_TWILIO_AUTH_TOKEN": "hunter2",
        "FIRSTRING_HOST": "127.0.0.1",
        "FIRSTRING_PORT": str(free_port()),
        "FIRSTRING_PRIVATE_PORT": str(free_port()),
    }


def refused(environ: dict[str, str], folder: Path) -> str:
    """What `serve` says; it must have ended by itself, with code 2, a fix, and no secret."""
    done = subprocess.run(
        [sys.executable, "-m", "agent.cli", "serve"],
        cwd=folder, env=environ, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "fix: " in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr + done.stdout
    return done.stderr


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("PUBLIC_URL", "", "not set: PUBLIC_URL"),
        ("PUBLIC_URL", "http://phone.example.org", "PUBLIC_URL must be https"),
        ("PUBLIC_URL", "https://phone.example.org/?number=1", "PUBLIC_URL must have no query"),
        ("PUBLIC_URL", "phone.example.org", "it starts with https://"),
        ("STAFF_NUMBER", "0100", "STAFF_NUMBER is not E.164"),
        ("NOW", "2026-11-24T10:05:00", "with its zone"),
        ("PORT", "none", "PORT is 'none', which is not a whole number"),
        ("DATA_DIR", READ_ONLY, "cannot be written"),
        ("DATA_DIR", "/proc/firstring", "cannot be made"),
        ("PRACTICE_FILE", "nowhere.toml", "nowhere.toml cannot be read"),
        ("TWILIO_AUTH_TOKEN_FILE", "/nowhere/token", "names /nowhere/token, which cannot be read"),
        ("TWILIO_AUTH_TOKEN_FILE", "/", "names /, which cannot be read"),
    ],
)
def test_a_setting_is_wrong(
    setting: str, value: str, says: str, environ: dict[str, str], tmp_path: Path
) -> None:
    if setting.endswith("_FILE") and setting.startswith("TWILIO"):
        del environ["FIRSTRING_TWILIO_AUTH_TOKEN"]
    environ[f"FIRSTRING_{setting}"] = value
    assert says in refused(environ, tmp_path)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("firstring.toml", "PORT = = 1", "firstring.toml cannot be read"),
        ("firstring.toml", "\x00\xff", "firstring.toml cannot be read"),
        ("firstring.toml", "PROT = 8080", "unknown setting 'PROT'"),
        ("practice.toml", "[practice", "practice.toml is not TOML"),
        ("practice.toml", '[practice]\nname = "A"', "practice.toml: practice.phone"),
    ],
)
def test_a_file_is_wrong(name: str, text: str, says: str, environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    if name == "practice.toml":
        environ["FIRSTRING_PRACTICE_FILE"] = name
    assert says in refused(environ, tmp_path)


def test_a_busy_port(environ: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", int(environ["FIRSTRING_PRIVATE_PORT"]))):
        said = refused(environ, tmp_path)
    assert "cannot listen on 127.0.0.1" in said
    assert "set PRIVATE_PORT to another" in said


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://admin:hunter2@db/firstring", "unknown kind of database, mysql"),
        ("postgresql://admin:hunter2@127.0.0.1:9/firstring", "the database server cannot be reached"),
        (f"sqlite:///{READ_ONLY}/firstring.db", "cannot be opened"),
    ],
)
def test_a_database_that_is_not_there(url: str, says: str, environ: dict[str, str], tmp_path: Path) -> None:
    environ["FIRSTRING_DATABASE_URL"] = url
    said = refused(environ, tmp_path)
    assert says in said
    assert said.count("web: cannot start") == 1, "it was tried again"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded") / "data"
    ensure_demo(demo_settings(folder))
    return folder


@pytest.fixture
def spoiled(seeded: Path, tmp_path: Path) -> Path:
    """A copy of a served practice's data, to be damaged."""
    return Path(shutil.copytree(seeded, tmp_path / "data"))


def test_lost_keys_are_not_replaced(spoiled: Path, environ: dict[str, str], tmp_path: Path) -> None:
    (spoiled / "secrets" / "keys").unlink()
    said = refused(environ, tmp_path)
    assert "keys is gone, and the database is there" in said
    assert "from the backup" in said
    assert not (spoiled / "secrets" / "keys").exists()


def test_another_practice_s_keys(spoiled: Path, environ: dict[str, str], tmp_path: Path) -> None:
    KeyRing.load_or_create(tmp_path / "other")
    shutil.copy(tmp_path / "other", spoiled / "secrets" / "keys")
    assert "made with another key file" in refused(environ, tmp_path)


def test_damaged_keys(spoiled: Path, environ: dict[str, str], tmp_path: Path) -> None:
    (spoiled / "secrets" / "keys").write_text("{}")
    assert "keys is damaged" in refused(environ, tmp_path)


def test_a_damaged_database(spoiled: Path, environ: dict[str, str], tmp_path: Path) -> None:
    (spoiled / "firstring.db").write_bytes(b"not a database at all" * 100)
    assert "damaged or not a database" in refused(environ, tmp_path)
