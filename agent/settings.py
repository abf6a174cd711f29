"""Settings: one ``firstring.toml``, every key also as ``FIRSTRING_<KEY>``; secrets never in the file.

A secret comes from its environment variable or from a file named by ``FIRSTRING_<KEY>_FILE``; those the
server can make itself (FHIR token, stream secret) are made at first run, in ``DATA_DIR/secrets``, mode 0600.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from agent.machine_settings import check_machines
from agent.reference_settings import check_references
from agent.sign_on_settings import check_sign_on
from agent.tracing import check_endpoint
from models.domain import Clock
from models.errors import SettingsError

PREFIX = "FIRSTRING_"
SECRET_KEYS = (
    "twilio_auth_token",
    "twilio_auth_token_other",
    "fhir_token",
    "smtp_url",
    "oidc_client_secret",
    "speech_worker_token",
)
FILE_KEYS = (*SECRET_KEYS, "database_url")  # may be named by a file: that of a PostgreSQL holds a password
NO_ORDERS = "off"  # as TWILIO_API_BASE
STAND_IN = "stand-in"  # knows its clips and hears nothing: for load and kill tests
ENGINES = ("auto", "whisper", "ctranslate2", "pocketsphinx", STAND_IN)
MOST_EARS = 64
LEAST_PAGE_STEP_S, MOST_PAGE_STEP_S = 20, 300  # a telephone rings so long; a danger has five minutes
LEAST_REPLY_LIMIT_MS, MOST_REPLY_LIMIT_MS = 300, 5_000  # after five seconds a caller has hung up
MOST_DAYS = 36_500  # to be kept
MOST_AGE = 30  # years, of a patient who counts as a child
WANTED = {"int": "whole number", "bool": "true or false"}  # in an operator's words
READABLE = ("patients", "medicines", "appointments")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PRECISIONS = ("fp32", "bf16", "int8")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator may set. Names are those of firstring.toml, in capitals there."""

    data_dir: Path = Path("firstring-data")
    database_url: str = ""  # "" is a SQLite file in data_dir
    secrets_dir: Path | None = None  # None is in data_dir; one for all processes of a practice
    recordings_dir: Path | None = None  # None is in data_dir; likewise
    siblings: bool = (
        False  # other processes serve the same address: what this one cannot take is left to them
    )
    drain_s: int = 0  # how long calls may go on here once the server is told to stop
    public_url: str = ""  # https://phone.example.org, exactly as configured at the carrier
    port: int = 8080
    private_port: int = 8081
    host: str = "0.0.0.0"
    private_host: str = "127.0.0.1"
    expose_private: bool = False
    twilio_account_sid: str = ""
    twilio_auth_token: str = ""
    twilio_auth_token_other: str = ""  # the carrier's requests may be signed with it, too: docs/twilio.md
    twilio_api_base: str = ""  # "off": no orders are given to the carrier, no texts sent
    twilio_number: str = ""  # the number that our calls and texts come from; "" is the first line's
    fhir_base_url: str = ""  # "" is the embedded chart
    fhir_token: str = ""
    fhir_client_id: str = ""  # of SMART Backend Services; then FHIR_TOKEN is not used
    fhir_token_url: str = ""  # "" is what the server's own description names
    fhir_scopes: str = ""  # "" is all that Firstring can use, and no more
    fhir_read: str = ""  # what of FHIR_BASE_URL's charts calls act on: "patients medicines appointments"
    fhir_organization: str = ""  # the next six: "Type/id" in its charts, see `agent.reference_settings`
    fhir_location: str = ""
    fhir_practitioner: str = ""
    fhir_task_owner: str = ""
    fhir_page_recipient: str = ""
    fhir_providers: str = ""  # "ours=Practitioner/id", with spaces between
    stt: str = "auto"
    whisper_model: str = "base.en"
    whisper_precision: str = "fp32"
    stand_in_clips: Path | None = None  # of STT = "stand-in": JSON lines of digest and words
    ears: int = 0  # speech-to-text workers; 0 is one a core, at most two
    voice: str = "espeak"
    speech_workers: str = ""  # addresses of speech workers on other machines, with spaces between
    speech_worker_token: str = ""
    record_calls: bool = True  # the greeting says that the call is recorded
    unsigned_checkins: bool = False  # for trying out: a practice's questionnaires run without its sign-off
    spanish_key: bool = True  # the greeting offers a person to who speaks Spanish, by key 2
    recording_days: int = 90  # kept for; then removed
    recordings_max_mb: int = 20_000  # on disk together; further calls go unrecorded
    turn_away: bool = True  # calls that could not be answered in time go to the practice's own number
    most_calls: int = 0  # at once in this process; 0: as many as its latency allows
    reply_limit_ms: int = 1_500  # of 95 in 100 replies; beyond it no further calls are taken
    keep_calls_days: int = 0  # what was said and done in a call, with its tasks; 0: without end
    keep_minors_until_age: int = 0  # years; a child's calls: until then, and KEEP_CALLS_DAYS; 0: as others
    keep_texts_days: int = 0  # text messages
    keep_events_days: int = 0  # the log behind the live pages
    backup_days: int = 7  # older than that, `firstring doctor` warns
    staff_number: str = ""
    page_step_s: int = 60  # how long one person has to answer a page before the next is tried
    smtp_url: str = ""  # of pages by e-mail: smtps://user:password@mail.example.org?from=desk@example.org
    practice_file: Path | None = None  # None is the embedded demo practice
    practice_timezone: str = ""  # "" is the practice file's own
    demo_practice: bool = False  # seed the fictional practice and its patients
    console_url: str = ""  # the address under which staff open the console
    oidc_issuer: str = ""  # the practice's identity provider; "": names and passwords of the console alone
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_claim: str = "preferred_username"  # of the ID token: the person's name under *People*
    second_factor: bool = True  # staff sign in with one; False only for a demo practice on this machine
    otel_endpoint: str = ""  # where traces go (OpenTelemetry, OTLP over HTTP); "": there are none
    now: str = ""  # pins the clock at start, ISO 8601 with zone
    now_at: str = ""  # the real instant at which NOW held; set by the supervisor for restarted parts

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'firstring.db').resolve()}"

    @property
    def orders_carrier(self) -> bool:
        """Whether calls and texts of our own can be ordered."""
        return bool(self.twilio_account_sid and self.twilio_auth_token) and self.twilio_api_base != NO_ORDERS

    @property
    def read_parts(self) -> frozenset[str]:
        """What calls may read at FHIR_BASE_URL; nothing unless it is named."""
        return frozenset(self.fhir_read.replace(",", " ").split())

    @property
    def run_dir(self) -> Path:
        return self.data_dir / "run"

    @property
    def secrets_folder(self) -> Path:
        return self.secrets_dir or self.data_dir / "secrets"

    @property
    def recordings_folder(self) -> Path:
        return self.recordings_dir or self.data_dir / "recordings"

    @property
    def ear_count(self) -> int:
        """Here; where other machines do the work, one is kept for when they cannot be had."""
        return self.ears or (1 if self.speech_workers else min(2, os.cpu_count() or 1))


def load(environ: Mapping[str, str] | None = None, file: Path | None = None, **overrides: Any) -> Settings:
    """Settings from file, environment and ``overrides`` (strongest last).

    Raises SettingsError naming the key, the wrong value and what would be right.
    """
    environ = os.environ if environ is None else environ
    file = file or Path(environ.get(PREFIX + "CONFIG", "firstring.toml"))
    values = _from_file(file) if file.exists() else {}
    values |= _from_environment(environ)
    values |= {key: value for key, value in overrides.items() if value is not None}
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(set(values) - known):
        raise SettingsError(
            f"unknown setting {unknown[0].upper()!r}", fix="`firstring init` writes all that exist."
        )
    return _checked(Settings(**{key: _typed(key, value) for key, value in values.items()}))


def with_secrets(settings: Settings) -> Settings:
    """The same settings with the secrets this server makes for itself, made now if they are missing."""
    return replace(settings, fhir_token=settings.fhir_token or own_secret(settings, "fhir-token"))


def own_secret(settings: Settings, name: str) -> str:
    """A secret of this practice's own: read from, or made in, ``DATA_DIR/secrets/<name>`` or SECRETS_DIR."""
    path = settings.secrets_folder / name
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was faster
        return path.read_text().strip()
    value = secrets.token_urlsafe(32)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
    except OSError:
        path.unlink()  # of a full disk: an empty one would be taken for the secret at the next start
        raise
    return value


def clock_of(settings: Settings) -> Clock:
    """The real clock, or one that starts at NOW and runs on from there."""
    if not settings.now:
        return lambda: datetime.now(UTC)
    began = datetime.fromisoformat(settings.now_at) if settings.now_at else datetime.now(UTC)
    offset = datetime.fromisoformat(settings.now) - began
    return lambda: datetime.now(UTC) + offset


def _from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise SettingsError(
            f"{file} cannot be read: {problem}",
            fix=f"Correct {file} where it says; texts stand in quotes. `firstring init` in an empty folder "
            "shows a right one.",
        ) from problem
    values = {key.lower(): value for key, value in table.items()}
    for key in SECRET_KEYS:
        if values.get(key):
            raise SettingsError(
                f"{key.upper()} stands in {file}: secrets do not belong in a file that is copied around",
                fix=f"Set {PREFIX}{key.upper()} in the environment, or {PREFIX}{key.upper()}_FILE to a file.",
            )
    return values


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields(Settings):
        name = PREFIX + field.name.upper()
        if name in environ:
            values[field.name] = environ[name]
        elif field.name in FILE_KEYS and f"{name}_FILE" in environ:
            values[field.name] = _secret_file(Path(environ[f"{name}_FILE"]), f"{name}_FILE")
    return values


def _secret_file(path: Path, name: str) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError) as problem:
        why = getattr(problem, "strerror", None) or "it is not text"
        raise SettingsError(
            f"{name} names {path}, which cannot be read: {why}",
            fix="Write the secret alone into that file, owned by the server's user, mode 600.",
        ) from problem


def _typed(key: str, value: Any) -> Any:
    wanted = {field.name: field.type for field in fields(Settings)}[key]
    try:
        if wanted == "int":
            return int(value)
        if wanted == "bool":
            return value if isinstance(value, bool) else _boolean(str(value))
        if wanted in ("Path", "Path | None"):
            return Path(value).expanduser() if value else None
    except ValueError as problem:
        raise SettingsError(
            f"{key.upper()} is {value!r}, which is not a {WANTED.get(str(wanted), wanted)}"
        ) from problem
    return str(value)


def _boolean(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off", ""):
        return False
    raise ValueError(text)


def _checked(settings: Settings) -> Settings:
    if settings.stt not in ENGINES:
        raise SettingsError(f"STT is {settings.stt!r}; it may be {', '.join(ENGINES)}")
    if settings.whisper_precision not in PRECISIONS:
        raise SettingsError(
            f"WHISPER_PRECISION is {settings.whisper_precision!r}; it may be {', '.join(PRECISIONS)}"
        )
    if settings.stt == "ctranslate2" and settings.whisper_precision == "bf16":
        raise SettingsError(
            "WHISPER_PRECISION is 'bf16'; with STT = \"ctranslate2\" it may be fp32 or int8",
            fix='Change one of the two; STT = "whisper" computes in bf16.',
        )
    for key in ("port", "private_port"):
        if not 0 <= getattr(settings, key) <= 65_535:
            raise SettingsError(f"{key.upper()} is {getattr(settings, key)}; a port is 0 to 65535")
    if not LEAST_PAGE_STEP_S <= settings.page_step_s <= MOST_PAGE_STEP_S:
        raise SettingsError(
            f"PAGE_STEP_S is {settings.page_step_s}; it may be {LEAST_PAGE_STEP_S} to {MOST_PAGE_STEP_S}"
        )
    _check_admission(settings)
    for key in ("recording_days", "recordings_max_mb"):
        if getattr(settings, key) < 1:
            raise SettingsError(f"{key.upper()} is {getattr(settings, key)}; it is at least 1")
    for key in ("keep_calls_days", "keep_texts_days", "keep_events_days"):
        if not 0 <= getattr(settings, key) <= MOST_DAYS:
            raise SettingsError(f"{key.upper()} is {getattr(settings, key)}; it is 0 (no end) to {MOST_DAYS}")
    if not 0 <= settings.keep_minors_until_age <= MOST_AGE:
        age = settings.keep_minors_until_age
        raise SettingsError(f"KEEP_MINORS_UNTIL_AGE is {age}; it is 0 (no difference) to {MOST_AGE} years")
    if settings.backup_days < 1:
        raise SettingsError(f"BACKUP_DAYS is {settings.backup_days}; it is at least 1")
    if settings.public_url and not settings.public_url.startswith(("https://", "http://")):
        raise SettingsError(f"PUBLIC_URL is {settings.public_url!r}; it starts with https://")
    _check_read(settings)
    check_references(settings)
    _check_second_factor(settings)
    check_sign_on(settings)
    check_endpoint(settings.otel_endpoint)
    check_machines(settings)
    if not 0 <= settings.ears <= MOST_EARS:
        raise SettingsError(f"EARS is {settings.ears}; it may be 0 (one a core, at most two) to {MOST_EARS}")
    for key in ("now", "now_at"):
        if text := getattr(settings, key):
            _check_now(key.upper(), text)
    if settings.practice_timezone:
        _check_zone(settings.practice_timezone)
    return replace(settings, public_url=settings.public_url.rstrip("/"))


def _check_admission(settings: Settings) -> None:
    least, most = LEAST_REPLY_LIMIT_MS, MOST_REPLY_LIMIT_MS
    if not least <= settings.reply_limit_ms <= most:
        raise SettingsError(f"REPLY_LIMIT_MS is {settings.reply_limit_ms}; it may be {least} to {most}")
    if settings.most_calls < 0:
        raise SettingsError(f"MOST_CALLS is {settings.most_calls}; it is 0 (no number of yours) or more")


def _check_read(settings: Settings) -> None:
    parts = settings.read_parts
    if unknown := sorted(parts - set(READABLE)):
        raise SettingsError(f"FHIR_READ names {unknown[0]!r}; it may name {', '.join(READABLE)}")
    if parts and "patients" not in parts:
        raise SettingsError(
            "FHIR_READ does not name patients, and nothing of a chart is read before its patient is known",
            fix='Write FHIR_READ = "patients medicines appointments", or leave it out.',
        )
    if parts and not settings.fhir_base_url:
        raise SettingsError(
            "FHIR_READ is set, and the chart is the embedded one",
            fix="Set FHIR_BASE_URL to the EHR's address, or remove FHIR_READ.",
        )


def _check_second_factor(settings: Settings) -> None:
    """A password alone never guards a real patient's data."""
    near = settings.private_host in LOOPBACK and not settings.expose_private
    if not settings.second_factor and not (settings.demo_practice and near):
        raise SettingsError(
            "SECOND_FACTOR is false, and this is not a demo practice that only this machine reaches",
            fix="Leave SECOND_FACTOR out. Who lost a telephone gets a new start: docs/operate.md.",
        )


def _check_now(key: str, text: str) -> None:
    try:
        aware = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        aware = False
    if not aware:
        raise SettingsError(f"{key} is {text!r}; write it as 2026-11-22T09:00:00-05:00, with its zone")


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as problem:
        raise SettingsError(
            f"PRACTICE_TIMEZONE is {name!r}; it is an IANA zone such as America/New_York"
        ) from problem
