"""What of a call is written to the chart, and how each part stands, with what to do where it failed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlmodel import Session, col, select

from models.tables import LedgerRow, OutboxState


class Advice(Protocol):
    @property
    def means(self) -> str: ...
    @property
    def do(self) -> str: ...


class Advise(Protocol):
    """What a cause means and what to do about it."""

    def __call__(self, cause: str, *, is_dead: bool) -> Advice: ...


PARTS = {
    "device": "Which software answered",
    "enc": "That the call took place",
    "note": "The note",
    "task": "The task for staff",
    "comm": "That staff were paged",
    "prov": "Who and what it all comes from",
    "qr": "The answers of the check-in",
    "obs": "A value that the caller told",
    "issue": "Medicines to look at together",
    "rx": "The refill request",
    "appt": "The visit",
    "audit": "That the chart was opened to a caller",
    "change": "A change to the note",
    "cancel": "The visit’s cancellation",
    "move": "The task, brought up to date",
}
CONFIRMED, FAILED, HELD = OutboxState.CONFIRMED.value, OutboxState.DEAD.value, "held"
STATES = {
    OutboxState.PENDING.value: ("on its way", "calm"),
    OutboxState.SENT.value: ("sent, not confirmed yet", "calm"),
    CONFIRMED: ("in the chart", "good"),
    FAILED: ("failed", "danger"),
    "accepted": ("waits for somebody over there", "warn"),
    HELD: ("kept here, no chart is known", "warn"),
    "no-chart": ("kept here, no chart is theirs", "calm"),
    "takes-no-notes": ("not taken by that chart", "warn"),
    "unsupported": ("not taken there, the note says it", "calm"),
    "replaced": ("replaced by a newer version", "calm"),
    "withdrawn": ("taken back before it was sent", "calm"),
}


@dataclass(frozen=True)
class WriteBackView:
    """``problem`` and ``fix``: in words, "" where there is none; ``code``: for whoever runs this."""

    what: str
    state: str
    tone: str
    reference: str
    problem: str = ""
    fix: str = ""
    code: str = ""


@dataclass(frozen=True)
class ChartView:
    """``told``: how it stands, in a sentence. ``failed``: something was given up. ``held``: no chart yet."""

    told: str
    rows: tuple[WriteBackView, ...]
    failed: bool
    held: bool
    all_there: bool


def chart_view(session: Session, call_id: str, *, is_live: bool, advise: Advise | None = None) -> ChartView:
    query = select(LedgerRow).where(LedgerRow.call_id == call_id).order_by(col(LedgerRow.id))
    rows = session.exec(query).all()
    states = [row.state for row in rows]
    return ChartView(
        told=_told(states, is_live=is_live),
        rows=tuple(_row(row, advise) for row in sorted(rows, key=_place)),
        failed=FAILED in states,
        held=HELD in states,
        all_there=bool(states) and all(state == CONFIRMED for state in states),
    )


def _told(states: list[str], *, is_live: bool) -> str:
    if not states:
        return "The note is written when the call ends." if is_live else "Nothing has been sent to the chart."
    there, failed = states.count(CONFIRMED), states.count(FAILED)
    if there == len(states):
        return "All of it is in the chart."
    if HELD in states:
        return "It is kept here until the call is linked to a chart."
    told = f"{there} of {len(states)} parts are in the chart"
    return f"{told}, {failed} failed." if failed else f"{told}."


def _place(row: LedgerRow) -> int:
    """What failed first, what is there last."""
    return {FAILED: 0, CONFIRMED: 2}.get(row.state, 1)


def _row(row: LedgerRow, advise: Advise | None) -> WriteBackView:
    words, tone = STATES.get(row.state, (row.state, "warn"))
    part = PARTS.get(row.kind) or row.kind.capitalize()
    advice = advise(row.error, is_dead=row.state == FAILED) if advise and row.error else None
    return WriteBackView(
        what=f"{part}, version {row.n + 1}" if row.kind == "note" and row.n else part,
        state=words,
        tone=tone,
        reference=row.server_ref,
        problem=advice.means if advice else "",
        fix=advice.do if advice else "",
        code=row.error,
    )
