"""What somebody may see and do (A.7, B.11); everybody has one role."""

from enum import StrEnum


class Role(StrEnum):
    """The desk is another firm's; leads and admins need a second factor."""

    DESK = "desk"
    TECHNICIAN = "technician"
    LEAD = "lead"
    ADMIN = "admin"


SECOND_FACTOR = frozenset({Role.LEAD, Role.ADMIN})
"""Who logs in with a code of his telephone too."""
