"""Seals that chain the consents."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consent_seal",
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("consent_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_consent_seal_consent_id")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_consent_seal")),
        sa.UniqueConstraint("consent_id", name=op.f("uq_consent_seal_consent_id")),
    )


def downgrade() -> None:
    op.drop_table("consent_seal")
