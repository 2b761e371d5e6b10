"""Who is on duty, and in which order the telephones ring. Pure."""
