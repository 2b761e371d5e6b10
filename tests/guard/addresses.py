"""An address and a method of every route, with values that fit its rule and name nothing."""

from dataclasses import dataclass

from flask import Flask
from werkzeug.routing import Rule

from ivr.people.roles import Role

FILL = {"leg_id": "0" * 20, "attempt_id": "0" * 20, "call_id": "0" * 20, "card_id": "0" * 20}
FILL |= {"wait": "keys", "digest": "0" * 32, "language": "de", "key": "greeting"}
FILL |= {"filename": "nothing", "login": "nobody", "action": "react"}


@dataclass(frozen=True)
class Route:
    """`roles` are those that `@allowed` names, None without it."""

    endpoint: str
    method: str
    address: str
    roles: frozenset[Role] | None

    def __str__(self) -> str:
        return f"{self.method} {self.endpoint}"


def routes_of(flask: Flask) -> list[Route]:
    """All of them, GET and POST of one endpoint apart."""
    adapter = flask.url_map.bind("pikett.example")
    found = []
    for rule in flask.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            address = adapter.build(rule.endpoint, _values(rule), method)
            roles = getattr(flask.view_functions[rule.endpoint], "roles", None)
            found.append(Route(rule.endpoint, method, address, roles))
    return found


def _values(rule: Rule) -> dict[str, object]:
    return {name: FILL.get(name, _guess(rule, name)) for name in rule.arguments}


def _guess(rule: Rule, name: str) -> object:
    return 1 if "Integer" in type(rule._converters[name]).__name__ else "guessed"
