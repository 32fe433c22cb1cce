"""Batches are found again by what was sent"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the digest of what was sent; batches that there are already have none."""
    op.add_column("jobs", sa.Column("content", sa.String(length=64), nullable=False, server_default=""))
    op.create_index("ix_jobs_content", "jobs", ["content"])


def downgrade() -> None:
    """Takes it back."""
    op.drop_index("ix_jobs_content", "jobs")
    op.drop_column("jobs", "content")
