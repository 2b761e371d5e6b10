"""Contacts of customers, and what is remembered of wrong support codes."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=16), nullable=True),
        sa.Column("email", sa.String(length=200), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("may_order", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_contact_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("customer_id", "name", name=op.f("uq_contact_customer_id_name")),
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_phone"), ["phone"], unique=False)

    op.create_table(
        "code_standing",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("strikes", sa.Integer(), nullable=False),
        sa.Column("locked_until", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_code_standing_customer_id")
        ),
        sa.PrimaryKeyConstraint("customer_id", "rehearsal", name=op.f("pk_code_standing")),
    )
    op.create_table(
        "code_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("alarmed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_code_failure_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_failure")),
    )
    with op.batch_alter_table("code_failure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_code_failure_at"), ["at"], unique=False)
        batch_op.create_index("ix_code_failure_source", ["source", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("code_failure", schema=None) as batch_op:
        batch_op.drop_index("ix_code_failure_source")
        batch_op.drop_index(batch_op.f("ix_code_failure_at"))

    op.drop_table("code_failure")
    op.drop_table("code_standing")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_phone"))

    op.drop_table("contact")
