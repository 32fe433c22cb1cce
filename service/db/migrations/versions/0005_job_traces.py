"""A job keeps the trace that it is part of"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Jobs that there are are part of none."""
    op.add_column("jobs", sa.Column("trace", sa.String(length=55), nullable=False, server_default=""))


def downgrade() -> None:
    """Takes it back."""
    op.drop_column("jobs", "trace")
