"""Who is paged for a case that nobody has taken, in which order and when. Pure."""
