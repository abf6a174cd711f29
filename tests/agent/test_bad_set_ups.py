"""`firstring serve` on a wrong set-up: one problem, its fix, exit code 2; never a traceback, never a loop.

What may pass by itself is waited for instead.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from agent import cli, supervisor, web
from agent.first_run import await_data_dir
from agent.local_server import demo_settings, free_port
from agent.preparing import ensure_demo
from agent.settings import Settings, own_secret
from agent.starting import CANNOT_START, CANNOT_START_YET, yet_pause_s
from models.keyring import KeyRing

pytestmark = pytest.mark.busy(about_s=20)

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
        "FIRSTRING_DEMO_PRACTICE": "true",
        "FIRSTRING_HOST": "127.0.0.1",
        "FIRSTRING_PORT": str(free_port()),
        "FIRSTRING_PRIVATE_PORT": str(free_port()),
    }


def ended(command: list[str], code: int, environ: dict[str, str], folder: Path) -> str:
    """What a process says that ends by itself with ``code``: a fix, and no secret."""
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder, env=environ, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert_clear(done.stderr)
    assert "hunter2" not in done.stdout
    return str(done.stderr)


def assert_clear(said: str) -> None:
    assert "fix: " in said
    assert "Traceback" not in said
    assert "hunter2" not in said


def refused(environ: dict[str, str], folder: Path) -> str:
    """What `serve` says, a process with its parts."""
    return ended(["agent.cli", "serve"], 2, environ, folder)


@pytest.fixture
def refused_by_web(
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    own_logging: None,
) -> Callable[..., str]:
    """What the web process says, and ends with the code by which the supervisor knows that it is hopeless."""

    def refused(code: int = CANNOT_START) -> str:
        take_on(environ, tmp_path, monkeypatch)
        monkeypatch.setattr(web, "die_with_parent", lambda: None)
        doors = [socket.create_server(("127.0.0.1", 0)).detach() for _ in range(2)]
        with pytest.raises(SystemExit) as ending:
            web.main(["--public-fd", str(doors[0]), "--private-fd", str(doors[1])])
        assert ending.value.code == code
        said = str(capsys.readouterr().err)
        assert_clear(said)
        return said

    return refused


def take_on(environ: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """This process has these settings and no others."""
    for name in [name for name in os.environ if name.startswith("FIRSTRING_")]:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)


@pytest.fixture
def refused_at_once(
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[], str]:
    """What `serve` says in this very process: it must end with code 2 before any part is started."""

    def refused() -> str:
        take_on(environ, tmp_path, monkeypatch)
        monkeypatch.setattr(sys, "argv", ["firstring", "serve"])
        monkeypatch.setattr(supervisor.Supervisor, "run", lambda _: pytest.fail("parts were started"))
        with pytest.raises(SystemExit) as ending:
            cli.main()
        assert ending.value.code == 2
        said = capsys.readouterr()
        assert_clear(said.err)
        assert "hunter2" not in said.out
        return str(said.err)

    return refused


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
        ("DEMO_PRACTICE", "false", "patients would be answered as the fictional practice"),
        ("TWILIO_AUTH_TOKEN_FILE", "/nowhere/token", "names /nowhere/token, which cannot be read"),
        ("TWILIO_AUTH_TOKEN_FILE", "/", "names /, which cannot be read"),
    ],
)
def test_a_setting_is_wrong(
    setting: str, value: str, says: str, environ: dict[str, str], refused_at_once: Callable[[], str]
) -> None:
    if setting.endswith("_FILE") and setting.startswith("TWILIO"):
        del environ["FIRSTRING_TWILIO_AUTH_TOKEN"]
    environ[f"FIRSTRING_{setting}"] = value
    assert says in refused_at_once()


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
def test_a_file_is_wrong(
    name: str,
    text: str,
    says: str,
    environ: dict[str, str],
    tmp_path: Path,
    refused_at_once: Callable[[], str],
) -> None:
    (tmp_path / name).write_bytes(text.encode("latin-1"))
    if name == "practice.toml":
        environ["FIRSTRING_PRACTICE_FILE"] = name
    assert says in refused_at_once()


def test_a_busy_port(environ: dict[str, str], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", int(environ["FIRSTRING_PRIVATE_PORT"]))):
        said = refused(environ, tmp_path)
    assert "cannot listen on 127.0.0.1" in said
    assert "set PRIVATE_PORT to another" in said


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://admin:hunter2@db/firstring", "unknown kind of database, mysql"),
        (f"sqlite:///{READ_ONLY}/firstring.db", "cannot be opened"),
    ],
)
def test_a_database_that_is_not_there(
    url: str, says: str, environ: dict[str, str], refused_by_web: Callable[[], str]
) -> None:
    environ["FIRSTRING_DATABASE_URL"] = url
    assert says in refused_by_web()


AWAY = "postgresql://admin:hunter2@127.0.0.1:9/firstring"


def test_a_database_that_is_not_up_yet_is_no_wrong_setting(
    environ: dict[str, str], refused_by_web: Callable[..., str]
) -> None:
    environ["FIRSTRING_DATABASE_URL"] = AWAY
    said = refused_by_web(CANNOT_START_YET)
    assert "web: cannot start yet: the database server cannot be reached" in said


def test_the_server_waits_for_its_database(environ: dict[str, str], tmp_path: Path) -> None:
    environ["FIRSTRING_DATABASE_URL"] = AWAY
    log = tmp_path / "log"
    with log.open("wb") as output:
        serving = subprocess.Popen(
            [sys.executable, "-m", "agent.cli", "serve"],
            cwd=tmp_path,
            env=environ,
            stdout=output,
            stderr=output,
        )
        deadline_s = time.monotonic() + 300
        while log.read_text().count("web: cannot start yet") < 2:
            assert serving.poll() is None, log.read_text()
            assert time.monotonic() < deadline_s, log.read_text()
            time.sleep(0.1)
        serving.terminate()
        assert serving.wait(60) == 0
    assert_clear(log.read_text())
    assert log.read_text().count("supervisor: web cannot start yet") == 1


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a disk of its own, which a file called filler fills."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no disk may be mounted here")
    with suppress(OSError), (folder / "filler").open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4_096))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_waited_for(full_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A power cut does not leave a server dead that somebody has made room for."""
    pauses_s: list[float] = []

    def sleep(pause_s: float) -> None:
        pauses_s.append(pause_s)
        if len(pauses_s) == 2:
            (full_disk / "filler").unlink()

    await_data_dir(Settings(data_dir=full_disk), sleep)
    assert pauses_s == [yet_pause_s(0), yet_pause_s(1)]
    said = capsys.readouterr().err
    assert_clear(said)
    assert said.count("cannot be written: No space left on device") == 2


def test_a_secret_that_found_no_room_is_not_left_empty(full_disk: Path) -> None:
    chosen = Settings(data_dir=full_disk)
    with pytest.raises(OSError, match="No space left"):
        own_secret(chosen, "stream-token")
    (full_disk / "filler").unlink()
    assert len(own_secret(chosen, "stream-token")) > 30


def test_a_web_process_that_cannot_start_ends_the_server_and_is_not_tried_again(
    environ: dict[str, str], tmp_path: Path
) -> None:
    environ["FIRSTRING_DATABASE_URL"] = f"sqlite:///{READ_ONLY}/firstring.db"
    said = refused(environ, tmp_path)
    assert "cannot be opened" in said
    assert said.count("web: cannot start") == 1


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded") / "data"
    ensure_demo(demo_settings(folder))
    return folder


@pytest.fixture
def spoiled(seeded: Path, tmp_path: Path) -> Path:
    """A copy of a served practice's data, to be damaged."""
    return Path(shutil.copytree(seeded, tmp_path / "data"))


def test_lost_keys_are_not_replaced(spoiled: Path, tmp_path: Path, refused_by_web: Callable[[], str]) -> None:
    (spoiled / "secrets" / "keys").unlink()
    said = refused_by_web()
    assert "keys is gone, and the database is there" in said
    assert "from the backup" in said
    assert not (spoiled / "secrets" / "keys").exists()


def test_another_practice_s_keys(spoiled: Path, tmp_path: Path, refused_by_web: Callable[[], str]) -> None:
    KeyRing.load_or_create(tmp_path / "other")
    shutil.copy(tmp_path / "other", spoiled / "secrets" / "keys")
    assert "made with another key file" in refused_by_web()


def test_damaged_keys(spoiled: Path, tmp_path: Path, refused_by_web: Callable[[], str]) -> None:
    (spoiled / "secrets" / "keys").write_text("{}")
    assert "keys is damaged" in refused_by_web()


def test_a_damaged_database(spoiled: Path, tmp_path: Path, refused_by_web: Callable[[], str]) -> None:
    (spoiled / "firstring.db").write_bytes(b"not a database at all" * 100)
    assert "damaged or not a database" in refused_by_web()
