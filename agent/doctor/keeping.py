"""Backups: is there one, new enough, and a copy of the keys that it needs? And how long things are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, select

from agent import settings as settings_module
from agent.custody.backup import KEYS_COPIED, MADE
from agent.custody.retention import is_set
from agent.doctor.findings import Finding, ok, warn
from agent.settings import Settings
from models import schema
from models.engines import make_engines, parse_url
from models.keyring import KeyRing, use_keyring_here
from models.tables import AuditEntry

CHECK = "backup"
BACKUP_FIX = "Run `firstring backup FOLDER` every night; docs/operate.md, Keeping the data."
KEYS_FIX = "Copy them once, and after each rotation: `firstring backup FOLDER --keys-to FILE`, kept apart."
MINORS_FIX = "Set KEEP_MINORS_UNTIL_AGE, to 18 for example: your state's law says how long theirs are kept."
KEEP_FIX = "Set KEEP_CALLS_DAYS: your state's law on medical records says the least, often 7 to 10 years."


def backup(chosen: Settings) -> Iterator[Finding]:
    """By what the audit trail tells of the last ones."""
    keys, url = chosen.secrets_folder / "keys", parse_url(chosen.database)
    is_file = url.get_backend_name() == "sqlite"
    if not keys.exists() or (is_file and not Path(str(url.database)).exists()):
        yield ok(CHECK, "nothing to keep yet")
        return
    ring, engines = KeyRing.load(keys), make_engines(url)
    try:
        use_keyring_here(ring)
        with engines.reading.connect() as connection:
            if schema.current(connection) is None:
                yield ok(CHECK, "nothing to keep yet")
                return
        with Session(engines.reading) as session:
            made, copied = _newest(session, MADE), _newest(session, KEYS_COPIED)
    finally:
        engines.dispose()
    yield _age(chosen, made[0] if made else None)
    yield _keys(ring, copied[1] if copied else "")


def _newest(session: Session, action: str) -> tuple[datetime, str] | None:
    query = select(AuditEntry.at, AuditEntry.why).where(AuditEntry.action == action)
    return session.exec(query.order_by(col(AuditEntry.id).desc()).limit(1)).first()


def _age(chosen: Settings, made: datetime | None) -> Finding:
    if made is None:
        return warn(CHECK, "`firstring backup` has never made one", BACKUP_FIX)
    days = (settings_module.clock_of(chosen)() - made).days
    if days >= chosen.backup_days:
        return warn(CHECK, f"the last one is {days} days old", BACKUP_FIX)
    return ok(CHECK, f"the last one is {days} days old")


def _keys(ring: KeyRing, copied: str) -> Finding:
    if not copied:
        return warn("keys' copy", "none was made: without its keys no backup can be read", KEYS_FIX)
    if copied != f"key {ring.active_key}":
        return warn("keys' copy", f"of {copied}, and key {ring.active_key} is in use", KEYS_FIX)
    return ok("keys' copy", f"of {copied}, which is in use")


def retention(chosen: Settings) -> Iterator[Finding]:
    """KEEP_CALLS_DAYS and the others."""
    if not is_set(chosen) or not chosen.keep_calls_days:
        yield warn("retention", "calls are kept without end: KEEP_CALLS_DAYS is 0", KEEP_FIX)
        return
    periods = {
        "calls": chosen.keep_calls_days,
        "texts": chosen.keep_texts_days,
        "events": chosen.keep_events_days,
    }
    told = ", ".join(
        f"{name} {days} days" if days else f"{name} without end" for name, days in periods.items()
    )
    yield ok("retention", f"{told}; once a day, at night")
    if not chosen.keep_minors_until_age:
        yield warn("retention", "children's calls go when others do: KEEP_MINORS_UNTIL_AGE is 0", MINORS_FIX)
