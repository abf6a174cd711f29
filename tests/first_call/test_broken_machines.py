"""Real calls to servers on broken machines: no voice, no ears. Nobody is left with silence."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from agent.demo import double_for
from agent.doctor import CHECKS
from agent.doctor.findings import Finding, Outcome
from agent.local_server import LocalServer, demo_settings, running_server
from agent.part_environment import environment_of
from agent.settings import Settings
from telephony.double import Caller, CallResult, parse_steps
from voice.recorded import Recorded, prompt

pytestmark = pytest.mark.slow(about_s=30)

ROOT = Path(__file__).resolve().parents[2]
NO_ESPEAK = Path(__file__).parent / "without_espeak"
STAFF = "+16175550170"
START_LIMIT_S = 180.0


# ------------------------------------------------------------------ no espeak-ng


@pytest.fixture(scope="module")
def mute(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server on a machine without espeak-ng."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{NO_ESPEAK}{os.pathsep}{ROOT}")
        settings = demo_settings(tmp_path_factory.mktemp("mute") / "data", staff_number=STAFF)
        with running_server(settings) as server:
            yield server


@pytest.fixture(scope="module")
def mute_calls(mute: LocalServer) -> list[CallResult]:
    """Two calls at the same time."""

    async def place() -> list[CallResult]:
        callers = [Caller(parse_steps(["wait:120"]), patience_s=60.0) for _ in range(2)]
        numbers = ("+16175550123", "+16175550199")
        calls = (
            double_for(mute, number).place_call(caller)
            for number, caller in zip(numbers, callers, strict=True)
        )
        return list(await asyncio.gather(*calls))

    return asyncio.run(place())


def test_without_a_voice_callers_hear_the_recorded_sentence_and_reach_the_practice(
    mute_calls: list[CallResult],
) -> None:
    for call in mute_calls:
        assert prompt(Recorded.CONNECTING)[:4_000] in call.agent_mulaw
        assert call.dialled == [STAFF]


def test_the_missing_voice_is_said_once_with_its_fix(mute: LocalServer, mute_calls: list[CallResult]) -> None:
    log = (mute.settings.data_dir / "server.log").read_text()
    assert "mouth: cannot start: pyttsx3 does not start with espeak-ng" in log
    assert "apt-get install espeak-ng" in log
    assert log.count("supervisor: mouth cannot start") == 1
    assert "Traceback" not in log


# ------------------------------------------------------------------ a corrupt Whisper file


@pytest.fixture(scope="module")
def deaf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """A server whose Whisper weights are damaged, up but without ears."""
    folder = tmp_path_factory.mktemp("deaf")
    (folder / "broken.pt").write_bytes(b"PK\x03\x04 cut short")
    settings = demo_settings(
        folder / "data",
        staff_number=STAFF,
        stt="auto",
        whisper_model=str(folder / "broken.pt"),
        ears=1,
    )
    settings.data_dir.mkdir(mode=0o700)
    log = settings.data_dir / "server.log"
    environment = environment_of(settings, settings.private_port)
    environment |= {"FIRSTRING_CONFIG": "none.toml", "PYTHONPATH": str(ROOT)}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "agent.cli", "serve"],
            env=environment, stdout=output, stderr=output, cwd=ROOT,
        )  # fmt: skip
    try:
        wait_for(log, "supervisor: ear-1 cannot start")
        yield LocalServer(settings, process)
    finally:
        process.terminate()
        process.wait(60)


def wait_for(log: Path, text: str) -> None:
    deadline_s = time.monotonic() + START_LIMIT_S
    while text not in log.read_text():
        assert time.monotonic() < deadline_s, log.read_text()
        time.sleep(0.1)


def test_a_damaged_whisper_file_is_never_replaced_by_a_worse_recogniser(deaf: LocalServer) -> None:
    """pocketsphinx is no engine for patients: rather a person answers, and the log says why."""
    log = (deaf.settings.data_dir / "server.log").read_text()
    assert "ear-1: cannot start: broken.pt is not a Whisper checkpoint" in log
    assert "ear-1: fix: " in log
    assert log.count("supervisor: ear-1 cannot start") == 1
    assert "Traceback" not in log


def test_without_ears_callers_reach_the_practice(deaf: LocalServer) -> None:
    form = {
        "AccountSid": deaf.settings.twilio_account_sid,
        "CallSid": "CA" + "1" * 32,
        "From": "+16175550123",
    }
    url = f"{deaf.settings.public_url}/twilio/voice"
    signature = RequestValidator(deaf.settings.twilio_auth_token).compute_signature(url, form)
    answer = httpx.post(
        f"{deaf.base_url}/twilio/voice", data=form, headers={"X-Twilio-Signature": signature}, timeout=60
    )
    assert answer.status_code == 200
    assert f">{STAFF}<" in answer.text


# ------------------------------------------------------------------ the doctor, beside a running server


def test_a_running_server_s_ports_and_database_are_no_problem(mute: LocalServer) -> None:
    found = {each.check: each for each in examined_beside(mute.settings)}
    for check in ("public port", "private port"):
        assert found[check].outcome is Outcome.OK, found[check]
        assert "held by this server, which is running" in found[check].detail
    assert "a running server has it open" in found["database use"].detail


def examined_beside(settings: Settings) -> list[Finding]:
    chosen = [check for check in CHECKS if check.name in ("ports", "database")]
    return [finding for check in chosen for finding in check.findings(settings)]
