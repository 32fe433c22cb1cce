"""What Alembic runs: the migrations, over the connection that the store hands it."""

from alembic import context

from service.db.tables import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, render_as_batch=True
)
context.run_migrations()
