"""The table of legal holds."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from models.columns import Row, blind_index, call_name, instant, maybe_instant, secret_text


class LegalHold(Row, table=True):
    """On one call, or on one patient with all their calls, those to come too."""

    __tablename__ = "legal_hold"

    id: str = Field(primary_key=True, max_length=32)
    call_id: str = call_name(index=True)
    patient_id: str = secret_text("legal_hold.patient_id")
    patient_blind: str = blind_index()
    why: str = secret_text("legal_hold.why")
    placed_at: datetime = instant()
    placed_by: str = Field(max_length=100)
    lifted_at: datetime | None = maybe_instant()
    lifted_by: str = Field(default="", max_length=100)

    @property
    def subject(self) -> str:
        """As the audit trail names it."""
        return f"call/{self.call_id}" if self.call_id else f"patient/{self.patient_id}"
