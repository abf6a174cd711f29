"""Settings that name a resource of another server's chart: their form. Pure.

Which types R4 allows: https://hl7.org/fhir/R4/task.html, communication.html, appointment.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import SettingsError

if TYPE_CHECKING:
    from agent.settings import Settings

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # https://hl7.org/fhir/R4/datatypes.html#id
_DOERS = ("Practitioner", "PractitionerRole", "Organization", "CareTeam", "HealthcareService")


@dataclass(frozen=True, slots=True)
class Kind:
    """One setting: the types that it may name, what it is used for, and what is missing without it."""

    setting: str
    types: tuple[str, ...]
    is_for: str
    without: str = ""


KINDS = (
    Kind("fhir_organization", ("Organization",), "the practice, in calls and in who made what"),
    Kind("fhir_location", ("Location",), "the place of visits"),
    Kind(
        "fhir_practitioner",
        ("Practitioner",),
        "who signs notes and messages where the server takes no device as author",
        "notes are written without an author, and danger signs stand in them as text",
    ),
    Kind("fhir_task_owner", _DOERS, "the pool that owns tasks", "tasks there are nobody's"),
    Kind(
        "fhir_page_recipient",
        (*_DOERS, "Group"),
        "who gets the message of a danger sign",
        "danger signs stand in the note as text",
    ),
)
PROVIDER_TYPES = ("Practitioner", "PractitionerRole")
SETTINGS = (*(kind.setting for kind in KINDS), "fhir_providers")


def check_references(chosen: Settings) -> None:
    """Raises SettingsError naming the setting whose form is wrong, and how it is written."""
    for kind in KINDS:
        if value := getattr(chosen, kind.setting):
            _check(kind.setting, value, kind.types)
    for provider_id, reference in providers_of(chosen).items():
        _check(f"fhir_providers ({provider_id})", reference, PROVIDER_TYPES)
    named = [name for name in SETTINGS if getattr(chosen, name)]
    if named and not chosen.fhir_base_url:
        raise SettingsError(
            f"{named[0].upper()} is set, and the chart is the embedded one",
            fix="Set FHIR_BASE_URL to the EHR's address, or remove it.",
        )


def providers_of(chosen: Settings) -> dict[str, str]:
    """Our provider's id -> "Practitioner/id" or "PractitionerRole/id" there. Raises SettingsError."""
    pairs = [pair.partition("=") for pair in chosen.fhir_providers.replace(",", " ").split()]
    if wrong := next((left for left, sign, right in pairs if not (left and sign and right)), None):
        raise SettingsError(
            f"FHIR_PROVIDERS holds {wrong!r}, which names no chart's practitioner",
            fix='Write each as ours=theirs: FHIR_PROVIDERS = "rivera=Practitioner/12 cho=Practitioner/9".',
        )
    return {left: right for left, _, right in pairs}


def named_references(chosen: Settings) -> dict[str, str]:
    """Setting (or provider) -> reference, of all that are set."""
    single = {name.upper(): getattr(chosen, name) for name in SETTINGS[:-1] if getattr(chosen, name)}
    many = {f"FHIR_PROVIDERS ({ours})": theirs for ours, theirs in providers_of(chosen).items()}
    return single | many


def _check(setting: str, value: str, types: tuple[str, ...]) -> None:
    kind, slash, identity = value.partition("/")
    if kind in types and slash and _ID.fullmatch(identity):
        return
    name = setting.upper() if "(" not in setting else f"FHIR_PROVIDERS{setting[len('fhir_providers') :]}"
    allowed = types[0] if len(types) == 1 else f"{', '.join(types[:-1])} or {types[-1]}"
    raise SettingsError(
        f"{name} is {value!r}, which is no reference to a resource of the EHR that may stand there",
        fix=f"Write TYPE/ID as the EHR's FHIR interface does, TYPE being {allowed}.",
    )
