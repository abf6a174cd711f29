"""A first start is explained; a wrong one is refused with its fix."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import fields, replace
from pathlib import Path

import pytest

from agent import settings
from agent.doctor import CHECKS, Outcome, examine
from agent.first_run import SETTINGS_FILE, require_live, require_own_practice, write_settings
from agent.local_server import demo_settings
from agent.preparing import practice_of
from agent.settings import Settings
from models.errors import SettingsError

pytestmark = pytest.mark.busy(about_s=35)

ROOT = Path(__file__).resolve().parents[2]


def firstring(
    *arguments: str, environment: dict[str, str] | None = None, folder: Path
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agent.cli", *arguments],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **(environment or {})},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_written_settings_are_all_known_and_valid(tmp_path: Path) -> None:
    path = write_settings(tmp_path)
    assert {key.lower() for key in tomllib.loads(SETTINGS_FILE)} <= {field.name for field in fields(Settings)}
    assert settings.load({}, path).port == 8080


def test_a_settings_file_is_never_overwritten(tmp_path: Path) -> None:
    write_settings(tmp_path)
    with pytest.raises(SettingsError, match="exists"):
        write_settings(tmp_path)


def test_a_live_server_names_all_that_is_missing() -> None:
    with pytest.raises(SettingsError, match="PUBLIC_URL, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN"):
        require_live(Settings())


def test_serve_without_settings_is_one_clear_line_and_code_2(tmp_path: Path) -> None:
    done = firstring("serve", folder=tmp_path)
    assert done.returncode == 2
    assert "PUBLIC_URL" in done.stderr
    assert "fix:" in done.stderr
    assert "Traceback" not in done.stderr


def test_init_then_doctor_names_what_is_left_to_do(tmp_path: Path) -> None:
    assert firstring("init", folder=tmp_path).returncode == 0
    done = firstring("doctor", folder=tmp_path)
    assert done.returncode == 1
    assert "FAIL         public address: not set: PUBLIC_URL" in done.stdout
    assert "FAIL         account SID: not set: TWILIO_ACCOUNT_SID" in done.stdout
    assert "FAIL         practice: Harbor Street Family Medicine: the fictional one" in done.stdout
    assert "ok           settings" in done.stdout
    assert "pocketsphinx" in done.stdout
    assert "Traceback" not in done.stderr


def test_the_practice_s_time_zone_can_be_set_apart_from_its_file() -> None:
    assert practice_of(Settings(practice_timezone="America/Denver")).timezone == "America/Denver"


def test_the_demo_settings_can_serve() -> None:
    require_live(demo_settings(Path("unused")))


def test_patients_are_not_answered_as_the_fictional_practice(tmp_path: Path) -> None:
    fictional = demo_settings(tmp_path)
    require_own_practice(fictional)
    require_own_practice(replace(fictional, demo_practice=False, practice_file=tmp_path / "ours.toml"))
    with pytest.raises(SettingsError, match="PRACTICE_FILE") as refused:
        require_own_practice(replace(fictional, demo_practice=False))
    assert "DEMO_PRACTICE" in refused.value.fix


def test_the_stand_in_recogniser_is_refused_where_patients_call(tmp_path: Path) -> None:
    clips = tmp_path / "clips.jsonl"
    clips.write_text("")
    chosen = demo_settings(tmp_path, stt="stand-in", stand_in_clips=clips)
    require_live(chosen)
    with pytest.raises(SettingsError, match="hears no caller"):
        require_live(replace(chosen, demo_practice=False))
    with pytest.raises(SettingsError, match="STAND_IN_CLIPS"):
        require_live(replace(chosen, stand_in_clips=None))


def test_doctor_names_the_stand_in_recogniser(tmp_path: Path) -> None:
    environ = {"FIRSTRING_STT": "stand-in", "FIRSTRING_DATA_DIR": str(tmp_path)}
    [speech] = (check for check in CHECKS if check.name == "speech to text")
    failed = [found.detail for found in examine(None, environ, (speech,)) if found.outcome is Outcome.FAIL]
    assert any("STT is stand-in, which hears no caller" in detail for detail in failed)
