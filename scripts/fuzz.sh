#!/usr/bin/env bash
# Installs what looks for inputs that break us (atheris and schemathesis, from PyPI) into .venv, each if it can be had.
# Safe to run again: it does nothing when they are there.
# Exits with 75 when there is one of them not for this Python or its registry cannot be reached; its tests then say so.
set -euo pipefail
cd "$(dirname "$0")/.."

WITHOUT=75 # EX_TEMPFAIL of sysexits.h
python=${PYTHON:-.venv/bin/python}
done=0

mkdir -p .peers
while read -r wanted; do
    [[ "$wanted" == \#* ]] && continue
    "$python" -c "import ${wanted%%=*}" 2>/dev/null && continue
    "$python" -m pip --quiet --disable-pip-version-check --retries 1 --timeout 20 install --only-binary :all: \
        "$wanted" >.peers/fuzz.log 2>&1 </dev/null || {
        tail -n 3 .peers/fuzz.log >&2
        echo "fuzz: $wanted was not installed: what needs it is not tested" >&2
        done=$WITHOUT
    }
done <requirements-fuzz.txt
exit "$done"
