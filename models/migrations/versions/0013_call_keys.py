"""The keyed index by which calls are found, which of them are in it, and what staff searched for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("keyed", sa.Integer(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_call_keyed"), "call", ["keyed"], unique=False)
    op.create_table(
        "call_key",
        sa.Column("key", sa.BigInteger(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", "started_us", "call_id", "turn"),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"]),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_call_key_call", "call_key", ["call_id", "turn"], unique=False)
    op.create_table(
        "call_search",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_call_search_at"), "call_search", ["at"], unique=False)


def downgrade() -> None:
    op.drop_table("call_search")
    op.drop_table("call_key")
    op.drop_index(op.f("ix_call_keyed"), "call")
    op.drop_column("call", "keyed")
