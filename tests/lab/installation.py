"""Pikett installed inside the root with Asterisk, under that root's own Python.

So Asterisk can start our AGI scripts itself, and the pure tests run on a second Python.
"""

import os
import shutil
import subprocess
from pathlib import Path

from tests.lab.parts import asterisk_root
from tests.lab.servers import REPOSITORY

HOME = Path("/opt/pikett")
"""Inside the root."""

COMMANDS = HOME / ".venv" / "bin"
PARTS = (
    "ivr",
    "agi_scripts",
    "webhooks",
    "docs",
    "prompts",
    "config",
    "requirements",
    "tests",
    "tools",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")


def install() -> None:
    """Copy the project, make its environment from the locked requirements; cheap when repeated."""
    root = asterisk_root()
    home = _in_root(HOME)
    home.mkdir(parents=True, exist_ok=True)
    for name in PARTS:
        _copy(REPOSITORY / name, home / name)
    if CERTIFICATES.exists():
        # Whom this machine trusts, its root trusts too.
        shutil.copy(CERTIFICATES, _in_root(CERTIFICATES))
    done = run_in_root(["sh", str(HOME / "tools" / "venv.sh"), "all"], seconds=900)
    assert done.returncode == 0, f"{root}: {done.stdout[-3000:]}"


def run_in_root(command: list[str], seconds: float = 300) -> subprocess.CompletedProcess[str]:
    """A command inside the root, in the project's folder."""
    environment = {
        name: text
        for name, text in os.environ.items()
        if not name.startswith(("PIKETT_", "PYTHON"))
    }
    environment["PATH"] = f"{COMMANDS}:/usr/sbin:/usr/bin:/sbin:/bin"
    return subprocess.run(
        ["chroot", str(asterisk_root()), "sh", "-c", 'cd "$0" && exec "$@"', str(HOME), *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds,
    )


def _in_root(path: Path) -> Path:
    return asterisk_root() / path.relative_to("/")


def _copy(source: Path, target: Path) -> None:
    if source.is_file():
        shutil.copy(source, target)
        return
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
