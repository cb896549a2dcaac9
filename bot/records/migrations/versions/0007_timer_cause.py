"""Timers name their cause, so that a change finds its own among millions"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("timer") as timer:
        timer.add_column(sa.Column("cause", sa.String(), nullable=True))
    table = sa.table("timer", sa.column("id", sa.Uuid()), sa.column("unique_key"), sa.column("cause"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c.id, table.c.unique_key)).all():
        cause = ":".join(row.unique_key.split(":")[:2])
        connection.execute(sa.update(table).where(table.c.id == row.id).values(cause=cause))
    with op.batch_alter_table("timer") as timer:
        timer.alter_column("cause", nullable=False)
    op.create_index("ix_timer_cause", "timer", ["cause", "status"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_timer_cause", table_name="timer")
    with op.batch_alter_table("timer") as timer:
        timer.drop_column("cause")
