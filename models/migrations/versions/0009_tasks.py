"""What is done with a task: owners, clocks, how it ended, and every step of it, which is never changed."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
REFUSAL = "what was done with a task is never changed"
UNDATED = timedelta(days=1)


def upgrade() -> None:
    _make_columns()
    _make_task_step()
    _make_trigger()
    _give_due_times()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER task_step_no_update ON task_step")
        op.execute("DROP FUNCTION task_step_refuse()")
    op.drop_table("task_step")
    for name in ("outcome", "waits_for", "wake_at", "handed_by", "started_at", "version"):
        op.drop_column("staff_task", name)


def _make_columns() -> None:
    for column in (
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("handed_by", sa.String(100), nullable=False, server_default=""),
        sa.Column("wake_at", INSTANT, nullable=True),
        sa.Column("waits_for", sa.LargeBinary(), nullable=True),
        sa.Column("outcome", sa.String(32), nullable=False, server_default=""),
    ):
        op.add_column("staff_task", column)


def _make_task_step() -> None:
    op.create_table(
        "task_step",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("task_id", sa.String(64), nullable=False),
        sa.Column("deed", sa.String(16), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("outcome", sa.String(32), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["task_id"], ["staff_task.id"]),
    )
    op.create_index(op.f("ix_task_step_at"), "task_step", ["at"], unique=False)
    op.create_index(op.f("ix_task_step_task_id"), "task_step", ["task_id"], unique=False)


def _make_trigger() -> None:
    """Against changes alone: when a record's time is over, it may be deleted."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER task_step_no_update BEFORE UPDATE ON task_step "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION task_step_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER task_step_no_update BEFORE UPDATE ON task_step "
        "FOR EACH ROW EXECUTE FUNCTION task_step_refuse()"
    )


def _give_due_times() -> None:
    """Every task has one; what is claimed was begun."""
    task = sa.table(
        "staff_task",
        *(sa.column(name, INSTANT) for name in ("created_at", "due_at", "claimed_at", "started_at")),
        sa.column("id", sa.String),
    )
    connection = op.get_bind()
    undated = sa.select(task.c.id, task.c.created_at).where(task.c.due_at.is_(None))
    for task_id, created_at in connection.execute(undated).all():
        assert isinstance(created_at, datetime)
        due = {"due_at": created_at + UNDATED}
        connection.execute(sa.update(task).where(task.c.id == task_id).values(**due))
    connection.execute(sa.update(task).values(started_at=task.c.claimed_at))
