#!/usr/bin/env bash
# Puts an nginx of the distribution into .peers/nginx, for the tests with several processes behind one address.
# It is unpacked, not installed: no service is started, and no system file changes. One that is there already is used.
# Safe to run again. Exits with 75 when it cannot be had; the last line then says why, and those tests are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

WITHOUT=75 # EX_TEMPFAIL of sysexits.h
there=.peers/nginx

do_without() {
    echo "nginx: several processes are not tested behind a balancer: $*" >&2
    exit "$WITHOUT"
}

runs() { [ -x "$1" ] && "$1" -v >/dev/null 2>&1; }

runs "$there/usr/sbin/nginx" && exit 0
runs "$(PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx || true)" && exit 0
command -v apt-get >/dev/null 2>&1 && command -v dpkg-deb >/dev/null 2>&1 || do_without "install nginx yourself"

mkdir -p .peers
exec 9>.peers/lock
flock 9 # two test runs at once
runs "$there/usr/sbin/nginx" && exit 0
[ "$(id -u)" -ne 0 ] || timeout 120 apt-get update -q >/dev/null 2>&1 || true
for package in nginx nginx-light nginx-core; do # which of them holds the program depends on the release
    rm -rf "$there"
    mkdir -p "$there"
    (cd "$there" && timeout 120 apt-get download -q "$package" >/dev/null 2>&1) || continue
    dpkg-deb -x "$there"/*.deb "$there" && rm -f "$there"/*.deb
    runs "$there/usr/sbin/nginx" && exit 0
done
rm -rf "$there"
do_without "its package cannot be had, or does not run here"
