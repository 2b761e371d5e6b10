"""Real Asterisk, SIPp, PostgreSQL and Chromium on this machine, for tests and for trying."""
