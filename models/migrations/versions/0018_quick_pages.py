"""Indexes by which pages stay quick in a year of calls: tasks by day, a task's pages, audited deeds."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_staff_task_created_at"), "staff_task", ["created_at"], unique=False)
    op.create_index(op.f("ix_page_task_id"), "page", ["task_id"], unique=False)
    op.create_index("ix_audit_entry_action", "audit_entry", ["action", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_entry_action", "audit_entry")
    op.drop_index(op.f("ix_page_task_id"), "page")
    op.drop_index(op.f("ix_staff_task_created_at"), "staff_task")
