#!/usr/bin/env bash
# Installs what checks the staff's pages in a real browser: Playwright and axe-core into .venv, and Chromium.
# Chromium is one that is there already (CHROMIUM=/path goes first), Debian's package where we are root, or else
# Playwright's own download. Its path is written to .peers/chromium. CHROMIUM=none leaves these checks out.
# Safe to run again: it does nothing when everything is there.
# Exits with 75 when no browser can be had; the last line then says why. On Debian as root that is an error (1).
set -euo pipefail
cd "$(dirname "$0")/.."

WITHOUT=75 # EX_TEMPFAIL of sysexits.h
NEEDED=requirements-browser.txt
FOUND=.peers/chromium
DOWNLOAD_LIMIT_S=300
python=${PYTHON:-.venv/bin/python}

say() { echo "browser: $*" >&2; }

do_without() {
    rm -f "$FOUND"
    say "the pages are not checked in a browser: $*"
    exit "$WITHOUT"
}

runs() { # PROGRAM: really, and not only a stub that tells how to install it as a snap
    timeout 60 "$1" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --dump-dom 'data:text/html,<p>it runs' 2>/dev/null |
        grep -q 'it runs'
}

candidates() {
    local name
    [ -z "${CHROMIUM:-}" ] || { echo "$CHROMIUM"; return; }
    for name in chromium google-chrome google-chrome-stable chromium-browser; do
        command -v "$name" || true
    done
    find "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}" -type f -perm -u+x \
        \( -name chrome -o -name headless_shell -o -name chrome-headless-shell \) 2>/dev/null | sort -r
}

find_browser() {
    local program
    while read -r program; do
        if runs "$program"; then
            echo "$program" >"$FOUND"
            return
        fi
    done < <(candidates)
    return 1
}

is_debian() { grep -qs '^ID=debian' /etc/os-release && command -v apt-get >/dev/null; }

install_debian_package() {
    say "installing the Debian package chromium"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -q && apt-get install -y -q --no-install-recommends chromium; } >.peers/chromium.log 2>&1 || {
        tail -n 20 .peers/chromium.log >&2
        say "apt-get failed (see above). CHROMIUM=none leaves the checks in a browser out."
        exit 1
    }
}

download() { # Ubuntu's own package is only a stub for a snap
    say "no Chromium is there; trying Playwright's own"
    local packages=()
    [ "$(id -u)" -ne 0 ] || packages=(--with-deps)
    timeout "$DOWNLOAD_LIMIT_S" "$python" -m playwright install "${packages[@]}" --only-shell chromium \
        >.peers/chromium.log 2>&1 || tail -n 3 .peers/chromium.log >&2
}

install_python_packages() {
    local wanted
    wanted=$(sha256sum "$NEEDED" | cut -d' ' -f1)
    [ "$(cat .peers/browser.installed 2>/dev/null || true)" = "$wanted" ] && "$python" -c "import playwright" 2>/dev/null && return
    say "installing Playwright and axe-core"
    "$python" -m pip --quiet --disable-pip-version-check --retries 1 install -r "$NEEDED" >.peers/browser.log 2>&1 || {
        tail -n 20 .peers/browser.log >&2
        say "installing $NEEDED failed (see above)."
        exit 1
    }
    echo "$wanted" >.peers/browser.installed
}

mkdir -p .peers
exec 9>.peers/browser.lock
flock 9 # two test runs at once
install_python_packages
[ "${CHROMIUM:-}" != none ] || do_without "CHROMIUM=none says so"
known=$(cat "$FOUND" 2>/dev/null || true)
if [ -x "$known" ] && [ "${CHROMIUM:-$known}" = "$known" ]; then
    exit 0
fi
find_browser && exit 0
[ -z "${CHROMIUM:-}" ] || { say "CHROMIUM=$CHROMIUM does not run."; exit 1; }
if is_debian; then
    [ "$(id -u)" -eq 0 ] || do_without "install Chromium with:  sudo apt-get install --no-install-recommends chromium"
    install_debian_package
    find_browser && exit 0
    say "Debian's chromium does not run here: chromium --headless --no-sandbox --dump-dom about:blank"
    exit 1
fi
download
find_browser || do_without "no Chromium could be downloaded; install Chromium or Google Chrome, or set CHROMIUM=/path/to/it"
