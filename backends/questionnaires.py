"""Questionnaires of check-ins: FHIR Questionnaire JSON -> frozen values for the dialog, checked and signed.

https://hl7.org/fhir/R4/questionnaire.html. What FHIR has no element for stands in extensions under
``urn:firstring:checkin:`` (docs/checkins.md lists them). A file of the practice goes before the shipped one
of the same name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from fhir.resources.R4B.questionnaire import Questionnaire as FhirQuestionnaire
from pydantic import ValidationError

from backends.questionnaire_checks import check
from backends.questionnaire_file import FileError, Json, read_questionnaire
from models.domain import Questionnaire
from models.errors import SettingsError

SHIPPED = Path(__file__).with_name("questionnaires")
FOLDER = "questionnaires"  # within DATA_DIR: the practice's own
_FIX = "Correct the file as docs/checkins.md says, or take it out of the folder."


def load_questionnaires(*folders: Path) -> tuple[Questionnaire, ...]:
    """Every questionnaire, by name; of two with one name that of the later folder.

    Raises `SettingsError` naming the file and what is wrong in it.
    """
    found: dict[str, Questionnaire] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            one = _load(path, path.stat().st_mtime_ns)
            found[one.name] = one
    return tuple(found[name] for name in sorted(found))


def load_documents(folder: Path) -> dict[str, Json]:
    """The documents of a folder as they are written, by name. Raises `SettingsError` as above."""
    found: dict[str, Json] = {}
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        found[_load(path, path.stat().st_mtime_ns).name] = json.loads(path.read_text(encoding="utf-8"))
    return found


def checked(document: Json, where: str) -> Questionnaire:
    """Raises `SettingsError` beginning with ``where``."""
    try:
        return _read(json.dumps(document))
    except ValueError as error:
        raise SettingsError(f"{where}: {_problem(error)}", fix=_FIX) from None


def runnable(found: Iterable[Questionnaire], *, live: bool) -> tuple[Questionnaire, ...]:
    """Those that may be asked. With real patients (``live``) a practice's own sign-off is needed.

    FDA's policy on functions for patients and domain rules section 5.1: fixed content, authorised by the
    practice's medical director.
    """
    return tuple(one for one in found if not live or (one.signed and not one.demo_only))


def unsigned(found: Sequence[Questionnaire]) -> tuple[str, ...]:
    """Names of those that do not run with real patients."""
    return tuple(one.name for one in found if one not in runnable(found, live=True))


@lru_cache(maxsize=64)
def _read(text: str) -> Questionnaire:
    """Read once for each text, as a process has several books of them: a tenth of a second each time."""
    document = json.loads(text)
    FhirQuestionnaire.model_validate(document)
    questionnaire = read_questionnaire(document)
    if problem := next(check(questionnaire), ""):
        raise FileError(problem)
    return questionnaire


@lru_cache(maxsize=64)
def _load(path: Path, changed: int) -> Questionnaire:
    """Read once for each change of the file: a questionnaire is compared by identity."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path}: {_problem(error)}", fix=_FIX) from None
    return checked(document, str(path))


def _problem(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        return f"not a FHIR Questionnaire: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    if isinstance(error, json.JSONDecodeError):
        return f"not JSON: {error.msg}, line {error.lineno}"
    return str(error) if isinstance(error, FileError) else f"cannot be read: {error}"
