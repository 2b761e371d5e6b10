"""Adapters towards carriers' own interfaces."""
