"""Every setting, given a wrong value, is named by the doctor with what to do."""

from __future__ import annotations

import socket
from dataclasses import fields
from pathlib import Path

import pytest

from agent.doctor import CHECKS
from agent.doctor.findings import Outcome
from agent.doctor.machines import machines
from agent.machine_settings import LEAST_TOKEN
from agent.settings import Settings
from backends.practice import DEMO_PRACTICE
from tests.agent.doctor.conftest import HEALTHY_TOKEN, examined, troubles

# setting -> a wrong value, and what the doctor says of it
WRONG = {
    "data_dir": ("/proc/nowhere", "/proc cannot be written"),
    "database_url": ("mysql://admin:hunter2@db/x", "unknown kind of database"),
    "secrets_dir": ("/nowhere/secrets", "SECRETS_DIR /nowhere/secrets is not there"),
    "recordings_dir": ("/nowhere/recordings", "RECORDINGS_DIR /nowhere/recordings is not there"),
    "siblings": ("true", "the database is an SQLite file"),
    "drain_s": ("-1", "DRAIN_S is -1"),
    "speech_workers": ("speech.example.org", "an address starts with ws://"),
    "speech_worker_token": ("hunter2", "fewer than 32 characters"),
    "public_url": ("http://phone.example.org", "PUBLIC_URL must be https"),
    "port": ("70000", "a port is 0 to 65535"),
    "private_port": ("-1", "a port is 0 to 65535"),
    "host": ("192.0.2.1", "cannot be listened on"),
    "private_host": ("0.0.0.0", "open to the network"),
    "expose_private": ("true", "EXPOSE_PRIVATE serves staff pages"),
    "twilio_account_sid": ("SK123", "not AC and 32 digits"),
    "twilio_auth_token": ("hunter2", "not 32 digits"),
    "twilio_auth_token_other": ("hunter2", "TWILIO_AUTH_TOKEN_OTHER is not 32 digits"),
    "twilio_api_base": ("http://127.0.0.1:9", "do not go to Twilio"),
    "turn_away": ("false", "TURN_AWAY is false"),
    "most_calls": ("-1", "MOST_CALLS is -1"),
    "reply_limit_ms": ("20", "REPLY_LIMIT_MS is 20"),
    "page_step_s": ("5", "PAGE_STEP_S is 5"),
    "smtp_url": ("mail.example.org", "SMTP_URL begins with neither"),
    "twilio_number": ("617 555 0100", "TWILIO_NUMBER is not E.164"),
    "fhir_base_url": ("http://127.0.0.1:9/fhir", "no capability statement"),
    "fhir_token": ("hunter2", "can be guessed"),
    "fhir_client_id": ("firstring", "the chart is the embedded one"),
    "fhir_token_url": ("https://auth.test/token", "FHIR_CLIENT_ID is not"),
    "fhir_scopes": ("patient/*.read", "FHIR_CLIENT_ID is not"),
    "fhir_read": ("everything", "FHIR_READ names 'everything'"),
    "fhir_organization": ("Patient/1", "TYPE being Organization"),
    "fhir_location": ("Location/", "no reference"),
    "fhir_practitioner": ("Practitioner/1", "the chart is the embedded one"),
    "fhir_task_owner": (
        "Group/1",
        "Practitioner, PractitionerRole, Organization, CareTeam or HealthcareService",
    ),
    "fhir_page_recipient": ("oncall", "FHIR_PAGE_RECIPIENT is 'oncall'"),
    "fhir_providers": ("dr-chen", "FHIR_PROVIDERS holds 'dr-chen'"),
    "stt": ("telepathy", "STT is 'telepathy'"),
    "whisper_model": ("/nowhere/base.en.pt", "there are no Whisper weights"),
    "stand_in_clips": ("/nowhere/clips.jsonl", "STAND_IN_CLIPS"),
    "whisper_precision": ("fp8", "WHISPER_PRECISION is 'fp8'"),
    "unsigned_checkins": ("true", "UNSIGNED_CHECKINS"),
    "spanish_key": ("false", "SPANISH_KEY is false"),
    "record_calls": ("false", "RECORD_CALLS is false"),
    "recording_days": ("0", "RECORDING_DAYS is 0"),
    "recordings_max_mb": ("10", "RECORDINGS_MAX_MB is 10"),
    "keep_calls_days": ("-1", "KEEP_CALLS_DAYS is -1"),
    "keep_minors_until_age": ("-1", "KEEP_MINORS_UNTIL_AGE is -1"),
    "keep_texts_days": ("36501", "KEEP_TEXTS_DAYS is 36501"),
    "keep_events_days": ("-1", "KEEP_EVENTS_DAYS is -1"),
    "backup_days": ("0", "BACKUP_DAYS is 0"),
    "ears": ("65", "EARS is 65"),
    "voice": ("klingonese", "no voice 'klingonese'"),
    "staff_number": ("617 555 0100", "not E.164"),
    "practice_file": ("/nowhere/practice.toml", "cannot be read"),
    "practice_timezone": ("Mars/Olympus", "IANA zone"),
    "demo_practice": ("true", "fictional patients"),
    "console_url": ("http://desk.example.org", "CONSOLE_URL is 'http://desk.example.org'"),
    "oidc_issuer": ("https://login.example.org", "OIDC_CLIENT_ID is not"),
    "oidc_client_id": ("firstring", "OIDC_ISSUER is not"),
    "oidc_client_secret": ("hunter2", "OIDC_ISSUER is not"),
    "oidc_claim": ("upn", "OIDC_ISSUER is not"),
    "otel_endpoint": ("http://127.0.0.1:9/v1/traces", "nobody listens at OTEL_ENDPOINT"),
    "second_factor": ("false", "SECOND_FACTOR is false"),
    "now": ("2026-11-24T10:05:00-05:00", "NOW is set"),
    "now_at": ("yesterday", "NOW_AT is 'yesterday'"),
}


@pytest.mark.parametrize(
    ("address", "warned"),
    [("ws://10.0.0.21:8090", 1), ("wss://speech.example.org", 0), ("ws://127.0.0.1:8090", 0)],
)
def test_voices_that_cross_a_network_in_clear_are_warned_of(address: str, warned: int) -> None:
    chosen = Settings(speech_workers=address, speech_worker_token="t" * LEAST_TOKEN)
    found = [finding for finding in machines(chosen) if "unencrypted" in finding.detail]
    assert len(found) == warned


@pytest.mark.parametrize(
    ("other", "says"),
    [
        ("", ""),
        ("f" * 32, "requests signed with it are taken, too"),
        (HEALTHY_TOKEN, "is TWILIO_AUTH_TOKEN again"),
    ],
)
def test_a_token_that_is_taken_too_is_not_forgotten(other: str, says: str, environ: dict[str, str]) -> None:
    environ["FIRSTRING_TWILIO_AUTH_TOKEN_OTHER"] = other
    found = troubles(examined(environ, "twilio_auth_token_other"))
    assert says in found
    assert bool(found) is bool(says)


def test_no_setting_was_forgotten() -> None:
    every = {field.name for field in fields(Settings)}
    assert {name for check in CHECKS for name in check.covers} == every, "a setting without a check"
    assert set(WRONG) == every, "a setting without a wrong value"


@pytest.mark.parametrize("setting", WRONG)
def test_a_wrong_value_is_named_with_its_fix(setting: str, environ: dict[str, str]) -> None:
    value, says = WRONG[setting]
    environ[f"FIRSTRING_{setting.upper()}"] = value
    findings = examined(environ, setting)
    assert says in troubles(findings)
    assert all(each.fix for each in findings if each.outcome in (Outcome.WARN, Outcome.FAIL))
    assert "hunter2" not in str(findings)
    assert HEALTHY_TOKEN not in str(findings)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('RF77 = ["lost my bellows"]', "practice.toml: danger_phrases.RF77: there is no such danger sign"),
        ('RF03 = ["lost my bellows", "{bellows}"]', "RF03: '{bellows}': there is no word group {bellows}"),
        ('RF03 = ["appointment"]', "RF03: 'appointment': it is too common"),
        ('RF03 = "lost my bellows"', "danger_phrases.RF03: a list of texts is needed"),
        ('RF03 = ["lost my bellows", "can\'t raise ~ wind"]', ""),
    ],
)
def test_a_danger_phrase_that_cannot_be_used_is_named(line: str, says: str, environ: dict[str, str]) -> None:
    practice = Path(environ["FIRSTRING_CONFIG"]).with_name("practice.toml")
    practice.write_text(f"{DEMO_PRACTICE.read_text()}\n[danger_phrases]\n{line}\n")
    environ["FIRSTRING_PRACTICE_FILE"] = str(practice)
    found = troubles(examined(environ, "practice_file"))
    assert says in found
    assert bool(found) is bool(says)


def test_a_port_that_another_program_holds(environ: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        environ["FIRSTRING_PORT"] = str(taken.getsockname()[1])
        assert "FAIL public port" in troubles(examined(environ, "port"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("PORT = eighty", "cannot be read: Invalid value"),
        ("COLOUR = 1", "unknown setting 'COLOUR'"),
        ('TWILIO_AUTH_TOKEN = "hunter2"', "secrets do not belong"),
        ('PORT = "eighty"', "PORT is 'eighty', which is not a whole number"),
    ],
)
def test_a_settings_file_that_is_wrong_ends_the_examination(
    text: str, says: str, environ: dict[str, str]
) -> None:
    del environ["FIRSTRING_PORT"]
    Path(environ["FIRSTRING_CONFIG"]).write_text(text)
    first, rest = examined(environ, "port")
    assert first.outcome is Outcome.FAIL
    assert says in first.detail
    assert first.fix
    assert "hunter2" not in str(first)
    assert rest.outcome is Outcome.NOT_CHECKED


def test_a_period_for_calls_without_an_age_for_children_is_warned_of(environ: dict[str, str]) -> None:
    environ["FIRSTRING_KEEP_CALLS_DAYS"] = "2555"
    assert "children's calls go when others do" in troubles(examined(environ, "keep_minors_until_age"))
    environ["FIRSTRING_KEEP_MINORS_UNTIL_AGE"] = "18"
    assert troubles(examined(environ, "keep_minors_until_age")) == ""
