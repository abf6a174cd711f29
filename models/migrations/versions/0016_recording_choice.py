"""Numbers whose calls are not recorded; tasks found by their Task in the chart and by when they ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEXES = {"ix_staff_task_resource_ref": "resource_ref", "ix_staff_task_done_at": "done_at"}


def upgrade() -> None:
    op.create_table(
        "recording_choice",
        sa.Column("number_blind", sa.String(64), primary_key=True),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    for name, column in INDEXES.items():
        op.create_index(name, "staff_task", [column])


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "staff_task")
    op.drop_table("recording_choice")
