"""Handing mails over: to an SMTP server, or to a folder in a demonstration."""
