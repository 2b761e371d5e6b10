"""Alerts with their sources, cases and maintenance windows; disturbances and who wants to be told."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("key_in_path", sa.Boolean(), nullable=False),
        sa.Column("heartbeat_seconds", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("removed_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_alert_source_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_source")),
        sa.UniqueConstraint("name", name=op.f("uq_alert_source_name")),
    )
    op.create_table(
        "location_service",
        sa.Column("location_id", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["location_id"], ["location.id"], name=op.f("fk_location_service_location_id")
        ),
        sa.PrimaryKeyConstraint("location_id", "service", name=op.f("pk_location_service")),
    )
    op.create_index(
        op.f("ix_location_service_service"), "location_service", ["service"], unique=False
    )
    op.create_table(
        "maintenance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("declared_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["alert_source.id"], name=op.f("fk_maintenance_source_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance")),
    )
    op.create_index(op.f("ix_maintenance_ends_at"), "maintenance", ["ends_at"], unique=False)
    op.create_index(op.f("ix_maintenance_source_id"), "maintenance", ["source_id"], unique=False)
    op.create_table(
        "alert_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("fault_class", sa.String(length=10), nullable=False),
        sa.Column("storm", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.Column("close_reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["alert_source.id"], name=op.f("fk_alert_case_source_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_number"], ["ticket.number"], name=op.f("fk_alert_case_ticket_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_case")),
    )
    op.create_index("ix_alert_case_open", "alert_case", ["source_id", "closed_at"], unique=False)
    op.create_index(
        op.f("ix_alert_case_ticket_number"), "alert_case", ["ticket_number"], unique=False
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("fault_class", sa.String(length=10), nullable=False),
        sa.Column("spof", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("services", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("resolved_at", Instant(), nullable=True),
        sa.Column("resolved_by", sa.String(length=200), nullable=True),
        sa.Column("held_until", Instant(), nullable=True),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["alert_case.id"], name=op.f("fk_alert_case_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_alert_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["alert_source.id"], name=op.f("fk_alert_source_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_case_id"), "alert", ["case_id"], unique=False)
    op.create_index(op.f("ix_alert_customer_id"), "alert", ["customer_id"], unique=False)
    op.create_index(op.f("ix_alert_held_until"), "alert", ["held_until"], unique=False)
    op.create_index("ix_alert_key", "alert", ["source_id", "key", "id"], unique=False)
    op.create_index("ix_alert_recent", "alert", ["source_id", "first_at"], unique=False)
    op.create_index(op.f("ix_alert_resolved_at"), "alert", ["resolved_at"], unique=False)
    op.create_index(
        "uq_alert_open",
        "alert",
        ["source_id", "key"],
        unique=True,
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.create_table(
        "disturbance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("texts", sa.Text(), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("expected_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("declared_by", sa.String(length=200), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["alert_case.id"], name=op.f("fk_disturbance_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disturbance")),
    )
    op.create_index(op.f("ix_disturbance_case_id"), "disturbance", ["case_id"], unique=False)
    op.create_index(op.f("ix_disturbance_ended_at"), "disturbance", ["ended_at"], unique=False)
    op.create_table(
        "disturbance_scope",
        sa.Column("disturbance_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["disturbance_id"], ["disturbance.id"], name=op.f("fk_disturbance_scope_disturbance_id")
        ),
        sa.PrimaryKeyConstraint(
            "disturbance_id", "kind", "value", name=op.f("pk_disturbance_scope")
        ),
    )
    op.create_table(
        "inform_me",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("disturbance_id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(length=16), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("informed_at", Instant(), nullable=True),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.id"], name=op.f("fk_inform_me_call_id")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_inform_me_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["disturbance_id"], ["disturbance.id"], name=op.f("fk_inform_me_disturbance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inform_me")),
        sa.UniqueConstraint(
            "disturbance_id", "call_id", name=op.f("uq_inform_me_disturbance_id_call_id")
        ),
    )
    op.create_index(op.f("ix_inform_me_call_id"), "inform_me", ["call_id"], unique=False)
    op.create_index(op.f("ix_inform_me_informed_at"), "inform_me", ["informed_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_inform_me_informed_at"), table_name="inform_me")
    op.drop_index(op.f("ix_inform_me_call_id"), table_name="inform_me")
    op.drop_table("inform_me")
    op.drop_table("disturbance_scope")
    op.drop_index(op.f("ix_disturbance_ended_at"), table_name="disturbance")
    op.drop_index(op.f("ix_disturbance_case_id"), table_name="disturbance")
    op.drop_table("disturbance")
    op.drop_index(
        "uq_alert_open",
        table_name="alert",
        sqlite_where=sa.text("resolved_at IS NULL"),
        postgresql_where=sa.text("resolved_at IS NULL"),
    )
    op.drop_index(op.f("ix_alert_resolved_at"), table_name="alert")
    op.drop_index("ix_alert_recent", table_name="alert")
    op.drop_index("ix_alert_key", table_name="alert")
    op.drop_index(op.f("ix_alert_held_until"), table_name="alert")
    op.drop_index(op.f("ix_alert_customer_id"), table_name="alert")
    op.drop_index(op.f("ix_alert_case_id"), table_name="alert")
    op.drop_table("alert")
    op.drop_index(op.f("ix_alert_case_ticket_number"), table_name="alert_case")
    op.drop_index("ix_alert_case_open", table_name="alert_case")
    op.drop_table("alert_case")
    op.drop_index(op.f("ix_maintenance_source_id"), table_name="maintenance")
    op.drop_index(op.f("ix_maintenance_ends_at"), table_name="maintenance")
    op.drop_table("maintenance")
    op.drop_index(op.f("ix_location_service_service"), table_name="location_service")
    op.drop_table("location_service")
    op.drop_table("alert_source")
