"""Rules of the roster, contact methods of technicians, feeds; entries know where they come from."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("technician", schema=None) as batch_op:
        batch_op.add_column(sa.Column("disabled_at", Instant(), nullable=True))

    with op.batch_alter_table("roster_entry", schema=None) as batch_op:
        batch_op.alter_column("technician_id", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(
            sa.Column("source", sa.String(length=10), nullable=False, server_default="hand")
        )

    op.create_table(
        "contact_method",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("delay_seconds", sa.Integer(), nullable=False),
        sa.Column("verified_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technician.id"], name=op.f("fk_contact_method_technician_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_method")),
        sa.UniqueConstraint(
            "technician_id",
            "kind",
            "address",
            name=op.f("uq_contact_method_technician_id_kind_address"),
        ),
    )
    op.create_table(
        "roster_rotation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("hand_over", sa.Time(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_rotation")),
    )
    op.create_table(
        "roster_participant",
        sa.Column("rotation_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rotation_id"], ["roster_rotation.id"], name=op.f("fk_roster_participant_rotation_id")
        ),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technician.id"], name=op.f("fk_roster_participant_technician_id")
        ),
        sa.PrimaryKeyConstraint("rotation_id", "position", name=op.f("pk_roster_participant")),
    )
    _create_changes()
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("person_id", "scope", name=op.f("uq_calendar_feed_person_id_scope")),
    )
    op.create_table(
        "roster_alarm",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("key", "day", name=op.f("pk_roster_alarm")),
    )


def _create_changes() -> None:
    op.create_table(
        "roster_swap",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("back_starts_at", Instant(), nullable=True),
        sa.Column("back_ends_at", Instant(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["asker_id"], ["technician.id"], name=op.f("fk_roster_swap_asker_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["technician.id"], name=op.f("fk_roster_swap_other_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_swap")),
    )
    op.create_index("ix_roster_swap_asker_id", "roster_swap", ["asker_id"])
    op.create_index("ix_roster_swap_other_id", "roster_swap", ["other_id"])

    op.create_table(
        "roster_override",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("swap_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technician.id"], name=op.f("fk_roster_override_technician_id")
        ),
        sa.ForeignKeyConstraint(
            ["swap_id"], ["roster_swap.id"], name=op.f("fk_roster_override_swap_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_override")),
    )
    op.create_index("ix_roster_override_ends_at", "roster_override", ["ends_at"])

    op.create_table(
        "roster_absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("technician_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("uid", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["technician_id"], ["technician.id"], name=op.f("fk_roster_absence_technician_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_absence")),
    )
    op.create_index("ix_roster_absence_technician_id", "roster_absence", ["technician_id"])
    op.create_index("ix_roster_absence_ends_at", "roster_absence", ["ends_at"])


def downgrade() -> None:
    for table in ("roster_alarm", "calendar_feed", "roster_absence", "roster_override"):
        op.drop_table(table)
    for table in ("roster_swap", "roster_participant", "roster_rotation", "contact_method"):
        op.drop_table(table)
    op.execute("DELETE FROM roster_entry WHERE technician_id IS NULL")
    with op.batch_alter_table("roster_entry", schema=None) as batch_op:
        batch_op.drop_column("source")
        batch_op.alter_column("technician_id", existing_type=sa.Integer(), nullable=False)
    with op.batch_alter_table("technician", schema=None) as batch_op:
        batch_op.drop_column("disabled_at")
