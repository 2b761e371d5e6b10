#!/bin/sh
# Everything of a release in dist/: wheel, source, and the built sounds of the shipped texts with the
# shipped tariffs, for installations without the extra "speech".
set -eu
python=${1:-.venv/bin/python}
version=$("$python" -c 'from ivr import __version__; print(__version__)')
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p dist
"$python" -m pip wheel --quiet --no-deps --wheel-dir dist .
"$python" -c 'from setuptools.build_meta import build_sdist; build_sdist("dist")' >/dev/null
mkdir -p "$folder/data"
export PIKETT_CONFIG="$folder/none.toml" PIKETT_DATA_DIR="$folder/data"
: > "$PIKETT_CONFIG"
for tariffs in tariffs.yaml tariffs_demo.yaml; do
  PIKETT_TARIFFS=$tariffs "$python" -m ivr prompts build --quiet
done
"$python" -m ivr prompts pack "dist/pikett-prompts-$version.tar.gz"
