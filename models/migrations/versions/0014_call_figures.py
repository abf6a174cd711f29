"""What is counted of each call; calls of before are counted when they are keyed anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "call_figure",
        sa.Column("call_id", sa.String(64), primary_key=True),
        sa.Column("wish", sa.String(32), nullable=False),
        sa.Column("answered_ms", sa.Integer(), nullable=True),
        sa.Column("replies_ms", sa.String(), nullable=False),
        sa.Column("note_ms", sa.Integer(), nullable=True),
        sa.Column("quarter", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("call_figure")
