"""Doses: why one was not taken, or why nobody was asked"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("medication_administration") as dose:
        dose.add_column(sa.Column("status_reason", sa.String(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("medication_administration") as dose:
        dose.drop_column("status_reason")
