"""What was offered and at what figures, on the consent and on the call."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consent", sa.Column("figures", sa.Text(), nullable=True))
    op.add_column("consent", sa.Column("authorised_by", sa.String(length=20), nullable=True))
    op.add_column("call", sa.Column("order_kind", sa.String(length=20), nullable=True))


def downgrade() -> None:
    """SQLite drops a column in place: copying the table would break what refers to its rows."""
    op.drop_column("call", "order_kind")
    op.drop_column("consent", "authorised_by")
    op.drop_column("consent", "figures")
