"""Rows out of a JSON file: a list of flat objects, read object by object.

The standard library reads a document as a whole; a million rows of it would fill the memory.
"""

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from ivr.imports.columns import COLUMNS, WHOLE_ROW, Cell, FileRefusedError, Odd, Record, shortened

PIECE = 64 * 1024
LONGEST_OBJECT = 4 * 1024 * 1024
"""Characters."""
_BLANKS = " \t\r\n"
_FORM = 'it must be a list of rows such as [{"number": "11001", "name": "…"}]'


def read_json(file: BinaryIO) -> Iterator[Record]:
    """Each object of the list; raises FileRefusedError where the list goes on in another form."""
    text = _Text(file)
    text.expect("[", 0)
    row = 0
    while text.next_sign() != "]":
        row += 1
        if row > 1:
            text.expect(",", row)
        pairs = text.value(row)
        cells = _cells(pairs)
        if cells:
            yield Record(row, cells, file.tell())
    text.expect("]", row)
    if text.next_sign():
        raise FileRefusedError("there is something after the end of the list", row)


def _cells(pairs: Any) -> dict[str, Cell]:
    if not isinstance(pairs, _Object):
        return {WHOLE_ROW: Odd(f"is no object; {_FORM}")}
    cells: dict[str, Cell] = {}
    for key, value in pairs:
        name = key.strip().lower()
        if name not in COLUMNS:
            cells[shortened(key)] = Odd(f"no such column; the columns are {', '.join(COLUMNS)}")
        elif name in cells:
            cells[name] = Odd("is there twice")
        elif isinstance(value, _Object | list):
            cells[name] = Odd("is a list or an object; one value is wanted")
        elif value is not None and value != "":
            cells[name] = value
    return cells


class _Object(tuple[tuple[str, Any], ...]):
    """Name and value of an object in their order, so that a name that is there twice is seen."""

    __slots__ = ()


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_Object, parse_constant=_refuse_constant)


class _Text:
    """The text of a file, of which only the piece that is being read is held."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._held = ""
        self._at = 0
        self._ended = False

    def next_sign(self) -> str:
        """The next character that is no blank, without taking it; empty at the end."""
        while True:
            while self._at < len(self._held):
                if self._held[self._at] not in _BLANKS:
                    return self._held[self._at]
                self._at += 1
            if not self._read_on():
                return ""

    def expect(self, sign: str, row: int) -> None:
        """Take this character."""
        found = self.next_sign()
        if found != sign:
            there = f"“{found}” is there" if found else "the file ends"
            raise FileRefusedError(f"“{sign}” is missing, {there}; {_FORM}", row)
        self._at += 1

    def value(self, row: int) -> Any:
        """Take one value; an unfinished one is tried again with more of the file."""
        if not self.next_sign():
            raise FileRefusedError(f"the file ends within the list; {_FORM}", row)
        while True:
            try:
                found, self._at = _DECODER.raw_decode(self._held, self._at)
            except ValueError as error:
                if not self._read_on():
                    raise FileRefusedError(f"this is no JSON: {error}", row) from error
            except RecursionError as error:
                raise FileRefusedError("lists in lists in lists, too deep to read", row) from error
            else:
                return found
            if len(self._held) - self._at > LONGEST_OBJECT:
                reason = f"one row is no JSON, or longer than {LONGEST_OBJECT} characters"
                raise FileRefusedError(reason, row)

    def _read_on(self) -> bool:
        """At least as much again, so that a long value is not tried too often."""
        if self._ended:
            return False
        self._held = self._held[self._at :]
        self._at = 0
        piece = self._file.read(max(PIECE, len(self._held)))
        self._ended = not piece
        try:
            self._held += self._decoder.decode(piece, final=self._ended)
        except UnicodeDecodeError as error:
            raise FileRefusedError("the text is not UTF-8; save it with that encoding") from error
        return not self._ended
