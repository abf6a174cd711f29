"""Calls with their turns, actions, corrections and events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_call()
    _make_turn()
    _make_done_action()
    _make_correction()
    _make_event()


def downgrade() -> None:

    for table in (
        "event",
        "correction",
        "done_action",
        "turn",
        "call",
    ):
        op.drop_table(table)


def _make_call() -> None:
    op.create_table(
        "call",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("caller_number", sa.LargeBinary(), nullable=False),
        sa.Column("caller_blind", sa.String(64), nullable=False),
        sa.Column("called_number", sa.LargeBinary(), nullable=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disposition", sa.String(32), nullable=False),
        sa.Column("identity", sa.String(8), nullable=False),
        sa.Column("patient_id", sa.LargeBinary(), nullable=False),
        sa.Column("patient_blind", sa.String(64), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("ending", sa.LargeBinary(), nullable=True),
        sa.Column("red_flag_ids", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("resumed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_call_caller_blind"), "call", ["caller_blind"], unique=False)
    op.create_index(op.f("ix_call_disposition"), "call", ["disposition"], unique=False)
    op.create_index(op.f("ix_call_ended"), "call", ["ended"], unique=False)
    op.create_index(op.f("ix_call_patient_blind"), "call", ["patient_blind"], unique=False)
    op.create_index(op.f("ix_call_started"), "call", ["started"], unique=False)
    op.create_index(op.f("ix_call_updated"), "call", ["updated"], unique=False)


def _make_turn() -> None:
    op.create_table(
        "turn",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("caller_text", sa.LargeBinary(), nullable=False),
        sa.Column("alternatives", sa.LargeBinary(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("agent_text", sa.LargeBinary(), nullable=False),
        sa.Column("heard_to", sa.LargeBinary(), nullable=False),
        sa.Column("intent", sa.String(32), nullable=False),
        sa.Column("phase", sa.String(32), nullable=False),
        sa.Column("keys", sa.LargeBinary(), nullable=False),
        sa.Column("understood", sa.LargeBinary(), nullable=True),
        sa.Column("expectation", sa.LargeBinary(), nullable=True),
        sa.Column("timings", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["call.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "number", name="uq_turn_call_number"),
    )


def _make_done_action() -> None:
    op.create_table(
        "done_action",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("action_id", sa.String(100), nullable=False),
        sa.Column("turn_number", sa.Integer(), nullable=False),
        sa.Column("action", sa.LargeBinary(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["call.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "action_id", name="uq_done_action_call_action"),
    )


def _make_correction() -> None:
    op.create_table(
        "correction",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("turn_number", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(64), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("after", sa.LargeBinary(), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["call_id"],
            ["call.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_correction_call_id"), "correction", ["call_id"], unique=False)


def _make_event() -> None:
    op.create_table(
        "event",
        sa.Column("sequence", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_event_at"), "event", ["at"], unique=False)
    op.create_index(op.f("ix_event_call_id"), "event", ["call_id"], unique=False)
    op.create_index(op.f("ix_event_kind"), "event", ["kind"], unique=False)
