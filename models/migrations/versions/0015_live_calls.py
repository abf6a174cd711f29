"""Calls count what is stored of them, for pages that show them live; what staff order of a call is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("changes", sa.Integer(), nullable=False, server_default="0"))
    op.create_table(
        "call_order",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("contact", sa.String(100), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("open_of", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("open_of"),
    )
    op.create_index(op.f("ix_call_order_call_id"), "call_order", ["call_id"], unique=False)


def downgrade() -> None:
    op.drop_table("call_order")
    op.drop_column("call", "changes")
