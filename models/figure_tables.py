"""What is counted of each call, kept when it ends: figures are read without opening anything personal."""

from __future__ import annotations

from sqlmodel import Field

from models.columns import CALL_ID_LENGTH, Row


class CallFigure(Row, table=True):
    """``wish``: the first thing that was asked for, a label, "" where nothing was understood.
    ``answered_ms``: from the call's arrival to the stored greeting. ``replies_ms``: of each answer, from
    the end of listening to our first sound, "410 522". ``note_ms``: from the call's end until the chart
    server held its note. ``quarter``: when it came, in quarters of an hour since 1970, of which the days of
    every time zone are made."""

    __tablename__ = "call_figure"

    call_id: str = Field(primary_key=True, max_length=CALL_ID_LENGTH)
    wish: str = Field(default="", max_length=32)
    answered_ms: int | None = None
    replies_ms: str = ""
    note_ms: int | None = None
    quarter: int = 0
