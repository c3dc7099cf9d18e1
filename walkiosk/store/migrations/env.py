"""Run by Alembic: applies the migrations on the connection that `database.upgrade` hands over."""

from alembic import context

from walkiosk.store.office_tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
