"""What is counted of each call, kept when it ends: figures are read without opening anything personal."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from models.columns import CALL_ID_LENGTH, Row, maybe_instant


class CallFigure(Row, table=True):
    """``wish``: the first thing that was asked for, a label, "" where nothing was understood.
    ``answered_ms``: from the call's arrival to the stored greeting. ``replies_ms``: of each answer, from
    the end of listening to our first sound, "410 522". ``note_at``: when the chart server held the note."""

    __tablename__ = "call_figure"

    call_id: str = Field(primary_key=True, max_length=CALL_ID_LENGTH)
    wish: str = Field(default="", max_length=32)
    answered_ms: int | None = None
    replies_ms: str = ""
    note_at: datetime | None = maybe_instant()
