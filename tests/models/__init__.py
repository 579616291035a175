"""Promises of the tables, the database, the schema and the stores."""
