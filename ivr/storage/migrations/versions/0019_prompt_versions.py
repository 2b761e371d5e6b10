"""Texts and recordings of the line that admins make, and from when each is heard."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "prompt_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sound", sa.String(length=64), nullable=True),
        sa.Column("price_version", sa.String(length=80), nullable=True),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("warnings", sa.Text(), nullable=False),
        sa.Column("peaks", sa.Text(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_version")),
    )
    with op.batch_alter_table("prompt_version", schema=None) as batch_op:
        batch_op.create_index("ix_prompt_version_key", ["key", "language"])
        batch_op.create_index(batch_op.f("ix_prompt_version_sound"), ["sound"])
    op.create_table(
        "prompt_publication",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("from_at", Instant(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["prompt_version.id"],
            name=op.f("fk_prompt_publication_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_publication")),
    )
    with op.batch_alter_table("prompt_publication", schema=None) as batch_op:
        batch_op.create_index("ix_prompt_publication_key", ["key", "language"])
        batch_op.create_index(batch_op.f("ix_prompt_publication_version_id"), ["version_id"])
        batch_op.create_index(batch_op.f("ix_prompt_publication_withdrawn_at"), ["withdrawn_at"])
    op.create_table(
        "prompt_outdated",
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("price_version", sa.String(length=80), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["prompt_version.id"], name=op.f("fk_prompt_outdated_version_id")
        ),
        sa.PrimaryKeyConstraint("version_id", "price_version", name=op.f("pk_prompt_outdated")),
    )


def downgrade() -> None:
    op.drop_table("prompt_outdated")
    op.drop_table("prompt_publication")
    op.drop_table("prompt_version")
