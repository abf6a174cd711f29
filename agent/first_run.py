"""The first start: the settings file, the data folder, and what a live server cannot do without."""

from __future__ import annotations

import itertools
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from agent.danger_phrases import checked_practice
from agent.settings import STAND_IN, Settings
from agent.starting import complain, yet_pause_s
from models.errors import SettingsError, may_pass
from telephony.config import E164, check_public_url

OWN_PRACTICE_FIX = (
    "Write your practice's facts into a file, beginning with a copy of backends/demo_practice.toml, and name "
    "it in PRACTICE_FILE. To try Firstring out, set DEMO_PRACTICE = true, or run `make demo`."
)
SETTINGS_FILE = """\
# Firstring's settings. Every key can also be given as an environment variable, FIRSTRING_<KEY>.
# Secrets do not belong in this file:
#   FIRSTRING_TWILIO_AUTH_TOKEN   or FIRSTRING_TWILIO_AUTH_TOKEN_FILE (a file only the server may read)
#   FIRSTRING_TWILIO_AUTH_TOKEN_OTHER   or ..._FILE: only while the token is changed (docs/twilio.md)
#   FIRSTRING_FHIR_TOKEN          made by the server itself when unset

# --- the line -------------------------------------------------------------------------------------------
# The https address at which the carrier reaches this server, exactly as configured there.
PUBLIC_URL = ""
TWILIO_ACCOUNT_SID = ""
# Who answers when Firstring passes a call on, or cannot take it: a number in the form +16175550100.
STAFF_NUMBER = ""
# TWILIO_NUMBER = "+16175550100"   # what our own calls and texts come from; default: the first line's number
# TURN_AWAY = true         # whom this machine could not answer in time is put through to STAFF_NUMBER at once
# MOST_CALLS = 0           # at once; 0: as many as are answered in time (docs/scale.md)
# REPLY_LIMIT_MS = 1500    # in time: 95 in 100 replies
# PAGE_STEP_S = 60                 # how long one person has to answer a page before the next is tried
# Pages by e-mail: FIRSTRING_SMTP_URL or FIRSTRING_SMTP_URL_FILE, see docs/operate.md

# --- this machine ---------------------------------------------------------------------------------------
DATA_DIR = "firstring-data"
PORT = 8080            # the carrier's side
PRIVATE_PORT = 8081    # staff pages, chart, metrics: reachable from this machine only
# DATABASE_URL = "postgresql+psycopg://user@host/firstring"   # default: a SQLite file in DATA_DIR
# OTEL_ENDPOINT = "http://127.0.0.1:4318/v1/traces"   # traces; pip install -r requirements-otel.txt

# Several processes for the practice (docs/several-machines.md), which share database, secrets, recordings:
# SIBLINGS = true                     # what this process cannot take now is left to the others
# DRAIN_S = 600                       # how long calls may go on here once it is told to stop
# SECRETS_DIR = "/srv/firstring/secrets"
# RECORDINGS_DIR = "/srv/firstring/recordings"
# SPEECH_WORKERS = "ws://10.0.0.21:8090 ws://10.0.0.22:8090"   # and FIRSTRING_SPEECH_WORKER_TOKEN or ..._FILE

# Staff may sign in with the practice's identity provider (OpenID Connect; docs/operate.md):
# OIDC_ISSUER = "https://login.example.org"    and FIRSTRING_OIDC_CLIENT_SECRET or ..._FILE
# OIDC_CLIENT_ID = "firstring"
# OIDC_CLAIM = "preferred_username"   # of the ID token: the person's name under People
# CONSOLE_URL = "https://desk.example.org"
# SECOND_FACTOR = true     # false only with DEMO_PRACTICE and PRIVATE_HOST on this machine

# --- the practice ---------------------------------------------------------------------------------------
PRACTICE_FILE = ""                         # your practice's facts: begin with backends/demo_practice.toml
# DEMO_PRACTICE = true                     # instead, to try it out: the fictional practice and its patients
# UNSIGNED_CHECKINS = false                # true: questionnaires run that nobody signed; never with patients
# PRACTICE_TIMEZONE = "America/New_York"   # default: the practice file's

# --- speech ---------------------------------------------------------------------------------------------
# auto: Whisper when its weights are on this machine, otherwise pocketsphinx, which is for trying out only.
# ctranslate2: Whisper's weights, decoded by that package where it is installed (pip install ctranslate2).
STT = "auto"
WHISPER_MODEL = "base.en"   # a model's name, or the path of a .pt file
WHISPER_PRECISION = "fp32"  # or int8, or (whisper only) bf16: often faster; measure with `make bench-whisper`
VOICE = "espeak"            # or "flite:rms", which sounds less robotic, where flite is installed;
                            # or "piper:FILE.onnx", a neural voice (pip install piper-tts; untried)

# Speech is recognised in English only: key 2 ("Para español") brings a person, or an interpreter's call back.
SPANISH_KEY = true

# --- recordings (encrypted, in DATA_DIR/recordings; a caller may decline) -----------------------------------
RECORD_CALLS = true
RECORDING_DAYS = 90         # kept for so long, then removed
RECORDINGS_MAX_MB = 20000   # about 340 hours; when they fill it, further calls go unrecorded

# --- how long things are kept (docs/operate.md, "Keeping the data"); 0: without end -------------------------
# KEEP_CALLS_DAYS = 2555       # what was said and done in a call, with its tasks and texts; ask your counsel
# KEEP_MINORS_UNTIL_AGE = 18   # a child's calls are kept until that age, and KEEP_CALLS_DAYS from then on
# KEEP_TEXTS_DAYS = 365
# KEEP_EVENTS_DAYS = 90        # the log behind the live pages
# BACKUP_DAYS = 7              # `firstring doctor` warns when the last backup is older

# --- the chart ------------------------------------------------------------------------------------------
# FHIR_BASE_URL = "https://ehr.example.org/fhir/r4"   # default: the embedded chart
# FHIR_CLIENT_ID = "..."       # SMART Backend Services: as registered at the EHR, with our keys
                               # (`firstring smart-keys`); else FIRSTRING_FHIR_TOKEN is sent.
# FHIR_READ = "patients medicines appointments"   # calls act on its charts (docs/ehr.md); default: on our own
# What we name in that server's charts, each as its FHIR interface does (docs/ehr.md says what needs which):
# FHIR_ORGANIZATION = "Organization/..."     # the practice
# FHIR_LOCATION = "Location/..."             # where visits are
# FHIR_PRACTITIONER = "Practitioner/..."     # who signs where a server takes no device as author
# FHIR_TASK_OWNER = "Organization/..."       # the pool that owns tasks
# FHIR_PAGE_RECIPIENT = "Group/..."          # who gets the message of a danger sign
# FHIR_PROVIDERS = "rivera=Practitioner/..." # our provider's id = theirs, for each, with spaces between
# FHIR_TOKEN_URL = ""          # only where the EHR does not name its token address itself
"""


def write_settings(folder: Path) -> Path:
    """Writes firstring.toml into ``folder``. Raises SettingsError when one is there already."""
    path = folder / "firstring.toml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x") as file:
            file.write(SETTINGS_FILE)
    except FileExistsError as problem:
        raise SettingsError(f"{path} exists", fix="Edit it, or move it away first.") from problem
    except OSError as problem:
        raise SettingsError(f"{path} cannot be written: {problem.strerror}") from problem
    return path


def check_practice(chosen: Settings) -> None:
    """Raises SettingsError naming what is wrong in PRACTICE_FILE."""
    checked_practice(chosen.practice_file)


def await_data_dir(chosen: Settings, sleep: Callable[[float], None] = time.sleep) -> None:
    """As `make_data_dir`, and what may pass, such as a full disk, is waited for.

    Nothing listens meanwhile: the carrier follows its fallback at once.
    """
    for tries in itertools.count():
        try:
            make_data_dir(chosen)
            return
        except SettingsError as problem:
            if not problem.may_pass:
                raise
            complain("serve", problem)
        sleep(yet_pause_s(tries))


def make_data_dir(chosen: Settings) -> None:
    """Makes the data folder. Raises SettingsError when it cannot be made or written."""
    try:
        chosen.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as refusal:
        raise SettingsError(
            f"DATA_DIR {chosen.data_dir} cannot be made: {refusal.strerror}",
            fix="Give the server a folder it may write to.",
            may_pass=may_pass(refusal),
        ) from refusal
    if refused := _refused(chosen.data_dir):
        raise SettingsError(
            f"DATA_DIR {chosen.data_dir} cannot be written: {_why(refused)}",
            fix="Give the server's user write access to it, on a disk that is not mounted read-only or full.",
            may_pass=may_pass(refused),
        )


def cannot_write(folder: Path) -> str:
    """Why no file can be made in ``folder``; "" when one can. Really tried: root passes tests of modes."""
    refused = _refused(folder)
    return _why(refused) if refused else ""


def _refused(folder: Path) -> OSError | None:
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x")
    except OSError as problem:
        return problem
    return None


def _why(problem: OSError) -> str:
    return problem.strerror or type(problem).__name__


def require_live(chosen: Settings) -> None:
    """What a live server cannot do without. Raises SettingsError naming what is missing or wrong."""
    missing = [
        name
        for name, value in (
            ("PUBLIC_URL", chosen.public_url),
            ("TWILIO_ACCOUNT_SID", chosen.twilio_account_sid),
            ("TWILIO_AUTH_TOKEN", chosen.twilio_auth_token),
        )
        if not value
    ]
    if missing:
        raise SettingsError(
            f"not set: {', '.join(missing)}",
            fix="`firstring init` writes a settings file that explains each; the token goes in the "
            "environment. To try Firstring without an account, run `make demo`.",
        )
    check_public_url(chosen.public_url)
    if chosen.staff_number and not E164.fullmatch(chosen.staff_number):
        raise SettingsError(
            "STAFF_NUMBER is not E.164", fix="Write it with + and country code, such as +16175550100."
        )
    _require_ears(chosen)


def require_own_practice(chosen: Settings) -> None:
    """Patients are answered as the fictional practice only where that was asked for. Raises SettingsError."""
    if chosen.practice_file is None and not chosen.demo_practice:
        raise SettingsError(
            "not set: PRACTICE_FILE: patients would be answered as the fictional practice that comes with "
            "Firstring",
            fix=OWN_PRACTICE_FIX,
        )


def _require_ears(chosen: Settings) -> None:
    """The stand-in hears nothing: it never answers anybody but the fictional practice's callers."""
    if chosen.stt != STAND_IN:
        return
    if not chosen.demo_practice:
        raise SettingsError(
            f"STT is {STAND_IN!r}: it knows a list of test clips and hears no caller",
            fix='Set STT = "auto". The stand-in is for load tests of the fictional practice.',
        )
    if chosen.stand_in_clips is None or not chosen.stand_in_clips.is_file():
        raise SettingsError(
            f"STT is {STAND_IN!r}, and STAND_IN_CLIPS names no file",
            fix='Name its list of clips, or set STT = "auto".',
        )
