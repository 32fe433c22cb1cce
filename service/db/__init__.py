"""The database: engine, tables, migrations, audit log, idempotency, pagination, jobs."""
