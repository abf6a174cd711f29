"""The audit chain, which refuses changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

REFUSAL = "audit entries are never changed or deleted"


def _make_sqlite_triggers() -> None:
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{event.lower()} BEFORE {event} ON audit_entry "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def _make_postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION audit_entry_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for event, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{event.lower()} BEFORE {event} ON audit_entry "
            f"FOR EACH {each} EXECUTE FUNCTION audit_entry_refuse()"
        )


def _make_triggers() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_sqlite_triggers()
    else:
        _make_postgresql_triggers()


def _drop_triggers() -> None:
    """SQLite drops a table's triggers with it."""
    if op.get_bind().dialect.name == "postgresql":
        for event in ("update", "delete", "truncate"):
            op.execute(f"DROP TRIGGER audit_entry_no_{event} ON audit_entry")
        op.execute("DROP FUNCTION audit_entry_refuse()")


def upgrade() -> None:
    _make_audit_entry()
    _make_audit_head()
    _make_triggers()


def downgrade() -> None:
    _drop_triggers()
    for table in (
        "audit_head",
        "audit_entry",
    ):
        op.drop_table(table)


def _make_audit_entry() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("chain", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("subject_blind", sa.String(64), nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("prev_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("chain", "number", name="uq_audit_entry_chain_number"),
    )
    op.create_index(op.f("ix_audit_entry_actor"), "audit_entry", ["actor"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(op.f("ix_audit_entry_hash"), "audit_entry", ["hash"], unique=False)
    op.create_index(op.f("ix_audit_entry_subject_blind"), "audit_entry", ["subject_blind"], unique=False)


def _make_audit_head() -> None:
    op.create_table(
        "audit_head",
        sa.Column("chain", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("chain"),
    )
