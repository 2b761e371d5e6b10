"""The Asterisk side: a FastAGI server, and the same scripts for Asterisk to run directly."""
