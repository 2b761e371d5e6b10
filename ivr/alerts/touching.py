"""Which callers a disturbance touches: all, by plan, by customer, or by a service of a location."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class ScopeKind(StrEnum):
    """By what a disturbance touches a caller."""

    ALL = "all"
    PLAN = "plan"
    CUSTOMER = "customer"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Scope:
    """One of the things it touches; `value` is a plan id, a customer number or a service key."""

    kind: ScopeKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Touched:
    """What is known of a caller: his number, and plans and services of all his locations."""

    customer: str | None = None
    plans: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()


def touches(scopes: Collection[Scope], caller: Touched) -> bool:
    """Somebody nobody knows is touched by what touches all."""
    return any(_touches(scope, caller) for scope in scopes)


def _touches(scope: Scope, caller: Touched) -> bool:
    match scope.kind:
        case ScopeKind.ALL:
            return True
        case ScopeKind.PLAN:
            return scope.value in caller.plans
        case ScopeKind.CUSTOMER:
            return scope.value == caller.customer
        case ScopeKind.SERVICE:
            return scope.value in caller.services
