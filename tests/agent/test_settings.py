"""Settings come from file and environment, and a wrong one is named with its fix."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import settings
from agent.settings import Settings
from models.errors import SettingsError


def test_the_environment_is_stronger_than_the_file(tmp_path: Path) -> None:
    file = tmp_path / "firstring.toml"
    file.write_text('PORT = 9000\nSTT = "pocketsphinx"\n')
    chosen = settings.load({"FIRSTRING_PORT": "9100"}, file)
    assert (chosen.port, chosen.stt) == (9100, "pocketsphinx")


def test_a_secret_in_the_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "firstring.toml"
    file.write_text('TWILIO_AUTH_TOKEN = "abc"\n')
    with pytest.raises(SettingsError, match="TWILIO_AUTH_TOKEN") as caught:
        settings.load({}, file)
    assert "FIRSTRING_TWILIO_AUTH_TOKEN_FILE" in caught.value.fix


def test_a_secret_may_come_from_a_file_of_its_own(tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("s3cret\n")
    chosen = settings.load({"FIRSTRING_TWILIO_AUTH_TOKEN_FILE": str(secret)}, tmp_path / "none.toml")
    assert chosen.twilio_auth_token == "s3cret"


def test_the_other_token_comes_from_a_file_too_and_never_from_the_settings(tmp_path: Path) -> None:
    secret, file = tmp_path / "token", tmp_path / "firstring.toml"
    secret.write_text("s3cret\n")
    chosen = settings.load({"FIRSTRING_TWILIO_AUTH_TOKEN_OTHER_FILE": str(secret)}, tmp_path / "none.toml")
    assert chosen.twilio_auth_token_other == "s3cret"
    file.write_text('TWILIO_AUTH_TOKEN_OTHER = "abc"\n')
    with pytest.raises(SettingsError, match="secrets do not belong"):
        settings.load({}, file)


def test_the_databases_address_may_come_from_a_file(tmp_path: Path) -> None:
    """It holds a password where the database is a PostgreSQL."""
    file = tmp_path / "database-url"
    file.write_text("postgresql+psycopg://firstring:pw@database/firstring\n")
    chosen = settings.load({"FIRSTRING_DATABASE_URL_FILE": str(file)}, tmp_path / "none.toml")
    assert chosen.database == "postgresql+psycopg://firstring:pw@database/firstring"


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("PORT", "many", "PORT"),
        ("PORT", "70000", "0 to 65535"),
        ("STT", "magic", "pocketsphinx"),
        ("WHISPER_PRECISION", "fp8", "fp32, bf16, int8"),
        ("PUBLIC_URL", "phone.example.org", "https://"),
        ("NOW", "2026-11-22T09:00:00", "zone"),
        ("NOW", "yesterday", "zone"),
        ("PRACTICE_TIMEZONE", "Mars/Olympus", "IANA"),
        ("EXPOSE_PRIVATE", "perhaps", "EXPOSE_PRIVATE"),
        ("SECOND_FACTOR", "false", "not a demo practice"),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, key: str, value: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        settings.load({f"FIRSTRING_{key}": value}, tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("more", "taken"),
    [
        ({}, True),
        ({"PRIVATE_HOST": "0.0.0.0"}, False),
        ({"EXPOSE_PRIVATE": "true"}, False),
        ({"DEMO_PRACTICE": "false"}, False),
    ],
)
def test_only_a_demo_on_this_machine_goes_without_a_second_factor(
    tmp_path: Path, more: dict[str, str], taken: bool
) -> None:
    environ = {"DEMO_PRACTICE": "true", "SECOND_FACTOR": "false"} | more
    environ = {f"FIRSTRING_{key}": value for key, value in environ.items()}
    if taken:
        assert not settings.load(environ, tmp_path / "none.toml").second_factor
        return
    with pytest.raises(SettingsError, match="only this machine reaches"):
        settings.load(environ, tmp_path / "none.toml")


def test_ctranslate2_has_no_bf16(tmp_path: Path) -> None:
    environ = {"FIRSTRING_STT": "ctranslate2", "FIRSTRING_WHISPER_PRECISION": "bf16"}
    with pytest.raises(SettingsError, match="fp32 or int8"):
        settings.load(environ, tmp_path / "none.toml")


def test_an_unknown_key_in_the_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "firstring.toml"
    file.write_text("PROT = 1\n")
    with pytest.raises(SettingsError, match="PROT"):
        settings.load({}, file)


def test_own_secrets_are_made_once_and_private(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path)
    first = settings.own_secret(chosen, "fhir-token")
    assert settings.own_secret(chosen, "fhir-token") == first
    assert len(first) >= 32
    assert os.stat(tmp_path / "secrets" / "fhir-token").st_mode & 0o077 == 0


def test_a_pinned_clock_runs_on_from_its_instant() -> None:
    clock = settings.clock_of(Settings(now="2026-11-24T10:05:00-05:00"))
    assert timedelta() <= clock() - datetime(2026, 11, 24, 15, 5, tzinfo=UTC) < timedelta(seconds=5)


def test_a_restarted_part_goes_on_with_the_pinned_clock() -> None:
    began = datetime.now(UTC) - timedelta(minutes=3)
    clock = settings.clock_of(Settings(now="2026-11-24T10:05:00-05:00", now_at=began.isoformat()))
    assert timedelta(0) <= clock() - datetime(2026, 11, 24, 15, 8, tzinfo=UTC) < timedelta(seconds=5)
