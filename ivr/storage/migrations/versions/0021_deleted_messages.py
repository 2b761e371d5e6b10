"""When a caller's message was deleted, by whom and why."""

import sqlalchemy as sa
from alembic import op

from ivr.storage.models.base import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.add_column(sa.Column("deleted_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("deleted_by", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("deleted_for", sa.String(length=500), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_column("deleted_for")
        batch_op.drop_column("deleted_by")
        batch_op.drop_column("deleted_at")
