"""The roles of staff. What each may do stands in `console.routes`, row by row; here is only who there is."""

from __future__ import annotations

from enum import StrEnum

from models import task_rules
from models.errors import SettingsError


class Role(StrEnum):
    FRONT_DESK = task_rules.FRONT_DESK
    COORDINATOR = task_rules.COORDINATOR
    NURSE = task_rules.NURSE
    PRESCRIBER = task_rules.PRESCRIBER
    SOCIAL_WORKER = task_rules.SOCIAL_WORKER
    AUDITOR = "auditor"
    ADMIN = "admin"


TITLES = {
    Role.FRONT_DESK: "Front desk",
    Role.COORDINATOR: "Coordinator",
    Role.NURSE: "Nurse",
    Role.PRESCRIBER: "Prescriber",
    Role.SOCIAL_WORKER: "Social worker",
    Role.AUDITOR: "Auditor",
    Role.ADMIN: "Administrator",
}
EVERYONE = frozenset(Role)
CARE = EVERYONE - {Role.AUDITOR, Role.ADMIN}  # who works with patients' records
DESK = CARE - {Role.SOCIAL_WORKER}  # who answers pages and puts right what was heard
CLINICAL = frozenset({Role.COORDINATOR, Role.NURSE, Role.PRESCRIBER})  # who answers for a note
PRESCRIBERS = frozenset({Role.PRESCRIBER})
DECIDERS = frozenset({Role.NURSE, Role.PRESCRIBER})  # about refills; nurses as far as the protocol goes
CLINICIANS = frozenset({Role.NURSE, Role.PRESCRIBER})  # who signs what patients are asked
OVERSIGHT = frozenset({Role.AUDITOR, Role.ADMIN})
ADMIN = frozenset({Role.ADMIN})


def read_roles(text: str) -> frozenset[Role]:
    """The roles of a stored line. A word that is no role gives no rights."""
    return frozenset(Role(word) for word in text.split() if word in EVERYONE)


def written_roles(roles: frozenset[Role]) -> str:
    """The line to store, in the order of `Role`."""
    return " ".join(role for role in Role if role in roles)


def chosen_roles(words: list[str]) -> frozenset[Role]:
    """Roles by their words. Raises `SettingsError` at one that does not exist, and when there is none."""
    if unknown := [word for word in words if word not in EVERYONE]:
        raise SettingsError(f"there is no role {unknown[0]!r}", fix=f"Roles are {', '.join(Role)}.")
    if not words:
        raise SettingsError("a person needs a role", fix=f"Roles are {', '.join(Role)}.")
    return frozenset(Role(word) for word in words)


def titles(roles: frozenset[Role]) -> str:
    return ", ".join(TITLES[role] for role in Role if role in roles)
