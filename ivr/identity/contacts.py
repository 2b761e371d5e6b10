"""The people of a customer, and who of them may order."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody at the customer's. `phone` is E.164; without `language` it is the customer's own."""

    name: str
    phone: str | None = None
    email: str | None = None
    language: str | None = None
    may_order: bool = True
