"""The embedded chart and the schedule's cells."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_chart_resource()
    _make_chart_version()
    _make_chart_index()
    _make_chart_identifier()
    _make_booking_cell()


def downgrade() -> None:

    for table in (
        "booking_cell",
        "chart_identifier",
        "chart_index",
        "chart_version",
        "chart_resource",
    ):
        op.drop_table(table)


def _make_chart_resource() -> None:
    op.create_table(
        "chart_resource",
        sa.Column("resource_type", sa.String(64), nullable=False),
        sa.Column("resource_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("resource_type", "resource_id"),
    )
    op.create_index(op.f("ix_chart_resource_updated_at"), "chart_resource", ["updated_at"], unique=False)


def _make_chart_version() -> None:
    op.create_table(
        "chart_version",
        sa.Column("resource_type", sa.String(64), nullable=False),
        sa.Column("resource_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("resource_type", "resource_id", "version"),
    )


def _make_chart_index() -> None:
    op.create_table(
        "chart_index",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("resource_type", sa.String(64), nullable=False),
        sa.Column("resource_id", sa.String(64), nullable=False),
        sa.Column("param", sa.String(64), nullable=False),
        sa.Column("value", sa.String(400), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_chart_index_resource", "chart_index", ["resource_type", "resource_id"], unique=False)
    op.create_index("ix_chart_index_search", "chart_index", ["resource_type", "param", "value"], unique=False)


def _make_chart_identifier() -> None:
    op.create_table(
        "chart_identifier",
        sa.Column("resource_type", sa.String(64), nullable=False),
        sa.Column("identifier", sa.String(64), nullable=False),
        sa.Column("resource_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("resource_type", "identifier"),
    )
    op.create_index(
        op.f("ix_chart_identifier_resource_id"), "chart_identifier", ["resource_id"], unique=False
    )


def _make_booking_cell() -> None:
    op.create_table(
        "booking_cell",
        sa.Column("id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("provider_id", sa.String(64), nullable=False),
        sa.Column("cell_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opening_id", sa.String(64), nullable=False),
        sa.Column("appointment_id", sa.String(64), nullable=True),
        sa.Column("held_by_call", sa.String(64), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider_id", "cell_start", name="uq_booking_cell_provider_start"),
    )
    op.create_index(op.f("ix_booking_cell_appointment_id"), "booking_cell", ["appointment_id"], unique=False)
    op.create_index(op.f("ix_booking_cell_held_by_call"), "booking_cell", ["held_by_call"], unique=False)
    op.create_index(op.f("ix_booking_cell_opening_id"), "booking_cell", ["opening_id"], unique=False)
