"""What monitoring systems report: reading their payloads, and what becomes of an alert. Pure."""
