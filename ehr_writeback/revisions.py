"""A person signs, amends or retracts a call's note: promised like the note itself, exactly once, in order.

Every function uses the caller's transaction. What was done before stands in the outbox: nothing else is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from ehr_writeback import changes
from ehr_writeback.changes import Deed
from ehr_writeback.note_form import text_in
from ehr_writeback.note_pdf import note_pdf
from ehr_writeback.outbox import HELD, WITHDRAWN, outbox_kind, promise, set_aside
from ehr_writeback.plain_words import quoted
from ehr_writeback.planned import CHANGE, NOTE, PROVENANCE, Json, PlannedResource, key_of
from ehr_writeback.times import instant
from models.corrections import WORDS
from models.errors import FirstringError
from models.tables import Correction, LedgerRow, OutboxRow, OutboxState, Turn

MAX_WORDS = 2_000
IN_ERROR = "entered-in-error"


class NoNote(FirstringError):
    """There is no note in the chart, or promised to it, that could be changed."""

    code = "writeback-no-note"
    fix = "Link the call to a patient first; a retracted note is written anew by hand."


class NothingToAmend(FirstringError):
    """An amendment without words, and no turn was corrected since the note was written."""

    code = "writeback-nothing-to-amend"
    fix = "Correct a turn of the call, or say in words what the note should say."


def sign_note(session: Session, call_id: str, who: str, at: datetime, target: str = "embedded") -> bool:
    """The note as it stands is reviewed by ``who``. False: it was signed before. Raises `NoNote`."""
    notes = _Notes(session, call_id, target)
    if notes.is_final:
        return False
    notes.promise(changes.signed(notes.deed(who, at), notes.last_key), at)
    return True


def retract_note(
    session: Session, call_id: str, who: str, at: datetime, why: str, target: str = "embedded"
) -> None:
    """The note is not of this chart. Raises `NoNote`, also when it was retracted before.

    What was not tried yet, or was given up, is not sent any more.
    """
    notes = _Notes(session, call_id, target)
    notes.withdraw(f"retracted by staff at {instant(at)}")
    notes.promise(changes.retracted(notes.deed(who, at, why[:MAX_WORDS]), notes.last_key), at)


def amend_note(
    session: Session, call_id: str, who: str, at: datetime, words: str, target: str = "embedded"
) -> int:
    """A new version with staff's words and with the turns that were corrected since; returns its number.

    The same words a second time change nothing. Raises `NoNote` and `NothingToAmend`.
    """
    notes = _Notes(session, call_id, target)
    text = text_in(notes.last.payload["resource"])
    lines = [*_corrected(session, call_id, text), *_in_words(words)]
    new = [line for line in lines if line not in text.splitlines()]
    if not lines:
        raise NothingToAmend(f"nothing to amend in the note of {call_id}")
    if new:
        was_final, last = notes.is_final, notes.last.payload["resource"]
        notes.promise(changes.amended(notes.deed(who, at), last, notes.last_n, new, was_final=was_final), at)
    return notes.last_n + (1 if new else 0)


@dataclass(frozen=True, slots=True)
class NoteStanding:
    """How a call's note stands: its newest version, who signed it, or that it was retracted."""

    text: str
    version: int  # from 1
    written: datetime
    signed_by: str = ""
    signed_at: datetime | None = None
    retracted_by: str = ""
    retracted_at: datetime | None = None
    why_retracted: str = ""


def note_standing(session: Session, call_id: str, target: str = "embedded") -> NoteStanding | None:
    """None where no note is in this chart, or promised to it."""
    rows = _rows(session, call_id, target)
    versions = [n for kind, n in rows if kind == NOTE]
    if not versions:
        return None
    notes = _Notes(session, call_id, target, retracted_too=True)
    document, signatures = notes.last.payload["resource"], notes.signatures
    standing = NoteStanding(text_in(document), notes.last_n + 1, datetime.fromisoformat(document["date"]))
    if signatures:
        person = signatures[0].payload["resource"]["set"]["authenticator"]["display"]
        standing = replace(standing, signed_by=person, signed_at=signatures[0].created_at)
    return _retracted(standing, rows)


def _retracted(standing: NoteStanding, rows: Mapping[tuple[str, int], OutboxRow]) -> NoteStanding:
    for (kind, n), row in rows.items():
        if kind == CHANGE and row.payload["resource"]["set"].get("status") == IN_ERROR:
            told = next(
                (one for one in rows.values() if key_of(CHANGE, n) in one.payload["depends_on"]), None
            )
            who, why = changes.who_and_why(told.payload["resource"]) if told else ("", "")
            return replace(standing, retracted_by=who, retracted_at=row.created_at, why_retracted=why)
    return standing


def note_on_paper(session: Session, call_id: str, target: str = "embedded") -> bytes:
    """The note as it stands now, as one page of PDF. Raises `NoNote`, also for a retracted one."""
    notes = _Notes(session, call_id, target)
    document = notes.last.payload["resource"]
    title, rest = text_in(document).split("\n", 1)
    signed = [
        f"Signed by {row.payload['resource']['set']['authenticator']['display']}, {instant(row.created_at)}"
        for row in notes.signatures
    ]
    return note_pdf("\n".join([title, *signed, rest]), call_id, datetime.fromisoformat(document["date"]))


def _in_words(words: str) -> list[str]:
    flat = " ".join(words.split())[:MAX_WORDS]
    return [f"- {flat}"] if flat else []


def _corrected(session: Session, call_id: str, text: str) -> list[str]:
    """What people have corrected in the caller's words, the last correction of each turn."""
    query = select(Correction).where(Correction.call_id == call_id, Correction.field == WORDS)
    rows = session.exec(query.order_by(col(Correction.at), col(Correction.id))).all()
    last = {row.turn_number: row for row in rows}
    return [_correction(session, row) for _, row in sorted(last.items())]


def _correction(session: Session, row: Correction) -> str:
    turn = session.exec(
        select(Turn).where(Turn.call_id == row.call_id, Turn.number == row.turn_number)
    ).one_or_none()
    said, heard = quoted(row.after), quoted(turn.caller_text if turn else row.before)
    return f'- Caller said "{said}", not "{heard}" [t{row.turn_number}], corrected by {row.who}'


class _Notes:
    """The notes of one call for one chart server, as promised so far. Raises `NoNote` when none stands."""

    def __init__(self, session: Session, call_id: str, target: str, *, retracted_too: bool = False) -> None:
        self._session, self._call_id, self._target = session, call_id, target
        self._rows = _rows(session, call_id, target)
        versions = [n for kind, n in self._rows if kind == NOTE]
        is_retracted = self._set("status") == IN_ERROR and not retracted_too
        if not versions or _is_held(session, call_id, target) or is_retracted:
            raise NoNote(f"the note of {call_id} is not in the chart")
        self.last_n = max(versions)

    @property
    def last(self) -> OutboxRow:
        return self._rows[NOTE, self.last_n]

    @property
    def last_key(self) -> str:
        return key_of(NOTE, self.last_n)

    @property
    def is_final(self) -> bool:
        """Whether this version was signed."""
        return bool(self.signatures)

    @property
    def signatures(self) -> list[OutboxRow]:
        """Of this version: one, or none yet."""
        made = [row for (kind, _), row in self._rows.items() if kind == CHANGE]
        return [
            row
            for row in made
            if row.payload["resource"]["set"].get("docStatus") == "final"
            and self.last_key in row.payload["depends_on"]
        ]

    def deed(self, who: str, at: datetime, why: str = "") -> Deed:
        done = [n for kind, n in self._rows if kind == CHANGE]
        return Deed(self._call_id, max(done, default=0) + 1, who, at, why, self._practice())

    def _practice(self) -> Json:
        """As the Provenance of the call's own resources names it."""
        first = self._rows.get((PROVENANCE, 0))
        agents = first.payload["resource"]["agent"] if first else []
        return next((one["onBehalfOf"] for one in agents if "onBehalfOf" in one), {})

    def withdraw(self, why: str) -> None:
        """Versions that are not in the chart and on no way to it."""
        for (kind, _), row in self._rows.items():
            waits = row.state == OutboxState.PENDING and not row.attempts
            if kind == NOTE and (waits or row.state == OutboxState.DEAD):
                set_aside(self._session, row, self._target, WITHDRAWN, why)

    def promise(self, items: Sequence[PlannedResource], at: datetime) -> None:
        promise(self._session, self._call_id, items, self._target, at)

    def _set(self, name: str) -> Any:
        changes_made: list[Json] = [
            row.payload["resource"] for (kind, _), row in self._rows.items() if kind == CHANGE
        ]
        return next((one["set"][name] for one in changes_made if one["set"].get(name) == IN_ERROR), None)


def _rows(session: Session, call_id: str, target: str) -> dict[tuple[str, int], OutboxRow]:
    """What was promised of a call, by kind and number."""
    query = select(OutboxRow).where(
        col(OutboxRow.call_id) == call_id, col(OutboxRow.kind) == outbox_kind(target)
    )
    rows = session.exec(query).all()
    return {(str(row.payload["kind"]), int(row.payload["n"])): row for row in rows}


def _is_held(session: Session, call_id: str, target: str) -> bool:
    query = select(LedgerRow).where(
        LedgerRow.call_id == call_id,
        LedgerRow.kind == NOTE,
        LedgerRow.target == target,
        LedgerRow.state == HELD,
    )
    return session.exec(query).first() is not None


# What a person of the staff may do with a call's note; the last argument are their words.
NOTE_DEEDS: dict[str, Callable[[Session, str, str, datetime, str], object]] = {
    "sign": lambda session, call_id, who, at, _: sign_note(session, call_id, who, at),
    "amend": amend_note,
    "retract": retract_note,
}
