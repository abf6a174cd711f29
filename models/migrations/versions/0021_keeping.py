"""Legal holds; and what rests sealed in rows that are never changed may be sealed anew with another key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

AUDIT = "audit entries are never changed or deleted"
STEPS = "steps of a task are never changed"
# All but what is sealed: its plain text stands in the entry's hash, so that a change of it is found anyway.
AUDIT_COLUMNS = "id, chain, number, at, actor, action, prev_hash, hash"
STEP_COLUMNS = "id, task_id, deed, who, at, state, owner, outcome"


def upgrade() -> None:
    _make_legal_hold()
    _guard("audit_entry", AUDIT, AUDIT_COLUMNS)
    _guard("task_step", STEPS, STEP_COLUMNS)


def downgrade() -> None:
    _guard("task_step", STEPS, "")
    _guard("audit_entry", AUDIT, "")
    op.drop_table("legal_hold")


def _guard(table: str, refusal: str, columns: str) -> None:
    """The trigger against changes of ``columns``; "" of all."""
    name, of = f"{table}_no_update", f" OF {columns}" if columns else ""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {name}")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE UPDATE{of} ON {table} BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
        return
    op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute(
        f"CREATE TRIGGER {name} BEFORE UPDATE{of} ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_refuse()"
    )


def _make_legal_hold() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("call_id", sa.String(64), nullable=False),
        sa.Column("patient_id", sa.LargeBinary(), nullable=False),
        sa.Column("patient_blind", sa.String(64), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("placed_by", sa.String(100), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_legal_hold_call_id"), "legal_hold", ["call_id"], unique=False)
    op.create_index(op.f("ix_legal_hold_patient_blind"), "legal_hold", ["patient_blind"], unique=False)
