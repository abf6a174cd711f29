"""The practice's settings as they stand, their versions, and a new one with its audit entry.

``practice.toml`` counts until somebody saves a section here. From then on the database does: the file's
section becomes version 1, and what they saved version 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from console.settings_diff import Difference, differences
from console.settings_fields import Section
from console.settings_form import tidy
from console.users import Staff
from models import audit
from models.errors import Conflict, NotFound
from models.practice import FROM_THE_FILE, Body, save_setting, setting
from models.tables import Setting

MOST_VERSIONS = 50  # shown


@dataclass(frozen=True, slots=True)
class Standing:
    """``version`` 0: as the file says, and nobody has changed it here."""

    body: Body
    version: int = 0
    who: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    who: str
    at: datetime
    changes: tuple[Difference, ...]  # against the one before
    newest: bool


def standing(session: Session, section: Section, of_file: Body) -> Standing:
    row = setting(session, section.key)
    return _standing(section, row) if row else Standing(tidy(section, of_file))


def _standing(section: Section, row: Setting) -> Standing:
    return Standing(tidy(section, row.body), row.version, row.who, row.at)


def file_differs(session: Session, section: Section, of_file: Body) -> tuple[Difference, ...]:
    """What the file says otherwise, where it was changed after its section was taken from there."""
    first, now = session.get(Setting, (section.key, 1)), setting(session, section.key)
    if first is None or now is None or first.who != FROM_THE_FILE:
        return ()
    said = tidy(section, of_file)
    if said == tidy(section, first.body):
        return ()
    return differences(section, tidy(section, now.body), said)


def take(
    session: Session,
    staff: Staff,
    section: Section,
    body: Body,
    *,
    of_file: Body,
    based_on: int,
    at: datetime,
    why: str = "",
) -> bool:
    """Save a version; False where it is how things stand already. Raises `Conflict`."""
    now = standing(session, section, of_file)
    if now.body == body:
        return False
    if now.version != based_on:
        raise Conflict(f"{section.title} was changed by somebody else meanwhile")
    if not now.version:
        based_on = save_setting(session, section.key, now.body, at=at, who=FROM_THE_FILE, based_on=0)
    version = save_setting(session, section.key, body, at=at, who=staff.name, based_on=based_on)
    audit.append(
        session,
        at=at,
        actor=staff.name,
        action="settings changed",
        subject=f"settings/{section.key}",
        why=f"version {version}{f', {why}' if why else ''}",
    )
    return True


def version_body(session: Session, section: Section, number: int) -> Body:
    """Raises `NotFound`."""
    row = session.get(Setting, (section.key, number))
    if row is None:
        raise NotFound("there is no such version")
    return tidy(section, row.body)


def history(session: Session, section: Section) -> tuple[Version, ...]:
    """The newest first."""
    query = select(Setting).where(Setting.key == section.key).order_by(col(Setting.version).desc())
    rows = list(session.exec(query.limit(MOST_VERSIONS + 1)).all())
    return tuple(_versions(section, rows))[:MOST_VERSIONS]


def _versions(section: Section, rows: Sequence[Setting]) -> Sequence[Version]:
    bodies = [tidy(section, row.body) for row in rows]
    return [
        Version(
            row.version,
            row.who,
            row.at,
            differences(section, bodies[at + 1], bodies[at]) if at + 1 < len(rows) else (),
            at == 0,
        )
        for at, row in enumerate(rows)
    ]
