"""Keeping what must not be forgotten: SQLAlchemy models, repositories, migrations."""
