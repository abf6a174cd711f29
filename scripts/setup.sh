#!/usr/bin/env bash
# Makes .venv and installs what Firstring needs: Debian packages (as root) and Python packages.
# Safe to run again: it does nothing when everything is there. Called by `make`.
set -euo pipefail
cd "$(dirname "$0")/.."

DEBIAN_PACKAGES="espeak-ng libespeak-ng1 flite"

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.13 python3.12 python3.11 python3; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        if "$candidate" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
}

missing_packages() {
    local package
    for package in "$@"; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || echo "$package"
    done
}

install_debian_packages() {
    command -v dpkg-query >/dev/null 2>&1 || {
        echo "setup: not a Debian or Ubuntu system; install espeak-ng (with its library) and flite yourself." >&2
        return
    }
    local wanted="$DEBIAN_PACKAGES" missing
    "$1" -c 'import ensurepip, venv' 2>/dev/null || wanted="$wanted python3-venv"
    # shellcheck disable=SC2086
    missing=$(missing_packages $wanted | tr '\n' ' ')
    [ -z "${missing// /}" ] && return
    if [ "$(id -u)" -ne 0 ]; then
        echo "setup: these Debian packages are missing: $missing" >&2
        echo "setup: install them with:  sudo apt-get install --no-install-recommends $missing" >&2
        echo "setup: and run the same make command again." >&2
        exit 1
    fi
    echo "setup: installing Debian packages: $missing"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086
    { apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >.setup-apt.log 2>&1 || {
        tail -n 20 .setup-apt.log >&2
        echo "setup: apt-get failed (see above)." >&2
        exit 1
    }
    rm -f .setup-apt.log
}

python=$(find_python)
if [ -z "$python" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -q >/dev/null && apt-get install -y -q --no-install-recommends python3 python3-venv >/dev/null
    python=$(find_python)
fi
[ -n "$python" ] || { echo "setup: Python 3.11, 3.12 or 3.13 is needed; set PYTHON=/path/to/it." >&2; exit 1; }

install_debian_packages "$python"
wanted=$(cat requirements.lock requirements-torch.txt requirements-nodeps.lock pyproject.toml "$0" | sha256sum | cut -d' ' -f1)
if [ "$(cat .venv/.installed 2>/dev/null || true)" = "$wanted" ]; then
    exit 0
fi

[ -x .venv/bin/python ] || "$python" -m venv .venv
echo "setup: installing Python packages into .venv (some minutes the first time)"
pip() { .venv/bin/python -m pip --quiet --disable-pip-version-check "$@"; }
compile() { # what pip would do on one core; some packages carry files that are not meant to be compiled
    .venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' |
        xargs .venv/bin/python -m compileall -q -j 0 -x 'site-packages/.*/tests?/' || true
}
log=.venv/setup.log
{
    pip --retries 1 install --no-compile --no-deps -r requirements-torch.txt &&
        pip install --no-compile --require-hashes -r requirements.lock &&
        # These name packages that a CPU does not need (a GPU compiler, an audio toolkit), so they come alone.
        pip install --no-compile --require-hashes --no-deps --no-build-isolation -r requirements-nodeps.lock &&
        pip install --no-deps --no-build-isolation -e . &&
        compile
} >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    echo "setup: installing Python packages failed (see above, and all of it in $log)." >&2
    exit 1
}
echo "$wanted" >.venv/.installed
