"""A chain of consents that shows whether one was changed, removed or cut off.

Each link is sealed with a key that lies outside the database, over its own facts and over the seal
before it. What a person said or heard is not sealed itself but its digest is, so that the text can
be erased when the law asks for it and the chain still holds (DSG; B.11). The newest seal, the head,
leaves the house with every statement that is mailed: whoever can write to the database, or even knows
the key, cannot make an older head come out again from a changed chain.
"""

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

FIRST_SEAL = "0" * 64
"""What the first link is chained to."""

_HEAD = re.compile(r"(?P<sequence>[1-9]\d{0,11})-(?P<seal>[0-9a-f]{32})")
_HEAD_DIGITS = 32


@dataclass(frozen=True, slots=True)
class Link:
    """One consent in the chain. `sequence` counts from 1 without a gap.

    `facts` is canonical JSON without personal text; `text_sha256` the digest of the words. `text` is
    None once it was erased.
    """

    sequence: int
    facts: str
    text_sha256: str
    seal: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain as it was told to somebody outside."""

    sequence: int
    seal: str

    def __str__(self) -> str:
        return f"{self.sequence}-{self.seal[:_HEAD_DIGITS]}"


class Damage(StrEnum):
    """What is wrong with a chain."""

    CHANGED = "changed"
    TEXT_CHANGED = "text_changed"
    MISSING = "missing"
    CUT = "cut"
    REWRITTEN = "rewritten"


@dataclass(frozen=True, slots=True)
class Break:
    """Damage at the link with this sequence."""

    sequence: int
    damage: Damage


def canonical(facts: Mapping[str, Any]) -> str:
    """The same facts always give the same text."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """SHA-256 of the exact words, as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def append(key: bytes, last: Head | None, facts: Mapping[str, Any], text: str) -> Link:
    """The next link after `last`, the first one after None."""
    sequence = last.sequence + 1 if last else 1
    previous = last.seal if last else FIRST_SEAL
    written, text_sha256 = canonical(facts), digest(text)
    seal = _seal(key, previous, sequence, written, text_sha256)
    return Link(sequence, written, text_sha256, seal, text)


def verify(key: bytes, links: Iterable[Link], against: Sequence[Head] = ()) -> list[Break]:
    """Everything that is wrong; empty if the chain holds and leads through all heads `against`.

    The links come in order. After a damaged link the walk goes on from what is stored, so that one
    edit is reported as one break.
    """
    breaks: list[Break] = []
    previous, expected = FIRST_SEAL, 1
    told = {head.sequence: head for head in against}
    for link in links:
        breaks += [Break(gap, Damage.MISSING) for gap in range(expected, link.sequence)]
        breaks += _check(key, previous, link, gap=link.sequence != expected)
        head = told.pop(link.sequence, None)
        if head is not None and not _is_same(head, link):
            breaks.append(Break(link.sequence, Damage.REWRITTEN))
        previous, expected = link.seal, link.sequence + 1
    breaks += [Break(sequence, Damage.CUT) for sequence in sorted(told) if sequence >= expected]
    return breaks


def parse_head(text: str) -> Head:
    """A head as it stands in a statement; raises ValueError for anything else."""
    found = _HEAD.fullmatch(text.strip().lower())
    if found is None:
        raise ValueError(f"{text!r} is no head of the chain: it looks like 17-0f3a... (32 digits)")
    return Head(int(found["sequence"]), found["seal"])


def _check(key: bytes, previous: str, link: Link, *, gap: bool) -> Iterable[Break]:
    """A link after a gap hangs on a seal that is gone; only its text can be judged."""
    sealed = _seal(key, previous, link.sequence, link.facts, link.text_sha256)
    if not gap and not hmac.compare_digest(sealed, link.seal):
        yield Break(link.sequence, Damage.CHANGED)
    if link.text is not None and digest(link.text) != link.text_sha256:
        yield Break(link.sequence, Damage.TEXT_CHANGED)


def _is_same(head: Head, link: Link) -> bool:
    told = head.seal[:_HEAD_DIGITS]
    return hmac.compare_digest(told, link.seal[: len(told)])


def _seal(key: bytes, previous: str, sequence: int, facts: str, text_sha256: str) -> str:
    message = "\n".join([previous, str(sequence), text_sha256, facts])
    return hmac.new(key, message.encode(), hashlib.sha256).hexdigest()
