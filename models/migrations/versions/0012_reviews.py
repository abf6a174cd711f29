"""A call that staff have reviewed, and one that is marked for teaching: who and when."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
DEEDS = ("reviewed", "teaching")


def upgrade() -> None:
    for deed in DEEDS:
        op.add_column("call", sa.Column(f"{deed}_at", INSTANT, nullable=True))
        op.add_column("call", sa.Column(f"{deed}_by", sa.String(100), nullable=False, server_default=""))


def downgrade() -> None:
    for deed in DEEDS:
        op.drop_column("call", f"{deed}_by")
        op.drop_column("call", f"{deed}_at")
