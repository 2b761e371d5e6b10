"""What comes from others is what its list says, byte for byte, and nothing else lies beside it."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

from tests.guard.sources import ROOT

_ROW = re.compile(r"^\| (\S+) \| .* \| ([0-9a-f]{64}) \|$", re.MULTILINE)
LISTS = [
    ROOT / "webhooks" / "console" / "static" / "vendor" / "VENDORED.md",
    ROOT / "tests" / "real" / "vendor" / "VENDORED.md",
    ROOT / "tests" / "lab" / "vendor" / "VENDORED.md",
]


@pytest.mark.parametrize("listed", LISTS, ids=lambda path: path.relative_to(ROOT).parts[0])
def test_vendored_files_are_those_that_are_listed(listed: Path) -> None:
    files = [path for path in listed.parent.iterdir() if path != listed]
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in files}
    assert dict(_ROW.findall(listed.read_text(encoding="utf-8"))) == found
