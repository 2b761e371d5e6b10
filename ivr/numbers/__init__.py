"""Telephone numbers: who seems to call, and what may be dialled. Pure (with `phonenumbers`)."""
