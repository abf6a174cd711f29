"""`firstring verify-audit`: the whole trail, and that nothing of it went since a backup."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from agent.custody.opened import opened
from agent.custody.restore import manifest_of
from agent.settings import Settings
from models import audit
from models.tables import AuditEntry, AuditHead


@dataclass(frozen=True)
class Checked:
    """``problem`` "": every chain is whole."""

    entries: int
    chains: int
    problem: str = ""


def check(chosen: Settings, since: Path | None = None) -> Checked:
    """Raises `KeepingError` for a backup that is none, or that other keys have signed."""
    with opened(chosen) as storage:
        heads = {}
        if since is not None:
            read = manifest_of(since)
            read.check(storage.keyring)
            heads = dict(read.manifest.state.heads)
        return storage.read_now(lambda session: _checked(session, heads))


def _checked(session: Session, heads: dict[str, tuple[int, str]]) -> Checked:
    entries = session.exec(select(func.count()).select_from(AuditEntry)).one()
    chains = session.exec(select(func.count()).select_from(AuditHead)).one()
    fault = audit.verify(session)
    if fault is not None:
        place = f"entry {fault.number} of chain {fault.chain}"
        row = f", row {fault.entry_id}" if fault.entry_id else ""
        return Checked(entries, chains, f"{place}{row}: {fault.problem}")
    return Checked(entries, chains, _gone(session, heads))


def _gone(session: Session, heads: dict[str, tuple[int, str]]) -> str:
    """A trail that was rolled back, or lost a whole chain, ends before the backup's."""
    for chain, (number, last) in sorted(heads.items()):
        place = (col(AuditEntry.chain) == chain, col(AuditEntry.number) == number)
        if session.exec(select(AuditEntry.hash).where(*place)).first() != last:
            return f"entry {number} of chain {chain} stood in the backup, and is gone or another"
    return ""
