"""Somebody who has logged in."""

from dataclasses import dataclass

from ivr.people.roles import Role


@dataclass(frozen=True, slots=True)
class Person:
    """`technician_id` names him on the roster, where he is somebody who can be rung."""

    id: int
    login: str
    name: str
    role: Role
    language: str
    technician_id: int | None = None
