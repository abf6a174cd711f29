"""The practice's own settings, kept in versions: who changed what, and when, can always be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from models.errors import Conflict
from models.rows import insert_if_new
from models.tables import Setting

Body = Mapping[str, Any]  # one setting, as JSON
FROM_THE_FILE = "practice.toml"  # who made a version that was taken from there


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in a setting before it is taken: ``path`` names the field ("hours.monday")."""

    path: str
    sentence: str


def newest_versions(session: Session) -> dict[str, int]:
    """Each setting's newest version, by its key: cheap, for asking often whether anything changed."""
    query = select(Setting.key, func.max(Setting.version)).group_by(col(Setting.key))
    return {key: int(version) for key, version in session.exec(query).all()}


def setting(session: Session, key: str) -> Setting | None:
    """The newest version of a setting, None when it was never set."""
    query = select(Setting).where(Setting.key == key).order_by(col(Setting.version).desc()).limit(1)
    return session.exec(query).first()


def save_setting(
    session: Session,
    key: str,
    body: Mapping[str, Any],
    *,
    at: datetime,
    who: str,
    based_on: int | None = None,
) -> int:
    """Add a version and return its number.

    ``based_on`` is the version that the editor saw (0: none); raises `Conflict` when it is not the
    newest any more, so that two editors do not overwrite each other.
    """
    newest = setting(session, key)
    version = newest.version if newest else 0
    if based_on is not None and based_on != version:
        raise Conflict(f"the setting {key} was changed by somebody else meanwhile")
    if not insert_if_new(session, Setting(key=key, version=version + 1, body=dict(body), at=at, who=who)):
        raise Conflict(f"the setting {key} was changed by somebody else meanwhile")
    return version + 1


def setting_versions(session: Session, key: str) -> list[Setting]:
    """Every version of a setting, oldest first."""
    return list(session.exec(select(Setting).where(Setting.key == key).order_by(col(Setting.version))).all())
