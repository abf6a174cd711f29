"""The error tree: each has a code for staff, a fix for the operator, and sometimes words for the caller."""

from __future__ import annotations

import errno

# A disk that is full, a link or share that has dropped: there again without anybody changing a setting.
PASSING = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE, errno.ETIMEDOUT, errno.EHOSTDOWN, errno.ENFILE}
)


class FirstringError(Exception):
    """Base of all our errors. The message names the problem; it never holds personal data."""

    code = "error"
    fix = "See the log entry of this call for the failing stage."
    caller_sentence = ""  # what a caller hears, where one is due
    may_pass = False  # it may be gone later without anybody changing a setting: worth trying again

    def __init__(self, problem: str, *, fix: str = "", may_pass: bool = False) -> None:
        super().__init__(problem)
        if fix:
            self.fix = fix
        self.may_pass = may_pass


class SettingsError(FirstringError):
    """A setting is missing or wrong; the server does not start."""

    code = "settings"
    fix = "Correct the setting in firstring.toml or its FIRSTRING_ environment variable."


class PhraseError(SettingsError):
    """A danger phrase that a practice adds cannot be read."""

    code = "danger-phrase"
    fix = "docs/safety.md says how a danger phrase is written."


class FormularyError(FirstringError):
    """A table of drugs, or a national file that one is built from, cannot be used as it is."""

    code = "formulary"
    fix = "See docs/formulary.md for the files and their columns."


class SignOnError(FirstringError):
    """The practice's identity provider has not said who somebody is."""

    code = "sign-on"
    fix = (
        "Try again, or sign in with your password. For the administrator: docs/operate.md, identity provider."
    )


class ProtocolError(FirstringError):
    """The other side of a wire sent something that the protocol does not allow."""

    code = "protocol"
    fix = "Check what is connected to this address; nothing of ours needs changing."


class SignatureError(ProtocolError):
    """A webhook or stream request was not signed by our carrier account."""

    code = "signature"
    fix = "Check TWILIO_AUTH_TOKEN, and that PUBLIC_URL is exactly the URL configured at the carrier."


class RecognitionError(FirstringError):
    """Speech could not be turned into words: an engine failed, not the caller."""

    code = "recognition"
    fix = "Run `firstring doctor`: the speech-to-text engine or its worker is not working."
    caller_sentence = "I'm sorry, I'm having trouble hearing you."


class SynthesisError(FirstringError):
    """The speech engine produced no usable audio."""

    code = "synthesis"
    fix = "Install espeak-ng (`apt-get install espeak-ng libespeak-ng1`) and run `firstring doctor`."


class BackendError(FirstringError):
    """Schedule, pharmacy or chart could not do what was asked."""

    code = "backend"
    caller_sentence = "I'm sorry, I can't reach our system right now."


class NotFound(BackendError):
    """The thing referred to does not exist, or not for this patient."""

    code = "not-found"


class Conflict(BackendError):
    """Somebody else changed it first (HTTP 409 and 412)."""

    code = "conflict"


class StorageError(FirstringError):
    """The database refused or is not there."""

    code = "storage"
    fix = "Check DATABASE_URL, free disk space and file permissions; `firstring doctor` shows which."
    caller_sentence = "I'm sorry, something went wrong on our side."


class StorageLate(StorageError):
    """The database does not answer in the time that somebody can wait; it may still do what was asked."""

    code = "storage-late"
    fix = "Look at the database: it is paused, overloaded, locked by another program, or cut off."


class FileBusy(StorageError):
    """Another process writes this file now."""

    code = "file-busy"
    fix = "Nothing to do: the system frees the file when that process is done with it, or dead."


class WorkerError(FirstringError):
    """A worker process died, hung or is not there."""

    code = "worker"
    fix = "The supervisor restarts it; if this repeats, look at the worker's last log lines."


def may_pass(problem: OSError) -> bool:
    """Whether what the system refused just now it may allow later, with the same settings."""
    return problem.errno in PASSING
