"""Technicians and how they are reached, in the database."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ivr.errors import AlreadyStoredError
from ivr.services.roster_store import ContactMethod, MethodKind, NewTechnician, TechnicianRecord
from ivr.storage.models import ContactMethod as Method
from ivr.storage.models import Technician

_COLUMNS = [getattr(Technician, name) for name in TechnicianRecord.__dataclass_fields__]
_METHOD = [getattr(Method, name) for name in ContactMethod.__dataclass_fields__]


class SqlTechnicians:
    """The technician store over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, technician: NewTechnician) -> int:
        """A name is somebody's only once."""
        if self.find(technician.name) is not None:
            raise AlreadyStoredError(f"there is a technician {technician.name!r} already")
        query = insert(Technician).returning(Technician.id)
        values = asdict(technician) | {"demo": False}
        added: int = self._connection.execute(query, values).scalar_one()
        return added

    def list_all(self) -> Sequence[TechnicianRecord]:
        """Everybody, by name."""
        rows = self._connection.execute(select(*_COLUMNS).order_by(Technician.name))
        return [TechnicianRecord(*row) for row in rows]

    def find(self, name: str) -> TechnicianRecord | None:
        """By name."""
        query = select(*_COLUMNS).where(Technician.name == name).order_by(Technician.id)
        row = self._connection.execute(query.limit(1)).first()
        return TechnicianRecord(*row) if row is not None else None

    def change(self, technician_id: int, **columns: Any) -> None:
        """Write columns."""
        query = update(Technician).where(Technician.id == technician_id)
        self._connection.execute(query.values(**columns))


class SqlContactMethods:
    """The store of contact methods over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list_of(self, technician_id: int) -> Sequence[ContactMethod]:
        """His own number and address come first of their kind, with a row of their own or without."""
        query = select(*_METHOD).where(Method.technician_id == technician_id)
        rows = self._connection.execute(query.order_by(Method.position, Method.id))
        known = [_method(row) for row in rows]
        for kind, address in self._own(technician_id):
            found = [each for each in known if (each.kind, each.address) == (kind, address)]
            first = found[0] if found else ContactMethod(0, technician_id, kind, address)
            known = [replace(first, position=0), *(each for each in known if each not in found)]
        return sorted(known, key=lambda each: each.position)

    def _own(self, technician_id: int) -> list[tuple[MethodKind, str]]:
        query = select(Technician.email, Technician.number).where(Technician.id == technician_id)
        row = self._connection.execute(query).one_or_none()
        given = zip((MethodKind.MAIL, MethodKind.PHONE), row or (), strict=False)
        return [(kind, address) for kind, address in given if address]

    def find(self, method_id: int) -> ContactMethod | None:
        """One of them."""
        row = self._connection.execute(select(*_METHOD).where(Method.id == method_id)).first()
        return _method(row) if row is not None else None

    def put(self, method: ContactMethod) -> int:
        """One address of a kind is there once."""
        values = {key: value for key, value in asdict(method).items() if key != "id"}
        same = select(Method.id).where(
            Method.technician_id == method.technician_id,
            Method.kind == method.kind.value,
            Method.address == method.address,
        )
        known: int | None = self._connection.execute(same).scalar()
        if known is None:
            added = self._connection.execute(insert(Method).returning(Method.id), values)
            return int(added.scalar_one())
        self._connection.execute(update(Method).where(Method.id == known).values(**values))
        return known

    def remove(self, method_id: int) -> None:
        """It is not tried any more."""
        self._connection.execute(delete(Method).where(Method.id == method_id))


def _method(row: Sequence[Any]) -> ContactMethod:
    key, technician_id, kind, *rest = row
    return ContactMethod(key, technician_id, MethodKind(kind), *rest)
