"""What our servers are measured against: the least that does the same work on the wire."""
