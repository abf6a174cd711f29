#!/usr/bin/env bash
# Installs what audits Firstring (bandit and pip-audit, from PyPI) into .peers/audit, an environment
# of its own: what it needs must not decide what Firstring runs on. Safe to run again.
# Exits with 75 when the registry cannot be reached.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-.venv/bin/python}
wanted=$(sha256sum requirements-audit.txt | cut -d' ' -f1)
mkdir -p .peers
[ "$(cat .peers/audit/installed 2>/dev/null || true)" = "$wanted" ] && exit 0
"$python" -m venv .peers/audit
.peers/audit/bin/python -m pip --quiet --disable-pip-version-check --retries 1 --timeout 20 install \
    -r requirements-audit.txt >.peers/audit.log 2>&1 || {
    tail -n 3 .peers/audit.log >&2
    echo "audit: its tools were not installed (see above, and .peers/audit.log)" >&2
    exit 75
}
echo "$wanted" >.peers/audit/installed
