"""Files, database, engines and clock: what is wrong with them is named, and nothing is changed by asking."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from agent.doctor import clock, engines
from agent.doctor.findings import Check, Finding, Outcome, fail, not_checked, ok, warn
from agent.doctor.report import show_findings
from agent.settings import Settings
from models.keyring import KeyRing
from models.refusals import storage_error
from models.storage import Storage
from tests.agent.doctor.conftest import examined, made, of, troubles
from tests.voice.whisper_checkpoints import checkpoint

ROOT = Path(__file__).resolve().parents[3]


def test_a_fresh_machine_is_not_touched(environ: dict[str, str]) -> None:
    for check in ("data folder", "secrets", "database"):
        assert not troubles(examined(environ, check=check))
    assert not Path(environ["FIRSTRING_DATA_DIR"]).exists()


def test_a_started_server_s_folder_is_in_order(environ: dict[str, str]) -> None:
    made(environ)
    findings = [
        each for check in ("data folder", "secrets", "database") for each in examined(environ, check=check)
    ]
    assert not troubles(findings)
    assert "no server has it open" in of(findings, "database use").detail
    assert of(findings, "keys").outcome is Outcome.OK


def test_a_running_server_is_not_a_problem(environ: dict[str, str]) -> None:
    folder = made(environ)
    database = Settings(data_dir=folder).database
    storage = Storage.open(database, KeyRing.load(folder / "secrets" / "keys"), server=True)
    try:
        findings = examined(environ, "database_url")
    finally:
        storage.close()
    assert not troubles(findings)
    assert "a running server has it open" in of(findings, "database use").detail


@pytest.mark.parametrize(
    ("path", "mode", "fix"),
    [("", 0o750, "chmod 700"), ("secrets", 0o711, "chmod 700"), ("secrets/keys", 0o640, "chmod 600")],
)
def test_what_others_may_read_is_named_with_its_chmod(
    path: str, mode: int, fix: str, environ: dict[str, str]
) -> None:
    spoiled = made(environ) / path
    spoiled.chmod(mode)
    findings = [each for check in ("data folder", "secrets") for each in examined(environ, check=check)]
    assert f"{fix} {spoiled}".rstrip("/") in troubles(findings)


def test_files_of_another_user_are_named(environ: dict[str, str]) -> None:
    if os.geteuid():
        pytest.skip("only root can give a file away")
    os.chown(made(environ) / "secrets" / "keys", 12345, -1)
    assert "belongs to user 12345, and this is root" in troubles(examined(environ, check="secrets"))


def test_a_secret_file_that_others_may_read(environ: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text(environ.pop("FIRSTRING_TWILIO_AUTH_TOKEN"))
    secret.chmod(0o644)
    environ["FIRSTRING_TWILIO_AUTH_TOKEN_FILE"] = str(secret)
    assert f"chmod 600 {secret}" in troubles(examined(environ, "port"))


def test_lost_keys_are_found_and_never_made_anew(environ: dict[str, str]) -> None:
    keys = made(environ) / "secrets" / "keys"
    keys.unlink()
    assert "keys is gone" in troubles(examined(environ, check="secrets"))
    assert not keys.exists()


def test_another_practice_s_keys_are_found(environ: dict[str, str], tmp_path: Path) -> None:
    keys = made(environ) / "secrets" / "keys"
    keys.unlink()
    KeyRing.load_or_create(tmp_path / "other")
    shutil.copy(tmp_path / "other", keys)
    assert "made with another key file" in troubles(examined(environ, "database_url"))


def test_a_file_that_is_no_database(environ: dict[str, str]) -> None:
    folder = made(environ)
    (folder / "firstring.db").write_bytes(b"not a database at all" * 100)
    assert "damaged or not a database" in troubles(examined(environ, "database_url"))


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://admin:hunter2@127.0.0.1:9/firstring", "cannot be reached"),
        ("postgresql://admin:hunter2@no.such.host.invalid/firstring", "name is not known"),
        ("nonsense", "not a database URL"),
    ],
)
def test_a_database_elsewhere(url: str, says: str, environ: dict[str, str]) -> None:
    environ["FIRSTRING_DATABASE_URL"] = url
    findings = examined(environ, "database_url")
    assert says in troubles(findings)
    assert "hunter2" not in str(findings)


def test_a_password_that_is_refused_is_not_repeated() -> None:
    """As PostgreSQL's driver says it: https://www.postgresql.org/docs/current/client-authentication-problems.html"""
    driver = Exception('FATAL: password authentication failed for user "admin" (hunter2)')
    problem = storage_error(OperationalError("SELECT 1", {}, driver))
    assert str(problem) == "the database refused our user or password"
    assert "DATABASE_URL" in problem.fix


def test_a_flite_voice_that_does_not_exist(environ: dict[str, str]) -> None:
    environ["FIRSTRING_VOICE"] = "flite:nobody"
    assert 'set VOICE = "espeak"' in troubles(examined(environ, "voice"))


def ctranslate2_over(weights: Path, environ: dict[str, str]) -> None:
    checkpoint(weights)
    environ |= {"FIRSTRING_STT": "ctranslate2", "FIRSTRING_WHISPER_MODEL": str(weights)}
    environ |= {"FIRSTRING_WHISPER_PRECISION": "int8"}


def test_ctranslate2_is_tried_with_the_weights_and_the_arithmetic_of_the_settings(
    environ: dict[str, str], tmp_path: Path
) -> None:
    ctranslate2_over(tmp_path / "small.pt", environ)
    finding = of(examined(environ, "stt"), "speech to text")
    assert finding.outcome is Outcome.OK
    assert "CTranslate2 listens with Whisper's weights (small.pt, int8)" in finding.detail


def test_ctranslate2_that_is_not_installed_is_named_with_its_fix(
    environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctranslate2_over(tmp_path / "small.pt", environ)
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "ctranslate2.py").write_text("raise ModuleNotFoundError(name='ctranslate2')\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(hidden), os.environ.get("PYTHONPATH", ""))))
    finding = of(examined(environ, "stt"), "speech to text")
    assert finding.outcome is Outcome.FAIL
    assert "ctranslate2 is missing" in finding.detail
    assert "pip install ctranslate2" in finding.fix


def test_ctranslate2_without_weights_is_a_failure(environ: dict[str, str]) -> None:
    environ |= {"FIRSTRING_STT": "ctranslate2", "FIRSTRING_WHISPER_MODEL": "/nowhere/base.en.pt"}
    assert "FAIL speech to text: STT is ctranslate2, and /nowhere/base.en.pt is not there" in troubles(
        examined(environ, "stt")
    )


@pytest.mark.parametrize(
    ("state", "outcome"),
    [(0, Outcome.OK), (clock.TIME_ERROR, Outcome.WARN), (-errno.EPERM, Outcome.NOT_CHECKED)],
)
def test_the_system_clock(state: int, outcome: Outcome) -> None:
    (finding,) = clock.system_clock(lambda: state)
    assert finding.outcome is outcome


def test_for_programs_each_finding_is_one_object() -> None:
    shown: list[dict[str, str]] = []
    findings = [ok("a", "fine"), warn("b", "so so", "mend it"), not_checked("c", "no way to")]
    assert show_findings(findings, shown.append, as_json=True), "only a FAIL makes the exit code 1"
    assert [each["outcome"] for each in shown] == ["ok", "warn", "not checked"]
    assert set(shown[1]) == {"check", "outcome", "detail", "fix"}
    assert not show_findings([fail("d", "broken", "mend it")], shown.append, as_json=True)


def test_an_examination_that_breaks_is_a_finding_and_quotes_nothing() -> None:
    def broken(_: Settings) -> list[Finding]:
        raise RuntimeError("hunter2")

    (finding,) = Check("odd", (), broken).findings(Settings())
    assert finding.outcome is Outcome.NOT_CHECKED
    assert "hunter2" not in str(finding)


def test_a_trial_loads_its_engine_and_not_all_that_the_doctor_needs() -> None:
    program = (
        f"import sys, {engines.MODULE}; print(*{{'agent.doctor', 'sqlmodel', 'torch'}} & sys.modules.keys())"
    )
    loaded = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True)
    assert loaded.split() == []
