#!/usr/bin/env bash
# Writes requirements.lock and requirements-nodeps.lock anew: all that `make setup` installs except torch, with what these
# packages need in turn, each at one version and with the sha256 of every file that the index has of it.
# Called by `make lock`, after a version in requirements.txt or requirements-nodeps.txt was changed. Where a site's index serves
# files of its own making, UV_DEFAULT_INDEX=https://... `make lock` writes the locks for that one.
set -euo pipefail
cd "$(dirname "$0")/.."

TOOL="uv==0.13.9"
PYTHON=${PYTHON:-.venv/bin/python}
[ -x .peers/lock/bin/uv ] || {
    "$PYTHON" -m venv .peers/lock && .peers/lock/bin/pip install --quiet --disable-pip-version-check "$TOOL"
}

compiled() { # of a file, for Linux alone; the text-to-speech wrapper would bring a hundred packages of macOS
    .peers/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
        --no-emit-index-url "$@" | awk '/^[^ #]/ { other = /sys_platform == .(win32|darwin|emscripten)/ } !other'
}

for name in requirements requirements-nodeps; do
    options=()
    [ "$name" = requirements ] || options=(--no-deps)
    { echo "# Made by \`make lock\` from $name.txt. Not to be edited."; compiled "${options[@]}" "$name.txt"; } >"$name.lock.new"
    mv "$name.lock.new" "$name.lock"
done
