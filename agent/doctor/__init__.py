"""`firstring doctor`: what is in order, what is not, and what to do about it.

Each setting is covered by at least one check (``CHECKS``); a new setting without one fails a test.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

from agent import reference_settings, sign_on_settings
from agent import settings as settings_module
from agent.doctor import (
    calling,
    chart,
    checkins,
    chosen,
    clock,
    console_settings,
    database,
    engines,
    files,
    keeping,
    languages,
    machines,
    people,
    ports,
    public,
    reading,
    recordings,
    references,
    smart,
    traces,
)
from agent.doctor import live as carrier
from agent.doctor.findings import Check, Finding, Outcome, failed, not_checked, ok
from agent.doctor.report import show_findings
from agent.settings import Settings
from models.errors import FirstringError

CHECKS = (
    Check(
        "carrier account",
        ("twilio_account_sid", "twilio_auth_token", "twilio_auth_token_other", "twilio_api_base"),
        chosen.carrier_account,
    ),
    Check("staff number", ("staff_number",), chosen.staff_number),
    Check("own number", ("twilio_number",), people.own_number),
    Check("people on call", ("practice_file",), people.on_call),
    Check("calls at once", ("turn_away", "most_calls", "reply_limit_ms"), chosen.calls_at_once),
    Check("pages", ("page_step_s", "smtp_url"), people.pages),
    Check("practice", ("practice_file", "practice_timezone"), files.practice),
    Check("console settings", (), console_settings.console_settings),
    Check("demo patients", ("demo_practice",), chosen.demo_practice),
    Check("clock", ("now", "now_at"), chosen.pinned_clock),
    Check("system clock", (), lambda _: clock.system_clock()),
    Check("text to speech", ("voice",), engines.voice),
    Check("text-to-speech worker", (), engines.pyttsx3),
    Check(
        "speech to text",
        ("stt", "whisper_model", "whisper_precision", "stand_in_clips"),
        engines.speech_to_text,
    ),
    Check("check-ins", ("unsigned_checkins", "data_dir"), checkins.checkins),
    Check("other languages", ("spanish_key", "data_dir"), languages.languages),
    Check("voice activity", (), engines.voice_activity),
    Check("intent model", (), engines.intent_model),
    Check("learned weights", ("data_dir",), files.learned_weights),
    Check("speech workers", ("ears",), chosen.ears),
    Check("other machines", machines.SETTINGS, machines.machines),
    Check("data folder", ("data_dir",), files.data_folder),
    Check("drugs", ("data_dir",), files.formulary),
    Check("recordings", ("record_calls", "recording_days", "recordings_max_mb"), recordings.recordings),
    Check("secrets", ("data_dir",), files.secrets),
    Check("backup", ("backup_days",), keeping.backup),
    Check(
        "retention",
        ("keep_calls_days", "keep_minors_until_age", "keep_texts_days", "keep_events_days"),
        keeping.retention,
    ),
    Check("database", ("database_url",), database.database),
    Check("traces", ("otel_endpoint",), traces.traces),
    Check("chart token", ("fhir_token",), chosen.chart_token),
    Check("chart client", ("fhir_client_id", "fhir_token_url", "fhir_scopes"), smart.chart_client),
    Check("chart server", ("fhir_base_url",), chart.chart_server),
    Check("chart reading", ("fhir_read",), reading.chart_reading),
    Check("chart references", reference_settings.SETTINGS, references.chart_references),
    Check("ports", ("port", "private_port", "host", "private_host"), ports.ports),
    Check("private listener", ("expose_private", "private_host"), chosen.exposure),
    Check("second factor", ("second_factor",), chosen.second_factor),
    Check("identity provider", (*sign_on_settings.NEEDED, "oidc_claim"), chosen.identity_provider),
    Check("public address", ("public_url",), public.public_url),
)


def report(
    config: Path | None,
    show: Callable[[Any], None],
    *,
    as_json: bool,
    live: bool = False,
    call: str = "",
    ask: Callable[[str], str] = input,
) -> bool:
    """Shows every finding; True when nothing FAILs.

    ``live`` asks the carrier too; ``call`` is a number to ring, after ``ask`` got it typed once more.
    """
    findings = chain(examine(config), _at_the_carrier(config, call, ask) if live or call else ())
    return show_findings(findings, show, as_json=as_json)


def _at_the_carrier(config: Path | None, call: str, ask: Callable[[str], str]) -> Iterator[Finding]:
    try:
        chosen_settings = settings_module.load(os.environ, config)
    except FirstringError:
        return  # said already
    yield from Check("carrier", (), carrier.live).findings(chosen_settings)
    if call:
        yield from calling.place_one(chosen_settings, call, ask)


def examine(
    config: Path | None, environ: Mapping[str, str] | None = None, checks: tuple[Check, ...] = CHECKS
) -> Iterator[Finding]:
    """Findings in the order of ``checks``, several being made at once.

    The settings come first: without them nothing else means anything.
    """
    environ = os.environ if environ is None else environ
    try:
        chosen_settings = settings_module.load(environ, config)
    except FirstringError as problem:
        yield failed("settings", problem)
        yield not_checked("everything else", "the settings come first")
        return
    yield ok("settings", "read and valid")
    yield from files.secret_files(environ)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for found in pool.map(lambda check: check.findings(chosen_settings), checks):
            yield from found


__all__ = ["CHECKS", "Check", "Finding", "Outcome", "Settings", "examine", "report"]
