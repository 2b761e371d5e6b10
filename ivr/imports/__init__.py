"""Customers as rows of a file: read, checked and written; nothing here knows the database."""
