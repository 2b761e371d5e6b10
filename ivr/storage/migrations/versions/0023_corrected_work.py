"""Corrected work: a span that replaces another one, which stays."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("work_span", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replaces_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_work_span_replaces_id"), "work_span", ["replaces_id"], ["id"]
        )
        batch_op.create_unique_constraint(batch_op.f("uq_work_span_replaces_id"), ["replaces_id"])


def downgrade() -> None:
    """What was corrected goes; what was written down first counts again."""
    op.execute("DELETE FROM work_span WHERE replaces_id IS NOT NULL")
    with op.batch_alter_table("work_span", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_work_span_replaces_id"), type_="unique")
        batch_op.drop_constraint(batch_op.f("fk_work_span_replaces_id"), type_="foreignkey")
        batch_op.drop_column("replaces_id")
