"""Work on its way names the process that has it: whether that still lives can be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("leased_by", sa.String(120), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("outbox", "leased_by")
