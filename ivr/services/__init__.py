"""The use cases, written against ports; they know neither a telephone nor a database."""
