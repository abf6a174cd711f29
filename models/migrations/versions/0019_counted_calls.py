"""What is counted of calls over some days is read from an index alone: a call's own row is long."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

NAME = "ix_call_counted"
COLUMNS = ["started", "id", "ended", "disposition", "red_flag_ids", "reviewed_at", "satisfaction"]


def upgrade() -> None:
    op.create_index(NAME, "call", COLUMNS, unique=False)


def downgrade() -> None:
    op.drop_index(NAME, "call")
