"""The search itself: a planted leak is found wherever it lies and however it is spelled."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil
import pytest

from tests.canaries.planted import BORN, FAMILY, MEDICINE, NAME, NUMBER, SAYS, chart, hits
from tests.canaries.surfaces import collector, leaks, of_folder, of_processes


@pytest.mark.parametrize(
    "leak",
    [
        SAYS.encode(),
        json.dumps({"event": "x", "who": NAME.upper()}).encode(),
        f"GET /patients?name={quote(NAME)}&phone={quote(NUMBER)}".encode(),
        NAME.encode("utf-16-le"),
        b"\0\xff" + base64.b64encode(b"a" + NAME.encode()),
        b"\0\xff" + base64.b64encode(b"ab" + NAME.encode() + b"xyz"),
        FAMILY.encode().hex().encode(),
        b"born " + BORN.encode(),
        f"takes {MEDICINE.title()}".encode(),
        b"call 6175550187 back",
        json.dumps(chart()).encode(),
    ],
)
def test_a_leak_is_found_in_any_form(leak: bytes) -> None:
    assert hits(b"\0" * 1_000 + leak + b"\0" * 1_000)


def test_what_is_no_leak_is_not_found() -> None:
    assert not hits(b'{"event":"call.line_lost","call_id":"CA0123456789abcdef","code":"storage"}' * 100)


def test_a_leak_on_disk_is_named_by_its_place(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "core.77").write_bytes(b"\0" * 4_096 + FAMILY.encode() + b"\0")
    (tmp_path / f"{FAMILY}.wav").write_bytes(b"")
    assert leaks(of_folder(tmp_path)) == [f"{FAMILY!r} in {FAMILY}.wav", f"{FAMILY!r} in run/core.77"]


def test_a_leak_in_arguments_or_environment_is_found() -> None:
    sleeper = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with subprocess.Popen([*sleeper, NAME], stdin=subprocess.PIPE, env={"WHO": NUMBER}) as process:
        found = leaks(of_processes(psutil.Process(process.pid)))
        process.communicate()
    assert any("arguments" in leak and FAMILY in leak for leak in found)
    assert any("environment" in leak and NUMBER in leak for leak in found)


def test_a_leak_to_a_collector_is_found() -> None:
    with collector() as (address, taken), httpx.Client(trust_env=False) as http:
        http.post(f"{address}?who={FAMILY}", content=NUMBER.encode())
    assert {FAMILY, NUMBER} <= set(hits(b"".join(taken)))
