"""Where the folders `config/` and `prompts/` are: in a checkout, or installed with the wheel."""

import sys
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


def load_yaml(path: Path) -> Any:
    """The parsed document; raises ConfigurationError that names the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    except (OSError, yaml.YAMLError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
