"""Alembic revisions, applied by models.schema at every opening; no ini file is needed."""
