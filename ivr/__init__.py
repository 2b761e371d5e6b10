"""Pikett: the support line that knows the contract."""

__version__ = "0.1.0"
