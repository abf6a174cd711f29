"""What a call has ordered and not yet heard of, and how often it was resumed without getting anywhere."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("ordered", sa.LargeBinary(), nullable=True))
    op.add_column("call", sa.Column("stalled", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("call", "stalled")
    op.drop_column("call", "ordered")
