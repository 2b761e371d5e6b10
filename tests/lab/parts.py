"""The parts of the lab: are they here, and if not, can they be installed?

Everything is installed once, into the machine (Debian packages) or into a cache folder outside the
repository (the root with Asterisk, which Debian stable does not carry). Only root on Debian can do
it; elsewhere the parts are named as missing.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

SUITE = "sid"
MIRROR = "http://deb.debian.org/debian"
ROOT_PACKAGES = ("asterisk", "ca-certificates", "python3", "python3-venv")


def cache_folder() -> Path:
    """Where large things stay between runs: PIKETT_TEST_CACHE, else the user's cache."""
    named = os.environ.get("PIKETT_TEST_CACHE")
    if named:
        return Path(named)
    base = Path("/var/cache") if os.geteuid() == 0 else Path.home() / ".cache"
    return base / "pikett-test"


@dataclass(frozen=True)
class Part:
    """A program the tests need, and the Debian package it comes in."""

    name: str
    program: str
    package: str

    @property
    def path(self) -> str | None:
        """Where it is, or None."""
        return shutil.which(self.program)


SIPP = Part("SIPp", "sipp", "sip-tester")
CHROMIUM = Part("Chromium", "chromium", "chromium")
DEBOOTSTRAP = Part("debootstrap", "debootstrap", "debootstrap")
POSTGRESQL = Part("PostgreSQL", "pg_ctlcluster", "postgresql")
ALERTMANAGER = Part("Alertmanager", "prometheus-alertmanager", "prometheus-alertmanager")
PARTS = (DEBOOTSTRAP, SIPP, CHROMIUM, POSTGRESQL, ALERTMANAGER)


def asterisk_root() -> Path:
    """The Debian root that holds Asterisk."""
    return cache_folder() / f"asterisk-{SUITE}"


def has_asterisk() -> bool:
    """True once the root is complete; a half-made one does not count."""
    return (asterisk_root() / ".complete").exists()


def can_install() -> bool:
    """Only root on a Debian-like machine can."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install_all() -> list[str]:
    """Install what is missing; returns what could not be installed."""
    missing = [part for part in PARTS if part.path is None]
    if missing and can_install():
        _apt_install([part.package for part in missing])
    if not has_asterisk() and can_install():
        _make_asterisk_root()
    lacking = [part.name for part in PARTS if part.path is None]
    return lacking + ([] if has_asterisk() else ["Asterisk"])


def _apt_install(packages: list[str]) -> None:
    print(f"Installing {', '.join(packages)} ...", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages],
    ):
        _run(command, environment)


def _make_asterisk_root() -> None:
    root = asterisk_root()
    print(f"Installing Asterisk into {root} (about a minute, 600 MB) ...", flush=True)
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    include = ",".join(ROOT_PACKAGES)
    _run(
        ["debootstrap", "--variant=minbase", f"--include={include}", SUITE, str(root), MIRROR],
        dict(os.environ),
    )
    (root / ".complete").touch()


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if done.returncode != 0:
        print(done.stdout[-4000:], file=sys.stderr)
        print(f"{' '.join(command)} failed", file=sys.stderr)


if __name__ == "__main__":
    lacking = install_all()
    if lacking:
        print(f"Not here and not installable by this user: {', '.join(lacking)}.")
        print("The tests that need them are listed as not run. Root on Debian installs them.")
