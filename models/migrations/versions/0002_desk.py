"""Staff, their work, the practice's settings, the outbox and what guards the door."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_staff_user()
    _make_setting()
    _make_staff_task()
    _make_page()
    _make_outbox()
    _make_ledger()
    _make_used_token()
    _make_seen_webhook()
    _make_identity_attempt()


def downgrade() -> None:

    for table in (
        "identity_attempt",
        "seen_webhook",
        "used_token",
        "ledger",
        "outbox",
        "page",
        "staff_task",
        "setting",
        "staff_user",
    ):
        op.drop_table(table)


def _make_staff_user() -> None:
    op.create_table(
        "staff_user",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("password_hash", sa.String(300), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def _make_setting() -> None:
    op.create_table(
        "setting",
        sa.Column("key", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("key", "version"),
    )


def _make_staff_task() -> None:
    op.create_table(
        "staff_task",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("action_id", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("priority", sa.String(16), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("patient_id", sa.LargeBinary(), nullable=False),
        sa.Column("callback_number", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resource_ref", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "action_id", name="uq_staff_task_call_action"),
    )
    op.create_index("ix_staff_task_queue", "staff_task", ["state", "due_at"], unique=False)


def _make_page() -> None:
    op.create_table(
        "page",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("action_id", sa.String(100), nullable=False),
        sa.Column("task_id", sa.String(64), nullable=True),
        sa.Column("red_flag_id", sa.String(16), nullable=False),
        sa.Column("summary", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["staff_task.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "action_id", name="uq_page_call_action"),
    )
    op.create_index(op.f("ix_page_state"), "page", ["state"], unique=False)


def _make_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("idempotency_key"),
    )
    op.create_index(op.f("ix_outbox_call_id"), "outbox", ["call_id"], unique=False)
    op.create_index("ix_outbox_due", "outbox", ["state", "next_at"], unique=False)


def _make_ledger() -> None:
    op.create_table(
        "ledger",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("target", sa.String(200), nullable=False),
        sa.Column("body_sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("server_ref", sa.String(200), nullable=False),
        sa.Column("etag", sa.String(100), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.String(1000), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("call_id", "kind", "n", "target", name="uq_ledger_resource"),
    )
    op.create_index(op.f("ix_ledger_state"), "ledger", ["state"], unique=False)


def _make_used_token() -> None:
    op.create_table(
        "used_token",
        sa.Column("nonce", sa.String(128), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("nonce"),
    )
    op.create_index(op.f("ix_used_token_used_at"), "used_token", ["used_at"], unique=False)


def _make_seen_webhook() -> None:
    op.create_table(
        "seen_webhook",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_index(op.f("ix_seen_webhook_seen_at"), "seen_webhook", ["seen_at"], unique=False)


def _make_identity_attempt() -> None:
    op.create_table(
        "identity_attempt",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("caller_blind", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_identity_attempt_call_id"), "identity_attempt", ["call_id"], unique=False)
    op.create_index("ix_identity_attempt_lock", "identity_attempt", ["caller_blind", "at"], unique=False)
