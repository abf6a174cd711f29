"""Text messages and who wants none, codes, the waitlist, steps of a page, transfers, service levels."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_text_message()
    _make_text_choice()
    _make_one_time_code()
    _make_waitlist_entry()
    _make_checkin()
    _make_page_step()
    _make_transfer()
    op.add_column("page", sa.Column("level", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("page", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff_task", sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff_task", sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("call", sa.Column("satisfaction", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("call", "satisfaction")
    op.drop_column("staff_task", "escalated_at")
    op.drop_column("staff_task", "warned_at")
    op.drop_column("page", "next_at")
    op.drop_column("page", "level")
    for table in (
        "transfer_leg",
        "transfer",
        "page_step",
        "checkin",
        "waitlist_entry",
        "one_time_code",
        "text_choice",
        "text_message",
    ):
        op.drop_table(table)


def _make_text_message() -> None:
    op.create_table(
        "text_message",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("purpose", sa.String(32), nullable=False),
        sa.Column("to_number", sa.LargeBinary(), nullable=False),
        sa.Column("to_blind", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carrier_sid", sa.String(64), nullable=False),
        sa.Column("last_error", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_text_message_due", "text_message", ["state", "next_at"], unique=False)
    op.create_index(op.f("ix_text_message_call_id"), "text_message", ["call_id"], unique=False)
    op.create_index(op.f("ix_text_message_to_blind"), "text_message", ["to_blind"], unique=False)


def _make_text_choice() -> None:
    op.create_table(
        "text_choice",
        sa.Column("number_blind", sa.String(64), nullable=False),
        sa.Column("stopped", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number_blind"),
    )


def _make_one_time_code() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("patient_id", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("call_id"),
    )


def _make_waitlist_entry() -> None:
    op.create_table(
        "waitlist_entry",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("action_id", sa.String(100), nullable=False),
        sa.Column("patient_id", sa.LargeBinary(), nullable=False),
        sa.Column("patient_blind", sa.String(64), nullable=False),
        sa.Column("visit_type", sa.String(64), nullable=False),
        sa.Column("wish", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_opening", sa.String(200), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused", sa.LargeBinary(), nullable=True),
        sa.Column("appointment_id", sa.String(64), nullable=False),
        sa.Column("text_number", sa.LargeBinary(), nullable=False),
        sa.Column("number_blind", sa.String(64), nullable=False),
        sa.Column("offered_to", sa.String(64), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("offered_to"),
        sa.UniqueConstraint("call_id", "action_id", name="uq_waitlist_entry_call_action"),
    )
    op.create_index(
        "ix_waitlist_entry_queue", "waitlist_entry", ["state", "visit_type", "created_at"], unique=False
    )
    op.create_index(
        op.f("ix_waitlist_entry_patient_blind"), "waitlist_entry", ["patient_blind"], unique=False
    )
    op.create_index(op.f("ix_waitlist_entry_number_blind"), "waitlist_entry", ["number_blind"], unique=False)


def _make_checkin() -> None:
    op.create_table(
        "checkin",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("action_id", sa.String(100), nullable=False),
        sa.Column("patient_id", sa.LargeBinary(), nullable=False),
        sa.Column("patient_blind", sa.String(64), nullable=False),
        sa.Column("questionnaire", sa.String(300), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("filed", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "action_id", name="uq_checkin_call_action"),
    )
    op.create_index(op.f("ix_checkin_patient_blind"), "checkin", ["patient_blind"], unique=False)


def _make_page_step() -> None:
    op.create_table(
        "page_step",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("page_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(100), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(200), nullable=False),
        sa.ForeignKeyConstraint(["page_id"], ["page.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("page_id", "number", name="uq_page_step_number"),
    )


def _make_transfer() -> None:
    op.create_table(
        "transfer",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("action_id", sa.String(100), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(100), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("people", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("taken_by", sa.String(100), nullable=False),
        sa.Column("taken_leg", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "action_id", name="uq_transfer_call_action"),
    )
    op.create_index("ix_transfer_due", "transfer", ["state", "next_at"], unique=False)
    op.create_index(op.f("ix_transfer_call_id"), "transfer", ["call_id"], unique=False)
    op.create_table(
        "transfer_leg",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("transfer_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(100), nullable=False),
        sa.Column("call_sid", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["transfer_id"], ["transfer.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("transfer_id", "number", name="uq_transfer_leg_number"),
    )
