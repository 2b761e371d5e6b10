"""Consents that can be proved: the chain that shows an edit, a removal and a cut."""
