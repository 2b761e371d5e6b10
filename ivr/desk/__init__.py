"""The service desk's card and board. Pure."""
