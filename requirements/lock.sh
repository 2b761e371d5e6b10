#!/bin/sh
# Locks every dependency with hashes, for Python 3.11 to 3.14. Needs `uv`; run it by hand, then commit.
set -eu
cd "$(dirname "$0")/.."
compile="uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate"
$compile requirements/build.in -o requirements/build.txt
$compile pyproject.toml --extra speech --extra postgresql --extra chat -o requirements/run.txt
$compile pyproject.toml --extra speech --extra postgresql --extra chat --extra test --extra check -o requirements/all.txt
