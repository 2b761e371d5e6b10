#!/bin/sh
# Makes the virtual environment .venv from the locked requirements; a second run takes a moment.
# Usage: tools/venv.sh run|all     (run: what an installation needs; all: tests and checks too)
set -eu
cd "$(dirname "$0")/.."
want=$1
python=${PYTHON:-python3}
venv=${VENV:-.venv}

say() { printf '%s\n' "$*" >&2; }

command -v "$python" >/dev/null 2>&1 || {
    say "python3 is missing. Install it with:  sudo apt install python3 python3-venv"
    exit 1
}
"$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2])' || {
    say "Python 3.11 or newer is needed, this is $("$python" --version). Set PYTHON to a newer one."
    exit 1
}
"$python" -c 'import ensurepip, venv' 2>/dev/null || {
    say "The module venv is missing. Install it with:  sudo apt install python3-venv"
    exit 1
}

lock=$(cat requirements/build.txt "requirements/$want.txt" pyproject.toml | cksum)
if [ "$want" = run ] && [ -f "$venv/.locked-all" ]; then
    want=all
    lock=$(cat requirements/build.txt requirements/all.txt pyproject.toml | cksum)
fi
[ -f "$venv/.locked-$want" ] && [ "$(cat "$venv/.locked-$want")" = "$lock" ] && exit 0

[ -x "$venv/bin/python" ] || "$python" -m venv "$venv"
say "Installing the locked requirements ($want) into $venv ..."
pip="$venv/bin/python -m pip --disable-pip-version-check install --quiet"
# pyst2 and docopt are published as sources only: the build tools come first, locked as well.
$pip --require-hashes -r requirements/build.txt
$pip --require-hashes --no-build-isolation -r "requirements/$want.txt"
$pip --no-build-isolation --no-deps --editable .
printf '%s' "$lock" > "$venv/.locked-$want"
