"""The oldest version that may serve this schema: two versions run side by side while one replaces the other.

A migration only adds, so this stays as it is. One that takes something away ("contract") raises it, with
``op.execute("UPDATE schema_floor SET oldest = ...")``, to the first revision whose code does without.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "schema_floor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("oldest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(table, [{"id": 1, "oldest": revision}])


def downgrade() -> None:
    op.drop_table("schema_floor")
