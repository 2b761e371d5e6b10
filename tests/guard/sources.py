"""The program's own modules, as text and as syntax trees."""

import ast
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("ivr", "agi_scripts", "webhooks")
PURE = (
    "ivr.alerts",
    "ivr.callflow",
    "ivr.contracts",
    "ivr.desk",
    "ivr.identity",
    "ivr.people",
    "ivr.roster",
    "ivr.numbers",
)


@dataclass(frozen=True)
class Source:
    """One module of the program."""

    path: Path

    @property
    def name(self) -> str:
        """As it is imported."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(parts).removesuffix(".__init__")

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def imported(self) -> set[str]:
        """Full names of what it imports, wherever in the file."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}: relative import"
                found.add(node.module or "")
        return found

    def __str__(self) -> str:
        return self.name

    def __hash__(self) -> int:
        return hash(self.path)


@cache
def _source(path: Path) -> Source:
    """Read and parsed once."""
    return Source(path)


def sources(*within: str) -> list[Source]:
    """Every module below these packages."""
    found: list[Source] = []
    for name in within or PACKAGES:
        place = ROOT.joinpath(*name.split("."))
        paths = sorted(place.rglob("*.py")) if place.is_dir() else [place.with_suffix(".py")]
        assert paths, name
        found += [_source(path) for path in paths]
    return found


def is_below(module: str, *packages: str) -> bool:
    """True if the module is one of these packages or lies in one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)
