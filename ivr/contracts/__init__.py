"""Plans, service windows and holidays. Pure: no clock, no database, no telephone."""
