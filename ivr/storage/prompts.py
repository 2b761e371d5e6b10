"""Versions of prompts and their publications in the database."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from ivr.callflow.prompts import Language, PromptKey
from ivr.services.prompt_ports import NewVersion
from ivr.services.prompt_store import Mark
from ivr.storage.models import (
    Consent,
    PromptNumber,
    PromptOutdated,
    PromptPublication,
    PromptVersion,
)
from ivr.storage.selftests import TrialStores
from ivr.wording.shelf import Publication, Slot, Version

_Version, _Publication = PromptVersion, PromptPublication
_HEARD = (
    _Version.id,
    _Version.key,
    _Version.language,
    _Version.words,
    _Version.sound,
    _Version.price_version,
    _Version.seconds,
    _Version.made_at,
    _Version.made_by,
    _Version.note,
)
_VERSION = (*_HEARD, _Version.warnings, _Version.peaks)
_PUBLICATION = (
    _Publication.id,
    _Publication.key,
    _Publication.language,
    _Publication.slot,
    _Publication.version_id,
    _Publication.from_at,
    _Publication.made_at,
    _Publication.made_by,
    _Publication.withdrawn_at,
)
_KEYS = frozenset(PromptKey)
KEEPING_SOUNDS = 0x736F756E
"""Names the lock on PostgreSQL."""
_LOCK = select(func.pg_advisory_xact_lock(KEEPING_SOUNDS))
AT_ONCE = 500
_NEWEST = select(_Publication.made_at).order_by(_Publication.id.desc()).limit(1).scalar_subquery()
_MARK = select(
    func.max(_Publication.id), func.count(_Publication.withdrawn_at), _NEWEST, func.count()
)


class SqlPrompts:
    """The prompt store over one connection. What another release knew and this one does not, is left
    out."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_version(self, version: NewVersion) -> int:
        """Its id."""
        values = {
            name: getattr(version, name)
            for name in ("key", "language", "words", "sound", "price_version", "seconds")
        }
        values |= {name: getattr(version, name) for name in ("made_at", "made_by", "note")}
        lists = {name: json.dumps(getattr(version, name)) for name in ("warnings", "peaks")}
        query = insert(_Version).values(values | lists).returning(_Version.id)
        return int(self._connection.execute(query).scalar_one())

    def find_version(self, version_id: int) -> Version | None:
        """None where there is none."""
        return next(iter(self._versions(_Version.id == version_id)), None)

    def list_versions(self, key: PromptKey, language: Language) -> Sequence[Version]:
        """Newest first."""
        return self._versions((_Version.key == key) & (_Version.language == language))

    def discard_version(self, version_id: int) -> None:
        """With its publications, which were never heard or are proof of nothing any more."""
        for table in (PromptOutdated, _Publication):
            self._connection.execute(delete(table).where(table.version_id == version_id))
        self._connection.execute(delete(_Version).where(_Version.id == version_id))

    def lock_sounds(self) -> None:
        """A SQLite writer already has the database for itself."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_LOCK)

    def uses_of(self, digest: str) -> int:
        """How many versions have this sound."""
        query = select(func.count()).where(_Version.sound == digest)
        return int(self._connection.execute(query).scalar_one())

    def publish(self, publication: Publication) -> int:
        """Its id."""
        slot = publication.slot
        values = {
            "key": slot.key,
            "language": slot.language,
            "slot": slot.words,
            "version_id": publication.version_id,
            "from_at": publication.from_at,
            "made_at": publication.made_at,
            "made_by": publication.made_by,
        }
        query = insert(_Publication).values(values).returning(_Publication.id)
        return int(self._connection.execute(query).scalar_one())

    def find_publication(self, publication_id: int) -> Publication | None:
        """None where there is none."""
        return next(iter(self._publications(_Publication.id == publication_id)), None)

    def list_publications(self, key: PromptKey, language: Language) -> Sequence[Publication]:
        """Newest first, the withdrawn ones too."""
        its_own = (_Publication.key == key) & (_Publication.language == language)
        return self._publications(its_own)

    def withdraw(self, publication_id: int, at: datetime) -> bool:
        """False where somebody was faster."""
        still = (_Publication.id == publication_id) & _Publication.withdrawn_at.is_(None)
        query = update(_Publication).where(still).values(withdrawn_at=at)
        return self._connection.execute(query).rowcount > 0

    def mark(self) -> Mark:
        """By two indices."""
        newest, withdrawn, made_at, count = self._connection.execute(_MARK).one()
        return Mark(newest or 0, withdrawn, made_at, count)

    def published(self) -> tuple[Sequence[Publication], Mapping[int, Version]]:
        """Everything published and not withdrawn, with its versions but without their pictures."""
        publications = self._publications(_Publication.withdrawn_at.is_(None))
        its_own = exists().where(
            _Publication.version_id == _Version.id, _Publication.withdrawn_at.is_(None)
        )
        rows = self._connection.execute(select(*_HEARD).where(its_own))
        return publications, {row[0]: _version(row) for row in rows if row[1] in _KEYS}

    def was_heard(
        self, key: PromptKey, language: Language, begin: datetime, end: datetime | None
    ) -> bool:
        """By the prompts that each kept consent names."""
        named = Consent.prompts.contains(f'"{key}"', autoescape=True)
        which = [Consent.language == language, Consent.heard_until >= begin, named]
        if end is not None:
            which.append(Consent.heard_from <= end)
        return bool(self._connection.execute(select(exists().where(*which))).scalar_one())

    def numbers_of(self, digests: Sequence[str]) -> Mapping[str, int]:
        """In parts that every database takes."""
        found: dict[str, int] = {}
        for start in range(0, len(digests), AT_ONCE):
            part = PromptNumber.digest.in_(digests[start : start + AT_ONCE])
            rows = self._connection.execute(
                select(PromptNumber.digest, PromptNumber.id).where(part)
            )
            found |= {row[0]: row[1] for row in rows}
        return found

    def add_numbers(self, slots: Mapping[str, Slot]) -> None:
        """One after the other, so that they follow the order of the catalogue."""
        for digest, slot in slots.items():
            values = {"key": slot.key, "language": slot.language, "words": slot.words}
            with suppress(IntegrityError), self._connection.begin_nested():
                self._connection.execute(insert(PromptNumber).values(values | {"digest": digest}))

    def find_number(self, number: int) -> Slot | None:
        """None for one that another release gave to what this one does not know."""
        query = select(PromptNumber.key, PromptNumber.language, PromptNumber.words)
        row = self._connection.execute(query.where(PromptNumber.id == number)).first()
        if row is None or row[0] not in _KEYS:
            return None
        return Slot(PromptKey(row[0]), Language(row[1]), row[2])

    def tell_outdated(self, version_id: int, price_version: str, at: datetime) -> bool:
        """False where people were told before, by another worker perhaps at this very moment."""
        values = {"version_id": version_id, "price_version": price_version, "told_at": at}
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(PromptOutdated).values(values))
        except IntegrityError:
            return False
        return True

    def _versions(self, which: ColumnElement[bool]) -> list[Version]:
        query = select(*_VERSION).where(which).order_by(_Version.id.desc())
        return [_version(row) for row in self._connection.execute(query) if row[1] in _KEYS]

    def _publications(self, which: ColumnElement[bool]) -> list[Publication]:
        query = select(*_PUBLICATION).where(which).order_by(_Publication.id.desc())
        return [_publication(row) for row in self._connection.execute(query) if row[1] in _KEYS]


def _version(row: Sequence[Any]) -> Version:
    version_id, key, language, *rest = row[:10]
    lists = (tuple(json.loads(each)) for each in row[10:])
    return Version(version_id, PromptKey(key), Language(language), *rest, *lists)


def _publication(row: Sequence[Any]) -> Publication:
    publication_id, key, language, words, *rest = row
    return Publication(publication_id, Slot(PromptKey(key), Language(language), words), *rest)


class PromptStores(TrialStores):
    """The part of the unit of work that the voice of the line needs."""

    __slots__ = ()

    @property
    def prompts(self) -> SqlPrompts:
        """Versions and publications of prompts."""
        return SqlPrompts(self.connection)
