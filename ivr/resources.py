"""Where the folders `config/` and `prompts/` are: in a checkout, or installed with the wheel."""

import json
import sys
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from ivr.errors import ConfigurationError

_CHECKOUT = Path(__file__).resolve().parent.parent
_INSTALLED = Path(sys.prefix) / "share" / "pikett"
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where it is there: ten times as fast, which every start of a process notices."""


def folder(name: str) -> Path:
    """The folder `config` or `prompts`; a checkout comes before an installation."""
    beside = _CHECKOUT / name
    return beside if beside.is_dir() else _INSTALLED / name


def digest(path: Path) -> str:
    """SHA-256 of a file, as `sha256sum` prints it; raises ConfigurationError that names the file."""
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def meaning(path: Path) -> str:
    """SHA-256 of what a YAML file says: comments, order, layout and 150 or "150.00" are no change."""
    said = json.dumps(_plainly(load_yaml(path)), sort_keys=True)
    return sha256(said.encode()).hexdigest()


def _plainly(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plainly(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plainly(each) for each in value]
    try:
        return None if value is None else str(Decimal(str(value)).normalize())
    except InvalidOperation:
        return str(value)


def load_yaml(path: Path) -> Any:
    """The parsed document; raises ConfigurationError that names the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
