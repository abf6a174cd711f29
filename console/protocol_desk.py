"""Protocols: a new version is taken, a clinician signs what they have read, a signature is taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from console.protocol_port import CheckinProtocol, Document, Protocols
from console.roles import CLINICIANS, titles
from console.settings_diff import NOTHING, Difference
from console.users import Staff
from models import audit
from models.practice import FROM_THE_FILE, save_setting, setting
from models.tables import Setting

DOCUMENT, SIGNATURE = "protocol/", "signature/"  # keys of settings (backends/protocols.py reads them)
MOST_VERSIONS = 50


@dataclass(frozen=True, slots=True)
class Happened:
    """One step of a protocol's life. ``number``: of the version that can be had again, 0 none."""

    at: datetime
    who: str
    what: str
    changes: tuple[Difference, ...] = ()
    number: int = 0


def newest(session: Session, key: str) -> int:
    row = setting(session, key)
    return row.version if row else 0


def take(
    session: Session,
    staff: Staff,
    present: CheckinProtocol | None,
    document: Document,
    based_on: int,
    at: datetime,
) -> None:
    """Keep a new version; the one from a file becomes the first. Raises `Conflict`."""
    name = str(document["id"])
    key = DOCUMENT + name
    if present is not None and not based_on:
        first = {"document": dict(present.document)}
        based_on = save_setting(session, key, first, at=at, who=FROM_THE_FILE, based_on=0)
    version = save_setting(
        session, key, {"document": dict(document)}, at=at, who=staff.name, based_on=based_on
    )
    _note(
        session,
        staff,
        "protocol changed",
        name,
        f"version {version} of the console, {document['version']}",
        at,
    )


def sign(
    session: Session,
    staff: Staff,
    protocol: CheckinProtocol,
    full_name: str,
    based_on: int,
    at: datetime,
    zone: ZoneInfo,
) -> None:
    """Raises `Conflict` where somebody signed or took back meanwhile."""
    body = {
        "signed": True,
        "digest": protocol.digest,
        "version": protocol.version,
        "who": full_name,
        "role": titles(staff.roles & CLINICIANS),
        "on": at.astimezone(zone).date().isoformat(),
    }
    save_setting(session, SIGNATURE + protocol.name, body, at=at, who=staff.name, based_on=based_on)
    _note(session, staff, "protocol signed", protocol.name, f"version {protocol.version}", at)


def take_back(
    session: Session, staff: Staff, protocol: CheckinProtocol, why: str, based_on: int, at: datetime
) -> None:
    """Raises `Conflict`."""
    body = {"signed": False, "digest": protocol.digest, "version": protocol.version, "why": why}
    save_setting(session, SIGNATURE + protocol.name, body, at=at, who=staff.name, based_on=based_on)
    _note(session, staff, "protocol signature taken back", protocol.name, why, at)


def _note(session: Session, staff: Staff, action: str, name: str, why: str, at: datetime) -> None:
    audit.append(session, at=at, actor=staff.name, action=action, subject=f"protocol/{name}", why=why)


def document_at(session: Session, name: str, version: int) -> Document | None:
    row = session.get(Setting, (DOCUMENT + name, version))
    return row.body["document"] if row else None


def life(session: Session, name: str, port: Protocols) -> tuple[Happened, ...]:
    """Versions and signatures, the newest first."""
    documents, signatures = _rows(session, DOCUMENT + name), _rows(session, SIGNATURE + name)
    steps = [
        _taken(row, documents[at + 1] if at + 1 < len(documents) else None, port)
        for at, row in enumerate(documents)
    ]
    steps += [_signature(row) for row in signatures]
    return tuple(sorted(steps, key=lambda step: step.at, reverse=True))


def _rows(session: Session, key: str) -> list[Setting]:
    query = select(Setting).where(Setting.key == key).order_by(col(Setting.version).desc())
    return list(session.exec(query.limit(MOST_VERSIONS)).all())


def _taken(row: Setting, before: Setting | None, port: Protocols) -> Happened:
    document = row.body["document"]
    changes = _changes(before.body["document"], document, port) if before else ()
    return Happened(row.at, row.who, f"Version {document['version']} taken", changes, row.version)


def _signature(row: Setting) -> Happened:
    body = row.body
    if body.get("signed"):
        return Happened(row.at, row.who, f"Version {body['version']} signed: {body['who']}, {body['role']}")
    return Happened(
        row.at, row.who, f"Signature of version {body['version']} taken back: {body.get('why') or NOTHING}"
    )


def _changes(before: Document, after: Document, port: Protocols) -> tuple[Difference, ...]:
    old, new = port.sentences(before), port.sentences(after)
    return tuple(
        Difference(what, old.get(what) or NOTHING, new.get(what) or NOTHING)
        for what in dict.fromkeys((*old, *new))
        if old.get(what, "") != new.get(what, "")
    )
