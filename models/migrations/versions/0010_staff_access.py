"""Sessions, second factors and finer roles of staff. Who was "staff" is a coordinator from now on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _finer_roles()
    _make_staff_session()
    _make_recovery_code()
    _make_record_opening()


def downgrade() -> None:
    for table in ("record_opening", "recovery_code", "staff_session"):
        op.drop_table(table)
    op.execute("UPDATE staff_user SET roles = 'staff' WHERE ' ' || roles || ' ' NOT LIKE '% admin %'")
    op.execute("UPDATE staff_user SET roles = 'admin' WHERE roles <> 'staff'")
    with op.batch_alter_table("staff_user") as staff_user:
        staff_user.drop_column("totp_step")
        staff_user.drop_column("totp_secret")
        staff_user.alter_column(
            "roles", new_column_name="role", existing_type=sa.String(200), type_=sa.String(32)
        )


def _finer_roles() -> None:
    with op.batch_alter_table("staff_user") as staff_user:
        staff_user.alter_column(
            "role", new_column_name="roles", existing_type=sa.String(32), type_=sa.String(200)
        )
        staff_user.add_column(sa.Column("totp_secret", sa.LargeBinary(), nullable=True))
        staff_user.add_column(sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"))
    op.execute("UPDATE staff_user SET roles = 'coordinator' WHERE roles = 'staff'")


def _make_staff_session() -> None:
    op.create_table(
        "staff_session",
        sa.Column("id_hash", sa.String(64), nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("pending_secret", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id_hash"),
    )
    op.create_index(op.f("ix_staff_session_user_name"), "staff_session", ["user_name"], unique=False)
    op.create_index(op.f("ix_staff_session_seen_at"), "staff_session", ["seen_at"], unique=False)


def _make_recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code_hash"),
    )
    op.create_index(op.f("ix_recovery_code_user_name"), "recovery_code", ["user_name"], unique=False)


def _make_record_opening() -> None:
    op.create_table(
        "record_opening",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("user_name", sa.String(100), nullable=False),
        sa.Column("record_blind", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_record_opening_user_name"), "record_opening", ["user_name"], unique=False)
    op.create_index(op.f("ix_record_opening_record_blind"), "record_opening", ["record_blind"], unique=False)
