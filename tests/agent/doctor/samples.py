"""One healthy and five broken set-ups, really made; what the doctor says of each, as operate.md quotes it.

Left as it is: all that the doctor finds by itself. Given: that the system's clock is synchronised. Replaced
by fixed words: paths, ports, the user, free space, cores and seconds of sound, which differ from machine to
machine.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from agent.custody.backup import make_backup
from agent.doctor import CHECKS, Check, clock, examine
from agent.doctor.findings import Finding, Outcome
from agent.doctor.report import show_findings
from agent.local_server import free_port
from agent.preparing import ensure_demo
from agent.settings import Settings
from backends.practice import DEMO_PRACTICE
from models.engines import ServerLock
from tests.agent.doctor.serving import our_server
from tests.agent.doctor.tls import certificate, serving

WITHOUT_ESPEAK = Path(__file__).resolve().parents[2] / "first_call" / "without_espeak"
SID, TOKEN = "AC" + "0123456789abcdef" * 2, "fedcba9876543210" * 2
HOME = "/srv/firstring"
Environ = dict[str, str]


@contextlib.contextmanager
def healthy(folder: Path, *, days: int = 60, ws: str = "websockets-sansio") -> Iterator[Environ]:
    """A server that runs behind a proxy with TLS, its data folder as the first start made it."""
    practice = folder / "practice.toml"
    practice.write_text(DEMO_PRACTICE.read_text())
    environ = {
        "FIRSTRING_CONFIG": str(folder / "firstring.toml"),
        "FIRSTRING_DATA_DIR": str(folder / "data"),
        "FIRSTRING_TWILIO_ACCOUNT_SID": SID,
        "FIRSTRING_TWILIO_AUTH_TOKEN": TOKEN,
        "FIRSTRING_STAFF_NUMBER": "+16175550100",
        "FIRSTRING_PRACTICE_FILE": str(practice),
        "FIRSTRING_HOST": "127.0.0.1",
        "FIRSTRING_KEEP_CALLS_DAYS": "3650",
        "FIRSTRING_KEEP_MINORS_UNTIL_AGE": "18",
        "FIRSTRING_KEEP_TEXTS_DAYS": "365",
        "FIRSTRING_KEEP_EVENTS_DAYS": "90",
        "FIRSTRING_PORT": str(free_port()),
        "FIRSTRING_PRIVATE_PORT": str(free_port()),
    }
    ensure_demo(Settings(data_dir=folder / "data"))
    make_backup(
        Settings(data_dir=folder / "data"), folder / "backups", folder / "apart" / "keys", "a long one, kept"
    )
    pem, ours = certificate(folder, days=days), our_server(environ)
    with (
        environment(SSL_CERT_FILE=str(pem)),
        serving(ours, port=int(environ["FIRSTRING_PORT"])),
        serving(ours, port=int(environ["FIRSTRING_PRIVATE_PORT"])),
        held(folder / "data" / "firstring.db"),
        serving(ours, tls=pem, ws=ws) as port,
    ):
        yield environ | {"FIRSTRING_PUBLIC_URL": f"https://localhost:{port}"}


@contextlib.contextmanager
def held(database: Path) -> Iterator[None]:
    """The database as a running server holds it."""
    lock = ServerLock(database)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def nothing_set(folder: Path) -> Iterator[Environ]:
    yield {"FIRSTRING_CONFIG": str(folder / "firstring.toml"), "FIRSTRING_DATA_DIR": str(folder / "data")}


@contextlib.contextmanager
def no_voice(folder: Path) -> Iterator[Environ]:
    path = os.pathsep.join(filter(None, (str(WITHOUT_ESPEAK), os.environ.get("PYTHONPATH", ""))))
    with nothing_set(folder) as environ, environment(PYTHONPATH=path):
        yield environ


@contextlib.contextmanager
def damaged_whisper(folder: Path) -> Iterator[Environ]:
    weights = folder / "base.en.pt"
    weights.write_bytes(b"PK\x03\x04 cut short")
    with nothing_set(folder) as environ:
        yield environ | {"FIRSTRING_STT": "whisper", "FIRSTRING_WHISPER_MODEL": str(weights)}


@contextlib.contextmanager
def restored_wrongly(folder: Path) -> Iterator[Environ]:
    """A database that was copied back without its keys, and readable for everybody."""
    data = folder / "data"
    ensure_demo(Settings(data_dir=data))
    (data / "secrets" / "keys").unlink()
    data.chmod(0o755)
    with nothing_set(folder) as environ:
        yield environ


@contextlib.contextmanager
def careless_proxy(folder: Path) -> Iterator[Environ]:
    with healthy(folder, days=3, ws="none") as environ:
        yield environ


Made = Callable[[Path], contextlib.AbstractContextManager[Environ]]
ALL = tuple(check.name for check in CHECKS)
# name -> the set-up, and the checks that matter there
SAMPLES: dict[str, tuple[Made, tuple[str, ...]]] = {
    "healthy": (healthy, ALL),
    "nothing set": (nothing_set, ("carrier account", "staff number", "practice", "public address")),
    "no voice": (no_voice, ("text to speech", "text-to-speech worker")),
    "damaged Whisper": (damaged_whisper, ("speech to text",)),
    "restored wrongly": (restored_wrongly, ("data folder", "secrets", "database")),
    "careless proxy": (careless_proxy, ("public address",)),
}


def sample(name: str, folder: Path) -> str:
    """What the doctor prints; of a broken set-up only what is not in order."""
    make, names = SAMPLES[name]
    checks = tuple(_given(check) for check in CHECKS if check.name in names)
    with make(folder) as environ:
        findings = list(examine(None, environ, checks))
        ports = {environ.get(f"FIRSTRING_{key}", "-"): number for key, number in PORTS.items()}
    lines: list[str] = []
    show_findings(findings if name == "healthy" else _bad(findings), lines.append, as_json=False)
    shown = lines if name == "healthy" else lines[:-1]  # the sum would count what is left out
    return neutral("\n".join(shown) + "\n", folder, ports)


def _bad(findings: list[Finding]) -> list[Finding]:
    return [each for each in findings if each.outcome in (Outcome.WARN, Outcome.FAIL)]


def _given(check: Check) -> Check:
    if check.name != "system clock":
        return check
    return replace(check, examine=lambda _: clock.system_clock(lambda: 0))


PORTS = {"PORT": "8080", "PRIVATE_PORT": "8081"}


def neutral(text: str, folder: Path, ports: dict[str, str]) -> str:
    text = text.replace(str(folder), HOME).replace(str(Path.home()), "/home/firstring")
    for there, shown in ports.items():
        text = text.replace(f":{there}", f":{shown}").replace(f"port {there}", f"port {shown}")
    for pattern, shown in (
        (r"https://localhost:\d+", "https://phone.example.org"),
        (r"localhost is [0-9a-f.:, ]+ here", "phone.example.org is 192.168.1.20 here"),
        (r", for \w+ only", ", for firstring only"),
        (r"[0-9.]+ GiB free", "120.0 GiB free"),
        (r"\d+ on \d+ cores", "2 on 4 cores"),
        (r"\d\.\d s of sound", "0.7 s of sound"),  # a tenth more or less, as the engine's build rounds
    ):
        text = re.sub(pattern, shown, text)
    return text
