#!/usr/bin/env bash
# Installs the fuzzer (atheris, from PyPI) into .venv. Safe to run again: it does nothing when it is there.
# Exits with 75 when there is none for this Python or its registry cannot be reached; its tests then say so.
set -euo pipefail
cd "$(dirname "$0")/.."

WITHOUT=75 # EX_TEMPFAIL of sysexits.h
python=${PYTHON:-.venv/bin/python}

mkdir -p .peers
"$python" -c "import atheris" 2>/dev/null && exit 0
"$python" -m pip --quiet --disable-pip-version-check --retries 1 --timeout 20 install --only-binary :all: \
    -r requirements-fuzz.txt >.peers/fuzz.log 2>&1 || {
    tail -n 3 .peers/fuzz.log >&2
    echo "fuzz: atheris was not installed: the readers are not fuzzed" >&2
    exit "$WITHOUT"
}
