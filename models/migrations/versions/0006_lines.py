"""Calls remember the number that forwarded them and the practice's line that was called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("forwarded_from", sa.LargeBinary(), nullable=True))
    op.add_column("call", sa.Column("line", sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("call", "line")
    op.drop_column("call", "forwarded_from")
